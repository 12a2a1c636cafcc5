from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from cppcc_office.lib.workdays import WorkCalendar
from tasks.spreading import spread_dates

CALENDAR = WorkCalendar()
starts = st.dates(date(2024, 1, 1), date(2027, 12, 31))


def test_steps_are_as_many_working_days_apart() -> None:
    start, due = date(2026, 3, 2), date(2026, 3, 17)

    dates = spread_dates(start, due, 3, CALENDAR)

    assert dates == [date(2026, 3, 6), date(2026, 3, 11), due]


def test_the_last_step_keeps_a_due_date_on_a_holiday() -> None:
    start, due = date(2026, 9, 21), date(2026, 10, 4)

    dates = spread_dates(start, due, 2, CALENDAR)

    assert dates == [date(2026, 9, 24), due]


def test_more_steps_than_days_share_days() -> None:
    start, due = date(2026, 3, 2), date(2026, 3, 3)

    dates = spread_dates(start, due, 5, CALENDAR)

    assert dates == [start, start, due, due, due]


def test_without_a_working_day_between_every_step_is_due_at_the_end() -> None:
    saturday, sunday = date(2026, 3, 7), date(2026, 3, 8)

    dates = spread_dates(saturday, sunday, 3, CALENDAR)

    assert dates == [sunday, sunday, sunday]


def test_a_due_date_before_the_start_is_kept_for_people_to_mend() -> None:
    start, due = date(2026, 3, 9), date(2026, 3, 2)

    dates = spread_dates(start, due, 2, CALENDAR)

    assert dates == [due, due]


def test_no_steps_have_no_dates() -> None:
    start, due = date(2026, 3, 2), date(2026, 3, 31)

    dates = spread_dates(start, due, 0, CALENDAR)

    assert dates == []


@given(starts, st.integers(0, 400), st.integers(1, 30))
def test_steps_follow_each_other_on_working_days_up_to_the_due_date(start: date, length: int, n: int) -> None:
    due = start + timedelta(days=length)

    dates = spread_dates(start, due, n, CALENDAR)

    assert len(dates) == n
    assert dates[-1] == due
    assert dates == sorted(dates)
    assert start <= dates[0]
    has_workday = CALENDAR.on_or_after(start) <= due
    assert all(CALENDAR.is_workday(day) for day in dates[:-1]) or not has_workday


@given(starts, st.integers(0, 400), st.integers(1, 30))
def test_gaps_differ_by_one_working_day_at_most(start: date, length: int, n: int) -> None:
    due = start + timedelta(days=length)

    dates = [CALENDAR.on_or_after(start), *spread_dates(start, due, n, CALENDAR)]

    gaps = [CALENDAR.count(one, other) for one, other in zip(dates, dates[1:], strict=False)]
    assert max(gaps) - min(gaps) <= 1 or dates[0] > due
