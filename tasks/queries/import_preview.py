"""What the pages of an import show: counts, rows as cells, questions that one answer settles."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, Q, QuerySet

from tasks.enums import DueKind, RowStatus
from tasks.intake.values import ANSWERS, TITLES
from tasks.models import ImportBatch, ImportRow

# Where in the row's cells a field is corrected.
_CELLS = {
    "what": ("number", "key_task", "project", "goal", "steps", "effect", "report_cycle", "remark"),
    "src": ("category", "source"),
    "div": ("lead", "co"),
    "who": ("person", "leader"),
    "due": ("deadline", "dispatched_on", "closed_on", "extensions"),
}
_CELL_OF = {name: cell for cell, names in _CELLS.items() for name in names}
_LONG = frozenset({"goal", "steps", "effect", "remark", "progress", "completion"})
_ONLY_PICKS = frozenset({"match", "rating"})
# One answer for all: code → what the note says, and the answers as (label, fields).
_FOR_ALL: dict[str, tuple[str, tuple[tuple[str, dict[str, str]], ...]]] = {
    "deadline-past": ("的时限已过，可以逐行改期，也可以全部", (("按原时限补录", {"accept_past": "1"}),)),
    "dispatched-missing": ("已有办理情况，但没有交办日期，可以全部", (("不补录，按拟立项导入", {"backfill": "no"}),)),
    "rating-missing": (
        "已销号，要有成效评价，可以全部评为",
        tuple((label, {"rating": label}) for label in ("优", "良", "中", "差")),
    ),
}


@dataclass(frozen=True)
class Tab:
    key: str
    label: str
    count: int


@dataclass
class Fix:
    """One field to correct in place."""

    name: str
    label: str
    value: str
    words: list[str] = field(default_factory=list)
    picks: list[dict[str, Any]] = field(default_factory=list)

    @property
    def is_long(self) -> bool:
        return self.name in _LONG or "\n" in self.value

    @property
    def only_picks(self) -> bool:
        return self.name in _ONLY_PICKS


@dataclass
class RowView:
    row: ImportRow
    fixes: dict[str, list[Fix]]
    corrected: list[tuple[str, str]]  # label, the paper's words
    seen: str

    @property
    def reading(self) -> dict[str, Any]:
        found: dict[str, Any] = self.row.reading
        return found

    @property
    def asks(self) -> int:
        return sum(len(fixes) for fixes in self.fixes.values())

    @property
    def milestones(self) -> str:
        return "；".join(each["title"] for each in self.reading.get("milestones", ())[:6])

    @property
    def sources(self) -> str:
        return "、".join(each["name"] for each in self.reading.get("sources", ()))

    @property
    def read_due(self) -> str:
        """What the deadline was read as, beside the paper's words."""
        due_on = self.reading.get("due_on", "")
        kind = self.reading.get("due_kind", "")
        if kind in (DueKind.RECURRING, DueKind.STANDING):
            count = len(self.reading.get("milestones", ()))
            word = "周期" if kind == DueKind.RECURRING else "按季检查"
            return f"{word}，{count} 个节点，末次 {due_on}"
        return str(due_on)

    @property
    def tone(self) -> str:
        if self.row.project_id is not None:
            return ""
        if self.row.status in (RowStatus.ASK, RowStatus.ERROR):
            return "bad"
        return "fixed" if self.row.is_corrected or self.row.decision else ""


_OPEN = Q(status__in=[RowStatus.ASK, RowStatus.ERROR], project=None)
_READY = Q(status=RowStatus.OK, project=None)
_NOTED = _READY & ~Q(remarks=[])
_TABS: tuple[tuple[str, str, Q], ...] = (
    ("todo", "需处理", _OPEN | _NOTED),
    ("ask", "需更正", _OPEN),
    ("note", "请留意", _NOTED),
    ("ok", "可导入", _READY),
    ("known", "不写入", Q(status=RowStatus.DUPLICATE, project=None)),
    ("done", "已写入", Q(project__isnull=False)),
    ("all", "全部", Q()),
)
_ALWAYS_SHOWN = frozenset({"todo", "ask", "note", "ok", "all"})


def tabs_of(batch: ImportBatch) -> list[Tab]:
    """The tabs with their counts; one query for statuses, one for remarks."""
    rows = batch.rows.all()
    sums = {
        each["status"]: (each["everything"], each["written"])
        for each in rows.order_by().values("status").annotate(everything=Count("pk"), written=Count("project"))
    }
    free = {status: everything - written for status, (everything, written) in sums.items()}
    asks = free.get(RowStatus.ASK, 0) + free.get(RowStatus.ERROR, 0)
    noted = rows.filter(_NOTED).count()
    counts = {
        "todo": asks + noted,
        "ask": asks,
        "note": noted,
        "ok": free.get(RowStatus.OK, 0),
        "known": free.get(RowStatus.DUPLICATE, 0),
        "done": sum(written for _, written in sums.values()),
        "all": sum(everything for everything, _ in sums.values()),
    }
    return [Tab(key, label, counts[key]) for key, label, _ in _TABS if counts[key] or key in _ALWAYS_SHOWN]


def rows_in(batch: ImportBatch, tab: str) -> QuerySet[ImportRow]:
    """The rows of a tab in the paper's order; an unknown tab is all of them."""
    wanted = next((condition for key, _, condition in _TABS if key == tab), Q())
    return batch.rows.filter(wanted).order_by("order")


def row_views(rows: Iterable[ImportRow], seen_by: Mapping[int, str]) -> list[RowView]:
    return [_view(row, seen_by[row.pk]) for row in rows]


def _view(row: ImportRow, seen: str) -> RowView:
    fixes: dict[str, list[Fix]] = {cell: [] for cell in (*_CELLS, "state")}
    by_field: dict[str, Fix] = {}
    for problem in row.problems:
        name = problem["field"]
        fix = by_field.get(name)
        if fix is None:
            label = TITLES.get(name) or ANSWERS.get(name, "")
            fix = by_field[name] = Fix(name, label, row.values.get(name, ""))
            fixes[_CELL_OF.get(name, "state")].append(fix)
        fix.words.append(problem["words"])
        fix.picks += problem["picks"]
    corrected = [
        (label, row.original.get(name, ""))
        for name, label in TITLES.items()
        if row.is_corrected and row.values.get(name, "") != row.original.get(name, "")
    ]
    return RowView(row, fixes, corrected, seen)


@dataclass(frozen=True)
class UnknownSource:
    name: str
    count: int
    first_row: int


def questions_of(batch: ImportBatch) -> tuple[list[UnknownSource], list[dict[str, Any]]]:
    """Names of sources to be settled once, and questions that one answer settles for several rows; one query."""
    sources: Counter[str] = Counter()
    first: dict[str, int] = {}
    codes: Counter[str] = Counter()
    open_rows = batch.rows.filter(_OPEN).order_by("order").values_list("row", "problems")
    for number, problems in open_rows:
        for problem in problems:
            codes[problem["code"]] += 1
            if problem["code"] == "source-unknown":
                sources[problem["about"]] += 1
                first.setdefault(problem["about"], number)
    unknown = [UnknownSource(name, count, first[name]) for name, count in sources.items()]
    for_all = [
        {
            "code": code,
            "count": codes[code],
            "words": words,
            "answers": [(label, json.dumps({"set": sets}, ensure_ascii=False)) for label, sets in answers],
        }
        for code, (words, answers) in _FOR_ALL.items()
        if codes[code] > 1
    ]
    return unknown, for_all


def unread_columns(batch: ImportBatch) -> list[str]:
    """Titles of columns that went into the remark because nothing answers to them."""
    return [
        sheet["titles"][str(index)]
        for sheet in batch.columns.values()
        for index in sheet.get("unmapped", ())
        if str(index) in sheet["titles"]
    ]
