"""Who writes a week's summary, and who closes a period's papers."""

from datetime import date

from accounts.enums import Role
from accounts.models import User
from accounts.standing import standing_of
from supervision.cycles.enums import Cycle, RunState
from supervision.cycles.models import CycleRun, WeeklySummary
from supervision.cycles.rules.running import must_be_secretariat


def bar_to_edit_weekly(user: User, summary: WeeklySummary, run: CycleRun, today: date) -> list[str]:
    """A division its own, the secretariat any: 代填. The office's is the secretariat's."""
    standing = standing_of(user, today=today)
    bars = []
    if not standing.holds(Role.SECRETARIAT, run.organization_id) and not standing.belongs_to(summary.division_id):
        bars.append("只有本处室的人员和督办人员可以修改。" if summary.division_id else "只有督办人员可以修改。")
    if run.is_closed:
        bars.append("本周已办结，不能再修改。")
    return bars


def bar_to_close(user: User, run: CycleRun, today: date) -> list[str]:
    bars = must_be_secretariat(user, run.organization_id, today, "办结")
    if run.cycle == Cycle.DAILY:
        bars.append("每日巡查只发提醒，没有要办结的材料。")
    elif run.is_closed:
        bars.append("已经办结。")
    elif run.state != RunState.DONE:
        bars.append("还没有运行完成，不能办结。")
    elif run.cycle == Cycle.YEARLY and run.frozen_at is None:
        bars.append("年度数据还没有固定，固定后才能办结。")
    return bars
