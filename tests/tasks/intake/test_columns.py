"""Headers of plan tables as offices make them."""

from pathlib import Path

import pytest

from cppcc_office.lib.sheets import read_tables
from tasks.intake.columns import LABELS, Field, Header, Unmapped, field_named, find_header
from tests.tasks.intake.sheets import sheet

DATA = Path(__file__).parents[3] / "docs" / "samples"


def header_of(*rows: list[str], merges: tuple[tuple[int, int, int, int], ...] = (), **remembered: str) -> Header:
    found = find_header(sheet(*rows, merges=merges), remembered)
    assert found is not None
    return found


def test_the_header_of_the_shown_plan_is_found_below_its_titles() -> None:
    (plan,) = read_tables(DATA / "plan-2026.xlsx", "plan-2026.xlsx")

    header = find_header(plan, {})

    assert header is not None
    assert (header.first_row, header.last_row) == (3, 3)
    assert header.title_lines == ("省政协2026年度重点任务分解表", "（六大类138项）")
    assert list(header.columns.values()) == [
        Field.NUMBER,
        Field.CATEGORY,
        Field.KEY_TASK,
        Field.SOURCE,
        Field.GOAL,
        Field.STEPS,
        Field.LEADER,
        Field.LEAD,
        Field.CO,
        Field.PERSON,
        Field.DEADLINE,
    ]
    assert header.unmapped == ()
    assert not header.first_leads


def test_a_staff_list_is_no_plan() -> None:
    (staff,) = read_tables(DATA / "staff-2026.xlsx", "staff-2026.xlsx")

    assert find_header(staff, {}) is None


@pytest.mark.parametrize(
    ("title", "field"),
    [
        ("督办事项", Field.KEY_TASK),
        ("重点工作\n任务", Field.KEY_TASK),
        ("目标要求", Field.GOAL),
        ("具体目标", Field.GOAL),
        ("推进措施", Field.STEPS),
        ("工作举措（节点）", Field.STEPS),
        ("牵头单位", Field.LEAD),
        ("主办部门", Field.LEAD),
        ("责任委室（牵头）", Field.LEAD),
        ("配合单位", Field.CO),
        ("协办委室", Field.CO),
        ("责任领导", Field.LEADER),
        ("分管领导", Field.LEADER),
        ("完 成 时 间", Field.DEADLINE),
        ("办结时限：", Field.DEADLINE),
        ("完成时限（月）", Field.DEADLINE),
        ("第三季度工作目标", Field.QUARTER_3),
        ("1季度", Field.QUARTER_1),
        ("办结日期", Field.CLOSED_ON),
        ("延期次数", Field.EXTENSIONS),
        ("反馈周期", Field.REPORT_CYCLE),
        ("序 号", Field.NUMBER),
        ("责任单位", "responsible"),
        ("天气", None),
    ],
)
def test_titles_mean_fields(title: str, field: object) -> None:
    assert field_named(title) == field


@pytest.mark.parametrize("field", list(Field))
def test_every_field_is_found_by_its_own_label(field: Field) -> None:
    assert field_named(LABELS[field]) == field


def test_a_header_of_two_merged_rows_is_one_header() -> None:
    header = header_of(
        ["重点任务分解表", "", "", "", ""],
        ["序号", "重点任务", "责任分工", "", "完成时限"],
        ["", "", "牵头处室", "协办处室", ""],
        ["1", "召开会议", "督办处", "人事处", "6月底前"],
        merges=((1, 0, 1, 4), (2, 0, 3, 0), (2, 1, 3, 1), (2, 2, 2, 3), (2, 4, 3, 4)),
    )

    assert (header.first_row, header.last_row) == (2, 3)
    assert header.columns == {
        0: Field.NUMBER,
        1: Field.KEY_TASK,
        2: Field.LEAD,
        3: Field.CO,
        4: Field.DEADLINE,
    }
    assert header.titles[2] == "责任分工/牵头处室"


def test_a_header_of_two_rows_without_merges_is_one_header() -> None:
    header = header_of(
        ["序号", "重点任务", "工作节点", "", "", "", "责任单位", ""],
        ["", "", "一季度", "二季度", "三季度", "四季度", "牵头", "配合"],
        ["1", "召开会议", "a", "b", "c", "d", "督办处", "人事处"],
    )

    assert header.last_row == 2
    assert list(header.columns.values())[2:] == [
        Field.QUARTER_1,
        Field.QUARTER_2,
        Field.QUARTER_3,
        Field.QUARTER_4,
        Field.LEAD,
        Field.CO,
    ]


def test_the_first_row_below_a_plain_header_is_no_second_header() -> None:
    header = header_of(["重点任务", "牵头处室", "完成时限"], ["召开会议", "督办处", "6月底前"])

    assert header.last_row == 1


def test_a_line_of_remarks_above_the_header_is_no_part_of_it() -> None:
    header = header_of(
        ["填报单位：督办处", "", "2026年1月"], ["重点任务", "牵头处室", "完成时限"], ["召开会议", "督办处", "年内"]
    )

    assert (header.first_row, header.last_row) == (2, 2)
    assert header.title_lines == ("填报单位：督办处", "2026年1月")


def test_a_single_responsible_column_names_the_lead_first() -> None:
    header = header_of(["序号", "督办事项", "责任单位", "办结时限"])

    assert header.columns[2] == Field.LEAD
    assert header.first_leads


def test_beside_a_lead_column_the_responsible_ones_assist() -> None:
    header = header_of(["任务", "责任处室", "牵头处室", "时限"])

    assert header.columns[1] == Field.CO
    assert not header.first_leads


def test_closing_times_are_asked_for_only_where_nothing_else_is() -> None:
    alone = header_of(["任务", "牵头处室", "办结时间"])
    beside = header_of(["任务", "牵头处室", "完成时限", "办结时间"])

    assert alone.columns[2] == Field.DEADLINE
    assert beside.columns[3] == Field.CLOSED_ON


def test_unknown_columns_are_listed_and_remembered_ones_are_mapped() -> None:
    rows = ["任务", "牵头处室", "时限", "经费 来源", "密级"]

    unknown = header_of(rows)
    taught = header_of(rows, 经费来源="remark", 密级="")

    assert unknown.unmapped == (Unmapped(3, "经费 来源"), Unmapped(4, "密级"))
    assert taught.columns[3] == Field.REMARK
    assert taught.unmapped == ()


def test_what_is_remembered_goes_before_the_synonyms() -> None:
    header = header_of(["任务", "牵头处室", "时限", "说明"], 说明="effect")

    assert header.columns[3] == Field.EFFECT


def test_a_second_column_of_the_same_meaning_is_left_to_the_person() -> None:
    header = header_of(["任务", "牵头处室", "完成时限", "完成时间"])

    assert header.unmapped == (Unmapped(3, "完成时间"),)
