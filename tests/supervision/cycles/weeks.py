"""A week's run and its summaries, written as the engine has them written."""

from datetime import date, datetime, timedelta

from accounts.models import Division, Organization
from supervision.cycles.actions.weekly import write_weekly
from supervision.cycles.enums import Cycle, RunState
from supervision.cycles.models import CycleRun, WeeklySummary
from supervision.cycles.queries.weekly import PARTS
from tests.cast import SHANGHAI

MONDAY = date(2026, 3, 2)
FRIDAY = datetime(2026, 3, 6, 16, 0, tzinfo=SHANGHAI)


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
