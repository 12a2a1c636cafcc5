"""Projects as they stood on a past day, laid together from their revisions."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import TypeVar

from django.db.models import Model, OuterRef, QuerySet, Subquery
from django.utils import timezone

from tasks.enums import CloseOutState, ProjectState
from tasks.models import CloseOut, Milestone, MilestoneRevision, Project, ProjectRevision, TargetRevision
from tasks.queries.outlook import keep

RowT = TypeVar("RowT", bound=Model)

_PROJECT_FIELDS = (
    "state",
    "lead_division",
    "leader",
    "person",
    "start_on",
    "due_on",
    "warn_on",
    "extension_count",
    "dispatched_on",
    "closed_on",
    "progress",
    "milestones_done",
    "milestones_counted",
    "pace",
    "on_pace_on",
    "behind_on",
    "far_behind_on",
    "milestone_due_on",
    "milestone_warn_on",
    "waits_since",
    "receive_by",
    "requested_on",
    "extension_asked_on",
)
_MILESTONE_FIELDS = (
    "state",
    "weight",
    "division",
    "person",
    "due_on",
    "warn_on",
    "extension_asked_on",
    "reported_on",
    "done_on",
)


@dataclass(frozen=True)
class Moment:
    """The end of a day, as it was known at a time; `known_by` None: as it is known now (domain 8)."""

    day: date
    known_by: datetime | None = None

    @property
    def ends_at(self) -> datetime:
        """The last moment of the day."""
        return timezone.make_aware(datetime.combine(self.day, time.max))

    def holds(self, at: datetime | None) -> bool:
        """Whether what was done then had been done by the end of the day, and was known."""
        return at is not None and at <= min(self.ends_at, self.known_by or self.ends_at)

    def of(self, revisions: QuerySet[RowT]) -> QuerySet[RowT]:
        """Those that had effect by the day and were recorded by then."""
        rows = revisions.filter(effective_on__lte=self.day)
        return rows.filter(recorded_at__lte=self.known_by) if self.known_by else rows


def lines_as_of(moment: Moment) -> QuerySet[ProjectRevision]:
    """One revision per project: how it stood. Projects not yet dispatched then have none or stand as drafts."""
    own = moment.of(ProjectRevision.objects.filter(project=OuterRef("project"))).order_by("-effective_on", "-pk")
    return moment.of(ProjectRevision.objects.filter(pk=Subquery(own.values("pk")[:1])))


def stand(projects: Sequence[Project], moment: Moment) -> list[Project]:
    """These, loaded by `for_lights`, as they stood; those that nobody had been asked to do yet are left out.

    The instances are changed in memory and must not be saved. Titles, names, categories and sources are today's.
    """
    ids = [project.pk for project in projects]
    project_rows = moment.of(ProjectRevision.objects.filter(project__in=ids))
    latest = _latest(project_rows.select_related("lead_division", "leader", "person"), lambda row: row.project_id)
    node_rows = moment.of(MilestoneRevision.objects.filter(project__in=ids)).select_related("division", "person")
    nodes = _latest(node_rows, lambda row: row.milestone_id)
    target_rows = moment.of(TargetRevision.objects.filter(target__project__in=ids))
    targets = _latest(target_rows, lambda row: row.target_id)
    stood = []
    for project in projects:
        row = latest.get(project.pk)
        if row is None or row.state == ProjectState.DRAFT:
            continue
        _lay(project, row, _PROJECT_FIELDS)
        _lay_milestones(project, nodes)
        _lay_targets(project, targets, moment)
        keep(project, "close_outs", _close_outs_of(project, row))
        stood.append(project)
    return stood


def _latest(rows: QuerySet[RowT], key: Callable[[RowT], int]) -> dict[int, RowT]:
    return {key(row): row for row in rows.order_by("effective_on", "pk")}


def _lay(subject: Model, row: Model, names: Iterable[str]) -> None:
    for name in names:
        setattr(subject, name, getattr(row, name))


def _lay_milestones(project: Project, rows: dict[int, MilestoneRevision]) -> None:
    stood: list[Milestone] = []
    for milestone in project.milestones.all():
        row = rows.get(milestone.pk)
        if row is None:
            continue
        _lay(milestone, row, _MILESTONE_FIELDS)
        milestone.project = project
        stood.append(milestone)
    keep(project, "milestones", stood)


def _lay_targets(project: Project, rows: dict[int, TargetRevision], moment: Moment) -> None:
    for target in project.targets.all():
        if row := rows.get(target.pk):
            _lay(target, row, ("weight", "target_value"))
        counted = [
            count
            for count in target.counts.all()
            if count.on <= moment.day and (moment.known_by is None or count.recorded_at <= moment.known_by)
        ]
        keep(target, "counts", counted)


def _close_outs_of(project: Project, row: ProjectRevision) -> list[CloseOut]:
    """The one that was live: accepted where the project was closed, asked for where it waited."""
    state = {
        ProjectState.CLOSED: CloseOutState.ACCEPTED,
        ProjectState.CLOSE_OUT_REQUESTED: CloseOutState.REQUESTED,
    }.get(ProjectState(row.state))
    if state is None:
        return []
    live = [close_out for close_out in project.close_outs.all() if close_out.requested_on == row.requested_on]
    for close_out in live[:1]:
        close_out.state = state
    return live[:1]


def later_days(project: Project, after: date) -> list[date]:
    """The days after this one on which something of the project took effect, in order."""
    days = ProjectRevision.objects.filter(project=project, effective_on__gt=after)
    return list(days.order_by("effective_on").values_list("effective_on", flat=True).distinct())


def revision_before(project: Project) -> ProjectRevision | None:
    """How the project stood by the latest effective day, before what is being recorded now."""
    return ProjectRevision.objects.filter(project=project).order_by("-effective_on", "-pk").first()
