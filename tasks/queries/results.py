"""成果 that a person may read: counted by kind and category or division, and listed."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from django.db.models import OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import ExtractYear

from accounts.models import Event, User
from tasks.enums import ResultKind
from tasks.models import Project, Result


class Across(StrEnum):
    """What the counters are told apart by; the kinds stand across."""

    DIVISION = "division"
    CATEGORY = "category"

    @property
    def label(self) -> str:
        return {"division": "牵头处室", "category": "类别"}[self.value]

    @property
    def path(self) -> str:
        return {"division": "project__lead_division", "category": "project__key_task__category"}[self.value]


@dataclass(frozen=True)
class Counter:
    """One line of counters; `key` None is the total of all lines."""

    key: int | None
    name: str
    counts: list[tuple[ResultKind, int]]

    @property
    def total(self) -> int:
        return sum(count for _, count in self.counts)


def results_for(user: User, today: date) -> QuerySet[Result]:
    """Those that hold, of the projects that this person reads whole: a result tells what the work has brought."""
    projects = Project.objects.whole_for(user, today).order_by().values("pk")
    return Result.objects.filter(project__in=projects, voided_at=None)


def years_of(results: QuerySet[Result]) -> list[int]:
    return list(
        results.order_by().annotate(year=ExtractYear("on")).values_list("year", flat=True).distinct().order_by("-year")
    )


def counters_of(results: QuerySet[Result], across: Across) -> list[Counter]:
    """A line for each division or category that has any, in the office's order, and last the total."""
    path = across.path
    rows = (
        results.order_by()
        .values(path, f"{path}__name", f"{path}__order", "kind")
        .annotate(pieces=Sum("count"))
        .order_by(f"{path}__order", path)
    )
    lines: dict[int, tuple[str, dict[str, int]]] = {}
    for row in rows:
        _, counts = lines.setdefault(row[path], (row[f"{path}__name"], {}))
        counts[row["kind"]] = row["pieces"]
    counters = [Counter(key, name, _all_kinds(counts)) for key, (name, counts) in lines.items()]
    return [*counters, Counter(None, "合计", _totals(counters))] if counters else []


def _all_kinds(counts: dict[str, int]) -> list[tuple[ResultKind, int]]:
    return [(kind, counts.get(kind, 0)) for kind in ResultKind]


def _totals(counters: Iterable[Counter]) -> list[tuple[ResultKind, int]]:
    sums = dict.fromkeys(ResultKind, 0)
    for counter in counters:
        for kind, count in counter.counts:
            sums[kind] += count
    return list(sums.items())


def results_on(project: Project) -> list[Result]:
    """Every result of the project, voided ones too: they stay readable. `in_place_of` names whom a deputy stood in for."""
    told = Event.objects.filter(verb="add_result", subject_kind="result", subject_id=OuterRef("pk"))
    rows = Result.objects.filter(project=project).select_related("by", "voided_by")
    return list(rows.annotate(in_place_of=Subquery(told.values("principal__name")[:1])))
