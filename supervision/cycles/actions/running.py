"""Bringing every office's cycles up to now: what is due gets a row, each row is done once, and what fails is told."""

import logging
import traceback
from collections.abc import Callable
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from accounts.actions.recording import record
from accounts.models import Organization, User
from accounts.policies import calendar_of
from accounts.queries import secretariat_of
from cppcc_office.lib.errors import Refused
from cppcc_office.lib.workdays import WorkCalendar
from supervision.cycles.actions.holding import held, must_be_seen
from supervision.cycles.actions.rules import ensure_rules, make_due_runs
from supervision.cycles.actions.works import ADVANCE, REMIND, WORK
from supervision.cycles.enums import Cycle, Origin, RunState
from supervision.cycles.kinds import CYCLE_COMING, RUN_FAILED
from supervision.cycles.models import CycleReminder, CycleRule, CycleRun
from supervision.cycles.periods import Due, next_dues
from supervision.cycles.queries.rules import latest_periods, missing_dues, supervised_offices, timing_of
from supervision.cycles.queries.runs import is_outdone, name_of_run
from supervision.cycles.rules.running import bar_to_rerun, bar_to_run_now
from supervision.notifications.actions.telling import Telling, tell

logger = logging.getLogger(__name__)

RESCUE_AFTER = timedelta(minutes=10)  # a process that was killed leaves its run RUNNING
RETRY_AFTER = timedelta(minutes=10)
RETRIES = 3
Clock = Callable[[], datetime]


class TakenOver(Exception):
    """Another process has the run: what was done here is rolled back."""


def bring_cycles_up_to(now: datetime, *, clock: Clock | None = None) -> list[CycleRun]:
    """Do what is due in every office and has not been done; returns the runs that were tried here.

    May come twice, from two processes, late or after a kill: rows are unique per period, a run is claimed by a
    conditional update, and its work is one transaction with its end.
    """
    errors = []
    for organization in supervised_offices():
        try:
            _prepare(organization, now)
        except Exception as error:  # the outermost loop: one broken office holds up no other; raised again below
            logger.exception("cycles of %s cannot be brought up to now", organization.code)
            errors.append(error)
    done = run_waiting(now, clock=clock)
    _advance_open(now)
    if errors:
        raise ExceptionGroup("the cycles of some offices could not be brought up to now", errors)
    return done


def run_waiting(now: datetime, *, clock: Clock | None = None) -> list[CycleRun]:
    """Do the runs that are there and wait: due ones, those people asked for, those left behind, failed ones again."""
    clock = clock or (lambda: now)
    waiting = CycleRun.objects.filter(_waits(now), cycle__in=WORK).order_by("due_at", "id")
    if not (found := list(waiting.values_list("pk", "cycle"))):
        return []
    if any(cycle == Cycle.DAILY for _, cycle in found):
        _merge_watches(now)
    tried = []
    for pk, _ in found:
        moment = clock()
        if _claim(pk, now=now, moment=moment):
            tried.append(_attempt(pk, now=now, moment=moment, clock=clock))
    return tried


@transaction.atomic
def run_now(rule: CycleRule, *, by: User, now: datetime, today: date) -> CycleRun:
    """Have the turn that comes next run before its date. The row waits for the next sweep, seconds away."""
    rule = CycleRule.objects.select_for_update(of=("self",)).select_related("organization").get(pk=rule.pk)
    if rule.is_on:
        make_due_runs(rule, now=now)
    due = coming_due(rule, now=now)
    rows = CycleRun.objects.filter(organization=rule.organization_id, cycle=rule.cycle, starts_on=due.period.starts_on)
    if bars := bar_to_run_now(by, rule, due, is_there=rows.exists(), today=today):
        raise Refused(bars)
    run = CycleRun.objects.create(
        organization=rule.organization,
        cycle=rule.cycle,
        starts_on=due.period.starts_on,
        ends_on=due.period.ends_on,
        due_at=due.at,
        origin=Origin.PERSON,
        by=by,
        sample_percent=rule.sample_percent,
    )
    words = f"提前运行{rule.name}：{due.period.name}"
    record("ask_cycle_run", words, by=by, now=now, organization=rule.organization, subject=run)
    return run


@transaction.atomic
def rerun(run: CycleRun, *, version: int, by: User, now: datetime, today: date) -> CycleRun:
    """Have it done once more; until then its papers stay as they are."""
    run = held(run)
    must_be_seen(run, version)
    if bars := bar_to_rerun(by, run, is_outdone=is_outdone(run), today=today):
        raise Refused(bars)
    if run.state == RunState.FAILED:
        run.is_late = today > timezone.localdate(run.due_at)
    run.state, run.origin, run.by = RunState.DUE, Origin.PERSON, by
    run.attempts, run.finished_at, run.version = 0, None, version + 1
    run.save(update_fields=["state", "origin", "by", "attempts", "finished_at", "is_late", "version"])
    record("rerun_cycle", f"重新运行{name_of_run(run)}", by=by, now=now, organization=run.organization, subject=run)
    return run


def coming_due(rule: CycleRule, *, now: datetime, calendar: WorkCalendar | None = None) -> Due:
    """The next date of the rule."""
    calendar = calendar or calendar_of(rule.organization_id)
    return next_dues(timing_of(rule), after=now, count=1, calendar=calendar)[0]


# ── before ───────────────────────────────────────────────────────────────────


def _prepare(organization: Organization, now: datetime) -> None:
    rules = [rule for rule in ensure_rules(organization, now=now) if rule.is_on and rule.cycle in WORK]
    calendar, latest = calendar_of(organization), latest_periods(organization.pk)
    for rule in rules:
        last = latest.get(rule.cycle)
        missing = missing_dues(timing_of(rule), active_from=rule.active_from, latest=last, now=now, calendar=calendar)
        if any(True for _ in missing):
            _make_due_runs(rule.pk, now)
    coming = [
        (rule, due)
        for rule in rules
        if rule.lead_days
        and (due := coming_due(rule, now=now, calendar=calendar)).remind_at is not None
        and due.remind_at <= now
        and due.period.starts_on > latest.get(rule.cycle, date.min)  # run early, it needs no reminder
    ]
    if not coming:
        return
    sent = set(
        CycleReminder.objects.filter(
            organization=organization, starts_on__in=[due.period.starts_on for _, due in coming]
        )
        .order_by()
        .values_list("cycle", "starts_on")
    )
    for rule, due in coming:
        if (rule.cycle, due.period.starts_on) not in sent:
            _remind(rule, due, now)


@transaction.atomic
def _make_due_runs(rule_id: int, now: datetime) -> None:
    """With the rule held and read anew: it may have been switched off a moment ago."""
    rule = CycleRule.objects.select_for_update().get(pk=rule_id)
    if rule.is_on:
        make_due_runs(rule, now=now)


@transaction.atomic
def _remind(rule: CycleRule, due: Due, now: datetime) -> None:
    """Once per period: who makes the row tells, and both stand or fall together."""
    reminder, is_mine = CycleReminder.objects.get_or_create(
        organization=rule.organization,
        cycle=rule.cycle,
        starts_on=due.period.starts_on,
        defaults={"sent_at": now},
    )
    if not is_mine:
        return
    told = REMIND.get(Cycle(rule.cycle), tell_coming)(rule, due, now)
    CycleReminder.objects.filter(pk=reminder.pk).update(told=told)
    words = f"{rule.name}（{due.period.name}）提前提醒 {told} 人"
    record("remind_cycle", words, by=None, now=now, organization=rule.organization, subject=reminder)


def tell_coming(rule: CycleRule, due: Due, now: datetime) -> int:
    """The secretariat is told that a run comes."""
    words = f"{rule.name}（{due.period.name}）将于{due.on.month}月{due.on.day}日 {due.at:%H:%M} 进行"
    if due.is_estimated:
        words += "（按推算）"
    people = secretariat_of(rule.organization_id, today=timezone.localdate(now)).values_list("pk", flat=True)
    key = f"{rule.cycle}-{due.period.starts_on.isoformat()}"
    tellings = [Telling(CYCLE_COMING, pk, rule.organization_id, key, words, url=reverse("cycles")) for pk in people]
    return tell(tellings, now=now)


# ── the run itself ───────────────────────────────────────────────────────────


def _waits(now: datetime) -> Q:
    """Runs that are to be done now."""
    due = Q(state=RunState.DUE) & (Q(due_at__lte=now) | Q(origin=Origin.PERSON))
    left_behind = Q(state=RunState.RUNNING, claimed_at__lte=now - RESCUE_AFTER)
    to_try_again = Q(state=RunState.FAILED, attempts__lte=RETRIES, finished_at__lte=now - RETRY_AFTER)
    return due | left_behind | to_try_again


def _same_cycle(**conditions: object) -> QuerySet[CycleRun]:
    return CycleRun.objects.filter(
        organization=OuterRef("organization"), cycle=OuterRef("cycle"), **conditions
    ).order_by()


@transaction.atomic
def _merge_watches(now: datetime) -> None:
    """Of several watches waiting, only the last tells: one digest after an outage."""
    later = _same_cycle(starts_on__gt=OuterRef("starts_on")).filter(Q(due_at__lte=now) | Q(origin=Origin.PERSON))
    outdone = CycleRun.objects.filter(_waits(now), Exists(later), cycle=Cycle.DAILY)
    rows = list(outdone.select_for_update(skip_locked=True, of=("self",)).select_related("organization"))
    merged = CycleRun.objects.filter(_waits(now), pk__in=[row.pk for row in rows])
    merged.update(state=RunState.MERGED, finished_at=now, claimed_at=None, version=F("version") + 1)
    for organization in {row.organization for row in rows}:
        own = sorted(row.starts_on for row in rows if row.organization_id == organization.pk)
        words = f"{own[0]}至{own[-1]}的 {len(own)} 次巡查并入后一次" if len(own) > 1 else f"{own[0]}的巡查并入后一次"
        record("merge_watches", words, by=None, now=now, organization=organization)


@transaction.atomic
def _claim(pk: int, *, now: datetime, moment: datetime) -> bool:
    """Of several processes one gets it, and of one cycle the earlier period comes first.

    A run in hand is held until its end: a slow one is passed by, a killed process lets go of it.
    """
    before = _same_cycle(starts_on__lt=OuterRef("starts_on"), state__in=[RunState.DUE, RunState.RUNNING])
    free = CycleRun.objects.filter(_waits(now), ~Exists(before), pk=pk)
    run = free.select_for_update(skip_locked=True, of=("self",)).first()
    if run is None:
        return False
    is_late = run.is_late
    if run.origin == Origin.SCHEDULE:
        is_late = timezone.localdate(now) > timezone.localdate(run.due_at)
    return bool(
        free.update(
            state=RunState.RUNNING,
            claimed_at=moment,
            started_at=moment,
            finished_at=None,
            attempts=F("attempts") + 1,
            is_late=is_late,
            version=F("version") + 1,
        )
    )


def _attempt(pk: int, *, now: datetime, moment: datetime, clock: Clock) -> CycleRun:
    try:
        with transaction.atomic():
            _work(pk, now=now, moment=moment, clock=clock)
    except TakenOver:
        logger.info("run %s was taken over by another process", pk)
    except Exception as error:  # the outermost loop: one broken run holds up no other, and the secretariat is told
        logger.exception("run %s failed", pk)
        _fail(pk, error, moment=moment, at=clock())
    return CycleRun.objects.select_related("organization").get(pk=pk)


def _work(pk: int, *, now: datetime, moment: datetime, clock: Clock) -> None:
    mine = CycleRun.objects.filter(pk=pk, state=RunState.RUNNING, claimed_at=moment)
    run = mine.select_related("organization").select_for_update(of=("self",), no_key=True).first()
    if run is None:
        raise TakenOver
    if run.attempts > RETRIES + 1:
        raise Refused("多次运行都在中途断掉，不再自动重试。")
    counts = WORK[Cycle(run.cycle)](run, now)
    ended = mine.update(
        state=RunState.DONE,
        finished_at=clock(),
        counts=counts,
        error="",
        traceback="",
        version=F("version") + 1,
    )
    if not ended:
        raise TakenOver
    shown = "、".join(f"{label} {count}" for label, count in counts.items())
    words = f"运行{name_of_run(run)}{f'：{shown}' if shown else ''}"
    record("run_cycle", words, by=run.by, now=now, organization=run.organization, subject=run, after=counts)


@transaction.atomic
def _fail(pk: int, error: Exception, *, moment: datetime, at: datetime) -> None:
    words = _sentence(error)
    failed = CycleRun.objects.filter(pk=pk, state=RunState.RUNNING, claimed_at=moment).update(
        state=RunState.FAILED,
        finished_at=at,
        error=words,
        traceback="".join(traceback.format_exception(error)),
        version=F("version") + 1,
    )
    if not failed:
        return
    run = CycleRun.objects.select_related("organization").get(pk=pk)
    if run.attempts > RETRIES:
        _tell_failed(run, words, now=at)


def _tell_failed(run: CycleRun, words: str, *, now: datetime) -> None:
    """It waits for a person now."""
    name = name_of_run(run)
    people = secretariat_of(run.organization_id, today=timezone.localdate(now)).values_list("pk", flat=True)
    url = reverse("cycle-run", args=[run.pk])
    told = f"{name}未能完成：{words}"[:300]
    tell(
        [
            Telling(RUN_FAILED, pk, run.organization_id, f"{run.pk}-{run.version}", told, url=url, subject_id=run.pk)
            for pk in people
        ],
        now=now,
    )
    record("fail_cycle", told, by=None, now=now, organization=run.organization, subject=run)


def _sentence(error: Exception) -> str:
    if isinstance(error, Refused):
        return str(error)[:300]
    return f"程序出错（{type(error).__name__}），没有写入任何内容。"


# ── afterwards ───────────────────────────────────────────────────────────────


def _advance_open(now: datetime) -> None:
    """The later steps of runs whose papers are open. One that failed is left alone for a while."""
    if not ADVANCE:
        return
    rested = Q(error="") | Q(claimed_at__lte=now - RETRY_AFTER)
    open_runs = CycleRun.objects.filter(rested, cycle__in=ADVANCE, state=RunState.DONE, closed_at=None)
    for pk in list(open_runs.order_by("due_at", "id").values_list("pk", flat=True)):
        try:
            with transaction.atomic():
                _advance(pk, now)
        except Exception as error:  # the outermost loop: one broken run holds up no other, and the secretariat is told
            logger.exception("run %s cannot be advanced", pk)
            _note_failed_step(pk, error, now)


def _advance(pk: int, now: datetime) -> None:
    free = CycleRun.objects.select_for_update(skip_locked=True, of=("self",)).select_related("organization")
    run = free.filter(pk=pk, state=RunState.DONE, closed_at=None).first()
    if run is None:
        return
    ADVANCE[Cycle(run.cycle)](run, now)
    if run.error:
        CycleRun.objects.filter(pk=pk).update(error="", traceback="")


@transaction.atomic
def _note_failed_step(pk: int, error: Exception, now: datetime) -> None:
    run = CycleRun.objects.select_related("organization").get(pk=pk)
    words = _sentence(error)
    trace = "".join(traceback.format_exception(error))
    CycleRun.objects.filter(pk=pk).update(error=words, traceback=trace, claimed_at=now)
    if not run.error:  # told once, until it works again
        _tell_failed(run, words, now=now)
