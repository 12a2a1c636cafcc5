"""The working-day calendar as its page and the notice's preview show it."""

from calendar import Calendar
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from itertools import pairwise

from accounts.intake.notice import Notice
from accounts.models import CalendarException, ConfirmedYear, Organization
from accounts.policies import calendar_of
from cppcc_office.lib.workdays import WorkCalendar

FIRST_YEAR, LAST_YEAR = 2000, 2099
_SATURDAY = 5
_NOVEMBER = 11
_WEEKS = Calendar(firstweekday=0)


@dataclass(frozen=True)
class Day:
    """One square of the year."""

    day: date
    works: bool
    festival: str = ""
    correction: CalendarException | None = None
    is_today: bool = False

    @property
    def is_shifted(self) -> bool:
        """A weekend worked in place of another day."""
        return self.works and self.day.weekday() >= _SATURDAY

    @property
    def mark(self) -> str:
        if self.is_shifted:
            return "班"
        is_free = not self.works and (self.festival or self.day.weekday() < _SATURDAY)
        return "假" if is_free else ""


@dataclass(frozen=True)
class Month:
    number: int
    weeks: list[list[Day | None]]
    workdays: int
    words: list[str]  # its holidays and shifted days in words


@dataclass(frozen=True)
class Year:
    year: int
    months: list[Month]
    quarters: list[int]
    workdays: int
    is_known: bool
    confirmed: ConfirmedYear | None
    corrections: list[CalendarException]


@dataclass(frozen=True)
class Difference:
    """One day on which a notice and what the program assumes are not the same."""

    day: date
    festival: str
    works: bool  # by the notice
    kept: CalendarException | None = None  # a correction of the office's own, which a notice does not overrule

    @property
    def name(self) -> str:
        return f"{self.festival}调休" if self.works and self.festival else self.festival


def year_of(organization: Organization, year: int, *, today: date) -> Year:
    calendar = calendar_of(organization)
    corrections = list(
        CalendarException.objects.filter(organization=organization, day__year=year).select_related("set_by")
    )
    confirmed = (
        ConfirmedYear.objects.filter(organization=organization, year=year).select_related("confirmed_by").first()
    )
    by_day = {row.day: row for row in corrections}
    months = [_month_of(year, number, calendar, by_day, today) for number in range(1, 13)]
    return Year(
        year,
        months,
        [sum(month.workdays for month in months[n : n + 3]) for n in range(0, 12, 3)],
        sum(month.workdays for month in months),
        calendar.is_known(year),
        confirmed,
        corrections,
    )


def _month_of(
    year: int, number: int, calendar: WorkCalendar, corrections: dict[date, CalendarException], today: date
) -> Month:
    def square(day: date) -> Day | None:
        if day.month != number:
            return None
        works, correction = calendar.is_workday(day), corrections.get(day)
        festival = correction.name if correction is not None and not works and correction.name else ""
        return Day(day, works, festival or calendar.name_of(day), correction, day == today)

    weeks = [[square(day) for day in week] for week in _WEEKS.monthdatescalendar(year, number)]
    days = [day for week in weeks for day in week if day is not None]
    return Month(number, weeks, sum(day.works for day in days), _words_of(days))


def _words_of(days: Sequence[Day]) -> list[str]:
    """Its holidays as spans, its shifted days one by one, in order of date."""
    words = []
    start = None
    for day, following in pairwise([*days, None]):
        if day is None:
            continue
        if day.is_shifted:
            words.append(f"{day.day.day}日上班")
        if day.mark != "假":
            continue
        start = start or day
        if following is None or following.mark != "假" or following.festival != day.festival:
            span = f"{start.day.day}日" if start == day else f"{start.day.day}日至{day.day.day}日"
            words.append(f"{span} {day.festival or '放假'}")
            start = None
    return words


def differences_of(organization: Organization, notice: Notice) -> list[Difference]:
    """Day by day, what the notice has otherwise than the calendar now in force."""
    calendar = calendar_of(organization)
    differing = [day for day in notice.days() if notice.works(day) != calendar.is_workday(day)]
    own = {row.day: row for row in CalendarException.objects.filter(organization=organization, day__in=differing)}
    return [
        Difference(
            day,
            notice.off.get(day) or notice.worked.get(day) or ("" if notice.works(day) else "周末"),
            notice.works(day),
            own.get(day),
        )
        for day in differing
    ]


def seal_of(differences: Sequence[Difference]) -> str:
    """What a preview showed, so that nothing else is written than what was looked at."""
    shown = [(row.day.isoformat(), row.works, row.kept is not None) for row in differences]
    return sha256(repr(shown).encode()).hexdigest()[:16]


def calendar_gap(organization: Organization | int, today: date) -> tuple[int, str]:
    """The year whose notice is wanting and the sentence that says so; 0 and '' when there is none.

    Next year's is asked for from 1 November, when the State Council usually publishes it.
    """
    calendar = calendar_of(organization)
    year = today.year if not calendar.is_known(today.year) else today.year + 1
    if calendar.is_known(year) or (year > today.year and today.month < _NOVEMBER):
        return 0, ""
    return year, f"{year}年的放假通知尚未录入，涉及{year}年的工作日按推算。"
