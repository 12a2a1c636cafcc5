"""Reading .xlsx in one pass: values, dates, formulas, merged cells, hidden rows, with bounded memory.

Our own because openpyxl knows merged cells only with the whole sheet in memory and refuses styles that WPS writes,
and calamine does not tell formulas; number formats and date arithmetic are openpyxl's.
"""

import datetime
import posixpath
import re
import zipfile
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from xml.etree import ElementTree

from openpyxl.styles.numbers import BUILTIN_FORMATS, is_date_format
from openpyxl.utils.datetime import CALENDAR_MAC_1904, CALENDAR_WINDOWS_1900, from_excel

from cppcc_office.lib.sheets.archives import attribute, child, children, local, open_part, parse_part, told_when_broken
from cppcc_office.lib.sheets.tables import Cell, Limits, Merge, Sheet, clean, number_text, sheet_of

# What Excel and WPS in Chinese mean by the numbers that the standard leaves to the language.
CHINESE_FORMATS = {
    **dict.fromkeys((27, 36, 50, 52, 57), 'yyyy"年"m"月"'),
    **dict.fromkeys((28, 29, 51, 53, 54, 58), 'm"月"d"日"'),
    30: "m-d-yy",
    31: 'yyyy"年"m"月"d"日"',
    **dict.fromkeys((32, 33, 34, 35, 55, 56), "h:mm"),
}


@dataclass(frozen=True)
class _Book:
    archive: zipfile.ZipFile
    strings: list[str]
    formats: list[str]
    epoch: datetime.datetime
    limits: Limits


def read_workbook(archive: zipfile.ZipFile) -> list[Sheet]:
    """The worksheets in their order; chart sheets are none."""
    with told_when_broken():
        path = next(name for name in archive.namelist() if posixpath.basename(name) == "workbook.xml")
        folder = posixpath.dirname(path)
        root = parse_part(archive, path)
        properties = child(root, "workbookPr")
        mac = properties is not None and attribute(properties, "date1904") in ("1", "true")
        targets = {
            attribute(relation, "Id"): posixpath.normpath(posixpath.join("/", folder, attribute(relation, "Target")))[
                1:
            ]
            for relation in parse_part(archive, f"{folder}/_rels/workbook.xml.rels")
            if attribute(relation, "Type").endswith("/worksheet")
        }
        book = _Book(
            archive,
            _shared_strings(archive, f"{folder}/sharedStrings.xml"),
            _formats(archive, f"{folder}/styles.xml"),
            CALENDAR_MAC_1904 if mac else CALENDAR_WINDOWS_1900,
            Limits(),
        )
        return [
            _read_sheet(book, targets[attribute(each, "id")], attribute(each, "name"), attribute(each, "state"))
            for each in children(root, "sheets")
            if attribute(each, "id") in targets
        ]


def _shared_strings(archive: zipfile.ZipFile, name: str) -> list[str]:
    strings: list[str] = []
    if name not in archive.namelist():
        return strings
    with open_part(archive, name) as part:
        root = None
        for event, element in ElementTree.iterparse(part, events=("start", "end")):
            if event == "start" and root is None:
                root = element
            if event == "end" and local(element.tag) == "si":
                strings.append(_text(element))
                if root is not None:
                    root.clear()
    return strings


def _text(element: ElementTree.Element) -> str:
    """The runs of a text without its phonetic guide."""
    parts = []
    for each in element:
        if local(each.tag) == "t":
            parts.append(each.text or "")
        elif local(each.tag) == "r":
            parts.extend(run.text or "" for run in each if local(run.tag) == "t")
    # Characters XML cannot hold are written _x000D_ by Excel.
    return re.sub(r"_x([0-9A-Fa-f]{4})_", lambda found: chr(int(found[1], 16)), "".join(parts))


def _formats(archive: zipfile.ZipFile, name: str) -> list[str]:
    """The number format of each cell style."""
    if name not in archive.namelist():
        return []
    root = parse_part(archive, name)
    own = {int(attribute(each, "numFmtId")): attribute(each, "formatCode") for each in children(root, "numFmts")}
    known = BUILTIN_FORMATS | CHINESE_FORMATS | own
    return [known.get(int(attribute(each, "numFmtId") or 0), "General") for each in children(root, "cellXfs")]


def _read_sheet(book: _Book, path: str, name: str, state: str) -> Sheet:
    cells: dict[int, dict[int, Cell]] = {}
    merges: list[Merge] = []
    hidden_rows: set[int] = set()
    number = index = 0
    holder: ElementTree.Element | None = None
    with open_part(book.archive, path) as part:
        for event, element in ElementTree.iterparse(part, events=("start", "end")):
            tag = local(element.tag)
            if event == "start":
                if tag == "row":
                    number, index, holder = int(element.get("r") or number + 1), -1, element
                    if element.get("hidden") in ("1", "true"):
                        hidden_rows.add(number)
                elif tag == "sheetData":
                    holder = element
            elif tag == "c" and holder is not None:
                index = _column(element.get("r") or "", index + 1)
                cell = _cell(book, element)
                if cell.text or cell.formula:
                    if number not in cells:
                        book.limits.add_row()
                    book.limits.see_width(index + 1)
                    cells.setdefault(number, {})[index] = cell
                holder.clear()  # a row of a million empty cells must not pile up
            elif tag == "mergeCell":
                merges.append(_range(element.get("ref") or ""))
    return sheet_of(name, cells, merges=merges, hidden_rows=hidden_rows, hidden=state in ("hidden", "veryHidden"))


def _column(reference: str, otherwise: int) -> int:
    index = 0
    for letter in reference:
        if not "A" <= letter <= "Z":
            break
        index = index * 26 + ord(letter) - 64
    return index - 1 if index else otherwise


def _range(reference: str) -> Merge:
    first, _, last = reference.partition(":")
    last = last or first
    return (_row(first), _column(first, 0), _row(last), _column(last, 0))


def _row(reference: str) -> int:
    return int(reference.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ"))


def _cell(book: _Book, element: ElementTree.Element) -> Cell:
    kind = element.get("t") or "n"
    value, formula, text = "", "", ""
    for each in element:
        tag = local(each.tag)
        if tag == "v":
            value = each.text or ""
        elif tag == "f":
            formula = "=" + (each.text or "…")  # the followers of a shared formula have no text of their own
        elif tag == "is":
            text = _text(each)
    if kind == "s" and value:
        text = book.strings[int(value)]
    elif kind == "b" and value:
        text = "TRUE" if value == "1" else "FALSE"
    elif kind in ("str", "e"):
        text = value
    elif kind == "d" and value:
        return _date_cell(datetime.datetime.fromisoformat(value), "yyyy-mm-dd", formula)
    elif kind == "n" and value:
        style = int(element.get("s") or 0)
        return _number_cell(book, value, book.formats[style] if style < len(book.formats) else "General", formula)
    return Cell(clean(text), formula=formula)


def _number_cell(book: _Book, value: str, shown_as: str, formula: str) -> Cell:
    if is_date_format(shown_as):
        try:
            moment = from_excel(float(value), book.epoch)
        except (ValueError, OverflowError):
            moment = None  # a number no calendar reaches is shown as the number it is
        if isinstance(moment, datetime.datetime):
            return _date_cell(moment, shown_as, formula)
        if isinstance(moment, datetime.time):
            return Cell(moment.isoformat("minutes"), formula=formula)
    try:
        # Fifteen digits are what a sheet knows; the rest is the noise of binary fractions.
        number = Decimal(format(float(value), ".15g"))
    except InvalidOperation:
        return Cell(clean(value), formula=formula)
    if not number.is_finite():
        return Cell(clean(value), formula=formula)
    if shown_as.rstrip("_ ").endswith("%"):
        return Cell(number_text(number * 100) + "%", number=number, formula=formula)
    text = number_text(number)
    if re.fullmatch("0{2,}", shown_as) and number == number.to_integral_value():
        text = text.zfill(len(shown_as))
    return Cell(text, number=number, formula=formula)


def _date_cell(moment: datetime.datetime, shown_as: str, formula: str) -> Cell:
    """A date; but a month where only the month is shown, for nobody meant its first day."""
    letters = re.sub(r'"[^"]*"|\\.|\[[^\]]*\]', "", shown_as).lower()
    if "d" not in letters and "h" not in letters and "y" in letters:
        return Cell(f"{moment.year}年{moment.month}月", formula=formula)
    return Cell(moment.date().isoformat(), date=moment.date(), formula=formula)
