"""销号: asked for by the lead's head, verified and closed out by another."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction

from accounts.enums import Role
from accounts.models import User
from cppcc_office.lib.errors import Refused
from tasks.actions.attachments import NewFile, attach_files
from tasks.actions.entries import add_counts
from tasks.actions.numbers import take_number
from tasks.actions.recording import Hand, bump, hand_of, must_be_current, record_project, refuse_if, today_of
from tasks.enums import CloseOutState, Effect, ProjectState, Series
from tasks.models import CloseOut, Project, Target
from tasks.rules.project import live_close_out
from tasks.workflow import PROJECT_MOVES


@transaction.atomic
def request_close_out(
    project: Project,
    *,
    by: User,
    version: int,
    summary: str,
    counts: Mapping[Target, Decimal] | None = None,
    files: list[NewFile],
    now: datetime,
) -> CloseOut:
    """申请销号, with the counts still to be told. The division's clock stops here."""
    today = today_of(now)
    must_be_current(project, version)
    refuse_if(PROJECT_MOVES["request_close_out"].bars(by, project, today))
    if not summary.strip():
        raise Refused("请写明完成情况")
    if project.evidence_required and not files and not project.attachments.exists():
        raise Refused("此项目须附佐证材料，请先添加附件")
    bump(project, version=version, was=ProjectState.IN_PROGRESS, state=ProjectState.CLOSE_OUT_REQUESTED)
    hand = hand_of(by, today, division=project.lead_division, role=Role.DIVISION_HEAD)
    close_out = CloseOut.objects.create(
        organization_id=project.organization_id,
        project=project,
        summary=summary.strip(),
        requested_by=by,
        requested_at=now,
        requested_on=today,
        entered_for=bool(hand.entered_for),
        due_on=project.due_on,
    )
    attach_files(project, files, by=by, now=now, close_out=close_out)
    counted = add_counts(project, counts or {}, by=by, on=today, now=now)
    words = f"申请销号：{summary.strip()}{counted}" + (f"（附件 {len(files)} 个）" if files else "")
    record_project(project, "request_close_out", words, by=by, now=now, subject=close_out, hand=hand)
    return close_out


@transaction.atomic
def withdraw_close_out(project: Project, *, by: User, version: int, now: datetime) -> CloseOut:
    """撤回, by who asked, until verified."""
    must_be_current(project, version)
    refuse_if(PROJECT_MOVES["withdraw_close_out"].bars(by, project, today_of(now)))
    close_out = _live(project)
    bump(project, version=version, was=ProjectState.CLOSE_OUT_REQUESTED, state=ProjectState.IN_PROGRESS)
    _decide(close_out, CloseOutState.WITHDRAWN, by=by, now=now)
    hand = hand_of(by, today_of(now), division=project.lead_division, role=Role.DIVISION_HEAD)
    record_project(project, "withdraw_close_out", "撤回销号申请", by=by, now=now, subject=close_out, hand=hand)
    return close_out


@transaction.atomic
def accept_close_out(
    project: Project, *, by: User, version: int, effect: Effect, note: str = "", now: datetime
) -> CloseOut:
    """验收销号 with the year's next number and an effect rating."""
    today = today_of(now)
    must_be_current(project, version)
    refuse_if(PROJECT_MOVES["accept_close_out"].bars(by, project, today))
    close_out = _live(project)
    bump(
        project,
        version=version,
        was=ProjectState.CLOSE_OUT_REQUESTED,
        state=ProjectState.CLOSED,
        closed_at=now,
        closed_by=by,
        closed_on=today,
        mend_on=None,
    )
    close_out.number = take_number(project.organization_id, Series.CLOSE_OUT, close_out.pk, year=today.year, now=now)
    close_out.effect = effect
    close_out.closed_on = today
    _decide(close_out, CloseOutState.ACCEPTED, by=by, now=now, opinion=note, also=["number", "effect", "closed_on"])
    late = f"，逾期 {close_out.days_late} 天完成" if close_out.days_late else ""
    words = f"验收销号，编号 {close_out.number}，成效评价：{Effect(effect).label}{late}" + (f"。{note}" if note else "")
    hand = _verifying_hand(by, project, today)
    record_project(project, "accept_close_out", words, by=by, now=now, subject=close_out, hand=hand)
    return close_out


@transaction.atomic
def return_close_out(project: Project, *, by: User, version: int, note: str, mend_on: date, now: datetime) -> CloseOut:
    """退回整改 with a date to mend by, which is shown beside the due date and moves nothing."""
    today = today_of(now)
    must_be_current(project, version)
    refuse_if(PROJECT_MOVES["return_close_out"].bars(by, project, today))
    if not note.strip():
        raise Refused("请写明退回理由")
    if mend_on < today:
        raise Refused(f"整改时限 {mend_on:%Y-%m-%d} 已过，请写今天或以后的日期")
    close_out = _live(project)
    bump(
        project,
        version=version,
        was=ProjectState.CLOSE_OUT_REQUESTED,
        state=ProjectState.IN_PROGRESS,
        mend_on=mend_on,
        return_count=project.return_count + 1,
    )
    close_out.mend_on = mend_on
    _decide(close_out, CloseOutState.RETURNED, by=by, now=now, opinion=note, also=["mend_on"])
    words = f"退回整改，理由：{note.strip()}；整改时限 {mend_on:%Y-%m-%d}"
    hand = _verifying_hand(by, project, today)
    record_project(project, "return_close_out", words, by=by, now=now, subject=close_out, hand=hand)
    return close_out


def _verifying_hand(by: User, project: Project, today: date) -> Hand:
    own = project.lead_division is not None and project.lead_division.supervises
    return hand_of(by, today, role=Role.LEADER if own else Role.SECRETARIAT)


def _live(project: Project) -> CloseOut:
    close_out = live_close_out(project)
    if close_out is None:
        raise Refused("没有待验收的销号申请")
    return close_out


def _decide(
    close_out: CloseOut,
    state: CloseOutState,
    *,
    by: User,
    now: datetime,
    opinion: str = "",
    also: list[str] | None = None,
) -> None:
    close_out.state = state
    close_out.decided_by = by
    close_out.decided_at = now
    close_out.opinion = opinion.strip()
    close_out.save(update_fields=["state", "decided_by", "decided_at", "opinion", *(also or [])])
