"""半年回头看: making the list, judging what is on it, having the mending put in hand, closing it."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.enums import Role
from accounts.models import Division, User
from accounts.standing import standing_of
from cppcc_office.lib.errors import Change, Refused, Stale
from supervision.cycles.actions.holding import held
from supervision.cycles.enums import Choice, Verdict
from supervision.cycles.models import CycleRun, LookBackItem
from supervision.cycles.queries.look_back import heading_of, label_in, picks_of
from supervision.cycles.rules.look_back import (
    bar_to_arrange,
    bar_to_judge,
    bar_to_mend,
    for_leader,
    mending_kind,
    verdicts_for,
)
from tasks.actions.changes.asking import ask_change
from tasks.actions.changes.lines import ADDED, DUE, Wish
from tasks.actions.follow_ups import register_follow_up, target_of_a_step
from tasks.actions.recording import bump, hand_of, record_project, refuse_if, today_of
from tasks.enums import ChangeKind
from tasks.queries.choices import choices_of
from tasks.queries.plans import annual_plan

SOURCE_CLASS = "年度主要任务"
MOST_TITLE = 300
MOST_WORDS = 500


# ── the list ─────────────────────────────────────────────────────────────────


@transaction.atomic
def list_look_back(run: CycleRun, now: datetime) -> dict[str, int]:  # noqa: ARG001 (every work of a cycle gets the time)
    """Write the list, or bring it up to date: what was judged stays, what is missing is added, what was not judged
    and does not belong any more goes. The second time in a row changes nothing."""
    listed = {(item.project_id, item.result_id): item for item in LookBackItem.objects.filter(run=run)}
    picks = picks_of(run)
    belonging = {pick.key for pick in picks}
    for key, item in listed.items():
        if key not in belonging and not item.verdict:
            item.delete()
    kept = [item for key, item in listed.items() if key not in belonging and item.verdict]
    changed, fresh = [], []
    for order, pick in enumerate(picks, start=1):
        values = {"order": order, "choice": pick.choice, "title": pick.title, "division_id": pick.division_id}
        known = listed.get(pick.key)
        if known is None:
            fresh.append(_item_of(run, pick.project_id, pick.result_id, values))
        elif any(getattr(known, name) != value for name, value in values.items()):
            changed.append(_laid(known, values))
    for order, item in enumerate(sorted(kept, key=lambda item: item.order), start=len(picks) + 1):
        if item.order != order:
            changed.append(_laid(item, {"order": order}))
    LookBackItem.objects.bulk_update(changed, ["order", "choice", "title", "division"], batch_size=200)
    LookBackItem.objects.bulk_create(fresh, batch_size=200)
    return {label_in(run, choice): sum(pick.choice == choice for pick in picks) for choice in Choice}


def _item_of(run: CycleRun, project_id: int | None, result_id: int | None, values: dict[str, Any]) -> LookBackItem:
    return LookBackItem(
        organization_id=run.organization_id, run=run, project_id=project_id, result_id=result_id, **values
    )


def _laid(item: LookBackItem, values: dict[str, Any]) -> LookBackItem:
    for name, value in values.items():
        setattr(item, name, value)
    return item


# ── verdicts ─────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Mending:
    """Who mends it by when; after 反弹 the project has a new date of its own (none: the same)."""

    division: Division | None
    person: User | None
    due_on: date | None
    deliverable: str = ""
    project_due_on: date | None = None


@transaction.atomic
def judge_item(
    item: LookBackItem,
    *,
    verdict: Verdict,
    words: str = "",
    mending: Mending | None = None,
    by: User,
    version: int,
    now: datetime,
) -> LookBackItem:
    """Say what was found; 整改 and 反弹 are put in hand in the same breath. Raises Refused with every reason, or Stale.

    What a leader judges for the supervising division is put in hand by the secretariat (`arrange_mending`).
    """
    today = today_of(now)
    item = _held_item(item, version)
    before = {"verdict": item.verdict, "words": item.words}
    mends = verdict != Verdict.CONSOLIDATE and not for_leader(item.subject)
    bars = bar_to_judge(by, item, today)
    if verdict not in verdicts_for(item):
        bars.append("没有销号的不能判定反弹，请选整改")
    if verdict != Verdict.CONSOLIDATE and not words.strip():
        bars.append(f"结论为{verdict.label}的，请写明回头看情况")
    if len(words.strip()) > MOST_WORDS:
        bars.append(f"回头看情况最多 {MOST_WORDS} 字，现有 {len(words.strip())} 字")
    if mends:
        bars += _bars_to_mend(item, verdict, mending, by, today)
    refuse_if(bars)
    item.verdict, item.words = verdict, words.strip()
    item.checked_by, item.checked_at = by, now
    item.follow_up, item.change = None, None
    told = _put_in_hand(item, mending, by=by, now=now) if mends and mending is not None else ""
    _save(item)
    found = f"：{item.words}" if item.words else ""
    _record(item, "judge_look_back", f"{_looked_at(item)}，结论{verdict.label}{found}{told}", before, by, now)
    return item


@transaction.atomic
def arrange_mending(item: LookBackItem, *, mending: Mending, by: User, version: int, now: datetime) -> LookBackItem:
    """交办整改 that a leader has asked for, or of which nothing has come. Raises Refused with every reason, or Stale."""
    today = today_of(now)
    item = _held_item(item, version)
    bars = bar_to_arrange(by, item, today)
    if not bars:
        bars = _bars_to_mend(item, Verdict(item.verdict), mending, by, today)
    refuse_if(bars)
    told = _put_in_hand(item, mending, by=by, now=now)
    _save(item)
    _record(item, "arrange_mending", f"{_looked_at(item)}，交办整改{told}", {}, by, now)
    return item


def _held_item(item: LookBackItem, version: int) -> LookBackItem:
    """The run first, so that nobody closes it or lists anew meanwhile; then the item as it is now."""
    run = held(item.run)
    current = (
        LookBackItem.objects.select_for_update(of=("self",))
        .select_related("project__lead_division", "result__project__lead_division", "change", "checked_by", "division")
        .filter(pk=item.pk)
        .first()
    )
    if current is None:
        raise Stale(f"“{item.title}”已不在清单中")
    current.run = run
    if current.version != version:
        raise Stale(current.title, _meanwhile(current), version=current.version)
    return current


def _meanwhile(item: LookBackItem) -> list[Change]:
    if item.checked_at is None:
        return []
    by = item.checked_by.name if item.checked_by else ""
    found = "：".join(part for part in (item.get_verdict_display(), item.words) if part)
    return [Change("结论", "", found, by=by, at=f"{timezone.localtime(item.checked_at):%H:%M}")]


def _save(item: LookBackItem) -> None:
    """Held since it was read, so nobody comes between."""
    item.version += 1
    item.save(update_fields=["verdict", "words", "checked_by", "checked_at", "follow_up", "change", "version"])


def _record(item: LookBackItem, verb: str, words: str, before: dict[str, Any], by: User, now: datetime) -> None:
    """On the timeline of the project, too."""
    project, today = item.subject, today_of(now)
    if item.change is None:  # who asks for a change has claimed the project already
        bump(project, version=None)
    after = {"verdict": item.verdict, "follow_up": item.follow_up_id, "change": item.change_id}
    role = Role.SECRETARIAT
    if not standing_of(by, today=today).holds(role, item.organization_id):
        role = Role.LEADER
    hand = hand_of(by, today, role=role)
    record_project(project, verb, words, by=by, now=now, subject=item, hand=hand, before=before, after=after)


# ── what comes of them ───────────────────────────────────────────────────────


def _bars_to_mend(item: LookBackItem, verdict: Verdict, mending: Mending | None, by: User, today: date) -> list[str]:
    """Everything at once: what was not said, who does not work there, and what bars the change or the matter."""
    if mending is None or mending.division is None or mending.person is None or mending.due_on is None:
        return ["整改要写明责任处室、责任人和完成时限", *bar_to_mend(by, item, verdict, today)]
    bars = []
    if mending.due_on < today:
        bars.append(f"整改时限 {mending.due_on:%Y-%m-%d} 已过，请改为今天或以后")
    if not choices_of(item.organization_id, today).works_in(mending.person.pk, mending.division.pk):
        bars.append(f"{mending.person}不在{mending.division}任职，请重新选择责任人")
    if mending.project_due_on is not None and mending.project_due_on < mending.due_on:
        bars.append(f"项目新的完成时限 {mending.project_due_on:%Y-%m-%d} 早于整改时限，请改其中一个")
    bars += bar_to_mend(by, item, verdict, today)
    if mending_kind(item, verdict) is None and annual_plan(item.organization_id, today.year) is None:
        bars.append(f"{today.year} 年还没有年度任务计划，不能另立整改事项，请先建立")
    return bars


def _looked_at(item: LookBackItem) -> str:
    """On the project's timeline its own title is not told once more."""
    return heading_of(item.run) + (f"制度“{item.title}”" if item.result_id else "")


def _put_in_hand(item: LookBackItem, mending: Mending, *, by: User, now: datetime) -> str:
    """Set what comes of the verdict on the item; the words that tell it."""
    kind = mending_kind(item, Verdict(item.verdict))
    if kind is None:
        return _as_matter(item, mending, by=by, now=now)
    return _as_change(item, kind, mending, by=by, now=now)


def _as_matter(item: LookBackItem, mending: Mending, *, by: User, now: datetime) -> str:
    division, person, due_on = _complete(mending)
    item.follow_up, left = register_follow_up(
        item.run.organization,
        by=by,
        title=mending_title(item),
        source_class=SOURCE_CLASS,
        paper=heading_of(item.run),
        dated_on=today_of(now),
        division=division,
        person=person,
        due_on=due_on,
        deliverable=mending.deliverable,
        follows=item.subject.key_task,
        now=now,
    )
    what = f"“{item.follow_up.title}”（{division} {person}，{due_on:%Y-%m-%d}前）"
    return f"；另立事项{what}，未能交办：{'；'.join(left)}" if left else f"；另立事项{what}交办"


def _as_change(item: LookBackItem, kind: ChangeKind, mending: Mending, *, by: User, now: datetime) -> str:
    division, person, due_on = _complete(mending)
    project = item.subject
    step = {
        "title": mending_title(item),
        "deliverable": mending.deliverable,
        "target": target_of_a_step(project),
        "division": division.pk,
        "person": person.pk,
        DUE: due_on.isoformat(),
    }
    wishes = [Wish("milestone", ADDED, step)]
    if kind == ChangeKind.REOPENING:
        wishes.insert(0, Wish("project", DUE, (mending.project_due_on or due_on).isoformat()))
    item.change = ask_change(
        project,
        kind=kind,
        by=by,
        version=project.version,
        reason=f"{heading_of(item.run)}，{item.get_verdict_display()}：{item.words}",
        wishes=wishes,
        now=now,
    )
    return f"；申请{kind.label}，增加整改节点（{division} {person}，{due_on:%Y-%m-%d}前）"


def _complete(mending: Mending) -> tuple[Division, User, date]:
    if mending.division is None or mending.person is None or mending.due_on is None:
        raise Refused("整改要写明责任处室、责任人和完成时限")
    return mending.division, mending.person, mending.due_on


def mending_title(item: LookBackItem) -> str:
    return f"整改：{item.title}"[:MOST_TITLE]
