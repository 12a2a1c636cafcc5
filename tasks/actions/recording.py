"""What every action on a project does first and last: bump the version, write the event and the revisions."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import F
from django.utils import timezone

from accounts.actions.recording import as_changes, event, record
from accounts.enums import Role
from accounts.models import Division, Event, User
from accounts.standing import standing_of
from cppcc_office.lib.errors import Refused, Stale
from tasks.actions.outlooks import refresh_outlook, refresh_outlooks
from tasks.actions.revisions import write_first_revisions, write_revisions
from tasks.models import Milestone, Project, ProjectRevision, Target


@dataclass(frozen=True)
class Hand:
    """In whose place somebody acts: as deputy of `principal_id`, or typing for a division (代填)."""

    principal_id: int | None = None
    entered_for: str = ""


OWN_HAND = Hand()


def hand_of(user: User, today: date, *, division: Division | None = None, role: Role | None = None) -> Hand:
    """How this person holds the post that lets him act: own, as deputy, or as secretariat for the division.

    Where the act is the head's, `role` says so: staff who stand in for their own head act as deputy then.
    """
    standing = standing_of(user, today=today)
    if division is not None:
        posts = [post for post in standing.posts if post.division_id == division.pk and post.role != Role.SECRETARIAT]
        if not posts:
            return Hand(entered_for=division.name)
        posts = [post for post in posts if post.role == role] or posts
    else:
        posts = [post for post in standing.posts if role is None or post.role == role]
    if posts and all(post.principal_id for post in posts):
        return Hand(principal_id=posts[0].principal_id)
    return OWN_HAND


def today_of(now: datetime) -> date:
    return timezone.localdate(now)


def bump(project: Project, *, version: int | None, was: str | None = None, **fields: Any) -> None:
    """Claim the project: one UPDATE against the version the page showed; of two people one wins.

    `version` None is for bulk acts and jobs, which then claim against the version just read.
    `was` is the state it must still be in. Raises Stale.
    """
    seen = project.version if version is None else version
    claim = Project.objects.filter(pk=project.pk, version=seen)
    if was is not None:
        claim = claim.filter(state=was)
    if not claim.update(version=F("version") + 1, **fields):
        raise stale(project, seen)
    project.version = seen + 1
    for name, value in fields.items():
        setattr(project, name, value)


def stale(project: Project, seen: int) -> Stale:
    """What happened to the project since that version: one event per bump."""
    current = Project.objects.filter(pk=project.pk).values_list("version", flat=True).first()
    if current is None:
        return Stale(f"“{project.title}”已被删除")
    events = Event.objects.filter(project_id=project.pk)[: max(1, current - seen)]
    return Stale(project.title, as_changes(events), version=current)


def hold(projects: Iterable[Project]) -> dict[int, int]:
    """Keep everybody else from these projects until the transaction ends; the versions they have now.

    Always in one order, and before any number is taken, so that two acts never wait for each other.
    """
    held = Project.objects.select_for_update().filter(pk__in=[project.pk for project in projects]).order_by("pk")
    return dict(held.values_list("pk", "version"))


def must_be_current(project: Project, version: int) -> None:
    """First of all: did somebody act since the page was shown? He is told what changed, not what is now barred."""
    # Held, because the rules read on: what they find must belong to the version that is then claimed.
    if not project.version == version == hold([project]).get(project.pk):
        raise stale(project, version)


def refuse_if(bars: list[str]) -> None:
    if bars:
        raise Refused(bars)


def record_project(
    project: Project,
    verb: str,
    words: str,
    *,
    by: User | None,
    now: datetime,
    subject: Any = None,
    hand: Hand = OWN_HAND,
    effective_on: date | None = None,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    milestones: Iterable[Milestone] = (),
    targets: Iterable[Target] = (),
) -> Event:
    """The event of one write and the revision rows of what it touched."""
    row = record(
        verb,
        words,
        by=by,
        now=now,
        organization=project.organization_id,
        subject=subject if subject is not None else project,
        project_id=project.pk,
        principal_id=hand.principal_id,
        entered_for=hand.entered_for,
        effective_on=effective_on,
        before=before,
        after=after,
    )
    refresh_outlook(project)
    write_revisions(
        project,
        milestones=list(milestones),
        targets=list(targets),
        on=effective_on or today_of(now),
        now=now,
        event_id=row.pk,
    )
    return row


@dataclass(frozen=True)
class ProjectRecord:
    """What `record_project` is told, kept until the end of a bulk act."""

    project: Project
    verb: str
    words: str
    effective_on: date | None = None
    after: Mapping[str, Any] | None = None
    milestones: Sequence[Milestone] = ()
    targets: Sequence[Target] = ()


def record_projects(records: Sequence[ProjectRecord], *, by: User | None, now: datetime) -> None:
    """The same as `record_project` of each, in this order; what has no history yet is written with few inserts."""
    known = set(
        ProjectRevision.objects.filter(project__in=[record.project.pk for record in records])
        .order_by()
        .values_list("project", flat=True)
        .distinct()
    )
    fresh = [row for row in records if row.project.pk not in known]
    events = Event.objects.bulk_create(
        [
            project_event(
                row.project, row.verb, row.words, by=by, now=now, effective_on=row.effective_on, after=row.after
            )
            for row in fresh
        ],
        batch_size=200,
    )
    event_ids = {row.project.pk: event.pk for row, event in zip(fresh, events, strict=True)}
    refresh_outlooks([row.project for row in fresh])
    for on in sorted({row.effective_on or today_of(now) for row in fresh}):
        same_day = [row for row in fresh if (row.effective_on or today_of(now)) == on]
        write_first_revisions(
            [row.project for row in same_day],
            {row.project.pk: (row.milestones, row.targets) for row in same_day},
            on=on,
            now=now,
            event_ids=event_ids,
        )
    for row in records:
        if row.project.pk in known:
            record_project(
                row.project,
                row.verb,
                row.words,
                by=by,
                now=now,
                effective_on=row.effective_on,
                after=row.after,
                milestones=row.milestones,
                targets=row.targets,
            )


def project_event(project: Project, verb: str, words: str, **kwargs: Any) -> Event:
    """An unsaved event of the project, for bulk acts."""
    return event(verb, words, organization=project.organization_id, subject=project, project_id=project.pk, **kwargs)
