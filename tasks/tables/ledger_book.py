"""The ledger as a book: one row per project, per milestone or per division, the cells of an item merged."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from enum import StrEnum

from cppcc_office.lib.sheets.writing import Column as SheetColumn
from cppcc_office.lib.sheets.writing import Kind, Line, Value
from tasks.queries.ledger.chunks import NodeLine
from tasks.queries.ledger.rows import Row
from tasks.tables.ledger import Column


class Per(StrEnum):
    """What one row of the sheet stands for."""

    PROJECT = "project"
    MILESTONE = "milestone"
    DIVISION = "division"

    @property
    def label(self) -> str:
        return {"project": "按项目", "milestone": "按节点", "division": "按承办处室"}[self.value]


_NODE_COLUMNS = (
    SheetColumn("目标", 22, level=2),
    SheetColumn("节点", 24),
    SheetColumn("成果形式", 14),
    SheetColumn("主办处室", 14),
    SheetColumn("节点责任人", 10),
    SheetColumn("节点时限（原/现）", 14),
    SheetColumn("节点状态", 10),
    SheetColumn("节点完成日期", 12, Kind.DATE),
)
_DIVISION_COLUMNS = (SheetColumn("承办处室", 16), SheetColumn("承办方式", 9))
_NO_NODE: tuple[Value, ...] = ("",) * len(_NODE_COLUMNS)
_AFTER = {Per.MILESTONE: ("milestones", "title"), Per.DIVISION: ("source", "title")}


class LedgerSheet:
    """Which columns a book of the ledger has, and its lines."""

    def __init__(self, columns: Sequence[Column], per: Per) -> None:
        if per == Per.DIVISION:  # told row by row there
            columns = [column for column in columns if column.key not in ("lead", "co")]
        self.columns = columns
        self.per = per
        self.at = self._place()

    def _place(self) -> int:
        """Before which of the item's columns those of the single rows stand."""
        keys = [column.key for column in self.columns]
        after = next((key for key in _AFTER.get(self.per, ()) if key in keys), keys[-1])
        return keys.index(after) + 1

    @property
    def sheet_columns(self) -> list[SheetColumn]:
        own = [column.sheet_column for column in self.columns]
        if self.per == Per.PROJECT:
            return own
        own = [replace(column, level=1) for column in own]
        more = _NODE_COLUMNS if self.per == Per.MILESTONE else _DIVISION_COLUMNS
        return [*own[: self.at], *more, *own[self.at :]]

    @property
    def frozen(self) -> int:
        """Up to the title: what a line is about stays in sight."""
        return next((place for place, column in enumerate(self.columns, 1) if column.key == "title"), 1)

    def lines(self, rows: Iterable[Row], nodes: dict[int, list[NodeLine]]) -> Iterator[Line]:
        for row in rows:
            cells = [column.value(row) for column in self.columns]
            if self.per == Per.PROJECT:
                yield Line(cells)
                continue
            singles = _of_milestones(row, nodes) if self.per == Per.MILESTONE else _of_divisions(row)
            for key, single in singles:
                yield Line([*cells[: self.at], *single, *cells[self.at :]], (row.pk, key))


def _of_milestones(row: Row, nodes: dict[int, list[NodeLine]]) -> list[tuple[object, Sequence[Value]]]:
    """Milestones are for those who read the project whole (domain 1)."""
    own = nodes.get(row.pk, []) if row.is_whole else []
    return [(node.target_id, _cells_of(node)) for node in own] or [(None, _NO_NODE)]


def _cells_of(node: NodeLine) -> Sequence[Value]:
    return (
        node.target,
        node.title,
        node.deliverable,
        node.division,
        node.person,
        due_words(node.due_on, node.original_due_on),
        node.state_word,
        node.finished_on,
    )


def _of_divisions(row: Row) -> list[tuple[object, Sequence[Value]]]:
    led: list[Sequence[Value]] = [(row.lead_name or "", "牵头")]
    return [(None, cells) for cells in (*led, *((name, "协办") for name in row.co_names))]


def due_words(due_on: date | None, original: date | None) -> str:
    """An extension must be visible: the present date over the first one."""
    if due_on is None:
        return ""
    return due_on.isoformat() if original in (None, due_on) else f"{due_on.isoformat()}\n原 {original}"
