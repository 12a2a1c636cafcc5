"""The office at a glance: this year's plan in its parts, by division, and what has been closed out."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, F, QuerySet, Window
from django.db.models.functions import RowNumber

from accounts.enums import Role
from accounts.models import Division, User
from accounts.standing import standing_of
from tasks.enums import Bucket, ProjectState
from tasks.models import Plan, Project
from tasks.models.project import ProjectQuerySet
from tasks.queries.figures import CLOSED, Figures, Lines, lines_of
from tasks.queries.ledger import Grounds, default_plan
from tasks.queries.ledger_sums import Tally, sums_of_lines
from tasks.queries.lights import LABELS, Light
from tasks.queries.moments import bucket_case, light_case, light_rank

OVERVIEWERS = frozenset({Role.SECRETARIAT, Role.LEADER, Role.ASSESSOR, Role.OBSERVER})
SHOWN_AT_MOST = 10
WEEKS = 12


@dataclass(frozen=True)
class DivisionSums:
    division: Division
    tally: Tally

    @property
    def red(self) -> int:
        return self.tally.lights["red"]

    @property
    def yellow(self) -> int:
        return self.tally.lights["yellow"]

    @property
    def running(self) -> int:
        return self.tally.figures.open


@dataclass(frozen=True)
class Closed:
    """What was closed out in one week or month."""

    first: date
    last: date
    on_time: int
    late: int

    @property
    def total(self) -> int:
        return self.on_time + self.late


@dataclass
class Lit:
    """The first of a list of projects, each with its light, and how many there are."""

    count: int = 0
    rows: list[tuple[Project, Light]] = field(default_factory=list)


@dataclass
class Overview:
    plan: Plan | None
    drafts: int
    figures: Figures
    divisions: list[DivisionSums]  # all that lead anything
    closed: list[Closed]
    by_week: bool
    red: Lit = field(default_factory=Lit)
    in_charge: Lit = field(default_factory=Lit)

    @property
    def plan_code(self) -> str:
        return str(self.plan.pk) if self.plan else "all"

    @property
    def lit_divisions(self) -> list[DivisionSums]:
        """Those with a red or yellow light, the worst first."""
        lit = [row for row in self.divisions if row.red or row.yellow]
        return sorted(lit, key=lambda row: (-row.red, -row.yellow, row.division.order, row.division.pk))

    @property
    def has_closed(self) -> bool:
        return any(row.total for row in self.closed)


def overview_for(user: User, grounds: Grounds, *, by_week: bool, with_lists: bool) -> Overview | None:
    """For those who look at the whole; divisions see what is theirs to do. `with_lists`: red ones and one's own too."""
    today = grounds.today
    if not standing_of(user, today=today).roles() & OVERVIEWERS:
        return None
    plan = default_plan(Plan.objects.visible_to(user, today), today)
    projects = Project.objects.visible_to(user, today)
    projects = projects.filter(plan=plan) if plan else projects
    lines = lines_of(projects, today)
    sums = sums_of_lines(lines, "lead_division")
    divisions = Division.objects.in_bulk([pk for pk in sums.groups if pk is not None])
    overview = Overview(
        plan=plan,
        drafts=sums.whole.aside[ProjectState.DRAFT],
        figures=sums.whole.figures,
        divisions=[DivisionSums(row, sums.groups[pk]) for pk, row in divisions.items()],
        closed=_closed(lines, _weeks(today) if by_week else _months(plan.year if plan else today.year)),
        by_week=by_week,
    )
    if with_lists:
        lit = projects.exclude(state=ProjectState.DRAFT).annotate(light=light_case(today))
        overview.red = _first(lit.filter(light="red"))
        overview.in_charge = _first(lit.open().filter(leader=user))
    return overview


def _first(projects: "ProjectQuerySet | QuerySet[Any]") -> Lit:
    """The worst first, then by date."""
    ordered = projects.annotate(rank=light_rank()).annotate(
        total=Window(Count("pk")), place=Window(RowNumber(), order_by=["rank", "due_on", "pk"])
    )
    rows = list(ordered.filter(place__lte=SHOWN_AT_MOST).select_related("lead_division").order_by("place"))
    return Lit(rows[0].total if rows else 0, [(row, Light(row.light, LABELS[row.light])) for row in rows])


def _closed(lines: Lines, spans: Sequence[tuple[date, date]]) -> list[Closed]:
    """Closed out in each span, on time and late as the figures tell them apart; one query."""
    rows = lines.rows.filter(state=ProjectState.CLOSED, closed_on__range=(spans[0][0], spans[-1][1])).order_by()
    counted = rows.annotate(bucket=bucket_case(lines.today)).filter(bucket__in=CLOSED)
    days = list(counted.values_list("closed_on", "bucket").annotate(n=Count(F("pk"))))

    def of(first: date, last: date, bucket: Bucket) -> int:
        return sum(n for day, own, n in days if own == bucket and first <= day <= last)

    return [Closed(a, b, of(a, b, Bucket.ON_TIME), of(a, b, Bucket.LATE)) for a, b in spans]


def _weeks(today: date) -> list[tuple[date, date]]:
    monday = today - timedelta(days=today.weekday())
    firsts = [monday - timedelta(weeks=back) for back in reversed(range(WEEKS))]
    return [(first, first + timedelta(days=6)) for first in firsts]


def _months(year: int) -> list[tuple[date, date]]:
    firsts = [date(year + (month - 1) // 12, (month - 1) % 12 + 1, 1) for month in range(1, 14)]
    return [(first, after - timedelta(days=1)) for first, after in zip(firsts[:-1], firsts[1:], strict=True)]
