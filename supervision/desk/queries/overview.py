"""The office at a glance: this year's plan in its parts, by division, and what has been closed out."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.db.models import BooleanField, Case, Count, Q, When, Window
from django.db.models.functions import RowNumber, TruncMonth, TruncWeek

from accounts.enums import Role
from accounts.models import User
from accounts.standing import standing_of
from tasks.enums import OPEN_STATES, Bucket, PlanKind, ProjectState
from tasks.models import Plan, Project
from tasks.models.project import ProjectQuerySet
from tasks.queries.figures import Figures
from tasks.queries.ledger.grounds import Grounds, default_plan
from tasks.queries.ledger.sums import Tally
from tasks.queries.lights import LABELS, Light
from tasks.queries.moments import bucket_case, light_case, light_rank

OVERVIEWERS = frozenset({Role.SECRETARIAT, Role.LEADER, Role.ASSESSOR, Role.OBSERVER})
SHOWN_AT_MOST = 5
WEEKS = 12


@dataclass(frozen=True)
class Lead:
    pk: int
    brief: str
    order: int


@dataclass(frozen=True)
class DivisionSums:
    division: Lead
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


def overview_for(user: User, grounds: Grounds, *, by_week: bool, with_lists: bool) -> Overview | None:
    """For those who look at the whole; divisions see what is theirs to do. `with_lists`: red ones and one's own too."""
    today = grounds.today
    if not standing_of(user, today=today).roles() & OVERVIEWERS:
        return None
    sums = _Sums(user, today, by_week=by_week)
    overview = Overview(
        plan=sums.plan,
        drafts=sums.whole.aside[ProjectState.DRAFT],
        figures=sums.whole.figures,
        divisions=[DivisionSums(lead, tally) for lead, tally in sums.by_division.items()],
        closed=sums.closed,
        by_week=by_week,
    )
    if with_lists:
        projects = sums.projects.exclude(state=ProjectState.DRAFT)
        overview.red, overview.in_charge = _lists(projects, user, grounds)
    return overview


class _Sums:
    """One grouped query over the lines of this year's plan, or, where there is none, over all that are seen."""

    def __init__(self, user: User, today: date, *, by_week: bool) -> None:
        seen = Project.objects.visible_to(user, today)
        self.projects = seen.filter(plan__year=today.year, plan__kind=PlanKind.ANNUAL)
        self.plan: Plan | None = None
        rows = self._rows(today, by_week=by_week)
        if rows:  # whoever has several offices looks at the first one's plan
            pk, name = min((row[0], row[1]) for row in rows)
            self.plan = Plan(pk=pk, name=name, year=today.year)
        elif (plan := default_plan(Plan.objects.visible_to(user, today), today)) is not None:
            self.plan = plan
        else:
            self.projects = seen
            rows = self._rows(today, by_week=by_week)
        self.whole = Tally()
        self.by_division: dict[Lead, Tally] = {}
        closed: Counter[tuple[date | None, str | None]] = Counter()
        if self.plan is not None:
            self.projects = self.projects.filter(plan=self.plan.pk)
            rows = [row for row in rows if row[0] == self.plan.pk]
        for _, _, lead, name, short_name, order, state, bucket, light, first, count in rows:
            self.whole.add(state, bucket, light, count)
            closed[first, bucket] += count
            if lead is not None:
                own = self.by_division.setdefault(Lead(lead, short_name or name, order), Tally())
                own.add(state, bucket, light, count)
        spans = _weeks(today) if by_week else _months(today.year)
        self.closed = [Closed(a, b, closed[a, Bucket.ON_TIME.value], closed[a, Bucket.LATE.value]) for a, b in spans]

    def _rows(self, today: date, *, by_week: bool) -> list[tuple[Any, ...]]:
        first = (TruncWeek if by_week else TruncMonth)("closed_on")
        lines = self.projects.order_by().annotate(bucket=bucket_case(today), light=light_case(today), first=first)
        lead = ("lead_division", "lead_division__name", "lead_division__short_name", "lead_division__order")
        counted = lines.values("plan", "plan__name", *lead, "state", "bucket", "light", "first")
        return list(
            counted.annotate(n=Count("pk")).values_list(
                "plan", "plan__name", *lead, "state", "bucket", "light", "first", "n"
            )
        )


def _lists(projects: ProjectQuerySet, user: User, grounds: Grounds) -> tuple[Lit, Lit]:
    """The red ones, and the open ones this person is in charge of: the worst first, then by date; one query."""
    red, mine = Q(light="red"), Q(leader=user, state__in=OPEN_STATES)
    rows = projects.annotate(light=light_case(grounds.today)).filter(red | mine)
    rows = rows.annotate(
        rank=light_rank(),
        is_red=Case(When(red, then=True), default=False, output_field=BooleanField()),
        is_mine=Case(When(mine, then=True), default=False, output_field=BooleanField()),
    )
    for name in ("is_red", "is_mine"):
        rows = rows.annotate(
            **{
                f"{name}_count": Window(Count("pk"), partition_by=name),
                f"{name}_place": Window(RowNumber(), partition_by=name, order_by=["rank", "due_on", "pk"]),
            }
        )
    first = rows.filter(
        Q(is_red=True, is_red_place__lte=SHOWN_AT_MOST) | Q(is_mine=True, is_mine_place__lte=SHOWN_AT_MOST)
    ).select_related("lead_division")
    lists = Lit(), Lit()
    for project in first.order_by("rank", "due_on", "pk"):
        told = project, _light(project, grounds)
        for lit, name in zip(lists, ("is_red", "is_mine"), strict=True):
            if getattr(project, name) and getattr(project, f"{name}_place") <= SHOWN_AT_MOST:
                lit.rows.append(told)
                lit.count = getattr(project, f"{name}_count")
    return lists


def _light(project: Any, grounds: Grounds) -> Light:
    """With the date that made it red, in short; the project page tells every rule."""
    ground = grounds.of(project.organization_id)
    word = LABELS[project.light]
    if project.light == "red":
        if project.due_on < ground.today:
            word = f"逾期 {ground.workdays_since(project.due_on)} 个工作日"
        elif project.milestone_due_on is not None and project.milestone_due_on < ground.today:
            word = f"节点逾期 {ground.workdays_since(project.milestone_due_on)} 个工作日"
        else:
            word = "严重欠序时"
    return Light(project.light, word)


def _weeks(today: date) -> list[tuple[date, date]]:
    monday = today - timedelta(days=today.weekday())
    firsts = [monday - timedelta(weeks=back) for back in reversed(range(WEEKS))]
    return [(first, first + timedelta(days=6)) for first in firsts]


def _months(year: int) -> list[tuple[date, date]]:
    firsts = [date(year + (month - 1) // 12, (month - 1) % 12 + 1, 1) for month in range(1, 14)]
    return [(first, after - timedelta(days=1)) for first, after in zip(firsts[:-1], firsts[1:], strict=True)]
