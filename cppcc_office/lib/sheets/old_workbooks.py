"""Reading .xls through calamine."""

import datetime
import io
from decimal import Decimal

from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetTypeEnum, SheetVisibleEnum

from cppcc_office.lib.sheets.archives import BROKEN, LOCKED, told_when_broken
from cppcc_office.lib.sheets.tables import Cell, Limits, Sheet, Unreadable, clean, number_text, sheet_of

FORMULAS_UNKNOWN = "旧格式 .xls 看不出哪些格是公式，已按显示的值读取。"


def read_old_workbook(data: bytes) -> list[Sheet]:
    """The worksheets in their order. The old format does not tell formulas, which a note says."""
    limits = Limits()
    sheets = []
    try:
        with told_when_broken(), CalamineWorkbook.from_filelike(io.BytesIO(data)) as book:
            for about in book.sheets_metadata:
                if about.typ != SheetTypeEnum.WorkSheet:
                    continue
                sheet = book.get_sheet_by_name(about.name)
                # No row is refused before it is seen, but the format itself ends at 65,536 rows and 256 columns.
                top, left = sheet.start or (0, 0)
                cells: dict[int, dict[int, Cell]] = {}
                for number, values in enumerate(sheet.to_python(skip_empty_area=True), start=top + 1):
                    row = {index: cell for index, value in enumerate(values, left) if (cell := _cell(value)).text}
                    if row:
                        limits.add_row()
                        limits.see_width(max(row) + 1)
                        cells[number] = row
                merges = [(a + 1, b, c + 1, d) for (a, b), (c, d) in sheet.merged_cell_ranges or ()]
                sheets.append(
                    sheet_of(
                        about.name,
                        cells,
                        merges=merges,
                        hidden=about.visible != SheetVisibleEnum.Visible,
                        notes=[FORMULAS_UNKNOWN] if cells else [],
                    )
                )
    except PasswordError as error:
        raise Unreadable(LOCKED) from error
    except CalamineError as error:
        raise Unreadable(BROKEN) from error
    return sheets


def _cell(value: object) -> Cell:
    if isinstance(value, datetime.datetime):
        return Cell(value.date().isoformat(), date=value.date())
    if isinstance(value, datetime.date):
        return Cell(value.isoformat(), date=value)
    if isinstance(value, datetime.time):
        return Cell(value.isoformat("minutes"))
    if isinstance(value, bool):
        return Cell("TRUE" if value else "FALSE")
    if isinstance(value, int | float):
        number = Decimal(format(value, ".15g"))
        return Cell(number_text(number), number=number) if number.is_finite() else Cell(str(value))
    return Cell(clean(str(value)))
