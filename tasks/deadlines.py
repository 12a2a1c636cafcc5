"""Deadlines as papers write them, read by a full-match grammar: what it does not list is asked for, never guessed."""

import re
from calendar import monthrange
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum

from dateutil.rrule import rrulestr

from cppcc_office.lib.numerals import digits_of, fold, number_of


class DeadlineKind(StrEnum):
    DATE = "date"
    RECURRING = "recurring"
    STANDING = "standing"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Deadline:
    """What a deadline text says. `text` is the paper's own wording.

    `due_on` is the last day (of a recurring one its last occurrence, of a standing one 31 December), None if unknown.
    `occurrences` are the several dates of a recurring or standing one, and empty for a single date.
    `rule` is the RFC 5545 rule of a recurring one; `why` tells, in Chinese, why a text is unknown.
    """

    kind: DeadlineKind
    text: str
    due_on: date | None = None
    occurrences: tuple[date, ...] = ()
    rule: str = ""
    why: str = ""


class _Impossible(Exception):
    """The text is a deadline by its form, yet there is no such day."""


# Outside these years a date is a slip of the pen (2206, 0226) rather than a plan.
_FIRST_YEAR, _LAST_YEAR = 2000, 2099
_QUARTER_ENDS = (3, 6, 9, 12)

_MISSING = "没有写完成时限，请填写。"
_UNREAD = "读不出日期，请写成“6月30日前”“6月底前”“三季度末”“每季度末”这样的时限，或直接选择日期。"


def parse_deadline(value: str | date | datetime, *, year: int) -> Deadline:
    """Reads a deadline; `year` is the plan's, used where the text names none. Any text gets an answer."""
    if isinstance(value, date):
        day = value.date() if isinstance(value, datetime) else value
        text = day.isoformat()
        try:
            return Deadline(DeadlineKind.DATE, text, _day(day.year, day.month, day.day))
        except _Impossible as impossible:
            return Deadline(DeadlineKind.UNKNOWN, text, why=str(impossible))
    plain = _plain(value)
    if plain == "":
        return Deadline(DeadlineKind.UNKNOWN, value, why=_MISSING)
    for pattern, read in _GRAMMAR:
        if plain is not None and (match := pattern.fullmatch(plain)):
            try:
                return read(value, match, year)
            except _Impossible as impossible:
                return Deadline(DeadlineKind.UNKNOWN, value, why=str(impossible))
    return Deadline(DeadlineKind.UNKNOWN, value, why=_UNREAD)


def occurrences_of(rule: str, *, year: int) -> tuple[date, ...]:
    """The days of the year on which a recurring rule falls."""
    start = datetime.combine(date(year, 1, 1), time.min)
    end = datetime.combine(date(year, 12, 31), time.min)
    return tuple(moment.date() for moment in rrulestr(rule, dtstart=start).between(start, end, inc=True))


def suggestions(text: str, *, year: int) -> list[str]:
    """Up to three readings to offer for an unknown text, likeliest first. Offered to a person, never applied."""
    if parse_deadline(text, year=year).kind is not DeadlineKind.UNKNOWN:
        return []
    plain = " ".join(fold(text).translate(_DASHES).split())[:_LONGEST_SEARCHED]
    offers: list[str] = []
    for search in (_existing_days, _respelt, _parts):
        for offer in search(plain, year):
            if offer not in offers and parse_deadline(offer, year=year).kind is not DeadlineKind.UNKNOWN:
                offers.append(offer)
        if offers:
            break
    return offers[:_MOST_OFFERED]


# --- words ---------------------------------------------------------------------------------------------------------

_NUMERAL = "0-9〇零○一二三四五六七八九十"
_GAP = r"[\s\u200b\ufeff]+"
_MIDNIGHT = re.compile(r"(?<=[0-9])[ T]00:00(:00(\.0+)?)?$")
_DASHES = str.maketrans(dict.fromkeys("—–─―−‐‑﹣", "-") | dict.fromkeys("～〜∼", "~"))


def _plain(text: str) -> str | None:
    """Half-width and without spaces; None where a space stands between two numerals, which may not be joined."""
    folded = _MIDNIGHT.sub("", fold(text).strip())
    if re.search(f"[{_NUMERAL}]{_GAP}[{_NUMERAL}]", folded):
        return None
    return re.sub(_GAP, "", folded).removesuffix("。").translate(_DASHES)


_N = "([0-9]{1,2}|[一二三四五六七八九十]{1,3})"
_YEAR = "(?:([0-9]{4}|[〇零○一二三四五六七八九]{4})年)"
_BEFORE = "(?:之前|以前|前)?(?:完成)?"
# 前 after a bare period is not taken: 6月前 may mean the end of May or the end of June.
_END = f"(?:(?:底|末){_BEFORE}|完成)?"
_TO = "(?:--?|~|至|到)"
_AND = "[、,和及]"


def _day(year: int, month: int, day: int) -> date:
    _month_end(year, month)
    if not 1 <= day <= monthrange(year, month)[1]:
        raise _Impossible(f"没有这一天：{year}年{month}月没有{day}日，请改正。")
    return date(year, month, day)


def _month_end(year: int, month: int) -> date:
    if not _FIRST_YEAR <= year <= _LAST_YEAR:
        raise _Impossible(f"{year}年不在{_FIRST_YEAR}年至{_LAST_YEAR}年之间，请核对年份。")
    if not 1 <= month <= 12:
        raise _Impossible(f"没有{month}月，请改正。")
    return date(year, month, monthrange(year, month)[1])


def _number(text: str) -> int:
    number = number_of(text)
    if number is None:
        raise _Impossible(_UNREAD)
    return number


def _year(text: str | None, plan_year: int) -> int:
    # The patterns let only digits through, so digits_of always answers.
    return plan_year if text is None else digits_of(text) or 0


# --- readers -------------------------------------------------------------------------------------------------------

_Reader = Callable[[str, re.Match[str], int], Deadline]


def _single(day_of: Callable[[re.Match[str], int], date]) -> _Reader:
    def read(text: str, match: re.Match[str], year: int) -> Deadline:
        return Deadline(DeadlineKind.DATE, text, day_of(match, year))

    return read


def _recurring(rule_of: Callable[[re.Match[str]], str]) -> _Reader:
    def read(text: str, match: re.Match[str], year: int) -> Deadline:
        rule = rule_of(match)
        days = occurrences_of(rule, year=year)
        return Deadline(DeadlineKind.RECURRING, text, days[-1], days, rule)

    return read


def _standing(text: str, _match: re.Match[str], year: int) -> Deadline:
    checks = tuple(_month_end(year, month) for month in _QUARTER_ENDS)
    return Deadline(DeadlineKind.STANDING, text, checks[-1], checks)


def _written_day(match: re.Match[str], year: int) -> date:
    return _day(_year(match[1], year), _number(match[2]), _number(match[3]))


def _separated_day(match: re.Match[str], _year_of_plan: int) -> date:
    return _day(int(match[1]), int(match[3]), int(match[4]))


def _month(match: re.Match[str], year: int) -> date:
    return _month_end(_year(match[1], year), _number(match[2]))


def _third_of_month(match: re.Match[str], year: int) -> date:
    end = _month(match, year)
    return {"上": end.replace(day=10), "中": end.replace(day=20), "下": end}[match[3]]


def _months(match: re.Match[str], year: int) -> date:
    first_year = _year(match[1], year)
    last_year = first_year if match[3] is None else _year(match[3], year)
    start, end = _month_end(first_year, _number(match[2])), _month_end(last_year, _number(match[4]))
    if start >= end:
        raise _Impossible("起止月份前后颠倒或相同，请改正；跨年的请写明两头的年份。")
    return end


def _quarter(match: re.Match[str], year: int) -> date:
    number = _number(match[2])
    if not 1 <= number <= 4:
        raise _Impossible(f"没有第{number}季度，请改正。")
    return _month_end(_year(match[1], year), number * 3)


def _half_year(match: re.Match[str], year: int) -> date:
    return _month_end(_year(match[1], year), 6 if match[2] == "上" else 12)


def _year_end(match: re.Match[str], year: int) -> date:
    return _month_end(_year(match[1], year), 12)


def _monthly_rule(months: Sequence[int], day: int) -> str:
    """Every such month's day; where a month is too short its last day, which RFC 5545 says with BYSETPOS."""
    by_month = "" if len(months) == 12 else f"BYMONTH={','.join(map(str, months))};"
    if day > 30:
        by_day = "BYMONTHDAY=-1"
    elif day > 28:
        by_day = f"BYMONTHDAY={','.join(map(str, range(28, day + 1)))};BYSETPOS=-1"
    else:
        by_day = f"BYMONTHDAY={day}"
    return f"FREQ=MONTHLY;{by_month}{by_day}"


_LAST_DAY = 31
_EACH = {"每": range(1, 13), "每个": range(1, 13), "奇数": range(1, 13, 2), "偶数": range(2, 13, 2)}


def _monthly_day_rule(match: re.Match[str]) -> str:
    day = _number(match[2])
    if not 1 <= day <= 31:
        raise _Impossible(f"没有这一天：哪个月都没有{day}日，请改正。")
    return _monthly_rule(_EACH[match[1]], day)


def _monthly_end_rule(match: re.Match[str]) -> str:
    return _monthly_rule(_EACH[match[1]], _LAST_DAY)


def _listed_months_rule(match: re.Match[str]) -> str:
    months = [_number(part.removesuffix("月")) for part in re.split(_AND, match[1])]
    for month in months:
        if not 1 <= month <= 12:
            raise _Impossible(f"没有{month}月，请改正。")
    if len(set(months)) < len(months):
        raise _Impossible("月份重复，请改正。")
    return _monthly_rule(sorted(months), _LAST_DAY)


_GRAMMAR: tuple[tuple[re.Pattern[str], _Reader], ...] = tuple(
    (re.compile(pattern), reader)
    for pattern, reader in (
        (f"{_YEAR}?{_N}月{_N}[日号]{_BEFORE}", _single(_written_day)),
        (f"([0-9]{{4}})([-./])([0-9]{{1,2}})\\2([0-9]{{1,2}}){_BEFORE}", _single(_separated_day)),
        (f"{_YEAR}?{_N}月份?{_END}", _single(_month)),
        (f"{_YEAR}?{_N}月([上中下])旬{_BEFORE}", _single(_third_of_month)),
        (f"{_YEAR}?{_N}(?:月份?)?{_TO}{_YEAR}?{_N}月份?{_END}", _single(_months)),
        (f"{_YEAR}?第?{_N}季度{_END}", _single(_quarter)),
        (f"{_YEAR}?([上下])半年{_END}", _single(_half_year)),
        (f"(?:{_YEAR}年?|年)(?:(?:底|末){_BEFORE}|内(?:完成)?)", _single(_year_end)),
        (f"(每个?|奇数|偶数)月{_N}[日号]{_BEFORE}", _recurring(_monthly_day_rule)),
        (f"(每个?|奇数|偶数)月(?:底|末){_BEFORE}", _recurring(_monthly_end_rule)),
        ("(每个?)月(?:完成)?", _recurring(_monthly_end_rule)),
        (f"每个?季度?{_END}", _recurring(lambda _: _monthly_rule(_QUARTER_ENDS, _LAST_DAY))),
        (f"每半年{_END}", _recurring(lambda _: _monthly_rule((6, 12), _LAST_DAY))),
        (f"每年((?:{_N}月?{_AND})*{_N}月){_END}", _recurring(_listed_months_rule)),
        ("全年(?:持续)?(?:推进|坚持)?|常年(?:推进|坚持)?|长期(?:推进|坚持)", _standing),
    )
)


# --- suggestions ---------------------------------------------------------------------------------------------------

_MOST_OFFERED = 3
_LONGEST_SEARCHED = 120
_LONGEST_PART = 20
_FIRST_CHARS = frozenset("0123456789〇零○一二三四五六七八九十第每年上下全常长奇偶")

_ANY_DAY = re.compile(f"(?:{_YEAR}?{_N}月{_N}[日号]?|([0-9]{{4}})[-./]([0-9]{{1,2}})[-./]([0-9]{{1,2}})){_BEFORE}")
_NOTE = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")
_AROUND = re.compile(
    "^(?:于|在|力争|争取|确保|原则上|计划|预计|拟|最迟|不迟于|不晚于|今年|本年度?|当年)+"
    "|(?:左右|前后|办结|报送|上报|提交|落实|实施|开展|到位)+$"
)
_BEFORE_MONTH = re.compile(f"({_YEAR}?){_N}月份?(?:之前|以前|前)(?:完成)?")
_SPELLINGS = tuple(
    (re.compile(pattern), listed)
    for pattern, listed in (
        (r"([0-9]{1,2})[./-]([0-9]{1,2})前?", r"\1月\2日"),
        (r"([0-9]{4})([0-9]{2})([0-9]{2})", r"\1-\2-\3"),
        (r"([0-9]{4})[./-]([0-9]{1,2})", r"\1年\2月"),
        (r"([0-9]{2}年.+)", r"20\1"),
        (r"([0-9]{4}年)度?", r"\1底前"),
        (r"(.+月)初", r"\1上旬"),
        (r"(.+月)中", r"\1中旬"),
        (r"每?(?:双|偶数)月(.+)", r"偶数月\1"),
        (r"每?(?:单|奇数)月(.+)", r"奇数月\1"),
        (r"每个?月上旬.*", "每月10日前"),
        (r"每个?月中旬.*", "每月20日前"),
        (r"每个?月下旬.*", "每月底前"),
        (rf"({_N}月?(?:{_AND}{_N}月)+)", r"每年\1"),
        (r"(.*季度|上半年|下半年)(?:之前|以前|前)", r"\1末前"),
        (r"[Qq]([1-4])", r"第\1季度末"),
        (r"年终.*", "年底前"),
        (r"(?:持续|常态化|贯穿全年|长期|常年|全年).*", "全年推进"),
    )
)


def _existing_days(plain: str, year: int) -> Iterator[str]:
    """The month's last day for a day beyond it: 2026-02-30 → 2026-02-28; and 6月30 → 6月30日."""
    match = _ANY_DAY.fullmatch(plain)
    if match is None:
        return
    written_year, month, day = _year(match[1] or match[4], year), match[2] or match[5], match[3] or match[6]
    month_number, day_number = number_of(month) or 0, number_of(day) or 0
    if not (_FIRST_YEAR <= written_year <= _LAST_YEAR and 1 <= month_number <= 12):
        return
    day_number = min(max(day_number, 1), monthrange(written_year, month_number)[1])
    if match[4] is not None:
        yield date(written_year, month_number, day_number).isoformat()
    else:
        yield f"{'' if match[1] is None else f'{written_year}年'}{month_number}月{day_number}日"


def _respelt(plain: str, _year_of_plan: int) -> Iterator[str]:
    """The listed spelling of what people also write, without remarks in brackets and words around it."""
    bare = _NOTE.sub("", plain).strip(" 。;,、")
    yield bare
    core = _AROUND.sub("", bare)
    yield core
    yield core.replace(" ", "")
    for pattern, listed in _SPELLINGS:
        if match := pattern.fullmatch(core):
            yield match.expand(listed)
    if match := _BEFORE_MONTH.fullmatch(core):
        month = number_of(match[3]) or 0
        yield f"{match[1]}{month}月底前"
        yield f"{match[1]}{month - 1}月底前"


def _parts(plain: str, year: int) -> Iterator[str]:
    """Deadlines standing inside a longer text, longest and then last first; never a part of a number."""
    text = _NOTE.sub("", plain)
    found: list[tuple[int, int]] = []
    for length in range(min(_LONGEST_PART, len(text)), 1, -1):
        for start in range(len(text) - length, -1, -1):
            end = start + length
            if (
                text[start] in _FIRST_CHARS
                and text[end - 1] != " "
                and not re.fullmatch(f"[{_NUMERAL}]{{2}}", text[max(start - 1, 0) : start + 1])
                and not re.fullmatch(f"[{_NUMERAL}]{{2}}", text[end - 1 : end + 1])
                and not any(first <= start and end <= last for first, last in found)
                and parse_deadline(text[start:end], year=year).kind is not DeadlineKind.UNKNOWN
            ):
                found.append((start, end))
                yield text[start:end]
