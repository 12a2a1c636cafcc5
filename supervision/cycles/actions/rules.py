"""When each cycle of an office falls due: delivered with the usual dates, set by the secretariat."""

from dataclasses import fields, replace
from datetime import date, datetime, time
from typing import Any

from django.db import transaction

from accounts.actions.recording import as_changes, done_to, record
from accounts.models import Organization, User
from accounts.policies import calendar_of
from cppcc_office.lib.errors import Refused, Stale
from supervision.cycles.enums import Anchor, Cycle
from supervision.cycles.models import CycleRule, CycleRun
from supervision.cycles.periods import DEFAULTS
from supervision.cycles.queries.rules import Setting, latest_periods, missing_dues, setting_of, timing_of
from supervision.cycles.rules.running import bar_to_set_rule, bar_to_setting

NAMES = {
    "label": "名称",
    "is_on": "启用",
    "anchor": "计算方式",
    "nth": "第几个工作日",
    "at": "时间",
    "lead_days": "提前几个工作日提醒",
    "sample_percent": "抽取比例",
}


def ensure_rules(organization: Organization, *, now: datetime) -> list[CycleRule]:
    """Every cycle's rule of this office; what is wanting is made, switched on from now."""
    rules = list(CycleRule.objects.filter(organization=organization).select_related("organization").order_by("id"))
    known = {rule.cycle for rule in rules}
    if known >= set(Cycle):
        return rules
    return rules + _make_rules(organization, [cycle for cycle in Cycle if cycle not in known], now=now)


@transaction.atomic
def _make_rules(organization: Organization, cycles: list[Cycle], *, now: datetime) -> list[CycleRule]:
    made = []
    for cycle in cycles:
        timing = DEFAULTS[cycle]
        defaults = {
            "active_from": now,
            "anchor": timing.anchor,
            "nth": timing.nth,
            "at": timing.at,
            "lead_days": timing.lead_days,
        }
        made.append(CycleRule.objects.get_or_create(organization=organization, cycle=cycle, defaults=defaults))
    if new := [rule.name for rule, is_new in made if is_new]:
        record("ensure_cycle_rules", f"按默认启用{'、'.join(new)}", by=None, now=now, organization=organization)
    return [rule for rule, _ in made]


@transaction.atomic
def set_rule(
    rule: CycleRule, *, setting: Setting, version: int, by: User, now: datetime, today: date
) -> CycleRule | None:
    """From now on. What is due by now under the old rule gets its runs first, so that nothing due is lost.

    Switched on again, the time in between is not made up for. The setting in force changes nothing and gives None.
    """
    rule = CycleRule.objects.select_for_update(of=("self",)).select_related("organization").get(pk=rule.pk)
    cycle, old = Cycle(rule.cycle), setting_of(rule)
    setting = replace(setting, label="" if setting.label.strip() == cycle.label else setting.label.strip())
    if bars := bar_to_set_rule(by, rule, today) or bar_to_setting(cycle, setting) or _bar_to_label(rule, setting):
        raise Refused(bars)
    if rule.version != version:
        raise _stale(rule, version)
    if setting == old:
        return None
    if old.is_on:
        make_due_runs(rule, now=now)
    values = {field.name: getattr(setting, field.name) for field in fields(setting)}
    if setting.is_on and not old.is_on:
        values["active_from"] = now
    for name, value in values.items():
        setattr(rule, name, value)
    rule.version = version + 1
    rule.save(update_fields=[*values, "version"])
    changed = [name for name in NAMES if getattr(old, name) != getattr(setting, name)]
    record(
        "switch_cycle_rule" if changed == ["is_on"] else "set_cycle_rule",
        f"{rule.name}：{'；'.join(_change_words(name, old, setting, cycle) for name in changed)}",
        by=by,
        now=now,
        organization=rule.organization,
        subject=rule,
        before={name: str(getattr(old, name)) for name in changed},
        after={name: str(getattr(setting, name)) for name in changed} | {"version": rule.version},
    )
    return rule


@transaction.atomic
def switch_rule(
    rule: CycleRule, *, is_on: bool, version: int, by: User, now: datetime, today: date
) -> CycleRule | None:
    setting = replace(setting_of(rule), is_on=is_on)
    return set_rule(rule, setting=setting, version=version, by=by, now=now, today=today)


def make_due_runs(rule: CycleRule, *, now: datetime) -> int:
    """A row for every period that is due by now and has none; inside a transaction that holds the rule."""
    dues = missing_dues(
        timing_of(rule),
        active_from=rule.active_from,
        latest=latest_periods(rule.organization_id).get(rule.cycle),
        now=now,
        calendar=calendar_of(rule.organization_id),
    )
    rows = [
        CycleRun(
            organization_id=rule.organization_id,
            cycle=rule.cycle,
            starts_on=due.period.starts_on,
            ends_on=due.period.ends_on,
            due_at=due.at,
            sample_percent=rule.sample_percent,
        )
        for due in dues
    ]
    CycleRun.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)


def _bar_to_label(rule: CycleRule, setting: Setting) -> list[str]:
    """A name that says another cycle would send people to the wrong papers."""
    if not setting.label:
        return []
    others = CycleRule.objects.filter(organization=rule.organization_id).exclude(pk=rule.pk)
    if setting.label in {other.name for other in others}:
        return [f"“{setting.label}”已是另一个周期的名称，请换一个。"]
    return []


def _stale(rule: CycleRule, seen: int) -> Stale:
    done = done_to(rule)[: max(1, rule.version - seen)]
    return Stale(f"{rule.name}的规则", as_changes(done), version=rule.version)


def _change_words(name: str, old: Setting, new: Setting, cycle: Cycle) -> str:
    return f"{NAMES[name]}“{_shown(getattr(old, name), cycle)}”改为“{_shown(getattr(new, name), cycle)}”"


def _shown(value: Any, cycle: Cycle) -> str:
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, Anchor):
        return value.label
    if isinstance(value, time):
        return f"{value:%H:%M}"
    return str(value) or cycle.label
