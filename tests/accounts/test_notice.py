"""Reading the State Council's notice: whole sentences or none, checked against the calendar."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.intake.notice import Notice, read_notice
from cppcc_office.lib.workdays import WorkCalendar
from tests.accounts.notices import BODIES, NOTICE_2027, NOTICES

STATUTORY = WorkCalendar()
# Ordered by papers of their own, or by the notice of the year after: not in the year's notice.
ELSEWHERE = {
    2015: {"2015-09-03", "2015-09-04", "2015-09-06"},
    2018: {"2018-12-29", "2018-12-31"},
    2020: {"2020-01-31", "2020-02-01"},
}


def differing(notice: Notice) -> set[str]:
    return {str(day) for day in notice.days() if notice.works(day) != STATUTORY.is_workday(day)}


def words_of(notice: Notice) -> str:
    return "\n".join(problem.words for problem in notice.problems)


def changed(old: str, new: str, *, year: int = 2026) -> Notice:
    assert old in NOTICES[year]
    return read_notice(NOTICES[year].replace(old, new), year=year)


@pytest.mark.parametrize("year", NOTICES)
def test_a_notice_gives_exactly_the_calendar_of_its_year(year: int) -> None:
    notice = read_notice(NOTICES[year], year=year)

    assert notice.problems == []
    assert differing(notice) == ELSEWHERE.get(year, set())


@pytest.mark.parametrize("year", BODIES)
def test_the_bare_arrangements_are_enough(year: int) -> None:
    notice = read_notice(BODIES[year], year=year)

    assert notice.problems == []
    assert differing(notice) == ELSEWHERE.get(year, set())


@pytest.mark.parametrize("year", NOTICES)
def test_line_breaks_spaces_and_narrow_marks_change_nothing(year: int) -> None:
    text = NOTICES[year]
    narrow = text.translate(str.maketrans("，：（）", ",:()")).replace("月", " 月\n")

    assert read_notice(narrow, year=year).off == read_notice(text, year=year).off
    assert read_notice(narrow, year=year).problems == []


def test_lost_full_stops_between_holidays_change_nothing() -> None:
    text = BODIES[2026].replace("共3天。\n", "共3天\n")

    assert read_notice(text, year=2026).problems == []


def test_days_and_names_are_kept_with_their_holiday() -> None:
    notice = read_notice(NOTICES[2023], year=2023)

    assert notice.off[date(2022, 12, 31)] == "元旦"
    assert notice.off[date(2023, 9, 29)] == "中秋节、国庆节"
    assert notice.worked[date(2023, 1, 28)] == "春节"
    assert notice.source == "国务院办公厅关于2023年部分节假日安排的通知（国办发明电〔2022〕7号）"


def test_an_appeal_to_take_leave_is_no_day_off() -> None:
    notice = read_notice(NOTICES[2024], year=2024)

    assert date(2024, 2, 9) not in notice.off
    assert any(words.startswith("鼓励") for words in notice.passed_over)


def test_a_sentence_is_shown_as_the_paper_has_it() -> None:
    assert (
        read_notice(NOTICES[2026], year=2026).lines[0].sentence
        == "一、元旦：1月1日（周四）至3日（周六）放假调休，共3天"
    )


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("1月4日（周日）", "1月4日（周六）", "2026年1月4日是星期日，这里写的是星期六"),
        ("2月15日（农历腊月二十八、周日）", "2月15日（农历腊月二十八、周一）", "是星期日，这里写的是星期一"),
        ("共9天", "共8天", "写的是 8 天，2026年2月15日至2026年2月23日是 9 天"),
        ("6月19日（周五）至21日（周日）放假，共3天", "6月19日（周五）放假3天", "写的是 3 天"),
        ("10月10日（周六）上班", "1月10日（周六）上班", "2026年1月10日上班离国庆节太远"),
        ("六、中秋节：9月25日（周五）至27日（周日）", "六、中秋节：8月28日（周五）至30日（周日）", "没有读到中秋节的放假安排"),
        ("2月28日（周六）上班", "2月27日上班", "是星期五，不是周末"),
        ("5月9日（周六）上班", "5月2日（周六）上班", "2026年5月2日已在前面安排过"),
        ("9月20日（周日）、10月10日", "10月10日（周六）、10月10日", "同一天写了两次"),
        ("4月4日（周六）至6日（周一）放假，共3天", "4月6日至4日放假", "起止日期颠倒"),
        ("4月4日（周六）至6日（周一）放假，共3天", "4月4日至8月4日放假", "不像放假安排"),
        ("4月4日（周六）至6日（周一）放假，共3天", "4月31日放假", "“4月31日”不是日期"),
        ("4月4日（周六）至6日（周一）放假，共3天", "4日至6日放假", "没有写是几月"),
        ("4月4日（周六）至6日（周一）放假，共3天", "2027年4月4日放假", "不在2026年内"),
        ("4月4日（周六）至6日（周一）放假，共3天", "共3天", "前面没有放假的日期"),
        ("4月4日（周六）至6日（周一）放假，共3天", "与周末连休", "前面没有放假的日期"),
        ("4月4日（周六）至6日（周一）放假，共3天", "4月8日放假，与周末连休", "是星期三，与周末并不相连"),
        ("4月4日（周六）至6日（周一）放假，共3天", "4月4日（大约）放假", "括号里的“大约”没有看懂"),
        ("4月4日（周六）至6日（周一）放假，共3天", "4月4日前后放假", "这句没有看懂"),
        ("4月4日（周六）至6日（周一）放假，共3天", "4月4日至6日放假，视情况调整", "“视情况调整”没有看懂"),
        ("节假日期间，", "3月8日妇女放假半天。节假日期间，", "这句没有看懂"),
        ("三、清明节：4月4日（周六）至6日（周一）放假，共3天。\n", "", "没有读到清明节的放假安排"),
        ("各省、自治区", "6月1日起各省、自治区", "开头里有日期"),
        ("2026年", "2025年", "这是2025年的通知，本页是2026年"),
    ],
)  # fmt: skip
def test_what_contradicts_itself_or_is_not_understood_is_told(old: str, new: str, words: str) -> None:
    notice = changed(old, new)

    assert words in words_of(notice)


def test_a_holiday_with_a_problem_is_asked_about_once() -> None:
    notice = changed("共9天", "共8天")

    assert len(notice.problems) == 1
    assert notice.problems[0].sentence.startswith("二、春节：")


@pytest.mark.parametrize("text", ["", "放假安排另行通知", "关于做好防汛工作的通知"])
def test_another_text_is_no_notice(text: str) -> None:
    assert read_notice(text, year=2026).problems


def test_a_sentence_before_any_holiday_has_no_place() -> None:
    assert "没有写是哪个节日" in words_of(
        read_notice("1月4日上班。" + BODIES[2026].replace("1月4日（周日）上班。", ""), year=2026)
    )


spans = st.builds(
    lambda start, length: (start, length), st.dates(date(2027, 1, 3), date(2027, 12, 1)), st.integers(1, 20)
)


@given(span=spans)
def test_any_span_is_read_day_by_day(span: tuple[date, int]) -> None:
    first, length = span
    last = first + timedelta(days=length - 1)
    shown = f"{first.month}月{first.day}日（周{'一二三四五六日'[first.weekday()]}）"
    until = f"{last.month}月{last.day}日" if last.month != first.month else f"{last.day}日"
    notice = read_notice(f"一、元旦：{shown}至{until}放假调休，共{length}天。", year=2027)

    assert notice.off == {first + timedelta(days=n): "元旦" for n in range(length)}


@given(text=st.text(st.sampled_from("一二、元旦春节：1234月日（周六）至放假上班，共天。\n "), max_size=60))
def test_no_text_breaks_the_reader_or_orders_what_it_does_not_say(text: str) -> None:
    notice = read_notice(text, year=2027)

    assert notice.problems  # never all seven holidays
    assert sum(len(line.off) + len(line.worked) for line in notice.lines) == len(notice.off) + len(notice.worked)


@given(st.integers(0, len(NOTICE_2027)), st.integers(1, 40))
def test_a_notice_with_a_piece_torn_out_gives_the_same_days_or_says_so(at: int, length: int) -> None:
    whole = read_notice(NOTICE_2027, year=2027)
    torn = read_notice(NOTICE_2027[:at] + NOTICE_2027[at + length :], year=2027)

    # A torn-out sentence of worked weekends cannot be noticed; a day off, or another day, can.
    assert torn.problems or (torn.off == whole.off and set(torn.worked) <= set(whole.worked))
