"""Reading .ods in one pass, merged and repeated cells included; why by our own code, ADR 0009 says."""

import datetime
import re
import zipfile
from decimal import Decimal, InvalidOperation
from xml.etree import ElementTree

from cppcc_office.lib.sheets.archives import LOCKED, attribute, child, local, parse_part, told_when_broken
from cppcc_office.lib.sheets.tables import Cell, Limits, Merge, Sheet, Unreadable, clean, number_text, sheet_of


def read_open_document(archive: zipfile.ZipFile) -> list[Sheet]:
    """The tables of the spreadsheet in their order."""
    with told_when_broken():
        manifest = "META-INF/manifest.xml"
        if manifest in archive.namelist() and any(
            local(each.tag) == "encryption-data" for each in parse_part(archive, manifest).iter()
        ):
            raise Unreadable(LOCKED)
        with archive.open("content.xml") as part:
            return _Reader().read(ElementTree.iterparse(part, events=("start", "end")))


class _Reader:
    """Walks the elements once; what it holds at any time is one row of XML and the cells with content."""

    def __init__(self) -> None:
        self.limits = Limits()
        self.sheets: list[Sheet] = []
        self.hidden_styles: set[str] = set()
        self.depth = 0

    def read(self, events: "ElementTree._IterParseIterator") -> list[Sheet]:
        for event, element in events:
            tag = local(element.tag)
            if tag == "table":
                self.depth += 1 if event == "start" else -1
                if event == "start" and self.depth == 1:
                    self._begin_table(element)
                elif event == "end" and self.depth == 0:
                    self._end_table()
                    element.clear()
            elif self.depth > 1:
                continue  # a table inside a cell is not of this sheet
            elif event == "start" and tag == "table-row":
                self.index, self.row, self.spans, self.holder = (
                    0,
                    dict[int, Cell](),
                    list[tuple[int, int, int]](),
                    element,
                )
                self.repeat = _count(element, "number-rows-repeated")
                self.row_hidden = attribute(element, "visibility") in ("collapse", "filter")
            elif event == "end" and tag in ("table-cell", "covered-table-cell") and self.depth:
                self._cell(element)
                self.holder.clear()
            elif event == "end" and tag == "table-row" and self.depth:
                self._end_row()
                element.clear()
            elif event == "end" and tag == "style":
                properties = child(element, "table-properties")
                if properties is not None and attribute(properties, "display") == "false":
                    self.hidden_styles.add(attribute(element, "name"))
        return self.sheets

    def _begin_table(self, element: ElementTree.Element) -> None:
        self.name = attribute(element, "name")
        self.hidden = attribute(element, "style-name") in self.hidden_styles
        self.number = 0
        self.cells: dict[int, dict[int, Cell]] = {}
        self.merges: list[Merge] = []
        self.hidden_rows: set[int] = set()

    def _end_table(self) -> None:
        self.sheets.append(
            sheet_of(self.name, self.cells, merges=self.merges, hidden_rows=self.hidden_rows, hidden=self.hidden)
        )

    def _cell(self, element: ElementTree.Element) -> None:
        repeat = _count(element, "number-columns-repeated")
        cell = _cell_of(element) if local(element.tag) == "table-cell" else Cell()
        if cell.text or cell.formula:
            self.limits.see_width(self.index + repeat)
            for index in range(self.index, self.index + repeat):
                self.row[index] = cell
            across, down = _count(element, "number-columns-spanned"), _count(element, "number-rows-spanned")
            if across > 1 or down > 1:
                self.spans.append((self.index, across, down))
        self.index += repeat

    def _end_row(self) -> None:
        first = self.number + 1
        self.number += self.repeat
        if not self.row:
            return
        for number in range(first, first + self.repeat):
            self.limits.add_row()
            self.cells[number] = self.row
            if self.row_hidden:
                self.hidden_rows.add(number)
        self.merges.extend((first, index, first + down - 1, index + across - 1) for index, across, down in self.spans)


def _count(element: ElementTree.Element, name: str) -> int:
    return max(int(attribute(element, name) or 1), 1)


def _cell_of(element: ElementTree.Element) -> Cell:
    formula = attribute(element, "formula")
    formula = re.sub(r"^[a-z]+:", "", formula)
    shown = clean("\n".join(_text(each) for each in element if local(each.tag) == "p"))
    kind, value = attribute(element, "value-type"), attribute(element, "value")
    if kind == "date":
        day = datetime.date.fromisoformat(attribute(element, "date-value")[:10])
        # Where only a month is shown, nobody meant its first day.
        if re.fullmatch(r"\d{4}(年\d{1,2}月|[-/.]\d{1,2})", shown):
            return Cell(shown, formula=formula)
        return Cell(day.isoformat(), date=day, formula=formula)
    if kind in ("float", "currency", "percentage") and value:
        try:
            number = Decimal(value)
        except InvalidOperation:
            return Cell(shown, formula=formula)
        if number.is_finite() and abs(number.adjusted()) < 30:
            text = number_text(number * 100) + "%" if kind == "percentage" else number_text(number)
            return Cell(text, number=number, formula=formula)
    return Cell(shown, formula=formula)


def _text(paragraph: ElementTree.Element) -> str:
    """The text of a paragraph without notes; an element's `tail` is the text that follows it."""
    parts: list[str] = []
    waiting: list[ElementTree.Element | str] = [paragraph]
    while waiting:
        each = waiting.pop()
        if isinstance(each, str):
            parts.append(each)
            continue
        tag = local(each.tag)
        if tag in ("annotation", "note"):
            continue
        if tag == "s":
            parts.append(" " * min(_count(each, "c"), 100))
        elif tag == "line-break":
            parts.append("\n")
        elif tag == "tab":
            parts.append("\t")
        parts.append(each.text or "")
        for inner in reversed(each):
            waiting.append(inner.tail or "")
            waiting.append(inner)
    return "".join(parts)
