"""Everything the page of figures and `manage.py figures` tell of one scope: the same numbers, laid together once."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import QuerySet

from tasks.enums import Bucket
from tasks.models import Project
from tasks.queries.as_of import Moment
from tasks.queries.figures import (
    Dimension,
    Figures,
    Lines,
    Part,
    counted_again,
    figures,
    figures_by,
    key_tasks_of,
    lines_of,
)

# The five words of published bulletins; each bucket stands under one of them.
IN_FIVE: tuple[tuple[str, tuple[Bucket, ...]], ...] = (
    ("滞后", (Bucket.OVERDUE, Bucket.LAGGING)),
    ("超序时", (Bucket.AHEAD,)),
    ("完成", (Bucket.ON_TIME, Bucket.LATE)),
    ("其他", (Bucket.CARRIED_OVER, Bucket.SUSPENDED, Bucket.VERIFYING)),
    ("按序时", (Bucket.DUE_SOON, Bucket.ON_PACE)),
)


@dataclass(frozen=True)
class Report:
    whole: Figures
    key_tasks: int
    by: Mapping[Dimension, list[Part]]

    @property
    def counted_again(self) -> int:
        """By how many the source classes add up to more than the total."""
        return counted_again(self.whole, self.by[Dimension.SOURCE_CLASS])

    def as_json(self) -> dict[str, Any]:
        parts = {
            dimension.value: [{"id": part.key, "name": part.name} | part.figures.as_json() for part in rows]
            for dimension, rows in self.by.items()
        }
        return {"key_tasks": self.key_tasks} | self.whole.as_json() | {"by": parts, "counted_again": self.counted_again}


def report_of(lines: Lines) -> Report:
    """Six queries, however many lines."""
    by = {dimension: figures_by(lines, dimension) for dimension in Dimension}
    by[Dimension.CATEGORY] = _one_per_name(by[Dimension.CATEGORY])
    return Report(figures(lines), key_tasks_of(lines), by)


def _one_per_name(parts: Iterable[Part]) -> list[Part]:
    """Every plan has its own 临时交办: over several plans they are one."""
    merged: dict[str, Part] = {}
    for part in parts:
        known = merged.get(part.name)
        merged[part.name] = Part(known.key, part.name, known.figures + part.figures) if known else part
    return list(merged.values())


def quarter_ends(year: int, *, before: date) -> list[date]:
    ends = [date(year, month, 1) - timedelta(days=1) for month in (4, 7, 10)]
    return [end for end in (*ends, date(year, 12, 31)) if end < before]


def figures_over_time(
    projects: QuerySet[Project], days: Iterable[date], known: Moment | None
) -> list[tuple[date, Figures]]:
    """How the same projects stood at the end of each of these days, one query a day."""
    known_by = known.known_by if known else None
    return [(day, figures(lines_of(projects, day, Moment(day, known_by)))) for day in days]
