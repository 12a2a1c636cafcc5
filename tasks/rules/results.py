"""Who may record what came of a project, and take it back."""

from datetime import date

from accounts.enums import Role
from accounts.models import User
from accounts.standing import standing_of
from tasks.enums import ProjectState
from tasks.models import Project, Result


def bar_to_add_result(user: User, project: Project, today: date) -> list[str]:
    """People of the lead and the assisting divisions, and the secretariat for them; also after the close-out, for what
    a report leads to often comes later."""
    bars = []
    if not _takes_part(user, project, today):
        bars.append("只有牵头、协办处室和督办处的人员可以登记成果")
    if project.state == ProjectState.DRAFT:
        bars.append("项目尚未交办，交办后才能登记成果")
    return bars


def bar_to_void_result(user: User, result: Result, today: date) -> list[str]:
    bars = []
    if not _takes_part(user, result.project, today):
        bars.append("只有牵头、协办处室和督办处的人员可以作废成果")
    if result.voided_at is not None:
        bars.append(f"此项成果已由{result.voided_by}作废")
    return bars


def _takes_part(user: User, project: Project, today: date) -> bool:
    standing = standing_of(user, today=today)
    return standing.holds(Role.SECRETARIAT, project.organization_id) or not types_for_them(user, project, today)


def types_for_them(user: User, project: Project, today: date) -> bool:
    """Whether what this person records is 代填: of none of the divisions that take part."""
    standing = standing_of(user, today=today)
    taking_part = {project.lead_division_id} | {row.division_id for row in project.co_division_rows.all()}
    return not standing.division_ids() & taking_part
