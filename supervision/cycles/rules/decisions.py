"""Who records what the monthly meeting decided, and until when."""

from datetime import date

from accounts.enums import Role
from accounts.models import User
from accounts.standing import standing_of
from supervision.cycles.enums import RunState
from supervision.cycles.models import CycleRun


def is_made(run: CycleRun) -> bool:
    """Run, or run again: until the second run is done the sheets of the first hold."""
    return run.state == RunState.DONE or run.dispatch_lines.exists()


def bar_to_decide(user: User, run: CycleRun, today: date) -> list[str]:
    """Empty where this person may record what was decided."""
    bars = []
    if not standing_of(user, today=today).holds(Role.SECRETARIAT, run.organization_id):
        bars.append("只有督办人员可以记录议定事项")
    if run.is_closed:
        bars.append("本月调度已办结，不能再记录议定事项")
    if not is_made(run):
        bars.append("本月调度还没有运行，调度单生成后才能记录议定事项")
    return bars
