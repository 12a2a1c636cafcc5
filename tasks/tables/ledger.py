"""The columns of the ledger, defined once for screen, print and Excel."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import Enum

from cppcc_office.lib.sheets.writing import Column as SheetColumn
from cppcc_office.lib.sheets.writing import Kind, Value
from tasks.queries.ledger.rows import Row


class Shown(Enum):
    """When a column stands on the screen if nobody has chosen columns."""

    ALWAYS = "always"  # cannot be left out
    DEFAULT = "default"
    WIDE = "wide"  # from 1600 px on
    CHOICE = "choice"  # only where chosen


@dataclass(frozen=True)
class Column:
    """`value` is what a sheet writes: a text, a date or a number, None where there is nothing.

    On the screen some columns stand in one cell with their neighbour: `screen_head` then names both.
    """

    key: str
    head: str
    width: int  # of a sheet, in characters
    value: Callable[[Row], Value]
    kind: Kind = Kind.TEXT
    shown: Shown = Shown.CHOICE
    screen_head: str = ""
    sort: str = ""  # the key to sort by; empty: not by this
    on_sheets: bool = True

    @property
    def label(self) -> str:
        return self.screen_head or self.head

    @property
    def sheet_column(self) -> SheetColumn:
        return SheetColumn(self.head, self.width, self.kind)


def _due(row: Row) -> str:
    """完成时限(原/现): an extension must be visible."""
    if row.due_on is None:
        return ""
    if row.original_due_on is not None and row.original_due_on != row.due_on:
        return f"{row.due_on.isoformat()}\n原 {row.original_due_on.isoformat()}"
    return row.due_on.isoformat()


def _news(row: Row) -> str:
    return f"{row.news_on.isoformat()} {row.news}" if row.news_on else ""


def _problems(row: Row) -> str:
    return "\n".join(filter(None, ["需协调" if row.needs_coordination else "", row.problems]))


def _light(row: Row) -> str:
    return f"{row.light.label}\n{row.why}" if row.why else row.light.label


def _turn(row: Row) -> str:
    return f"{row.turn.whom}\n{row.turn.doing}" if row.turn else ""


COLUMNS: tuple[Column, ...] = (
    Column("place", "序号", 6, lambda row: row.place, Kind.WHOLE),
    Column("number", "编号", 15, lambda row: row.number, shown=Shown.DEFAULT, sort="number"),
    Column("category", "类别", 12, lambda row: row.category, sort="category"),
    Column("key_task", "重点任务", 28, lambda row: row.key_task),
    Column("title", "督办事项", 32, lambda row: row.title, shown=Shown.ALWAYS, sort="title"),
    Column("standard", "目标要求（成效标准）", 30, lambda row: row.effect_standard),
    Column("news", "进展情况（最新）", 34, _news, shown=Shown.WIDE, screen_head="最新进展"),
    Column(
        "source",
        "来源",
        20,
        lambda row: "\n".join(source.words for source in row.sources),
        shown=Shown.DEFAULT,
    ),
    Column(
        "lead",
        "牵头处室",
        14,
        lambda row: row.lead_name or "",
        shown=Shown.DEFAULT,
        screen_head="牵头 / 协办",
        sort="lead",
    ),
    Column("co", "协办处室", 14, lambda row: "、".join(row.co_names)),
    Column("leader", "牵头领导", 10, lambda row: row.leader or "", shown=Shown.WIDE, sort="leader"),
    Column("person", "责任人", 10, lambda row: row.person or "", shown=Shown.DEFAULT, sort="person"),
    Column("dispatched_on", "交办日期", 12, lambda row: row.dispatched_on, Kind.DATE, sort="dispatched_on"),
    Column("due_on", "完成时限（原/现）", 14, _due, shown=Shown.DEFAULT, screen_head="完成时限", sort="due_on"),
    Column("cycle", "反馈周期", 10, lambda row: row.report_cycle),
    Column(
        "milestones",
        "节点（已完成/总数）",
        10,
        lambda row: f"{row.milestones_done}/{row.milestones_counted}" if row.milestones_counted else "",
        shown=Shown.DEFAULT,
        screen_head="节点",
    ),
    Column(
        "progress",
        "进度",
        8,
        lambda row: row.progress if not row.is_draft else None,
        Kind.TENTHS,
        shown=Shown.DEFAULT,
        screen_head="进度 ┃序时",
        sort="progress",
    ),
    Column("time_progress", "序时", 8, lambda row: row.time_progress, Kind.TENTHS),
    Column("problems", "存在问题 / 需协调", 26, _problems),
    Column("light", "亮灯", 14, _light, shown=Shown.DEFAULT, sort="light"),
    Column("turn", "轮到谁办", 18, _turn, shown=Shown.DEFAULT, on_sheets=False),
    Column("extensions", "延期次数", 8, lambda row: row.extension_count, Kind.WHOLE, sort="extensions"),
    Column("finished_on", "办结日期", 12, lambda row: row.finished_on, Kind.DATE),
    Column("opinion", "核查意见", 26, lambda row: row.opinion or ""),
    Column("closed_by", "销号人", 10, lambda row: row.closed_by or ""),
    Column("closed_on", "销号日期", 12, lambda row: row.closed_on, Kind.DATE, sort="closed_on"),
    Column("remark", "备注", 20, lambda row: row.remark),
)
BY_KEY = {column.key: column for column in COLUMNS}
# On the screen the cell of the first shows the second too.
TOGETHER = {"lead": "co", "progress": "time_progress"}
BY_DEFAULT = tuple(column for column in COLUMNS if column.shown is not Shown.CHOICE)


def chosen_columns(keys: Iterable[str]) -> tuple[Column, ...]:
    """In the ledger's own order, with those that cannot be left out; the default where none is named."""
    wanted = {key for key in keys if key in BY_KEY}
    if not wanted:
        return BY_DEFAULT
    return tuple(column for column in COLUMNS if column.key in wanted or column.shown is Shown.ALWAYS)


def sheet_columns(keys: Iterable[str]) -> tuple[Column, ...]:
    """For a book: everything, or where columns were chosen those, each figure in a cell of its own."""
    wanted = {key for key in keys if key in BY_KEY}
    if not wanted:
        return tuple(column for column in COLUMNS if column.on_sheets)
    wanted |= {second for first, second in TOGETHER.items() if first in wanted} | {"place"}
    return tuple(column for column in chosen_columns(wanted) if column.on_sheets)
