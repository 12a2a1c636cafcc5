"""Pages of 半年回头看: the list, a verdict in place, the draw made anew, the report."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from accounts.enums import Role
from accounts.http import SignedInRequest
from accounts.standing import standing_of
from supervision.cycles.actions import look_back as actions
from supervision.cycles.enums import Choice, Cycle, RunState, Verdict
from supervision.cycles.forms.look_back import ArrangeForm, JudgeForm, LookBackFilter
from supervision.cycles.models import CycleRun, LookBackItem
from supervision.cycles.queries.look_back import draw_again, heading_of, label_in
from supervision.cycles.queries.look_back_rows import (
    Row,
    Tally,
    lines_by_division,
    rows_of,
    tally_of,
    with_subjects,
)
from supervision.cycles.rules.look_back import (
    bar_to_arrange,
    bar_to_judge,
    bar_to_mend,
    for_leader,
    mending_kind,
    open_ends,
)
from supervision.cycles.rules.weekly import bar_to_close
from tasks.queries.choices import choices_of
from tasks.queries.hands import hands_on_each
from tasks.views.drafts import typed_version

PER_PAGE = 50
MOST_PRINTED = 2000
SPAN = 7  # columns of the list
VERDICT_ICONS = {
    Verdict.CONSOLIDATE: ("check2-circle", "c-green"),
    Verdict.RECTIFY: ("tools", "c-yellow"),
    Verdict.REBOUND: ("arrow-counterclockwise", "c-yellow"),
}


@dataclass(frozen=True)
class Shown:
    """A row with what this person may do with it; `bars` None: nothing of it is his."""

    row: Row
    bars: list[str] | None
    may_arrange: bool

    @property
    def may_judge(self) -> bool:
        return self.bars == []

    @property
    def icon(self) -> tuple[str, str]:
        return VERDICT_ICONS[Verdict(self.row.item.verdict)]


@dataclass(frozen=True)
class Group:
    choice: Choice
    label: str
    total: int
    continues: bool
    rows: list[Shown]


# ── finding ──────────────────────────────────────────────────────────────────


def _run(request: SignedInRequest, pk: int, *, whole: bool = False) -> CycleRun:
    """`whole`: for those who read all of it; a head finds the list of his own items."""
    offices = standing_of(request.user, today=request.today).organizations_as(Role.DIVISION_HEAD)
    runs = CycleRun.objects.filter(cycle=Cycle.HALF_YEARLY).select_related("organization", "closed_by")
    seen = runs.visible_to(request.user, request.today)
    return get_object_or_404(seen if whole else seen | runs.filter(organization__in=offices), pk=pk)


def _item(request: SignedInRequest, pk: int) -> LookBackItem:
    return get_object_or_404(with_subjects(LookBackItem.objects.visible_to(request.user, request.today)), pk=pk)


def _is_mine(request: SignedInRequest, item: LookBackItem) -> bool:
    """Whether this person is one of those who judge such items at all."""
    standing = standing_of(request.user, today=request.today)
    judge = Role.LEADER if for_leader(item.subject) else Role.SECRETARIAT
    return standing.holds(judge, item.organization_id)


def _shown(request: SignedInRequest, rows: Sequence[Row]) -> list[Shown]:
    """Asks for all hands at once, however many rows there are."""
    mine = {row.item.pk for row in rows if _is_mine(request, row.item)}
    hands = hands_on_each({row.project.pk for row in rows if row.item.pk in mine}) if mine else {}
    shown = []
    for row in rows:
        item, bars = row.item, None
        if item.pk in mine and not item.has_come and not item.run.is_closed:
            bars = bar_to_judge(request.user, item, request.today, hands=hands[row.project.pk])
        arranges = row.owes_mending and not bar_to_arrange(request.user, item, request.today)
        shown.append(Shown(row, bars, arranges))
    return shown


# ── the list ─────────────────────────────────────────────────────────────────


@require_safe
def look_back(request: SignedInRequest, pk: int) -> HttpResponse:
    run = _run(request, pk)
    items = LookBackItem.objects.filter(run=run).visible_to(request.user, request.today)
    filtered = LookBackFilter(request.GET, queryset=items)
    per_page = MOST_PRINTED if request.GET.get("print") == "1" else PER_PAGE
    page = Paginator(with_subjects(filtered.qs), per_page).get_page(request.GET.get("page"))
    shown = _shown(request, rows_of(page.object_list, run))
    tally, narrowed = tally_of(items), tally_of(filtered.qs)
    context = _frame_of(request, run) | {
        "filter": filtered,
        "page": page,
        "groups": list(_groups(shown, run, {choice: narrowed.of_choice(choice)[0] for choice in Choice}, page.number)),
        "tally": tally,
        "verdict_icons": _verdict_icons(tally),
        "span": SPAN,
        "is_print": per_page == MOST_PRINTED,
    }
    return render(request, "cycles/look_back/look_back.html", context)


def _frame_of(request: SignedInRequest, run: CycleRun) -> dict[str, Any]:
    standing = standing_of(request.user, today=request.today)
    return {
        "run": run,
        "heading": heading_of(run),
        "reads_all": run.organization_id in standing.organizations_as(Role.SECRETARIAT, Role.LEADER),
        "is_secretariat": standing.holds(Role.SECRETARIAT, run.organization_id),
        "is_done": run.state == RunState.DONE,
    }


def _groups(shown: Sequence[Shown], run: CycleRun, totals: dict[Choice, int], page: int) -> Iterator[Group]:
    for place, (choice, rows) in enumerate(groupby(shown, key=lambda row: Choice(row.row.item.choice))):
        held = list(rows)
        yield Group(choice, label_in(run, choice), totals[choice], page > 1 and place == 0, held)


# ── a verdict ────────────────────────────────────────────────────────────────


@require_http_methods(["GET", "POST"])
def look_back_item(request: SignedInRequest, pk: int) -> HttpResponse:
    """The form in place of the row; a page of its own without script. `?as=row` brings the row back."""
    item = _item(request, pk)
    if request.htmx and request.GET.get("as") == "row":
        return _row(request, item)
    choices = choices_of(item.organization_id, request.today)
    form = JudgeForm(
        request.POST if request.method == "POST" else None, item=item, choices=choices, today=request.today
    )
    if form.is_valid():
        verdict = form.verdict_is
        actions.judge_item(
            item,
            verdict=verdict,
            words=form.cleaned_data["words"],
            mending=form.mending_asked(),
            by=request.user,
            version=typed_version(request.POST),
            now=request.now,
        )
        return _done(request, item, f"“{item.title}”结论：{verdict.label}。")
    bars = bar_to_judge(request.user, item, request.today)
    return _form(request, item, form, bars, heading="回头看结论", submit="保存结论")


@require_http_methods(["GET", "POST"])
def look_back_arrange(request: SignedInRequest, pk: int) -> HttpResponse:
    """交办整改 where a verdict asks for it and nothing has come of it."""
    item = _item(request, pk)
    choices = choices_of(item.organization_id, request.today)
    form = ArrangeForm(
        request.POST if request.method == "POST" else None, item=item, choices=choices, today=request.today
    )
    if form.is_valid():
        version = typed_version(request.POST)
        actions.arrange_mending(item, mending=form.mending(), by=request.user, version=version, now=request.now)
        return _done(request, item, f"已交办“{item.title}”的整改。")
    bars = bar_to_arrange(request.user, item, request.today)
    return _form(request, item, form, bars, heading="交办整改", submit="交办整改")


def _form(
    request: SignedInRequest,
    item: LookBackItem,
    form: JudgeForm | ArrangeForm,
    bars: Sequence[str],
    *,
    heading: str,
    submit: str,
) -> HttpResponse:
    """With everything typed, 422 where it has faults; what bars this person is said before he writes."""
    verdict = Verdict(item.verdict) if isinstance(form, ArrangeForm) else Verdict.RECTIFY
    context = _frame_of(request, item.run) | {
        "item": item,
        "mend_bars": [] if form.is_bound else _bars_to_mend(request, item, verdict),
        "action_url": request.path,
        "row_url": reverse("look-back-item", args=[item.pk]),
        "back_url": reverse("look-back", args=[item.run_id]) + f"#item-{item.pk}",
        "becomes_matter": mending_kind(item, Verdict.RECTIFY) is None,
        "row": rows_of([item], item.run)[0],
        "form": form,
        "bars": bars,
        "title": heading,
        "submit": submit,
        "version": typed_version(request.POST) if form.is_bound else item.version,
        "span": SPAN,
    }
    template = "cycles/look_back/_form_row.html" if request.htmx else "cycles/look_back/form.html"
    return render(request, template, context, status=422 if form.errors else 200)


def _bars_to_mend(request: SignedInRequest, item: LookBackItem, verdict: Verdict) -> list[str]:
    """Said before anybody types who mends it by when; what a leader judges is put in hand by others, later."""
    if for_leader(item.subject) and not item.verdict:
        return []
    return bar_to_mend(request.user, item, verdict, request.today)


def _done(request: SignedInRequest, item: LookBackItem, words: str) -> HttpResponse:
    if request.htmx:
        return _row(request, _item(request, item.pk), swaps=True)
    messages.success(request, words)
    return redirect(reverse("look-back", args=[item.run_id]) + f"#item-{item.pk}")


def _row(request: SignedInRequest, item: LookBackItem, *, swaps: bool = False) -> HttpResponse:
    """One row as it is now; `swaps` brings the progress above the list up to date."""
    tally = tally_of(LookBackItem.objects.filter(run=item.run_id).visible_to(request.user, request.today))
    context = _frame_of(request, item.run) | {
        "shown": _shown(request, rows_of([item], item.run))[0],
        "swaps": swaps,
        "tally": tally,
        "verdict_icons": _verdict_icons(tally),
    }
    return render(request, "cycles/look_back/_row_now.html", context)


# ── the draw, the report ────────────────────────────────────────────


@require_safe
def look_back_sample(request: SignedInRequest, pk: int) -> HttpResponse:
    """How the list was drawn, drawn again now, and what differs."""
    run = _run(request, pk, whole=True)
    context = _frame_of(request, run) | {"drawn": draw_again(run)}
    return render(request, "cycles/look_back/sample.html", context)


@require_safe
def look_back_report(request: SignedInRequest, pk: int) -> HttpResponse:
    run = _run(request, pk, whole=True)
    items = LookBackItem.objects.filter(run=run)
    mended = Q(verdict__in=[Verdict.RECTIFY, Verdict.REBOUND]) | Q(choice=Choice.RULE)
    rows = rows_of(with_subjects(items.filter(mended)), run)
    tally, left = tally_of(items), open_ends(run)
    context = _frame_of(request, run) | {
        "tally": tally,
        "verdict_icons": _verdict_icons(tally),
        "lines": lines_by_division(items),
        "choices": [(label_in(run, choice), tally.of_choice(choice)[0]) for choice in Choice],
        "rectified": [row for row in rows if row.item.verdict == Verdict.RECTIFY],
        "rebounds": [row for row in rows if row.item.verdict == Verdict.REBOUND],
        "rules": [row for row in rows if row.item.choice == Choice.RULE],
        "open_ends": left,
        "may_close": not left and not bar_to_close(request.user, run, request.today),
    }
    return render(request, "cycles/look_back/report.html", context)


def _verdict_icons(tally: Tally) -> list[tuple[Verdict, str, str, int]]:
    return [(verdict, *VERDICT_ICONS[verdict], count) for verdict, count in tally.verdicts]
