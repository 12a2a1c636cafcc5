"""Who may move a milestone, and what must hold before."""

from datetime import date

from accounts.enums import Role
from accounts.models import User
from accounts.standing import standing_of
from tasks.enums import ProjectState
from tasks.models import Milestone
from tasks.queries.hands import hands_on_milestone


def who_works(user: User, milestone: Milestone, today: date) -> list[str]:
    """主办's people, or the secretariat 代填."""
    standing = standing_of(user, today=today)
    if standing.belongs_to(milestone.division_id) or standing.holds(Role.SECRETARIAT, milestone.organization_id):
        return []
    return [f"只有主办处室（{milestone.division}）的人员可以填报"]


def who_agrees(user: User, milestone: Milestone, today: date) -> list[str]:
    if standing_of(user, today=today).heads(milestone.division_id):
        return []
    return [f"只有主办处室（{milestone.division}）负责人可以审核"]


def who_confirms(user: User, milestone: Milestone, today: date) -> list[str]:
    """Nobody his own work; what the supervising division does or leads itself is confirmed by a leader."""
    standing = standing_of(user, today=today)
    if is_for_a_leader(milestone):
        if not standing.holds(Role.LEADER, milestone.organization_id):
            return ["督办处自己承办的节点由领导核实"]
    elif not standing.holds(Role.SECRETARIAT, milestone.organization_id):
        return ["只有督办人员可以核实"]
    if standing.belongs_to(milestone.division_id):
        return ["您在主办处室任职或代行其负责人，不能核实本处室的节点"]
    if standing.worked_in(milestone.division_id, since=milestone.project.dispatched_on):
        return ["项目办理期间您曾在主办处室任职，不能核实，请由其他督办人员办理"]
    if ({user.pk} | standing.principal_ids) & hands_on_milestone(milestone):
        return ["您填报、审核或代填过此节点，不能再由您核实，请由其他督办人员办理"]
    return []


def is_for_a_leader(milestone: Milestone) -> bool:
    """What the supervising division does or leads itself is not for it to verify."""
    return any(d.supervises for d in (milestone.division, milestone.project.lead_division) if d)


def when_project_runs(user: User, milestone: Milestone, today: date) -> list[str]:
    """Milestones move only while the project is 办理中."""
    if milestone.project.state == ProjectState.IN_PROGRESS:
        return []
    if milestone.project.state == ProjectState.DISPATCHED:
        return ["项目尚未签收，签收后才能办理"]
    return [f"项目{milestone.project.get_state_display()}，节点不能变动"]
