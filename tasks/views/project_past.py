"""The page of a project as of a past day: read only, and marked so that nobody takes it for today."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render

from accounts.http import SignedInRequest
from tasks.forms.moments import Asked
from tasks.models import Project
from tasks.queries import project_page as pieces
from tasks.queries import project_past as past
from tasks.queries.as_of import Moment
from tasks.queries.changes import changes_of, shown
from tasks.queries.lights import Ground, ProjectView, ground_of, view_of
from tasks.queries.timeline import timeline_of
from tasks.rules.seeing import sees_whole


def past_project(request: SignedInRequest, row: Project, asked: Asked, moment: Moment) -> HttpResponse:
    """`row` is loaded by `for_page` and visible today; who may read it whole today reads it whole."""
    whole = sees_whole(request.user, row, request.today)
    band = {"moment": moment, "now_url": f"{request.path}", "past_query": asked.query, "today": request.today}
    if past.stood(row, moment) is None:
        return render(request, "tasks/project/not_yet.html", band | {"project": row})
    ground = ground_of(row.organization_id, moment.day)
    view = view_of(row, ground)
    close_outs = past.close_outs_then(row, moment)
    context: dict[str, Any] = band | {
        "project": row,
        "view": view,
        "why": pieces.why_words(view.light),
        "sources": row.key_task.sources.all(),
        "steps": pieces.steps_of(view, pieces.standing_close_out(close_outs), moment.day),
        "due_notes": pieces.due_notes(row.due_on, None, ground, is_open=row.is_open),
    }
    if not whole:
        return render(request, "tasks/project/main_columns.html", context)
    context |= {"close_outs": close_outs, "whose": past.state_then(row)} | _written_then(row, view, ground, moment)
    return render(request, "tasks/project/project.html", context)


def _written_then(row: Project, view: ProjectView, ground: Ground, moment: Moment) -> dict[str, Any]:
    entries = list(past.entries_then(row, moment))
    happenings, happened = timeline_of(row, moment=moment)
    return {
        # A target added later has nothing under it yet.
        "goals": [goal for goal in pieces.goals_of(view, {}, ground) if goal.nodes],
        "milestone_count": view.counted,
        "changes": [shown(change, ground) for change in past.changes_then(changes_of(row), row, moment)],
        "moves": [],
        "entry_button": None,
        "entries": entries,
        "entry_count": len(entries),
        "results": past.results_then(row, moment),
        "result_form": None,
        "happenings": happenings,
        "happened": happened,
    }
