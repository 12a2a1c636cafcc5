"""The outlook of a project: what `tasks.models.outlook` keeps, worked out from what it depends on."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from typing import Any, TypeVar

from django.db import connection
from django.db.models import Model, Prefetch

from accounts.names import initials_of
from accounts.policies import PolicyValues
from cppcc_office.lib.workdays import WorkCalendar
from tasks import pace as pacing
from tasks.course import course_of, turnings
from tasks.enums import CloseOutState, MilestoneState, ProjectState, QuotaPeriod
from tasks.models import CloseOut, Milestone, Project, ProjectRevision, Target, TargetCount
from tasks.models.project import ProjectQuerySet

RowT = TypeVar("RowT", bound=Model)
PIECE = 200  # ids in one question
RUNNING = (MilestoneState.PENDING, MilestoneState.IN_PROGRESS, MilestoneState.AWAITING_HEAD)


def for_outlook(projects: ProjectQuerySet) -> ProjectQuerySet:
    """With everything that `outlook_of` reads, in a constant number of queries."""
    return projects.prefetch_related(
        Prefetch(
            "targets", Target.objects.prefetch_related(Prefetch("counts", TargetCount.objects.order_by("on", "id")))
        ),
        "milestones",
        Prefetch("close_outs", CloseOut.objects.defer("summary", "opinion")),
    )


def loaded_for_outlook(projects: Sequence[Project]) -> dict[int, Project]:
    """Fresh copies with the same loaded, by id.

    Every act on a project asks this, and putting five queries into words takes longer than answering them: the words are
    kept (asked plainly, `load_demo` takes a tenth longer; prefetched, a third), and counts and close-outs are asked for only where
    there can be any.
    """
    rows = {row.pk: row for row in _asked(Project, "id", [project.pk for project in projects])}
    targets, milestones = _asked(Target, "project_id", list(rows)), _asked(Milestone, "project_id", list(rows))
    numbered = [target for target in targets if target.is_quantitative]
    counts = _asked(TargetCount, "target_id", [target.pk for target in numbered])
    settling = [row.pk for row in rows.values() if row.state in (ProjectState.CLOSE_OUT_REQUESTED, ProjectState.CLOSED)]
    close_outs = _asked(CloseOut, "project_id", settling)
    order = {target.pk: (target.order, target.pk) for target in targets}
    targets.sort(key=lambda target: order[target.pk])
    milestones.sort(key=lambda m: (*order[m.target_id], m.order, m.pk))
    counts.sort(key=lambda count: (count.on, count.pk))
    close_outs.sort(key=lambda close_out: -close_out.pk)
    for target in numbered:
        keep(target, "counts", [count for count in counts if count.target_id == target.pk])
    for row in rows.values():
        keep(row, "targets", [target for target in targets if target.project_id == row.pk])
        keep(row, "milestones", [m for m in milestones if m.project_id == row.pk])
        keep(row, "close_outs", [close_out for close_out in close_outs if close_out.project_id == row.pk])
    return rows


def _asked(model: type[RowT], column: str, ids: list[int]) -> list[RowT]:
    """The rows of these ids, in no order."""
    found: list[RowT] = []
    for at in range(0, len(ids), PIECE):
        piece = ids[at : at + PIECE]
        found += model._default_manager.raw(_words(model, column, len(piece), connection.vendor), piece)
    return found


@cache
def _words(model: type[Model], column: str, n: int, vendor: str) -> str:  # noqa: ARG001 (each database has its own words)
    rows = model._default_manager.order_by().filter(**{f"{column}__in": range(n)})
    return rows.query.sql_with_params()[0]


def keep(subject: Model, name: str, rows: list[Any]) -> None:
    """As if prefetched so."""
    manager = getattr(subject, name)
    kept = manager.all()
    kept._result_cache = rows
    kept._prefetch_done = True
    cache = subject.__dict__.setdefault("_prefetched_objects_cache", {})
    cache[name] = kept


def outlook_of(project: Project, policy: PolicyValues, calendar: WorkCalendar) -> dict[str, Any]:
    """Field → value of everything an outlook keeps except `extension_asked_on`, which change requests write."""
    milestones = [m for m in project.milestones.all() if m.state != MilestoneState.CANCELLED]
    figures = figures_of(project, milestones, counts_of(project))
    course = course_of(figures)
    bounds = pacing.PaceBounds(policy.pace_ahead, policy.pace_behind, policy.pace_far)
    turning = turnings(course, bounds, calendar)
    done = pacing.points_of(pacing.progress(figures))
    running = [m for m in milestones if m.state in RUNNING]
    held = [m for m in running if not is_extension_in_time(m)]
    # 延期待批 is yellow from the day it was asked for.
    warnings = [m.extension_asked_on if is_extension_in_time(m) else m.warn_on for m in running]
    reports = [m.reported_on for m in milestones if m.state == MilestoneState.REPORTED and m.reported_on]
    return {
        "title_initials": initials_of(project.title)[:300],
        "progress": None if done is None else Decimal(str(done)),
        "milestones_done": sum(1 for m in milestones if m.is_done),
        "milestones_counted": len(milestones),
        "pace": course.as_json() if course is not None else None,
        "on_pace_on": turning.on_pace_on,
        "behind_on": turning.behind_on,
        "far_behind_on": turning.far_behind_on,
        "milestone_due_on": min((m.due_on for m in held if m.due_on), default=None),
        "milestone_warn_on": min((day for day in warnings if day), default=None),
        "waits_since": min(reports, default=None),
        "receive_by": _receive_by(project, policy, calendar),
        "requested_on": _requested_on(project),
    }


def is_extension_in_time(row: Project | ProjectRevision | Milestone) -> bool:
    """Asked for by its due date and not yet decided: 延期待批 (domain 4)."""
    return row.extension_asked_on is not None and row.due_on is not None and row.extension_asked_on <= row.due_on


def _receive_by(project: Project, policy: PolicyValues, calendar: WorkCalendar) -> date | None:
    """The last day on which a dispatched project is not yet late to be received."""
    if project.state != ProjectState.DISPATCHED or project.dispatched_on is None:
        return None
    return calendar.add(project.dispatched_on, policy.receive_days + 1) - timedelta(days=1)


def _requested_on(project: Project) -> date | None:
    live = (CloseOutState.REQUESTED, CloseOutState.ACCEPTED)
    return next((row.requested_on for row in project.close_outs.all() if row.state in live), None)


def counts_of(project: Project) -> dict[int, pacing.Counted]:
    """What has been counted per quantitative target, and what is to be reached, by its periods."""
    return {target.pk: counted(target, project) for target in project.targets.all() if target.is_quantitative}


def counted(target: Target, project: Project) -> pacing.Counted:
    return pacing.counted(
        [(row.on, row.value) for row in target.counts.all()],
        quota=target.target_value or Decimal(0),
        months=QuotaPeriod(target.quota_period).months,
        start_on=project.start_on,
        due_on=project.due_on,
        latest_counts=target.is_share,
    )


def figures_of(
    project: Project, milestones: Sequence[Milestone], counts: Mapping[int, pacing.Counted]
) -> list[pacing.TargetFigure]:
    """One figure per target, in their order; `milestones` without the cancelled ones."""
    return [
        pacing.TargetFigure(
            weight=target.weight,
            milestones=[
                pacing.MilestoneFigure(
                    weight=m.weight,
                    # Asked in time to be put off, it is not expected by its old date before that is decided.
                    due_on=None if is_extension_in_time(m) else m.due_on,
                    is_done=m.is_done,
                    is_reported=m.state == MilestoneState.REPORTED,
                )
                for m in milestones
                if m.target_id == target.pk
            ],
            target_value=counts[target.pk].wanted if target.pk in counts else None,
            actual=counts[target.pk].actual if target.pk in counts else None,
            start_on=project.start_on,
            due_on=project.due_on,
        )
        for target in project.targets.all()
    ]
