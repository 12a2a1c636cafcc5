"""The State Council's yearly notice on holidays, from pasted text to days off and weekends worked; pure.

Every sentence is matched whole. What does not match, or contradicts itself, becomes a problem with its sentence.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta

MOST_CHARACTERS = 20_000
_FULL_WIDTH = str.maketrans(":,()", "：，（）")  # as a paper has them; the grammar knows the narrow ones
_WEEKDAYS = "一二三四五六日"
_SATURDAY = 5
_FAR = timedelta(days=20)  # no year worked a weekend further from its holiday than two weeks
# The seven holidays by law: the words a notice has for each, and between which days one of its days off must lie.
_FESTIVALS = {
    "元旦": ("元旦", (1, 1), (1, 1)),
    "春节": ("春节", (1, 21), (2, 21)),
    "清明节": ("清明节?", (4, 4), (4, 6)),
    "劳动节": ("(?:五一)?(?:国际)?劳动节", (5, 1), (5, 1)),
    "端午节": ("端午节?", (5, 25), (6, 26)),
    "中秋节": ("中秋节?", (9, 7), (10, 9)),
    "国庆节": ("国庆节?", (10, 1), (10, 1)),
}
_NUMERAL = r"(?:[一二三四五六七八九十]{1,3}[、.]|\([一二三四五六七八九十]{1,3}\)|(?<!\d)\d{1,2}[、.])"
_FESTIVAL = "(?:" + "|".join(pattern for pattern, _, _ in _FESTIVALS.values()) + ")"
_FESTIVAL_NAMES = rf"{_FESTIVAL}(?:[、和及与]{_FESTIVAL})*"
# Where the text of one holiday begins, also where the full stop before it was lost in copying.
_BEGINS = re.compile(rf"(?={_NUMERAL}[^\d,:。]{{2,30}}:)|(?<![、和及与.)])(?={_FESTIVAL_NAMES}:)")
_HEADING = re.compile(rf"(?:{_NUMERAL})?(?P<names>{_FESTIVAL_NAMES}):(?P<rest>.*)")
_TITLE = re.compile(r"关于(?P<year>\d{4})年部分节假日安排的通知")
_NUMBER = re.compile(r"国办发(?:明电)?[〔\[(]\d{4}[〕\])]\d{1,3}号")
_HEAD = re.compile(r".*?通知如下[。:]|.*?部分节假日安排的通知(?:国办发(?:明电)?[〔\[(]\d{4}[〕\])]\d{1,3}号)?")
_ORDERS_NOTHING = re.compile(
    r"鼓励.*|(?:\(\d{4}年)?节假日期间,.*|各地区、?各部门.*|国务院办公厅(?:\d{4}年\d{1,2}月\d{1,2}日)?|\d{4}年\d{1,2}月\d{1,2}日|\(此件公开发布\)"
)
_DATE = r"(?:(?:\d{4}年)?\d{1,2}月)?\d{1,2}日(?:\([^()]*\))?"
_DATE_PARTS = re.compile(
    r"(?:(?:(?P<year>\d{4})年)?(?P<month>\d{1,2})月)?(?P<day>\d{1,2})日(?:\((?P<remark>[^()]*)\))?"
)
_DATES = rf"{_DATE}(?:[、和及]{_DATE})*"
_OFF = re.compile(rf"(?P<first>{_DATE})(?:(?:至|到|-|—|~)(?P<last>{_DATE}))?放假(?:调休)?(?:(?P<days>\d{{1,2}})天)?")
_DAYS = re.compile(r"共(?P<days>\d{1,2})天")
_COMPENSATED = re.compile(rf"(?P<dates>{_DATES})补休")
_WORKED = re.compile(rf"(?P<dates>{_DATES})(?:照常|正常|调休)?上班")
_WITH_WEEKEND = "与周末连休"
_SAYS_NO_MORE = {"不调休", "调休"}
_REMARK = re.compile(r"农历[\u4e00-\u9fff]{1,8}|除夕|[\u4e00-\u9fff]{2,8}当日|初[一二三四五六七八九十]")


@dataclass(frozen=True)
class Line:
    """One sentence that arranges days, and how it was read."""

    sentence: str
    festival: str
    off: tuple[date, ...] = ()
    worked: tuple[date, ...] = ()


@dataclass(frozen=True)
class Problem:
    """What keeps the notice from being used; `sentence` is empty where the whole is meant."""

    words: str
    sentence: str = ""


@dataclass
class Notice:
    """The arrangement of one year: each day off and each weekend worked, with the holiday it belongs to."""

    year: int
    number: str = ""
    off: dict[date, str] = field(default_factory=dict)
    worked: dict[date, str] = field(default_factory=dict)
    lines: list[Line] = field(default_factory=list)
    passed_over: list[str] = field(default_factory=list)  # frame and appeals, which arrange nothing
    problems: list[Problem] = field(default_factory=list)

    @property
    def source(self) -> str:
        """The words by which a correction names its basis."""
        return f"国务院办公厅关于{self.year}年部分节假日安排的通知{f'（{self.number}）' if self.number else ''}"

    def works(self, day: date) -> bool:
        """Whether the day is a working day by this notice, which leaves all other days to the week."""
        return day in self.worked or (day.weekday() < _SATURDAY and day not in self.off)

    def days(self) -> list[date]:
        """Every day it rules: the whole year, and the end of the year before where 元旦 begins there."""
        first, last = date(self.year, 1, 1), date(self.year, 12, 31)
        whole = [first + timedelta(days=n) for n in range((last - first).days + 1)]
        return sorted({*whole, *self.off, *self.worked})


class _Unread(Exception):
    """This sentence says something the grammar does not know, or that cannot be; the words tell which."""


def read_notice(text: str, *, year: int) -> Notice:
    """Read the pasted text as the notice for that year; whoever uses it looks at `problems` first."""
    plain = re.sub(r"[\s“”]+", "", unicodedata.normalize("NFKC", text[:MOST_CHARACTERS])).replace(";", "。")
    notice = Notice(year)
    if number := _NUMBER.search(plain):
        notice.number = re.sub(r"[\[(](\d{4})[\])]", r"〔\1〕", number[0])
    body = _without_head(plain, notice)
    festival = ""
    for sentence in _sentences(body):
        if heading := _HEADING.fullmatch(sentence):
            named = re.split("[、和及与]", heading["names"])
            festival = "、".join(_festival_of(name) for name in named)
        arranging = heading["rest"] if heading else sentence
        try:
            _read_sentence(sentence, arranging, festival, notice)
        except _Unread as reason:
            notice.problems.append(Problem(str(reason), _as_written(sentence)))
    _check_whole(notice)
    return notice


def _without_head(plain: str, notice: Notice) -> str:
    """What follows title, number and addressees; the year they name must be the one asked for."""
    head = _HEAD.match(plain)
    if head is None:
        return plain
    named = {int(found["year"]) for found in _TITLE.finditer(head[0])}
    named |= {int(found) for found in re.findall(r"现将(\d{4})年", head[0])}
    for year in sorted(named - {notice.year}):
        notice.problems.append(Problem(f"这是{year}年的通知，本页是{notice.year}年。请到{year}年的日历页粘贴。"))
    if re.search(r"\d{1,2}日", head[0]):
        notice.problems.append(Problem("这段开头里有日期，没有看懂。请只粘贴通知原文。", _as_written(head[0])))
    notice.passed_over.append(_as_written(head[0]))
    return plain[head.end() :]


def _sentences(body: str) -> Iterator[str]:
    for piece in body.split("。"):
        yield from filter(None, (part.strip(",、") for part in _BEGINS.split(piece)))


def _read_sentence(sentence: str, arranging: str, festival: str, notice: Notice) -> None:
    if _ORDERS_NOTHING.fullmatch(arranging):
        notice.passed_over.append(_as_written(sentence))
        return
    if not festival:
        raise _Unread("这句没有看懂，前面也没有写是哪个节日。")
    off: list[date] = []
    worked: list[date] = []
    before: date | None = None  # later dates of a sentence leave out the month of the one before
    for clause in re.split(r",(?![^()]*\))", arranging):
        if found := _OFF.fullmatch(clause):
            first = _one_day(found["first"], before, notice.year)
            last = _one_day(found["last"], first, notice.year) if found["last"] else first
            if last < first:
                raise _Unread(f"起止日期颠倒：{_shown(first)}在{_shown(last)}之后；跨年的请写明年份。")
            if (last - first).days > 30:
                raise _Unread(f"{_shown(first)}至{_shown(last)}超过 31 天，不像放假安排。")
            off += [first + timedelta(days=n) for n in range((last - first).days + 1)]
            before = last
            _check_count(found["days"], off)
        elif found := _DAYS.fullmatch(clause):
            _check_count(found["days"], off)
        elif clause == _WITH_WEEKEND:
            _check_weekend(off)
        elif found := _COMPENSATED.fullmatch(clause):
            off += _days_of(found["dates"], before, notice.year)
            before = off[-1]
        elif found := _WORKED.fullmatch(clause):
            worked += _days_of(found["dates"], before, notice.year)
            before = worked[-1]
        elif clause not in _SAYS_NO_MORE or not off:
            raise _Unread("这句没有看懂。" if clause == arranging else f"“{clause}”没有看懂。")
    for day in worked:
        if day.weekday() < _SATURDAY:
            raise _Unread(f"{_shown(day)}是星期{_WEEKDAYS[day.weekday()]}，不是周末，本来就上班。")
    for day in [*off, *worked]:
        if day in notice.off or day in notice.worked:
            raise _Unread(f"{_shown(day)}已在前面安排过。")
        if not date(notice.year - 1, 12, 20) <= day <= date(notice.year, 12, 31):
            raise _Unread(f"{_shown(day)}不在{notice.year}年内。")
    if len({*off, *worked}) < len(off) + len(worked):
        raise _Unread("同一天写了两次。")
    notice.off |= dict.fromkeys(off, festival)
    notice.worked |= dict.fromkeys(worked, festival)
    notice.lines.append(Line(_as_written(sentence), festival, tuple(off), tuple(worked)))


def _days_of(text: str, before: date | None, year: int) -> list[date]:
    days: list[date] = []
    for found in re.finditer(_DATE, text):
        days.append(_one_day(found[0], days[-1] if days else before, year))
    return days


def _one_day(text: str, before: date | None, year: int) -> date:
    found = _DATE_PARTS.fullmatch(text)
    if found is None or (found["month"] is None and before is None):
        raise _Unread(f"“{text}”没有写是几月。")
    month = int(found["month"]) if found["month"] else before.month if before else 0
    in_year = int(found["year"]) if found["year"] else before.year if before else year
    try:
        day = date(in_year, month, int(found["day"]))
    except ValueError:
        raise _Unread(f"“{text}”不是日期。") from None
    for remark in filter(None, re.split("[、,]", found["remark"] or "")):
        if weekday := re.fullmatch(r"(?:周|星期)([一二三四五六日天])", remark):
            said = weekday[1].replace("天", "日")
            if said != _WEEKDAYS[day.weekday()]:
                raise _Unread(f"{_shown(day)}是星期{_WEEKDAYS[day.weekday()]}，这里写的是星期{said}。")
        elif not _REMARK.fullmatch(remark):
            raise _Unread(f"括号里的“{remark}”没有看懂。")
    return day


def _check_count(days: str | None, off: list[date]) -> None:
    if days is None:
        return
    if not off:
        raise _Unread(f"“共{days}天”前面没有放假的日期。")
    if int(days) != len(off):
        raise _Unread(f"写的是 {days} 天，{_shown(off[0])}至{_shown(off[-1])}是 {len(off)} 天。")


def _check_weekend(off: list[date]) -> None:
    if not off:
        raise _Unread("“与周末连休”前面没有放假的日期。")
    near = {off[0] - timedelta(days=1), *off, off[-1] + timedelta(days=1)}
    if not any(day.weekday() >= _SATURDAY for day in near):
        raise _Unread(f"{_shown(off[0])}是星期{_WEEKDAYS[off[0].weekday()]}，与周末并不相连。")


def _check_whole(notice: Notice) -> None:
    for day, festival in notice.worked.items():
        near = [abs(free - day) for free, other in notice.off.items() if other == festival]
        if near and min(near) > _FAR:
            notice.problems.append(Problem(f"{_shown(day)}上班离{festival}太远，请对照原文。"))
    # A sentence that has its own problem is asked about once.
    asked = "、".join(problem.sentence for problem in notice.problems)
    missing = [
        name
        for name, (pattern, first, last) in _FESTIVALS.items()
        if not re.search(pattern, asked)
        and not any(
            name in festival and date(notice.year, *first) <= day <= date(notice.year, *last)
            for day, festival in notice.off.items()
        )
    ]
    if missing:
        words = f"没有读到{'、'.join(missing)}的放假安排。请粘贴通知全文；只改个别日子的，请用“更正一天”。"
        notice.problems.append(Problem(words))


def _festival_of(word: str) -> str:
    return next(name for name, (pattern, _, _) in _FESTIVALS.items() if re.fullmatch(pattern, word))


def _shown(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def _as_written(sentence: str) -> str:
    return sentence.translate(_FULL_WIDTH)
