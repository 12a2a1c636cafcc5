"""The program that reads an .xls from its input and prints it as JSON; run alone, it imports nothing of ours.

A process of its own because calamine panics at some damaged files and asks for all memory at others, and either
would take the web server with it.
"""

import datetime
import io
import json
import resource
import sys

from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetTypeEnum, SheetVisibleEnum

LOCKED, BROKEN = 3, 4
MEMORY = 1024 * 1024 * 1024


def main(most_rows: int) -> int:
    """Print the worksheets until one row more than `most_rows` has content; the exit code tells what went wrong."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    sheets: list[dict[str, object]] = []
    left = most_rows + 1
    try:
        with CalamineWorkbook.from_filelike(io.BytesIO(sys.stdin.buffer.read())) as book:
            for about in book.sheets_metadata:
                if about.typ != SheetTypeEnum.WorkSheet or left <= 0:
                    continue
                sheet = book.get_sheet_by_name(about.name)
                top, first = sheet.start or (0, 0)
                rows: dict[int, dict[int, object]] = {}
                for number, values in enumerate(sheet.to_python(skip_empty_area=True), start=top + 1):
                    row = {index: plain for index, value in enumerate(values, first) if (plain := _plain(value)) != ""}
                    if row:
                        rows[number] = row
                        left -= 1
                    if left <= 0:
                        break
                merges = [(a + 1, b, c + 1, d) for (a, b), (c, d) in sheet.merged_cell_ranges or ()]
                hidden = about.visible != SheetVisibleEnum.Visible
                sheets.append({"name": about.name, "hidden": hidden, "rows": rows, "merges": merges})
    except PasswordError:
        return LOCKED
    except CalamineError:
        return BROKEN
    json.dump(sheets, sys.stdout)
    return 0


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
