"""A row of a ledger in use: what had happened by then is recorded as 补录, act by act."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from accounts.models import User
from tasks.actions import backfill
from tasks.actions.recording import today_of
from tasks.enums import Effect
from tasks.models import Milestone, Project, Target
from tasks.queries.completeness import gaps_before_dispatch


def backfill_from_ledger(
    project: Project, ledger: Mapping[str, Any], *, source: str, by: User, now: datetime
) -> list[str]:
    """A row of a ledger in use: dispatched, perhaps extended, reported, closed. Inside the caller's transaction.

    `ledger` is what `tasks.intake.ledger` read. Returns what could not be recorded, in sentences; the project then
    stands where it could be brought to.
    """
    reason = f"由台账“{source}”导入"
    effective_on = date.fromisoformat(ledger["dispatched_on"])
    # The ledger has no dates of single steps; the worked-out ones stand in, which the timeline says.
    Milestone.objects.filter(project=project, due_is_confirmed=False).update(due_is_confirmed=True)
    Target.objects.filter(project=project, is_confirmed=False).update(is_confirmed=True)
    if gaps := gaps_before_dispatch(project, on=effective_on):
        listed = "；".join(gap.words for gap in gaps)
        return [f"没有补录交办，留作拟立项：{listed}"]
    own = backfill.bar_to_backfill_close_out(by, project, today_of(now))
    backfill.backfill_dispatch(
        project, by=by, version=project.version, effective_on=effective_on, reason=reason, now=now
    )
    notes = []
    if ledger["extensions"]:
        backfill.backfill_extensions(
            project,
            by=by,
            version=project.version,
            count=ledger["extensions"],
            effective_on=effective_on,
            reason=reason,
            now=now,
        )
    closed_on = date.fromisoformat(ledger["closed_on"]) if ledger["closed_on"] else None
    summary = ledger["progress"] or f"{reason}，原台账已办结"
    if closed_on:
        notes += _close(project, ledger, closed_on, own, summary, reason=reason, by=by, now=now)
    if ledger["progress"]:
        backfill.backfill_entry(
            project,
            by=by,
            version=project.version,
            situation=ledger["progress"],
            effective_on=closed_on or today_of(now),
            reason=reason,
            now=now,
        )
    return notes


def _close(
    project: Project,
    ledger: Mapping[str, Any],
    closed_on: date,
    own: list[str],
    summary: str,
    *,
    reason: str,
    by: User,
    now: datetime,
) -> list[str]:
    if own:
        backfill.backfill_close_out_request(
            project,
            by=by,
            version=project.version,
            effective_on=closed_on,
            summary=summary,
            reason=reason,
            now=now,
        )
        return [f"已办结，但{own[0]}，留作待验收"]
    backfill.backfill_milestones_done(
        project, by=by, version=project.version, effective_on=closed_on, reason=reason, now=now
    )
    backfill.backfill_close_out(
        project,
        by=by,
        version=project.version,
        effective_on=closed_on,
        effect=Effect(ledger["effect"]),
        summary=summary,
        reason=reason,
        now=now,
    )
    return []
