"""督办周期 at a glance: one row per cycle with its next date, its latest run and what is open."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Max, Q

from accounts.models import Organization
from accounts.policies import calendar_of
from cppcc_office.lib.workdays import WorkCalendar
from supervision.cycles.enums import Cycle, RunState
from supervision.cycles.models import CycleRule, CycleRun
from supervision.cycles.periods import Due, next_dues
from supervision.cycles.queries.papers import paper_url
from supervision.cycles.queries.rules import timing_of
from supervision.cycles.queries.runs import period_of_run

# What each cycle is for, in one line.
MEANINGS = {
    Cycle.DAILY: "每人一份：到期、逾期和等我办理的事",
    Cycle.WEEKLY: "各处室和全机关的本周完成、正在推进、下周安排、需协调",
    Cycle.MONTHLY: "各处室调度单，供秘书长调度会议定",
    Cycle.QUARTERLY: "固定本季度数据，据此起草通报",
    Cycle.HALF_YEARLY: "对已销号、逾期项目和制度执行回头看",
    Cycle.YEARLY: "按类别、处室复盘，结转未完事项，拟下年计划",
}
# Cycles that leave papers which the secretariat closes.
CLOSABLE = tuple(cycle for cycle in Cycle if cycle not in (Cycle.DAILY, Cycle.QUARTERLY))
# Whose papers hold something of every division's own; of what its head reads besides; and what is for assessors.
OF_DIVISIONS = (Cycle.DAILY, Cycle.WEEKLY, Cycle.MONTHLY)
OF_HEADS = (*OF_DIVISIONS, Cycle.HALF_YEARLY, Cycle.YEARLY)
OF_ASSESSORS = (Cycle.QUARTERLY,)


@dataclass(frozen=True)
class HubRow:
    cycle: Cycle
    name: str
    meaning: str
    is_on: bool
    due: Due | None = None
    run: CycleRun | None = None
    period_name: str = ""
    paper: str = ""
    open_count: int = 0
    failed_count: int = 0

    @property
    def slug(self) -> str:
        return self.cycle.value.lower()


def hub_rows(organization: Organization, *, now: datetime) -> list[HubRow]:
    """For those who read the whole; a cycle whose rule is not made yet is left out."""
    rules = {rule.cycle: rule for rule in CycleRule.objects.filter(organization=organization)}
    runs = CycleRun.objects.filter(organization=organization).order_by()
    counts = {
        row["cycle"]: row
        for row in runs.values("cycle").annotate(
            open=Count("pk", Q(state=RunState.DONE, closed_at=None, cycle__in=CLOSABLE)),
            failed=Count("pk", Q(state=RunState.FAILED)),
        )
    }
    latest, calendar = latest_runs(organization), calendar_of(organization)
    rows = []
    for cycle in Cycle:
        if (rule := rules.get(cycle)) is None:
            continue
        run, count = latest.get(cycle), counts.get(cycle, {})
        rows.append(
            HubRow(
                cycle=cycle,
                name=rule.name,
                meaning=MEANINGS[cycle],
                is_on=rule.is_on,
                due=coming_due(rule, run, now=now, calendar=calendar) if rule.is_on else None,
                run=run,
                period_name=period_of_run(run).name if run else "",
                paper=paper_url(run) if run is not None and run.state == RunState.DONE else "",
                open_count=count.get("open", 0),
                failed_count=count.get("failed", 0),
            )
        )
    return rows


def coming_due(rule: CycleRule, run: CycleRun | None, *, now: datetime, calendar: WorkCalendar) -> Due:
    """The next that will run: a period run before its day does not run again."""
    first, second = next_dues(timing_of(rule), after=now, count=2, calendar=calendar)
    return second if run is not None and first.period.starts_on <= run.starts_on else first


def paper_rows(organization: Organization, cycles: Collection[Cycle]) -> list[HubRow]:
    """For who reads some papers only: the latest of these cycles, nothing of rules and runs."""
    labels = dict(CycleRule.objects.filter(organization=organization).values_list("cycle", "label"))
    latest = latest_runs(organization, RunState.DONE)
    rows = []
    for cycle in Cycle:
        if cycle in cycles and (run := latest.get(cycle)) is not None:
            name = labels.get(cycle) or cycle.label
            rows.append(HubRow(cycle, name, MEANINGS[cycle], True, None, run, period_of_run(run).name, paper_url(run)))
    return rows


def latest_runs(organization: Organization, *states: RunState) -> dict[str, CycleRun]:
    """By cycle, the run of the last period; only of these states where any are named."""
    runs = CycleRun.objects.filter(organization=organization)
    if states:
        runs = runs.filter(state__in=states)
    last: Iterable[tuple[str, object]] = runs.order_by().values_list("cycle").annotate(Max("starts_on"))
    wanted = Q(pk=None)
    for cycle, starts_on in last:
        wanted |= Q(cycle=cycle, starts_on=starts_on)
    return {run.cycle: run for run in runs.filter(wanted)}
