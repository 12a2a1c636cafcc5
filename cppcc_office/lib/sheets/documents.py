"""Reading .docx: its tables, and its running text with the automatic numbering written out.

Our own because python-docx knows no automatic numbers, and a numbered item without its number is no item.
"""

import zipfile
from collections.abc import Iterator
from xml.etree import ElementTree

from cppcc_office.lib.sheets.archives import BOMB, attribute, child, local, parse_part, told_when_broken
from cppcc_office.lib.sheets.numbering import Numbering
from cppcc_office.lib.sheets.tables import Cell, Limits, Merge, Sheet, Unreadable, clean, sheet_of

DOCUMENT = "word/document.xml"
MAX_DOCUMENT = 30 * 1024 * 1024
# Struck out or moved away, drawn in a box, or the same again for older programs.
UNREAD = {"del", "moveFrom", "txbxContent", "Fallback", "pPr", "rPr"}


def read_document_tables(archive: zipfile.ZipFile) -> list[Sheet]:
    """The tables of the text in their order, called 表1, 表2, …; tables inside tables are not read."""
    limits = Limits()
    with told_when_broken():
        tables = [each for each in _blocks(_body(archive)) if local(each.tag) == "tbl"]
        return [_table(each, f"表{number}", limits) for number, each in enumerate(tables, start=1)]


def read_document_text(archive: zipfile.ZipFile) -> list[str]:
    """The paragraphs outside tables, without the empty ones; a line break inside one starts a new one."""
    with told_when_broken():
        numbering = Numbering.of(archive)
        lines = []
        for block in _blocks(_body(archive)):
            if local(block.tag) == "p":
                text = clean(_text(block))
                if text:
                    lines.extend((numbering.label(child(block, "pPr")) + text).split("\n"))
        return [line for line in lines if line]


def _body(archive: zipfile.ZipFile) -> ElementTree.Element:
    if archive.getinfo(DOCUMENT).file_size > MAX_DOCUMENT:
        raise Unreadable(BOMB)
    body = child(parse_part(archive, DOCUMENT), "body")
    if body is None:
        raise ValueError("a document without body")
    return body


def _blocks(body: ElementTree.Element) -> Iterator[ElementTree.Element]:
    """Paragraphs and outer tables in reading order, also those inside content controls."""
    waiting = list(reversed(body))
    while waiting:
        element = waiting.pop()
        tag = local(element.tag)
        if tag in ("p", "tbl"):
            yield element
        elif tag not in UNREAD:
            waiting.extend(reversed(element))


def _text(element: ElementTree.Element) -> str:
    parts: list[str] = []
    waiting = list(reversed(element))
    while waiting:
        each = waiting.pop()
        tag = local(each.tag)
        if tag == "t":
            parts.append(each.text or "")
        elif tag in ("br", "cr"):
            parts.append("\n")
        elif tag == "tab":
            parts.append("\t")
        elif tag not in UNREAD and tag != "tbl":
            waiting.extend(reversed(each))
    return "".join(parts)


def _table(table: ElementTree.Element, name: str, limits: Limits) -> Sheet:
    cells: dict[int, dict[int, Cell]] = {}
    merges: list[Merge] = []
    open_merges: dict[int, Merge] = {}
    for number, row in enumerate(_rows(table), start=1):
        index = _number(child(row, "trPr"), "gridBefore", 0)
        for cell in _cells(row):
            about = child(cell, "tcPr")
            span = _number(about, "gridSpan", 1)
            merge = child(about, "vMerge")
            limits.see_width(index + span)
            if merge is not None and attribute(merge, "val") != "restart":
                if index in open_merges:
                    top, left, _, right = open_merges[index]
                    open_merges[index] = (top, left, number, right)
            else:
                if index in open_merges:
                    merges.append(open_merges.pop(index))
                open_merges[index] = (number, index, number, index + span - 1)
                text = clean("\n".join(_text(each) for each in _blocks(cell) if local(each.tag) == "p"))
                if text:
                    cells.setdefault(number, {})[index] = Cell(text)
            index += span
        if number in cells:
            limits.add_row()
    merges.extend(open_merges.values())
    return sheet_of(name, cells, merges=[each for each in merges if each[:2] != each[2:]])


def _rows(table: ElementTree.Element) -> Iterator[ElementTree.Element]:
    return (each for each in _inside(table, "tr"))


def _cells(row: ElementTree.Element) -> Iterator[ElementTree.Element]:
    return (each for each in _inside(row, "tc"))


def _inside(element: ElementTree.Element, name: str) -> Iterator[ElementTree.Element]:
    """Children of that name, also those wrapped in content controls."""
    waiting = list(reversed(element))
    while waiting:
        each = waiting.pop()
        tag = local(each.tag)
        if tag == name:
            yield each
        elif tag in ("sdt", "sdtContent", "ins", "customXml", "moveTo"):
            waiting.extend(reversed(each))


def _number(properties: ElementTree.Element | None, name: str, otherwise: int) -> int:
    element = child(properties, name)
    return max(int(attribute(element, "val") or otherwise), otherwise) if element is not None else otherwise
