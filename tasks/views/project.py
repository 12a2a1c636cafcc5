"""The page of a project, and the moves of 交办: dispatch, receive, object, recall."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.http import SignedInRequest
from tasks.actions import project as actions
from tasks.enums import MilestoneState
from tasks.forms.moments import asked_moment
from tasks.forms.project import ObjectForm, RecallForm
from tasks.forms.results import ResultForm
from tasks.models import Project
from tasks.queries import project_page as pieces
from tasks.queries.changes import changes_of, shown
from tasks.queries.hands import know_hands
from tasks.queries.lights import Ground, ProjectView, ground_of, view_of
from tasks.queries.results import results_on
from tasks.queries.timeline import reports_of, timeline_of
from tasks.rules.results import bar_to_add_result, types_for_them
from tasks.rules.seeing import sees_whole
from tasks.views.after import done
from tasks.views.drafts import typed_version
from tasks.views.found import project_to_act_on
from tasks.views.move_page import show_move, typed
from tasks.views.moves_panel import buttons_of_milestones, open_only, panel_of
from tasks.views.project_past import past_project
from tasks.workflow import PROJECT_MOVES

LATEST_ENTRIES = 5
LATEST_HAPPENINGS = 10
WAITING = (MilestoneState.AWAITING_HEAD, MilestoneState.REPORTED)


@require_safe
def project_page(request: SignedInRequest, pk: int) -> HttpResponse:
    """The whole page for those who may read it; for others the ledger's main columns, and a sentence that says so."""
    projects = pieces.for_page(Project.objects.visible_to(request.user, request.today))
    row = get_object_or_404(projects, pk=pk)
    asked = asked_moment(request.GET, request.today)
    if asked.moment is not None:
        return past_project(request, row, asked, asked.moment)
    ground = ground_of(row.organization_id, request.today)
    view = view_of(row, ground)
    close_outs = pieces.close_outs_of(row)
    standing = pieces.standing_close_out(close_outs)
    context: dict[str, Any] = {
        "project": row,
        "view": view,
        "why": pieces.why_words(view.light),
        "sources": row.key_task.sources.all(),
        "steps": pieces.steps_of(view, standing, request.today),
        "due_notes": pieces.due_notes(row.due_on, None, ground, is_open=row.is_open),
        "today": request.today,
        "problem": asked.problem,
        "carried": pieces.carried_links(row, request.user, request.today),
    }
    if not sees_whole(request.user, row, request.today):
        return render(request, "tasks/project/main_columns.html", context)
    context |= {"changes": [shown(change, ground) for change in changes_of(row)]}
    context |= {"close_outs": close_outs, "whose": pieces.whose_turn(row, standing, ground)}
    context |= _tree_and_moves(request, view, ground) | _written(request, row)
    return render(request, "tasks/project/project.html", context)


def _tree_and_moves(request: SignedInRequest, view: ProjectView, ground: Ground) -> dict[str, Any]:
    row = view.project
    milestones = list(row.milestones.all())
    waiting = [milestone for milestone in milestones if milestone.state in WAITING]
    know_hands(waiting)
    buttons = buttons_of_milestones(row, milestones, request.user, ground)
    goals = pieces.goals_of(view, reports_of(waiting), ground)
    for node in (node for goal in goals for node in goal.nodes):
        node.moves = list(open_only(buttons[node.milestone.pk]))
    panel = panel_of(row, request.user, ground, buttons)
    entry = next((button for button in panel if button.name == "entry" and not button.bars), None)
    return {"goals": goals, "milestone_count": view.counted, "moves": panel, "entry_button": entry}


def _written(request: SignedInRequest, row: Project) -> dict[str, Any]:
    """The latest entries and happenings, or with `?all` every one."""
    everything = "all" in request.GET
    entries = pieces.entries_of(row)
    shown = list(entries if everything else entries[:LATEST_ENTRIES])
    barred = bar_to_add_result(request.user, row, request.today)
    happenings, happened = timeline_of(row, most=None if everything else LATEST_HAPPENINGS)
    return {
        "entries": shown,
        "entry_count": len(shown) if everything else entries.count(),
        "results": results_on(row),
        "result_typed_for": types_for_them(request.user, row, request.today),
        "result_form": None if barred else ResultForm(today=request.today, initial={"on": request.today}),
        "happenings": happenings,
        "happened": happened,
    }


@require_POST
def project_dispatch(request: SignedInRequest, pk: int) -> HttpResponse:
    project = project_to_act_on(request, pk)
    actions.dispatch_project(project, by=request.user, version=typed_version(request.POST), now=request.now)
    return done(request, f"已交办{project.lead_division}，编号 {project.number}。", project)


@require_POST
def project_receive(request: SignedInRequest, pk: int) -> HttpResponse:
    project = project_to_act_on(request, pk)
    actions.receive_project(project, by=request.user, version=typed_version(request.POST), now=request.now)
    return done(request, f"已签收“{project.title}”。", project, then="receive")


@require_http_methods(["GET", "POST"])
def project_object(request: SignedInRequest, pk: int) -> HttpResponse:
    project = project_to_act_on(request, pk)
    form = ObjectForm(**typed(request), project=project)
    if form.is_valid():
        note, belongs_to = form.cleaned_data["reason"], form.cleaned_data["belongs_to"]
        version = typed_version(request.POST)
        actions.object_to_project(
            project, by=request.user, version=version, note=note, belongs_to=belongs_to, now=request.now
        )
        # A draft again, which a division does not see: there is no page of the project to go back to.
        return done(request, f"已退回“{project.title}”，由督办处重新交办。", None, then="receive")
    bars = PROJECT_MOVES["object"].bars(request.user, project, request.today)
    return show_move(request, project, form, heading="退回交办", submit="退回", bars=bars)


@require_http_methods(["GET", "POST"])
def project_recall(request: SignedInRequest, pk: int) -> HttpResponse:
    project = project_to_act_on(request, pk)
    form = RecallForm(**typed(request))
    if form.is_valid():
        note, version = form.cleaned_data["reason"], typed_version(request.POST)
        actions.recall_project(project, by=request.user, version=version, note=note, now=request.now)
        return done(request, f"已撤回“{project.title}”，回到拟立项，可修改后再交办。", project)
    bars = PROJECT_MOVES["recall"].bars(request.user, project, request.today)
    hints = ["撤回后回到拟立项，编号保留，再次交办时用回。"]
    return show_move(request, project, form, heading="撤回交办", submit="撤回交办", bars=bars, hints=hints)
