"""Around the runs: what is told before, the later steps of open ones, and what starts them."""

from datetime import date, datetime, timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction

from cppcc_office.lib.errors import Refused
from supervision.cycles.actions import works
from supervision.cycles.actions.running import bring_cycles_up_to, run_now
from supervision.cycles.enums import Anchor, Cycle, RunState
from supervision.cycles.jobs import bring_cycles_up_to as tick
from supervision.cycles.jobs import sweep_runs
from supervision.cycles.kinds import CYCLE_COMING, RUN_FAILED
from supervision.cycles.models import CycleReminder, CycleRule, CycleRun
from supervision.notifications.kinds.registry import kind_of
from supervision.notifications.models import Notification
from tests.cast import Cast, make_cast
from tests.supervision.cycles.turning import MONDAY, Works, moment, only_noting, only_run, rule_of

pytestmark = pytest.mark.django_db

TEN = timedelta(minutes=10)


@pytest.fixture
def cast() -> Cast:
    return make_cast()


# ── before and afterwards ────────────────────────────────────────────────────


def test_the_secretariat_is_told_once_that_a_cycle_comes(cast: Cast) -> None:
    with only_noting(Cycle.MONTHLY):
        rule_of(cast.office, Cycle.MONTHLY, since=MONDAY)
        CycleRule.objects.filter(organization=cast.office).update(lead_days=2)
        before = moment("2026-11-26T09:00")  # two working days before the 30th
        bring_cycles_up_to(before - timedelta(minutes=1))
        assert not Notification.objects.exists()

        for n in range(5):
            bring_cycles_up_to(before + n * timedelta(hours=12))

    told = Notification.objects.filter(kind=CYCLE_COMING)
    assert {row.person.username for row in told} == {"wang", "zheng", "li"}
    assert told.count() == 3
    assert told[0].words == "月调度（2026年11月）将于11月30日 09:00 进行"
    assert CycleReminder.objects.get().told == 3


def test_what_has_come_or_will_not_come_is_not_announced_any_more(cast: Cast) -> None:
    with only_noting(Cycle.MONTHLY):
        rule = rule_of(cast.office, Cycle.MONTHLY, since=MONDAY)
        CycleRule.objects.filter(pk=rule.pk).update(lead_days=2)
        bring_cycles_up_to(moment("2026-11-26T09:00"))
        told, on = Notification.objects.filter(kind=CYCLE_COMING)[0], date(2026, 11, 30)
        holds = kind_of(CYCLE_COMING).still_true
        assert holds is not None

        before = holds(told, on)
        CycleRule.objects.filter(pk=rule.pk).update(is_on=False)
        off = holds(told, on)
        CycleRule.objects.filter(pk=rule.pk).update(is_on=True)
        bring_cycles_up_to(moment("2026-11-30T09:00"))

    assert (before, off, holds(told, on)) == (True, False, False)


def test_a_reminder_that_was_slept_through_is_not_sent_after_the_run(cast: Cast) -> None:
    with only_noting(Cycle.MONTHLY):
        rule_of(cast.office, Cycle.MONTHLY, since=MONDAY)
        CycleRule.objects.update(lead_days=2)
        bring_cycles_up_to(moment("2026-11-30T09:00"))

    assert not CycleReminder.objects.exists()


def test_a_period_run_early_needs_no_reminder(cast: Cast) -> None:
    with only_noting(Cycle.MONTHLY):
        rule = rule_of(cast.office, Cycle.MONTHLY, since=MONDAY)
        CycleRule.objects.filter(organization=cast.office).update(lead_days=2)
        run_now(rule, by=cast.secretariat, now=MONDAY, today=MONDAY.date())
        bring_cycles_up_to(moment("2026-11-27T09:00"))

    assert not CycleReminder.objects.filter(organization=cast.office).exists()


def test_later_steps_of_open_runs_are_looked_at_until_they_are_closed(cast: Cast) -> None:
    seen: list[datetime] = []
    with only_noting(Cycle.YEARLY):
        cast.elsewhere.divisions.update(supervises=False)
        works.ADVANCE[Cycle.YEARLY] = lambda _, now: seen.append(now)
        bring_cycles_up_to(MONDAY)
        opened = moment("2026-12-14T09:00")
        bring_cycles_up_to(opened)
        bring_cycles_up_to(opened + TEN)
        CycleRun.objects.update(closed_at=opened, closed_by=cast.secretariat)
        bring_cycles_up_to(opened + 2 * TEN)

    assert seen == [opened, opened + TEN]


def test_a_later_step_that_fails_is_told_once_and_tried_again(cast: Cast) -> None:
    opened = moment("2026-12-14T09:00")

    def breaks(run: CycleRun, now: datetime) -> None:
        tried.append(now)
        if now < opened + 3 * TEN:
            raise Refused("还不成")

    tried: list[datetime] = []
    with only_noting(Cycle.YEARLY):
        cast.elsewhere.divisions.update(supervises=False)
        works.ADVANCE[Cycle.YEARLY] = breaks
        bring_cycles_up_to(MONDAY)
        for n in range(0, 45, 5):
            bring_cycles_up_to(opened + timedelta(minutes=n))

    assert tried == [opened + n * TEN for n in range(4)] + [opened + timedelta(minutes=m) for m in (35, 40)]
    assert Notification.objects.filter(kind=RUN_FAILED).count() == 3
    assert (only_run().state, only_run().error) == (RunState.DONE, "")


# ── the command and the jobs ─────────────────────────────────────────────────


def test_the_command_prints_each_run(cast: Cast, weekly: Works, capsys: pytest.CaptureFixture[str]) -> None:
    cast.elsewhere.divisions.update(supervises=False)
    bring_cycles_up_to(MONDAY)

    call_command("run_cycles", "--at", "2026-11-20T16:00")
    call_command("run_cycles", "--at", "2026-11-20T08:00:00Z", "--json")

    first, second = capsys.readouterr().out.split("\n", 1)
    assert first == "office  2026年第47周（11月16日—22日）周总结  应于 2026-11-20 16:00  已完成  份数 1"
    assert second == "[]\n"


def test_the_command_speaks_json(cast: Cast, weekly: Works, capsys: pytest.CaptureFixture[str]) -> None:
    bring_cycles_up_to(MONDAY)

    call_command("run_cycles", "--at", "2026-11-21T16:00", "--json")

    out = capsys.readouterr().out
    assert '"due_at": "2026-11-20T16:00:00+08:00"' in out
    assert '"is_late": true' in out


def test_the_command_ends_with_one_where_a_run_failed(
    cast: Cast, weekly: Works, capsys: pytest.CaptureFixture[str]
) -> None:
    bring_cycles_up_to(MONDAY)
    weekly.breaks[Cycle.WEEKLY] = Refused("不成")

    with pytest.raises(CommandError) as error:
        call_command("run_cycles", "--at", "2026-11-20T16:00+08:00")

    assert error.value.returncode == 1
    assert "未能完成  不成" in capsys.readouterr().out


def test_the_command_says_what_a_moment_looks_like() -> None:
    with pytest.raises(CommandError, match="“下周五”不是日期时间，应如 2026-11-27T16:00"):
        call_command("run_cycles", "--at", "下周五")


def test_the_jobs_bring_up_to_now(cast: Cast, weekly: Works) -> None:
    tick()
    rule = CycleRule.objects.get(organization=cast.office, cycle=Cycle.WEEKLY)
    with transaction.atomic():
        run = CycleRun.objects.create(
            organization=cast.office,
            cycle=Cycle.WEEKLY,
            starts_on=date(2020, 1, 6),
            ends_on=date(2020, 1, 12),
            due_at=moment("2020-01-10T16:00"),
        )

    sweep_runs()

    run.refresh_from_db()
    assert (rule.anchor, run.state, run.is_late) == (Anchor.FROM_END, RunState.DONE, True)
    assert run.finished_at is not None
