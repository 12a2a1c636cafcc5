"""When each cycle comes round, that it came, and the papers it leaves."""

from supervision.cycles.models.dispatch import Decision, DispatchLine
from supervision.cycles.models.frozen import FrozenLine, LateReason
from supervision.cycles.models.look_back import LookBackItem
from supervision.cycles.models.rule import CycleReminder, CycleRule
from supervision.cycles.models.run import CycleRun
from supervision.cycles.models.weekly import WeeklySummary

__all__ = [
    "CycleReminder",
    "CycleRule",
    "CycleRun",
    "Decision",
    "DispatchLine",
    "FrozenLine",
    "LateReason",
    "LookBackItem",
    "WeeklySummary",
]
