"""年度检查复盘: opened in December, frozen after the year, closed by itself; why projects were late; 结转."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db import transaction
from django.db.models import F
from django.urls import reverse
from django.utils import timezone

from accounts.actions.recording import record
from accounts.enums import Role
from accounts.models import User
from accounts.policies import calendar_of
from accounts.queries import secretariat_of
from cppcc_office.lib.errors import Change, Refused, Stale
from supervision.cycles.actions.freezing import TOTAL, chosen_cut_off, freeze_lines
from supervision.cycles.actions.holding import held
from supervision.cycles.kinds import YEAR_REVIEW
from supervision.cycles.models import CycleRun, LateReason
from supervision.cycles.queries.review import MOST_WORDS, late_ones, next_plan_like
from supervision.cycles.rules.review import bars_to_write_reason
from supervision.notifications.actions.telling import Telling, tell
from supervision.notifications.queries.people import heads_of
from tasks.actions.changes.carrying import carry_over_project
from tasks.actions.plans import create_plan
from tasks.actions.recording import hand_of, hold, refuse_if, today_of
from tasks.models import Plan, Project

LAST_DAY = (1, 10)  # of the following year
LEAST_DAYS = 5  # working days to write reasons in, where the freezing came late


# ── the beginning and the end ────────────────────────────────────────────────


def open_review(run: CycleRun, now: datetime) -> dict[str, int]:
    """Tell the secretariat, and the heads of whose division something is late, that reasons are asked for; once each.

    A division that was late with nothing owes nothing, and is not told.
    """
    today = today_of(now)
    late = Counter(row.line.division_id for row in late_ones(run, today))
    heads = {person: sum(late[pk] for pk in own) for person, own in _headed(late, today).items()}
    secretariat = secretariat_of(run.organization_id, today=today).values_list("pk", flat=True)
    people = dict.fromkeys(secretariat, late.total()) | heads
    tell(_tellings(run, people, heads), now=now)
    return {"逾期项目": late.total(), "提醒人数": len(people)}


def _headed(divisions: Iterable[int], today: date) -> dict[int, set[int]]:
    """By person, which of these divisions he heads or stands in for the head of."""
    found: dict[int, set[int]] = {}
    for division in divisions:
        for person in heads_of([division], today):
            found.setdefault(person, set()).add(division)
    return found


def _tellings(run: CycleRun, people: dict[int, int], heads: Collection[int]) -> Iterator[Telling]:
    year = run.ends_on.year
    last = date(year + 1, *LAST_DAY)
    until = f"请在 {last:%Y-%m-%d} 前写明逾期原因"
    url = reverse("review", args=[run.pk])
    for person, count in people.items():
        words = f"{year}年度检查复盘已开始，{'本处室' if person in heads else '全机关'}有 {count} 项逾期，{until}"
        if not count:
            words = f"{year}年度检查复盘已开始，目前没有逾期的项目"
        yield Telling(
            kind=YEAR_REVIEW,
            person_id=person,
            organization_id=run.organization_id,
            key=str(year),
            words=words,
            url=url,
            subject_id=run.pk,
            counts={"逾期项目": count},
        )


@transaction.atomic
def advance_review(run: CycleRun, now: datetime) -> None:
    """Freeze once after the year has ended, close once the time for reasons is over. Called as often as one likes."""
    today = today_of(now)
    if run.is_closed or today <= run.ends_on:
        return
    if run.frozen_at is None:
        _freeze(run, now)
    elif today > closes_after(run):
        _close(run, now)


def closes_after(run: CycleRun) -> date:
    """10 January; where it was frozen so late that nobody could write reasons until then, some working days later."""
    last_day = date(run.ends_on.year + 1, *LAST_DAY)
    if run.frozen_at is None:
        return last_day
    frozen_on = timezone.localdate(run.frozen_at)
    return max(last_day, calendar_of(run.organization_id).add(frozen_on, LEAST_DAYS))


def _freeze(run: CycleRun, now: datetime) -> None:
    if not CycleRun.objects.select_for_update().filter(pk=run.pk, frozen_at=None, closed_at=None).exists():
        return  # another tick was first
    counts = freeze_lines(run, day=run.ends_on, cut_off_at=chosen_cut_off(run) or now, now=now)
    words = f"固定{run.ends_on.year}年度数据，截至 {run.ends_on:%Y-%m-%d}，共 {counts[TOTAL]} 项"
    record("freeze_review", words, by=None, now=now, organization=run.organization_id, subject=run)


def _close(run: CycleRun, now: datetime) -> None:
    if not CycleRun.objects.filter(pk=run.pk, closed_at=None).update(closed_at=now, version=F("version") + 1):
        return
    run.closed_at = now
    words = f"{run.ends_on.year}年度检查复盘到期办结"
    record("close_review", words, by=None, now=now, organization=run.organization_id, subject=run)


# ── why it was late ──────────────────────────────────────────────────────────


@transaction.atomic
def write_late_reason(run: CycleRun, project: Project, *, by: User, words: str, seen: int, now: datetime) -> LateReason:
    """In the lead's or the secretariat's words. `seen` is the stamp of what the page showed, 0 where there was nothing."""
    run = held(run)  # neither closed nor frozen anew meanwhile
    hold([project])  # of two who write at once the second sees what the first wrote
    today = today_of(now)
    refuse_if(bars_to_write_reason(by, run, project, today))
    if not (late := late_ones(run, today, project_id=project.pk)):
        raise Refused("这个项目没有逾期，不用写逾期原因")
    words = words.strip()
    if not words:
        raise Refused("请写明逾期原因")
    if len(words) > MOST_WORDS:
        raise Refused(f"逾期原因最多 {MOST_WORDS} 个字，请缩短")
    old = LateReason.objects.filter(run=run, project=project).select_related("by").first()
    if stamp_of(old) != seen:
        raise _overwritten(project, old)
    if old is not None and old.words == words:
        return old
    hand = hand_of(by, today, division=late[0].line.division, role=Role.DIVISION_HEAD)
    given = {"words": words, "by": by, "entered_for": bool(hand.entered_for), "at": now}
    row, _ = LateReason.objects.update_or_create(
        run=run, project=project, defaults={"organization_id": run.organization_id, **given}
    )
    record(
        "write_late_reason",
        f"写明{run.ends_on.year}年度逾期原因：{words}",
        by=by,
        now=now,
        organization=run.organization_id,
        subject=row,
        project_id=project.pk,
        principal_id=hand.principal_id,
        entered_for=hand.entered_for,
        before={"words": old.words} if old else None,
        after={"words": words},
    )
    return row


def stamp_of(reason: LateReason | None) -> int:
    """Another one for every time it was written."""
    return int(reason.at.timestamp() * 1000) if reason is not None else 0


def _overwritten(project: Project, current: LateReason | None) -> Stale:
    if current is None:
        return Stale(f"“{project.title}”的逾期原因", version=0)
    at = f"{timezone.localtime(current.at):%H:%M}"
    change = Change("逾期原因", "", current.words, by=current.by.name, at=at)
    return Stale(f"“{project.title}”的逾期原因", [change], version=stamp_of(current))


# ── next year ────────────────────────────────────────────────────────────────


@transaction.atomic
def start_next_plan(run: CycleRun, *, by: User, now: datetime) -> Plan:
    """Next year's annual plan with this year's categories."""
    name, categories = next_plan_like(run)
    return create_plan(run.organization, by=by, year=run.ends_on.year + 1, name=name, categories=categories, now=now)


@dataclass(frozen=True)
class Carry:
    """One project to be carried over: the version the page showed, and the new due date."""

    project: Project
    version: int
    due_on: date


@dataclass
class Carried:
    """What came of several: old and successor of each done, and why each of the others was left."""

    done: list[tuple[Project, Project]] = field(default_factory=list)
    left: list[tuple[Project, list[str]]] = field(default_factory=list)


@transaction.atomic
def carry_over_projects(chosen: Sequence[Carry], *, into: Plan, by: User, now: datetime) -> Carried:
    """One by one: what cannot be carried over stays as it is and says why, the others go on."""
    hold([carry.project for carry in chosen])
    outcome = Carried()
    for carry in chosen:
        try:
            with transaction.atomic():
                successor = carry_over_project(
                    carry.project, into=into, by=by, version=carry.version, due_on=carry.due_on, now=now
                )
        except Refused as refusal:
            outcome.left.append((carry.project, refusal.reasons))
        except Stale as stale:
            told = "；".join(change.what for change in stale.changes)
            outcome.left.append((carry.project, [f"您打开此页后有人改过（{told}），请核对后再结转"]))
        else:
            outcome.done.append((carry.project, successor))
    return outcome
