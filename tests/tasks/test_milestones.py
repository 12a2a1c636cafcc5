"""Reports of milestones: the head's share, what the office's policies change, what a return clears, lateness, bulk."""

from datetime import date, datetime, timedelta

import pytest

from accounts.actions.policies import set_policy
from accounts.models import Event
from tasks.actions import milestone
from tasks.enums import MilestoneState, ProjectState
from tests.cast import NOW, SHANGHAI, TODAY, make_cast
from tests.tasks.company import MILESTONE_ACTS, advance, milestone_at, node_of
from tests.walks import project_at

pytestmark = pytest.mark.django_db


def at(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 10, tzinfo=SHANGHAI)


def test_the_heads_own_report_goes_straight_to_verification() -> None:
    cast = make_cast()

    node = advance(milestone_at(MilestoneState.PENDING, cast), "report", cast.head)

    assert (node.state, node.reported_on) == (MilestoneState.REPORTED, TODAY)
    assert (node.reported_by, node.agreed_by) == (cast.head, cast.head)
    assert node.started_at == NOW
    assert "送督办处核实" in Event.objects.filter(project_id=node.project_id)[0].words


def test_the_division_s_clock_stops_when_the_report_leaves_it() -> None:
    cast = make_cast()
    node = milestone_at(MilestoneState.IN_PROGRESS, cast)

    with_head = advance(node, "report", cast.staff)
    left = advance(node, "agree", cast.head, now=NOW + timedelta(days=1))

    assert (with_head.state, with_head.reported_on) == (MilestoneState.AWAITING_HEAD, None)
    assert (left.state, left.reported_on) == (MilestoneState.REPORTED, TODAY + timedelta(days=1))


def test_where_heads_are_not_asked_a_report_goes_straight_to_verification() -> None:
    cast = make_cast()
    set_policy(cast.office, key="head_reviews", value=False, by=cast.secretariat, now=NOW, today=TODAY)

    node = advance(milestone_at(MilestoneState.PENDING, cast), "report", cast.staff)

    assert (node.state, node.reported_on, node.agreed_by) == (MilestoneState.REPORTED, TODAY, None)


def test_where_the_heads_agreement_counts_it_is_done() -> None:
    cast = make_cast()
    set_policy(cast.office, key="head_agreement_counts", value=True, by=cast.secretariat, now=NOW, today=TODAY)
    node = milestone_at(MilestoneState.AWAITING_HEAD, cast)

    node = advance(node, "agree", cast.head)

    assert (node.state, node.done_by, node.done_on, node.reported_on) == (MilestoneState.DONE, cast.head, TODAY, TODAY)
    assert "按规定视为核实" in Event.objects.filter(project_id=node.project_id)[0].words


def test_the_heads_own_report_never_counts_as_verified() -> None:
    cast = make_cast()
    set_policy(cast.office, key="head_agreement_counts", value=True, by=cast.secretariat, now=NOW, today=TODAY)

    node = advance(milestone_at(MilestoneState.PENDING, cast), "report", cast.head)

    assert node.state == MilestoneState.REPORTED


@pytest.mark.parametrize(("name", "by"), [("send_back_by_head", "head"), ("send_back", "secretariat")])
def test_a_milestone_sent_back_has_no_report_and_its_clock_runs(name: str, by: str) -> None:
    cast = make_cast()
    node = milestone_at(MILESTONE_ACTS[name].at, cast)

    node = advance(node, name, getattr(cast, by))

    assert (node.state, node.reported_at, node.reported_by, node.reported_on) == (
        MilestoneState.IN_PROGRESS,
        None,
        None,
        None,
    )
    assert (node.agreed_at, node.agreed_by, node.entered_for) == (None, None, False)
    assert node.return_count == (1 if name == "send_back" else 0)


def test_a_milestone_done_late_says_so() -> None:
    cast = make_cast()
    node = milestone_at(MilestoneState.PENDING, cast)
    node = advance(node, "report", cast.head, now=at(date(2026, 4, 27)))  # due on 20 April

    advance(node, "confirm", cast.secretariat, now=at(date(2026, 4, 28)))

    assert Event.objects.filter(project_id=node.project_id)[0].words == "核实节点“第1步”完成，逾期 7 天"


def test_many_milestones_are_confirmed_at_once_and_the_others_told_why() -> None:
    cast = make_cast()
    row = project_at(ProjectState.IN_PROGRESS, cast)
    first, second = (node_of(pk) for pk in row.milestones.values_list("pk", flat=True))
    for node in (first, second):
        advance(node, "report", cast.head)
    other = milestone_at(MilestoneState.PENDING, cast)
    moved = advance(milestone_at(MilestoneState.PENDING, cast), "report", cast.head)
    nodes = [node_of(node.pk) for node in (first, second, other, moved)]
    shown = [(node, node.project.version - (1 if node.pk == moved.pk else 0)) for node in nodes]

    outcome = milestone.confirm_milestones(shown, by=cast.secretariat, now=NOW)

    assert [node.pk for node in outcome.done] == [first.pk, second.pk]
    assert [(node.pk, bars) for node, bars in outcome.left] == [
        (other.pk, ["未开始的节点不能核实"]),
        (moved.pk, ["您打开此页后有人改过，请刷新后再核实"]),
    ]
    assert {node_of(pk).state for pk in (first.pk, second.pk)} == {MilestoneState.DONE}
