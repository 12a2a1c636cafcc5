"""Moving projects: dispatch, receive, object, recall."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db import transaction

from accounts.enums import Role
from accounts.models import Organization, User
from accounts.policies import calendar_of, policy_of
from cppcc_office.lib.errors import Refused
from tasks.actions.changes.pending import drop_pending
from tasks.actions.numbers import take_numbers
from tasks.actions.recording import (
    Hand,
    ProjectRecord,
    bump,
    hand_of,
    hold,
    must_be_current,
    record_project,
    record_projects,
    refuse_if,
    today_of,
)
from tasks.enums import ProjectState, Series
from tasks.models import Milestone, Project
from tasks.queries.completeness import is_past_occurrence
from tasks.workflow import PROJECT_MOVES


@transaction.atomic
def dispatch_project(project: Project, *, by: User, version: int, now: datetime) -> Project:
    """交办: number it, fix the original dates, set the warn dates. Raises Refused with everything missing, or Stale."""
    today = today_of(now)
    must_be_current(project, version)
    refuse_if(PROJECT_MOVES["dispatch"].bars(by, project, today))
    number = take_numbers(project.organization_id, Series.PROJECT, [project.pk], year=project.plan.year, now=now)
    warning = warning_of(project.organization_id)
    written = dispatch_unchecked(
        project, number[project.pk], by=by, version=version, now=now, on=today, warning=warning
    )
    record_projects([written], by=by, now=now)
    return project


@dataclass
class BulkOutcome:
    """What a bulk act did, and each subject it left alone with the reasons."""

    done: list[Project] = field(default_factory=list)
    left: list[tuple[Project, list[str]]] = field(default_factory=list)


@transaction.atomic
def dispatch_projects(projects: Sequence[tuple[Project, int]], *, by: User, now: datetime) -> BulkOutcome:
    """交办 every complete one of these (project, version shown); the others stay drafts and are told why.

    Numbers go out in the order given. One event per project.
    """
    today = today_of(now)
    outcome = BulkOutcome()
    ready: list[tuple[Project, int]] = []
    versions = hold(project for project, _ in projects)
    for project, version in projects:
        bars = PROJECT_MOVES["dispatch"].bars(by, project, today)
        if not project.version == version == versions.get(project.pk):
            bars = [*bars, "您打开此页后有人改过，请刷新后再交办"]
        if bars:
            outcome.left.append((project, bars))
        else:
            ready.append((project, version))
    by_series: dict[tuple[int, int], list[int]] = {}
    for project, _ in ready:
        by_series.setdefault((project.organization_id, project.plan.year), []).append(project.pk)
    numbers: dict[int, str] = {}
    for (organization_id, year), ids in by_series.items():
        numbers |= take_numbers(organization_id, Series.PROJECT, ids, year=year, now=now)
    warnings = {organization_id: warning_of(organization_id) for organization_id, _ in by_series}
    written = []
    for project, version in ready:
        warning, number = warnings[project.organization_id], numbers[project.pk]
        written.append(dispatch_unchecked(project, number, by=by, version=version, now=now, on=today, warning=warning))
        outcome.done.append(project)
    record_projects(written, by=by, now=now)
    return outcome


WarnDate = Callable[[date, date], date]


def warning_of(organization_id: int) -> WarnDate:
    """From start and due date to the warn date, by this office's calendar and policy, read once."""
    calendar = calendar_of(organization_id)
    days = policy_of(organization_id).warn_days
    return lambda start, due: calendar.warn_on(start, due, days=days)


def dispatch_unchecked(
    project: Project,
    number: str,
    *,
    by: User,
    version: int,
    now: datetime,
    on: date,
    warning: WarnDate,
    reason: str = "",
) -> ProjectRecord:
    """The writing of a dispatch, after all checks; the caller records it. `reason` is given by 补录 only."""
    if project.start_on is None or project.due_on is None:
        raise Refused("没有开始日期或完成时限，不能交办")
    bump(
        project,
        version=version,
        was=ProjectState.DRAFT,
        state=ProjectState.DISPATCHED,
        number=number,
        original_due_on=project.due_on,
        warn_on=warning(project.start_on, project.due_on),
        dispatched_at=now,
        dispatched_by=by,
        dispatched_on=on,
        received_at=None,
        received_by=None,
        received_by_lapse=False,
        is_backfilled=bool(reason),
    )
    milestones = list(project.milestones.select_related("division"))
    past = [milestone for milestone in milestones if is_past_occurrence(milestone, on)]
    kept = [milestone for milestone in milestones if milestone not in past]
    for milestone in kept:
        milestone.original_due_on = milestone.due_on
        if milestone.due_on is not None:
            milestone.warn_on = warning(project.start_on, milestone.due_on)
    Milestone.objects.bulk_update(kept, ["original_due_on", "warn_on"], batch_size=500)
    words = f"交办{project.lead_division}，编号 {number}，完成时限 {project.due_on:%Y-%m-%d}"
    if past:
        Milestone.objects.filter(pk__in=[milestone.pk for milestone in past]).delete()
        words += f"；交办日前的 {len(past)} 个周期节点不再列入"
    if reason:
        words = f"补录：{on:%Y-%m-%d} {words}，理由：{reason}"
    return ProjectRecord(
        project,
        "dispatch_project",
        words,
        effective_on=on if reason else None,
        after={"number": number, "due_on": project.due_on.isoformat()},
        milestones=kept,
        targets=list(project.targets.all()),
    )


@transaction.atomic
def receive_project(project: Project, *, by: User, version: int, now: datetime) -> Project:
    """签收 by head or staff of the lead."""
    today = today_of(now)
    must_be_current(project, version)
    refuse_if(PROJECT_MOVES["receive"].bars(by, project, today))
    bump(project, version=version, was=project.state, **_received(by=by, now=now))
    hand = hand_of(by, today, division=project.lead_division)
    record_project(project, "receive_project", f"签收（{project.lead_division}）", by=by, now=now, hand=hand)
    return project


def _received(*, by: User | None, now: datetime, lapsed: bool = False) -> dict[str, object]:
    return {
        "state": ProjectState.IN_PROGRESS,
        "received_at": now,
        "received_by": by,
        "received_by_lapse": lapsed,
    }


@transaction.atomic
def receive_by_lapse(organization: Organization, *, now: datetime) -> int:
    """Count as received what was neither received nor returned within the objection time (domain 3). Returns how many.

    May run any number of times; the second finds nothing left.
    """
    today = today_of(now)
    calendar = calendar_of(organization)
    days = policy_of(organization).object_days
    waiting = Project.objects.filter(organization=organization, state=ProjectState.DISPATCHED)
    lapsed = [p for p in waiting if p.dispatched_on and calendar.add(p.dispatched_on, days) < today]
    versions = hold(lapsed)
    lapsed = [
        p for p in lapsed if versions.get(p.pk) == p.version
    ]  # the others were just received, recalled or returned
    for project in lapsed:
        bump(project, version=None, was=ProjectState.DISPATCHED, **_received(by=None, now=now, lapsed=True))
        words = f"交办后 {days} 个工作日内未签收也未退回，视为签收"
        record_project(project, "receive_by_lapse", words, by=None, now=now)
    return len(lapsed)


@transaction.atomic
def object_to_project(
    project: Project, *, by: User, version: int, note: str, belongs_to: str, now: datetime
) -> Project:
    """退回: with the reason and the division it belongs to; it is a draft again and keeps its number in reserve."""
    today = today_of(now)
    must_be_current(project, version)
    refuse_if(PROJECT_MOVES["object"].bars(by, project, today))
    if not note.strip():
        raise Refused("请写明退回理由")
    if not belongs_to.strip():
        raise Refused("请写明应由哪个处室承办")
    hand = hand_of(by, today, division=project.lead_division, role=Role.DIVISION_HEAD)
    words = f"退回交办，理由：{note.strip()}；认为应由{belongs_to.strip()}承办"
    _back_to_draft(project, "object_to_project", words, by=by, version=version, now=now, hand=hand)
    return project


@transaction.atomic
def recall_project(project: Project, *, by: User, version: int, note: str = "", now: datetime) -> Project:
    """撤回: until it is received."""
    must_be_current(project, version)
    refuse_if(PROJECT_MOVES["recall"].bars(by, project, today_of(now)))
    words = f"撤回交办，理由：{note.strip()}" if note.strip() else "撤回交办"
    hand = hand_of(by, today_of(now), role=Role.SECRETARIAT)
    _back_to_draft(project, "recall_project", words, by=by, version=version, now=now, hand=hand)
    return project


def _back_to_draft(
    project: Project, verb: str, words: str, *, by: User, version: int, now: datetime, hand: Hand
) -> None:
    number = project.number
    dropped, _ = drop_pending(project)
    bump(
        project,
        version=version,
        was=ProjectState.DISPATCHED,
        state=ProjectState.DRAFT,
        extension_asked_on=None,
        number="",
        dispatched_at=None,
        dispatched_by=None,
        dispatched_on=None,
        original_due_on=None,
        extension_count=0,  # of a dispatch that no longer stands
        warn_on=None,
        is_backfilled=False,
    )
    Milestone.objects.filter(project=project).update(original_due_on=None, warn_on=None)
    # Its revision says draft: figures of later days leave it out, those of earlier days still have it.
    record_project(project, verb, f"{words}{dropped}", by=by, now=now, hand=hand, before={"number": number})
