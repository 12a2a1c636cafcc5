"""Warn dates and outlooks after the calendar or the policy has changed: worked out anew, due dates untouched."""

from datetime import date, datetime

from django.db import transaction

from accounts.actions.recording import record
from accounts.models import Organization
from accounts.policies import calendar_of, fingerprint_of, policy_of
from tasks.actions.outlooks import differing
from tasks.actions.revisions import milestone_revision, project_revision
from tasks.enums import OPEN_STATES, ProjectState
from tasks.models import DatesBasis, Milestone, MilestoneRevision, Project, ProjectRevision
from tasks.queries.as_of import Moment, stand
from tasks.queries.lights import Ground, for_lights
from tasks.queries.outlook import RUNNING, for_outlook, outlook_of

PIECE = 500
_LIVING = (ProjectState.DRAFT, *OPEN_STATES)  # what is settled keeps the outlook it was settled with


def bring_dates_up_to(organization: Organization, *, now: datetime, today: date) -> int | None:
    """Where calendar or policy are not those that warn dates and outlooks were worked out from, work them out anew.

    Due dates never move by themselves. Returns how many projects changed; None where nothing was to do. May come twice:
    the second finds the same basis.
    """
    fingerprint = fingerprint_of(organization.pk)
    basis = DatesBasis.objects.filter(organization=organization).first()
    if basis is not None and basis.fingerprint == fingerprint:
        return None
    ground = Ground(today, calendar_of(organization), policy_of(organization))
    projects = Project.objects.filter(organization=organization)
    if basis is not None:
        projects = projects.filter(state__in=_LIVING)
    ids = list(projects.order_by("pk").values_list("pk", flat=True))
    changed = sum(_bring_piece(ids[at : at + PIECE], ground, now=now) for at in range(0, len(ids), PIECE))
    with transaction.atomic():
        if basis is None:
            _fill_past(ids, ground)
        elif changed:
            words = f"日历或规则有变，重算 {changed} 个项目的预警日和序时；完成时限不变"
            record("bring_dates", words, by=None, now=now, organization=organization)
        DatesBasis.objects.update_or_create(
            organization=organization, defaults={"fingerprint": fingerprint, "brought_at": now}
        )
    return changed


@transaction.atomic
def _bring_piece(ids: list[int], ground: Ground, *, now: datetime) -> int:
    """Held while they are worked out, so that an act in between is not written over."""
    list(Project.objects.select_for_update().filter(pk__in=ids).order_by("pk").values_list("pk"))
    projects, milestones = [], []
    names: set[str] = set()
    for project in for_outlook(Project.objects.filter(pk__in=ids)):
        moved = _warn_anew(project, ground)
        values = outlook_of(project, ground.policy, ground.calendar)
        if project.warn_on is not None and project.start_on and project.due_on:
            values["warn_on"] = ground.calendar.warn_on(project.start_on, project.due_on, days=ground.policy.warn_days)
        changed = differing(project, values)
        if not changed and not moved:
            continue
        names |= changed.keys()
        for name, value in changed.items():
            setattr(project, name, value)
        projects.append(project)
        milestones += moved
    if names:
        Project.objects.bulk_update(projects, sorted(names), batch_size=200)
    Milestone.objects.bulk_update(milestones, ["warn_on"], batch_size=500)
    numbered = {project.pk for project in projects if project.number}
    ProjectRevision.objects.bulk_create(
        (project_revision(p, on=ground.today, now=now, event_id=None) for p in projects if p.pk in numbered),
        batch_size=200,
    )
    MilestoneRevision.objects.bulk_create(
        (
            milestone_revision(m, on=ground.today, now=now, event_id=None)
            for m in milestones
            if m.project_id in numbered
        ),
        batch_size=500,
    )
    return len(projects)


def _warn_anew(project: Project, ground: Ground) -> list[Milestone]:
    """The running milestones whose warn date is no longer right, set in memory."""
    moved = []
    for milestone in project.milestones.all():
        if milestone.state not in RUNNING or milestone.warn_on is None or not (project.start_on and milestone.due_on):
            continue
        warn_on = ground.calendar.warn_on(project.start_on, milestone.due_on, days=ground.policy.warn_days)
        if warn_on != milestone.warn_on:
            milestone.warn_on = warn_on
            moved.append(milestone)
    return moved


def _fill_past(ids: list[int], ground: Ground) -> None:
    """Give an office's older revisions, written before outlooks were kept, the outlook of their own day."""
    bare = ProjectRevision.objects.filter(project__in=ids, pace__isnull=True).exclude(state=ProjectState.DRAFT)
    for row in bare.order_by("pk").iterator(chunk_size=PIECE):
        loaded = for_lights(Project.objects.filter(pk=row.project_id)).get()
        for stood in stand([loaded], Moment(row.effective_on, row.recorded_at)):
            values = outlook_of(stood, ground.policy, ground.calendar)
            values.pop("title_initials")
            ProjectRevision.objects.filter(pk=row.pk).update(**values | {"requested_on": row.requested_on})
