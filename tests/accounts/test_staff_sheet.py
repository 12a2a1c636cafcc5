"""What the rows of a staff table say, before anything is looked up."""

import io
from pathlib import Path

import pytest
from openpyxl import Workbook

from accounts.enums import Role
from accounts.intake.sheet import StaffRow, staff_rows
from cppcc_office.lib.errors import Refused
from cppcc_office.lib.sheets import read_tables

SHEET = Path(__file__).parents[2] / "docs" / "samples" / "staff-2026.xlsx"
HEADER = ["姓名", "处室", "职务", "角色", "手机", "登录名"]


def rows_of(*lines: list[str], header: list[str] | None = None) -> list[StaffRow]:
    return staff_rows(read_tables(workbook(*lines, header=header), "人员.xlsx"))[0]


def workbook(*lines: list[str], header: list[str] | None = None) -> io.BytesIO:
    book = Workbook()
    for line in [header or HEADER, *lines]:
        book.worksheets[0].append(line)
    file = io.BytesIO()
    book.save(file)
    file.seek(0)
    return file


def test_the_shown_sheet_reads_whole() -> None:
    rows, left_out = staff_rows(read_tables(SHEET, SHEET.name))

    assert len(rows) == 74
    assert left_out == []
    assert not [row for row in rows if row.problems or row.notes]
    assert sum(1 for row in rows if row.roles == (Role.DIVISION_HEAD,)) == 17
    assert sum(1 for row in rows if row.roles == (Role.LEADER,)) == 6


def test_titles_other_names_and_order_of_columns_are_known() -> None:
    book = Workbook()
    sheet = book.worksheets[0]
    for line in (
        ["2026年机关人员名册"],
        [],
        ["账号", "姓 名", "部门", "联系电话", "职务（职级）"],
        ["U900", "张 三", "秘书处", "138 0000-0900", "处长、一级调研员"],
        ["合计：1人"],
        ["注：截至11月"],
    ):
        sheet.append(line)
    sheet.merge_cells("A1:E1")
    file = io.BytesIO()
    book.save(file)
    file.seek(0)

    rows, left_out = staff_rows(read_tables(file, "名册.xlsx"))

    assert [(r.number, r.name, r.division, r.login, r.phone, r.roles) for r in rows] == [
        (4, "张三", "秘书处", "u900", "13800000900", (Role.DIVISION_HEAD,))
    ]
    assert rows[0].notes == ("没有写角色，按职务定为处室负责人",)
    assert [line.number for line in left_out] == [5, 6]


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (["", "秘书处", "", "经办人", "", ""], "没有姓名"),
        (["张三", "", "干部", "经办人", "", ""], "没有写处室"),
        (["张三", "", "", "", "", ""], "角色和处室都没有写"),
        (["张三", "秘书处", "", "督办人员", "", ""], "督办人员不用填"),
        (["张三", "秘书处", "", "系统管理员", "", ""], "不能用表格授予"),
        (["张三", "秘书处", "", "审计员", "", ""], "不能用表格授予"),
        (["张三", "秘书处", "", "组长", "", ""], "没有“组长”这个角色"),
        (["张三", "秘书处", "", "经办人", "一三八", ""], "不是号码"),
        (["张三", "秘书处", "", "经办人", "", "a b c"], "登录名“a b c”不能用"),
        (["张" * 41, "秘书处", "", "经办人", "", ""], "超过 40 个字"),
    ],
)
def test_what_is_wrong_with_a_row_is_said_in_words(line: list[str], why: str) -> None:
    row = rows_of(line)[0]

    assert any(why in problem for problem in row.problems)


@pytest.mark.parametrize(
    ("title", "division", "role"),
    [
        ("副处长", "秘书处", Role.STAFF),
        ("主任科员", "秘书处", Role.STAFF),
        ("主任", "研究室", Role.DIVISION_HEAD),
        ("副主席", "", Role.LEADER),
    ],
)
def test_a_missing_role_follows_from_the_title(title: str, division: str, role: Role) -> None:
    row = rows_of(["张三", division, title, "", "", ""])[0]

    assert row.roles == (role,)
    assert row.notes


def test_several_roles_in_one_cell_are_several_roles() -> None:
    row = rows_of(["张三", "人事处", "处长", "处室负责人、考评人员", "", ""])[0]

    assert row.roles == (Role.DIVISION_HEAD, Role.ASSESSOR)


def test_a_table_without_names_is_refused_in_a_sentence() -> None:
    with pytest.raises(Refused, match="没有找到“姓名”一栏"):
        rows_of(["1", "2"], header=["序号", "重点任务"])


def test_a_table_without_people_is_refused_in_a_sentence() -> None:
    with pytest.raises(Refused, match="表头下面没有人员"):
        rows_of()


def test_a_row_survives_being_stored() -> None:
    row = rows_of(["张三", "", "", "", "x", ""])[0]

    assert StaffRow.from_json(row.as_json()) == row
