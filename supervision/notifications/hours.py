"""At what moment a message may leave the house; asks neither clock nor database."""

from datetime import datetime, time, timedelta

from django.utils import timezone

from cppcc_office.lib.workdays import WorkCalendar

# A digest wished for at the very end of the day is sent while there is still time to send it.
_BEFORE_THE_END = timedelta(minutes=15)


def decent_moment(now: datetime, calendar: WorkCalendar, begins: time, ends: time) -> datetime:
    """Now, where it is a working day between the two; else the next morning on which somebody works."""
    local = timezone.localtime(now)
    day = local.date()
    if calendar.is_workday(day) and local.time() < ends:
        return now if local.time() >= begins else datetime.combine(day, begins, local.tzinfo)
    return datetime.combine(calendar.add(day, 1), begins, local.tzinfo)


def is_decent(now: datetime, calendar: WorkCalendar, begins: time, ends: time) -> bool:
    return decent_moment(now, calendar, begins, ends) == now


def digest_moment(now: datetime, calendar: WorkCalendar, at: time, begins: time, ends: time) -> datetime:
    """The next time at which a person who wants all messages of a day in one gets them; within the office's hours."""
    local = timezone.localtime(now)
    latest = (datetime.combine(local.date(), ends) - _BEFORE_THE_END).time()
    clock = max(begins, min(at, latest))
    today = datetime.combine(local.date(), clock, local.tzinfo)
    if calendar.is_workday(today.date()) and local <= today:
        return today
    return datetime.combine(calendar.add(today.date(), 1), clock, local.tzinfo)
