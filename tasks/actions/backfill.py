"""补录: what happened before the system knew, recorded by the secretariat with a reason and the day it took effect."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction

from accounts.enums import Role
from accounts.models import User
from cppcc_office.lib.errors import Refused
from tasks.actions.numbers import take_number, take_numbers
from tasks.actions.plans import refuse_unless_secretariat
from tasks.actions.project import BulkOutcome, WarnDate, dispatch_unchecked, warning_of
from tasks.actions.recording import bump, hand_of, hold, must_be_current, record_project, record_projects, today_of
from tasks.enums import OPEN_STATES, CloseOutState, Effect, MilestoneState, ProjectState, Series
from tasks.models import CloseOut, Milestone, ProgressEntry, Project
from tasks.queries.completeness import gaps_before_dispatch
from tasks.rules.project import bar_own_work, live_close_out, must_be_secretariat


@transaction.atomic
def backfill_dispatch(
    project: Project, *, by: User, version: int, effective_on: date, reason: str, now: datetime
) -> Project:
    """补录交办: it was dispatched and received on that day. The same must be complete as for a dispatch of today."""
    _check(project, by=by, version=version, effective_on=effective_on, reason=reason, now=now)
    if project.state != ProjectState.DRAFT:
        raise Refused(f"{project.get_state_display()}的项目不能再补录交办")
    if gaps := gaps_before_dispatch(project, on=effective_on):
        raise Refused([gap.words for gap in gaps])
    number = take_number(project.organization_id, Series.PROJECT, project.pk, year=project.plan.year, now=now)
    warning = warning_of(project.organization_id)
    _dispatch(project, number, by=by, version=version, on=effective_on, warning=warning, reason=reason, now=now)
    return project


def _dispatch(
    project: Project,
    number: str,
    *,
    by: User,
    version: int,
    on: date,
    warning: WarnDate,
    reason: str,
    now: datetime,
) -> None:
    written = dispatch_unchecked(
        project, number, by=by, version=version, now=now, on=on, warning=warning, reason=reason
    )
    record_projects([written], by=by, now=now)
    bump(project, version=None, was=ProjectState.DISPATCHED, state=ProjectState.IN_PROGRESS, received_at=now)
    words = f"补录：{on:%Y-%m-%d} 已签收（{project.lead_division}），理由：{reason}"
    _record(project, "backfill_receive", words, by=by, effective_on=on, now=now)


@transaction.atomic
def backfill_dispatch_projects(
    projects: Sequence[tuple[Project, int]], *, by: User, effective_on: date, reason: str, now: datetime
) -> BulkOutcome:
    """补录交办 every one of these (project, version shown) that is complete for that day, with one reason for all; the
    others stay drafts and are told why. Numbers go out in the order given."""
    _must_be_told(effective_on, reason, now=now)
    outcome = BulkOutcome()
    ready: list[tuple[Project, int]] = []
    versions = hold(project for project, _ in projects)
    for project, version in projects:
        bars = must_be_secretariat(by, project, today_of(now), "补录")
        if not project.version == version == versions.get(project.pk):
            bars.append("您打开此页后有人改过，请刷新后再补录")
        elif project.state != ProjectState.DRAFT:
            bars.append(f"{project.get_state_display()}的项目不能再补录交办")
        else:
            bars += [gap.words for gap in gaps_before_dispatch(project, on=effective_on)]
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
    for project, version in ready:
        warning = warnings[project.organization_id]
        number = numbers[project.pk]
        _dispatch(project, number, by=by, version=version, on=effective_on, warning=warning, reason=reason, now=now)
        outcome.done.append(project)
    return outcome


@transaction.atomic
def backfill_extensions(
    project: Project, *, by: User, version: int, count: int, effective_on: date, reason: str, now: datetime
) -> Project:
    """补录延期: how often the due date was moved before. The dates in between are not known and not made up."""
    _check(project, by=by, version=version, effective_on=effective_on, reason=reason, now=now)
    if project.state not in OPEN_STATES:
        raise Refused(f"{project.get_state_display()}的项目不能补录延期")
    if count < 1:
        raise Refused("延期次数至少是 1")
    if count < project.extension_count:
        raise Refused(f"已记有延期 {project.extension_count} 次，补录的次数不能比它少")
    bump(project, version=version, extension_count=count)
    words = f"补录：以前延期 {count} 次，理由：{reason}"
    _record(project, "backfill_extensions", words, by=by, effective_on=effective_on, now=now)
    return project


@transaction.atomic
def backfill_entry(
    project: Project, *, by: User, version: int, situation: str, effective_on: date, reason: str, now: datetime
) -> ProgressEntry:
    """补录进展, typed for the lead division."""
    _check(project, by=by, version=version, effective_on=effective_on, reason=reason, now=now)
    if not situation.strip():
        raise Refused("请写明进展情况")
    bump(project, version=version)
    entry = ProgressEntry.objects.create(
        organization_id=project.organization_id,
        project=project,
        by=by,
        division=project.lead_division,
        entered_for=True,
        on=effective_on,
        situation=situation.strip(),
        created_at=now,
        is_backfilled=True,
    )
    words = f"补录进展：{entry.situation}"
    hand = hand_of(by, today_of(now), division=project.lead_division)
    record_project(project, "add_entry", words, by=by, now=now, subject=entry, hand=hand, effective_on=effective_on)
    return entry


@transaction.atomic
def backfill_milestones_done(
    project: Project, *, by: User, version: int, effective_on: date, reason: str, now: datetime
) -> list[Milestone]:
    """补录完成: every open milestone was done by that day.

    A date that was only worked out (补录 never has better ones) makes no milestone late; the paper's own dates do.
    """
    _check(project, by=by, version=version, effective_on=effective_on, reason=reason, now=now)
    if project.state != ProjectState.IN_PROGRESS:
        raise Refused(f"{project.get_state_display()}的项目不能补录完成")
    _bar_own(project, by=by, now=now)
    milestones = list(project.milestones.open())
    last = max((m.due_on for m in milestones if m.due_on), default=effective_on)
    for milestone in milestones:
        due_on = milestone.due_on or effective_on
        milestone.state = MilestoneState.DONE
        milestone.done_at, milestone.done_by = now, by
        milestone.done_on = effective_on if due_on == last else min(due_on, effective_on)
        milestone.is_backfilled = True
    fields = ["state", "done_at", "done_by", "done_on", "is_backfilled"]
    Milestone.objects.bulk_update(milestones, fields, batch_size=200)
    bump(project, version=version)
    words = f"补录：{len(milestones)} 个节点已于 {effective_on:%Y-%m-%d} 前完成，理由：{reason}"
    record_project(
        project,
        "backfill_milestones_done",
        words,
        by=by,
        now=now,
        effective_on=effective_on,
        milestones=milestones,
    )
    return milestones


@transaction.atomic
def backfill_close_out(
    project: Project,
    *,
    by: User,
    version: int,
    effective_on: date,
    effect: Effect,
    summary: str,
    reason: str,
    now: datetime,
) -> CloseOut:
    """补录销号 with a number of the year it took effect. Refused for work of the actor's own division."""
    _check(project, by=by, version=version, effective_on=effective_on, reason=reason, now=now)
    bars = _when_closed(project) + bar_to_backfill_close_out(by, project, today_of(now))
    if bars:
        raise Refused(bars)
    close_out = _request(project, by=by, effective_on=effective_on, summary=summary, now=now)
    bump(
        project,
        version=version,
        was=ProjectState.IN_PROGRESS,
        state=ProjectState.CLOSED,
        closed_at=now,
        closed_by=by,
        closed_on=effective_on,
        mend_on=None,
    )
    close_out.state = CloseOutState.ACCEPTED
    close_out.decided_by, close_out.decided_at = by, now
    close_out.opinion = f"补录：{reason}"
    close_out.effect = effect
    close_out.closed_on = effective_on
    close_out.number = take_number(
        project.organization_id, Series.CLOSE_OUT, close_out.pk, year=effective_on.year, now=now
    )
    close_out.save(update_fields=["state", "decided_by", "decided_at", "opinion", "effect", "closed_on", "number"])
    late = f"，逾期 {close_out.days_late} 天完成" if close_out.days_late else ""
    words = f"补录：{effective_on:%Y-%m-%d} 销号，编号 {close_out.number}，成效评价：{Effect(effect).label}{late}，理由：{reason}"
    _record(project, "backfill_close_out", words, by=by, effective_on=effective_on, now=now, subject=close_out)
    return close_out


@transaction.atomic
def backfill_close_out_request(
    project: Project, *, by: User, version: int, effective_on: date, summary: str, reason: str, now: datetime
) -> CloseOut:
    """补录销号申请: it was done on that day, and somebody else has to verify it here."""
    _check(project, by=by, version=version, effective_on=effective_on, reason=reason, now=now)
    if bars := _when_closed(project):
        raise Refused(bars)
    close_out = _request(project, by=by, effective_on=effective_on, summary=summary, now=now)
    # Reported, not confirmed: who verifies the close-out sees them as such.
    milestones = list(project.milestones.open())
    for milestone in milestones:
        milestone.state = MilestoneState.REPORTED
        milestone.reported_at, milestone.reported_by, milestone.reported_on = now, by, effective_on
        milestone.entered_for = milestone.is_backfilled = True
    fields = ["state", "reported_at", "reported_by", "reported_on", "entered_for", "is_backfilled"]
    Milestone.objects.bulk_update(milestones, fields, batch_size=200)
    bump(project, version=version, was=ProjectState.IN_PROGRESS, state=ProjectState.CLOSE_OUT_REQUESTED)
    words = f"补录：{effective_on:%Y-%m-%d} 申请销号，待验收，理由：{reason}"
    _record(
        project,
        "backfill_close_out_request",
        words,
        by=by,
        effective_on=effective_on,
        now=now,
        subject=close_out,
        milestones=milestones,
    )
    return close_out


def bar_to_backfill_close_out(user: User, project: Project, today: date) -> list[str]:
    """Nobody verifies his own work, also not afterwards; the supervising division's own waits for a leader."""
    if project.lead_division and project.lead_division.supervises:
        return ["督办处自己牵头的项目由领导验收"]
    return bar_own_work(user, project, today)


def _check(project: Project, *, by: User, version: int, effective_on: date, reason: str, now: datetime) -> None:
    must_be_current(project, version)
    refuse_unless_secretariat(by, project.organization_id, today_of(now), "补录")
    _must_be_told(effective_on, reason, now=now)
    if project.dispatched_on and effective_on < project.dispatched_on:
        raise Refused(f"补录的日期 {effective_on:%Y-%m-%d} 早于交办日期 {project.dispatched_on:%Y-%m-%d}，请改正")


def _must_be_told(effective_on: date, reason: str, *, now: datetime) -> None:
    if not reason.strip():
        raise Refused("请写明补录理由")
    if effective_on > today_of(now):
        raise Refused(f"补录的日期 {effective_on:%Y-%m-%d} 还没有到，请改正")


def _bar_own(project: Project, *, by: User, now: datetime) -> None:
    if bars := bar_to_backfill_close_out(by, project, today_of(now)):
        raise Refused(bars)


def _when_closed(project: Project) -> list[str]:
    if project.state != ProjectState.IN_PROGRESS:
        return [f"{project.get_state_display()}的项目不能补录销号"]
    if live_close_out(project):
        return ["已有待验收的销号申请"]
    return []


def _request(project: Project, *, by: User, effective_on: date, summary: str, now: datetime) -> CloseOut:
    return CloseOut.objects.create(
        organization_id=project.organization_id,
        project=project,
        summary=summary.strip() or "补录",
        requested_by=by,
        requested_at=now,
        requested_on=effective_on,
        entered_for=True,
        due_on=project.due_on,
        is_backfilled=True,
    )


def _record(
    project: Project,
    verb: str,
    words: str,
    *,
    by: User,
    effective_on: date,
    now: datetime,
    subject: Any = None,
    milestones: Sequence[Milestone] = (),
) -> None:
    hand = hand_of(by, today_of(now), role=Role.SECRETARIAT)
    record_project(
        project,
        verb,
        words,
        by=by,
        now=now,
        subject=subject,
        hand=hand,
        effective_on=effective_on,
        milestones=milestones,
    )
