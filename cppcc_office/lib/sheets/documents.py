"""Reading .docx by python-docx: its tables, and its running text with the automatic numbering written out.

The one part that holds the text is handed to python-docx, not the whole package: `docx.Document` refuses a file
for a lost picture (a relationship to NULL), for macros, or for a damaged footer, and loads every picture.
Its `Paragraph.text` and `Table.rows` would lose what stands in content controls, smart tags and tracked insertions,
so the elements are found by path.
"""

import zipfile
from collections.abc import Iterator
from typing import TypeVar

from docx.oxml import parse_xml
from docx.oxml.document import CT_Body, CT_Document
from docx.oxml.table import CT_Row, CT_Tbl, CT_Tc
from docx.oxml.text.paragraph import CT_P
from docx.oxml.xmlchemy import BaseOxmlElement

from cppcc_office.lib.sheets.archives import BOMB, told_when_broken
from cppcc_office.lib.sheets.numbering import Numbering
from cppcc_office.lib.sheets.tables import Cell, Limits, Merge, Sheet, Unreadable, clean, sheet_of

DOCUMENT = "word/document.xml"
MAX_DOCUMENT = 30 * 1024 * 1024
STRICT = b"http://purl.oclc.org/ooxml/wordprocessingml/main"
TRANSITIONAL = b"http://schemas.openxmlformats.org/wordprocessingml/2006/main"

# Struck out or moved away, drawn in a box, or the same again for older programs.
UNREAD = ("del", "moveFrom", "txbxContent", "Fallback")
_SKIPPED = " or ".join(f"ancestor::*[local-name()='{name}']" for name in UNREAD)
TEXTS = f"(.//w:t | .//w:r/w:br | .//w:r/w:cr | .//w:r/w:tab)[not({_SKIPPED})]"
OneKind = TypeVar("OneKind", CT_Row, CT_Tc)
BREAKS = {"br": "\n", "cr": "\n", "tab": "\t"}


def read_document_tables(archive: zipfile.ZipFile) -> list[Sheet]:
    """The tables of the text in their order, called 表1, 表2, …; tables inside tables are not read."""
    limits = Limits()
    with told_when_broken():
        tables = [each for each in _blocks(_body(archive)) if isinstance(each, CT_Tbl)]
        return [_table(each, f"表{number}", limits) for number, each in enumerate(tables, start=1)]


def read_document_text(archive: zipfile.ZipFile) -> list[str]:
    """The paragraphs outside tables, without the empty ones; a line break inside one starts a new one."""
    with told_when_broken():
        body = _body(archive)
        parts = (_part(archive, name) for name in ("word/numbering.xml", "word/styles.xml"))
        numbering = Numbering(*parts)
        lines = []
        for block in _blocks(body):
            text = clean(_text(block)) if isinstance(block, CT_P) else ""
            if text:
                lines.extend((numbering.label(block) + text).split("\n"))
        return [line for line in lines if line]


def _part(archive: zipfile.ZipFile, name: str) -> BaseOxmlElement | None:
    """The root of an XML part, None where the document has none; a strict file differs in nothing but its names."""
    if name not in archive.namelist():
        return None
    if archive.getinfo(name).file_size > MAX_DOCUMENT:
        raise Unreadable(BOMB)
    root: BaseOxmlElement = parse_xml(archive.read(name).replace(STRICT, TRANSITIONAL))
    return root


def _body(archive: zipfile.ZipFile) -> CT_Body:
    document = _part(archive, DOCUMENT)
    if not isinstance(document, CT_Document) or document.body is None:
        raise ValueError("a document without body")
    return document.body


def _blocks(inside: BaseOxmlElement) -> Iterator[CT_P | CT_Tbl]:
    """Paragraphs and outer tables in reading order, also those inside content controls."""
    waiting = list(reversed(inside))
    while waiting:
        element = waiting.pop()
        if isinstance(element, CT_P | CT_Tbl):
            yield element
        elif _name(element) not in UNREAD:
            waiting.extend(reversed(element))


def _name(element: BaseOxmlElement) -> str:
    """The tag without its namespace, '' for a comment."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def _text(paragraph: BaseOxmlElement) -> str:
    parts = []
    for each in paragraph.xpath(TEXTS):
        parts.append(BREAKS.get(_name(each)) or each.text or "")
    return "".join(parts)


def _table(table: CT_Tbl, name: str, limits: Limits) -> Sheet:
    cells: dict[int, dict[int, Cell]] = {}
    merges: list[Merge] = []
    open_merges: dict[int, Merge] = {}
    for number, row in enumerate(_inside(table, CT_Row), start=1):
        index = row.grid_before
        for cell in _inside(row, CT_Tc):
            span = max(cell.grid_span, 1)
            limits.see_width(index + span)
            if cell.vMerge == "continue":
                if index in open_merges:
                    top, left, _, right = open_merges[index]
                    open_merges[index] = (top, left, number, right)
            else:
                if index in open_merges:
                    merges.append(open_merges.pop(index))
                open_merges[index] = (number, index, number, index + span - 1)
                text = clean("\n".join(_text(each) for each in _blocks(cell) if isinstance(each, CT_P)))
                if text:
                    cells.setdefault(number, {})[index] = Cell(text)
            index += span
        if number in cells:
            limits.add_row()
    merges.extend(open_merges.values())
    return sheet_of(name, cells, merges=[each for each in merges if each[:2] != each[2:]])


def _inside(element: BaseOxmlElement, kind: type[OneKind]) -> Iterator[OneKind]:
    """Rows of a table or cells of a row, also those wrapped in content controls or inserted by tracked changes."""
    waiting = list(reversed(element))
    while waiting:
        each = waiting.pop()
        if isinstance(each, kind):
            yield each
        elif _name(each) in ("sdt", "sdtContent", "ins", "customXml", "moveTo"):
            waiting.extend(reversed(each))
