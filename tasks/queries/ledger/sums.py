"""Totals of a ledger and of its groups, over everything that the filter leaves: one grouped query."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count

from tasks.enums import Bucket, ProjectState
from tasks.queries.figures import Figures, Lines
from tasks.queries.moments import LIGHTS, bucket_case, light_case


@dataclass
class Tally:
    """How many lines, of which lights, and how they count; drafts and cancelled ones are in no total (domain 8)."""

    lines: int = 0
    lights: Counter[str] = field(default_factory=Counter)
    buckets: Counter[Bucket] = field(default_factory=Counter)
    aside: Counter[ProjectState] = field(default_factory=Counter)

    def add(self, state: str, bucket: str | None, light: str, count: int) -> None:
        self.lines += count
        self.lights[light] += count
        if bucket is None:
            self.aside[ProjectState(state)] += count
        else:
            self.buckets[Bucket(bucket)] += count

    @property
    def figures(self) -> Figures:
        return Figures(self.buckets)

    @property
    def light_parts(self) -> list[tuple[str, int]]:
        return [(code, self.lights[code]) for code in LIGHTS if self.lights[code]]

    @property
    def aside_parts(self) -> list[tuple[ProjectState, int]]:
        return [(state, self.aside[state]) for state in ProjectState if self.aside[state]]


@dataclass
class Sums:
    whole: Tally = field(default_factory=Tally)
    groups: dict[Any, Tally] = field(default_factory=dict)


def sums_of_lines(lines: Lines, group: str = "") -> Sums:
    """`group` is the path of what groups are told apart by, from a row; empty: no groups."""
    by = [group] if group else []
    rows = lines.rows.order_by().annotate(bucket=bucket_case(lines.today), light=light_case(lines.today))
    counted = rows.values(*by, "state", "bucket", "light").annotate(n=Count("pk"))
    sums = Sums()
    for row in counted.values_list("state", "bucket", "light", "n", *by):
        sums.whole.add(*row[:4])
        if group:
            sums.groups.setdefault(row[4], Tally()).add(*row[:4])
    return sums
