"""An office whose cycles turn: works that only write down that they were done, and moments in Shanghai."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from unittest.mock import patch

from accounts.models import Organization
from supervision.cycles.actions import works
from supervision.cycles.actions.rules import ensure_rules
from supervision.cycles.enums import Cycle
from supervision.cycles.models import CycleRule, CycleRun
from supervision.cycles.periods import SHANGHAI


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


MONDAY = moment("2026-11-16T08:00")
FRIDAY = moment("2026-11-20T16:00")


class Killed(BaseException):
    """As a kill ends a process: nothing catches it, and what the transaction wrote is gone."""


@dataclass
class Works:
    """What was done, in the order in which it was done; `breaks` holds what is to fail."""

    done: list[tuple[str, str]] = field(default_factory=list)
    breaks: dict[Cycle, Exception] = field(default_factory=dict)
    is_killed: bool = False  # the next work is cut off half-way

    def work(self, run: CycleRun, _: datetime) -> dict[str, int]:
        if error := self.breaks.get(Cycle(run.cycle)):
            raise error
        if self.is_killed:
            self.is_killed = False
            raise Killed
        self.done.append((run.cycle, run.starts_on.isoformat()))
        return {"份数": 1}

    def of(self, cycle: Cycle) -> list[str]:
        return [starts_on for done, starts_on in self.done if done == cycle]


@contextmanager
def only_noting(*cycles: Cycle) -> Iterator[Works]:
    """These cycles (all where none is named) do nothing but note; no reminders and later steps of their own."""
    noted = Works()
    work = dict.fromkeys(cycles or Cycle, noted.work)
    with (
        patch.dict(works.WORK, work, clear=True),
        patch.dict(works.REMIND, clear=True),
        patch.dict(works.ADVANCE, clear=True),
    ):
        yield noted


def rule_of(office: Organization, cycle: Cycle, *, since: datetime) -> CycleRule:
    """All rules are made, this one is handed back."""
    return next(rule for rule in ensure_rules(office, now=since) if rule.cycle == cycle)


def starts(cycle: Cycle) -> list[str]:
    """The periods that have a run, in order."""
    runs = CycleRun.objects.filter(cycle=cycle).order_by("starts_on")
    return [day.isoformat() for day in runs.values_list("starts_on", flat=True)]


def only_run() -> CycleRun:
    return CycleRun.objects.get()
