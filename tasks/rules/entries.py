"""Who may write progress."""

from datetime import date

from accounts.enums import Role
from accounts.models import User
from accounts.standing import standing_of
from tasks.enums import MilestoneState, ProjectState
from tasks.models import Milestone, Project


def bar_to_add_entry(user: User, project: Project, milestone: Milestone | None, today: date) -> list[str]:
    """People of the lead, of an assisting or a 主办 division, also of those that assist a milestone, and the secretariat
    for them; while work goes on."""
    bars = []
    standing = standing_of(user, today=today)
    if not standing.holds(Role.SECRETARIAT, project.organization_id):
        own = standing.division_ids()
        taking_part = {project.lead_division_id} | set(project.co_divisions.values_list("pk", flat=True))
        rows = project.milestones.all() if milestone is None else project.milestones.filter(pk=milestone.pk)
        for pair in rows.values_list("division_id", "co_divisions"):
            taking_part.update(pair)
        if not own & taking_part:
            bars.append("只有承办处室的人员可以填报进展")
    if project.state not in (ProjectState.IN_PROGRESS, ProjectState.SUSPENDED, ProjectState.CLOSE_OUT_REQUESTED):
        if project.state == ProjectState.DISPATCHED:
            bars.append("项目尚未签收，签收后才能填报进展")
        else:
            bars.append(f"{project.get_state_display()}的项目不能再填报进展")
    if milestone is not None and milestone.state in (MilestoneState.DONE, MilestoneState.CANCELLED):
        bars.append(f"{milestone.get_state_display()}的节点不能再填报进展")
    return bars
