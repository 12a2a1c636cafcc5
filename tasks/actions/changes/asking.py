"""Asking for a change, taking it back, and taking up what a revised paper has prepared."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction

from accounts.enums import Role
from accounts.models import User
from accounts.policies import calendar_of, policy_of
from accounts.standing import standing_of
from cppcc_office.lib.errors import Refused
from tasks.actions.changes.checking import faults_of
from tasks.actions.changes.lines import DUE, STATE, Wish, iso, lines_of, told, tree_of
from tasks.actions.changes.pending import mark_moved, unmark
from tasks.actions.recording import Hand, bump, hand_of, must_be_current, record_project, refuse_if, today_of
from tasks.enums import ChangeKind, ChangeState, ChangeTier
from tasks.models import ChangeLine, ChangeRequest, Project
from tasks.rules.changes import suspended_since, tier_of
from tasks.workflow import CHANGE_ASKS, REQUEST_MOVES


@dataclass(frozen=True)
class Draft:
    """A change as it would be asked for: its lines, and who would decide it."""

    lines: list[ChangeLine]
    tier: ChangeTier
    new_due_on: date | None
    days: int | None


def draft_change(project: Project, kind: ChangeKind, wishes: Sequence[Wish], *, today: date) -> Draft:
    """Every old → new, checked. Writes nothing. Raises Refused with everything that is wrong."""
    tree = tree_of(project, today)
    lines = lines_of(tree, wishes)
    new_due_on = _wished_due_on(wishes)
    if faults := faults_of(kind, tree, lines, new_due_on, today):
        raise Refused(faults)
    calendar = calendar_of(project.organization_id)
    tier = tier_of(
        project,
        kind,
        new_due_on=new_due_on,
        suspended_on=suspended_since(project) if kind == ChangeKind.RESUMPTION else None,
        today=today,
        calendar=calendar,
        policy=policy_of(project.organization_id),
    )
    target = CHANGE_ASKS[kind].target
    if target is not None:
        state = ChangeLine(subject_kind="project", subject_id=project.pk, field=STATE, label="项目状态")
        state.old, state.new = project.get_state_display(), str(target.label)
        lines = [state, *lines]
    days = calendar.count(project.due_on, new_due_on) if project.due_on and new_due_on else None
    return Draft(lines, tier, new_due_on, days)


def _wished_due_on(wishes: Sequence[Wish]) -> date | None:
    """Also where it is the same as now: a resumed project may keep its date."""
    for wish in wishes:
        if wish.subject == "project" and wish.field == DUE and wish.value:
            return date.fromisoformat(str(wish.value))
    return None


@transaction.atomic
def ask_change(
    project: Project,
    *,
    kind: ChangeKind,
    by: User,
    version: int,
    reason: str,
    wishes: Sequence[Wish] = (),
    for_lead: bool = False,
    now: datetime,
) -> ChangeRequest:
    """申请变更: nothing of the project changes but that it bears a pending request. Raises Refused, or Stale.

    `for_lead` says that the secretariat types what the lead division asks for (代填).
    """
    must_be_current(project, version)
    refuse_if(CHANGE_ASKS[kind].bars(by, project, today_of(now)))
    request = ChangeRequest(organization_id=project.organization_id, project=project, kind=kind)
    return _ask(request, by=by, version=version, reason=reason, wishes=wishes, for_lead=for_lead, now=now)


@transaction.atomic
def ask_prepared(
    request: ChangeRequest,
    *,
    kind: ChangeKind,
    by: User,
    version: int,
    reason: str,
    wishes: Sequence[Wish] = (),
    for_lead: bool = False,
    now: datetime,
) -> ChangeRequest:
    """Ask for what a revised paper has prepared, as it was filled in after it: its lines are replaced."""
    project = request.project
    must_be_current(project, version)
    request.refresh_from_db(fields=["state"])
    refuse_if(
        REQUEST_MOVES["take_up"].bars(by, request, today_of(now)) or CHANGE_ASKS[kind].bars(by, project, today_of(now))
    )
    request.kind = kind
    request.lines.all().delete()
    return _ask(request, by=by, version=version, reason=reason, wishes=wishes, for_lead=for_lead, now=now)


def _ask(
    request: ChangeRequest,
    *,
    by: User,
    version: int,
    reason: str,
    wishes: Sequence[Wish],
    for_lead: bool,
    now: datetime,
) -> ChangeRequest:
    today, project, kind = today_of(now), request.project, ChangeKind(request.kind)
    if not reason.strip():
        raise Refused("请写明申请变更的理由")
    draft = draft_change(project, kind, wishes, today=today)
    extends = kind == ChangeKind.EXTENSION
    bump(project, version=version, was=project.state, **({"extension_asked_on": today} if extends else {}))
    hand = _hand(by, project, today, for_lead=for_lead)
    request.state = ChangeState.ASKED
    request.tier = draft.tier
    request.reason = reason.strip()
    request.asked_by, request.asked_at, request.asked_on = by, now, today
    request.asked_principal_id = hand.principal_id
    request.entered_for = bool(hand.entered_for)
    request.due_on, request.new_due_on, request.days = project.due_on, draft.new_due_on, draft.days
    request.save()
    for line in draft.lines:
        line.request = request
    ChangeLine.objects.bulk_create(draft.lines)
    moved = mark_moved(draft.lines, kind, today)
    late = "（逾期申请）" if extends and not request.is_in_time else ""
    words = f"申请{kind.label}{late}：{_listed(draft.lines)}理由：{request.reason}"
    record_project(
        project,
        "ask_change",
        words,
        by=by,
        now=now,
        subject=request,
        hand=hand,
        after=_kept(request, draft.lines),
        milestones=moved,
    )
    return request


def _hand(by: User, project: Project, today: date, *, for_lead: bool) -> Hand:
    if for_lead or standing_of(by, today=today).heads(project.lead_division_id):
        return hand_of(by, today, division=project.lead_division, role=Role.DIVISION_HEAD)
    return hand_of(by, today, role=Role.SECRETARIAT)


def _listed(lines: Sequence[ChangeLine]) -> str:
    words = told([line for line in lines if line.field != STATE])
    return f"{words}；" if words else ""


def _kept(request: ChangeRequest, lines: Sequence[ChangeLine]) -> dict[str, Any]:
    return {
        "kind": request.kind,
        "tier": request.tier,
        "new_due_on": iso(request.new_due_on),
        "lines": [{"what": line.label, "old": line.old, "new": line.new} for line in lines],
    }


@transaction.atomic
def withdraw_change(request: ChangeRequest, *, by: User, version: int, now: datetime) -> ChangeRequest:
    """撤回 before it is decided: the project is as if nobody had asked, its clock included."""
    today, project = today_of(now), request.project
    must_be_current(project, version)
    request.refresh_from_db(fields=["state"])
    refuse_if(REQUEST_MOVES["withdraw"].bars(by, request, today))
    bump(project, version=version, extension_asked_on=None)
    milestones = unmark(project)
    request.state = ChangeState.WITHDRAWN
    request.save(update_fields=["state"])
    words = f"撤回{request.get_kind_display()}申请"
    hand = _hand(by, project, today, for_lead=request.entered_for)
    record_project(project, "withdraw_change", words, by=by, now=now, subject=request, hand=hand, milestones=milestones)
    return request


@transaction.atomic
def drop_prepared(request: ChangeRequest, *, by: User, version: int, now: datetime) -> ChangeRequest:
    """放弃 what a revised paper has prepared: the project stays as it is."""
    project = request.project
    must_be_current(project, version)
    request.refresh_from_db(fields=["state"])
    refuse_if(REQUEST_MOVES["drop"].bars(by, request, today_of(now)))
    bump(project, version=version)
    request.state = ChangeState.WITHDRAWN
    request.save(update_fields=["state"])
    words = f"放弃拟提出的{request.get_kind_display()}申请（{request.reason}）"
    hand = hand_of(by, today_of(now), role=Role.SECRETARIAT)
    record_project(project, "drop_prepared", words, by=by, now=now, subject=request, hand=hand)
    return request
