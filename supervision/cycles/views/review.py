"""年度检查复盘: the year's figures, why projects were late, and 结转 of what is still open."""

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.core.paginator import Page, Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.http import SignedInRequest
from accounts.policies import calendar_of
from accounts.standing import standing_of
from supervision.cycles.actions import review as actions
from supervision.cycles.forms.frozen import CutOffForm
from supervision.cycles.forms.review import CarryForm, ReasonForm
from supervision.cycles.models import CycleRun
from supervision.cycles.queries import review as queries
from supervision.cycles.rules.review import (
    bars_to_write_reason,
    headed_divisions,
    reads_whole,
    reviews_of,
    who_writes_reason,
)
from supervision.cycles.views.frozen_parts import figures_of, freeze_anew, is_secretariat, lines_page, title_of
from tasks.enums import PlanKind
from tasks.models import Project
from tasks.workflow import CARRY_OVER

PER_PAGE = 100


def _found(request: SignedInRequest, pk: int) -> CycleRun:
    runs = reviews_of(request.user, request.today).select_related("organization")
    return get_object_or_404(runs, pk=pk)


def _whole(request: SignedInRequest, pk: int) -> CycleRun:
    run = _found(request, pk)
    if not reads_whole(request.user, run, request.today):
        raise Http404
    return run


def _to_fill(request: SignedInRequest, pk: int) -> CycleRun:
    run = _found(request, pk)
    if not is_secretariat(request, run):
        raise Http404
    return run


# ── the page ─────────────────────────────────────────────────────────────────


@require_safe
def review(request: SignedInRequest, pk: int) -> HttpResponse:
    return _page(request, _found(request, pk))


def _page(request: SignedInRequest, run: CycleRun, form: CutOffForm | None = None) -> HttpResponse:
    """The whole of it, or, for the head of a division, what that was late with."""
    whole = reads_whole(request.user, run, request.today)
    divisions = None if whole else headed_divisions(request.user, request.today)
    late = queries.late_ones(run, request.today, divisions=divisions)
    context: dict[str, Any] = {
        "run": run,
        "title": title_of(run),
        "whole_page": whole,
        "late": [(row, *_hand_at(request, run, row)) for row in late],
        "without_reason": sum(row.reason is None for row in late),
        "closes_after": actions.closes_after(run),
    }
    if whole:
        report = queries.report_of(run, request.today)
        context |= figures_of(request, run, report, ("closed", "not_yet", "late_ones")) | _next_year(request, run)
        context["form"] = form or CutOffForm(initial={"cut_off_at": run.cut_off_at})
    return render(request, "cycles/review/review.html", context, status=422 if form and form.errors else 200)


def _hand_at(request: SignedInRequest, run: CycleRun, row: queries.Late) -> tuple[bool, bool]:
    """Whether this person may write why it was late, and whether he would for another division."""
    division_id = row.line.division_id
    may = not run.is_closed and not who_writes_reason(request.user, run.organization_id, division_id, request.today)
    return may, not standing_of(request.user, today=request.today).belongs_to(division_id)


def _next_year(request: SignedInRequest, run: CycleRun) -> dict[str, Any]:
    plans = queries.later_plans(run)
    carried = list(queries.carried_projects(run))
    return {
        "open_count": queries.open_projects(run).order_by().count(),
        "carried": carried,
        "opens_on": queries.opens_on(run),
        "is_open": request.today >= queries.opens_on(run),
        "next_plan": next((plan for plan in plans if _is_next(plan.year, plan.kind, run)), None),
        "next_year": run.ends_on.year + 1,
        "may_fill": is_secretariat(request, run),
    }


def _is_next(year: int, kind: str, run: CycleRun) -> bool:
    return year == run.ends_on.year + 1 and kind == PlanKind.ANNUAL


@require_safe
def review_lines(request: SignedInRequest, pk: int) -> HttpResponse:
    run = _whole(request, pk)
    return lines_page(request, run, queries.report_of(run, request.today))


@require_POST
def review_cut_off(request: SignedInRequest, pk: int) -> HttpResponse:
    return freeze_anew(request, _to_fill(request, pk), _page)


# ── why it was late ──────────────────────────────────────────────────────────


@require_http_methods(["GET", "POST"])
def review_reason(request: SignedInRequest, pk: int, project_pk: int) -> HttpResponse:
    run = _found(request, pk)
    divisions = None if reads_whole(request.user, run, request.today) else headed_divisions(request.user, request.today)
    found = queries.late_ones(run, request.today, divisions=divisions, project_id=project_pk)
    if not found:
        raise Http404
    project = get_object_or_404(Project.objects.select_related("lead_division"), pk=project_pk)
    reason = found[0].reason
    offer = queries.offered_reason(project) if reason is None else None
    begins = reason.words if reason else offer.words if offer else ""
    form = ReasonForm(request.POST or None, initial={"words": begins})
    if form.is_valid():
        words, seen = form.cleaned_data["words"], _stamp_typed(request)
        actions.write_late_reason(run, project, by=request.user, words=words, seen=seen, now=request.now)
        messages.success(request, f"已写入“{project.title}”的逾期原因。")
        return redirect(f"{reverse('review', args=[pk])}#late")
    context = {
        "run": run,
        "title": title_of(run),
        "row": found[0],
        "is_for": _hand_at(request, run, found[0])[1],
        "form": form,
        "offer": offer,
        "seen": _stamp_typed(request) if request.method == "POST" else actions.stamp_of(reason),
        "bars": bars_to_write_reason(request.user, run, project, request.today),
    }
    return render(request, "cycles/review/reason.html", context, status=422 if form.errors else 200)


def _stamp_typed(request: SignedInRequest) -> int:
    text = request.POST.get("version", "")
    return int(text) if text.isdecimal() and len(text) < 16 else -1


# ── 结转 ─────────────────────────────────────────────────────────────────────


@require_POST
def review_plan(request: SignedInRequest, pk: int) -> HttpResponse:
    run = _to_fill(request, pk)
    plan = actions.start_next_plan(run, by=request.user, now=request.now)
    messages.success(request, f"已建立“{plan.name}”，类别沿用本年度的。可以导入任务分解表，也可以结转。")
    return redirect(f"{reverse('review', args=[pk])}#next-year")


@require_http_methods(["GET", "POST"])
def review_carry_over(request: SignedInRequest, pk: int) -> HttpResponse:
    """Tick and date, look at what will happen, do it; what is left keeps its date and says why."""
    run = _to_fill(request, pk)
    plans = queries.later_plans(run)
    page, rows = _open_rows(request, run)
    calendar = calendar_of(run.organization_id)
    posted = request.POST if request.method == "POST" else None
    form = CarryForm(posted, rows=rows, plans=plans, calendar=calendar, today=request.today)
    context: dict[str, Any] = {"run": run, "title": title_of(run), "form": form, "page_obj": page, "plans": plans}
    opens_on = queries.opens_on(run)
    context["is_open"] = request.today >= opens_on
    context["opens_words"] = (
        f"{opens_on.year}年{opens_on.month}月{opens_on.day}日起，没有办结的项目在这里结转到下一年度的计划。"
    )
    context["next_year"] = run.ends_on.year + 1
    step = request.POST.get("step", "")
    if posted is None or not form.is_valid() or step not in ("preview", "do"):
        context["rows"] = form.rows()
        status = 422 if form.errors and step != "back" else 200
        return render(request, "cycles/review/carry_over.html", context, status=status)
    if step == "preview":
        typed = [(name, value) for name, values in posted.lists() for value in values if name not in _NOT_TYPED]
        context |= {"carries": form.carries(), "into": form.into, "typed": typed}
        return render(request, "cycles/review/carry_preview.html", context)
    outcome = actions.carry_over_projects(form.carries(), into=form.into, by=request.user, now=request.now)
    if not outcome.left:
        messages.success(request, f"已结转 {len(outcome.done)} 项到“{form.into.name}”。")
        return redirect("review-carry-over", pk=pk)
    done = {project.pk for project, _ in outcome.done}
    told = {project.pk: reasons for project, reasons in outcome.left}
    context |= {"outcome": outcome, "into": form.into}
    context["rows"] = [row for row in form.rows(told) if row.project.pk not in done]
    return render(request, "cycles/review/carry_over.html", context, status=409)


_NOT_TYPED = frozenset({"csrfmiddlewaretoken", "step"})


def _open_rows(request: SignedInRequest, run: CycleRun) -> tuple[Page[Project], Sequence[tuple[Project, list[str]]]]:
    """One page of the open ones, and what was posted: that may not be open any more, and the action tells why."""
    page = Paginator(queries.open_projects(run), PER_PAGE).get_page(request.GET.get("page"))
    posted = {int(name[4:]) for name in request.POST if name.startswith("due-") and name[4:].isdecimal()}
    others = posted - {project.pk for project in page}
    projects = [*page, *queries.chosen_projects(run, sorted(others)[:PER_PAGE])]
    return page, [
        (project, [] if project.pk in posted else CARRY_OVER.bars(request.user, project, request.today))
        for project in projects
    ]
