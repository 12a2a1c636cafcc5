"""Reading .xls through calamine, in a process of its own."""

import datetime
import json
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

from cppcc_office.lib.sheets import old_workbook_reader
from cppcc_office.lib.sheets.archives import BROKEN, LOCKED, told_when_broken
from cppcc_office.lib.sheets.tables import MAX_ROWS, Cell, Limits, Sheet, Unreadable, clean, number_text, sheet_of

FORMULAS_UNKNOWN = "旧格式 .xls 看不出哪些格是公式，已按显示的值读取。"
SECONDS = 60


def read_old_workbook(data: bytes) -> list[Sheet]:
    """The worksheets in their order. The old format does not tell formulas, which a note says."""
    command = [sys.executable, "-I", str(Path(old_workbook_reader.__file__)), str(MAX_ROWS)]
    try:
        reader = subprocess.run(command, input=data, capture_output=True, timeout=SECONDS, check=False)
    except subprocess.TimeoutExpired as error:
        raise Unreadable(BROKEN) from error
    if reader.returncode == old_workbook_reader.LOCKED:
        raise Unreadable(LOCKED)
    if reader.returncode != 0:
        raise Unreadable(BROKEN)
    limits = Limits()
    with told_when_broken():
        return [_sheet(each, limits) for each in json.loads(reader.stdout)]


def _sheet(read: dict[str, Any], limits: Limits) -> Sheet:
    cells: dict[int, dict[int, Cell]] = {}
    for number, values in read["rows"].items():
        row = {int(index): cell for index, value in values.items() if (cell := _cell(value)).text}
        if row:
            limits.add_row()
            limits.see_width(max(row) + 1)
            cells[int(number)] = row
    merges = [(top, left, bottom, right) for top, left, bottom, right in read["merges"]]
    notes = [FORMULAS_UNKNOWN] if cells else []
    return sheet_of(str(read["name"]), cells, merges=merges, hidden=bool(read["hidden"]), notes=notes)


def _cell(value: object) -> Cell:
    if isinstance(value, dict):
        day = datetime.date.fromisoformat(value["date"])
        return Cell(day.isoformat(), date=day)
    if isinstance(value, int | float):
        number = Decimal(format(value, ".15g"))
        return Cell(number_text(number), number=number) if number.is_finite() else Cell(str(value))
    return Cell(clean(str(value)))
