"""The smallest drawings of the look as functions, for templates and for code that writes many rows of them."""

from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from html import escape
from typing import Any

from django.utils.safestring import SafeString, mark_safe

DASH = "—"
LIGHT_SHAPES = {
    "red": ("square-fill", "红灯"),
    "yellow": ("triangle-fill", "黄灯"),
    "blue": ("diamond-fill", "待核实"),
    "green": ("circle-fill", "正常"),
    "grey": ("pause-fill", "暂缓"),
    "done": ("check-circle-fill", "已销号"),
    "none": ("circle", "未开始"),
}
GAP_FILLS = {"amber": "p-gap", "red": "p-gap-red"}


def half_up(value: Any, places: str) -> Decimal:
    return Decimal(str(value)).quantize(Decimal(places), ROUND_HALF_UP)


def short(value: Decimal) -> str:
    """Without trailing zeros."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def icon_mark(name: str, extra: str = "") -> SafeString:
    """A Bootstrap icon beside a word, hidden from screen readers."""
    more = f" {escape(extra)}" if extra else ""
    return mark_safe(f'<i class="bi bi-{escape(name)}{more}" aria-hidden="true"></i>')  # escaped


@lru_cache(maxsize=512)
def light_mark(code: str, label: str = "", why: str = "") -> SafeString:
    """A word, a shape and a colour, and the reason under it; a reason that only repeats the word is none."""
    shape, word = LIGHT_SHAPES[code]
    label = label or word
    html = f'<span class="light light-{code}">{icon_mark(shape)}{escape(label)}</span>'
    if why not in ("", label):
        html += f'<span class="why">{escape(why)}</span>'
    return mark_safe(html)  # escaped


@lru_cache(maxsize=4096)
def pace_mark(progress: Any, time_progress: Any = None, lag_class: str = "") -> SafeString:
    """The progress bar with the black 序时 mark; see the tag `pace`."""
    if progress is None or progress == "":
        return mark_safe(f'<span class="pace dim">{DASH}</span>')  # a constant
    done = min(max(half_up(progress, "0.1"), Decimal(0)), Decimal(100))
    at = short(done)
    words, aria, gap, mark = f"进度 {at}%", f"进度百分之{at}", "", ""
    if time_progress is not None and time_progress != "":
        due = min(max(half_up(time_progress, "0.1"), Decimal(0)), Decimal(100))
        words += f"，序时 {short(due)}%"
        aria += f"，序时百分之{short(due)}"
        if lag_class in GAP_FILLS and due > done:
            fill = GAP_FILLS[lag_class]
            gap = f'<rect class="{fill}" x="{at}" y="4" width="{short(due - done)}" height="6"/>'
        mark = f'<rect class="p-mark" x="{short(min(due, Decimal(98)))}" y="0" width="2" height="14"/>'
    return mark_safe(  # figures and constants
        f'<span class="pace" title="{words}">'
        f'<svg viewBox="0 0 100 14" preserveAspectRatio="none" role="img" aria-label="{aria}">'
        f'<rect class="p-track" y="4" width="100" height="6" rx="1"/>{gap}'
        f'<rect class="p-done" y="4" width="{at}" height="6"/>{mark}</svg><b>{half_up(done, "1")}%</b></span>'
    )


def time_element(day: date, words: str, iso: str = "") -> SafeString:
    iso = iso or day.isoformat()
    title = iso.replace("T", " ")
    return mark_safe(f'<time class="day" datetime="{iso}" title="{title}">{escape(words)}</time>')  # escaped


@lru_cache(maxsize=4096)
def day_mark(day: date | None, this_year: int) -> SafeString:
    """10月16日, with the year if it is not this one; the ISO date on hover. Nothing is —."""
    if day is None:
        return mark_safe(DASH)  # a constant
    words = f"{day.month}月{day.day}日"
    return time_element(day, words if day.year == this_year else f"{day.year}年{words}")
