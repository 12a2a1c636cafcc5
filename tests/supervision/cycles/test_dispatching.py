"""What a month's sheets hold: every ground, once, as the lights say, in the order of the agenda."""

from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.actions.policies import set_policy
from supervision.cycles.actions.decisions import Resolution, record_decision
from supervision.cycles.actions.dispatching import write_dispatch
from supervision.cycles.enums import Cycle, DecisionForm, Ground
from supervision.cycles.models import CycleRun, DispatchLine
from supervision.cycles.queries.dispatching import decisions_of
from tasks.actions.changes.asking import ask_change
from tasks.actions.changes.lines import Wish
from tasks.actions.decomposition import draft_of, save_decomposition
from tasks.actions.entries import add_entry
from tasks.actions.milestone import report_milestone
from tasks.actions.project import recall_project
from tasks.enums import ChangeKind, ProjectState
from tasks.models import Milestone, Project
from tests.cast import NOW, SHANGHAI, TODAY, Cast, make_cast
from tests.supervision.cycles.frozen_runs import a_run
from tests.supervision.cycles.monthly import MEETING, an_overdue_one, the_month, written
from tests.tasks.changing import asked
from tests.walks import a_draft, project_at

pytestmark = pytest.mark.django_db

MATTER_BY = date(2026, 5, 29)


@pytest.fixture
def cast() -> Cast:
    return make_cast()


def lines(run: CycleRun) -> list[tuple[str, str, str, str]]:
    """Ground, which milestone, light and words of each line in order."""
    return [
        (line.ground, line.milestone.title if line.milestone else "", line.light, line.words)
        for line in DispatchLine.objects.filter(run=run).select_related("milestone")
    ]


def says(
    project: Project, cast: Cast, words: str, *, asks: bool, on: datetime, milestone: Milestone | None = None
) -> None:
    project.refresh_from_db()
    add_entry(
        project,
        by=cast.staff,
        version=project.version,
        situation=words,
        problems=f"{words}的问题" if asks else "",
        needs_coordination=asks,
        milestone=milestone,
        files=[],
        now=on,
    )


def april(day: int) -> datetime:
    return MEETING.replace(day=day)


def nothing(project: Project, cast: Cast) -> None:
    """As `an_overdue_one` leaves it."""


def reported(project: Project, cast: Cast) -> None:
    node = project.milestones.select_related("project", "division")[0]
    report_milestone(node, by=cast.head, version=project.version, note="完成", now=NOW)


def put_off_in_time(project: Project, cast: Cast) -> None:
    node = project.milestones.all()[0]
    wish = Wish("milestone", "due_on", "2026-06-20", node.pk)
    asked(project, cast, ChangeKind.ALTERATION, wish, now=april(15))


def due_next(project: Project, cast: Cast) -> None:
    reported(project, cast)
    Milestone.objects.filter(project=project, title="第2步").update(due_on=date(2026, 5, 29), warn_on=date(2026, 5, 22))


def due_next_as_a_whole(project: Project, cast: Cast) -> None:
    due_next(project, cast)
    Project.objects.filter(pk=project.pk).update(due_on=date(2026, 5, 29), warn_on=date(2026, 5, 22))


def due_on_the_day(project: Project, cast: Cast) -> None:
    Milestone.objects.filter(project=project, title="第1步").update(due_on=date(2026, 4, 30), warn_on=date(2026, 4, 23))


def due_after_the_next(project: Project, cast: Cast) -> None:
    Milestone.objects.filter(project=project, title="第1步").update(due_on=date(2026, 6, 1), warn_on=date(2026, 5, 25))


def own_date_passed(project: Project, cast: Cast) -> None:
    reported(project, cast)
    Milestone.objects.filter(project=project, title="第2步").update(due_on=date(2026, 4, 24), warn_on=date(2026, 4, 17))
    Project.objects.filter(pk=project.pk).update(due_on=date(2026, 4, 24), warn_on=date(2026, 4, 17))


def asks_and_is_answered(project: Project, cast: Cast) -> None:
    due_after_the_next(project, cast)
    says(project, cast, "报告送审", asks=True, on=april(8))
    says(project, cast, "已协调", asks=False, on=april(9))


def asks_of_the_whole(project: Project, cast: Cast) -> None:
    due_after_the_next(project, cast)
    says(project, cast, "会议时间未定", asks=True, on=april(8))
    says(project, cast, "另一步的进展", asks=False, on=april(9), milestone=project.milestones.all()[1])


def asks_of_a_step(project: Project, cast: Cast) -> None:
    due_after_the_next(project, cast)
    says(project, cast, "场地未定", asks=True, on=april(8), milestone=project.milestones.all()[0])


def asked_last_month(project: Project, cast: Cast) -> None:
    due_after_the_next(project, cast)
    says(project, cast, "上月的事", asks=True, on=NOW)


OVERDUE_STEP = ("OVERDUE", "第1步", "red", "逾期 8 个工作日")
FAR_BEHIND = ("BEHIND", "", "red", "进度 0%，序时 50%，落后 50 个百分点")


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (nothing, [OVERDUE_STEP, FAR_BEHIND]),
        (reported, []),
        (put_off_in_time, []),
        (due_next, [("DUE_NEXT", "第2步", "none", "5月29日到期，还有 19 个工作日")]),
        (due_next_as_a_whole, [("DUE_NEXT", "第2步", "none", "5月29日到期，还有 19 个工作日")]),
        (
            due_on_the_day,
            [FAR_BEHIND, ("DUE_NEXT", "第1步", "yellow", "4月30日到期，今日到期")],
        ),
        (due_after_the_next, []),
        (
            own_date_passed,
            [
                ("OVERDUE", "", "red", "逾期 4 个工作日"),
                ("OVERDUE", "第2步", "red", "逾期 4 个工作日"),
                ("BEHIND", "", "red", "进度 0%，序时 100%，落后 50 个百分点（待核实的不算欠）"),
            ],
        ),
        (asks_and_is_answered, []),
        (asks_of_the_whole, [("COORDINATION", "", "green", "会议时间未定的问题")]),
        (asks_of_a_step, [("COORDINATION", "第1步", "green", "场地未定的问题")]),
        (asked_last_month, []),
    ],
)
def test_each_ground_as_the_lights_say(
    cast: Cast, change: Callable[[Project, Cast], None], expected: list[tuple[str, str, str, str]]
) -> None:
    change(an_overdue_one(cast), cast)

    run = written(cast)

    assert lines(run) == expected


def test_what_asks_after_the_sheets_were_made_comes_before_the_next_meeting(cast: Cast) -> None:
    """They are made in the morning; that afternoon belongs to some sheet too. A month further back does not."""
    project = an_overdue_one(cast)
    due_after_the_next(project, cast)
    says(project, cast, "上午的事", asks=True, on=MEETING - timedelta(hours=1))
    written(cast)
    says(project, cast, "下午的事", asks=True, on=MEETING + timedelta(hours=5), milestone=project.milestones.all()[0])
    may, june = datetime(2026, 5, 29, 9, tzinfo=SHANGHAI), datetime(2026, 6, 30, 9, tzinfo=SHANGHAI)

    told = []
    for first, last, now in ((date(2026, 5, 1), date(2026, 5, 31), may), (date(2026, 6, 1), date(2026, 6, 30), june)):
        run = a_run(cast.office, Cycle.MONTHLY, first, last, now=now)
        write_dispatch(run, now)
        told.append([words for ground, _, _, words in lines(run) if ground == Ground.COORDINATION])

    assert told == [["下午的事的问题"], []]


@pytest.mark.parametrize("state", [ProjectState.DRAFT, ProjectState.SUSPENDED, ProjectState.CLOSED])
def test_what_does_not_run_is_not_spoken_of(cast: Cast, state: ProjectState) -> None:
    project_at(state, cast)

    assert lines(written(cast)) == []


def test_a_month_without_anything_has_no_lines(cast: Cast) -> None:
    run = the_month(cast)

    counts = write_dispatch(run, MEETING)

    assert counts == {"调度项目": 0, "已逾期": 0, "欠序时": 0, "需协调": 0, "下期到期": 0}


def test_the_longest_overdue_stands_first_and_red_before_the_rest(cast: Cast) -> None:
    soon, late, later = (project_at(ProjectState.IN_PROGRESS, cast) for _ in range(3))
    due_next(soon, cast)
    Milestone.objects.filter(project=late, title="第1步").update(due_on=date(2026, 4, 27), warn_on=date(2026, 4, 20))
    run = written(cast)

    order = dict(DispatchLine.objects.filter(run=run).values_list("project", "order"))

    assert order == {later.pk: 1, late.pk: 2, soon.pk: 3}


def test_a_sheet_holds_the_steps_of_the_division_and_the_lead_its_projects(cast: Cast) -> None:
    project = an_overdue_one(cast)
    project.milestones.filter(title="第1步").update(division=cast.assisting, person=cast.co_staff)

    run = written(cast)

    found = {(line.ground, line.division_id) for line in DispatchLine.objects.filter(run=run)}
    assert found == {("OVERDUE", cast.assisting.pk), ("BEHIND", cast.lead.pk)}


def test_written_again_it_tells_the_new_state_and_nothing_twice(cast: Cast) -> None:
    first = an_overdue_one(cast)
    run = written(cast)
    reported(first, cast)
    an_overdue_one(cast)

    counts = [write_dispatch(run, MEETING + timedelta(hours=hour)) for hour in (1, 2)]

    assert counts[0] == counts[1] == {"调度项目": 1, "已逾期": 1, "欠序时": 1, "需协调": 0, "下期到期": 0}
    assert lines(run) == [OVERDUE_STEP, FAR_BEHIND]


def test_the_run_counts_projects_as_the_agenda_does(cast: Cast) -> None:
    project = an_overdue_one(cast)
    project.milestones.exclude(title="第1步").update(due_on=date(2026, 4, 28), warn_on=date(2026, 4, 21))
    run = written(cast)

    counts = write_dispatch(run, MEETING)

    assert DispatchLine.objects.filter(run=run, ground="OVERDUE").count() > 1
    assert (counts["调度项目"], counts["已逾期"]) == (1, 1)


def test_another_office_is_not_spoken_of(cast: Cast) -> None:
    an_overdue_one(cast)
    Project.objects.update(organization=cast.elsewhere)

    assert lines(written(cast)) == []


def test_a_milestone_asked_to_be_put_off_too_late_stays_overdue(cast: Cast) -> None:
    project = an_overdue_one(cast)
    wish = Wish("milestone", "due_on", "2026-06-20", project.milestones.all()[0].pk)
    ask_change(
        project,
        kind=ChangeKind.ALTERATION,
        by=cast.head,
        version=project.version,
        reason="晚了",
        wishes=[wish],
        now=april(28),
    )

    assert lines(written(cast))[0] == ("OVERDUE", "第1步", "red", "逾期申请，已逾期 8 个工作日")


def test_a_recalled_project_may_lose_what_a_sheet_speaks_of(cast: Cast) -> None:
    project = project_at(ProjectState.DISPATCHED, cast)
    run = written(cast)
    recall_project(project, by=cast.secretariat, version=project.version, now=MEETING)
    draft = draft_of(project)
    draft.targets[0].milestones = draft.targets[0].milestones[1:]

    save_decomposition(project, draft, by=cast.secretariat, version=project.version, now=MEETING)

    assert [(line.milestone, line.milestone_title) for line in DispatchLine.objects.filter(run=run)] == [
        (None, "第1步")
    ]


def queries_for(run: CycleRun) -> int:
    with CaptureQueriesContext(connection) as captured:
        write_dispatch(run, MEETING)
    return len(captured.captured_queries)


def test_it_asks_as_often_for_three_projects_as_for_one(cast: Cast) -> None:
    says(an_overdue_one(cast), cast, "会议时间未定", asks=True, on=april(8))
    run = the_month(cast)
    one = queries_for(run)
    for _ in range(2):
        says(an_overdue_one(cast), cast, "会议时间未定", asks=True, on=april(8))
    a_draft(cast)

    assert queries_for(run) == one
    assert DispatchLine.objects.filter(run=run, ground=Ground.COORDINATION).count() == 3


@pytest.mark.parametrize("is_draft", [False, True])
def test_a_sheet_names_no_project_that_its_division_does_not_find(cast: Cast, is_draft: bool) -> None:
    """What was decided is its own; what it was said of may be a draft, or another division's where the ledger is closed."""
    project = project_at(ProjectState.DRAFT if is_draft else ProjectState.IN_PROGRESS, cast)
    if not is_draft:
        set_policy(cast.office, key="others_see_main_columns", value=False, by=cast.secretariat, now=NOW, today=TODAY)
    run = written(cast)
    matter = Resolution("行政处牵头腾出会议室", cast.outside, cast.outsider, MATTER_BY, DecisionForm.MATTER, project)
    record_decision(run, matter, by=cast.secretariat, now=MEETING)

    told = {who: decisions_of(run, getattr(cast, who), MEETING.date()) for who in ("secretariat", "outsider")}

    assert [row.decision.project for row in told["secretariat"]] == [project]
    assert [(row.decision.words, row.decision.project) for row in told["outsider"]] == [("行政处牵头腾出会议室", None)]
