"""Rows under a header become plan lines; the rest is left out with reasons."""

import datetime
from pathlib import Path

import pytest

from cppcc_office.lib.sheets import Cell, read_tables
from tasks.intake.columns import find_header
from tasks.intake.lines import LeftOut, PlanLine
from tasks.intake.rows import HEADER_AGAIN, HEADING, NOTE, TOTAL, plan_lines
from tasks.intake.splitting import bare_heading, chinese_number, split_duty, split_names, split_people, split_steps
from tests.tasks.intake.sheets import sheet

DATA = Path(__file__).parents[3] / "docs" / "samples"
HEADER = ["序号", "类别", "重点任务", "工作举措", "牵头处室", "协办处室", "完成时限"]


def read(
    *rows: list[str | Cell], header: list[str] = HEADER, merges: tuple[tuple[int, int, int, int], ...] = ()
) -> tuple[list[PlanLine], list[LeftOut]]:
    table = sheet(header, *rows, merges=merges)
    found = find_header(table, {})
    assert found is not None
    return plan_lines(table, found)


def test_every_row_of_the_shown_plan_becomes_a_line_but_the_note() -> None:
    (plan,) = read_tables(DATA / "plan-2026.xlsx", "plan-2026.xlsx")
    header = find_header(plan, {})
    assert header is not None

    lines, left_out = plan_lines(plan, header)

    assert [line.number for line in lines] == [str(number) for number in range(1, 139)]
    assert [line.row for line in lines] == list(range(4, 142))
    assert list(dict.fromkeys(line.category for line in lines)) == [
        "思想政治引领",
        "协商议政",
        "民主监督和提案",
        "社情民意和联系群众",
        "制度建设",
        "机关自身建设",
    ]
    assert lines[27].steps == ("制定调研方案", "开展调研", "召开会议", "报送协商成果", "跟踪采纳情况")
    assert lines[12].co_texts == ("督办处", "行政处")
    assert not any(line.problems for line in lines)
    assert [(each.row, each.why) for each in left_out] == [(142, NOTE)]


def test_categories_carry_down_blank_cells() -> None:
    lines, _ = read(
        ["1", "一、协商议政", "召开会议", "", "督办处", "", "年内"],
        ["2", "", "报送信息", "", "督办处", "", "年内"],
    )

    assert [line.category for line in lines] == ["协商议政", "协商议政"]


def test_a_heading_between_rows_names_the_category() -> None:
    lines, left_out = read(
        ["一、协商议政（2项）", "", "", "", "", "", ""],
        ["1", "", "召开会议", "", "督办处", "", "年内"],
        ["二、自身建设", "", "", "", "", "", ""],
        ["2", "", "报送信息", "", "督办处", "", "年内"],
        merges=((2, 0, 2, 6), (4, 0, 4, 6)),
        header=["序号", "说明", "重点任务", "工作举措", "牵头处室", "协办处室", "完成时限"],
    )

    assert [line.category for line in lines] == ["协商议政", "自身建设"]
    assert [each.why for each in left_out] == [HEADING, HEADING]


def test_totals_notes_and_repeated_headers_are_left_out_with_reasons() -> None:
    lines, left_out = read(
        ["1", "甲", "召开会议", "", "督办处", "", "年内"],
        list(HEADER),
        ["2", "甲", "报送信息", "", "督办处", "", "年内"],
        ["合计", "", "2项", "", "", "", ""],
        ["注：牵头处室负总责。", "", "", "", "", "", ""],
        ["2.协办处室按职责配合。", "", "", "", "", "", ""],
        ["填表人：王立新", "", "", "", "审核人：邓立新", "", ""],
    )

    assert [line.number for line in lines] == ["1", "2"]
    assert [(each.row, each.why) for each in left_out] == [
        (3, HEADER_AGAIN),
        (5, TOTAL),
        (6, NOTE),
        (7, NOTE),
        (8, NOTE),
    ]


def test_a_row_without_title_is_kept_and_asked_about() -> None:
    ((line,), left_out) = read(["1", "甲", "", "", "督办处", "", "年内"])

    assert line.title == ""
    assert "没有写重点任务" in line.problems[0]
    assert left_out == []


def test_a_title_alone_is_a_duty_still_to_be_filled_in() -> None:
    lines, left_out = read(["", "", "召开会议", "", "", "", ""], ["2", "甲", "报送信息", "", "督办处", "", "年内"])

    assert [line.title for line in lines] == ["召开会议", "报送信息"]
    assert left_out == []


def test_steps_in_rows_of_their_own_join_the_line_above() -> None:
    (line,), left_out = read(
        ["1", "甲", "召开会议", "制定方案", "督办处", "", "3月底前"],
        ["", "", "", "组织实施", "", "", "6月底前"],
        merges=((2, 0, 3, 0), (2, 1, 3, 1), (2, 2, 3, 2), (2, 4, 3, 4)),
    )

    assert line.steps == ("制定方案", "组织实施")
    assert line.step_deadlines == ("3月底前", "6月底前")
    assert line.deadline == "6月底前"
    assert [(each.row, each.why) for each in left_out] == [(3, "是第 2 行的续行，举措已并入那一行")]


def test_a_continued_row_that_says_something_else_too_is_told() -> None:
    (line,), _ = read(
        ["1", "甲", "召开会议", "制定方案", "督办处", "", "年内"], ["", "", "", "组织实施", "人事处", "", ""]
    )

    assert "第 3 行并入本行，但另写了牵头处室“人事处”" in line.problems[0]


def test_one_key_task_may_stand_over_several_projects() -> None:
    lines, _ = read(
        ["办好提案", "办理重点提案", "提案委办公室", "年内"],
        ["", "评选优秀提案", "提案委办公室", "年内"],
        header=["重点任务", "项目", "牵头处室", "完成时限"],
    )

    assert [(line.key_task, line.title) for line in lines] == [
        ("办好提案", "办理重点提案"),
        ("办好提案", "评选优秀提案"),
    ]


def test_the_first_of_a_responsible_column_leads() -> None:
    (line,), _ = read(["召开会议", "督办处、人事处 信息中心", "年内"], header=["任务", "责任单位", "时限"])

    assert line.lead_texts == ("督办处",)
    assert line.co_texts == ("人事处", "信息中心")


def test_quarters_become_steps_with_their_dates() -> None:
    (line,), _ = read(
        ["召开会议", "督办处", "1.制定方案\n2.调研", "", "召开", "总结"],
        header=["任务", "牵头处室", "一季度", "二季度", "三季度", "四季度"],
    )

    assert line.steps == ("制定方案", "调研", "召开", "总结")
    assert line.step_deadlines == ("第一季度末", "第一季度末", "第三季度末", "第四季度末")


def test_dates_stay_dates_and_formulas_are_told() -> None:
    day = datetime.date(2026, 6, 30)
    (first, second, third), _ = read(
        [
            Cell("1", formula="=ROW()-1"),
            "甲",
            "召开会议",
            "",
            "督办处",
            "",
            Cell("2026-06-30", date=day, formula="=TODAY()"),
        ],
        ["2", "甲", "报送信息", "", "督办处", "", Cell("", formula="=X1")],
        ["3", "甲", "整理档案", "", "督办处", "", "#REF!"],
    )

    assert first.deadline == day
    assert first.formula_cells == ("序号", "完成时限")
    assert [len(first.problems), len(second.problems), len(third.problems)] == [1, 1, 1]
    assert "没有存它的值" in second.problems[0]
    assert "错误值 #REF!" in third.problems[0]


def test_a_ledger_in_use_brings_what_happened() -> None:
    (line,), _ = read(
        ["〔2026〕003号", "召开会议", "督办处", "年内", "已完成调研", "已办结", "2026-06-30", "1", "2026-01-05"],
        header=["编号", "任务", "牵头处室", "时限", "进展情况", "完成情况", "办结日期", "延期次数", "交办日期"],
    )

    assert (line.project_number, line.progress, line.completion) == ("〔2026〕003号", "已完成调研", "已办结")
    assert (line.closed_on, line.extensions, line.dispatched_on) == ("2026-06-30", "1", "2026-01-05")


def test_several_sources_are_several() -> None:
    (line,), _ = read(
        ["召开会议", "督办处", "党组工作要点、年度协商计划\n领导批示"], header=["任务", "牵头处室", "来源"]
    )

    assert line.sources == ("党组工作要点", "年度协商计划", "领导批示")


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("督办处、人事处", ["督办处", "人事处"]),
        ("督办处，人事处,信息中心;秘书处", ["督办处", "人事处", "信息中心", "秘书处"]),
        ("督办处 人事处\n信息中心", ["督办处", "人事处", "信息中心"]),
        ("理论和调研处/农业和农村委办公室", ["理论和调研处", "农业和农村委办公室"]),
        ("督　办　处", ["督办处"]),
        ("督办处、人事处等", ["督办处", "人事处"]),
        ("人口资源环境委（城建、环保）", ["人口资源环境委（城建、环保）"]),
        ("督办处、督办处", ["督办处"]),
        ("", []),
    ],
)
def test_names_in_one_cell_are_taken_apart(text: str, names: list[str]) -> None:
    assert split_names(text) == names


@pytest.mark.parametrize(
    ("text", "lead", "co"),
    [
        ("牵头：督办处；配合：人事处、信息中心", ["督办处"], ["人事处", "信息中心"]),
        ("牵头单位：督办处\n配合单位：人事处", ["督办处"], ["人事处"]),
        ("人事处、督办处（牵头）", ["督办处"], ["人事处"]),
        ("督办处、人事处（配合）", ["督办处"], ["人事处"]),
        ("督办处 人事处", ["督办处"], ["人事处"]),
    ],
)
def test_marks_in_a_cell_tell_who_leads(text: str, lead: list[str], co: list[str]) -> None:
    assert split_duty(text, first_leads=True) == (lead, co)


def test_people_lose_spaces_and_keep_what_tells_them_apart() -> None:
    assert split_people("张　三、王立新 （处长） 李四四") == ["张三", "王立新（处长）", "李四四"]


@pytest.mark.parametrize(
    ("text", "steps"),
    [
        ("1.制定方案\n2.组织实施\n3.总结成效", ["制定方案", "组织实施", "总结成效"]),
        ("1、制定方案；\n2、组织实施。", ["制定方案", "组织实施"]),
        ("（1）制定方案\n（2）组织实施", ["制定方案", "组织实施"]),
        ("①制定方案②组织实施", ["制定方案", "组织实施"]),
        ("（1）制定方案（2）组织实施", ["制定方案", "组织实施"]),
        ("（一）制定方案（二）组织实施", ["制定方案", "组织实施"]),
        ("①制定方案（2）组织实施", ["制定方案（2）组织实施"]),
        ("①制定方案；②组织实施", ["制定方案", "组织实施"]),
        ("一是制定方案；二是组织实施", ["制定方案", "组织实施"]),
        ("1.制定方案；2.组织实施；3.总结1.5万字", ["制定方案", "组织实施", "总结1.5万字"]),
        ("1.制定方案 2.组织实施", ["制定方案", "组织实施"]),
        ("1.3月底前制定方案\n2.12月底前总结", ["3月底前制定方案", "12月底前总结"]),
        ("1.制定方案，\n征求意见\n2.组织实施", ["制定方案，征求意见", "组织实施"]),
        ("制定方案\n组织实施", ["制定方案", "组织实施"]),
        ("制定方案；组织实施", ["制定方案；组织实施"]),
        ("第一步：制定方案；第二步：组织实施", ["制定方案", "组织实施"]),
        ("", []),
    ],
)
def test_steps_are_taken_apart_by_their_numbers(text: str, steps: list[str]) -> None:
    assert split_steps(text) == steps


def test_headings_lose_ordinal_and_count() -> None:
    assert bare_heading("一、思想政治引领（27项）") == "思想政治引领"
    assert bare_heading("（二）联系群众") == "联系群众"
    assert bare_heading("十一、一体推进") == "一体推进"


@pytest.mark.parametrize(
    ("text", "number"),
    [("一", 1), ("十", 10), ("十二", 12), ("三十", 30), ("九十九", 99), ("百", 0), ("一二", 0), ("", 0)],
)
def test_chinese_numbers(text: str, number: int) -> None:
    assert chinese_number(text) == number
