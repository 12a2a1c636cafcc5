"""A month's meeting in tests: its run as the engine leaves it, and projects with something to speak of."""

from datetime import date, datetime

from supervision.cycles.actions.dispatching import write_dispatch
from supervision.cycles.enums import Cycle, RunState
from supervision.cycles.models import CycleRun
from tasks.enums import ProjectState
from tasks.models import Project
from tests.cast import SHANGHAI, Cast
from tests.remembered import remembered
from tests.supervision.cycles.frozen_runs import a_run
from tests.walks import project_at

MEETING_DAY = date(2026, 4, 30)  # a Thursday, the last working day of its month
MEETING = datetime(2026, 4, 30, 9, 0, tzinfo=SHANGHAI)


@remembered
def the_month(cast: Cast, *, now: datetime = MEETING, state: RunState = RunState.DONE) -> CycleRun:
    return a_run(cast.office, Cycle.MONTHLY, date(2026, 4, 1), date(2026, 4, 30), now=now, state=state)


@remembered
def written(cast: Cast, *, now: datetime = MEETING) -> CycleRun:
    """The run of April with its lines."""
    run = the_month(cast, now=now)
    write_dispatch(run, now)
    return run


def an_overdue_one(cast: Cast) -> Project:
    """Its first step was due on 20 April and is not reported; the last is due on 30 September."""
    return project_at(ProjectState.IN_PROGRESS, cast)
