"""What stands beside the lines of a ledger: sources, co-divisions, open milestones, a pending change."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date
from typing import Any, cast

from django.db.models import BooleanField, CharField, DateField, F, IntegerField, Model, QuerySet, TextField, Value
from django.db.models.functions import Cast

from tasks.enums import ChangeKind, ChangeState, ChangeTier, MilestoneState
from tasks.models import ChangeRequest, KeyTask, Milestone, ProjectCoDivision
from tasks.queries.outlook import RUNNING


@dataclass(frozen=True, slots=True)
class SourceWords:
    """One source of a key task: its class, and the paper, meeting or day that tells it from others."""

    name: str
    detail: str
    dated_on: date | None

    @property
    def words(self) -> str:
        return f"{self.name}（{self.detail}）" if self.detail else self.name


@dataclass(frozen=True, slots=True)
class Node:
    """An open milestone, as far as whose turn it is depends on it."""

    state: str
    title: str
    division: str
    division_brief: str
    supervises: bool
    due_on: date | None
    reported_on: date | None


@dataclass(frozen=True, slots=True)
class Pending:
    """A change that awaits a decision."""

    kind: ChangeKind
    tier: ChangeTier
    has_opinion: bool
    leader: str


@dataclass
class Beside:
    """What stands beside the rows of a page: one to many, so not in their own query."""

    nodes: dict[int, list[Node]] = field(default_factory=dict)
    sources: dict[int, list[SourceWords]] = field(default_factory=dict)
    assisting: dict[int, tuple[list[str], list[str]]] = field(default_factory=dict)
    changes: dict[int, Pending] = field(default_factory=dict)


_ALIASES = (
    "as_kind",
    "as_owner",
    "as_place",
    "as_text1",
    "as_text2",
    "as_text3",
    "as_text4",
    "as_day1",
    "as_day2",
    "as_mark",
)  # no field is called so
_NO_TEXT = Value("", TextField())
_NO_PLACE = Value(0, IntegerField())
_NO_DAY = Cast(Value(None), DateField())
_NO_MARK = Value(False, BooleanField())  # an expression, not a switch


def _select(rows: QuerySet[Any], kind: str, *columns: Any) -> QuerySet[Any, Any]:
    """Every column an annotation of one type in one place, so that different tables can be one query."""
    given = dict(zip(_ALIASES[1:], columns, strict=True))
    named = rows.order_by().annotate(as_kind=Value(kind, CharField()), **given)
    return cast("QuerySet[Any, Any]", named.values_list(*_ALIASES))


def _text(path: str) -> Cast:
    return Cast(path, TextField())


def beside_of(*, ids: Collection[int], key_tasks: Collection[int], running: Collection[int], is_today: bool) -> Beside:
    """In one query: sources of the key tasks, co-divisions of the projects, open milestones of those that run, and,
    as things stand today, the changes that await a decision."""
    found = Beside()
    if not ids:
        return found
    states = (*RUNNING, MilestoneState.REPORTED)
    nodes = _select(
        Milestone.objects.filter(project__in=running or [0], state__in=states),
        "node",
        F("project_id"),
        Cast("order", IntegerField()),
        _text("state"),
        _text("title"),
        _text("division__name"),
        _text("division__short_name"),
        F("due_on"),
        F("reported_on"),
        F("division__supervises"),
    )
    through: type[Model] = KeyTask.sources.through
    sources = _select(
        through._default_manager.filter(keytask__in=key_tasks),
        "source",
        F("keytask_id"),
        Cast("pk", IntegerField()),
        _text("source__source_class__name"),
        _text("source__name"),
        _text("source__paper_number"),
        _NO_TEXT,
        F("source__dated_on"),
        _NO_DAY,
        _NO_MARK,
    )
    assisting = _select(
        ProjectCoDivision.objects.filter(project__in=ids),
        "co",
        F("project_id"),
        Cast("order", IntegerField()),
        _text("division__name"),
        _text("division__short_name"),
        _NO_TEXT,
        _NO_TEXT,
        _NO_DAY,
        _NO_DAY,
        _NO_MARK,
    )
    changes = _select(
        ChangeRequest.objects.filter(project__in=ids if is_today else [0], state=ChangeState.ASKED),
        "change",
        F("project_id"),
        _NO_PLACE,
        _text("kind"),
        _text("tier"),
        _text("opinion"),
        _text("project__leader__name"),
        _NO_DAY,
        _NO_DAY,
        _NO_MARK,
    )
    everything = sorted(nodes.union(sources, assisting, changes, all=True), key=lambda values: values[2])
    for kind, owner, _, text1, text2, text3, text4, day1, day2, mark in everything:
        if kind == "node":
            name = text3 or ""
            found.nodes.setdefault(owner, []).append(Node(text1, text2, name, text4 or name, bool(mark), day1, day2))
        elif kind == "source":
            detail = text3 or ("" if text2 == text1 else text2) or (day1.isoformat() if day1 else "")
            found.sources.setdefault(owner, []).append(SourceWords(text1, detail, day1))
        elif kind == "change":
            found.changes[owner] = Pending(ChangeKind(text1), ChangeTier(text2), bool(text3), text4 or "")
        else:
            names, briefs = found.assisting.setdefault(owner, ([], []))
            names.append(text1)
            briefs.append(text2 or text1)
    return found
