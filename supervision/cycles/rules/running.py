"""Who sets the cycles and sets a run going, and what must hold before."""

from datetime import date

from accounts.enums import Role
from accounts.models import User
from accounts.standing import standing_of
from supervision.cycles.enums import Anchor, Cycle, RunState
from supervision.cycles.models import CycleRule, CycleRun
from supervision.cycles.periods import Due
from supervision.cycles.queries.rules import Setting

MOST_NTH = 60
MOST_LEAD_DAYS = 10
# A day has one moment, a month is its own last month; a week is cut by the month's end. What counts or lists a whole
# period comes after it: the last weeks of a half-year would be looked back at by nobody.
ANCHORS: dict[Cycle, tuple[Anchor, ...]] = {
    Cycle.DAILY: (Anchor.FROM_START,),
    Cycle.WEEKLY: (Anchor.FROM_END, Anchor.FROM_START, Anchor.AFTER_END),
    Cycle.MONTHLY: (Anchor.FROM_END, Anchor.FROM_START, Anchor.AFTER_END),
    Cycle.QUARTERLY: (Anchor.AFTER_END,),
    Cycle.HALF_YEARLY: (Anchor.AFTER_END,),
    Cycle.YEARLY: (Anchor.LAST_MONTH, Anchor.FROM_END),
}


def must_be_secretariat(user: User, organization_id: int, today: date, doing: str) -> list[str]:
    if standing_of(user, today=today).holds(Role.SECRETARIAT, organization_id):
        return []
    return [f"只有督办人员可以{doing}。"]


def bar_to_set_rule(user: User, rule: CycleRule, today: date) -> list[str]:
    return must_be_secretariat(user, rule.organization_id, today, "修改周期规则")


def bar_to_setting(cycle: Cycle, setting: Setting) -> list[str]:
    """What the values say against the cycle."""
    bars = []
    if setting.anchor not in ANCHORS[cycle]:
        bars.append(f"{cycle.label}不能按“{setting.anchor.label}”计算。")
    if not 1 <= setting.nth <= MOST_NTH:
        bars.append(f"第几个工作日须为 1 至 {MOST_NTH}。")
    if not 0 <= setting.lead_days <= MOST_LEAD_DAYS:
        bars.append(f"提前提醒的工作日须为 0 至 {MOST_LEAD_DAYS}。")
    if not 1 <= setting.sample_percent <= 100:
        bars.append("抽取比例须为 1 至 100。")
    return bars


def bar_to_run_now(user: User, rule: CycleRule, due: Due, *, is_there: bool, today: date) -> list[str]:
    """Before its date: the turn must have begun, and where figures are frozen as of its end, have ended."""
    bars = must_be_secretariat(user, rule.organization_id, today, "立即运行")
    period = due.period
    if not rule.is_on:
        bars.append(f"{rule.name}已停用，启用后才能运行。")
    if is_there:
        bars.append(f"{period.name}的{rule.name}已运行，需要时到该次运行的页面重新运行。")
    elif rule.anchor == Anchor.AFTER_END and today <= period.ends_on:
        bars.append(f"{period.name}到{_day(period.ends_on)}期满，期满后才能运行。")
    elif today < period.starts_on:
        bars.append(f"{period.name}从{_day(period.starts_on)}开始，还不能运行。")
    return bars


def bar_to_rerun(user: User, run: CycleRun, *, is_outdone: bool, today: date) -> list[str]:
    """`is_outdone`: a later watch has come, and an old digest would be wrong."""
    bars = must_be_secretariat(user, run.organization_id, today, "重新运行")
    if run.state in (RunState.DUE, RunState.RUNNING):
        bars.append("正在等待运行或正在运行，请稍候。")
    if run.state == RunState.MERGED:
        bars.append("已并入后一次巡查，不再单独运行。")
    elif is_outdone:
        bars.append("之后已有新的巡查，旧的不再重发。")
    if run.is_closed:
        bars.append("材料已办结，不能重新运行。")
    return bars


def _day(day: date) -> str:
    return f"{day.month}月{day.day}日"
