"""The lines of a book as the rows of a page: which cells are merged, and over how many rows."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from cppcc_office.lib.sheets.writing import Column, Line, Value, Weight


@dataclass
class Merged:
    """One cell as a page draws it; what lies below a merged one has none of its own."""

    column: Column
    value: Value
    rows: int = 1


@dataclass(frozen=True)
class Row:
    line: Line
    cells: list[Merged]

    @property
    def is_band(self) -> bool:
        return self.line.weight == Weight.BAND


def merged_rows(columns: Sequence[Column], lines: Iterable[Line]) -> list[Row]:
    """By the rule of `write_book`: merged while the first `level` keys stay the same."""
    rows: list[Row] = []
    above: dict[int, Merged] = {}
    keys: tuple[object, ...] = ()
    for line in lines:
        if line.weight == Weight.BAND:
            rows.append(Row(line, [Merged(columns[0], line.cells[0])]))
            above, keys = {}, ()
            continue
        cells = []
        for place, (column, value) in enumerate(zip(columns, line.cells, strict=True)):
            level = column.level
            if level and place in above and len(line.keys) >= level and keys[:level] == line.keys[:level]:
                above[place].rows += 1
            else:
                above[place] = Merged(column, value)
                cells.append(above[place])
        rows.append(Row(line, cells))
        keys = line.keys
    return rows
