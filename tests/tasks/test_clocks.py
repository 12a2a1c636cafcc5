"""Whose clock stops when: the division's at its report or request, the verifier's after its last working day."""

from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest

from tasks.actions import close_out
from tasks.enums import Effect, MilestoneState, ProjectState
from tasks.models import Milestone, Project
from tasks.queries.lights import ProjectView, for_lights, ground_of, view_of
from tasks.queries.turns import Turn, turns_of
from tests.cast import NOW, TODAY, Cast, make_cast
from tests.tasks.company import advance, finished, milestone_at
from tests.walks import project_at

pytestmark = pytest.mark.django_db


def view(project: Project, today: date) -> ProjectView:
    loaded = for_lights(Project.objects.filter(pk=project.pk)).get()
    return view_of(loaded, ground_of(project.organization_id, today))


def first_turn(project: Project, today: date) -> Turn:
    loaded = for_lights(Project.objects.filter(pk=project.pk)).get()
    return turns_of(loaded, ground_of(project.organization_id, today))[0]


def close(cast: Cast, project: Project, *, asked: datetime, accepted: datetime) -> None:
    close_out.request_close_out(project, by=cast.head, version=project.version, summary="完成", files=[], now=asked)
    close_out.accept_close_out(
        project, by=cast.second_secretariat, version=project.version, effect=Effect.GOOD, now=accepted
    )


@pytest.mark.parametrize(("days_left", "why"), [(3, ""), (-8, "逾期 8 天完成")])
def test_a_closed_project_is_late_by_its_request_and_not_by_its_verification(days_left: int, why: str) -> None:
    cast = make_cast()
    project = finished(cast)
    due_on = TODAY + timedelta(days=days_left)
    Project.objects.filter(pk=project.pk).update(start_on=date(2026, 1, 1), due_on=due_on, warn_on=due_on)
    project.refresh_from_db()

    close(cast, project, asked=NOW, accepted=NOW + timedelta(days=20))

    light = view(project, TODAY + timedelta(days=30)).light
    assert (light.code, light.why) == ("done", why)


# 2026-03-04 is a Wednesday: the fifth working day after it is Wednesday the 11th.
@pytest.mark.parametrize(
    ("today", "day", "is_late"),
    [
        (date(2026, 3, 4), 1, False),
        (date(2026, 3, 5), 1, False),
        (date(2026, 3, 11), 5, False),
        (date(2026, 3, 12), 6, True),
    ],
)
def test_the_verifiers_clock_is_over_after_its_last_day(today: date, day: int, is_late: bool) -> None:
    cast = make_cast()
    asked = project_at(ProjectState.CLOSE_OUT_REQUESTED, cast)
    node = milestone_at(MilestoneState.REPORTED, cast)

    for turn in (first_turn(asked, today), first_turn(node.project, today)):
        assert (turn.day, turn.is_late, turn.due_on) == (day, is_late, date(2026, 3, 11))
    assert view(node.project, today).milestone_lights[node.pk].why == f"第 {day} 天 · 限 5 天"


def test_what_waits_for_verification_is_no_lag_of_the_division() -> None:
    cast = make_cast()
    node = milestone_at(MilestoneState.REPORTED, cast)
    Milestone.objects.filter(pk=node.pk).update(due_on=TODAY, warn_on=TODAY)

    shown = view(node.project, TODAY)

    assert (shown.progress, shown.time_progress, shown.lag) == (0, 50, 0)
    assert shown.light.code == "blue"


def test_sent_back_it_is_a_lag_again_from_its_due_date() -> None:
    cast = make_cast()
    node = milestone_at(MilestoneState.REPORTED, cast)
    Milestone.objects.filter(pk=node.pk).update(due_on=TODAY, warn_on=TODAY)

    node = advance(node, "send_back", cast.secretariat, now=NOW + timedelta(days=1))

    shown = view(node.project, TODAY + timedelta(days=1))
    assert (shown.lag, shown.light.code) == (50, "red")
    assert shown.milestone_lights[node.pk].why == "逾期 1 个工作日"


@pytest.mark.parametrize(
    ("unit", "quota", "actual", "wanted", "progress"),
    [("次", 2, Decimal(3), Decimal(6), 50.0), ("%", 90, Decimal(31), Decimal(90), 34.4)],
)
def test_a_quota_is_wanted_in_every_period_of_the_project(
    unit: str, quota: int, actual: Decimal, wanted: Decimal, progress: float
) -> None:
    """2026-03-04 to 2026-09-30 touches three quarters; what is more in one makes up for nothing in another."""
    cast = make_cast()
    project = project_at(ProjectState.IN_PROGRESS, cast)
    target = project.targets.get()
    target.unit, target.target_value, target.quota_period = unit, Decimal(quota), "quarter"
    target.save(update_fields=["unit", "target_value", "quota_period"])
    for day, value in ((date(2026, 3, 5), 95), (date(2026, 4, 2), 1), (date(2026, 5, 6), 0), (date(2026, 5, 7), 3)):
        if unit == "%" or day < date(2026, 5, 1):
            target.counts.create(on=day, value=value, by=cast.staff, recorded_at=NOW)

    shown = view(project, date(2026, 5, 7))

    amount = shown.counted_of[target.pk]
    assert (amount.actual, amount.wanted, shown.progress) == (actual, wanted, progress)
