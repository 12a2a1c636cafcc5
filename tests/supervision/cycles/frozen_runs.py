"""Runs of a quarter and a year as the engine leaves them: due, done, not yet frozen."""

from datetime import date, datetime

from accounts.models import Organization
from supervision.cycles.enums import Cycle, RunState
from supervision.cycles.models import CycleRun, FrozenLine
from tasks.enums import Bucket
from tasks.models import Project


def a_run(
    office: Organization,
    cycle: Cycle,
    starts_on: date,
    ends_on: date,
    *,
    now: datetime,
    state: RunState = RunState.DONE,
) -> CycleRun:
    finished = now if state == RunState.DONE else None
    return CycleRun.objects.create(
        organization=office,
        cycle=cycle,
        starts_on=starts_on,
        ends_on=ends_on,
        due_at=now,
        state=state,
        claimed_at=now,
        started_at=now,
        finished_at=finished,
    )


def first_quarter(office: Organization, *, now: datetime) -> CycleRun:
    return a_run(office, Cycle.QUARTERLY, date(2026, 1, 1), date(2026, 3, 31), now=now)


def second_quarter(office: Organization, *, now: datetime) -> CycleRun:
    return a_run(office, Cycle.QUARTERLY, date(2026, 4, 1), date(2026, 6, 30), now=now)


def the_year(office: Organization, *, now: datetime) -> CycleRun:
    return a_run(office, Cycle.YEARLY, date(2026, 1, 1), date(2026, 12, 31), now=now)


def frozen_with(run: CycleRun, project: Project, *, bucket: Bucket, now: datetime) -> CycleRun:
    """Frozen, with this one project as its only line."""
    assert project.lead_division is not None
    assert project.due_on is not None
    FrozenLine.objects.create(
        organization=run.organization,
        run=run,
        project=project,
        number=project.number,
        title=project.title,
        category="临时交办",
        division=project.lead_division,
        division_name=project.lead_division.brief,
        bucket=bucket,
        light="red",
        state=project.state,
        due_on=project.due_on,
        original_due_on=project.due_on,
        workdays_overdue=1 if bucket == Bucket.OVERDUE else 0,
        days_late=1 if bucket == Bucket.LATE else 0,
    )
    run.cut_off_at = run.frozen_at = now
    run.save(update_fields=["cut_off_at", "frozen_at"])
    return run
