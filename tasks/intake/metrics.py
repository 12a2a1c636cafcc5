"""Quantities in the words of a goal: not fewer than n times, papers, per cent, per year, quarter or month."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum


class QuotaPeriod(StrEnum):
    YEAR = "year"
    HALF = "half"
    QUARTER = "quarter"
    MONTH = "month"
    NONE = ""


@dataclass(frozen=True, slots=True)
class Metric:
    """One target read from a goal. `unit` is '' and `value` None for a plain statement without quantity.

    `metric` names what is counted (报送, 采用, 联系群众); `at_least` is False for exact amounts (形成报告1篇).
    """

    statement: str
    metric: str = ""
    unit: str = ""
    value: Decimal | None = None
    at_least: bool = False
    period: QuotaPeriod = QuotaPeriod.NONE

    @property
    def is_quantitative(self) -> bool:
        return self.value is not None


def metrics_in(goal: str) -> list[Metric]:
    """The quantitative targets in the goal, in its order; empty when it names no quantity."""
    raise NotImplementedError


def targets_in(goal: str) -> list[Metric]:
    """The targets to propose: one per metric, or the goal as one plain statement; empty only for an empty goal."""
    raise NotImplementedError
