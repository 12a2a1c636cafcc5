"""A project's page as of a past day: how it stood, and what had been written, asked and decided by then."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Model, QuerySet

from tasks.enums import ChangeState, CloseOutState, ProjectState
from tasks.models import ChangeRequest, CloseOut, ProgressEntry, Project, Result
from tasks.queries.as_of import Moment, stand
from tasks.queries.project_page import Whose, close_outs_of, entries_of
from tasks.queries.results import results_on


def stood(project: Project, moment: Moment) -> Project | None:
    """This one, loaded by `for_page`, laid as it stood; None where nobody had been asked to do it yet.

    What no revision keeps and would tell of later days is taken away. Not to be saved.
    """
    if not stand([project], moment):
        return None
    if not moment.holds(project.received_at):
        project.received_at, project.received_by, project.received_by_lapse = None, None, False
    project.mend_on, project.return_count = None, 0
    for milestone in project.milestones.all():
        milestone.return_count = 0
        milestone.entered_for = milestone.entered_for and milestone.reported_on is not None
    return project


def close_outs_then(project: Project, moment: Moment) -> list[CloseOut]:
    """Those asked for by then, each as far as it had come; `project` is laid as it stood."""
    return [
        _as_far_as_then(row, project, moment)
        for row in close_outs_of(project)
        if row.requested_on <= moment.day and (moment.known_by is None or row.requested_at <= moment.known_by)
    ]


def _as_far_as_then(row: CloseOut, project: Project, moment: Moment) -> CloseOut:
    was_accepted = row.state in (CloseOutState.ACCEPTED, CloseOutState.VOID)
    if was_accepted and row.closed_on is not None and project.closed_on == row.closed_on:
        stands = CloseOutState.ACCEPTED  # also where it was voided later
    elif (
        was_accepted and project.state == ProjectState.CLOSE_OUT_REQUESTED and project.requested_on == row.requested_on
    ):
        stands = CloseOutState.REQUESTED
    elif moment.holds(row.decided_at):
        stands = CloseOutState(row.state)
    elif row.state == CloseOutState.WITHDRAWN and project.requested_on != row.requested_on:
        stands = CloseOutState.WITHDRAWN
    else:
        stands = CloseOutState.REQUESTED
    _lay(row, state=stands)
    if stands == CloseOutState.REQUESTED:
        _lay(row, decided_by=None, decided_at=None, opinion="", closed_on=None, mend_on=None, number="", effect="")
    return row


def changes_then(changes: Sequence[ChangeRequest], project: Project, moment: Moment) -> Iterator[ChangeRequest]:
    """Those asked for by then; what was decided later still waited. `project` is laid as it stood."""
    for row in changes:
        if row.asked_on is None or row.asked_on > moment.day or not _was_known(row.asked_at, moment):
            continue
        row.project = project
        if row.decided_at is not None and not moment.holds(row.decided_at):
            _lay(row, state=ChangeState.ASKED, decided_by=None, decided_at=None, decision_words="")
        if not moment.holds(row.opinion_at):
            _lay(row, opinion="", opinion_by=None)
        yield row


def results_then(project: Project, moment: Moment) -> list[Result]:
    found = [row for row in results_on(project) if row.on <= moment.day and _was_known(row.recorded_at, moment)]
    for row in found:
        if not moment.holds(row.voided_at):
            _lay(row, voided_at=None, voided_by=None)
    return found


def entries_then(project: Project, moment: Moment) -> QuerySet[ProgressEntry]:
    entries = entries_of(project).filter(on__lte=moment.day)
    return entries.filter(created_at__lte=moment.known_by) if moment.known_by else entries


def state_then(project: Project) -> Whose:
    """In the place of 现在轮到: whose turn it was is not told of past days."""
    return Whose("当日状态", project.get_state_display(), f"牵头 {project.lead_division}")


def _was_known(at: datetime, moment: Moment) -> bool:
    return moment.known_by is None or at <= moment.known_by


def _lay(row: Model, **values: Any) -> None:
    """In memory, to be shown and never saved."""
    for name, value in values.items():
        setattr(row, name, value)
