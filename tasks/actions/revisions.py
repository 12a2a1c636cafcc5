"""Revision rows: how a project, its milestones and targets stood from a day on, as recorded at a moment."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from accounts.policies import calendar_of, policy_of
from tasks.models import Milestone, MilestoneRevision, Project, ProjectRevision, Target, TargetRevision
from tasks.models.outlook import Outlook
from tasks.queries.as_of import Moment, later_days, revision_before, stand
from tasks.queries.lights import for_lights
from tasks.queries.outlook import outlook_of

OUTLOOK_FIELDS = tuple(field.name for field in Outlook._meta.get_fields())
PROJECT_FIELDS = (
    "state",
    "lead_division_id",
    "leader_id",
    "person_id",
    "start_on",
    "due_on",
    "warn_on",
    "dispatched_on",
    "extension_count",
    "closed_on",
)
MILESTONE_FIELDS = (
    "state",
    "weight",
    "division_id",
    "person_id",
    "due_on",
    "warn_on",
    "extension_asked_on",
    "reported_on",
    "done_on",
)


def write_revisions(
    project: Project,
    *,
    milestones: Sequence[Milestone] = (),
    targets: Sequence[Target] = (),
    on: date,
    now: datetime,
    event_id: int | None,
) -> None:
    """From `on` the project and these parts of it stand as they are now.

    Drafts have no history that figures could ask for, except those that were dispatched and recalled. What took effect
    before something that is already recorded (补录) is carried into every later day as well; what happened later is not
    carried back.
    """
    before = revision_before(project)
    if not project.number and before is None:
        return
    if before is not None and before.effective_on > on:
        _carry_forward(project, before, milestones, on=on, now=now, event_id=event_id)
        return
    project_revision(project, on=on, now=now, event_id=event_id).save(force_insert=True)
    if project.number:
        MilestoneRevision.objects.bulk_create(
            milestone_revision(milestone, on=on, now=now, event_id=event_id) for milestone in milestones
        )
        TargetRevision.objects.bulk_create(
            target_revision(target, on=on, now=now, event_id=event_id) for target in targets
        )


def write_first_revisions(
    projects: Sequence[Project],
    parts: Mapping[int, tuple[Sequence[Milestone], Sequence[Target]]],
    *,
    on: date,
    now: datetime,
    event_ids: Mapping[int, int],
) -> None:
    """The same of many that have no revision yet, with few inserts. `parts` and `event_ids` by project."""
    ProjectRevision.objects.bulk_create(
        (project_revision(project, on=on, now=now, event_id=event_ids[project.pk]) for project in projects),
        batch_size=200,
    )
    MilestoneRevision.objects.bulk_create(
        (
            milestone_revision(milestone, on=on, now=now, event_id=event_ids[pk])
            for pk, (milestones, _) in parts.items()
            for milestone in milestones
        ),
        batch_size=500,
    )
    TargetRevision.objects.bulk_create(
        (
            target_revision(target, on=on, now=now, event_id=event_ids[pk])
            for pk, (_, targets) in parts.items()
            for target in targets
        ),
        batch_size=500,
    )


def project_revision(project: Project, *, on: date, now: datetime, event_id: int | None) -> ProjectRevision:
    fields = {name: getattr(project, name) for name in (*PROJECT_FIELDS, *OUTLOOK_FIELDS)}
    return ProjectRevision(
        organization_id=project.organization_id,
        project=project,
        effective_on=on,
        recorded_at=now,
        event_id=event_id,
        **fields,
    )


def milestone_revision(milestone: Milestone, *, on: date, now: datetime, event_id: int | None) -> MilestoneRevision:
    fields = {name: getattr(milestone, name) for name in MILESTONE_FIELDS}
    return MilestoneRevision(
        project_id=milestone.project_id,
        milestone=milestone,
        effective_on=on,
        recorded_at=now,
        event_id=event_id,
        **fields,
    )


def target_revision(target: Target, *, on: date, now: datetime, event_id: int | None) -> TargetRevision:
    return TargetRevision(
        target=target,
        effective_on=on,
        recorded_at=now,
        event_id=event_id,
        weight=target.weight,
        target_value=target.target_value,
    )


def _carry_forward(
    project: Project,
    before: ProjectRevision,
    milestones: Iterable[Milestone],
    *,
    on: date,
    now: datetime,
    event_id: int | None,
) -> None:
    """Write the day of the act and every later one again: as it stood then, with what the act changed."""
    names = (*PROJECT_FIELDS, "requested_on")
    changed = {name: getattr(project, name) for name in names if getattr(project, name) != getattr(before, name)}
    moved = _changes_of(milestones)
    policy, calendar = policy_of(project.organization_id), calendar_of(project.organization_id)
    for day in [on, *later_days(project, on)]:
        for stood in stand([for_lights(Project.objects.filter(pk=project.pk)).get()], Moment(day)):
            _set(stood, changed)
            touched = [milestone for milestone in stood.milestones.all() if milestone.pk in moved]
            for milestone in touched:
                _set(milestone, moved[milestone.pk])
            outlook = outlook_of(stood, policy, calendar)
            _set(stood, {name: outlook[name] for name in OUTLOOK_FIELDS if name in outlook and name not in changed})
            project_revision(stood, on=day, now=now, event_id=event_id).save(force_insert=True)
            MilestoneRevision.objects.bulk_create(
                milestone_revision(milestone, on=day, now=now, event_id=event_id) for milestone in touched
            )


def _changes_of(milestones: Iterable[Milestone]) -> dict[int, dict[str, Any]]:
    """What is different from the latest revision of each."""
    current = {milestone.pk: milestone for milestone in milestones}
    latest = MilestoneRevision.objects.filter(milestone__in=current).order_by("effective_on", "pk")
    return {
        row.milestone_id: {
            name: getattr(current[row.milestone_id], name)
            for name in MILESTONE_FIELDS
            if getattr(current[row.milestone_id], name) != getattr(row, name)
        }
        for row in latest
    }


def _set(subject: Project | Milestone, values: dict[str, Any]) -> None:
    for name, value in values.items():
        setattr(subject, name, value)
