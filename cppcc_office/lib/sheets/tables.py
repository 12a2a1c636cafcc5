"""What every reader of this package yields: sheets of rows of plain cells, or one sentence why not."""

import datetime
from dataclasses import dataclass
from decimal import Decimal

from cppcc_office.lib.errors import Refused

MAX_ROWS = 20_000
MAX_COLUMNS = 200
MAX_FILE_BYTES = 50 * 1024 * 1024


class Unreadable(Refused):
    """The file cannot be read. Its one reason is a whole Chinese sentence: what is wrong and what to do."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell as a person sees it; `text` is always filled when anything is shown.

    `formula` is the formula as written (then `text` is its last saved value, perhaps ''); `merged_from` names
    the row number and column index (from 0) of the merged cell whose value this one repeats.
    """

    text: str = ""
    date: datetime.date | None = None
    number: Decimal | None = None
    formula: str = ""
    merged_from: tuple[int, int] | None = None


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

    @property
    def is_empty(self) -> bool:
        return not any(cell.text for cell in self.cells)


@dataclass(frozen=True, slots=True)
class Sheet:
    """One table. Hidden rows and sheets are read and flagged: what is hidden was often only filtered away.

    `notes` are sentences for the preview (hidden parts, a file whose name and content disagree, …).
    """

    name: str
    rows: tuple[Row, ...]
    hidden: bool = False
    notes: tuple[str, ...] = ()
