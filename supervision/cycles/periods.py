"""Periods of each cycle, and on which working day each falls due (domain 5); asks neither clock nor database."""

from calendar import monthrange
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

from cppcc_office.lib.workdays import WorkCalendar
from supervision.cycles.enums import Anchor, Cycle

SHANGHAI = ZoneInfo("Asia/Shanghai")
WORK_BEGINS = time(8, 30)
REMINDS_AT = time(9, 0)
_ONE_DAY = timedelta(days=1)
_SATURDAY = 5
_WEEKDAYS = "一二三四五六日"
_MONTHS = {Cycle.MONTHLY: 1, Cycle.QUARTERLY: 3, Cycle.HALF_YEARLY: 6, Cycle.YEARLY: 12}
_QUARTERS = ("第一季度", "第二季度", "第三季度", "第四季度")


@dataclass(frozen=True)
class Period:
    """One turn of a cycle, both days included."""

    cycle: Cycle
    starts_on: date
    ends_on: date

    @property
    def name(self) -> str:
        first, last = self.starts_on, self.ends_on
        match self.cycle:
            case Cycle.DAILY:
                return f"{first.year}年{_day(first)}"
            case Cycle.WEEKLY:
                # The ISO week belongs to the year of its Thursday; a day of another year says so itself.
                year, week, _ = first.isocalendar()
                begins = _day(first) if first.year == year else f"{first.year}年{_day(first)}"
                ends = f"{last.day}日" if last.month == first.month else _day(last)
                if last.year != year:
                    ends = f"{last.year}年{_day(last)}"
                return f"{year}年第{week}周（{begins}—{ends}）"
            case Cycle.MONTHLY:
                return f"{first.year}年{first.month}月"
            case Cycle.QUARTERLY:
                return f"{first.year}年{_QUARTERS[first.month // 3]}"
            case Cycle.HALF_YEARLY:
                return f"{first.year}年{'上' if first.month == 1 else '下'}半年"
            case Cycle.YEARLY:
                return f"{first.year}年度"

    @property
    def next(self) -> "Period":
        return period_of(self.cycle, self.ends_on + _ONE_DAY)

    @property
    def previous(self) -> "Period":
        return period_of(self.cycle, self.starts_on - _ONE_DAY)

    def days(self) -> Iterator[date]:
        return _days_between(self.starts_on, self.ends_on)


@dataclass(frozen=True)
class Timing:
    """When a cycle falls due: the nth working day counted from an anchor, at a time; 0 lead days is no reminder."""

    cycle: Cycle
    anchor: Anchor
    nth: int
    at: time
    lead_days: int = 0


@dataclass(frozen=True)
class Due:
    """The moment at which a period falls due, and why it is not the day that plain weeks would give."""

    period: Period
    at: datetime
    plain_on: date  # by Monday to Friday alone
    reasons: tuple[str, ...] = ()
    is_estimated: bool = False  # 按推算: it hangs on a year whose calendar is not known
    remind_at: datetime | None = None

    @property
    def on(self) -> date:
        return self.at.date()

    @property
    def is_shifted(self) -> bool:
        return self.on != self.plain_on


DEFAULTS: dict[Cycle, Timing] = {
    Cycle.DAILY: Timing(Cycle.DAILY, Anchor.FROM_START, 1, time(8, 30)),
    Cycle.WEEKLY: Timing(Cycle.WEEKLY, Anchor.FROM_END, 1, time(16, 0), 1),
    Cycle.MONTHLY: Timing(Cycle.MONTHLY, Anchor.FROM_END, 1, time(9, 0)),
    Cycle.QUARTERLY: Timing(Cycle.QUARTERLY, Anchor.AFTER_END, 3, time(9, 0)),
    Cycle.HALF_YEARLY: Timing(Cycle.HALF_YEARLY, Anchor.AFTER_END, 5, time(9, 0)),
    Cycle.YEARLY: Timing(Cycle.YEARLY, Anchor.LAST_MONTH, 10, time(9, 0)),
}


def period_of(cycle: Cycle, day: date) -> Period:
    """The period that the day lies in."""
    if cycle == Cycle.DAILY:
        return Period(cycle, day, day)
    if cycle == Cycle.WEEKLY:
        monday = day - timedelta(days=day.weekday())
        return Period(cycle, monday, monday + timedelta(days=6))
    length = _MONTHS[cycle]
    first_month = (day.month - 1) // length * length + 1
    last_month = first_month + length - 1
    last_day = monthrange(day.year, last_month)[1]
    return Period(cycle, date(day.year, first_month, 1), date(day.year, last_month, last_day))


def due_of(timing: Timing, period: Period, calendar: WorkCalendar) -> Due | None:
    """When the period falls due; None for one without any working day. An nth beyond what there is takes the nearest."""
    if not any(calendar.is_workday(day) for day in period.days()):
        return None
    on = _nth_day(timing, period, calendar.is_workday)
    # A worked Saturday is a period of its own that plain weeks do not know.
    plain_on = _nth_day(timing, period, _is_plain_workday) if _has_plain_day(period) else period.ends_on
    counted = _counted(timing, period, on, plain_on)
    years = {counted[0].year, counted[1].year}
    return Due(
        period=period,
        at=datetime.combine(on, timing.at, SHANGHAI),
        plain_on=plain_on,
        reasons=_reasons(*counted, calendar) if on != plain_on or not _has_plain_day(period) else (),
        is_estimated=not all(calendar.is_known(year) for year in years),
        remind_at=_remind_at(timing, on, calendar),
    )


def due_between(timing: Timing, *, since: datetime, until: datetime, calendar: WorkCalendar) -> Iterator[Due]:
    """What falls due from the one moment to the other, both included, in order."""
    for due in _dues_from(timing, since.astimezone(SHANGHAI), calendar):
        if due.at > until:
            return
        yield due


def next_dues(timing: Timing, *, after: datetime, count: int, calendar: WorkCalendar) -> list[Due]:
    """The dates to come, those of the very moment left out."""
    dues = _dues_from(timing, after.astimezone(SHANGHAI), calendar)
    return list(islice((due for due in dues if due.at > after), count))


def _dues_from(timing: Timing, since: datetime, calendar: WorkCalendar) -> Iterator[Due]:
    """Without end. Later periods fall due later, so the first is found by going back from the period of the day."""
    period = period_of(timing.cycle, since.date())
    while (due := due_of(timing, period.previous, calendar)) is None or due.at >= since:
        period = period.previous
    while True:
        due = due_of(timing, period, calendar)
        if due is not None and due.at >= since:
            yield due
        period = period.next


def _nth_day(timing: Timing, period: Period, works: Callable[[date], bool]) -> date:
    """The period, or its last month, holds at least one day that works."""
    match timing.anchor:
        case Anchor.FROM_START:
            days: Iterable[date] = period.days()
        case Anchor.LAST_MONTH:
            first = max(period.starts_on, period.ends_on.replace(day=1))
            days = _days_between(first, period.ends_on)
            if not any(works(day) for day in _days_between(first, period.ends_on)):
                days = period.days()  # a week whose days in the last month are all off
        case Anchor.FROM_END:
            days = (period.ends_on - n * _ONE_DAY for n in range((period.ends_on - period.starts_on).days + 1))
        case Anchor.AFTER_END:
            days = _days_between(period.ends_on + _ONE_DAY, date.max)
    *_, found = islice((day for day in days if works(day)), timing.nth)
    return found


def _counted(timing: Timing, period: Period, on: date, plain_on: date) -> tuple[date, date]:
    """The days that the answer hangs on, so that only a holiday among them is given as a reason."""
    match timing.anchor:
        case Anchor.FROM_START:
            return period.starts_on, max(on, plain_on)
        case Anchor.LAST_MONTH:
            return min(on, plain_on, period.ends_on.replace(day=1)), max(on, plain_on)
        case Anchor.FROM_END:
            return min(on, plain_on), period.ends_on
        case Anchor.AFTER_END:
            return period.ends_on + _ONE_DAY, max(on, plain_on)


def _reasons(first: date, last: date, calendar: WorkCalendar) -> tuple[str, ...]:
    """Holidays on what plain weeks work, and weekends worked in their place, in order of date."""
    reasons: dict[str, None] = {}
    for day in _days_between(first, last):
        works = calendar.is_workday(day)
        if works and not _is_plain_workday(day):
            reasons[f"{_day(day)}（周{_WEEKDAYS[day.weekday()]}）调休上班"] = None
        elif not works and _is_plain_workday(day):
            reasons[_holiday_around(day, calendar)] = None
    return tuple(reasons)


def _holiday_around(day: date, calendar: WorkCalendar) -> str:
    """The whole holiday that the day belongs to, as the State Council's notice words it; two that meet are one."""

    def edge(step: timedelta) -> date:
        last = day
        while not calendar.is_workday(last + step) and calendar.name_of(last + step):
            last += step
        return last

    if not calendar.name_of(day):
        return f"{_day(day)}放假"
    first, last = edge(-_ONE_DAY), edge(_ONE_DAY)
    until = "" if first == last else f"至{_day(last) if last.month != first.month else f'{last.day}日'}"
    names = dict.fromkeys(name for off in _days_between(first, last) for name in calendar.name_of(off).split("、"))
    return f"{_day(first)}{until}{'、'.join(names)}放假"


def _remind_at(timing: Timing, on: date, calendar: WorkCalendar) -> datetime | None:
    """At 9:00 some working days before. A week's stays in its week, else it comes when work begins on the day itself."""
    if not timing.lead_days:
        return None
    before = calendar.add(on, -timing.lead_days)
    if timing.cycle == Cycle.WEEKLY and before < period_of(Cycle.WEEKLY, on).starts_on:
        begins = datetime.combine(on, WORK_BEGINS, SHANGHAI)
        return begins if timing.at > WORK_BEGINS else None
    return datetime.combine(before, REMINDS_AT, SHANGHAI)


def _days_between(first: date, last: date) -> Iterator[date]:
    day = first
    while day < last:
        yield day
        day += _ONE_DAY
    if day == last:
        yield day


def _is_plain_workday(day: date) -> bool:
    return day.weekday() < _SATURDAY


def _has_plain_day(period: Period) -> bool:
    return period.cycle != Cycle.DAILY or _is_plain_workday(period.starts_on)


def _day(day: date) -> str:
    return f"{day.month}月{day.day}日"
