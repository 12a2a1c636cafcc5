"""What the annual review shows: who was late and why, what is still open, what was carried over and where to."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from accounts.models import Division
from accounts.policies import calendar_of
from supervision.cycles.models import CycleRun, FrozenLine, LateReason
from supervision.cycles.queries.frozen import (
    LATE_ONES,
    FrozenReport,
    frozen_line,
    in_order,
    lines_of_year,
)
from supervision.cycles.queries.frozen import report_of as frozen_report_of
from tasks.enums import ChangeKind, DueKind, ProjectState
from tasks.models import ChangeRequest, Plan, ProgressEntry, Project
from tasks.models.plan import AD_HOC
from tasks.models.project import ProjectQuerySet
from tasks.queries.figure_report import report_of as live_report_of
from tasks.queries.figures import Dimension, Part
from tasks.queries.plans import annual_plan

MOST_WORDS = 500
_QUARTER_ENDS = ((3, 31), (6, 30), (9, 30), (12, 31))


# ── the figures ──────────────────────────────────────────────────────────────


def report_of(run: CycleRun, today: date) -> FrozenReport:
    """Counted from the frozen lines; until there are any, as it stands today."""
    if run.frozen_at is not None:
        return frozen_report_of(run)
    lines = lines_of_year(run.organization_id, _day(run, today))
    live = live_report_of(lines)
    briefs = {row.pk: row.brief for row in Division.objects.filter(organization=run.organization_id)}
    divisions = [
        Part(part.key, briefs.get(part.key or 0, part.name), part.figures) for part in live.by[Dimension.DIVISION]
    ]
    return FrozenReport(
        live.whole,
        {Dimension.CATEGORY: live.by[Dimension.CATEGORY], Dimension.DIVISION: divisions},
        live.whole.closed,
    )


def _day(run: CycleRun, today: date) -> date:
    """Today, or the year's last day where the freezing still waits for its turn."""
    return min(today, run.ends_on)


# ── the late ones ────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Late:
    """A project closed late or overdue, and why. `led_now`: who leads it since, where another does."""

    line: FrozenLine
    reason: LateReason | None
    led_now: str = ""


def late_ones(
    run: CycleRun, today: date, *, divisions: set[int] | None = None, project_id: int | None = None
) -> list[Late]:
    """By division, first what is overdue, then what was closed late, the longest first; frozen, or as of today.

    Of these divisions only, where they are named.
    """
    lines = _frozen_late(run, divisions, project_id) if run.frozen_at else _live_late(run, today, divisions, project_id)
    reasons = {
        row.project_id: row
        for row in LateReason.objects.filter(run=run, project__in=[line.project_id for line in lines]).select_related(
            "by"
        )
    }
    led_now = _led_by_others(lines) if run.frozen_at else {}
    return [Late(line, reasons.get(line.project_id), led_now.get(line.project_id, "")) for line in lines]


def _led_by_others(lines: Iterable[FrozenLine]) -> dict[int, str]:
    """The line tells who led it when it was frozen."""
    led = {line.project_id: line.division_id for line in lines}
    rows = Project.objects.filter(pk__in=led).exclude(lead_division=None).select_related("lead_division")
    now = {row.pk: row.lead_division for row in rows.only("lead_division")}
    return {pk: division.brief for pk, division in now.items() if division is not None and division.pk != led[pk]}


def _frozen_late(run: CycleRun, divisions: set[int] | None, project_id: int | None) -> list[FrozenLine]:
    lines = FrozenLine.objects.filter(run=run, bucket__in=LATE_ONES)
    if divisions is not None:
        lines = lines.filter(division__in=divisions)
    if project_id is not None:
        lines = lines.filter(project=project_id)
    return list(lines.order_by("division__order", "division", "-workdays_overdue", "-days_late", "order"))


def _live_late(run: CycleRun, today: date, divisions: set[int] | None, project_id: int | None) -> list[FrozenLine]:
    lines = lines_of_year(run.organization_id, _day(run, today))
    rows = in_order(lines).filter(bucket__in=LATE_ONES)
    if divisions is not None:
        rows = rows.filter(lead_division__in=divisions)
    if project_id is not None:
        rows = rows.filter(pk=project_id)
    calendar = calendar_of(run.organization_id)
    found = [(row.lead_division.order, frozen_line(row, run, lines, calendar)) for row in rows]
    found.sort(key=lambda pair: (pair[0], pair[1].division_id, -pair[1].workdays_overdue, -pair[1].days_late))
    return [line for _, line in found]


@dataclass(frozen=True)
class Offer:
    """Words that somebody wrote of it before, to begin with."""

    where_from: str
    words: str


def offered_reason(project: Project) -> Offer | None:
    """The reason of the latest extension request, else the problems that the latest entry names."""
    request = (
        ChangeRequest.objects.filter(project=project, kind=ChangeKind.EXTENSION, asked_on__isnull=False)
        .order_by("-asked_on", "-id")
        .first()
    )
    if request is not None and request.asked_on is not None:
        return Offer(f"{request.asked_on:%Y-%m-%d} 延期申请的理由", request.reason[:MOST_WORDS])
    entry = ProgressEntry.objects.filter(project=project).exclude(problems="").first()
    return Offer(f"{entry.on:%Y-%m-%d} 进展中的存在问题", entry.problems[:MOST_WORDS]) if entry is not None else None


# ── what is still open ───────────────────────────────────────────────────────


def projects_of_year(run: CycleRun) -> ProjectQuerySet:
    return (
        Project.objects.filter(organization=run.organization_id, plan__year=run.ends_on.year)
        .select_related("plan", "lead_division", "person", "key_task__category")
        .order_by("lead_division__order", "lead_division", "due_on", "id")
    )


def open_projects(run: CycleRun) -> ProjectQuerySet:
    """Every open one; which of them cannot be carried over as they are, the move says."""
    return projects_of_year(run).open()


def carried_projects(run: CycleRun) -> ProjectQuerySet:
    """With where they went."""
    carried = projects_of_year(run).filter(state=ProjectState.CARRIED_OVER, carried_into__isnull=False)
    return carried.select_related("carried_into__plan")


def later_plans(run: CycleRun) -> list[Plan]:
    """Those of the following years, next year's annual plan first."""
    plans = Plan.objects.filter(organization=run.organization_id, year__gt=run.ends_on.year)
    return list(plans.order_by("year", "kind", "id"))


def next_plan_like(run: CycleRun) -> tuple[str, list[str]]:
    """What next year's plan would be called and which categories it would have: this year's."""
    year = run.ends_on.year
    plan = annual_plan(run.organization_id, year)
    name = plan.name.replace(str(year), str(year + 1)) if plan and str(year) in plan.name else f"{year + 1}年度重点任务"
    categories = plan.categories.exclude(name=AD_HOC).values_list("name", flat=True) if plan else []
    return name, list(categories)


def opens_on(run: CycleRun) -> date:
    """The first day on which projects of the year may be carried over."""
    return run.ends_on + timedelta(days=1)


def offered_due(project: Project, year: int, today: date) -> date:
    """A date it already has in that year or later; the year's end for what runs all year; else the next quarter's end."""
    if project.due_on is not None and project.due_on >= today and project.due_on.year >= year:
        return project.due_on
    if project.due_kind != DueKind.DATE:
        return date(max(year, today.year), 12, 31)
    ends = (date(max(year, today.year), month, day) for month, day in _QUARTER_ENDS)
    return next(end for end in ends if end >= today)


def chosen_projects(run: CycleRun, ids: Iterable[int]) -> ProjectQuerySet:
    """Of the year, in whatever state they are by now: the action tells why one cannot be carried over any more."""
    return projects_of_year(run).filter(pk__in=list(ids))
