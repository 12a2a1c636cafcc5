"""A half-year with things to look back at, for the tests of the list and of its pages."""

from datetime import date, datetime

from accounts.models import User
from supervision.cycles.actions.look_back import Mending, list_look_back
from supervision.cycles.enums import Choice, Cycle, Verdict
from supervision.cycles.models import CycleRun, LookBackItem
from tasks.actions import project as moves
from tasks.actions.close_out import accept_close_out
from tasks.actions.results import add_result
from tasks.enums import Effect, ProjectState, ResultKind
from tasks.models import CloseOut, Project, Result
from tests.cast import NOW, SHANGHAI, TODAY, Cast
from tests.remembered import remembered
from tests.supervision.cycles.frozen_runs import a_run
from tests.walks import a_draft, project_at

JULY = datetime(2026, 7, 7, 9, 0, tzinfo=SHANGHAI)  # the fifth working day after the half-year
HALF = (date(2026, 1, 1), date(2026, 6, 30))
MEND_BY = date(2026, 8, 31)


def a_look_back(cast: Cast, *, percent: int = 100) -> CycleRun:
    run = a_run(cast.office, Cycle.HALF_YEARLY, *HALF, now=JULY)
    run.sample_percent = percent
    run.save(update_fields=["sample_percent"])
    return run


@remembered
def listed(cast: Cast, *, percent: int = 100) -> CycleRun:
    run = a_look_back(cast, percent=percent)
    list_look_back(run, JULY)
    return run


@remembered
def closed(cast: Cast, effect: Effect = Effect.GOOD, *, is_late: bool = False, own: bool = False) -> Project:
    """`own`: led by the supervising division, accepted by a leader."""
    row = project_at(ProjectState.CLOSE_OUT_REQUESTED, cast, lead=cast.supervising if own else None)
    verifier = cast.leader if own else cast.second_secretariat
    accept_close_out(row, by=verifier, version=row.version, effect=effect, now=NOW)
    if is_late:
        CloseOut.objects.filter(project=row).update(due_on=date(2026, 2, 27))
    return row


@remembered
def overdue(cast: Cast, *, due_on: date = date(2026, 5, 29)) -> Project:
    row = a_draft(cast, title="修订提案办理办法", due_on=due_on, milestones=1)
    moves.dispatch_project(row, by=cast.secretariat, version=row.version, now=NOW)
    moves.receive_project(row, by=cast.head, version=row.version, now=NOW)
    return row


def rule_made(
    cast: Cast, project: Project, *, title: str = "提案督办办法", on: date = TODAY, by: User | None = None
) -> Result:
    return add_result(
        project, by=by or cast.staff, version=project.version, kind=ResultKind.RULE, title=title, on=on, now=NOW
    )


def item_of(run: CycleRun, choice: Choice) -> LookBackItem:
    return LookBackItem.objects.get(run=run, choice=choice)


def mending(cast: Cast, *, due_on: date = MEND_BY, project_due_on: date | None = None) -> Mending:
    return Mending(cast.lead, cast.staff, due_on, deliverable="整改报告", project_due_on=project_due_on)


def a_looked_back(project: Project) -> LookBackItem:
    """Found wanting, and in nobody's hand yet; written as it is, for the tests of who reads it."""
    run = a_run(project.organization, Cycle.HALF_YEARLY, *HALF, now=JULY)
    return LookBackItem.objects.create(
        organization=project.organization,
        run=run,
        choice=Choice.OVERDUE,
        project=project,
        title=project.title,
        division=project.lead_division,
        verdict=Verdict.RECTIFY,
        words="迟迟未报送",
        checked_by=project.created_by,
        checked_at=JULY,
    )
