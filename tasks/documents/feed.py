"""A person's due dates as an iCalendar file."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from icalendar import Calendar, Event

from tasks.queries.feeds import Due


def calendar_file(name: str, dues: Iterable[Due], *, stamped: datetime, url_of: Callable[[Due], str]) -> bytes:
    """All-day entries without alarms. The same dues give the same bytes: `stamped` is a fact, not the time of asking."""
    calendar = Calendar()
    calendar.add("prodid", "-//cppcc-office//dues//ZH")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", name)
    calendar.add("refresh-interval", timedelta(hours=6), parameters={"VALUE": "DURATION"})
    for due in dues:
        event = Event()
        event.add("uid", due.uid)
        event.add("dtstamp", stamped)
        event.add("sequence", due.sequence)
        event.add("dtstart", due.on)
        event.add("dtend", due.on + timedelta(days=1))
        event.add("summary", due.title)
        event.add("description", due.detail)
        event.add("url", url_of(due))
        event.add("status", "CONFIRMED")
        event.add("transp", "TRANSPARENT")
        calendar.add_component(event)
    return bytes(calendar.to_ical())
