"""Whose turn it is, since when, and against which clock."""

from datetime import date

import pytest

from tasks.enums import MilestoneState, ProjectState
from tasks.models import Milestone, Project
from tasks.queries.lights import for_lights, ground_of
from tasks.queries.turns import Turn, turn_on, turns_of
from tests.cast import TODAY, Cast, make_cast
from tests.tasks.company import advance, finished, milestone_at, node_of
from tests.walks import project_at

pytestmark = pytest.mark.django_db


def turns_on(row: Project, day: date = TODAY) -> list[Turn]:
    return turns_of(for_lights(Project.objects.filter(pk=row.pk)).get(), ground_of(row.organization_id, day))


def summary(turns: list[Turn]) -> list[tuple[str, str, int | None]]:
    return [(turn.kind, turn.whom, turn.limit) for turn in turns]


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        (ProjectState.DRAFT, [("dispatch", "督办处", None)]),
        (ProjectState.DISPATCHED, [("receive", "经济委办公室", 2)]),
        (ProjectState.IN_PROGRESS, [("work", "经济委办公室", None), ("work", "经济委办公室", None)]),
        (ProjectState.CLOSE_OUT_REQUESTED, [("accept", "督办处", 5)]),
        (ProjectState.CLOSED, []),
    ],
)
def test_each_state_of_a_project_is_somebodys_turn(
    state: ProjectState, expected: list[tuple[str, str, int | None]]
) -> None:
    row = project_at(state, make_cast())

    assert summary(turns_on(row)) == expected


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        (MilestoneState.PENDING, ("work", "经济委办公室", None)),
        (MilestoneState.IN_PROGRESS, ("work", "经济委办公室", None)),
        (MilestoneState.AWAITING_HEAD, ("agree", "经济委办公室负责人", None)),
        (MilestoneState.REPORTED, ("confirm", "督办处", 5)),
    ],
)
def test_each_state_of_a_milestone_is_somebodys_turn(
    state: MilestoneState, expected: tuple[str, str, int | None]
) -> None:
    node = milestone_at(state, make_cast())
    other = ("work", "经济委办公室", None)

    turns = turns_on(node.project)

    assert sorted(summary(turns), key=str) == sorted([expected, other], key=str)
    assert turns[0].milestone == node
    single = turn_on(node, ground_of(node.organization_id, TODAY))
    assert single is not None
    assert (single.kind, single.whom, single.limit) == expected


def test_a_milestone_that_is_done_is_nobodys_turn() -> None:
    node = milestone_at(MilestoneState.DONE, make_cast())

    assert turn_on(node, ground_of(node.organization_id, TODAY)) is None


def test_when_every_milestone_is_done_the_lead_asks_for_the_close_out() -> None:
    row = finished(make_cast())

    assert summary(turns_on(row)) == [("request_close_out", "经济委办公室", None)]


def test_cancelled_milestones_are_nobodys_turn() -> None:
    row = project_at(ProjectState.IN_PROGRESS, make_cast())
    row.milestones.update(state=MilestoneState.CANCELLED)  # change requests lead here

    assert turns_on(row) == []


def led_by_supervising(cast: Cast, state: ProjectState) -> Project:
    return project_at(state, cast, lead=cast.supervising)


def test_what_the_supervising_division_leads_waits_for_a_leader() -> None:
    cast = make_cast()
    asked = led_by_supervising(cast, ProjectState.CLOSE_OUT_REQUESTED)
    running = led_by_supervising(cast, ProjectState.IN_PROGRESS)
    advance(node_of(running.milestones.all()[0].pk), "report", cast.supervising_head)

    assert summary(turns_on(asked)) == [("accept", "领导", 5)]
    assert summary(turns_on(running))[0] == ("confirm", "领导", 5)


def test_its_milestone_in_anothers_project_waits_for_a_leader() -> None:
    cast = make_cast()
    row = project_at(ProjectState.IN_PROGRESS, cast)
    first = row.milestones.all()[0]
    Milestone.objects.filter(pk=first.pk).update(division=cast.supervising)
    advance(first, "report", cast.supervising_head)

    assert summary(turns_on(row))[0] == ("confirm", "领导", 5)


@pytest.mark.parametrize(
    ("day", "is_late"),
    [(date(2026, 3, 4), False), (date(2026, 3, 11), False), (date(2026, 3, 12), True)],
)
def test_the_secretariats_own_clock_runs_from_the_request(day: date, is_late: bool) -> None:
    """Asked for on Wednesday 4 March: to be verified within five working days, by Wednesday 11."""
    row = project_at(ProjectState.CLOSE_OUT_REQUESTED, make_cast())

    (turn,) = turns_on(row, day)

    assert (turn.since, turn.due_on) == (TODAY, date(2026, 3, 11))
    assert turn.is_late == is_late


def test_work_is_pressing_by_its_due_date_and_verifying_goes_first() -> None:
    cast = make_cast()
    row = project_at(ProjectState.IN_PROGRESS, cast)
    second = row.milestones.all()[1]
    advance(second, "report", cast.head)

    turns = turns_on(row)

    assert [(turn.kind, turn.milestone.title if turn.milestone else "") for turn in turns] == [
        ("confirm", "第2步"),
        ("work", "第1步"),
    ]
    assert turns[1].due_on == date(2026, 4, 20)
