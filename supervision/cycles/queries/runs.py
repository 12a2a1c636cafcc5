"""The runs of an office: how they are named and listed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from supervision.cycles.enums import Cycle
from supervision.cycles.models import CycleRule, CycleRun
from supervision.cycles.periods import Period


@dataclass(frozen=True)
class RunRow:
    run: CycleRun
    label: str
    period_name: str


def period_of_run(run: CycleRun) -> Period:
    return Period(Cycle(run.cycle), run.starts_on, run.ends_on)


def labels_of(organization_id: int) -> dict[str, str]:
    """By cycle, the office's own word or the usual one."""
    own = CycleRule.objects.filter(organization=organization_id).values_list("cycle", "label")
    return {**{cycle.value: cycle.label for cycle in Cycle}, **{cycle: label for cycle, label in own if label}}


def name_of_run(run: CycleRun) -> str:
    """In the office's own word for the cycle: 2026年第47周（11月16日—22日）周点评; no word twice: 2026年11月调度."""
    name, label = period_of_run(run).name, labels_of(run.organization_id)[run.cycle]
    for word in ("年度", "月"):
        if name.endswith(word):
            label = label.removeprefix(word)
    return f"{name}{label}"


def run_rows(runs: Iterable[CycleRun], labels: Mapping[str, str]) -> list[RunRow]:
    return [RunRow(run, labels[run.cycle], period_of_run(run).name) for run in runs]


def run_of(rule: CycleRule, period: Period) -> CycleRun | None:
    return CycleRun.objects.filter(
        organization=rule.organization_id, cycle=rule.cycle, starts_on=period.starts_on
    ).first()


def is_outdone(run: CycleRun) -> bool:
    """Whether a later watch is there, which makes an older one's digest wrong."""
    later = CycleRun.objects.filter(organization=run.organization_id, cycle=run.cycle, starts_on__gt=run.starts_on)
    return run.cycle == Cycle.DAILY and later.exists()
