"""Books are written as they are read back: merged, dated, printable, and no text is ever a formula."""

import datetime
import io
import tracemalloc
from collections.abc import Iterator
from decimal import Decimal

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet
from python_calamine import CalamineWorkbook

from cppcc_office.lib.sheets import read_tables
from cppcc_office.lib.sheets.writing import Column, Kind, Layout, Line, Paper, Weight, book_file, write_book

COLUMNS = (
    Column("序号", 6, Kind.WHOLE, level=1),
    Column("督办事项", 20, level=1),
    Column("协办处室", 12),
    Column("完成时限", 12, Kind.DATE),
    Column("进度", 8, Kind.TENTHS),
)
LAYOUT = Layout("督办台账", COLUMNS, titles=("督办台账", "截至 2026-11-22"), frozen=2, footer="R&D 处")
DAY = datetime.date(2026, 6, 30)


def item(number: int, division: str = "办公厅", title: str = "协商议政") -> Line:
    return Line((number, title, division, DAY, Decimal("33.3")), keys=(number,))


def written(*lines: Line, layout: Layout = LAYOUT) -> Worksheet:
    file = io.BytesIO()
    write_book(file, layout, lines)
    file.seek(0)
    return openpyxl.load_workbook(file).worksheets[0]


def merged(sheet: Worksheet) -> set[str]:
    return {str(cells) for cells in sheet.merged_cells.ranges}


def test_both_readers_read_back_what_was_written() -> None:
    file = io.BytesIO()

    count = write_book(file, LAYOUT, [item(1), item(2)])

    assert count == 2
    by_openpyxl = [[cell.value for cell in row] for row in openpyxl.load_workbook(file).worksheets[0].iter_rows()]
    by_calamine = CalamineWorkbook.from_filelike(io.BytesIO(file.getvalue())).get_sheet_by_index(0).to_python()
    assert by_openpyxl[2] == [column.title for column in COLUMNS]
    assert by_openpyxl[3] == [1, "协商议政", "办公厅", datetime.datetime.combine(DAY, datetime.time()), 33.3]
    assert by_calamine[3] == [1.0, "协商议政", "办公厅", DAY, 33.3]


def test_our_own_import_reads_it() -> None:
    with book_file(LAYOUT, [item(1)]) as file:
        (sheet,) = read_tables(io.BytesIO(file.read()), "台账.xlsx")

    assert sheet.rows[-1].texts == ("1", "协商议政", "办公厅", "2026-06-30", "33.3")


@pytest.mark.parametrize("text", ["=1+1", "+86", "-3", "@SUM(A1)", '=HYPERLINK("http://a","b")'])
def test_what_begins_like_a_formula_is_a_text(text: str) -> None:
    cell = written(item(1, title=text))["B4"]

    assert (cell.value, cell.data_type, cell.quotePrefix) == (text, "s", True)


@pytest.mark.parametrize("text", ["a\x00b\x0b", "\ud800x", "<&>\"'", " 空格 ", "一\r\n二", "字" * 40_000])
def test_any_text_makes_a_readable_book(text: str) -> None:
    value = written(item(1, title=text))["B4"].value

    assert isinstance(value, str)
    assert len(value) <= 32_767


def test_lines_of_one_item_share_its_cells() -> None:
    sheet = written(item(1), item(1, "研究室"), item(2), item(3), item(3, "信息中心"), item(3, "文史办"))

    assert merged(sheet) == {"A1:E1", "A2:E2", "A4:A5", "B4:B5", "A7:A9", "B7:B9"}
    assert [sheet.cell(row, 2).value for row in range(4, 10)] == ["协商议政", None, "协商议政", "协商议政", None, None]


def test_an_inner_item_ends_with_the_outer_one() -> None:
    columns = (Column("类别", 8, level=1), Column("重点任务", 20, level=2), Column("项目", 20))
    lines = [Line(("一", "同名", "a"), (1, 7)), Line(("一", "同名", "b"), (1, 7)), Line(("二", "同名", "c"), (2, 7))]

    sheet = written(*lines, layout=Layout("表", columns))

    assert merged(sheet) == {"A2:A3", "B2:B3"}
    assert sheet["B4"].value == "同名"


def test_a_band_goes_over_the_whole_width_and_parts_items() -> None:
    band = Line(("办公厅（2 项）",), weight=Weight.BAND)

    sheet = written(item(1), band, item(1))

    assert "A5:E5" in merged(sheet)
    assert "A4:A5" not in merged(sheet)
    assert sheet["A6"].value == 1


def test_a_long_text_over_few_lines_gets_its_room() -> None:
    sheet = written(item(1, title="字" * 100), item(1, "研究室"))

    heights = [sheet.row_dimensions[row].height or 0 for row in (4, 5)]
    assert sum(heights) >= 11 * 15


def test_the_head_stays_in_view_and_is_printed_on_every_page() -> None:
    sheet = written(item(1))

    assert sheet.freeze_panes == "C4"
    assert sheet.print_title_rows == "$3:$3"
    assert (sheet.page_setup.paperSize, sheet.page_setup.orientation) == (Paper.A3.value, "landscape")
    assert (sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight) == (1, 0)
    assert sheet.sheet_properties.pageSetUpPr
    assert sheet.sheet_properties.pageSetUpPr.fitToPage
    assert sheet.oddFooter is not None
    assert sheet.oddFooter.center.text == "第 &P 页 共 &N 页"
    assert sheet["D4"].number_format == "yyyy-mm-dd"


def test_nothing_to_write_is_a_head_alone() -> None:
    sheet = written(layout=Layout("空[表]:*", COLUMNS, closing=("签名：",)))

    assert [cell.value for cell in sheet[1]] == [column.title for column in COLUMNS]
    assert sheet["A2"].value == "签名："
    assert sheet.title == "空 表"


def test_a_wrong_number_of_cells_is_no_line() -> None:
    with pytest.raises(ValueError, match="zip"):
        written(Line((1, 2)))


def test_memory_does_not_grow_with_the_lines() -> None:
    def many(count: int) -> Iterator[Line]:
        for number in range(count):
            yield item(number // 2, f"处室{number}")

    def peak(count: int) -> int:
        tracemalloc.start()
        try:
            book_file(LAYOUT, many(count)).close()
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    peak(100)

    assert peak(6_000) < 1.5 * peak(600) + 500_000
