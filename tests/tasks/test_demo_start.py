"""Starting the demonstration, and what it is made with."""

import random
from datetime import date, datetime

import pytest

from accounts.models import Organization, User
from cppcc_office.lib.workdays import WorkCalendar
from tasks.management.commands.load_demo import load
from tasks.management.demo.courses import Days, spaced
from tasks.management.demo.timetable import Deck, Timetable
from tests.cast import NOW, SHANGHAI


@pytest.mark.django_db
def test_interrupted_it_leaves_nothing_behind() -> None:
    def press(done: int, of: int) -> None:
        assert of > 1000
        if done == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        load(now=NOW, password="Demo-2345-Abcd", tell=press)

    assert not Organization.objects.exists()
    assert not User.objects.exists()


def test_acts_are_done_in_the_order_of_their_moments_and_never_in_the_future() -> None:
    timetable = Timetable(NOW, random.Random(1))
    done: list[datetime] = []
    first = timetable.moment(date(2026, 2, 3))
    second = timetable.moment(date(2026, 2, 2), after=first)
    timetable.put(timetable.moment(date(2030, 1, 7)), done.append)
    timetable.put(second, done.append)
    timetable.put(first, done.append)

    timetable.play(lambda *_: None)

    assert done == [first, second, NOW]
    assert first < second


def test_nothing_is_said_again_before_everything_was_said() -> None:
    deck, words = Deck(random.Random(1)), ("甲", "乙", "丙")

    drawn = [deck.draw(words) for _ in range(6)]

    assert sorted(drawn[:3]) == sorted(drawn[3:]) == sorted(words)


@pytest.mark.parametrize("today", [date(2026, 9, 16), date(2026, 9, 19), date(2026, 10, 3), date(2027, 1, 1)])
def test_offsets_lead_to_days_and_back(today: date) -> None:
    days = Days(today, WorkCalendar())

    for offset in (-60, -5, -1, 1, 4, 40):
        assert days.offset(days(offset)) == offset
    assert days(-1) < today < days(1)


def test_what_is_coming_stays_within_the_year_while_there_is_time() -> None:
    december, summer = Days(date(2026, 12, 29), WorkCalendar()), Days(date(2026, 7, 1), WorkCalendar())

    assert summer.coming(200, least=10) == date(2026, 12, 31)
    assert summer.coming(10, least=10) == summer(10)
    assert december.coming(20, least=10) == december(20)


def test_offsets_are_spaced_up_to_the_last() -> None:
    assert spaced(0, 12, 3) == [4, 8, 12]
    assert spaced(5, 9, 1) == [9]


def test_no_working_hours_but_of_the_day() -> None:
    timetable = Timetable(NOW, random.Random(1))

    moments = [timetable.moment(date(2026, 2, 3)) for _ in range(50)]

    assert all(
        datetime(2026, 2, 3, 8, 40, tzinfo=SHANGHAI) <= at <= datetime(2026, 2, 3, 17, tzinfo=SHANGHAI)
        for at in moments
    )
