"""Reading .xls and .xlsx by calamine and openpyxl, in a process of its own.

Calamine reads what openpyxl refuses (odd styles that WPS and exports write, strict files) and counts the rows
quickly; openpyxl tells what calamine leaves out. Where only calamine could read, a note says what to look at.
"""

import datetime
import json
import re
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

from cppcc_office.lib.sheets import workbook_reader
from cppcc_office.lib.sheets.archives import BOMB, BROKEN, LOCKED, told_when_broken
from cppcc_office.lib.sheets.tables import MAX_ROWS, Cell, Limits, Sheet, Unreadable, clean, number_text, sheet_of

OLD_FORMAT = "旧格式 .xls 看不出哪些格是公式，已按显示的值读取。"
ODD_FORMAT = (
    "这个 .xlsx 的样式写得不规范，看不出哪些格是公式、哪些行是隐藏的，也看不出日期和百分比怎样显示"
    "（只写到月的会读成当月 1 日）；请核对，或在 WPS 或 Excel 中重新保存后再上传。"
)
CRASHED = "文件打不开：可能已损坏，也可能有内容写在离表格很远的行或列；请把表格复制到一个新建的文件里再上传。"
SECONDS = 60

Read = dict[str, Any]


def read_workbook(data: bytes, *, old: bool) -> list[Sheet]:
    """The worksheets in their order; chart sheets are none."""
    values, details = _read(data)
    known = values or details
    if known is None:
        raise Unreadable(BROKEN)
    told = {each["name"]: each for each in details or ()}
    limits = Limits()
    with told_when_broken():
        return [_sheet(each, told.get(each["name"]), limits, OLD_FORMAT if old else ODD_FORMAT) for each in known]


def _read(data: bytes) -> tuple[list[Read] | None, list[Read] | None]:
    """What calamine and what openpyxl made of it, None where it refused, crashed or took too long."""
    command = [sys.executable, "-I", str(Path(workbook_reader.__file__)), str(MAX_ROWS)]
    try:
        reader = subprocess.run(command, input=data, capture_output=True, timeout=SECONDS, check=False)
        output = reader.stdout
        if reader.returncode == workbook_reader.LOCKED:
            raise Unreadable(LOCKED)
        if reader.returncode == workbook_reader.TOO_MUCH:
            raise Unreadable(BOMB)
        if not output:
            raise Unreadable(CRASHED)
    except subprocess.TimeoutExpired as error:
        output = error.stdout or b""
    with told_when_broken():
        lines = [json.loads(line) for line in output.split(b"\n")[:-1]]  # a line without its end was cut off
    return (*lines, None, None)[:2]


def _sheet(read: Read, details: Read | None, limits: Limits, without_details: str) -> Sheet:
    if details is None or not details["rows"]:
        details = None
    cells: dict[int, dict[int, Cell]] = {}
    rows: dict[str, Any] = (details or read)["rows"]
    for number in {*read["rows"], *rows}:
        values, told = read["rows"].get(number, {}), rows.get(number, {})
        row = {}
        for index in {*values, *told}:
            # Calamine leaves error values out; a day that no calendar reaches is an error to openpyxl.
            value = (values.get(index) or told[index])[0]
            _, shown_as, formula = told[index] if details and index in told else (None, "", "")
            cell = _cell(value, shown_as, formula)
            if cell.text or cell.formula:
                row[int(index)] = cell
        if row:
            limits.add_row()
            limits.see_width(max(row) + 1)
            cells[int(number)] = row
    return sheet_of(
        str(read["name"]),
        cells,
        merges=[(top, left, bottom, right) for top, left, bottom, right in read["merges"]],
        hidden_rows=(details or read)["hidden_rows"],
        hidden=bool(read["hidden"]),
        notes=[without_details] if cells and not details else [],
    )


def _cell(value: object, shown_as: str, formula: str) -> Cell:
    if isinstance(value, dict):
        return _date_cell(datetime.date.fromisoformat(value["date"]), shown_as, formula)
    if not isinstance(value, int | float):
        return Cell(clean(str(value)), formula=formula)
    # Fifteen digits are what a sheet knows; the rest is the noise of binary fractions.
    number = Decimal(format(value, ".15g"))
    if not number.is_finite():
        return Cell(str(value), formula=formula)
    if shown_as.rstrip("_ ").endswith("%"):
        return Cell(number_text(number * 100) + "%", number=number, formula=formula)
    text = number_text(number)
    if re.fullmatch("0{2,}", shown_as) and number == number.to_integral_value():
        text = text.zfill(len(shown_as))
    return Cell(text, number=number, formula=formula)


def _date_cell(day: datetime.date, shown_as: str, formula: str) -> Cell:
    """A date; but a month where only the month is shown, for nobody meant its first day."""
    letters = re.sub(r'"[^"]*"|\\.|\[[^\]]*\]', "", shown_as).lower()
    if "d" not in letters and "h" not in letters and "y" in letters:
        return Cell(f"{day.year}年{day.month}月", formula=formula)
    return Cell(day.isoformat(), date=day, formula=formula)
