"""Fields that the forms of tasks share: a deadline in the words of papers, rows chosen with the version shown."""

import re
from collections.abc import Iterable
from datetime import date
from typing import Any

from django import forms

from cppcc_office.lib.workdays import WorkCalendar
from tasks.deadlines import Deadline, DeadlineKind, parse_deadline, suggestions

_PAIR = re.compile(r"([0-9]{1,15}):([0-9]{1,9})")
_KINDS = {DeadlineKind.RECURRING: "周期", DeadlineKind.STANDING: "长期，按季检查"}


class DeadlineField(forms.CharField):
    """Takes a date or the words of a paper (9月底前); cleans to a Deadline, or None where nothing is typed."""

    def __init__(self, *, year: int, single: bool = True, **kwargs: Any) -> None:
        self.year = year
        self.single = single
        kwargs.setdefault("max_length", 100)
        super().__init__(**kwargs)

    def clean(self, value: Any) -> Deadline | None:
        text: str = super().clean(value)
        if not text:
            return None
        deadline = parse_deadline(text, year=self.year)
        if deadline.kind is DeadlineKind.UNKNOWN:
            offers = suggestions(text, year=self.year)
            raise forms.ValidationError(deadline.why + (f"是否指“{'”“'.join(offers)}”？" if offers else ""))
        if self.single and deadline.kind is not DeadlineKind.DATE:
            raise forms.ValidationError("这里只能写一个日期；周期、长期的时限请写在项目的完成时限里。")
        return deadline


def understood(deadline: Deadline | None, calendar: WorkCalendar) -> str:
    """What a typed deadline was read as, for the line under its field; '' where it already says so."""
    if deadline is None or deadline.due_on is None:
        return ""
    if deadline.kind is not DeadlineKind.DATE:
        kind = _KINDS[deadline.kind]
        return f"{kind}，{len(deadline.occurrences)} 次，末次 {deadline.due_on:%Y-%m-%d}"
    words = "" if deadline.text.strip() == deadline.due_on.isoformat() else f"{deadline.due_on:%Y-%m-%d}"
    return "，".join(part for part in (words, reminder_words(deadline.due_on, calendar)) if part)


def reminder_words(day: date, calendar: WorkCalendar) -> str:
    """A due date on a holiday is shown with the working day before (domain 4)."""
    if calendar.is_workday(day):
        return ""
    before = calendar.on_or_before(day)
    guess = "" if calendar.is_known(day.year) else "（按推算）"
    return f"非工作日，提醒按 {before.month}月{before.day}日{guess}"


class ChosenField(forms.Field):
    """Several ticked rows, each with the version the page showed (`12:3`); cleans to pairs of numbers."""

    widget = forms.MultipleHiddenInput
    default_error_messages = {"required": "请至少选择一项"}

    def to_python(self, value: Any) -> list[tuple[int, int]]:
        texts = [str(text) for text in value or []]
        pairs = pairs_in(texts)
        if len(pairs) != len(texts):
            raise forms.ValidationError("页面内容不完整，请刷新后重新选择")
        return pairs


def pairs_in(texts: Iterable[str]) -> list[tuple[int, int]]:
    """Row and version of each text like `12:3`; others are left out."""
    return [(int(match[1]), int(match[2])) for text in texts if (match := _PAIR.fullmatch(text))]
