"""What a rule says, and which of its periods are due and not there yet."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time

from django.db.models import Exists, Max, OuterRef

from accounts.models import Division, Organization
from cppcc_office.lib.workdays import WorkCalendar
from supervision.cycles.enums import Anchor, Cycle
from supervision.cycles.models import CycleRule, CycleRun
from supervision.cycles.periods import SHANGHAI, Due, Timing, due_between, period_of


@dataclass(frozen=True)
class Setting:
    """What the secretariat sets of a cycle."""

    label: str
    is_on: bool
    anchor: Anchor
    nth: int
    at: time
    lead_days: int
    sample_percent: int

    def timing(self, cycle: Cycle) -> Timing:
        return Timing(cycle, self.anchor, self.nth, self.at, self.lead_days)


def setting_of(rule: CycleRule) -> Setting:
    return Setting(rule.label, rule.is_on, Anchor(rule.anchor), rule.nth, rule.at, rule.lead_days, rule.sample_percent)


def timing_of(rule: CycleRule) -> Timing:
    return setting_of(rule).timing(Cycle(rule.cycle))


def supervised_offices() -> Iterable[Organization]:
    """Those with a division that supervises: without one nobody would read the papers."""
    supervising = Division.objects.filter(organization=OuterRef("pk"), supervises=True, is_active=True)
    return Organization.objects.filter(Exists(supervising)).order_by("pk")


def latest_periods(organization_id: int) -> dict[str, date]:
    """By cycle, the beginning of the last period that has a run."""
    runs = CycleRun.objects.filter(organization=organization_id).order_by()
    return dict(runs.values_list("cycle").annotate(Max("starts_on")))


def missing_dues(
    timing: Timing, *, active_from: datetime, latest: date | None, now: datetime, calendar: WorkCalendar
) -> Iterator[Due]:
    """What has fallen due since the rule is on, after the last period that has a run, in order.

    Periods before that one were dealt with when they came: a calendar corrected afterwards does not call them up again.
    """
    since = active_from
    if latest is not None:
        following = period_of(timing.cycle, latest).next.starts_on
        since = max(since, datetime.combine(following, time.min, SHANGHAI))
    if since > now:
        return
    for due in due_between(timing, since=since, until=now, calendar=calendar):
        if latest is None or due.period.starts_on > latest:
            yield due
