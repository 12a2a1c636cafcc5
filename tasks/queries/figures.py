"""Figures: one definition of every total and its parts, on any day (domain 8). Everybody takes them from here."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import Any

from django.db.models import Count, F, QuerySet

from tasks.enums import Bucket
from tasks.models import Project
from tasks.queries.as_of import Moment, lines_as_of
from tasks.queries.moments import IN_TOTAL, bucket_case

CLOSED = frozenset({Bucket.ON_TIME, Bucket.LATE})
OPEN = frozenset(Bucket) - CLOSED - {Bucket.CARRIED_OVER}


class Dimension(StrEnum):
    """What figures are told apart by."""

    CATEGORY = "category"
    DIVISION = "division"  # the lead: what a division assists is shown apart
    SOURCE_CLASS = "source_class"
    CO_DIVISION = "co_division"  # counted apart, in no total: the lead answers for the project

    @property
    def label(self) -> str:
        words = {"category": "类别", "division": "牵头处室", "source_class": "来源类别", "co_division": "协办处室"}
        return words[self.value]


def percent(part: int, whole: int) -> Decimal | None:
    """One decimal, half up; None where there is nothing to divide by. Never adjusted so that a column adds up."""
    if whole == 0:
        return None
    return (Decimal(part) * 100 / Decimal(whole)).quantize(Decimal("0.1"), ROUND_HALF_UP)


@dataclass(frozen=True)
class Figures:
    """The parts of a total; they add up to it, always."""

    counts: Mapping[Bucket, int] = field(default_factory=dict)

    def __getitem__(self, bucket: Bucket) -> int:
        # Bucket(…), because a template asks for `figures.total` as an item first, and 0 would be an answer.
        return self.counts.get(Bucket(bucket), 0)

    def of(self, buckets: Iterable[Bucket]) -> int:
        return sum(self[bucket] for bucket in buckets)

    def __add__(self, other: "Figures") -> "Figures":
        return Figures({bucket: self[bucket] + other[bucket] for bucket in Bucket})

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    @property
    def closed(self) -> int:
        return self.of(CLOSED)

    @property
    def open(self) -> int:
        return self.of(OPEN)

    @property
    def not_yet_due(self) -> int:
        """未到时节点: open and not 逾期."""
        return self.open - self[Bucket.OVERDUE]

    @property
    def closed_rate(self) -> Decimal | None:
        """办结率."""
        return percent(self.closed, self.total)

    @property
    def on_time_rate(self) -> Decimal | None:
        """按期办结率 = 按期销号 ÷ (closed + 逾期)."""
        return percent(self[Bucket.ON_TIME], self.closed + self[Bucket.OVERDUE])

    def share(self, *buckets: Bucket) -> Decimal | None:
        """Of the total; of several parts together it is rounded once."""
        return percent(self.of(buckets), self.total)

    @property
    def parts(self) -> list[tuple[Bucket, int]]:
        """Those that are there, in the order of the definition."""
        return [(bucket, self[bucket]) for bucket in Bucket if self[bucket]]

    def as_json(self) -> dict[str, Any]:
        def number(value: Decimal | None) -> float | None:
            return None if value is None else float(value)

        return {
            "total": self.total,
            "parts": {bucket.value: self[bucket] for bucket in Bucket},
            "shares": {bucket.value: number(self.share(bucket)) for bucket in Bucket},
            "closed": self.closed,
            "open": self.open,
            "not_yet_due": self.not_yet_due,
            "closed_rate": number(self.closed_rate),
            "on_time_rate": number(self.on_time_rate),
        }


@dataclass(frozen=True)
class Part:
    """The figures of one category, division or source class."""

    key: int | None
    name: str
    figures: Figures


@dataclass(frozen=True)
class Lines:
    """The projects that figures count, as rows of one kind: projects today, revisions for a past day.

    `to_project` leads from a row to its project: what a project is called and belongs to is not told by revisions.
    """

    rows: QuerySet[Any]
    today: date
    to_project: str = ""

    def path(self, name: str) -> str:
        return f"{self.to_project}{name}"

    def filter(self, *args: Any, **kwargs: Any) -> "Lines":
        return Lines(self.rows.filter(*args, **kwargs), self.today, self.to_project)


def lines_of(projects: QuerySet[Project], today: date, moment: Moment | None = None) -> Lines:
    """These projects today, or, where a moment is given, as they stood then. `projects` says what may be seen."""
    if moment is None:
        return Lines(projects, today)
    rows = lines_as_of(moment).filter(project__in=projects.order_by().values("pk"))
    return Lines(rows, moment.day, "project__")


def figures(lines: Lines) -> Figures:
    """One query."""
    rows = _counted(lines).values_list("bucket", "n")
    return Figures({Bucket(bucket): n for bucket, n in rows})


def key_tasks_of(lines: Lines) -> int:
    """How many 重点任务 the counted lines belong to."""
    counted = lines.rows.filter(IN_TOTAL).order_by()
    return int(counted.aggregate(n=Count(lines.path("key_task"), distinct=True))["n"])


_PATHS = {
    Dimension.CATEGORY: ("key_task__category", "key_task__category__name", "key_task__category__order"),
    Dimension.SOURCE_CLASS: (
        "key_task__sources__source_class",
        "key_task__sources__source_class__name",
        "key_task__sources__source_class__order",
    ),
    Dimension.CO_DIVISION: (
        "co_division_rows__division",
        "co_division_rows__division__name",
        "co_division_rows__division__order",
    ),
}


def figures_by(lines: Lines, dimension: Dimension) -> list[Part]:
    """In the office's own order, one query. By source class a project counts once in each of its classes, so that the
    parts may add up to more than the total: `counted_again` tells by how many."""
    if dimension == Dimension.DIVISION:  # revisions keep who led then
        key, name, order = "lead_division", "lead_division__name", "lead_division__order"
    else:
        key, name, order = (lines.path(path) for path in _PATHS[dimension])
    if dimension == Dimension.CO_DIVISION:
        lines = lines.filter(**{f"{key}__isnull": False})
    rows = _counted(lines, key, name, order).order_by(F(order).asc(nulls_last=True), key)
    found: dict[int | None, tuple[str, dict[Bucket, int]]] = {}
    for row in rows.values_list(key, name, "bucket", "n"):
        found.setdefault(row[0], (row[1] or "—", {}))[1][Bucket(row[2])] = row[3]
    return [Part(pk, label, Figures(counts)) for pk, (label, counts) in found.items()]


def counted_again(whole: Figures, parts: Iterable[Part]) -> int:
    return sum(part.figures.total for part in parts) - whole.total


def _counted(lines: Lines, *by: str) -> QuerySet[Any]:
    """Each project once per group, however many sources or co-divisions join it."""
    rows = lines.rows.filter(IN_TOTAL).order_by().annotate(bucket=bucket_case(lines.today))
    counted: QuerySet[Any] = rows.values(*by, "bucket").annotate(n=Count("pk", distinct=True))
    return counted
