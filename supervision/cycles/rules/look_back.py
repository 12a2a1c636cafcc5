"""Who judges what is looked back at, who has the mending put in hand, and what keeps a look-back open."""

from collections.abc import Set as AbstractSet
from datetime import date

from accounts.enums import Role
from accounts.models import User
from accounts.standing import standing_of
from supervision.cycles.enums import RunState, Verdict
from supervision.cycles.models import CycleRun, LookBackItem
from tasks.enums import ENDED_STATES, ChangeKind, ProjectState
from tasks.models import Project
from tasks.queries.hands import hands_on
from tasks.workflow import CHANGE_ASKS


def bar_to_judge(user: User, item: LookBackItem, today: date, *, hands: AbstractSet[int] | None = None) -> list[str]:
    """Empty where this person may say what was found. `hands` on the project where a page has asked for many."""
    bars = _of_run(item.run)
    if item.has_come:
        bars.append("这项结论已有后续办理，不能再改")
    standing, project = standing_of(user, today=today), item.subject
    if for_leader(project):
        # Everybody of the supervising division would judge his own division's work (domain 3).
        if not standing.holds(Role.LEADER, item.organization_id):
            return [*bars, "督办处自己牵头的项目，由领导作回头看结论"]
    elif not standing.holds(Role.SECRETARIAT, item.organization_id):
        return [*bars, "只有督办人员可以作回头看结论"]
    return [*bars, *_of_own_work(user, item, today, hands)]


def for_leader(project: Project) -> bool:
    return project.lead_division is not None and project.lead_division.supervises


def _of_run(run: CycleRun) -> list[str]:
    if run.is_closed:
        return ["本次回头看已办结，不能再改"]
    return [] if run.state == RunState.DONE else ["本次回头看还没有运行完，清单生成后再办理"]


def _of_own_work(user: User, item: LookBackItem, today: date, hands: AbstractSet[int] | None) -> list[str]:
    """As with verifying: nobody looks back at what is his own (domain 3)."""
    standing, project = standing_of(user, today=today), item.subject
    if standing.belongs_to(project.lead_division_id) or standing.belongs_to(item.division_id):
        return ["您在牵头处室任职或代行其负责人，不能对本处室的事项作结论"]
    if standing.worked_in(project.lead_division_id, since=project.dispatched_on):
        return ["项目办理期间您曾在牵头处室任职，不能作结论，请由其他督办人员办理"]
    if ({user.pk} | standing.principal_ids) & (hands_on(project) if hands is None else hands):
        return ["您填报、审核或代填过本项目，不能再由您作结论，请由其他督办人员办理"]
    return []


def bar_to_arrange(user: User, item: LookBackItem, today: date) -> list[str]:
    """Empty where this person may have the mending put in hand that a verdict asks for."""
    bars = _of_run(item.run)
    if not standing_of(user, today=today).holds(Role.SECRETARIAT, item.organization_id):
        bars.append("只有督办人员可以交办整改")
    if item.verdict not in (Verdict.RECTIFY, Verdict.REBOUND):
        bars.append("结论为整改或反弹的，才要交办整改")
    if item.has_come:
        bars.append("整改已经交办")
    return bars


def verdicts_for(item: LookBackItem) -> list[Verdict]:
    """反弹 only of what has been closed: what is open cannot come back."""
    closed = item.project is not None and item.project.state == ProjectState.CLOSED
    return list(Verdict) if closed else [Verdict.CONSOLIDATE, Verdict.RECTIFY]


def mending_kind(item: LookBackItem, verdict: Verdict) -> ChangeKind | None:
    """As which change the mending is asked for; None where it becomes a matter of its own.

    Overdue at the half-year's end, a project may have been closed, carried over or cancelled since: it takes no step more.
    """
    if verdict == Verdict.REBOUND:
        return ChangeKind.REOPENING
    if item.project is None or item.project.state in (ProjectState.CLOSED, *ENDED_STATES):
        return None
    return ChangeKind.ALTERATION


def bar_to_mend(user: User, item: LookBackItem, verdict: Verdict, today: date) -> list[str]:
    """What stands against the change that this verdict asks for."""
    kind = mending_kind(item, verdict)
    if kind is None or item.project is None:
        return []
    ask = CHANGE_ASKS[kind]
    return ask.bars(user, item.project, today)


def open_ends(run: CycleRun) -> list[str]:
    """What keeps a look-back from being closed: not judged yet, or to be mended and in nobody's hand."""
    items = LookBackItem.objects.filter(run=run)
    bars = []
    if left := items.filter(verdict="").count():
        bars.append(f"还有 {left} 项没有作结论")
    if open_ends := items.without_consequence().count():
        bars.append(f"还有 {open_ends} 项整改没有交办")
    return bars
