"""Who may move a project, and what must hold before."""

from datetime import date

from accounts.enums import Role
from accounts.models import User
from accounts.policies import calendar_of, policy_of
from accounts.standing import Post, Standing, standing_of
from tasks.enums import ChangeState, CloseOutState, MilestoneState
from tasks.models import ChangeRequest, CloseOut, Project
from tasks.queries.completeness import gaps_before_dispatch
from tasks.queries.hands import hands_on


def lead_post(standing: Standing, project: Project) -> Post | None:
    """The post by which this person belongs to the lead division: as head, else as staff."""
    head = standing.head_post(project.lead_division_id)
    if head:
        return head
    for post in standing.as_role(Role.STAFF):
        if post.division_id == project.lead_division_id:
            return post
    return None


def must_be_secretariat(user: User, project: Project, today: date, doing: str) -> list[str]:
    if standing_of(user, today=today).holds(Role.SECRETARIAT, project.organization_id):
        return []
    return [f"只有督办人员可以{doing}"]


def must_be_lead_head(user: User, project: Project, today: date, doing: str) -> list[str]:
    if standing_of(user, today=today).heads(project.lead_division_id):
        return []
    return [f"只有牵头处室（{project.lead_division}）负责人可以{doing}"]


# ── who ──────────────────────────────────────────────────────────────────────


def who_dispatches(user: User, project: Project, today: date) -> list[str]:
    return must_be_secretariat(user, project, today, "交办")


def who_receives(user: User, project: Project, today: date) -> list[str]:
    if lead_post(standing_of(user, today=today), project):
        return []
    return [f"只有牵头处室（{project.lead_division}）的负责人或经办人可以签收"]


def who_objects(user: User, project: Project, today: date) -> list[str]:
    return must_be_lead_head(user, project, today, "退回")


def who_recalls(user: User, project: Project, today: date) -> list[str]:
    return must_be_secretariat(user, project, today, "撤回交办")


def who_requests_close_out(user: User, project: Project, today: date) -> list[str]:
    """The lead's head, or the secretariat 代填; for its own projects the secretariat is the lead, so only the head."""
    standing = standing_of(user, today=today)
    own = project.lead_division is not None and project.lead_division.supervises
    if standing.heads(project.lead_division_id):
        return []
    if standing.holds(Role.SECRETARIAT, project.organization_id) and not own:
        return []
    return [f"只有牵头处室（{project.lead_division}）负责人可以申请销号"]


def who_withdraws_close_out(user: User, project: Project, today: date) -> list[str]:
    live = live_close_out(project)
    if live is None:
        return []
    standing = standing_of(user, today=today)
    if live.requested_by_id == user.pk or live.requested_by_id in standing.principal_ids:
        return []
    return [f"只有申请人（{live.requested_by}）可以撤回销号申请"]


def who_verifies_close_out(user: User, project: Project, today: date) -> list[str]:
    """Never the lead division's people, nor who filed, reported or typed for them; the supervising
    division's own projects are for a leader (domain 3)."""
    standing = standing_of(user, today=today)
    organization_id = project.organization_id
    if project.lead_division and project.lead_division.supervises:
        if not standing.holds(Role.LEADER, organization_id):
            return ["督办处自己牵头的项目由领导验收"]
    elif not standing.holds(Role.SECRETARIAT, organization_id):
        return ["只有督办人员可以验收"]
    return bar_own_work(user, project, today)


def bar_own_work(user: User, project: Project, today: date) -> list[str]:
    standing = standing_of(user, today=today)
    if standing.belongs_to(project.lead_division_id):
        return ["您在牵头处室任职或代行其负责人，不能验收本处室的项目"]
    if standing.worked_in(project.lead_division_id, since=project.dispatched_on):
        return ["项目办理期间您曾在牵头处室任职，不能验收，请由其他督办人员办理"]
    if ({user.pk} | standing.principal_ids) & hands_on(project):
        return ["您填报、审核或代填过本项目，不能再由您验收，请由其他督办人员办理"]
    return []


# ── when ─────────────────────────────────────────────────────────────────────


def when_dispatched(user: User, project: Project, today: date) -> list[str]:
    return [gap.words for gap in gaps_before_dispatch(project, on=today)]


def when_objected(user: User, project: Project, today: date) -> list[str]:
    days = policy_of(project.organization_id).object_days
    if project.dispatched_on is None:
        return []
    last = calendar_of(project.organization_id).add(project.dispatched_on, days)
    return [f"退回期限 {last:%Y-%m-%d} 已过（交办后 {days} 个工作日），请改提变更申请"] if today > last else []


def when_close_out_requested(user: User, project: Project, today: date) -> list[str]:
    states = list(project.milestones.values_list("state", flat=True))
    left = sum(1 for state in states if state not in (MilestoneState.DONE, MilestoneState.CANCELLED))
    if left:
        return [f"还有 {left} 个节点未完成"]
    if MilestoneState.DONE not in states:
        return ["没有一个节点已完成"]
    pending = ChangeRequest.objects.filter(project=project, state=ChangeState.ASKED).first()
    if pending is not None:
        return [f"有待决定的{pending.get_kind_display()}申请，决定或撤回后才能申请销号"]
    return []


def always(user: User, project: Project, today: date) -> list[str]:
    return []


def live_close_out(project: Project) -> CloseOut | None:
    return (
        CloseOut.objects.filter(project=project, state=CloseOutState.REQUESTED).select_related("requested_by").first()
    )
