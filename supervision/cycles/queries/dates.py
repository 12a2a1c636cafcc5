"""The next twelve dates of a rule, as it is or as it is being set."""

from dataclasses import dataclass
from datetime import datetime

from accounts.policies import calendar_of
from supervision.cycles.enums import Cycle
from supervision.cycles.models import CycleRule
from supervision.cycles.periods import Due, next_dues
from supervision.cycles.queries.rules import Setting, latest_periods, missing_dues

SHOWN = 12


@dataclass(frozen=True)
class Dates:
    dues: list[Due]
    at_once: list[Due]  # what would be due the moment this is saved
    done_until: str = ""  # the name of a period that has been run early


def dates_of(rule: CycleRule, setting: Setting, *, now: datetime) -> Dates:
    calendar, timing = calendar_of(rule.organization_id), setting.timing(Cycle(rule.cycle))
    latest = latest_periods(rule.organization_id).get(rule.cycle)
    coming = next_dues(timing, after=now, count=SHOWN + 1, calendar=calendar)
    done = [due for due in coming if latest is not None and due.period.starts_on <= latest]
    at_once: list[Due] = []
    if setting.is_on and rule.is_on:
        missing = missing_dues(timing, active_from=rule.active_from, latest=latest, now=now, calendar=calendar)
        at_once = list(missing)
    return Dates(
        dues=[due for due in coming if due not in done][:SHOWN],
        at_once=at_once,
        done_until=done[-1].period.name if done else "",
    )
