"""The page of a change request, its decision, and the list of all."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.http import SignedInRequest
from tasks.actions.changes import asking, deciding
from tasks.actions.changes.reassigning import reassign_milestone
from tasks.enums import ChangeState
from tasks.forms.changes.filter import ChangeFilter
from tasks.forms.changes.words import DecisionForm, DeclineForm, OpinionForm, ReassignForm
from tasks.models import ChangeRequest, Project
from tasks.queries.changes import changes_for, counts_by_state, shown, waiting_for
from tasks.queries.choices import choices_of
from tasks.queries.ledger.grounds import Grounds, reads_ledger
from tasks.queries.lights import for_lights, ground_of, view_of
from tasks.queries.project_page import why_words
from tasks.rules.changes import bar_to_reassign
from tasks.views.after import done
from tasks.views.changes.found import change_to_act_on
from tasks.views.drafts import typed_version
from tasks.views.found import milestone_to_act_on
from tasks.views.move_page import show_move, typed
from tasks.workflow import REQUEST_MOVES

PER_PAGE = 50
TABS: dict[str, tuple[str, tuple[ChangeState, ...]]] = {
    "mine": ("待我办", (ChangeState.ASKED,)),
    "open": ("待决定", (ChangeState.ASKED,)),
    "decided": ("已决定", (ChangeState.AGREED, ChangeState.DECLINED)),
    "prepared": ("拟提出", (ChangeState.PREPARED,)),
    "withdrawn": ("已撤回", (ChangeState.WITHDRAWN,)),
}


@require_safe
def change(request: SignedInRequest, pk: int) -> HttpResponse:
    return _page(request, change_to_act_on(request, pk))


def _page(request: SignedInRequest, row: ChangeRequest, form: forms.Form | None = None) -> HttpResponse:
    """Everything needed to decide, on one page; `form` is the one that came back with a fault."""
    ground = ground_of(row.organization_id, request.today)
    project = for_lights(Project.objects.filter(pk=row.project_id)).get()
    row.project = project
    view = view_of(project, ground)
    bars = {name: move.bars(request.user, row, request.today) for name, move in REQUEST_MOVES.items()}
    context: dict[str, Any] = {
        "row": row,
        "shown": shown(row, ground),
        "project": project,
        "view": view,
        "why": why_words(view.light),
        "bars": bars,
        "may": {name for name, reasons in bars.items() if not reasons},
        "decision": form if isinstance(form, DecisionForm | DeclineForm) else DecisionForm(),
        "opinion": form if isinstance(form, OpinionForm) else OpinionForm(initial={"opinion": row.opinion}),
        "version": typed_version(request.POST) if form is not None else project.version,
    }
    return render(request, "tasks/changes/change.html", context, status=422 if form is not None else 200)


@require_POST
def change_agree(request: SignedInRequest, pk: int) -> HttpResponse:
    return _written(request, pk, DecisionForm(request.POST), "words", deciding.agree_change, "已同意{kind}：{title}。")


@require_POST
def change_decline(request: SignedInRequest, pk: int) -> HttpResponse:
    return _written(
        request, pk, DeclineForm(request.POST), "words", deciding.decline_change, "已答复不同意{kind}：{title}。"
    )


@require_POST
def change_opinion(request: SignedInRequest, pk: int) -> HttpResponse:
    return _written(
        request, pk, OpinionForm(request.POST), "opinion", deciding.give_opinion, "督办处意见已写入，送领导决定。"
    )


def _written(
    request: SignedInRequest, pk: int, form: forms.Form, field: str, act: Callable[..., ChangeRequest], told: str
) -> HttpResponse:
    """Done with the words typed into this field, and told with the kind and the title."""
    row = change_to_act_on(request, pk)
    if not form.is_valid():
        return _page(request, row, form)
    version, note = typed_version(request.POST), form.cleaned_data[field]
    act(row, by=request.user, version=version, note=note, now=request.now)
    return _after(request, row, told.format(kind=row.get_kind_display(), title=row.project.title))


@require_POST
def change_withdraw(request: SignedInRequest, pk: int) -> HttpResponse:
    return _plain(request, pk, asking.withdraw_change, "已撤回申请，项目按原来的时限和内容办理。")


@require_POST
def change_drop(request: SignedInRequest, pk: int) -> HttpResponse:
    return _plain(request, pk, asking.drop_prepared, "已放弃，项目不变。")


def _plain(request: SignedInRequest, pk: int, act: Callable[..., ChangeRequest], words: str) -> HttpResponse:
    row = act(change_to_act_on(request, pk), by=request.user, version=typed_version(request.POST), now=request.now)
    return done(request, words, row.project)


def _after(request: SignedInRequest, row: ChangeRequest, words: str) -> HttpResponse:
    """Back to the request with the next one that waits for this person."""
    following = waiting_for(request.user, request.today).exclude(pk=row.pk).first()
    if following is not None:
        address = reverse("change", args=[following.pk])
        words = format_html('{}<a class="note-next" href="{}">下一件：{}</a>', words, address, following.project.title)
    messages.success(request, words)
    return redirect("change", pk=row.pk)


@require_safe
def changes(request: SignedInRequest) -> HttpResponse:
    """变更申请: what waits for me first; filters and tab stand in the address."""
    if not reads_ledger(request.user, request.today):
        raise Http404
    everything, mine = changes_for(request.user, request.today), waiting_for(request.user, request.today)
    mine_count = mine.count()
    tab = request.GET.get("tab") if request.GET.get("tab") in TABS else "mine" if mine_count else "open"
    chosen = mine if tab == "mine" else everything.filter(state__in=TABS[str(tab)][1])
    filtered = ChangeFilter(request.GET, queryset=chosen)
    page = Paginator(filtered.qs, PER_PAGE).get_page(request.GET.get("page"))
    grounds, counts = Grounds(request.today), counts_by_state(everything)
    sums = {name: sum(counts.get(state, 0) for state in states) for name, (_, states) in TABS.items()}
    context = {
        "filter": filtered,
        "page": page,
        "rows": [shown(row, grounds.of(row.organization_id)) for row in page.object_list],
        "tab": tab,
        "tabs": [(name, label, mine_count if name == "mine" else sums[name]) for name, (label, _) in TABS.items()],
        "is_filtered": any(request.GET.get(name) for name in filtered.filters),
    }
    return render(request, "tasks/changes/changes.html", context)


@require_http_methods(["GET", "POST"])
def milestone_reassign(request: SignedInRequest, pk: int) -> HttpResponse:
    """移交: the head hands a milestone to another person of the division."""
    milestone = milestone_to_act_on(request, pk)
    choices = choices_of(milestone.organization_id, request.today)
    form = ReassignForm(**typed(request), milestone=milestone, choices=choices)
    if form.is_valid():
        person, note, version = form.chosen(), form.cleaned_data["note"], typed_version(request.POST)
        reassign_milestone(milestone, by=request.user, version=version, person=person, note=note, now=request.now)
        words = f"节点“{milestone.title}”已移交{person.name}。"
        return done(request, words, milestone.project, here=f"milestone-{milestone.pk}")
    bars = bar_to_reassign(request.user, milestone, request.today)
    hints = [f"现在由{milestone.person or '（未定）'}负责。以前的填报、报送仍在原来的名下。"]
    return show_move(
        request, milestone.project, form, heading="移交节点", submit="移交", bars=bars, milestone=milestone, hints=hints
    )
