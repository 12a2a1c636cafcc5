"""Bulk acts on the drafts of a plan: 交办 and confirming suggestions, each with a page that shows what will happen."""

from collections.abc import Sequence
from datetime import date
from itertools import pairwise

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from accounts.http import SignedInRequest
from tasks.actions import backfill, decomposition
from tasks.actions import project as actions
from tasks.actions.project import BulkOutcome
from tasks.enums import ProjectState
from tasks.forms.plans import BackfillForm, ChosenForm
from tasks.models import Milestone, Plan, Project
from tasks.queries.completeness import gaps_before_dispatch
from tasks.queries.plans import in_plan_order
from tasks.views.drafts import plan_to_fill, project_to_fill, typed_version

MOST_TOLD = 10


@require_http_methods(["GET", "POST"])
def plan_dispatch(request: SignedInRequest, pk: int) -> HttpResponse:
    plan = plan_to_fill(request, pk)
    if request.method == "POST":
        form = ChosenForm(request.POST)
        if form.is_valid():
            outcome = actions.dispatch_projects(_chosen(plan, form), by=request.user, now=request.now)
            _tell(request, outcome, "交办", _numbers_of(outcome.done))
            return redirect("plan", pk=pk)
        messages.warning(request, "没有选择要交办的项目，请勾选后再交办。")
        return redirect("plan", pk=pk)
    rows = [
        (project, gaps_before_dispatch(project, on=request.today)) for project in _drafts_asked_for(request.GET, plan)
    ]
    context = {
        "plan": plan,
        "ready": [project for project, gaps in rows if not gaps],
        "incomplete": [(project, gaps) for project, gaps in rows if gaps],
        "skipped": len(request.GET.getlist("chosen")) - len(rows) if request.GET.get("which") != "all" else 0,
    }
    return render(request, "tasks/plans/dispatch.html", context)


@require_http_methods(["GET", "POST"])
def plan_confirm(request: SignedInRequest, pk: int) -> HttpResponse:
    plan = plan_to_fill(request, pk)
    if request.method == "POST":
        form = ChosenForm(request.POST)
        if form.is_valid():
            chosen = _chosen(plan, form)
            outcome = decomposition.confirm_suggestions_of(chosen, by=request.user, now=request.now)
            _tell(request, outcome, "确认", "，推算的时限、识别的目标都已确认")
            return redirect("plan", pk=pk)
        messages.warning(request, "没有选择要确认的项目，请勾选后再确认。")
        return redirect("plan", pk=pk)
    rows = [(project, _suggested(project), _recognised(project)) for project in _drafts_asked_for(request.GET, plan)]
    rows = [row for row in rows if row[1] or row[2]]
    context = {"plan": plan, "rows": rows, "count": sum(len(nodes) + len(targets) for _, nodes, targets in rows)}
    return render(request, "tasks/plans/confirm.html", context)


@require_http_methods(["GET", "POST"])
def plan_backfill(request: SignedInRequest, pk: int) -> HttpResponse:
    """One day and one reason for many: typed, looked at, then done with what is complete for that day."""
    plan = plan_to_fill(request, pk)
    form = BackfillForm(request.POST or None, today=request.today)
    is_looked_at = request.method == "POST" and form.is_valid()
    if is_looked_at and "look" not in request.POST and (chosen := ChosenForm(request.POST)).is_valid():
        drafts = _chosen(plan, chosen)
        outcome = backfill.backfill_dispatch_projects(drafts, by=request.user, now=request.now, **form.cleaned_data)
        _tell(request, outcome, "补录交办", _numbers_of(outcome.done))
        return redirect("plan", pk=pk)
    # Before a day is typed nothing is past yet; what else is missing is told at once.
    on = form.cleaned_data["effective_on"] if is_looked_at else date.min
    asked = request.POST if request.method == "POST" else request.GET
    rows = [(project, gaps_before_dispatch(project, on=on)) for project in _drafts_asked_for(asked, plan)]
    context = {
        "plan": plan,
        "form": form,
        "is_looked_at": is_looked_at,
        "ready": [project for project, gaps in rows if not gaps],
        "incomplete": [(project, gaps) for project, gaps in rows if gaps],
    }
    return render(request, "tasks/plans/backfill.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def project_backfill_dispatch(request: SignedInRequest, pk: int) -> HttpResponse:
    project = project_to_fill(request, pk)
    form = BackfillForm(request.POST or None, today=request.today)
    if request.method == "POST" and form.is_valid():
        version = typed_version(request.POST)
        backfill.backfill_dispatch(project, by=request.user, version=version, now=request.now, **form.cleaned_data)
        messages.success(request, f"已补录交办“{project.title}”，编号 {project.number}。")
        return redirect("plan", pk=project.plan_id)
    version = typed_version(request.POST) if request.method == "POST" else project.version
    context = {"project": project, "form": form, "version": version}
    return render(request, "tasks/plans/backfill_dispatch.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def project_delete(request: SignedInRequest, pk: int) -> HttpResponse:
    project = project_to_fill(request, pk)
    if request.method == "POST":
        version = typed_version(request.POST)
        decomposition.delete_draft(project, by=request.user, version=version, now=request.now)
        ended = f"已终止“{project.title}”，编号 {project.number} 保留。" if project.number else ""
        messages.success(request, ended or f"已删除拟立项项目“{project.title}”。")
        return redirect("plan", pk=project.plan_id)
    context = {
        "project": project,
        "was_dispatched": decomposition.was_dispatched(project),
        "is_last": project.key_task.projects.count() == 1,
        "milestones": project.milestones.count(),
    }
    return render(request, "tasks/plans/delete.html", context)


def _drafts_asked_for(asked: QueryDict, plan: Plan) -> Sequence[Project]:
    """The ticked drafts, or every draft of the plan (`which=all`)."""
    drafts = Project.objects.filter(plan=plan, state=ProjectState.DRAFT)
    if asked.get("which") != "all":
        both = asked.copy()
        both.setlist("chosen", [*asked.getlist("chosen"), *asked.getlist("waiting")])
        form = ChosenForm(both)
        drafts = drafts.filter(pk__in=[pk for pk, _ in form.cleaned_data["chosen"]] if form.is_valid() else [])
    return list(in_plan_order(drafts))


def _chosen(plan: Plan, form: ChosenForm) -> list[tuple[Project, int]]:
    """In the order of the plan, so that numbers follow it. Of another plan, or deleted meanwhile: not among them."""
    versions: dict[int, int] = dict(form.cleaned_data["chosen"])
    projects = in_plan_order(Project.objects.filter(plan=plan, pk__in=versions))
    return [(project, versions[project.pk]) for project in projects]


def _tell(request: HttpRequest, outcome: BulkOutcome, verb: str, more: str) -> None:
    if outcome.done:
        messages.success(request, f"已{verb} {len(outcome.done)} 项{more}。")
    for project, bars in outcome.left[:MOST_TOLD]:
        messages.warning(request, f"“{project.title}”没有{verb}：{'；'.join(bars)}。")
    if len(outcome.left) > MOST_TOLD:
        messages.warning(request, f"另有 {len(outcome.left) - MOST_TOLD} 项没有{verb}，请打开各项查看。")
    if not outcome.done and not outcome.left:
        messages.warning(request, f"所选项目已被删除，没有{verb}。")


def _numbers_of(projects: Sequence[Project]) -> str:
    """Numbers may leave gaps (a recalled project gets its own back): then only first and last would mislead."""
    if not projects:
        return ""
    numbers = [project.number for project in projects]
    if len(numbers) == 1:
        return f"，编号 {numbers[0]}"
    in_a_row = all(_last_number(a) + 1 == _last_number(b) for a, b in pairwise(numbers))
    return f"，编号 {numbers[0]} 至 {numbers[-1]}" if in_a_row else ""


def _last_number(text: str) -> int:
    return int("".join(character for character in text.partition("〕")[2] if character.isdecimal()) or 0)


def _suggested(project: Project) -> list[Milestone]:
    return [node for node in project.milestones.all() if not node.due_is_confirmed]


def _recognised(project: Project) -> list[object]:
    return [target for target in project.targets.all() if not target.is_confirmed]
