"""议定事项: what the meeting decided becomes a matter or a milestone, and what cannot be is refused with all reasons."""

from dataclasses import replace
from datetime import date

import pytest

from accounts.models import Event
from cppcc_office.lib.errors import Refused
from supervision.cycles.actions.decisions import Resolution, bars_to_record, meeting_name, record_decision
from supervision.cycles.actions.dispatching import write_dispatch
from supervision.cycles.enums import Cycle, DecisionForm, RunState
from supervision.cycles.models import CycleRule, CycleRun, Decision
from supervision.cycles.queries.dispatching import decisions_of
from supervision.notifications.channels.words import instructed
from tasks.actions.changes.asking import withdraw_change
from tasks.actions.changes.deciding import agree_change
from tasks.actions.decomposition import delete_draft
from tasks.enums import ChangeKind, ChangeState, ProjectState
from tasks.models import ChangeRequest, Plan, Project
from tests.cast import Cast, make_cast
from tests.supervision.cycles.monthly import MEETING, MEETING_DAY, an_overdue_one, the_month, written
from tests.tasks.changing import asked
from tests.walks import a_plan, a_source, project_at

pytestmark = pytest.mark.django_db

DUE = date(2026, 5, 29)
MATTER, MILESTONE = DecisionForm.MATTER, DecisionForm.MILESTONE


@pytest.fixture
def cast() -> Cast:
    return make_cast()


@pytest.fixture
def run(cast: Cast) -> CycleRun:
    a_plan(cast)
    return the_month(cast)


def decided(cast: Cast, form: DecisionForm = MATTER, project: Project | None = None) -> Resolution:
    return Resolution("研究室牵头拟出联系委员办法", cast.lead, cast.staff, DUE, form, project)


def test_a_matter_is_dispatched_at_once_and_names_the_meeting(cast: Cast, run: CycleRun) -> None:
    decision, left = record_decision(run, decided(cast), by=cast.secretariat, now=MEETING)

    assert left == []
    assert decision.follow_up is not None
    follow_up = Project.objects.get(pk=decision.follow_up.pk)
    source = follow_up.key_task.sources.get()
    assert (follow_up.state, follow_up.due_on, follow_up.person) == (ProjectState.DISPATCHED, DUE, cast.staff)
    assert (source.source_class.name, source.name) == ("重要会议议定事项", "2026年4月调度会")
    assert Event.objects.filter(verb="record_decision").count() == 1


def test_the_meeting_bears_the_offices_own_word(cast: Cast, run: CycleRun) -> None:
    CycleRule.objects.update_or_create(
        organization=cast.office,
        cycle=Cycle.MONTHLY,
        defaults={"label": "月小结", "active_from": MEETING, "anchor": "FROM_END", "nth": 1, "at": "09:00"},
    )

    assert meeting_name(run) == "2026年4月小结会"


def test_what_is_decided_of_an_instruction_leaves_by_number_only(cast: Cast, run: CycleRun) -> None:
    project = an_overdue_one(cast)
    project.key_task.sources.add(a_source(cast, "领导同志批示"))

    decision, _ = record_decision(run, decided(cast, MATTER, project), by=cast.secretariat, now=MEETING)

    assert instructed([decision.follow_up_id]) == {decision.follow_up_id}


def test_a_milestone_is_asked_for_and_somebody_else_decides(cast: Cast, run: CycleRun) -> None:
    project = an_overdue_one(cast)
    resolution = decided(cast, MILESTONE, project)

    decision, _ = record_decision(run, resolution, by=cast.secretariat, now=MEETING)

    change = ChangeRequest.objects.get(project=project)
    assert decision.change == change
    assert (change.kind, change.state, change.asked_by) == (ChangeKind.ALTERATION, ChangeState.ASKED, cast.secretariat)
    assert "2026年4月调度会议定" in change.reason
    assert not project.milestones.filter(title=resolution.words).exists()
    row = decisions_of(run, cast.secretariat, MEETING_DAY)[0]
    assert (row.became, row.state, row.is_open) == ("申请增加节点", "待决定", True)

    project.refresh_from_db()
    with pytest.raises(Refused):
        agree_change(change, by=cast.secretariat, version=project.version, now=MEETING)
    agree_change(change, by=cast.second_secretariat, version=project.version, now=MEETING)

    added = project.milestones.get(title=resolution.words)
    assert (added.division, added.person, added.due_on) == (cast.lead, cast.staff, DUE)
    row = decisions_of(run, cast.secretariat, MEETING_DAY)[0]
    assert (row.became, row.state, row.is_open) == ("已增加节点", "未开始", False)


def test_it_stands_on_the_timeline_of_the_project_spoken_of(cast: Cast, run: CycleRun) -> None:
    project = an_overdue_one(cast)
    before = project.version

    record_decision(run, decided(cast, MATTER, project), by=cast.secretariat, now=MEETING)

    event = Event.objects.get(verb="record_decision")
    project.refresh_from_db()
    assert event.project_id == project.pk
    assert "吴科员，2026-05-29前；另立事项交办" in event.words
    assert project.version == before + 1


def test_decisions_outlive_a_second_run_of_the_month(cast: Cast) -> None:
    project = an_overdue_one(cast)
    run = written(cast)
    record_decision(run, decided(cast, MATTER, project), by=cast.secretariat, now=MEETING)

    write_dispatch(run, MEETING)

    assert Decision.objects.get(run=run).project == project


@pytest.mark.parametrize("who", ["leader", "head", "assessor", "foreign_secretariat", "stranger"])
def test_only_the_secretariat_records(cast: Cast, run: CycleRun, who: str) -> None:
    with pytest.raises(Refused, match="只有督办人员"):
        record_decision(run, decided(cast), by=getattr(cast, who), now=MEETING)

    assert not Decision.objects.exists()
    assert not Project.objects.exists()


def test_a_closed_month_takes_no_more_decisions(cast: Cast, run: CycleRun) -> None:
    CycleRun.objects.filter(pk=run.pk).update(closed_at=MEETING, closed_by=cast.secretariat)

    with pytest.raises(Refused, match="已办结"):
        record_decision(run, decided(cast), by=cast.secretariat, now=MEETING)


def test_before_the_sheet_is_made_nothing_is_decided(cast: Cast, run: CycleRun) -> None:
    CycleRun.objects.filter(pk=run.pk).update(state=RunState.DUE, finished_at=None)

    with pytest.raises(Refused, match="还没有运行"):
        record_decision(run, decided(cast), by=cast.secretariat, now=MEETING)


def test_everything_wrong_is_told_at_once(cast: Cast, run: CycleRun) -> None:
    Plan.objects.all().delete()
    wrong = replace(decided(cast), words=" ", person=cast.outsider, due_on=date(2026, 4, 29))

    bars = bars_to_record(run, wrong, user=cast.head, today=MEETING_DAY)

    assert bars == [
        "只有督办人员可以记录议定事项",
        "请写明议定事项",
        "赵科员不在经济委办公室任职，请重新选择责任人",
        "完成时限 2026-04-29 已过，请改为今天或以后",
        "2026 年还没有年度任务计划，不能另立事项，请先建立",
    ]


def test_the_same_is_not_recorded_twice_unless_it_was_taken_back(cast: Cast, run: CycleRun) -> None:
    project = an_overdue_one(cast)
    resolution = decided(cast, MILESTONE, project)
    decision, _ = record_decision(run, resolution, by=cast.secretariat, now=MEETING)

    with pytest.raises(Refused, match="已记录过同样的议定事项"):
        record_decision(run, resolution, by=cast.secretariat, now=MEETING)
    assert decision.change is not None
    decision.change.project.refresh_from_db()
    version = decision.change.project.version
    withdraw_change(decision.change, by=cast.secretariat, version=version, now=MEETING)
    record_decision(run, resolution, by=cast.secretariat, now=MEETING)

    assert [row.state for row in decisions_of(run, cast.secretariat, MEETING_DAY)] == ["已撤回", "待决定"]


def test_a_milestone_needs_a_project_that_can_be_altered(cast: Cast, run: CycleRun) -> None:
    pending, closed = an_overdue_one(cast), project_at(ProjectState.CLOSED, cast)
    asked(pending, cast)

    def bars(project: Project | None, **changed: object) -> str:
        resolution = replace(decided(cast, MILESTONE, project), **changed)  # type: ignore[arg-type]  # named by the test
        return "；".join(bars_to_record(run, resolution, user=cast.secretariat, today=MEETING_DAY))

    assert "增加节点要写明是哪个项目" in bars(None)
    assert "已有待决定的延期申请" in bars(pending)
    assert "已销号的项目不能申请调整" in bars(closed)
    late = bars(an_overdue_one(cast), due_on=date(2026, 12, 1))
    assert "晚于项目完成时限 2026-09-30" in late


def test_a_project_of_another_office_is_no_place_for_a_milestone(cast: Cast, run: CycleRun) -> None:
    project = an_overdue_one(cast)
    Project.objects.filter(pk=project.pk).update(organization=cast.elsewhere)
    project.refresh_from_db()

    bars = bars_to_record(run, decided(cast, MILESTONE, project), user=cast.secretariat, today=MEETING_DAY)

    assert bars == ["增加节点要写明是哪个项目；不属于现有项目的，请另立事项交办"]


def test_a_division_reads_of_the_decisions_its_own(cast: Cast, run: CycleRun) -> None:
    record_decision(run, decided(cast), by=cast.secretariat, now=MEETING)
    other = replace(decided(cast), division=cast.assisting, person=cast.co_staff)
    record_decision(run, other, by=cast.secretariat, now=MEETING)

    read = {
        who: [row.number for row in decisions_of(run, getattr(cast, who), MEETING_DAY)]
        for who in ("secretariat", "leader", "head", "co_head", "outsider", "foreign_leader")
    }

    assert read == {
        "secretariat": [1, 2],
        "leader": [1, 2],
        "head": [1],
        "co_head": [2],
        "outsider": [],
        "foreign_leader": [],
    }


def test_a_draft_that_a_decision_became_is_not_deleted(cast: Cast, run: CycleRun) -> None:
    decision, _ = record_decision(run, decided(cast), by=cast.secretariat, now=MEETING)
    assert decision.follow_up is not None
    follow_up = Project.objects.get(pk=decision.follow_up.pk)
    Project.objects.filter(pk=follow_up.pk).update(state=ProjectState.DRAFT, number="")
    follow_up.revisions.all().delete()
    follow_up.refresh_from_db()

    with pytest.raises(Refused, match="由会议议定"):
        delete_draft(follow_up, by=cast.secretariat, version=follow_up.version, now=MEETING)

    assert decisions_of(run, cast.secretariat, MEETING_DAY)[0].state == "尚未交办"
