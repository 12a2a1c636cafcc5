"""督办处意见, 同意, 不同意: an agreed change is applied in the transaction that agrees to it."""

from datetime import date, datetime

from django.db import transaction

from accounts.enums import Role
from accounts.models import User
from cppcc_office.lib.errors import Refused
from tasks.actions.changes.applying import apply_change
from tasks.actions.changes.lines import STATE, told
from tasks.actions.changes.pending import unmark
from tasks.actions.recording import Hand, bump, hand_of, must_be_current, record_project, refuse_if, today_of
from tasks.enums import ChangeState, ChangeTier
from tasks.models import ChangeRequest
from tasks.rules.changes import leader_post
from tasks.workflow import CHANGE_ASKS, REQUEST_MOVES


def _check(request: ChangeRequest, name: str, *, by: User, version: int, now: datetime) -> None:
    must_be_current(request.project, version)
    request.refresh_from_db(fields=["state", "opinion"])
    refuse_if(REQUEST_MOVES[name].bars(by, request, today_of(now)))


@transaction.atomic
def give_opinion(request: ChangeRequest, *, by: User, version: int, note: str, now: datetime) -> ChangeRequest:
    """督办处意见, before the leader decides; written anew it replaces the earlier one, which the timeline keeps."""
    _check(request, "opinion", by=by, version=version, now=now)
    if not note.strip():
        raise Refused("请写明督办处意见")
    bump(request.project, version=version)
    before = {"opinion": request.opinion} if request.opinion else None
    request.opinion, request.opinion_by, request.opinion_at = note.strip(), by, now
    request.save(update_fields=["opinion", "opinion_by", "opinion_at"])
    words = f"对{request.get_kind_display()}申请提出督办处意见：{request.opinion}"
    hand = hand_of(by, today_of(now), role=Role.SECRETARIAT)
    record_project(request.project, "give_opinion", words, by=by, now=now, subject=request, hand=hand, before=before)
    return request


@transaction.atomic
def agree_change(request: ChangeRequest, *, by: User, version: int, note: str = "", now: datetime) -> ChangeRequest:
    """同意: every line takes effect now, or nothing does."""
    today, project = today_of(now), request.project
    _check(request, "agree", by=by, version=version, now=now)
    ask = CHANGE_ASKS[request.kind]  # type: ignore[index]  # the stored word of the kind
    if project.state not in ask.sources:
        raise Refused(
            f"项目现在{project.get_state_display()}，不能{ask.label.removeprefix('申请')}，请不同意或由申请人撤回"
        )
    hand = _hand(request, by, today)
    lines = list(request.lines.all())
    milestones = {row.pk: row for row in unmark(project)}
    applied = apply_change(request, lines, version=version, now=now)
    milestones |= applied.milestones
    _decide(request, ChangeState.AGREED, by=by, note=note, now=now)
    listed = told([line for line in lines if line.field != STATE])
    words = f"同意{request.get_kind_display()}"
    words += f"：{listed}" if listed else ""
    words += f"，理由：{request.reason.rstrip('。；')}"
    words += f"；意见：{request.decision_words}" if request.decision_words else ""
    words += f"；{'；'.join(applied.notes)}" if applied.notes else ""
    record_project(
        project,
        "agree_change",
        words,
        by=by,
        now=now,
        subject=request,
        hand=hand,
        before={line.label: line.old for line in lines},
        after={line.label: line.new for line in lines},
        milestones=milestones.values(),
        targets=applied.targets.values(),
    )
    return request


@transaction.atomic
def decline_change(request: ChangeRequest, *, by: User, version: int, note: str, now: datetime) -> ChangeRequest:
    """不同意, with the reason: the clock runs on from the dates as they stand."""
    today, project = today_of(now), request.project
    _check(request, "decline", by=by, version=version, now=now)
    if not note.strip():
        raise Refused("不同意必须写明理由")
    hand = _hand(request, by, today)
    bump(project, version=version, extension_asked_on=None)
    milestones = unmark(project)
    _decide(request, ChangeState.DECLINED, by=by, note=note, now=now)
    words = f"不同意{request.get_kind_display()}申请，理由：{request.decision_words}"
    record_project(project, "decline_change", words, by=by, now=now, subject=request, hand=hand, milestones=milestones)
    return request


def _hand(request: ChangeRequest, by: User, today: date) -> Hand:
    if request.tier == ChangeTier.LEADER:
        post = leader_post(by, request, today)
        return Hand(principal_id=post.principal_id if post else None)
    return hand_of(by, today, role=Role.SECRETARIAT)


def _decide(request: ChangeRequest, state: ChangeState, *, by: User, note: str, now: datetime) -> None:
    request.state = state
    request.decided_by, request.decided_at = by, now
    request.decision_words = note.strip()
    request.save(update_fields=["state", "decided_by", "decided_at", "decision_words"])
