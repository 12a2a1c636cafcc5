"""Setting a cycle: nothing due is lost, nothing comes twice, and every change is told old → new."""

from dataclasses import replace
from datetime import date, time
from typing import Any

import pytest

from accounts.models import Event
from cppcc_office.lib.errors import Refused, Stale
from supervision.cycles.actions.rules import ensure_rules, set_rule, switch_rule
from supervision.cycles.actions.running import bring_cycles_up_to
from supervision.cycles.enums import Anchor, Cycle
from supervision.cycles.models import CycleRule, CycleRun
from supervision.cycles.periods import DEFAULTS
from supervision.cycles.queries.rules import setting_of, timing_of
from tests.cast import Cast, make_cast
from tests.supervision.cycles.turning import moment, only_noting, rule_of, starts

pytestmark = pytest.mark.django_db

MONDAY = moment("2026-11-16T08:00")
SATURDAY = moment("2026-11-21T10:00")


@pytest.fixture
def cast() -> Cast:
    cast = make_cast()
    cast.elsewhere.divisions.update(supervises=False)
    return cast


@pytest.fixture
def rule(cast: Cast) -> CycleRule:
    return rule_of(cast.office, Cycle.WEEKLY, since=MONDAY)


def test_the_rules_delivered_are_those_of_the_book(cast: Cast) -> None:
    rules = ensure_rules(cast.office, now=MONDAY)
    again = ensure_rules(cast.office, now=SATURDAY)

    assert {rule.cycle: timing_of(rule) for rule in rules} == DEFAULTS
    assert all(rule.is_on and rule.active_from == MONDAY for rule in again)


def test_a_rule_is_set_with_its_event(cast: Cast, rule: CycleRule) -> None:
    setting = replace(setting_of(rule), label="周点评", at=time(15, 30), lead_days=0)

    set_rule(rule, setting=setting, version=1, by=cast.secretariat, now=MONDAY, today=MONDAY.date())

    rule.refresh_from_db()
    assert (rule.name, rule.at, rule.lead_days, rule.version) == ("周点评", time(15, 30), 0, 2)
    event = Event.objects.get(verb="set_cycle_rule")
    assert event.words == ("周点评：名称“周总结”改为“周点评”；时间“16:00”改为“15:30”；提前几个工作日提醒“1”改为“0”")
    assert event.before == {"label": "", "at": "16:00:00", "lead_days": "1"}


def test_the_same_setting_writes_nothing(cast: Cast, rule: CycleRule) -> None:
    same = replace(setting_of(rule), label=" 周总结 ")  # the usual word is no word of its own

    answer = set_rule(rule, setting=same, version=1, by=cast.secretariat, now=MONDAY, today=MONDAY.date())

    assert answer is None
    assert not Event.objects.filter(verb="set_cycle_rule").exists()


@pytest.mark.parametrize(
    ("cycle", "change", "reason"),
    [
        (Cycle.WEEKLY, {"anchor": Anchor.LAST_MONTH}, "周总结不能按“期内最后一个月第几个工作日”计算。"),
        (Cycle.QUARTERLY, {"anchor": Anchor.FROM_END}, "季通报不能按“期内倒数第几个工作日”计算。"),
        (Cycle.HALF_YEARLY, {"anchor": Anchor.LAST_MONTH}, "半年回头看不能按“期内最后一个月第几个工作日”计算。"),
        (Cycle.WEEKLY, {"nth": 0}, "第几个工作日须为 1 至 60。"),
        (Cycle.WEEKLY, {"lead_days": 11}, "提前提醒的工作日须为 0 至 10。"),
        (Cycle.HALF_YEARLY, {"sample_percent": 0}, "抽取比例须为 1 至 100。"),
        (Cycle.WEEKLY, {"label": "月调度"}, "“月调度”已是另一个周期的名称，请换一个。"),
    ],
)
def test_a_setting_that_makes_no_sense_is_refused(
    cast: Cast, cycle: Cycle, change: dict[str, Any], reason: str
) -> None:
    rule = rule_of(cast.office, cycle, since=MONDAY)

    with pytest.raises(Refused) as refused:
        set_rule(
            rule,
            setting=replace(setting_of(rule), **change),
            version=1,
            by=cast.secretariat,
            now=MONDAY,
            today=MONDAY.date(),
        )

    assert refused.value.reasons == [reason]


@pytest.mark.parametrize("who", ["leader", "head", "sysadmin", "foreign_secretariat"])
def test_only_the_secretariat_sets_a_rule(cast: Cast, rule: CycleRule, who: str) -> None:
    with pytest.raises(Refused, match="只有督办人员"):
        switch_rule(rule, is_on=False, version=1, by=getattr(cast, who), now=MONDAY, today=MONDAY.date())


def test_of_two_people_who_set_a_rule_one_is_told_what_changed(cast: Cast, rule: CycleRule) -> None:
    stale = CycleRule.objects.get(pk=rule.pk)
    switch_rule(rule, is_on=False, version=1, by=cast.secretariat, now=MONDAY, today=MONDAY.date())

    with pytest.raises(Stale) as told:
        switch_rule(stale, is_on=True, version=1, by=cast.second_secretariat, now=MONDAY, today=MONDAY.date())

    assert told.value.version == 2
    assert [(change.what, change.by) for change in told.value.changes] == [("周总结：启用“是”改为“否”", "王科员")]


def test_what_is_due_under_the_old_timing_is_run_before_the_new_one_holds(cast: Cast, rule: CycleRule) -> None:
    with only_noting(Cycle.WEEKLY):
        later = replace(setting_of(rule), anchor=Anchor.AFTER_END)
        set_rule(rule, setting=later, version=1, by=cast.secretariat, now=SATURDAY, today=SATURDAY.date())
        bring_cycles_up_to(moment("2026-12-01T10:00"))

    assert starts(Cycle.WEEKLY) == ["2026-11-16", "2026-11-23"]
    assert [run.due_at for run in CycleRun.objects.order_by("starts_on")] == [
        moment("2026-11-20T16:00"),
        moment("2026-11-30T16:00"),
    ]


def test_a_timing_moved_to_before_now_has_the_running_period_run_at_once(cast: Cast) -> None:
    with only_noting(Cycle.MONTHLY) as noted:
        rule = rule_of(cast.office, Cycle.MONTHLY, since=moment("2026-11-01T08:00"))
        early = replace(setting_of(rule), anchor=Anchor.FROM_START, nth=5)
        set_rule(rule, setting=early, version=1, by=cast.secretariat, now=SATURDAY, today=SATURDAY.date())
        runs = bring_cycles_up_to(SATURDAY)

    assert noted.of(Cycle.MONTHLY) == ["2026-11-01"]
    assert [(run.is_late, run.due_at) for run in runs] == [(True, moment("2026-11-06T09:00"))]


def test_switched_on_again_it_holds_from_that_moment(cast: Cast, rule: CycleRule) -> None:
    switch_rule(rule, is_on=False, version=1, by=cast.secretariat, now=MONDAY, today=MONDAY.date())
    switch_rule(rule, is_on=True, version=2, by=cast.secretariat, now=SATURDAY, today=date(2026, 11, 21))

    rule.refresh_from_db()
    assert (rule.is_on, rule.active_from) == (True, SATURDAY)
    assert Event.objects.filter(verb="switch_cycle_rule").count() == 2


def test_the_share_of_the_sample_is_kept_with_the_run(cast: Cast) -> None:
    with only_noting(Cycle.HALF_YEARLY):
        rule = rule_of(cast.office, Cycle.HALF_YEARLY, since=MONDAY)
        setting = replace(setting_of(rule), sample_percent=30)
        set_rule(rule, setting=setting, version=1, by=cast.secretariat, now=MONDAY, today=MONDAY.date())
        bring_cycles_up_to(moment("2027-01-08T09:00"))

    assert CycleRun.objects.get().sample_percent == 30
