"""Sheets written as lists of texts, for tests that need no file."""

from collections.abc import Sequence

from cppcc_office.lib.sheets import Cell, Sheet
from cppcc_office.lib.sheets.tables import Merge, sheet_of


def sheet(*rows: Sequence[str | Cell], merges: Sequence[Merge] = ()) -> Sheet:
    """The rows from number 1 on; merges as first row number, first column index, last row number, last column index."""
    cells = {
        number: {
            index: value if isinstance(value, Cell) else Cell(value)
            for index, value in enumerate(row)
            if value not in ("", Cell())
        }
        for number, row in enumerate(rows, start=1)
    }
    return sheet_of("表", cells, merges=merges)
