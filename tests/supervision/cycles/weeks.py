"""A week's run and its summaries, written as the engine has them written, and what is recorded in the week."""

from datetime import date, datetime, timedelta
from typing import Any

from accounts.models import Division, Organization
from supervision.cycles.actions.weekly import write_weekly
from supervision.cycles.enums import Cycle, RunState
from supervision.cycles.models import CycleRun, WeeklySummary
from supervision.cycles.periods import period_of
from supervision.cycles.queries.weekly import PARTS
from tasks.actions.entries import add_entry
from tasks.models import Milestone, Project
from tests.cast import NOW, SHANGHAI
from tests.tasks.company import Company

MONDAY = date(2026, 3, 2)
FRIDAY = datetime(2026, 3, 6, 16, 0, tzinfo=SHANGHAI)
WEEK = period_of(Cycle.WEEKLY, MONDAY)


def a_week(office: Organization, *, monday: date = MONDAY, now: datetime = FRIDAY) -> CycleRun:
    """Run and written."""
    run = CycleRun.objects.create(
        organization=office,
        cycle=Cycle.WEEKLY,
        starts_on=monday,
        ends_on=monday + timedelta(days=6),
        due_at=now,
        state=RunState.DONE,
        claimed_at=now,
        started_at=now,
        finished_at=now,
    )
    write_weekly(run, now)
    return run


def summary_of(run: CycleRun, division: Division | None) -> WeeklySummary:
    return WeeklySummary.objects.select_related("division", "run").get(run=run, division=division)


def texts(**parts: str) -> dict[str, str]:
    return dict.fromkeys(PARTS, "") | parts


def entry(company: Company, row: Project, situation: str, *, now: datetime = NOW, **words: Any) -> None:
    row.refresh_from_db()
    by = words.pop("by", company.staff)
    add_entry(row, by=by, version=row.version, situation=situation, files=[], now=now, **words)


def due_on(node: Milestone, day: date) -> Milestone:
    node.due_on = node.original_due_on = day
    node.warn_on = min(node.warn_on or day, day)
    node.save(update_fields=["due_on", "original_due_on", "warn_on"])
    return node
