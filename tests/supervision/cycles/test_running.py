"""Each period once, in order, late where it was missed; what fails is tried again and told."""

import logging
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from accounts.models import CalendarException, Event
from cppcc_office.lib.errors import Refused, Stale
from supervision.cycles.actions import works
from supervision.cycles.actions.rules import switch_rule
from supervision.cycles.actions.running import (
    RETRIES,
    bring_cycles_up_to,
    rerun,
    run_now,
    run_waiting,
)
from supervision.cycles.enums import Cycle, Origin, RunState
from supervision.cycles.kinds import RUN_FAILED
from supervision.cycles.models import CycleReminder, CycleRule, CycleRun
from supervision.notifications.kinds.registry import kind_of
from supervision.notifications.models import Notification
from tests.cast import Cast, make_cast
from tests.supervision.cycles.turning import FRIDAY, MONDAY, Works, moment, only_noting, only_run, rule_of, starts

pytestmark = pytest.mark.django_db

TEN = timedelta(minutes=10)


@pytest.fixture
def cast() -> Cast:
    return make_cast()


# ── when ─────────────────────────────────────────────────────────────────────


def test_the_first_tick_makes_the_rules_of_every_office_that_supervises(cast: Cast, noted: Works) -> None:
    cast.elsewhere.divisions.update(supervises=False)

    bring_cycles_up_to(MONDAY)

    assert {rule.cycle for rule in CycleRule.objects.filter(organization=cast.office)} == set(Cycle)
    assert set(CycleRule.objects.values_list("active_from", flat=True)) == {MONDAY}
    assert not CycleRule.objects.filter(organization=cast.elsewhere).exists()
    assert Event.objects.filter(verb="ensure_cycle_rules").count() == 1
    assert noted.done == []


def test_a_week_is_run_at_its_moment_and_once(cast: Cast, weekly: Works) -> None:
    bring_cycles_up_to(MONDAY)
    before = bring_cycles_up_to(FRIDAY - timedelta(minutes=1))

    runs = bring_cycles_up_to(FRIDAY)
    again = bring_cycles_up_to(FRIDAY + timedelta(minutes=1))

    assert (before, again) == ([], [])
    assert [run.organization.code for run in runs] == ["office", "elsewhere"]
    run = runs[0]
    assert (run.state, run.is_late, run.origin, run.by) == (RunState.DONE, False, Origin.SCHEDULE, None)
    assert (run.due_at, run.started_at, run.finished_at) == (FRIDAY, FRIDAY, FRIDAY)
    assert run.counts == {"份数": 1}
    assert Event.objects.get(verb="run_cycle", organization=cast.office).words == (
        "运行2026年第47周（11月16日—22日）周总结：份数 1"
    )


def test_periods_missed_are_run_once_each_in_order_and_marked_late(cast: Cast, noted: Works) -> None:
    bring_cycles_up_to(moment("2026-09-01T07:00"))

    runs = [run for run in bring_cycles_up_to(moment("2026-10-10T17:00")) if run.organization_id == cast.office.pk]

    ran = [run for run in runs if run.state == RunState.DONE]
    assert [run.due_at for run in ran] == sorted(run.due_at for run in ran)
    assert {run.due_at.astimezone(moment("2026-01-01").tzinfo).date() for run in ran if not run.is_late} == {
        date(2026, 10, 10)
    }
    assert [run.starts_on.isoformat() for run in ran if run.cycle == Cycle.WEEKLY] == [
        "2026-08-31",
        "2026-09-07",
        "2026-09-14",
        "2026-09-21",
        "2026-09-28",
        "2026-10-05",
    ]


def test_the_same_evening_is_not_late(cast: Cast, weekly: Works) -> None:
    bring_cycles_up_to(MONDAY)

    assert not bring_cycles_up_to(FRIDAY + timedelta(hours=7))[0].is_late


def test_a_missed_week_of_watches_gives_one_digest(cast: Cast) -> None:
    with only_noting(Cycle.DAILY) as daily:
        bring_cycles_up_to(MONDAY)
        bring_cycles_up_to(FRIDAY)

    assert daily.of(Cycle.DAILY) == ["2026-11-20", "2026-11-20"]  # two offices
    states = CycleRun.objects.filter(organization=cast.office).order_by("starts_on").values_list("state", flat=True)
    assert list(states) == [*[RunState.MERGED] * 4, RunState.DONE]
    words = Event.objects.get(verb="merge_watches", organization=cast.office).words
    assert words == "2026-11-16至2026-11-19的 4 次巡查并入后一次"


def test_a_failed_watch_is_not_tried_again_when_the_next_one_is_due(
    cast: Cast, caplog: pytest.LogCaptureFixture
) -> None:
    with only_noting(Cycle.DAILY) as daily:
        bring_cycles_up_to(MONDAY)
        daily.breaks[Cycle.DAILY] = Refused("不成")
        bring_cycles_up_to(moment("2026-11-16T08:30"))
        daily.breaks.clear()
        bring_cycles_up_to(moment("2026-11-17T08:30"))
    caplog.clear()

    runs = CycleRun.objects.filter(organization=cast.office).order_by("starts_on")
    assert [run.state for run in runs] == [RunState.MERGED, RunState.DONE]


def test_what_is_due_while_a_rule_is_off_is_not_run_afterwards(cast: Cast, weekly: Works) -> None:
    rule = rule_of(cast.office, Cycle.WEEKLY, since=MONDAY)
    args: dict[str, Any] = {"by": cast.secretariat, "today": date(2026, 11, 23)}
    switch_rule(rule, is_on=False, version=1, now=moment("2026-11-23T09:00"), **args)  # the 20th was missed by then

    switch_rule(rule, is_on=True, version=2, now=moment("2026-12-07T09:00"), **args)
    bring_cycles_up_to(moment("2026-12-12T09:00"))

    assert starts(Cycle.WEEKLY) == ["2026-11-16", "2026-12-07"]
    assert weekly.of(Cycle.WEEKLY) == ["2026-11-16", "2026-12-07"]


def test_a_correction_of_the_calendar_moves_what_is_not_due_yet(cast: Cast, weekly: Works) -> None:
    bring_cycles_up_to(MONDAY)
    CalendarException.objects.create(
        organization=cast.office,
        day=date(2026, 11, 20),
        is_workday=False,
        name="",
        set_by=cast.secretariat,
        set_at=MONDAY,
    )

    runs = bring_cycles_up_to(moment("2026-11-19T16:00"))
    later = bring_cycles_up_to(FRIDAY)

    assert [(run.organization.code, run.due_at) for run in runs] == [("office", moment("2026-11-19T16:00"))]
    assert [run.organization.code for run in later] == ["elsewhere"]


def test_a_correction_of_past_days_calls_up_nothing(cast: Cast) -> None:
    with only_noting(Cycle.DAILY) as daily:
        bring_cycles_up_to(MONDAY)
        bring_cycles_up_to(moment("2026-11-23T08:30"))
        daily.done.clear()
        CalendarException.objects.create(
            organization=cast.office,
            day=date(2026, 11, 21),
            is_workday=True,
            name="",
            set_by=cast.secretariat,
            set_at=MONDAY,
        )
        bring_cycles_up_to(moment("2026-11-23T09:00"))

    assert daily.done == []


def test_a_cycle_nobody_wrote_a_work_for_gets_no_rows(cast: Cast, weekly: Works) -> None:
    bring_cycles_up_to(MONDAY)
    bring_cycles_up_to(moment("2027-02-01T09:00"))

    assert set(CycleRun.objects.values_list("cycle", flat=True)) == {Cycle.WEEKLY}


def test_an_idle_tick_asks_three_things_per_office_and_two_of_all(
    cast: Cast, noted: Works, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    bring_cycles_up_to(MONDAY)
    bring_cycles_up_to(FRIDAY)

    with django_assert_num_queries(2 + 3 * 2):
        bring_cycles_up_to(FRIDAY + timedelta(minutes=1))
    with django_assert_num_queries(1):
        run_waiting(FRIDAY + timedelta(minutes=1))


# ── what fails ───────────────────────────────────────────────────────────────


@pytest.fixture
def broken(cast: Cast, weekly: Works, caplog: pytest.LogCaptureFixture) -> Works:
    """The week failed on Friday, in one office."""
    cast.elsewhere.divisions.update(supervises=False)
    bring_cycles_up_to(MONDAY)
    weekly.breaks[Cycle.WEEKLY] = KeyError("no such thing")
    with caplog.at_level(logging.CRITICAL):
        bring_cycles_up_to(FRIDAY)
    return weekly


def test_a_failure_is_written_down_with_its_trace(cast: Cast, broken: Works) -> None:
    run = only_run()

    assert (run.state, run.attempts, run.finished_at) == (RunState.FAILED, 1, FRIDAY)
    assert run.error == "程序出错（KeyError），没有写入任何内容。"
    assert "no such thing" in run.traceback
    assert not Notification.objects.exists()


def test_what_a_failing_work_wrote_is_not_there(cast: Cast, weekly: Works) -> None:
    def half(run: CycleRun, now: datetime) -> dict[str, int]:
        CycleRun.objects.filter(pk=run.pk).update(cut_off_at=now, frozen_at=now)
        raise Refused("写到一半")

    works.WORK[Cycle.WEEKLY] = half
    bring_cycles_up_to(MONDAY)
    bring_cycles_up_to(FRIDAY)

    run = CycleRun.objects.filter(organization=cast.office).get()
    assert (run.state, run.error, run.frozen_at) == (RunState.FAILED, "写到一半", None)


def test_a_failed_run_is_tried_again_after_ten_minutes(cast: Cast, broken: Works) -> None:
    broken.breaks.clear()

    early = bring_cycles_up_to(FRIDAY + TEN - timedelta(seconds=1))
    late = bring_cycles_up_to(FRIDAY + TEN)

    assert early == []
    assert [(run.state, run.attempts, run.error, run.traceback) for run in late] == [(RunState.DONE, 2, "", "")]


def test_after_three_more_times_it_waits_for_a_person_and_the_secretariat_is_told(cast: Cast, broken: Works) -> None:
    for n in range(1, 10):
        bring_cycles_up_to(FRIDAY + n * TEN)

    run = only_run()
    assert (run.state, run.attempts) == (RunState.FAILED, 1 + RETRIES)
    told = Notification.objects.filter(kind=RUN_FAILED).order_by("person")
    holds = kind_of(RUN_FAILED).still_true
    assert holds is not None
    assert holds(told[0], FRIDAY.date())
    CycleRun.objects.filter(pk=run.pk).update(state=RunState.DONE, error="")
    assert not holds(told[0], FRIDAY.date())
    assert {row.person.username for row in told} == {"wang", "zheng", "li"}
    assert told[0].words == ("2026年第47周（11月16日—22日）周总结未能完成：程序出错（KeyError），没有写入任何内容。")


def test_one_broken_cycle_holds_up_no_other(cast: Cast, noted: Works) -> None:
    noted.breaks[Cycle.DAILY] = Refused("不成")
    bring_cycles_up_to(moment("2026-11-27T08:00"))

    bring_cycles_up_to(moment("2026-11-30T10:00"))

    assert noted.of(Cycle.WEEKLY) == ["2026-11-23", "2026-11-23"]
    assert noted.of(Cycle.MONTHLY) == ["2026-11-01", "2026-11-01"]


def test_a_failing_week_holds_up_no_later_week(cast: Cast, broken: Works) -> None:
    broken.breaks.clear()

    runs = bring_cycles_up_to(moment("2026-11-27T16:00"))

    assert [(run.starts_on.isoformat(), run.state, run.is_late) for run in runs] == [
        ("2026-11-16", RunState.DONE, True),
        ("2026-11-23", RunState.DONE, False),
    ]


def test_one_broken_office_holds_up_no_other_and_is_not_silent(cast: Cast, weekly: Works) -> None:
    bring_cycles_up_to(MONDAY)

    def breaks(rule: CycleRule, *_: object) -> int:
        if rule.organization_id == cast.office.pk:
            raise KeyError("no such thing")
        return 0

    works.REMIND[Cycle.WEEKLY] = breaks
    with pytest.raises(ExceptionGroup):
        bring_cycles_up_to(FRIDAY - timedelta(hours=1))
    runs = bring_cycles_up_to(FRIDAY)

    assert [run.organization.code for run in runs] == ["office", "elsewhere"]
    assert CycleReminder.objects.get().organization == cast.elsewhere


def left_behind(run: CycleRun, at: datetime) -> None:
    """As a process leaves it that was killed while it worked."""
    CycleRun.objects.filter(pk=run.pk).update(
        state=RunState.RUNNING, claimed_at=at, started_at=at, finished_at=None, attempts=1, counts={}
    )


def test_a_run_left_behind_by_a_killed_process_is_taken_up_after_ten_minutes(cast: Cast, weekly: Works) -> None:
    cast.elsewhere.divisions.update(supervises=False)
    bring_cycles_up_to(MONDAY)
    run = bring_cycles_up_to(FRIDAY)[0]
    left_behind(run, FRIDAY)
    weekly.done.clear()

    early = bring_cycles_up_to(FRIDAY + TEN - timedelta(seconds=1))
    late = bring_cycles_up_to(FRIDAY + TEN)

    assert early == []
    assert [(run.state, run.attempts) for run in late] == [(RunState.DONE, 2)]
    assert weekly.of(Cycle.WEEKLY) == ["2026-11-16"]


def test_a_run_that_kills_every_process_is_given_up(cast: Cast, weekly: Works) -> None:
    cast.elsewhere.divisions.update(supervises=False)
    bring_cycles_up_to(MONDAY)
    run = bring_cycles_up_to(FRIDAY)[0]
    left_behind(run, FRIDAY)
    CycleRun.objects.update(attempts=1 + RETRIES)
    weekly.done.clear()

    runs = bring_cycles_up_to(FRIDAY + TEN)

    assert [(run.state, run.error) for run in runs] == [(RunState.FAILED, "多次运行都在中途断掉，不再自动重试。")]
    assert weekly.done == []
    assert Notification.objects.filter(kind=RUN_FAILED).count() == 3


def test_a_later_week_waits_for_an_earlier_one_in_hand(cast: Cast, weekly: Works) -> None:
    cast.elsewhere.divisions.update(supervises=False)
    bring_cycles_up_to(MONDAY)
    run = bring_cycles_up_to(FRIDAY)[0]
    next_friday = moment("2026-11-27T16:00")
    left_behind(run, next_friday - timedelta(minutes=5))

    during = bring_cycles_up_to(next_friday)
    afterwards = bring_cycles_up_to(next_friday + TEN)

    assert during == []
    assert [run.starts_on.isoformat() for run in afterwards] == ["2026-11-16", "2026-11-23"]


def test_a_work_that_another_process_took_over_is_rolled_back(cast: Cast, weekly: Works) -> None:
    cast.elsewhere.divisions.update(supervises=False)

    def slow(run: CycleRun, now: datetime) -> dict[str, int]:
        CycleRun.objects.filter(pk=run.pk).update(claimed_at=now + TEN, cut_off_at=now)
        return {}

    works.WORK[Cycle.WEEKLY] = slow
    bring_cycles_up_to(MONDAY)
    run = bring_cycles_up_to(FRIDAY)[0]

    assert (run.state, run.cut_off_at) == (RunState.RUNNING, None)


# ── by a person ──────────────────────────────────────────────────────────────


def test_a_week_run_early_by_a_person_is_not_run_again_when_due(cast: Cast, weekly: Works) -> None:
    cast.elsewhere.divisions.update(supervises=False)
    rule = rule_of(cast.office, Cycle.WEEKLY, since=MONDAY)
    wednesday = moment("2026-11-18T10:00")
    run_now(rule, by=cast.secretariat, now=wednesday, today=date(2026, 11, 18))

    runs = run_waiting(wednesday)
    bring_cycles_up_to(FRIDAY)

    assert [(run.state, run.origin, run.by, run.is_late) for run in runs] == [
        (RunState.DONE, Origin.PERSON, cast.secretariat, False)
    ]
    assert starts(Cycle.WEEKLY) == ["2026-11-16"]
    assert Event.objects.get(verb="ask_cycle_run").words == "提前运行周总结：2026年第47周（11月16日—22日）"


@pytest.mark.parametrize(
    ("cycle", "who", "at", "reason"),
    [
        (Cycle.WEEKLY, "leader", "2026-11-18T10:00", "只有督办人员可以立即运行。"),
        (Cycle.WEEKLY, "secretariat", "2026-11-21T10:00", "2026年第48周（11月23日—29日）从11月23日开始，还不能运行。"),
        (Cycle.QUARTERLY, "secretariat", "2026-11-21T10:00", "2026年第四季度到12月31日期满，期满后才能运行。"),
    ],
)
def test_a_run_before_its_time_is_barred(
    cast: Cast, noted: Works, cycle: Cycle, who: str, at: str, reason: str
) -> None:
    rule = rule_of(cast.office, cycle, since=MONDAY)

    with pytest.raises(Refused) as refused:
        run_now(rule, by=getattr(cast, who), now=moment(at), today=moment(at).date())

    assert refused.value.reasons == [reason]


def test_a_quarter_is_run_early_once_it_has_ended(cast: Cast) -> None:
    with only_noting(Cycle.QUARTERLY) as quarterly:
        rule = rule_of(cast.office, Cycle.QUARTERLY, since=MONDAY)
        at = moment("2027-01-02T10:00")
        run_now(rule, by=cast.secretariat, now=at, today=at.date())
        run_waiting(at)
        bring_cycles_up_to(moment("2027-01-10T10:00"))

    assert quarterly.of(Cycle.QUARTERLY) == ["2026-10-01"]
    assert CycleRun.objects.count() == 1


def test_what_was_run_early_or_is_switched_off_is_not_run_early(cast: Cast, weekly: Works) -> None:
    rule = rule_of(cast.office, Cycle.WEEKLY, since=MONDAY)
    at: dict[str, Any] = {"by": cast.secretariat, "now": moment("2026-11-18T10:00"), "today": date(2026, 11, 18)}
    run_now(rule, **at)
    with pytest.raises(Refused, match="已运行"):
        run_now(rule, **at)
    switch_rule(rule, is_on=False, version=1, **at)

    with pytest.raises(Refused, match="已停用"):
        run_now(rule, **at)


def test_a_run_done_is_done_once_more_when_asked(cast: Cast, weekly: Works) -> None:
    bring_cycles_up_to(MONDAY)
    run = next(run for run in bring_cycles_up_to(FRIDAY) if run.organization == cast.office)
    monday = moment("2026-11-23T09:00")

    rerun(run, version=run.version, by=cast.secretariat, now=monday, today=monday.date())
    again = run_waiting(monday)

    assert [(row.pk, row.state, row.origin, row.by, row.is_late) for row in again] == [
        (run.pk, RunState.DONE, Origin.PERSON, cast.secretariat, False)
    ]
    assert weekly.of(Cycle.WEEKLY).count("2026-11-16") == 3  # two offices, one of them twice


def test_a_failed_run_done_by_a_person_on_a_later_day_is_late(cast: Cast, broken: Works) -> None:
    broken.breaks.clear()
    run, monday = only_run(), moment("2026-11-23T09:00")

    rerun(run, version=run.version, by=cast.secretariat, now=monday, today=monday.date())

    assert [(row.is_late, row.attempts) for row in run_waiting(monday)] == [(True, 1)]


def test_of_two_people_who_ask_once_more_one_is_told(cast: Cast, broken: Works) -> None:
    run, monday = only_run(), moment("2026-11-23T09:00")
    rerun(run, version=run.version, by=cast.secretariat, now=monday, today=monday.date())

    with pytest.raises(Stale) as stale:
        rerun(run, version=run.version, by=cast.second_secretariat, now=monday, today=monday.date())

    assert [(change.what[:4], change.by) for change in stale.value.changes] == [("重新运行", cast.secretariat.name)]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"closed_at": FRIDAY}, "材料已办结，不能重新运行。"),
        ({"state": RunState.MERGED}, "已并入后一次巡查，不再单独运行。"),
        ({"state": RunState.DUE, "finished_at": None}, "正在等待运行或正在运行，请稍候。"),
    ],
)
def test_a_run_is_not_done_once_more_when(cast: Cast, weekly: Works, change: dict[str, object], reason: str) -> None:
    bring_cycles_up_to(MONDAY)
    run = bring_cycles_up_to(FRIDAY)[0]
    if "closed_at" in change:
        change = change | {"closed_by": cast.secretariat}
    CycleRun.objects.filter(pk=run.pk).update(**change)

    with pytest.raises(Refused) as refused:
        rerun(run, version=run.version, by=cast.secretariat, now=FRIDAY, today=FRIDAY.date())

    assert refused.value.reasons == [reason]


def test_an_old_watch_is_not_told_again(cast: Cast) -> None:
    with only_noting(Cycle.DAILY):
        bring_cycles_up_to(MONDAY)
        old = bring_cycles_up_to(moment("2026-11-16T08:30"))[0]
        bring_cycles_up_to(moment("2026-11-17T08:30"))

    with pytest.raises(Refused, match="旧的不再重发"):
        rerun(old, version=old.version, by=cast.secretariat, now=FRIDAY, today=FRIDAY.date())
