import re
from calendar import monthrange
from collections import Counter
from datetime import UTC, date, datetime
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cppcc_office.lib.numerals import chinese
from tasks.deadlines import DeadlineKind, occurrences_of, parse_deadline, suggestions

PLAN = Path(__file__).parents[2] / "docs" / "samples" / "plan-2026.xlsx"
JUNE_30, SEPTEMBER_30, YEAR_END = date(2026, 6, 30), date(2026, 9, 30), date(2026, 12, 31)
QUARTER_ENDS = (date(2026, 3, 31), JUNE_30, SEPTEMBER_30, YEAR_END)

FULL_WIDTH = str.maketrans({chr(code): chr(code + 0xFEE0) for code in range(0x21, 0x7F)})
spans = st.sampled_from(["", "前", "之前", "以前", "前完成", "完成"])
ends = st.sampled_from(["", "底", "末", "底前", "末前", "底之前", "底前完成", "完成"])


def as_written(number: int, style: str) -> str:
    return chinese(number) if style == "chinese" else str(number)


@st.composite
def year_and_day_texts(draw: st.DrawFn) -> tuple[str, date]:
    """A text that means one day of 2026, in any of the ways papers write it, and the day."""
    style = draw(st.sampled_from(["digits", "chinese", "full width"]))
    month = draw(st.integers(1, 12))
    last = date(2026, month, monthrange(2026, month)[1])
    form = draw(st.sampled_from(["day", "separated", "month", "third", "range", "quarter", "half", "year"]))
    prefix = draw(st.sampled_from(["", "二〇二六年" if style == "chinese" else "2026年"]))
    m = as_written(month, style)
    if form == "day":
        due = date(2026, month, draw(st.integers(1, last.day)))
        text = f"{prefix}{m}月{as_written(due.day, style)}{draw(st.sampled_from('日号'))}{draw(spans)}"
    elif form == "separated":
        due = date(2026, month, draw(st.integers(1, last.day)))
        pattern = draw(st.sampled_from(["%Y-%m-%d", "%Y.%m.%d", "%Y/%m/%d"]))
        text = due.strftime(pattern) + draw(spans)
    elif form == "month":
        due, text = last, f"{prefix}{m}月{draw(st.sampled_from(['', '份']))}{draw(ends)}"
    elif form == "third":
        third = draw(st.sampled_from("上中下"))
        due = {"上": last.replace(day=10), "中": last.replace(day=20), "下": last}[third]
        text = f"{prefix}{m}月{third}旬{draw(spans)}"
    elif form == "range":
        start = draw(st.integers(1, 11))
        month = draw(st.integers(start + 1, 12))
        due = date(2026, month, monthrange(2026, month)[1])
        joint = draw(st.sampled_from(["-", "—", "——", "～", "至", "到", "月至", "月—", "月份到"]))
        text = f"{prefix}{as_written(start, style)}{joint}{as_written(month, style)}月{draw(ends)}"
    elif form == "quarter":
        number = draw(st.integers(1, 4))
        due = QUARTER_ENDS[number - 1]
        text = f"{prefix}{draw(st.sampled_from(['', '第']))}{as_written(number, style)}季度{draw(ends)}"
    elif form == "half":
        half = draw(st.sampled_from("上下"))
        due, text = JUNE_30 if half == "上" else YEAR_END, f"{prefix}{half}半年{draw(ends)}"
    else:
        tail = draw(st.sampled_from(["底", "底前", "末前", "内", "内完成", "底前完成"]))
        due, text = YEAR_END, f"{prefix or '年'}{tail}"
    return (text.translate(FULL_WIDTH) if style == "full width" else text), due


@pytest.mark.parametrize(
    ("text", "due_on"),
    [
        ("6月底前", JUNE_30),
        ("6月底", JUNE_30),
        ("6月30日前完成", JUNE_30),
        ("12月31日前", YEAR_END),
        ("12月31日前完成", YEAR_END),
        ("2026年6月30日", JUNE_30),
        ("2026年6月底前", JUNE_30),
        ("2026-06-30", JUNE_30),
        ("2026.6.30", JUNE_30),
        ("2026/6/30", JUNE_30),
        ("2026-06-30 00:00:00", JUNE_30),
        ("三季度", SEPTEMBER_30),
        ("第三季度末", SEPTEMBER_30),
        ("一季度", date(2026, 3, 31)),
        ("第4季度末", YEAR_END),
        ("上半年", JUNE_30),
        ("下半年", YEAR_END),
        ("10月上旬", date(2026, 10, 10)),
        ("10月中旬前", date(2026, 10, 20)),
        ("10月下旬", date(2026, 10, 31)),
        ("2月下旬", date(2026, 2, 28)),
        ("11月", date(2026, 11, 30)),
        ("11月份", date(2026, 11, 30)),
        ("9-11月", date(2026, 11, 30)),
        ("9—11月", date(2026, 11, 30)),
        ("9月至11月", date(2026, 11, 30)),
        ("9月—11月底前", date(2026, 11, 30)),
        ("年底", YEAR_END),
        ("年底前", YEAR_END),
        ("年内", YEAR_END),
        ("2026年年底前", YEAR_END),
        ("六月底前", JUNE_30),
        ("十二月三十一日前", YEAR_END),
        ("二〇二六年六月三十日", JUNE_30),
        (" 6 月 底\u200b前\n", JUNE_30),
        ("６月底前。", JUNE_30),
        # A year that the paper names is kept, whatever the plan's.
        ("2025年12月", date(2025, 12, 31)),
        ("2025年11月至2027年2月", date(2027, 2, 28)),
        ("2028年2月底", date(2028, 2, 29)),
    ],
)
def test_a_period_means_its_last_day(text: str, due_on: date) -> None:
    deadline = parse_deadline(text, year=2026)

    assert (deadline.kind, deadline.due_on) == (DeadlineKind.DATE, due_on)
    assert (deadline.text, deadline.occurrences, deadline.rule, deadline.why) == (text, (), "", "")


def days(*month_days: tuple[int, int]) -> tuple[date, ...]:
    return tuple(date(2026, month, day) for month, day in month_days)


MONTH_ENDS = tuple(date(2026, month, monthrange(2026, month)[1]) for month in range(1, 13))


@pytest.mark.parametrize(
    ("text", "rule", "occurrences"),
    [
        ("每月25日前", "FREQ=MONTHLY;BYMONTHDAY=25", days(*((month, 25) for month in range(1, 13)))),
        ("每个月二十五号前完成", "FREQ=MONTHLY;BYMONTHDAY=25", days(*((month, 25) for month in range(1, 13)))),
        ("每月底前", "FREQ=MONTHLY;BYMONTHDAY=-1", MONTH_ENDS),
        ("每月末", "FREQ=MONTHLY;BYMONTHDAY=-1", MONTH_ENDS),
        ("每月", "FREQ=MONTHLY;BYMONTHDAY=-1", MONTH_ENDS),
        ("每月31日前", "FREQ=MONTHLY;BYMONTHDAY=-1", MONTH_ENDS),
        (
            "每月30日前",
            "FREQ=MONTHLY;BYMONTHDAY=28,29,30;BYSETPOS=-1",
            tuple(date(2026, month, 28 if month == 2 else 30) for month in range(1, 13)),
        ),
        ("每季度末", "FREQ=MONTHLY;BYMONTH=3,6,9,12;BYMONTHDAY=-1", QUARTER_ENDS),
        ("每季度", "FREQ=MONTHLY;BYMONTH=3,6,9,12;BYMONTHDAY=-1", QUARTER_ENDS),
        ("每季末", "FREQ=MONTHLY;BYMONTH=3,6,9,12;BYMONTHDAY=-1", QUARTER_ENDS),
        ("每半年", "FREQ=MONTHLY;BYMONTH=6,12;BYMONTHDAY=-1", (JUNE_30, YEAR_END)),
        ("每年6月、12月", "FREQ=MONTHLY;BYMONTH=6,12;BYMONTHDAY=-1", (JUNE_30, YEAR_END)),
        ("每年十二月和六月底前", "FREQ=MONTHLY;BYMONTH=6,12;BYMONTHDAY=-1", (JUNE_30, YEAR_END)),
        ("每年6月", "FREQ=MONTHLY;BYMONTH=6;BYMONTHDAY=-1", (JUNE_30,)),
        (
            "偶数月15日",
            "FREQ=MONTHLY;BYMONTH=2,4,6,8,10,12;BYMONTHDAY=15",
            days(*((month, 15) for month in range(2, 13, 2))),
        ),
        (
            "奇数月10日前",
            "FREQ=MONTHLY;BYMONTH=1,3,5,7,9,11;BYMONTHDAY=10",
            days(*((month, 10) for month in range(1, 13, 2))),
        ),
    ],
)
def test_recurring_work_falls_on_plain_calendar_dates(text: str, rule: str, occurrences: tuple[date, ...]) -> None:
    deadline = parse_deadline(text, year=2026)

    assert (deadline.kind, deadline.rule) == (DeadlineKind.RECURRING, rule)
    assert deadline.occurrences == occurrences
    assert deadline.due_on == occurrences[-1]


def test_the_29th_of_each_month_is_kept_in_a_leap_february() -> None:
    rule = parse_deadline("每月29日前", year=2026).rule

    february = [occurrences_of(rule, year=year)[1] for year in (2026, 2028)]

    assert february == [date(2026, 2, 28), date(2028, 2, 29)]


@pytest.mark.parametrize("text", ["全年", "全年推进", "长期坚持", "常年", "全年持续推进"])
def test_standing_work_is_checked_at_each_quarters_end(text: str) -> None:
    deadline = parse_deadline(text, year=2026)

    assert (deadline.kind, deadline.due_on, deadline.rule) == (DeadlineKind.STANDING, YEAR_END, "")
    assert deadline.occurrences == QUARTER_ENDS


@pytest.mark.parametrize(
    "text",
    [
        "汛期结束后",
        "尽快",
        "6月底前（争取5月）",
        # The end of May or of June; before the year or before New Year.
        "6月前",
        "三季度前",
        "年前",
        # 一二月 is January and February; a space may not join two numbers to one.
        "一二月",
        "1 2月底",
        "2026 06 30",
        "每周五",
        "每月一次",
        "每年6月30日前",
        "20260630",
        "46203",
        "6.30",
        "2026年",
        "2026-6.30",
        "2026-06-30 17:00",
        "3月1日至6月30日",
        "6月、12月",
        "今年6月底前",
        "26年6月",
        "²月",
        "٦月底",
    ],
)
def test_what_the_grammar_does_not_list_is_asked_for(text: str) -> None:
    deadline = parse_deadline(text, year=2026)

    assert (deadline.kind, deadline.due_on, deadline.occurrences) == (DeadlineKind.UNKNOWN, None, ())
    assert deadline.why.startswith("读不出日期")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("9月31日", "没有这一天：2026年9月没有31日，请改正。"),
        ("2026-02-30", "没有这一天：2026年2月没有30日，请改正。"),
        ("2月29日前", "没有这一天：2026年2月没有29日，请改正。"),
        ("6月0日", "没有这一天：2026年6月没有0日，请改正。"),
        ("13月底", "没有13月，请改正。"),
        ("每年6月、13月", "没有13月，请改正。"),
        ("每年6月、6月", "月份重复，请改正。"),
        ("五季度", "没有第5季度，请改正。"),
        ("每月32日", "没有这一天：哪个月都没有32日，请改正。"),
        ("11-2月", "起止月份前后颠倒或相同，请改正；跨年的请写明两头的年份。"),
        ("2206-06-30", "2206年不在2000年至2099年之间，请核对年份。"),
        ("0000年6月", "0年不在2000年至2099年之间，请核对年份。"),
        ("", "没有写完成时限，请填写。"),
        (" \u3000\u200b", "没有写完成时限，请填写。"),
    ],
)
def test_an_impossible_date_says_what_is_wrong(text: str, why: str) -> None:
    deadline = parse_deadline(text, year=2026)

    assert (deadline.kind, deadline.due_on, deadline.why) == (DeadlineKind.UNKNOWN, None, why)


@pytest.mark.parametrize("value", [JUNE_30, datetime(2026, 6, 30, 17, 30, tzinfo=UTC)])
def test_a_real_date_cell_is_taken_as_it_is(value: date) -> None:
    deadline = parse_deadline(value, year=2025)

    assert (deadline.kind, deadline.due_on, deadline.text) == (DeadlineKind.DATE, JUNE_30, "2026-06-30")


def test_a_date_cell_of_a_wrong_century_is_asked_for() -> None:
    cell = datetime(1900, 6, 30, tzinfo=UTC)

    deadline = parse_deadline(cell, year=2026)

    assert (deadline.kind, deadline.due_on) == (DeadlineKind.UNKNOWN, None)
    assert deadline.why == "1900年不在2000年至2099年之间，请核对年份。"


def test_every_deadline_of_the_plan_is_read() -> None:
    sheet = openpyxl.load_workbook(PLAN).worksheets[0]
    texts = [row[10] for row in sheet.iter_rows(min_row=4, values_only=True) if isinstance(row[0], int)]

    kinds = Counter(parse_deadline(text, year=2026).kind for text in texts if isinstance(text, str | date))

    assert sum(kinds.values()) == len(texts) == 138
    assert kinds[DeadlineKind.UNKNOWN] == 0


@pytest.mark.parametrize(
    ("text", "offered"),
    [
        ("2026-02-30", ["2026-02-28"]),
        ("9月31日", ["9月30日"]),
        ("2028年2月30日前", ["2028年2月29日"]),
        ("6月30", ["6月30日"]),
        ("6月底前（争取5月）", ["6月底前"]),
        ("今年6月底前办结", ["6月底前"]),
        ("力争6月底前", ["6月底前"]),
        ("6月前", ["6月底前", "5月底前"]),
        ("1月前", ["1月底前"]),
        ("三季度前", ["三季度末前"]),
        ("1 2月底", ["12月底"]),
        ("20260630", ["2026-06-30"]),
        ("2026-06-30 17:00", ["2026-06-30"]),
        ("6.30", ["6月30日"]),
        ("26年6月底", ["2026年6月底"]),
        ("2026年", ["2026年底前"]),
        ("6月初", ["6月上旬"]),
        ("双月15日", ["偶数月15日"]),
        ("每月中旬", ["每月20日前"]),
        ("6月、12月", ["每年6月、12月"]),
        ("持续推进", ["全年推进"]),
        ("3月1日至6月30日", ["6月30日", "3月1日"]),
        ("每季度调度一次，每半年向党组报告一次", ["每半年", "每季度"]),
        # Never a part of a number; nothing where nothing is near.
        ("12026-06-30", []),
        ("二十五月", []),
        ("2206-06-30", []),
        ("13月5日", []),
        ("尽快", []),
        ("", []),
        # A known deadline needs no offer.
        ("6月底前", []),
    ],
)
def test_near_readings_are_offered(text: str, offered: list[str]) -> None:
    offers = suggestions(text, year=2026)

    assert offers == offered


@given(year_and_day_texts())
def test_every_way_of_writing_a_day_is_read_back(case: tuple[str, date]) -> None:
    text, due_on = case

    deadline = parse_deadline(text, year=2026)

    assert (deadline.kind, deadline.due_on) == (DeadlineKind.DATE, due_on)


@given(year_and_day_texts(), st.integers(2000, 2099))
def test_a_text_without_a_year_stays_in_the_plans_year(case: tuple[str, date], year: int) -> None:
    text, _ = case

    deadline = parse_deadline(text, year=year)

    named = bool(re.search("2026|２０２６|二〇二六", text))
    # 29 February is a day in some years only; the case is drawn in one without it, so each year knows its day.
    assert deadline.due_on is not None
    assert deadline.due_on.year == (2026 if named else year)


@given(year_and_day_texts(), st.data())
def test_spaces_beside_the_words_change_nothing(case: tuple[str, date], data: st.DataObject) -> None:
    text, due_on = case
    place = data.draw(st.sampled_from([n for n in range(len(text) + 1) if not _splits_a_number(text, n)]))

    deadline = parse_deadline(text[:place] + data.draw(st.sampled_from(" \u3000\n\u00a0")) + text[place:], year=2026)

    assert deadline.due_on == due_on


def _splits_a_number(text: str, place: int) -> bool:
    numerals = "0123456789０１２３４５６７８９〇一二三四五六七八九十"
    return 0 < place < len(text) and text[place - 1] in numerals and text[place] in numerals


@given(
    year_and_day_texts(), st.sampled_from(["左右", "？", "或", "不", "（暂定）", "力争", "x", "！", "-"]), st.booleans()
)
def test_a_word_too_much_makes_a_deadline_unknown(case: tuple[str, date], junk: str, in_front: bool) -> None:
    text, _ = case

    deadline = parse_deadline(junk + text if in_front else text + junk, year=2026)

    assert deadline.kind is DeadlineKind.UNKNOWN


vocabulary = st.lists(
    st.sampled_from(
        [
            *"0123456789０９一二三十〇年月日号旬底末前内上中下半第季度每个全常长期推进至到、和-—/. \u200b（）",
            "季度",
            "2026年",
        ]
    )
).map("".join)


@given(st.text() | vocabulary, st.integers(2000, 2099))
def test_any_text_gets_an_answer_that_hangs_together(text: str, year: int) -> None:
    deadline = parse_deadline(text, year=year)

    is_unknown = deadline.kind is DeadlineKind.UNKNOWN
    assert is_unknown == (deadline.due_on is None) == (deadline.why != "")
    assert deadline.text == text
    assert (deadline.rule != "") == (deadline.kind is DeadlineKind.RECURRING)
    assert list(deadline.occurrences) == sorted(set(deadline.occurrences))
    assert not deadline.occurrences or deadline.occurrences[-1] == deadline.due_on


@given(st.text(max_size=60) | vocabulary)
def test_every_offer_is_a_deadline_the_grammar_reads(text: str) -> None:
    offers = suggestions(text, year=2026)

    assert len(offers) <= 3
    assert all(parse_deadline(offer, year=2026).due_on for offer in offers)
    assert not offers or parse_deadline(text, year=2026).kind is DeadlineKind.UNKNOWN


@given(st.integers(1, 31), st.integers(2000, 2099))
def test_a_monthly_day_falls_once_in_each_month_on_it_or_on_the_months_end(day: int, year: int) -> None:
    deadline = parse_deadline(f"每月{day}日前", year=year)

    assert [occurrence.month for occurrence in deadline.occurrences] == list(range(1, 13))
    assert all(one.day == min(day, monthrange(year, one.month)[1]) for one in deadline.occurrences)
