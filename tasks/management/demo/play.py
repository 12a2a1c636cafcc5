"""The whole of it: the office founded, two years put into one timetable, and played."""

import random
from collections.abc import Callable
from datetime import date, datetime

from django.utils import timezone

from cppcc_office.lib.workdays import WorkCalendar
from tasks.actions.views import save_view
from tasks.enums import ViewScope
from tasks.management.demo import last_year, this_year
from tasks.management.demo.courses import Days
from tasks.management.demo.office import Office, found, let_observe
from tasks.management.demo.timetable import SHANGHAI, Deck, Timetable
from tasks.management.demo.year import Year

SEED = 138


def play(*, now: datetime, password: str, tell: Callable[[int, int], None]) -> Office:
    """As of `now`, which is the only thing that two plays differ by."""
    today = timezone.localdate(now)
    chance = random.Random(SEED)  # the same play every time
    first_day = WorkCalendar().on_or_after(date(today.year - 1, 1, 3))
    founded_at = datetime(first_day.year, first_day.month, first_day.day, 8, 30, tzinfo=SHANGHAI)
    office = found(password=password, now=founded_at, today=first_day)
    timetable, deck = Timetable(now, chance), Deck(chance)
    before = Year(today.year - 1, office, timetable, chance, deck)
    current = Year(today.year, office, timetable, chance, deck)
    days = Days(today, office.calendar)
    left = last_year.stage(before)
    this_year.stage(current, days)
    last_year.carry_over(left, current, days)
    timetable.put(timetable.moment(days(-9)), lambda moment: let_observe(office, now=moment))
    timetable.put(timetable.moment(days(-5)), lambda moment: _keep_views(office, now=moment))
    timetable.play(tell)
    return office


def _keep_views(office: Office, *, now: datetime) -> None:
    """One of the office, one of a division, one of a person's own."""
    clerk, head = office.secretariat[1], office.teams["economy"].head
    for by, name, query, scope in (
        (clerk, "逾期和滞后", "bucket=overdue&bucket=lagging&sort=due_on", ViewScope.OFFICE),
        (clerk, "待验收", "bucket=verifying&sort=due_on", ViewScope.MINE),
        (
            head,
            "本处室在办",
            f"division={office.teams['economy'].division.pk}&state=open&sort=due_on",
            ViewScope.DIVISION,
        ),
    ):
        save_view(by=by, page="ledger", name=name, query=query, scope=scope, now=now)
