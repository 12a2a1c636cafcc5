"""Asking for changes in tests, by the people whose moves they are."""

from collections.abc import Callable
from datetime import date, datetime

from accounts.models import User
from tasks.actions.changes.asking import ask_change
from tasks.actions.changes.lines import Wish
from tasks.enums import ChangeKind
from tasks.models import ChangeRequest, Milestone, Project
from tests.cast import NOW, Cast


def due(day: date, milestone: Milestone | None = None) -> Wish:
    if milestone is None:
        return Wish("project", "due_on", day.isoformat())
    return Wish("milestone", "due_on", day.isoformat(), milestone.pk)


def a_step(row: Project, cast: Cast, *, due_on: date, title: str = "整改") -> Wish:
    value = {
        "title": title,
        "target": row.targets.all()[0].pk,
        "division": cast.lead.pk,
        "person": cast.staff.pk,
        "due_on": due_on.isoformat(),
    }
    return Wish("milestone", "added", value)


def wishes_for(kind: ChangeKind, row: Project, cast: Cast) -> list[Wish]:
    """What may be asked for of a project of `tests.walks` on the day of the tests."""
    made: dict[ChangeKind, Callable[[], list[Wish]]] = {
        ChangeKind.EXTENSION: lambda: [due(date(2026, 12, 20))],
        ChangeKind.ALTERATION: lambda: [Wish("milestone", "weight", 3, row.milestones.all()[0].pk)],
        ChangeKind.SUSPENSION: lambda: [Wish("project", "resume_on", "2026-05-06")],
        ChangeKind.RESUMPTION: lambda: [due(date(2026, 10, 30))],
        ChangeKind.CANCELLATION: list,
        ChangeKind.REOPENING: lambda: [due(date(2026, 11, 30)), a_step(row, cast, due_on=date(2026, 11, 20))],
    }
    return made[kind]()


def asked(
    row: Project,
    cast: Cast,
    kind: ChangeKind = ChangeKind.EXTENSION,
    *wishes: Wish,
    by: User | None = None,
    now: datetime = NOW,
    reason: str = "雨季道路中断",
) -> ChangeRequest:
    return ask_change(
        row,
        kind=kind,
        by=by or cast.head,
        version=row.version,
        reason=reason,
        wishes=wishes or wishes_for(kind, row, cast),
        now=now,
    )
