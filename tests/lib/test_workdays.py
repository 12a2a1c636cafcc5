from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cppcc_office.lib.workdays import WorkCalendar

STATUTORY = WorkCalendar()

# The State Council's notices: days off in a row, and the weekends worked for them.
NOTICES = {
    2024: (
        {
            "元旦": ("01-01", "01-01"),
            "春节": ("02-10", "02-17"),
            "清明节": ("04-04", "04-06"),
            "劳动节": ("05-01", "05-05"),
            "端午节": ("06-08", "06-10"),
            "中秋节": ("09-15", "09-17"),
            "国庆节": ("10-01", "10-07"),
        },
        ("02-04", "02-18", "04-07", "04-28", "05-11", "09-14", "09-29", "10-12"),
    ),
    2025: (
        {
            "元旦": ("01-01", "01-01"),
            "春节": ("01-28", "02-04"),
            "清明节": ("04-04", "04-06"),
            "劳动节": ("05-01", "05-05"),
            "端午节": ("05-31", "06-02"),
            "国庆节": ("10-01", "10-05"),
            "中秋节": ("10-06", "10-08"),
        },
        ("01-26", "02-08", "04-27", "09-28", "10-11"),
    ),
    2026: (
        {
            "元旦": ("01-01", "01-03"),
            "春节": ("02-15", "02-23"),
            "清明节": ("04-04", "04-06"),
            "劳动节": ("05-01", "05-05"),
            "端午节": ("06-19", "06-21"),
            "中秋节": ("09-25", "09-27"),
            "国庆节": ("10-01", "10-07"),
        },
        ("01-04", "02-14", "02-28", "05-09", "09-20", "10-10"),
    ),
}

days = st.dates(date(2015, 1, 1), date(2035, 12, 31))
calendars = st.builds(
    WorkCalendar,
    st.dictionaries(st.dates(date(2024, 1, 1), date(2027, 12, 31)), st.booleans(), max_size=20),
    st.sets(st.integers(2024, 2028)),
)


@pytest.mark.parametrize("year", NOTICES)
def test_every_day_of_the_year_is_as_the_notice_says(year: int) -> None:
    festivals, worked = NOTICES[year]
    names = dict[date, str]()
    for name, (first, last) in festivals.items():
        day = date.fromisoformat(f"{year}-{first}")
        while day <= date.fromisoformat(f"{year}-{last}"):
            names[day] = name
            day += timedelta(days=1)
    make_up = {date.fromisoformat(f"{year}-{day}") for day in worked}
    whole_year = [date(year, 1, 1) + timedelta(days=n) for n in range((date(year + 1, 1, 1) - date(year, 1, 1)).days)]

    workdays = [day for day in whole_year if STATUTORY.is_workday(day)]

    assert workdays == [day for day in whole_year if day in make_up or (day.weekday() < 5 and day not in names)]
    assert {day: STATUTORY.name_of(day) for day in whole_year if STATUTORY.name_of(day)} == names
    assert STATUTORY.is_known(year)


def test_a_year_without_a_notice_is_unknown_and_has_its_statutory_days_off() -> None:
    national_day, weekday, saturday = date(2027, 10, 1), date(2027, 10, 8), date(2027, 10, 9)

    known = STATUTORY.is_known(2027)

    assert not known
    assert not STATUTORY.is_workday(national_day)
    assert STATUTORY.is_workday(weekday)
    assert not STATUTORY.is_workday(saturday)


def test_a_year_the_office_confirmed_is_known() -> None:
    calendar = WorkCalendar(confirmed_years=[2027])

    known = calendar.is_known(2027)

    assert known
    assert not calendar.is_known(2028)


def test_the_offices_corrections_outweigh_the_statute() -> None:
    saturday, new_year, monday = date(2027, 10, 9), date(2027, 1, 1), date(2027, 10, 11)

    calendar = WorkCalendar({saturday: True, new_year: True, monday: False})

    assert calendar.is_workday(saturday)
    assert calendar.is_workday(new_year)
    assert not calendar.is_workday(monday)
    assert calendar.name_of(new_year) == ""
    assert calendar.name_of(monday) == ""


def test_the_last_day_of_december_belongs_to_the_festival_of_the_next_year() -> None:
    shifted = date(2018, 12, 31)

    name = STATUTORY.name_of(shifted)

    assert name == "元旦"


def test_two_festivals_on_one_day_are_both_named() -> None:
    both = date(2020, 10, 1)

    name = STATUTORY.name_of(both)

    assert name == "中秋节、国庆节"


def test_an_ordinary_weekend_has_no_name() -> None:
    saturday = date(2026, 11, 21)

    name = STATUTORY.name_of(saturday)

    assert name == ""


def test_the_first_working_day_after_national_day_week_is_the_eighth() -> None:
    eve = date(2026, 9, 30)

    following = STATUTORY.add(eve, 1)

    assert following == date(2026, 10, 8)
    assert STATUTORY.add(following, -1) == eve


def test_a_day_off_is_moved_to_the_working_day_before_or_after() -> None:
    day_off = date(2026, 10, 3)

    before, after = STATUTORY.on_or_before(day_off), STATUTORY.on_or_after(day_off)

    assert (before, after) == (date(2026, 9, 30), date(2026, 10, 8))
    assert STATUTORY.on_or_before(before) == STATUTORY.on_or_after(before) == before


def test_nothing_added_leaves_even_a_holiday() -> None:
    holiday = date(2026, 10, 1)

    same = STATUTORY.add(holiday, 0)

    assert same == holiday


def test_calendars_with_the_same_content_are_one_key() -> None:
    day = date(2026, 3, 2)

    one, same, other = WorkCalendar({day: False}, [2027]), WorkCalendar({day: False}, (2027,)), WorkCalendar()

    assert one == same
    assert hash(one) == hash(same)
    assert repr(one) == repr(same)
    assert one != other
    assert one != "calendar"


@pytest.mark.parametrize(
    ("start", "due", "warned"),
    [
        # Five working days before the due date.
        (date(2026, 3, 2), date(2026, 6, 30), date(2026, 6, 23)),
        # Over National Day week and the Mid-Autumn Festival.
        (date(2026, 9, 1), date(2026, 10, 9), date(2026, 9, 24)),
        # 4 October is a holiday: counted from 30 September, the working day before it.
        (date(2026, 9, 1), date(2026, 10, 4), date(2026, 9, 22)),
        # Eleven working days are a long span, ten a short one, of which the last three are yellow.
        (date(2026, 3, 2), date(2026, 3, 17), date(2026, 3, 10)),
        (date(2026, 3, 2), date(2026, 3, 16), date(2026, 3, 11)),
        # 30 % of five working days is one and a half: two.
        (date(2026, 3, 2), date(2026, 3, 9), date(2026, 3, 5)),
        # 30 % of one working day is none.
        (date(2026, 3, 2), date(2026, 3, 3), date(2026, 3, 3)),
        (date(2026, 3, 2), date(2026, 3, 2), date(2026, 3, 2)),
        # A due date before the start is yellow on itself.
        (date(2026, 3, 9), date(2026, 3, 2), date(2026, 3, 2)),
    ],
)
def test_a_span_turns_yellow_before_its_due_date(start: date, due: date, warned: date) -> None:
    warn_on = STATUTORY.warn_on(start, due)

    assert warn_on == warned


def test_a_policy_longer_than_the_span_warns_from_the_start() -> None:
    start, due = date(2026, 3, 2), date(2026, 3, 20)

    warn_on = STATUTORY.warn_on(start, due, days=30)

    assert warn_on == start


def test_the_share_of_a_short_span_is_the_decimal_the_office_typed() -> None:
    start, due = date(2026, 3, 2), date(2026, 3, 16)

    warn_on = STATUTORY.warn_on(start, due, short_share=0.35)

    # 3.5 days of ten are four; as a binary fraction 0.35 is a little less and would give three.
    assert warn_on == date(2026, 3, 10)


@given(calendars, days, st.integers(0, 800))
def test_counting_takes_back_what_adding_gave(calendar: WorkCalendar, day: date, n: int) -> None:
    later = calendar.add(day, n)

    assert calendar.count(day, later) == n
    assert n == 0 or calendar.is_workday(later)


@given(calendars, days, st.integers(-800, 800))
def test_adding_back_and_forth_returns_to_a_working_day(calendar: WorkCalendar, day: date, n: int) -> None:
    start = calendar.on_or_after(day)

    there = calendar.add(start, n)

    assert calendar.add(there, -n) == start
    assert calendar.count(start, there) == n


@given(calendars, days, days, days)
def test_counts_of_adjoining_spans_add_up(calendar: WorkCalendar, a: date, b: date, c: date) -> None:
    through = calendar.count(a, b) + calendar.count(b, c)

    assert through == calendar.count(a, c)


@given(calendars, days, st.integers(0, 400))
def test_counting_says_what_going_day_by_day_says(calendar: WorkCalendar, after: date, length: int) -> None:
    until = after + timedelta(days=length)

    counted = calendar.count(after, until)

    assert counted == sum(calendar.is_workday(after + timedelta(days=n)) for n in range(1, length + 1))


@given(calendars, days, days, st.integers(-50, 50))
def test_adding_keeps_the_order_of_days(calendar: WorkCalendar, one: date, other: date, n: int) -> None:
    earlier, later = sorted((one, other))

    moved = calendar.add(earlier, n), calendar.add(later, n)

    assert moved[0] <= moved[1]


@given(calendars, days, st.integers(0, 400), st.integers(0, 40), st.integers(0, 30), st.decimals("0", "1", places=2))
def test_the_warn_date_lies_between_start_and_due(
    calendar: WorkCalendar, start: date, length: int, lead: int, short_span: int, share: float
) -> None:
    due = start + timedelta(days=length)

    warn_on = calendar.warn_on(start, due, days=lead, short_span=short_span, short_share=float(share))

    assert start <= warn_on <= due
