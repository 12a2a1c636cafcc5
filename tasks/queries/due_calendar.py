"""到期日历: what falls due on each day of a month, with the office's working days."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, F, QuerySet, Window
from django.db.models.functions import RowNumber

from cppcc_office.lib.workdays import WorkCalendar
from tasks.enums import MilestoneState, ProjectState
from tasks.models import Milestone, Project
from tasks.queries.figures import Lines
from tasks.queries.ledger.grounds import Grounds
from tasks.queries.lights import LABELS, Light, milestone_light
from tasks.queries.moments import light_of

PER_DAY = 8
_NO_DUE = (ProjectState.DRAFT, ProjectState.CANCELLED)
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Entry:
    """A milestone or a project that falls due."""

    title: str
    project: Project
    light: Light
    milestone: Milestone | None = None

    @property
    def anchor(self) -> str:
        return f"#milestone-{self.milestone.pk}" if self.milestone else ""


@dataclass
class Day:
    day: date
    is_other_month: bool
    is_workday: bool
    name: str  # the festival it belongs to
    entries: list[Entry] = field(default_factory=list)
    count: int = 0

    @property
    def is_shift(self) -> bool:
        """A weekend that is worked."""
        return self.is_workday and self.day.weekday() > 4

    @property
    def is_holiday(self) -> bool:
        return not self.is_workday and (bool(self.name) or self.day.weekday() < 5)

    @property
    def more(self) -> int:
        return self.count - len(self.entries)


def month_of(
    first: date, lines: Lines, whole: QuerySet[Project], grounds: Grounds, calendar: WorkCalendar
) -> list[list[Day]]:
    """The weeks that hold the month, Monday to Sunday; two queries, however much falls due.

    `whole`: the projects this person reads whole, of which milestones are shown (domain 1).
    """
    after = date(first.year + first.month // 12, first.month % 12 + 1, 1)
    start = first - timedelta(days=first.weekday())
    end = after + timedelta(days=(7 - after.weekday()) % 7)
    days = {
        day: Day(day, day.month != first.month, calendar.is_workday(day), calendar.name_of(day))
        for day in (start + timedelta(days=n) for n in range((end - start).days))
    }
    _fill(days, lines, whole, grounds, most=PER_DAY)
    rows = list(days.values())
    return [rows[place : place + 7] for place in range(0, len(rows), 7)]


def day_of(
    day: date, lines: Lines, whole: QuerySet[Project], grounds: Grounds, calendar: WorkCalendar, *, most: int
) -> Day:
    """The same for one day, with more of it."""
    only = Day(day, is_other_month=False, is_workday=calendar.is_workday(day), name=calendar.name_of(day))
    _fill({day: only}, lines, whole, grounds, most=most)
    return only


def _fill(days: dict[date, Day], lines: Lines, whole: QuerySet[Project], grounds: Grounds, *, most: int) -> None:
    span = (min(days), max(days))
    seen = lines.rows.exclude(state__in=_NO_DUE)
    projects = _first(seen.filter(due_on__range=span), most)
    for project in projects.select_related("lead_division"):
        day = days[project.due_on]
        code = light_of(project, grounds.today)
        day.count += project.on_day if project.place == 1 else 0
        day.entries.append(Entry(project.title, project, Light(code, LABELS[code])))
    own = seen.order_by().filter(pk__in=whole.order_by().values("pk"))
    nodes = Milestone.objects.filter(project__in=own.values("pk"), due_on__range=span)
    nodes = nodes.exclude(state=MilestoneState.CANCELLED)
    for node in _first(nodes, most).select_related("project__lead_division", "division"):
        day = days[node.due_on]
        day.count += node.on_day if node.place == 1 else 0
        light = milestone_light(node, node.project.state, grounds.of(node.organization_id))
        if len(day.entries) < most:
            day.entries.append(Entry(node.title, node.project, light, node))


def _first(rows: QuerySet[Any], most: int) -> QuerySet[Any]:
    placed = rows.annotate(
        on_day=Window(Count("pk"), partition_by=F("due_on")),
        place=Window(RowNumber(), partition_by=F("due_on"), order_by="pk"),
    )
    first: QuerySet[Any] = placed.filter(place__lte=most).order_by("due_on", "place")
    return first
