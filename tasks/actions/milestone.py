"""Moving milestones: start, report, agree, confirm, send back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction

from accounts.enums import Role
from accounts.models import User
from accounts.policies import policy_of
from cppcc_office.lib.errors import Refused
from tasks.actions.entries import add_counts
from tasks.actions.recording import Hand, bump, hand_of, hold, must_be_current, record_project, refuse_if, today_of
from tasks.enums import MilestoneState
from tasks.models import Milestone, Target
from tasks.rules.milestone import is_for_a_leader
from tasks.workflow import MILESTONE_MOVES

CLEARED_REPORT: dict[str, Any] = {
    "reported_at": None,
    "reported_by": None,
    "entered_for": False,
    "agreed_at": None,
    "agreed_by": None,
    "reported_on": None,
}


def _check(milestone: Milestone, name: str, *, by: User, version: int, now: datetime) -> None:
    must_be_current(milestone.project, version)
    refuse_if(MILESTONE_MOVES[name].bars(by, milestone, today_of(now)))


def _need_words(note: str, what: str) -> str:
    if not note.strip():
        raise Refused(f"请写明{what}")
    return note.strip()


def set_milestone(milestone: Milestone, **fields: Any) -> None:
    for name, value in fields.items():
        setattr(milestone, name, value)
    milestone.save(update_fields=list(fields))


@transaction.atomic
def start_milestone(milestone: Milestone, *, by: User, version: int, now: datetime) -> Milestone:
    """开始办理. Also done by the first progress entry."""
    _check(milestone, "start", by=by, version=version, now=now)
    bump(milestone.project, version=version)
    set_milestone(milestone, state=MilestoneState.IN_PROGRESS, started_at=now)
    hand = hand_of(by, today_of(now), division=milestone.division)
    _record(milestone, "start_milestone", f"开始办理节点“{milestone.title}”", by=by, now=now, hand=hand)
    return milestone


@transaction.atomic
def report_milestone(
    milestone: Milestone,
    *,
    by: User,
    version: int,
    note: str,
    counts: Mapping[Target, Decimal] | None = None,
    now: datetime,
) -> Milestone:
    """报完成, with counts where the target has a number. The head's own report, or any where the office does not ask
    heads (policy), goes straight to 待核实.

    The division's clock stops when the report leaves the division, not when staff hand it to the head.
    """
    today = today_of(now)
    _check(milestone, "report", by=by, version=version, now=now)
    note = _need_words(note, "完成情况")
    bump(milestone.project, version=version)
    head = _is_head(by, milestone, today)
    hand = hand_of(by, today, division=milestone.division, role=Role.DIVISION_HEAD if head else None)
    straight = head or not policy_of(milestone.organization_id).head_reviews
    fields: dict[str, Any] = CLEARED_REPORT | {
        "state": MilestoneState.REPORTED if straight else MilestoneState.AWAITING_HEAD,
        "reported_at": now,
        "reported_by": by,
        "entered_for": bool(hand.entered_for),
    }
    if straight:
        fields["reported_on"] = today
    if head:
        fields |= {"agreed_at": now, "agreed_by": by}
    if milestone.started_at is None:
        fields["started_at"] = now
    set_milestone(milestone, **fields)
    counted = add_counts(milestone.project, counts or {}, by=by, on=today, now=now)
    words = f"将节点“{milestone.title}”报完成，送{'督办处核实' if straight else '处室负责人审核'}：{note}{counted}"
    _record(milestone, "report_milestone", words, by=by, now=now, hand=hand, note=note)
    return milestone


def _is_head(by: User, milestone: Milestone, today: date) -> bool:
    return not MILESTONE_MOVES["agree"].who(by, milestone, today)


@transaction.atomic
def agree_milestone(milestone: Milestone, *, by: User, version: int, note: str = "", now: datetime) -> Milestone:
    """The head agrees; where the office lets that count (policy), the milestone is done, else it awaits 核实.

    It never counts for what the head reported himself, nor for what a leader has to confirm.
    """
    today = today_of(now)
    _check(milestone, "agree", by=by, version=version, now=now)
    bump(milestone.project, version=version)
    may_count = milestone.reported_by_id != by.pk and not is_for_a_leader(milestone)
    counts = may_count and policy_of(milestone.organization_id).head_agreement_counts
    fields: dict[str, Any] = {
        "state": MilestoneState.DONE if counts else MilestoneState.REPORTED,
        "agreed_at": now,
        "agreed_by": by,
        "reported_on": today,
    }
    if counts:
        fields |= {"done_at": now, "done_by": by, "done_on": today}
    set_milestone(milestone, **fields)
    words = f"同意节点“{milestone.title}”报完成，{'按规定视为核实' if counts else '送督办处核实'}{_tail(note)}"
    hand = hand_of(by, today, division=milestone.division, role=Role.DIVISION_HEAD)
    _record(milestone, "agree_milestone", words, by=by, now=now, hand=hand)
    return milestone


@transaction.atomic
def send_back_by_head(milestone: Milestone, *, by: User, version: int, note: str, now: datetime) -> Milestone:
    """The head does not agree: back to 经办人 with a reason."""
    _check(milestone, "send_back_by_head", by=by, version=version, now=now)
    note = _need_words(note, "退回理由")
    bump(milestone.project, version=version)
    set_milestone(milestone, **CLEARED_REPORT, state=MilestoneState.IN_PROGRESS)
    hand = hand_of(by, today_of(now), division=milestone.division, role=Role.DIVISION_HEAD)
    words = f"将节点“{milestone.title}”退回经办人，理由：{note}"
    _record(milestone, "send_back_by_head", words, by=by, now=now, hand=hand)
    return milestone


@transaction.atomic
def confirm_milestone(milestone: Milestone, *, by: User, version: int, note: str = "", now: datetime) -> Milestone:
    """核实: it is done, as of the day the division reported it."""
    _check(milestone, "confirm", by=by, version=version, now=now)
    bump(milestone.project, version=version)
    _confirm(milestone, by=by, note=note, now=now)
    return milestone


def _confirm(milestone: Milestone, *, by: User, note: str, now: datetime) -> None:
    today = today_of(now)
    set_milestone(milestone, state=MilestoneState.DONE, done_at=now, done_by=by, done_on=today)
    words = f"核实节点“{milestone.title}”完成{_late(milestone)}{_tail(note)}"
    _record(milestone, "confirm_milestone", words, by=by, now=now, hand=_verifying_hand(by, milestone, today))


def _verifying_hand(by: User, milestone: Milestone, today: date) -> Hand:
    return hand_of(by, today, role=Role.LEADER if is_for_a_leader(milestone) else Role.SECRETARIAT)


@dataclass
class BulkMilestones:
    """What a bulk confirmation did, and each milestone it left alone with the reasons."""

    done: list[Milestone] = field(default_factory=list)
    left: list[tuple[Milestone, list[str]]] = field(default_factory=list)


@transaction.atomic
def confirm_milestones(milestones: Sequence[tuple[Milestone, int]], *, by: User, now: datetime) -> BulkMilestones:
    """核实 every one of these (milestone, version of its project shown) that this person may; the others are told why."""
    today = today_of(now)
    outcome = BulkMilestones()
    versions = hold(milestone.project for milestone, _ in milestones)
    overtaken = {
        m.project_id for m, shown in milestones if not m.project.version == shown == versions.get(m.project_id)
    }
    for milestone, _ in milestones:
        project = milestone.project
        bars = MILESTONE_MOVES["confirm"].bars(by, milestone, today)
        if project.pk in overtaken:
            bars = [*bars, "您打开此页后有人改过，请刷新后再核实"]
        if bars:
            outcome.left.append((milestone, bars))
            continue
        # Of several milestones of one project the later ones act on the version that the earlier ones made.
        bump(project, version=versions[project.pk])
        versions[project.pk] = project.version
        _confirm(milestone, by=by, note="", now=now)
        outcome.done.append(milestone)
    return outcome


@transaction.atomic
def send_back_milestone(milestone: Milestone, *, by: User, version: int, note: str, now: datetime) -> Milestone:
    """退回 by who verifies: the division's clock runs on from its due date."""
    today = today_of(now)
    _check(milestone, "send_back", by=by, version=version, now=now)
    note = _need_words(note, "退回理由")
    bump(milestone.project, version=version)
    set_milestone(
        milestone,
        **CLEARED_REPORT,
        state=MilestoneState.IN_PROGRESS,
        return_count=milestone.return_count + 1,
    )
    words = f"退回节点“{milestone.title}”，理由：{note}"
    hand = _verifying_hand(by, milestone, today)
    _record(milestone, "send_back_milestone", words, by=by, now=now, hand=hand)
    return milestone


def _record(
    milestone: Milestone, verb: str, words: str, *, by: User, now: datetime, hand: Hand, note: str = ""
) -> None:
    record_project(
        milestone.project,
        verb,
        words,
        by=by,
        now=now,
        subject=milestone,
        hand=hand,
        after={"note": note} if note else None,
        milestones=[milestone],
    )


def _tail(note: str) -> str:
    return f"：{note.strip()}" if note.strip() else ""


def _late(milestone: Milestone) -> str:
    if milestone.due_on and milestone.reported_on and milestone.reported_on > milestone.due_on:
        return f"，逾期 {(milestone.reported_on - milestone.due_on).days} 天"
    return ""
