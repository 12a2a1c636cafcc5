"""Periods and their due dates, over whole years and at every edge of a year."""

from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cppcc_office.lib.workdays import WorkCalendar
from supervision.cycles.enums import Anchor, Cycle
from supervision.cycles.periods import (
    DEFAULTS,
    SHANGHAI,
    Due,
    Timing,
    due_between,
    due_of,
    next_dues,
    period_of,
)
from tests.supervision.cycles.naive import dates_by_hand

STATUTE = WorkCalendar()
WEEK_OFF = WorkCalendar({date(2026, 11, 16) + timedelta(days=n): False for n in range(5)})
# Years the calendar knows, a leap day, and years it does not know.
YEARS = (2023, 2030)


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def due(cycle: Cycle, day: str, calendar: WorkCalendar = STATUTE) -> Due:
    found = due_of(DEFAULTS[cycle], period_of(cycle, date.fromisoformat(day)), calendar)
    assert found is not None
    return found


@pytest.mark.parametrize("cycle", Cycle)
@pytest.mark.parametrize("calendar", [STATUTE, WEEK_OFF], ids=["statute", "week-off"])
def test_every_due_date_of_eight_years_is_the_one_counted_by_hand(cycle: Cycle, calendar: WorkCalendar) -> None:
    by_hand = dates_by_hand(cycle, *YEARS, calendar)

    until = max(by_hand.values())
    found = due_between(DEFAULTS[cycle], since=min(by_hand.values()), until=until, calendar=calendar)

    assert {row.period.starts_on: row.at for row in found} == by_hand


@pytest.mark.parametrize(
    ("cycle", "day", "name"),
    [
        (Cycle.DAILY, "2028-02-29", "2028年2月29日"),
        (Cycle.WEEKLY, "2026-11-22", "2026年第47周（11月16日—22日）"),
        (Cycle.WEEKLY, "2026-10-01", "2026年第40周（9月28日—10月4日）"),
        (Cycle.WEEKLY, "2027-01-03", "2026年第53周（12月28日—2027年1月3日）"),
        (Cycle.WEEKLY, "2025-12-29", "2026年第1周（2025年12月29日—1月4日）"),
        (Cycle.MONTHLY, "2026-11-30", "2026年11月"),
        (Cycle.QUARTERLY, "2026-09-30", "2026年第三季度"),
        (Cycle.HALF_YEARLY, "2026-06-30", "2026年上半年"),
        (Cycle.HALF_YEARLY, "2026-07-01", "2026年下半年"),
        (Cycle.YEARLY, "2026-12-31", "2026年度"),
    ],
)
def test_a_period_is_called_as_the_office_calls_it(cycle: Cycle, day: str, name: str) -> None:
    assert period_of(cycle, date.fromisoformat(day)).name == name


@given(cycle=st.sampled_from(list(Cycle)), day=st.dates(date(1990, 1, 1), date(2090, 12, 31)))
def test_periods_follow_each_other_without_gap(cycle: Cycle, day: date) -> None:
    period = period_of(cycle, day)

    assert period.starts_on <= day <= period.ends_on
    assert period.next.starts_on == period.ends_on + timedelta(days=1)
    assert period.next.previous == period
    assert all(period_of(cycle, edge) == period for edge in (period.starts_on, period.ends_on))


def test_national_day_shifts_week_month_and_quarter_and_says_why() -> None:
    before, during, quarter = (
        due(Cycle.WEEKLY, "2026-09-28"),
        due(Cycle.WEEKLY, "2026-10-05"),
        due(Cycle.QUARTERLY, "2026-09-30"),
    )

    assert (before.at, before.reasons) == (moment("2026-09-30T16:00"), ("10月1日至7日国庆节放假",))
    assert (during.at, during.reasons) == (moment("2026-10-10T16:00"), ("10月10日（周六）调休上班",))
    assert quarter.at == moment("2026-10-10T09:00")
    assert quarter.reasons == ("10月1日至7日国庆节放假", "10月10日（周六）调休上班")
    assert quarter.plain_on == date(2026, 10, 5)


def test_two_holidays_that_meet_are_one_reason() -> None:
    reasons = due(Cycle.QUARTERLY, "2028-09-30").reasons

    assert reasons == ("9月30日至10月4日国庆节、中秋节放假",)


def test_a_date_that_no_holiday_moves_gives_no_reason() -> None:
    assert due(Cycle.WEEKLY, "2026-11-16").reasons == ()
    assert not due(Cycle.WEEKLY, "2026-11-16").is_shifted


def test_a_day_off_by_the_offices_own_correction_is_said_so() -> None:
    found = due(Cycle.WEEKLY, "2026-11-16", WorkCalendar({date(2026, 11, 20): False}))

    assert (found.at, found.reasons) == (moment("2026-11-19T16:00"), ("11月20日放假",))


def test_a_week_without_a_working_day_is_skipped() -> None:
    timing = DEFAULTS[Cycle.WEEKLY]

    found = next_dues(timing, after=moment("2026-11-13T16:00"), count=1, calendar=WEEK_OFF)

    assert due_of(timing, period_of(Cycle.WEEKLY, date(2026, 11, 18)), WEEK_OFF) is None
    assert [row.at for row in found] == [moment("2026-11-27T16:00")]


def test_a_day_that_is_not_worked_has_no_watch_and_a_worked_weekend_has_one() -> None:
    timing = DEFAULTS[Cycle.DAILY]
    found = next_dues(timing, after=moment("2026-10-09T08:30"), count=2, calendar=STATUTE)

    assert [row.at for row in found] == [moment("2026-10-10T08:30"), moment("2026-10-12T08:30")]
    assert found[0].reasons == ("10月10日（周六）调休上班",)


def test_the_reminder_of_a_week_comes_the_working_day_before() -> None:
    assert due(Cycle.WEEKLY, "2026-11-16").remind_at == moment("2026-11-19T09:00")
    assert due(Cycle.WEEKLY, "2026-10-05").remind_at == moment("2026-10-09T09:00")


def test_the_reminder_of_a_week_with_one_working_day_comes_when_its_work_begins() -> None:
    only_friday = WorkCalendar({date(2026, 11, 16) + timedelta(days=n): False for n in range(4)})

    assert due(Cycle.WEEKLY, "2026-11-16", only_friday).remind_at == moment("2026-11-20T08:30")


def test_a_reminder_that_would_come_with_the_run_does_not_come() -> None:
    only_friday = WorkCalendar({date(2026, 11, 16) + timedelta(days=n): False for n in range(4)})
    timing = Timing(Cycle.WEEKLY, Anchor.FROM_END, 1, time(8, 0), 1)

    found = due_of(timing, period_of(Cycle.WEEKLY, date(2026, 11, 16)), only_friday)

    assert found is not None
    assert found.remind_at is None


def test_the_reminder_of_a_quarter_may_come_in_the_quarter_itself() -> None:
    timing = Timing(Cycle.QUARTERLY, Anchor.AFTER_END, 1, time(9), 3)

    found = due_of(timing, period_of(Cycle.QUARTERLY, date(2026, 6, 30)), STATUTE)

    assert found is not None
    assert (found.at, found.remind_at) == (moment("2026-07-01T09:00"), moment("2026-06-26T09:00"))


@pytest.mark.parametrize(
    ("cycle", "day", "is_estimated"),
    [
        (Cycle.MONTHLY, "2026-12-01", False),
        (Cycle.YEARLY, "2026-12-01", False),
        (Cycle.WEEKLY, "2026-12-28", True),  # reaches into a year that is not known
        (Cycle.QUARTERLY, "2026-12-01", True),
        (Cycle.MONTHLY, "2027-03-01", True),
    ],
)
def test_a_date_that_hangs_on_an_unknown_year_is_estimated(cycle: Cycle, day: str, is_estimated: bool) -> None:
    assert due(cycle, day).is_estimated is is_estimated


def test_a_confirmed_year_is_not_estimated() -> None:
    assert not due(Cycle.QUARTERLY, "2026-12-01", WorkCalendar(confirmed_years=[2027])).is_estimated


def test_more_working_days_than_there_are_take_the_nearest() -> None:
    week = period_of(Cycle.WEEKLY, date(2026, 9, 28))  # three working days
    late = due_of(Timing(Cycle.WEEKLY, Anchor.FROM_START, 9, time(9)), week, STATUTE)
    early = due_of(Timing(Cycle.WEEKLY, Anchor.FROM_END, 9, time(9)), week, STATUTE)

    assert late is not None
    assert early is not None
    assert (late.on, early.on) == (date(2026, 9, 30), date(2026, 9, 28))


def test_the_last_day_of_february_is_found_in_a_leap_year() -> None:
    assert due(Cycle.MONTHLY, "2028-02-01").at == moment("2028-02-29T09:00")


@given(
    cycle=st.sampled_from(list(Cycle)),
    anchor=st.sampled_from(list(Anchor)),
    nth=st.integers(1, 30),
    since=st.dates(date(2020, 1, 1), date(2032, 1, 1)),
    hour=st.integers(0, 23),
    worked=st.dictionaries(st.dates(date(2025, 1, 1), date(2027, 1, 1)), st.booleans(), max_size=30),
)
def test_due_dates_of_any_rule_come_in_order_once_each(
    cycle: Cycle, anchor: Anchor, nth: int, since: date, hour: int, worked: dict[date, bool]
) -> None:
    timing, calendar = Timing(cycle, anchor, nth, time(9), 1), WorkCalendar(worked)
    start = datetime.combine(since, time(hour), SHANGHAI)

    found = next_dues(timing, after=start, count=8, calendar=calendar)

    starts = [row.period.starts_on for row in found]
    assert starts == sorted(set(starts))
    assert [row.at for row in found] == sorted(row.at for row in found)
    assert all(calendar.is_workday(row.on) and row.at > start for row in found)
    assert all(row.remind_at is None or row.remind_at < row.at for row in found)
    assert list(due_between(timing, since=found[0].at, until=found[-1].at, calendar=calendar)) == found
