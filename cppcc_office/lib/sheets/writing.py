"""Writing a table as .xlsx line by line: in constant memory, item cells merged, ready for printing.

openpyxl makes the book with everything but its lines (styles, head, print set-up); the lines are put into it as
they come, for its own write-only mode keeps every merged range in memory and takes several times as long.
"""

import datetime
import io
import re
import tempfile
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum, StrEnum
from math import ceil
from pathlib import Path
from typing import IO
from xml.sax.saxutils import escape

from openpyxl import Workbook
from openpyxl.cell import Cell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

Value = str | int | Decimal | float | datetime.date | None


class Kind(StrEnum):
    """What a column holds, by the number format that shows it."""

    TEXT = "General"
    DATE = "yyyy-mm-dd"
    WHOLE = "0"
    TENTHS = "0.0"


class Paper(Enum):
    A3 = 8
    A4 = 9


class Weight(Enum):
    PLAIN = "plain"
    BOLD = "bold"  # a line of totals
    BAND = "band"  # the heading of a group: its first cell over the whole width


@dataclass(frozen=True)
class Column:
    """`level` n > 0: merged over consecutive lines whose first n keys are the same."""

    title: str
    width: int
    kind: Kind = Kind.TEXT
    level: int = 0


@dataclass(frozen=True, slots=True)
class Line:
    """A cell for each column. `keys` say which item the line belongs to, the widest grouping first."""

    cells: Sequence[Value]
    keys: tuple[object, ...] = ()
    weight: Weight = Weight.PLAIN


@dataclass(frozen=True)
class Layout:
    sheet_name: str
    columns: Sequence[Column]
    titles: Sequence[str] = ()  # above the head, the first of them large
    closing: Sequence[str] = ()  # below the last line: remarks, a line to sign on
    paper: Paper = Paper.A3
    landscape: bool = True
    frozen: int = 0  # columns that stay when one scrolls to the right
    footer: str = ""  # beside the page number


LINE_HEIGHT = 15.0
TALLEST = 409.0  # what a sheet allows
LONGEST = 32_767
_THIN = Side(style="thin", color="FF7F7F7F")
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_LIKE_FORMULA = ("=", "+", "-", "@")
_CHUNK = 1 << 16
_SHEET = "xl/worksheets/sheet1.xml"
_DAY_ZERO = datetime.date(1899, 12, 30).toordinal()
_LINES = re.compile(r"<sheetData\s*/>|<sheetData></sheetData>")
_EXTENT = re.compile(r"<dimension [^>]*/>")


def write_book(file: str | Path | IO[bytes], layout: Layout, lines: Iterable[Line]) -> int:
    """Write the book and return how many lines it holds. `lines` is read once and never held as a whole.

    A text is a text whatever it begins with; merged cells say their value once.
    """
    shell, styles = _shell(layout)
    with zipfile.ZipFile(shell) as made, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as book:
        for name in made.namelist():
            if name != _SHEET:
                book.writestr(name, made.read(name))
        before, after = _LINES.split(_EXTENT.sub("", made.read(_SHEET).decode()))
        with (
            book.open(_SHEET, "w", force_zip64=True) as sheet,
            tempfile.TemporaryFile("w+", encoding="ascii") as merges,
        ):
            body = _Body(layout, styles, merges)
            _put(sheet, before)
            _put_all(sheet, body.rows(lines))
            merges.seek(0)
            _put_all(sheet, merges)
            _put(sheet, after)
    return body.count


def book_file(layout: Layout, lines: Iterable[Line]) -> IO[bytes]:
    """The book as a temporary file, read from its start; whoever closes it has removed it."""
    file: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 (the response closes it)
    write_book(file, layout, lines)
    file.seek(0)
    return file


def _put(sheet: IO[bytes], text: str) -> None:
    sheet.write(text.encode())


def _put_all(sheet: IO[bytes], pieces: Iterable[str]) -> None:
    held: list[str] = []
    size = 0
    for piece in pieces:
        held.append(piece)
        size += len(piece)
        if size > _CHUNK:
            _put(sheet, "".join(held))
            held, size = [], 0
    _put(sheet, "".join(held))


@dataclass(frozen=True)
class _Styles:
    """Ids of cell styles in the book: of the words above and below, of the head, and of each column."""

    title: int
    subtitle: int
    head: int
    band: int
    columns: dict[Weight, list[int]]
    quoted: dict[Weight, int]  # of a text that begins like a formula: editing the cell makes it none either


def _shell(layout: Layout) -> tuple[IO[bytes], _Styles]:
    """The book without lines, and the styles that lines may use."""
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = re.sub(r"[\[\]:*?/\\]", " ", layout.sheet_name)[:31].strip("' ") or "表"
    styles = _styles(sheet, layout)
    book.properties.creator = ""
    for place, column in enumerate(layout.columns, 1):
        sheet.column_dimensions[get_column_letter(place)].width = column.width
    head = len(layout.titles) + 1
    sheet.freeze_panes = f"{get_column_letter(layout.frozen + 1)}{head + 1}"
    sheet.print_title_rows = f"{head}:{head}"
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.page_setup.paperSize = layout.paper.value
    sheet.page_setup.orientation = "landscape" if layout.landscape else "portrait"
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.print_options.horizontalCentered = True
    margins = sheet.page_margins
    margins.left = margins.right = 0.4
    margins.top, margins.bottom, margins.footer = 0.6, 0.6, 0.3
    if (footer := sheet.oddFooter) is not None:  # an empty one counts as false
        footer.left.text = layout.footer.replace("&", "&&")
        footer.center.text = "第 &P 页 共 &N 页"
    file = io.BytesIO()
    book.save(file)
    return file, styles


def _styles(sheet: Worksheet, layout: Layout) -> _Styles:
    """Each style is told the book by a cell that wears it; the cells themselves are not written."""
    box = Border(left=_THIN, right=_THIN, top=_THIN, bottom=_THIN)
    shade = PatternFill("solid", fgColor="FFF0F0F0")

    def style(  # one call for one style, so that the six of them read as a list
        *, size: float = 10, bold: bool = False, across: str = "left", kind: str = "General",
        down: str = "center", border: Border | None = box, fill: PatternFill | None = None, quoted: bool = False,
    ) -> int:  # fmt: skip
        cell = Cell(sheet, 1, 1, "x")
        cell.font = Font(name="宋体", size=size, bold=bold)
        cell.alignment = Alignment(horizontal=across, vertical=down, wrap_text=True)
        cell.number_format = kind
        if border:
            cell.border = border
        if fill:
            cell.fill = fill
        cell.quotePrefix = quoted
        return int(cell.style_id)

    def of_columns(weight: Weight) -> list[int]:
        bold = weight == Weight.BOLD
        across = {Kind.TEXT: "left", Kind.DATE: "center", Kind.WHOLE: "right", Kind.TENTHS: "right"}
        return [style(bold=bold, across=across[c.kind], kind=c.kind.value, down="top") for c in layout.columns]

    weights = (Weight.PLAIN, Weight.BOLD)
    return _Styles(
        title=style(size=18, bold=True, across="center", border=None),
        subtitle=style(border=None),
        head=style(bold=True, across="center", fill=shade),
        band=style(bold=True, fill=shade),
        columns={weight: of_columns(weight) for weight in weights},
        quoted={weight: style(bold=weight == Weight.BOLD, down="top", quoted=True) for weight in weights},
    )


@dataclass
class _Group:
    """The lines of one item so far: where they begin, and how high they are together against what its cells need."""

    starts: int = 0
    height: float = 0.0
    need: float = 0.0


class _Body:
    """Makes the rows of the sheet out of lines, knowing each time whether the next line goes on with the item."""

    def __init__(self, layout: Layout, styles: _Styles, merges: IO[str]) -> None:
        self.columns = layout.columns
        self.layout = layout
        self.styles = styles
        self.merges = merges
        self.has_merges = False
        self.count = 0
        self.number = 0
        self.letters = [get_column_letter(place) for place in range(1, len(layout.columns) + 1)]
        self.width = sum(column.width for column in layout.columns)

    def rows(self, lines: Iterable[Line]) -> Iterator[str]:
        yield "<sheetData>"
        for place, words in enumerate(self.layout.titles):
            yield self._across(words, self.styles.subtitle if place else self.styles.title, 20 if place else 32)
        head = [(self.styles.head, column.title) for column in self.columns]
        yield self._row(head, max(self._height(column.title, column.width) for column in self.columns) + 6)
        yield from self._lines(lines)
        for words in self.layout.closing:
            yield self._across(words, self.styles.subtitle, 24)
        yield "</sheetData>"
        if self.has_merges:
            self.merges.write("</mergeCells>")

    def _lines(self, lines: Iterable[Line]) -> Iterator[str]:
        groups = [_Group() for _ in range(max(column.level for column in self.columns))]
        shared = 0
        for line, following in _with_next(lines):
            self.count += 1
            goes_on = _shared(line.keys, following.keys) if following else 0
            if line.weight == Weight.BAND:
                yield self._across(str(line.cells[0]), self.styles.band, 20)
            else:
                yield self._line(line, groups, shared, goes_on)
            shared = goes_on

    def _line(self, line: Line, groups: list[_Group], shared: int, goes_on: int) -> str:
        """One line; of its groups the first `shared` were begun above, the first `goes_on` do not end here."""
        for group in groups[shared:]:
            group.starts, group.height, group.need = self.number + 1, 0.0, 0.0
        styles, quoted = self.styles.columns[line.weight], self.styles.quoted[line.weight]
        cells: list[tuple[int, Value]] = []
        height = LINE_HEIGHT
        for column, style, value in zip(self.columns, styles, line.cells, strict=True):
            if 0 < column.level <= shared:
                cells.append((style, None))
                continue
            is_quoted = isinstance(value, str) and value.startswith(_LIKE_FORMULA)
            cells.append((quoted if is_quoted else style, value))
            need = self._height(value, column.width)
            if column.level:
                group = groups[column.level - 1]
                group.need = max(group.need, need)
            else:
                height = max(height, need)
        # Programs fit no row to a cell that is merged over several: the last row of the item makes up the room.
        height = min(TALLEST, max([height, *(group.need - group.height for group in groups[goes_on:])]))
        row = self._row(cells, height)
        for group in groups:
            group.height += height
        for letter, column in zip(self.letters, self.columns, strict=True):
            if column.level > goes_on and groups[column.level - 1].starts < self.number:
                self._merge(f"{letter}{groups[column.level - 1].starts}:{letter}{self.number}")
        return row

    def _across(self, words: str, style: int, height: float) -> str:
        need = self._height(words, self.width)
        row = self._row([(style, words), *((style, None) for _ in self.columns[1:])], max(height, need))
        if len(self.columns) > 1:
            self._merge(f"A{self.number}:{self.letters[-1]}{self.number}")
        return row

    def _row(self, cells: Iterable[tuple[int, Value]], height: float) -> str:
        self.number += 1
        number = self.number
        written = "".join(
            _cell(f"{letter}{number}", style, value) for letter, (style, value) in zip(self.letters, cells, strict=True)
        )
        return f'<row r="{number}" ht="{height:g}" customHeight="1">{written}</row>'

    def _merge(self, cells: str) -> None:
        if not self.has_merges:
            self.has_merges = True
            self.merges.write("<mergeCells>")
        self.merges.write(f'<mergeCell ref="{cells}"/>\n')  # read back line by line

    @staticmethod
    def _height(value: Value, width: int) -> float:
        """Enough for the text in a column so wide; a Chinese character takes the room of two digits."""
        if not isinstance(value, str):
            return LINE_HEIGHT
        room = max(2, width - 1)
        lines = [len(part.encode("gbk", "replace")) for part in value.split("\n")]
        return LINE_HEIGHT * sum(max(1, ceil(units / room)) for units in lines)


def _with_next(lines: Iterable[Line]) -> Iterator[tuple[Line, Line | None]]:
    rest = iter(lines)
    line = next(rest, None)
    while line is not None:
        following = next(rest, None)
        yield line, following
        line = following


def _shared(keys: tuple[object, ...], others: tuple[object, ...]) -> int:
    """With how many keys both begin."""
    count = 0
    for key, other in zip(keys, others, strict=False):
        if key != other:
            break
        count += 1
    return count


def _cell(place: str, style: int, value: Value) -> str:
    if value is None or value == "":
        return f'<c r="{place}" s="{style}"/>'
    if isinstance(value, datetime.date):
        return f'<c r="{place}" s="{style}"><v>{value.toordinal() - _DAY_ZERO}</v></c>'
    if isinstance(value, str):
        text = escape(_UNPRINTABLE.sub("", value.replace("\r\n", "\n"))[:LONGEST])
        return f'<c r="{place}" s="{style}" t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>'
    return f'<c r="{place}" s="{style}"><v>{value}</v></c>'
