"""序时 as a course: the same as the formula of the day, and each bound of lag crossed on the right day."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cppcc_office.lib.workdays import WorkCalendar
from tasks.course import Course, course_of, turnings
from tasks.pace import MilestoneFigure, PaceBounds, TargetFigure, as_reported, lag, progress, time_progress

CALENDAR = WorkCalendar()
YEAR = [date(2026, 1, 1) + timedelta(days=n) for n in range(365)]
BOUNDS = PaceBounds()
days = st.sampled_from(YEAR)


@st.composite
def targets(draw: st.DrawFn) -> TargetFigure:
    if draw(st.booleans()):
        start = draw(st.sampled_from(YEAR[:300]))
        due = start + timedelta(days=draw(st.integers(0, 60)))
        return TargetFigure(
            weight=draw(st.integers(1, 4)),
            target_value=Decimal(draw(st.integers(1, 9))),
            actual=Decimal(draw(st.integers(0, 9))),
            start_on=start,
            due_on=due,
        )
    milestones = [
        MilestoneFigure(
            weight=draw(st.integers(1, 4)),
            due_on=draw(days),
            is_done=draw(st.booleans()),
            is_reported=draw(st.booleans()),
            is_cancelled=draw(st.booleans()),
        )
        for _ in range(draw(st.integers(0, 4)))
    ]
    return TargetFigure(weight=draw(st.integers(1, 4)), milestones=milestones)


rows_of_targets = st.lists(targets(), max_size=3)


@given(rows_of_targets, days)
def test_a_course_tells_the_lag_of_any_day_as_the_formula_does(rows: list[TargetFigure], day: date) -> None:
    course = course_of(rows)

    told = None if course is None else course.lag(day, CALENDAR)

    assert told == lag(progress(map(as_reported, rows)), time_progress(rows, day, CALENDAR))


@given(rows_of_targets)
@settings(deadline=None)
def test_each_bound_is_crossed_on_the_day_that_a_walk_through_the_year_finds(rows: list[TargetFigure]) -> None:
    course = course_of(rows)
    found = turnings(course, BOUNDS, CALENDAR)
    if course is None:
        assert (found.on_pace_on, found.behind_on, found.far_behind_on) == (None, None, None)
        return

    lags = [(day, course.lag(day, CALENDAR)) for day in (date(2025, 12, 31), *YEAR)]

    assert found.behind_on == next((day for day, points in lags if points > 10), None)
    assert found.far_behind_on == next((day for day, points in lags if points > 30), None)
    ahead = [day for day, points in lags if points < -10]
    assert found.on_pace_on == (ahead[-1] + timedelta(days=1) if ahead else None)


@given(rows_of_targets)
def test_a_course_survives_being_kept(rows: list[TargetFigure]) -> None:
    course = course_of(rows)

    assert course is None or Course.from_json(course.as_json()) == course


def test_a_course_without_dates_never_turns() -> None:
    course = course_of([TargetFigure(weight=1, milestones=[MilestoneFigure(weight=1, due_on=None, is_done=False)])])

    assert course == Course(Fraction(0))
    assert turnings(course, BOUNDS, CALENDAR).behind_on is None


@pytest.mark.parametrize("missing", ["start_on", "due_on"])
def test_a_quota_without_dates_has_no_course(missing: str) -> None:
    whole = TargetFigure(weight=1, target_value=4, actual=1, start_on=YEAR[0], due_on=YEAR[200])
    lacking = replace(whole, start_on=None) if missing == "start_on" else replace(whole, due_on=None)

    assert course_of([whole]) is not None
    assert course_of([lacking]) is None
