"""The lines of a period: as they would be frozen, as they were frozen, and the figures that are counts of them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Q, QuerySet

from accounts.enums import Role
from accounts.models import User
from accounts.standing import standing_of
from cppcc_office.lib.workdays import WorkCalendar
from supervision.cycles.enums import Cycle
from supervision.cycles.models import CycleRun, FrozenLine
from tasks.enums import Bucket, ProjectState
from tasks.models import Project
from tasks.queries.as_of import Moment
from tasks.queries.figures import CLOSED, Dimension, Figures, Lines, Part, lines_of
from tasks.queries.moments import IN_TOTAL, bucket_case, light_case

LATE_ONES = (Bucket.LATE, Bucket.OVERDUE)
QUARTER_READERS = (Role.SECRETARIAT, Role.LEADER, Role.ASSESSOR)


def quarters_of(user: User, today: date) -> QuerySet[CycleRun]:
    """The runs of 季通报 whose figures this person reads."""
    offices = standing_of(user, today=today).organizations_as(*QUARTER_READERS)
    return CycleRun.objects.filter(organization__in=offices, cycle=Cycle.QUARTERLY)


# ── as they would be frozen ──────────────────────────────────────────────────


def lines_of_year(organization_id: int, day: date, moment: Moment | None = None) -> Lines:
    """The total of the plans of that year at the end of the day; without a moment as it stands."""
    projects = Project.objects.filter(organization=organization_id, plan__year=day.year)
    return lines_of(projects, day, moment).filter(IN_TOTAL)


def in_order(lines: Lines) -> QuerySet[Any]:
    """The rows in the office's own order, each with `bucket` and `light` and what `frozen_line` reads."""
    path = lines.path
    category = path("key_task__category")
    rows: QuerySet[Any] = (
        lines.rows.annotate(bucket=bucket_case(lines.today), light=light_case(lines.today))
        .select_related("lead_division", "leader", "person", category)
        .prefetch_related(path("key_task__sources__source_class"))
        .order_by(
            f"{category}__order",
            f"{category}__name",
            path("plan__kind"),
            path("key_task__order"),
            path("order"),
            path("id"),
        )
    )
    return rows


def _lateness(row: Any, day: date, calendar: WorkCalendar) -> dict[str, int]:
    """Of what was closed late until its request, where the division's clock stopped; of what is overdue until the day."""
    if row.bucket == Bucket.LATE:
        return {"days_late": ((row.requested_on or row.closed_on) - row.due_on).days}
    # At least one for a day that has passed, as lights count it.
    return {"workdays_overdue": max(1, calendar.count(row.due_on, day))} if row.bucket == Bucket.OVERDUE else {}


def frozen_line(row: Any, run: CycleRun, lines: Lines, calendar: WorkCalendar, *, order: int = 0) -> FrozenLine:
    """Not yet saved, with the names of today; `row` is one of `in_order`."""
    project: Project = row.project if lines.to_project else row
    category = project.key_task.category
    classes = dict.fromkeys(source.source_class.name for source in project.key_task.sources.all())
    return FrozenLine(
        organization_id=run.organization_id,
        run=run,
        project=project,
        order=order,
        number=project.number,
        title=project.title,
        category=category.name,
        category_order=category.order,
        division_id=row.lead_division_id,
        division_name=row.lead_division.brief,
        person_name=row.person.name if row.person else "",
        leader_name=row.leader.name if row.leader else "",
        source_classes=list(classes),
        bucket=row.bucket,
        light=row.light,
        state=row.state,
        due_on=row.due_on,
        original_due_on=project.original_due_on or row.due_on,  # none while a recalled one is a draft again
        extension_count=row.extension_count,
        closed_on=row.closed_on,
        **_lateness(row, lines.today, calendar),
    )


# ── what of them is looked at ────────────────────────────────────────────────


@dataclass(frozen=True)
class Narrowing:
    """Which lines: of some parts, a category, a lead division, or closed within the period."""

    buckets: tuple[Bucket, ...] = ()
    category: str = ""
    division_id: int | None = None
    closed_within: tuple[date, date] | None = None

    def of_frozen(self, lines: QuerySet[FrozenLine]) -> QuerySet[FrozenLine]:
        found = lines.filter(self._own())
        return found.filter(category=self.category) if self.category else found

    def of_rows(self, rows: QuerySet[Any], path: str) -> QuerySet[Any]:
        """The same of rows of `in_order`; `path` leads to the category's name."""
        found = rows.filter(self._own("lead_division"))
        return found.filter(**{path: self.category}) if self.category else found

    def _own(self, division: str = "division") -> Q:
        wanted = Q()
        if self.buckets:
            wanted &= Q(bucket__in=self.buckets)
        if self.division_id is not None:
            wanted &= Q(**{division: self.division_id})
        if self.closed_within is not None:
            wanted &= Q(bucket__in=CLOSED, closed_on__range=self.closed_within)
        return wanted


# ── counts of them ───────────────────────────────────────────────────────────


@dataclass(frozen=True)
class FrozenReport:
    """The figures of one run, all counted from its lines by one query: whatever way they are told apart, they add up."""

    whole: Figures
    by: dict[Dimension, list[Part]]
    closed_within: int  # closed in the period itself


def report_of(run: CycleRun) -> FrozenReport:
    """One query."""
    within = Q(closed_on__range=(run.starts_on, run.ends_on), bucket__in=CLOSED)
    rows = list(
        FrozenLine.objects.filter(run=run)
        .order_by("division__order", "division_id")
        .values_list("category", "category_order", "division_id", "division_name", "bucket")
        .annotate(n=Count("pk"), within=Count("pk", filter=within))
    )
    by_category = sorted(rows, key=lambda row: (row[1], row[0]))
    return FrozenReport(
        _sum(row[4:6] for row in rows),
        {
            Dimension.CATEGORY: _parts((None, row[0], row[4], row[5]) for row in by_category),
            Dimension.DIVISION: _parts((row[2], row[3], row[4], row[5]) for row in rows),
        },
        sum(row[6] for row in rows),
    )


def _sum(counted: Iterable[tuple[str, int]]) -> Figures:
    counts: dict[Bucket, int] = {}
    for bucket, n in counted:
        counts[Bucket(bucket)] = counts.get(Bucket(bucket), 0) + n
    return Figures(counts)


def _parts(rows: Iterable[tuple[int | None, str, str, int]]) -> list[Part]:
    """One part per key, or per name where there is no key: every plan has its own 临时交办, which are one here."""
    found: dict[tuple[int | None, str], list[tuple[str, int]]] = {}
    for key, name, bucket, n in rows:
        found.setdefault((key, name), []).append((bucket, n))
    return [Part(key, name, _sum(counted)) for (key, name), counted in found.items()]


def quarter_before(run: CycleRun) -> CycleRun | None:
    """The frozen run of the quarter before, of the same year: another year's plan is not compared with."""
    earlier = CycleRun.objects.filter(
        organization=run.organization_id, cycle=run.cycle, frozen_at__isnull=False, starts_on__lt=run.starts_on
    )
    found = earlier.order_by("-starts_on").first()
    is_next_to = found is not None and (run.starts_on - found.ends_on).days == 1
    return found if is_next_to and found is not None and found.starts_on.year == run.starts_on.year else None


# ── what became of them ──────────────────────────────────────────────────────


@dataclass(frozen=True)
class Now:
    """How a project stands today, where it differs from its line."""

    words: str
    due_on: date | None = None  # where it was moved


def stand_now(lines: Iterable[FrozenLine], today: date) -> dict[int, Now]:
    """By project; one query. Without those that stand as their line says."""
    by_project = {line.project_id: line for line in lines}
    found = {}
    projects = Project.objects.filter(pk__in=by_project).order_by().annotate(bucket=bucket_case(today))
    for pk, bucket, state, due_on in projects.values_list("pk", "bucket", "state", "due_on"):
        line = by_project[pk]
        is_moved = due_on is not None and due_on != line.due_on
        if bucket != line.bucket or is_moved:
            words = Bucket(bucket).label if bucket else ProjectState(state).label
            found[pk] = Now(words, due_on if is_moved else None)
    return found
