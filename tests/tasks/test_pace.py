from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cppcc_office.lib.workdays import WorkCalendar
from tasks.pace import (
    MilestoneFigure,
    Pace,
    PaceBounds,
    TargetFigure,
    lag,
    one_decimal,
    pace_of,
    points_of,
    progress,
    progress_of_target,
    time_progress,
    time_progress_of_target,
)

CALENDAR = WorkCalendar()
MARCH, JUNE, SEPTEMBER = date(2026, 3, 31), date(2026, 6, 30), date(2026, 9, 30)

weights = st.integers(0, 100) | st.decimals(0, 100, places=2)
days = st.dates(date(2026, 1, 1), date(2026, 12, 31))
milestones = st.builds(
    MilestoneFigure, weight=weights, due_on=st.none() | days, is_done=st.booleans(), is_cancelled=st.booleans()
)
targets = st.builds(
    TargetFigure,
    weight=weights,
    milestones=st.lists(milestones, max_size=6),
    target_value=st.none() | st.integers(-1, 20),
    actual=st.none() | st.integers(-1, 40),
    start_on=st.none() | days,
    due_on=st.none() | days,
)


def milestone(
    due_on: date | None, weight: int = 1, *, is_done: bool = False, is_cancelled: bool = False
) -> MilestoneFigure:
    return MilestoneFigure(weight=weight, due_on=due_on, is_done=is_done, is_cancelled=is_cancelled)


def quota(actual: int | None, target_value: int = 4, weight: int = 1) -> TargetFigure:
    """A quota over the ten working days of 2 to 13 March 2026, counted from its start's evening."""
    return TargetFigure(
        weight=weight, target_value=target_value, actual=actual, start_on=date(2026, 2, 28), due_on=date(2026, 3, 13)
    )


def test_a_target_stands_where_its_done_weight_stands() -> None:
    target = TargetFigure(weight=1, milestones=[milestone(MARCH, 1, is_done=True), milestone(JUNE, 3)])

    share = progress_of_target(target)

    assert share == Fraction(1, 4)


def test_a_cancelled_milestone_counts_on_neither_side() -> None:
    target = TargetFigure(
        weight=1,
        milestones=[milestone(MARCH, is_done=True), milestone(JUNE), milestone(MARCH, 8, is_cancelled=True)],
    )

    share = progress_of_target(target)

    assert share == Fraction(1, 2)
    assert time_progress_of_target(target, MARCH, CALENDAR) == Fraction(1, 2)


@pytest.mark.parametrize("kept", [[], [milestone(MARCH, is_cancelled=True)], [milestone(MARCH, 0, is_done=True)]])
def test_a_target_without_weight_has_no_progress(kept: list[MilestoneFigure]) -> None:
    target = TargetFigure(weight=1, milestones=kept)

    share = progress_of_target(target)

    assert share is None
    assert time_progress_of_target(target, JUNE, CALENDAR) is None


def test_time_progress_is_the_weight_due_by_the_day_itself() -> None:
    target = TargetFigure(
        weight=1, milestones=[milestone(MARCH), milestone(JUNE), milestone(None), milestone(SEPTEMBER)]
    )

    shares = [time_progress_of_target(target, day, CALENDAR) for day in (JUNE - timedelta(days=1), JUNE)]

    assert shares == [Fraction(1, 4), Fraction(1, 2)]


@pytest.mark.parametrize(
    ("actual", "share"),
    [(None, Fraction(0)), (0, Fraction(0)), (1, Fraction(1, 4)), (4, Fraction(1)), (9, Fraction(1))],
)
def test_a_quota_is_full_at_its_target_value_and_never_fuller(actual: int | None, share: Fraction) -> None:
    target = quota(actual)

    reached = progress_of_target(target)

    assert reached == share


def test_a_quota_of_nothing_has_no_progress() -> None:
    target = quota(3, target_value=0)

    share = progress_of_target(target)

    assert share is None
    assert time_progress_of_target(target, MARCH, CALENDAR) is None


@pytest.mark.parametrize(
    ("today", "share"),
    [
        (date(2026, 2, 1), Fraction(0)),
        (date(2026, 2, 28), Fraction(0)),
        (date(2026, 3, 2), Fraction(1, 10)),
        (date(2026, 3, 8), Fraction(5, 10)),
        (date(2026, 3, 13), Fraction(1)),
        (date(2026, 12, 1), Fraction(1)),
    ],
)
def test_a_quota_should_grow_by_the_working_day(today: date, share: Fraction) -> None:
    target = quota(0)

    expected = time_progress_of_target(target, today, CALENDAR)

    assert expected == share


def test_a_quota_whose_span_has_no_working_day_is_expected_on_its_due_date() -> None:
    weekend = replace(quota(0), start_on=date(2026, 3, 7), due_on=date(2026, 3, 8))

    expected = [time_progress_of_target(weekend, day, CALENDAR) for day in (date(2026, 3, 7), date(2026, 3, 8))]

    assert expected == [0, 1]


@pytest.mark.parametrize("target", [replace(quota(1), start_on=None), replace(quota(1), due_on=None)])
def test_a_quota_without_dates_has_no_time_progress(target: TargetFigure) -> None:
    day = MARCH

    expected = time_progress_of_target(target, day, CALENDAR)

    assert expected is None


def test_a_project_is_the_weighted_mean_of_the_targets_that_have_progress() -> None:
    half = TargetFigure(weight=Decimal("1.5"), milestones=[milestone(MARCH, is_done=True), milestone(JUNE)])
    empty = TargetFigure(weight=100)

    done, expected = progress([half, quota(4), empty]), time_progress([half, quota(4), empty], MARCH, CALENDAR)

    assert done == Fraction(7, 10)
    assert expected == Fraction(7, 10)


@pytest.mark.parametrize("rows", [[], [TargetFigure(weight=1)], [quota(1, weight=0)]])
def test_a_project_with_nothing_to_divide_has_no_progress(rows: list[TargetFigure]) -> None:
    day = MARCH

    done = progress(rows)

    assert done is None
    assert time_progress(rows, day, CALENDAR) is None


def test_lag_is_in_points_and_positive_when_behind() -> None:
    done, expected = Fraction(1, 4), Fraction(1, 2)

    points = lag(done, expected)

    assert points == 25
    assert lag(None, expected) is None
    assert lag(done, None) is None


@pytest.mark.parametrize(
    ("points", "pace", "label", "light"),
    [
        (Fraction(-101, 10), Pace.AHEAD, "超序时", "green"),
        (Fraction(-10), Pace.ON, "达序时", "green"),
        (Fraction(10), Pace.ON, "达序时", "green"),
        (Fraction(101, 10), Pace.BEHIND, "欠序时", "yellow"),
        (Fraction(30), Pace.BEHIND, "欠序时", "yellow"),
        (Fraction(301, 10), Pace.FAR_BEHIND, "严重欠序时", "red"),
    ],
)
def test_a_bound_belongs_to_the_better_side(points: Fraction, pace: Pace, label: str, light: str) -> None:
    found = pace_of(points)

    assert found is pace
    assert (pace.label, pace.light) == (label, light)


def test_the_office_may_set_other_bounds() -> None:
    strict = PaceBounds(ahead=1, behind=2, far=Decimal("2.5"))

    paces = [pace_of(Fraction(points, 2), strict) for points in (-3, 4, 5, 6)]

    assert paces == [Pace.AHEAD, Pace.ON, Pace.BEHIND, Pace.FAR_BEHIND]


def test_without_progress_there_is_no_pace() -> None:
    points = lag(progress([]), time_progress([], MARCH, CALENDAR))

    pace = pace_of(points)

    assert pace is None


@pytest.mark.parametrize(
    ("share", "shown"),
    [
        (None, None),
        (Fraction(1, 3), 33.3),
        (Fraction(2, 3), 66.7),
        (Fraction(1, 2000), 0.1),
        (Fraction(1001, 2000), 50.1),
    ],
)
def test_percentages_are_shown_with_one_decimal_rounded_half_up(share: Fraction | None, shown: float | None) -> None:
    figure = points_of(share)

    assert figure == shown


def test_points_below_zero_are_rounded_as_those_above() -> None:
    points = Fraction(9, 4)

    shown = one_decimal(-points)

    assert shown == -one_decimal(points) == -2.3


@given(st.lists(targets, max_size=5), days)
def test_progress_and_time_progress_lie_between_nothing_and_all(rows: list[TargetFigure], today: date) -> None:
    shares = [progress(rows), time_progress(rows, today, CALENDAR)]

    assert all(share is None or 0 <= share <= 1 for share in shares)


@given(st.lists(targets, max_size=5), days, days)
def test_time_progress_never_goes_back(rows: list[TargetFigure], one: date, other: date) -> None:
    earlier, later = sorted((one, other))

    before, after = time_progress(rows, earlier, CALENDAR), time_progress(rows, later, CALENDAR)

    assert (before is None) == (after is None)
    assert before is None or after is None or before <= after


@given(st.lists(milestones, min_size=1, max_size=6), st.data())
def test_finishing_a_milestone_never_lowers_progress(rows: list[MilestoneFigure], data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(rows) - 1))
    finished = [replace(row, is_done=True) if n == place else row for n, row in enumerate(rows)]

    before = progress([TargetFigure(weight=1, milestones=rows)])
    after = progress([TargetFigure(weight=1, milestones=finished)])

    assert (before is None) == (after is None)
    assert before is None or after is None or before <= after


@given(st.fractions(-100, 100), st.fractions(-100, 100))
def test_a_larger_lag_is_never_a_better_pace(one: Fraction, other: Fraction) -> None:
    smaller, larger = sorted((one, other))
    order: list[Pace | None] = [Pace.AHEAD, Pace.ON, Pace.BEHIND, Pace.FAR_BEHIND]

    paces = order.index(pace_of(smaller)), order.index(pace_of(larger))

    assert paces[0] <= paces[1]


@given(st.fractions(-100, 100))
def test_what_is_shown_is_within_half_a_tenth(points: Fraction) -> None:
    shown = Fraction(str(one_decimal(points)))

    assert abs(shown - points) <= Fraction(1, 20)
