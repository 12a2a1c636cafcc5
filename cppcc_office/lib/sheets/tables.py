"""What every reader of this package yields: sheets of rows of plain cells, or one sentence why not."""

import datetime
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from cppcc_office.lib.errors import Refused

MAX_ROWS = 20_000
MAX_COLUMNS = 200
MAX_FILE_BYTES = 20 * 1024 * 1024


class Unreadable(Refused):
    """The file cannot be read. Its one reason is a whole Chinese sentence: what is wrong and what to do."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell as a person sees it; `text` is filled whenever anything is shown.

    `formula` is the formula as written (then `text` is its last saved value, perhaps ''); `merged_from` names
    the row number and column index (from 0) of the merged cell whose value this one repeats.
    """

    text: str = ""
    date: datetime.date | None = None
    number: Decimal | None = None
    formula: str = ""
    merged_from: tuple[int, int] | None = None

    @property
    def own_text(self) -> str:
        """The text, but '' where the cell only repeats a merged one."""
        return "" if self.merged_from else self.text


EMPTY = Cell()


@dataclass(frozen=True, slots=True)
class Row:
    """A row with the number the sheet shows beside it, from 1. All rows of a sheet have the same number of cells."""

    number: int
    cells: tuple[Cell, ...]
    hidden: bool = False

    @property
    def texts(self) -> tuple[str, ...]:
        return tuple(cell.text for cell in self.cells)


@dataclass(frozen=True, slots=True)
class Sheet:
    """One table. Rows without any content of their own are not listed; the others keep their numbers.

    Hidden rows and sheets are read and flagged: what is hidden was often only filtered away. `notes` are
    sentences for the preview (hidden parts, a file whose name and content disagree, …).
    """

    name: str
    rows: tuple[Row, ...]
    hidden: bool = False
    notes: tuple[str, ...] = ()


Merge = tuple[int, int, int, int]
"""First row number, first column index, last row number, last column index."""


class Limits:
    """Counts the rows with content over all sheets of one file and stops the reading at the limits."""

    def __init__(self) -> None:
        self.rows = 0

    def add_row(self) -> None:
        self.rows += 1
        if self.rows > MAX_ROWS:
            raise Unreadable(f"表格超过 {MAX_ROWS:,} 行，没有读取；请删去空白或无关的行，或分成几个文件上传。")

    def see_width(self, width: int) -> None:
        if width > MAX_COLUMNS:
            raise Unreadable(f"表格超过 {MAX_COLUMNS} 列，没有读取；请删去右边空白或无关的列后再上传。")


def sheet_of(
    name: str,
    cells: Mapping[int, Mapping[int, Cell]],
    *,
    merges: Iterable[Merge] = (),
    hidden_rows: Iterable[int] = (),
    hidden: bool = False,
    notes: Sequence[str] = (),
) -> Sheet:
    """The sheet of cells given by row number and column index, merged cells filled in, hidden parts told."""
    width = max((max(row) + 1 for row in cells.values() if row), default=0)
    grid = {number: [row.get(index, EMPTY) for index in range(width)] for number, row in sorted(cells.items()) if row}
    _fill_merges(grid, merges, width)
    hidden_numbers = set(hidden_rows) & grid.keys()
    told = list(notes)
    if hidden:
        told.append(f"工作表“{name}”是隐藏的，也读了进来。")
    if hidden_numbers:
        told.append(f"工作表“{name}”有 {len(hidden_numbers)} 行是隐藏的，也读了进来。")
    rows = tuple(Row(number, tuple(row), hidden=number in hidden_numbers) for number, row in grid.items())
    return Sheet(name, rows, hidden=hidden, notes=tuple(told))


def _fill_merges(grid: dict[int, list[Cell]], merges: Iterable[Merge], width: int) -> None:
    numbers = sorted(grid)
    # Merged cells never overlap in a sound file; the budget keeps an unsound one from costing more than the sheet.
    budget = len(numbers) * width
    for top, left, bottom, right in merges:
        if top not in grid or left >= width or budget <= 0:
            continue
        origin = grid[top][left]
        if not origin.text and not origin.formula:
            continue
        copy = replace(origin, merged_from=(top, left))
        for number in numbers:
            if not top <= number <= bottom:
                continue
            for index in range(left, min(right + 1, width)):
                budget -= 1
                if (number, index) != (top, left):
                    grid[number][index] = copy


def number_text(number: Decimal) -> str:
    """The number as a person writes it: 1.0 is 1, 1E+3 is 1000."""
    text = format(number, "f")
    return (text.rstrip("0").rstrip(".") if "." in text else text) or "0"


def clean(text: str) -> str:
    """The text with its lines stripped and one kind of line break; empty lines at either end are dropped."""
    lines = [
        line.strip(" \t\u3000\xa0\ufeff\u200b") for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    ]
    return "\n".join(lines).strip("\n").replace("\x00", "")
