"""What a project bears while a change of it awaits its decision, and how it is taken off again."""

from collections.abc import Iterable
from datetime import date

from tasks.actions.changes.lines import DUE
from tasks.enums import ChangeKind, ChangeState
from tasks.models import ChangeLine, ChangeRequest, Milestone, Project


def mark_moved(lines: Iterable[ChangeLine], kind: ChangeKind, today: date) -> list[Milestone]:
    """The milestones whose date is asked to be put off bear the day it was asked for: 延期待批, or 逾期申请."""
    if kind not in (ChangeKind.EXTENSION, ChangeKind.ALTERATION):
        return []
    ids = [
        line.subject_id
        for line in lines
        if line.subject_kind == "milestone" and line.field == DUE and line.value > line.old
    ]
    Milestone.objects.filter(pk__in=ids).update(extension_asked_on=today)
    return list(Milestone.objects.filter(pk__in=ids))


def unmark(project: Project) -> list[Milestone]:
    """Take the day off again; returns the milestones that bore it."""
    ids = list(project.milestones.exclude(extension_asked_on=None).values_list("pk", flat=True))
    Milestone.objects.filter(pk__in=ids).update(extension_asked_on=None)
    return list(Milestone.objects.filter(pk__in=ids))


def drop_pending(project: Project) -> tuple[str, list[Milestone]]:
    """Where the project itself goes away under a pending request, that is withdrawn with it; words that say so.

    Inside the caller's transaction, which claims the project with `extension_asked_on=None`.
    """
    pending = ChangeRequest.objects.filter(project=project, state=ChangeState.ASKED).first()
    ChangeRequest.objects.filter(project=project, state__in=(ChangeState.ASKED, ChangeState.PREPARED)).update(
        state=ChangeState.WITHDRAWN
    )
    if pending is None:
        return "", []
    return f"；待决定的{pending.get_kind_display()}申请随之撤回", unmark(project)
