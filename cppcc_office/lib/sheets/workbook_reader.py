"""The program that reads an .xls or .xlsx from its input and prints it as JSON; run alone, it imports nothing of ours.

A process of its own because calamine panics at some damaged files and lays out the whole rectangle between the
first cell and a stray one far away, openpyxl builds every formatted empty cell, and either would take the web
server with it. Two lines: the values by calamine, quick enough to count the rows first; then, for .xlsx, what
only openpyxl tells (formulas, number formats, hidden rows). Either line is null where its library refuses.
"""

import datetime
import io
import json
import resource
import sys
import warnings
from collections.abc import Iterator
from typing import Any

import openpyxl
from openpyxl.styles.numbers import BUILTIN_FORMATS
from openpyxl.worksheet.worksheet import Worksheet
from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetTypeEnum, SheetVisibleEnum

LOCKED, TOO_MUCH = 3, 5
MEMORY = 1024 * 1024 * 1024
# One long text may be shared by thousands of cells, and each of them would carry it.
MAX_CHARACTERS = 20_000_000

# What Excel and WPS in Chinese mean by the numbers that the standard leaves to the language.
CHINESE_FORMATS = {
    **dict.fromkeys((27, 36, 50, 52, 57), 'yyyy"年"m"月"'),
    **dict.fromkeys((28, 29, 51, 53, 54, 58), 'm"月"d"日"'),
    30: "m-d-yy",
    31: 'yyyy"年"m"月"d"日"',
    **dict.fromkeys((32, 33, 34, 35, 55, 56), "h:mm"),
}

Read = dict[str, Any]


def main(most_rows: int) -> int:
    """Print both lines; the exit code tells what went wrong. Reading stops at one row more than `most_rows`."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    warnings.simplefilter("ignore")
    data = sys.stdin.buffer.read()
    sheets: list[Read] | None = None
    try:
        sheets = list(_values(data, most_rows))
    except PasswordError:
        return LOCKED
    except CalamineError:
        pass  # one error value it does not know is enough, so openpyxl still has its turn
    except OverflowError:
        return TOO_MUCH
    _say(sheets)
    if data.startswith(b"PK") and sum(len(sheet["rows"]) for sheet in sheets or ()) <= most_rows:
        _say(list(_details(data)))
    return 0


def _say(sheets: list[Read] | None) -> None:
    print(json.dumps(sheets), flush=True)


def _values(data: bytes, most_rows: int) -> Iterator[Read]:
    """What calamine reads: each value as [value]."""
    left, room = most_rows + 1, MAX_CHARACTERS
    with CalamineWorkbook.from_filelike(io.BytesIO(data)) as book:
        for about in book.sheets_metadata:
            if about.typ != SheetTypeEnum.WorkSheet or left <= 0:
                continue
            sheet = book.get_sheet_by_name(about.name)
            first = (sheet.start or (0, 0))[1]
            rows: dict[int, dict[int, list[object]]] = {}
            # Rows are counted from the sheet's first one, columns only from the first that is filled.
            for number, values in enumerate(sheet.iter_rows(), start=1):
                row = {index: [_plain(value)] for index, value in enumerate(values, first) if value != ""}
                if row:
                    rows[number] = row
                    left -= 1
                    room -= sum(len(value) for (value,) in row.values() if isinstance(value, str))
                if room < 0:
                    raise OverflowError
                if left <= 0:
                    break
            merges = [(a + 1, b, c + 1, d) for (a, b), (c, d) in sheet.merged_cell_ranges or ()]
            hidden = about.visible != SheetVisibleEnum.Visible
            yield {"name": about.name, "hidden": hidden, "rows": rows, "merges": merges, "hidden_rows": []}


def _details(data: bytes) -> Iterator[Read]:
    """What openpyxl reads: each cell as [value, number format, formula]."""
    BUILTIN_FORMATS.update(CHINESE_FORMATS)
    book = openpyxl.load_workbook(io.BytesIO(data), keep_links=False)
    results = None
    for sheet in book.worksheets:
        rows: dict[int, dict[int, list[object]]] = {}
        for cell in _cells(sheet):
            value, formula = cell.value, ""
            if cell.data_type == "f":
                formula = _formula(value)
                # The saved results need a second reading, which most files are spared.
                results = results or openpyxl.load_workbook(io.BytesIO(data), keep_links=False, data_only=True)
                value = results[sheet.title][cell.coordinate].value
            if formula or value not in (None, ""):
                plain = "" if value is None else _plain(value)
                rows.setdefault(cell.row, {})[cell.column - 1] = [plain, cell.number_format, formula]
        yield {
            "name": sheet.title,
            "hidden": sheet.sheet_state != "visible",
            "rows": rows,
            "merges": [(each.min_row, each.min_col - 1, each.max_row, each.max_col - 1) for each in sheet.merged_cells],
            "hidden_rows": [number for number, row in sheet.row_dimensions.items() if row.hidden],
        }


def _cells(sheet: Worksheet) -> Iterator[Any]:
    """The cells there are; `iter_rows` would make all those up to a format far below."""
    return iter(sheet._cells.values())


def _formula(value: object) -> str:
    """As written; the parts of an array and some followers of a shared formula have no text of their own."""
    text = str(getattr(value, "text", None) or value)
    return text if text.startswith("=") and text != "=" else "=…"


def _plain(value: object) -> object:
    """What JSON can hold: a date as {"date": …}, a number as itself, all else as text."""
    if isinstance(value, datetime.datetime):
        return {"date": value.date().isoformat()}
    if isinstance(value, datetime.date):
        return {"date": value.isoformat()}
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, datetime.time):
        return value.isoformat("minutes")
    return value if isinstance(value, int | float) else str(value)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1])))
