"""Whole years of ticks, and any sequence of downtimes, double ticks and switching: each period exactly once, in order."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import pairwise

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from accounts.models import CalendarException, Organization, User
from accounts.policies import calendar_of, forget
from cppcc_office.lib.workdays import WorkCalendar
from supervision.cycles.actions.rules import switch_rule
from supervision.cycles.actions.running import RESCUE_AFTER, bring_cycles_up_to
from supervision.cycles.enums import Cycle, RunState
from supervision.cycles.kinds import CYCLE_COMING
from supervision.cycles.models import CycleReminder, CycleRule, CycleRun
from supervision.notifications.models import Notification
from tests.cast import Cast, make_cast
from tests.supervision.cycles.naive import dates_by_hand
from tests.supervision.cycles.turning import Killed, Works, moment, only_noting, rule_of
from tests.tasks.racing import race

pytestmark = pytest.mark.django_db


def one_office() -> Cast:
    cast = make_cast()
    cast.elsewhere.divisions.update(supervises=False)
    return cast


def expected(
    cycle: Cycle, spells: list[tuple[datetime, datetime]], calendar: WorkCalendar
) -> list[tuple[date, datetime]]:
    """By hand: the turns whose moment lies in a spell in which the rule was on and somebody looked."""
    first, last = spells[0][0].year - 1, spells[-1][1].year
    dates = dates_by_hand(cycle, first, last, calendar)
    return sorted((day, at) for day, at in dates.items() if any(since <= at <= until for since, until in spells))


# ── whole years ──────────────────────────────────────────────────────────────


SELDOM = tuple(cycle for cycle in Cycle if cycle != Cycle.DAILY)  # whose every watch of a year is in the test after it


@pytest.mark.parametrize(
    ("cycles", "first_day", "days", "own_days_off"),
    [
        (SELDOM, "2025-12-29", 400, ()),  # 国庆 with worked Saturdays, the turn into a year that is not known
        (SELDOM, "2028-02-01", 400, ()),  # a leap day, all of it in years that are not known
        (tuple(Cycle), "2026-09-14", 40, ()),
        (tuple(Cycle), "2026-11-09", 30, tuple(range(16, 21))),  # a week without a working day
    ],
)
def test_a_tick_at_every_moment_runs_every_turn_on_its_day(
    cycles: tuple[Cycle, ...], first_day: str, days: int, own_days_off: tuple[int, ...]
) -> None:
    cast = one_office()
    for day in own_days_off:
        CalendarException.objects.create(
            organization=cast.office,
            day=date(2026, 11, day),
            is_workday=False,
            set_by=cast.secretariat,
            set_at=moment(first_day),
        )
    start, calendar = moment(first_day), calendar_of(cast.office)
    until = start + timedelta(days=days)
    by_hand_of = {cycle: expected(cycle, [(start, until)], calendar) for cycle in cycles}

    with only_noting(*cycles) as noted:
        bring_cycles_up_to(start)
        for at in sorted({at for rows in by_hand_of.values() for _, at in rows}):
            bring_cycles_up_to(at - timedelta(minutes=1))
            bring_cycles_up_to(at)
        bring_cycles_up_to(until)

    assert CycleRun.objects.count() == sum(len(by_hand) for by_hand in by_hand_of.values())
    for cycle, by_hand in by_hand_of.items():
        rows = CycleRun.objects.filter(cycle=cycle).order_by("starts_on")
        assert [(run.starts_on, run.due_at) for run in rows] == by_hand
        assert noted.of(cycle) == [day.isoformat() for day, _ in by_hand]
        assert {(run.state, run.is_late, run.started_at == run.due_at) for run in rows} <= {
            (RunState.DONE, False, True)
        }


def test_an_outage_of_a_year_is_made_up_for_in_order() -> None:
    cast = one_office()
    start, end = moment("2026-01-05T07:00"), moment("2027-01-15T12:00")

    with only_noting() as noted:
        bring_cycles_up_to(start)
        bring_cycles_up_to(end)

    for cycle in Cycle:
        by_hand = [day.isoformat() for day, _ in expected(cycle, [(start, end)], calendar_of(cast.office))]
        assert noted.of(cycle) == (by_hand[-1:] if cycle == Cycle.DAILY else by_hand)
    assert not CycleRun.objects.exclude(state__in=[RunState.DONE, RunState.MERGED]).exists()


# ── any sequence ─────────────────────────────────────────────────────────────

TURNING = (Cycle.DAILY, Cycle.WEEKLY, Cycle.MONTHLY)
steps = st.lists(
    st.tuples(
        st.one_of(st.integers(1, 60 * 24), st.integers(60 * 24, 60 * 24 * 20)),  # minutes until then
        st.sampled_from(["tick", "tick", "tick twice", "crash", *(f"switch {cycle}" for cycle in TURNING)]),
    ),
    min_size=1,
    max_size=16,
)


@dataclass
class Story:
    """What happened, and the spells in which each rule was on, as far as somebody has looked."""

    office: Organization
    by: User
    noted: Works
    now: datetime
    spells: dict[Cycle, list[list[datetime]]] = field(default_factory=dict)
    on: dict[Cycle, bool] = field(default_factory=dict)

    def begin(self) -> None:
        bring_cycles_up_to(self.now)
        CycleRule.objects.update(lead_days=1)
        for cycle in TURNING:
            self.on[cycle], self.spells[cycle] = True, [[self.now, self.now]]

    def looked(self) -> None:
        for cycle in TURNING:
            if self.on[cycle]:
                self.spells[cycle][-1][1] = self.now

    def step(self, minutes: int, act: str) -> None:
        self.now += timedelta(minutes=minutes)
        if act.startswith("switch"):
            self.switch(Cycle(act.removeprefix("switch ")))
            return
        self.noted.is_killed = act == "crash"
        for _ in range(2 if act == "tick twice" else 1):
            with suppress(Killed):
                bring_cycles_up_to(self.now)
        self.noted.is_killed = False
        self.looked()

    def switch(self, cycle: Cycle) -> None:
        if self.on[cycle]:
            self.spells[cycle][-1][1] = self.now
        else:
            self.spells[cycle].append([self.now, self.now])
        self.on[cycle] = not self.on[cycle]
        rule = CycleRule.objects.get(cycle=cycle)
        switch_rule(rule, is_on=self.on[cycle], version=rule.version, by=self.by, now=self.now, today=self.now.date())

    def end(self) -> None:
        """Whatever hangs is taken up."""
        self.now += 2 * RESCUE_AFTER
        bring_cycles_up_to(self.now)
        self.looked()


def check(story: Story, noted: Works) -> None:
    calendar = calendar_of(story.office)
    for cycle in TURNING:
        spells = [(since, until) for since, until in story.spells[cycle]]
        by_hand = expected(cycle, spells, calendar)
        rows = list(CycleRun.objects.filter(cycle=cycle).order_by("starts_on"))
        assert [(run.starts_on, run.due_at) for run in rows] == by_hand
        assert {run.state for run in rows} <= {RunState.DONE, RunState.MERGED}
        assert noted.of(cycle) == [run.starts_on.isoformat() for run in rows if run.state == RunState.DONE]
        if cycle != Cycle.DAILY:
            assert RunState.MERGED not in {run.state for run in rows}
        elif rows and story.on[cycle]:
            assert rows[-1].state == RunState.DONE
    told = list(Notification.objects.filter(kind=CYCLE_COMING).values_list("person", "key", "on"))
    assert len({(person, key) for person, key, _ in told}) == len(told)  # each period once per person
    reminders = list(CycleReminder.objects.order_by("cycle", "starts_on"))
    for earlier, later in pairwise(row for row in reminders if row.cycle == Cycle.WEEKLY):
        assert earlier.sent_at.date() < later.sent_at.date()  # once a day
    for reminder in reminders:
        on = story.spells[Cycle(reminder.cycle)]
        assert any(since <= reminder.sent_at <= until for since, until in on)


@settings(
    max_examples=12,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    phases=[Phase.explicit, Phase.generate, Phase.shrink],
)
@given(start=st.integers(0, 60 * 24 * 30), steps=steps)
def test_whatever_happens_each_turn_since_then_is_run_exactly_once(start: int, steps: list[tuple[int, str]]) -> None:
    with transaction.atomic(), only_noting(*TURNING) as noted:
        cast = one_office()
        story = Story(cast.office, cast.secretariat, noted, moment("2026-09-10T07:00") + timedelta(minutes=start))
        story.begin()

        for minutes, act in steps:
            story.step(minutes, act)
        story.end()

        check(story, noted)
        transaction.set_rollback(True)
    forget()


# ── several at once ──────────────────────────────────────────────────────────


def ticks(now: datetime, times: int) -> list[Callable[[], Callable[[], object]]]:
    return [lambda: lambda: bring_cycles_up_to(now)] * times


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("seed", range(2))
def test_processes_that_tick_at_once_share_the_work(seed: int) -> None:
    cast = one_office()
    start = moment("2026-09-21T07:00")
    with only_noting(*TURNING) as noted:
        race(ticks(start, 2))
        rule_of(cast.office, Cycle.WEEKLY, since=start)
        CycleRule.objects.update(lead_days=1)

        now = start
        for hours in (30 + seed, 50, 24 * (7 + seed), 24 * 30, 1):
            now += timedelta(hours=hours)
            race(ticks(now, 3))
        bring_cycles_up_to(now)  # what one left to another that had already looked

    for cycle in TURNING:
        by_hand = expected(cycle, [(start, now)], calendar_of(cast.office))
        rows = list(CycleRun.objects.filter(cycle=cycle).order_by("starts_on"))
        assert [(run.starts_on, run.due_at) for run in rows] == by_hand
        assert noted.of(cycle) == [run.starts_on.isoformat() for run in rows if run.state == RunState.DONE]
        assert {run.attempts for run in rows if run.state == RunState.DONE} <= {1}
    assert CycleRule.objects.filter(organization=cast.office).count() == len(Cycle)
    told = list(Notification.objects.filter(kind=CYCLE_COMING).values_list("person", "key"))
    assert len(set(told)) == len(told)
    assert len(told) == 3 * CycleReminder.objects.count()
