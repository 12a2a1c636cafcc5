"""Filters of the look: how a day, a size, a share or nothing at all is written; built in for every template."""

from datetime import date, datetime
from typing import Any

from django import template
from django.utils import timezone

from cppcc_office.lib.marks import DASH, day_mark, half_up, short, time_element

register = template.Library()

WEEKDAYS = "一二三四五六日"


def _day_of(value: Any) -> date | None:
    if isinstance(value, datetime):
        return timezone.localdate(value) if timezone.is_aware(value) else value.date()
    return value if isinstance(value, date) else None


@register.filter
def cnday(value: Any) -> str:
    """10月16日, with the year if it is not this one; the ISO date on hover. Nothing is —. (In an attribute: `isoday`.)"""
    day = _day_of(value)
    if day is None:
        return DASH
    return day_mark(day, timezone.localdate().year)


@register.filter
def cndate(value: Any) -> str:
    """2026年10月16日. Nothing is —."""
    day = _day_of(value)
    return DASH if day is None else time_element(day, f"{day.year}年{day.month}月{day.day}日")


@register.filter
def cnmoment(value: datetime | None) -> str:
    """10月12日 16:20, with the year if it is not this one. Nothing is —."""
    if value is None or value == "":
        return DASH
    here = timezone.localtime(value)
    words = f"{here.month}月{here.day}日 {here.hour}:{here.minute:02}"
    if here.year != timezone.localdate().year:
        words = f"{here.year}年{words}"
    return time_element(here.date(), words, here.strftime("%Y-%m-%dT%H:%M"))


@register.filter
def isoday(value: Any) -> str:
    """2026-10-16, plain text for attributes and fields. Nothing is ''."""
    day = _day_of(value)
    return "" if day is None else day.isoformat()


@register.filter
def weekday(value: Any, prefix: str = "星期") -> str:
    """星期三; `|weekday:"周"` gives 周三. Nothing is ''."""
    day = _day_of(value)
    return "" if day is None else f"{prefix}{WEEKDAYS[day.weekday()]}"


@register.filter
def filesize_cn(size: int | None) -> str:
    """640 KB, 1.2 MB: whole up to KB, one decimal above. Nothing is —."""
    if size is None:
        return DASH
    if size < 1024:
        return f"{size} B"
    if size < 1024 * 1024:
        return f"{half_up(size / 1024, '1')} KB"
    unit, power = ("MB", 2) if size < 1024**3 else ("GB", 3)
    return f"{short(half_up(size / 1024**power, '0.1'))} {unit}"


@register.filter
def percent(value: Any) -> str:
    """62.5%, one decimal, half up, without a trailing zero. Nothing to divide by (None) is —."""
    return DASH if value is None or value == "" else f"{short(half_up(value, '0.1'))}%"


@register.filter
def or_dash(value: Any) -> Any:
    """The value, or — where there is none. Zero is a value."""
    return DASH if value is None or (isinstance(value, str) and not value.strip()) else value
