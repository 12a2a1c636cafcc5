"""An office's hours: when its messages may leave the house."""

from dataclasses import dataclass
from datetime import time

from accounts.policies import rules_of
from cppcc_office.lib.workdays import WorkCalendar


@dataclass(frozen=True)
class Hours:
    calendar: WorkCalendar
    begins: time
    ends: time


def hours_of(organization_id: int) -> Hours:
    policy, calendar = rules_of(organization_id)
    return Hours(calendar, _clock(policy.work_begins), _clock(policy.work_ends))


def _clock(text: str) -> time:
    return time.fromisoformat(text)
