"""Who may ask for a change, who decides it, and what must hold before (domain 4)."""

from datetime import date

from accounts.enums import Role
from accounts.models import Membership, User
from accounts.policies import PolicyValues, policy_of
from accounts.standing import Post, standing_of
from cppcc_office.lib.workdays import WorkCalendar
from tasks.enums import OPEN_STATES, ChangeKind, ChangeState, ChangeTier, ProjectState
from tasks.models import ChangeRequest, Milestone, Plan, Project
from tasks.rules.project import must_be_secretariat

# ── who asks ─────────────────────────────────────────────────────────────────


def who_asks(user: User, project: Project, today: date) -> list[str]:
    """The lead's head, or the secretariat, also 代填 for the lead."""
    standing = standing_of(user, today=today)
    if standing.heads(project.lead_division_id) or standing.holds(Role.SECRETARIAT, project.organization_id):
        return []
    return [f"只有牵头处室（{project.lead_division}）负责人或督办人员可以申请变更"]


def pending_change(project: Project) -> ChangeRequest | None:
    """The one that awaits a decision; a constraint says that there is one at most."""
    return (
        ChangeRequest.objects.filter(project=project, state=ChangeState.ASKED)
        .select_related("asked_by", "asked_principal")
        .first()
    )


def when_none_is_pending(user: User, project: Project, today: date) -> list[str]:
    pending = pending_change(project)
    if pending is None:
        return []
    return [f"已有待决定的{pending.get_kind_display()}申请（{pending.asked_on:%Y-%m-%d}），决定或撤回后才能再申请"]


def when_extension_asked(user: User, project: Project, today: date) -> list[str]:
    most = policy_of(project.organization_id).extensions_at_most
    bars = when_none_is_pending(user, project, today)
    if project.extension_count >= most:
        bars.append(
            f"已延期 {project.extension_count} 次，最多 {most} 次，不能再申请延期；确需调整的，请申请暂缓或终止"
        )
    return bars


# ── who decides ──────────────────────────────────────────────────────────────


def tier_of(
    project: Project,
    kind: ChangeKind,
    *,
    new_due_on: date | None,
    suspended_on: date | None,
    today: date,
    calendar: WorkCalendar,
    policy: PolicyValues,
) -> ChangeTier:
    """Who decides, computed once when it is asked: alterations and a first short extension the secretariat, the rest
    the leader in charge. What the supervising division asks for its own project is never for it to decide."""
    if project.lead_division is not None and project.lead_division.supervises:
        return ChangeTier.LEADER
    if kind == ChangeKind.ALTERATION:
        return ChangeTier.SECRETARIAT
    if kind == ChangeKind.EXTENSION and project.due_on and new_due_on:
        days = calendar.count(project.due_on, new_due_on)
        short = days <= policy.extension_days_by_secretariat
        return ChangeTier.SECRETARIAT if short and project.extension_count == 0 else ChangeTier.LEADER
    if kind == ChangeKind.RESUMPTION and project.due_on and new_due_on and suspended_on:
        # A later date than the pause accounts for would be an extension by another name.
        offered = resumed_due_on(project.due_on, suspended_on, today, calendar)
        return ChangeTier.SECRETARIAT if new_due_on <= offered else ChangeTier.LEADER
    return ChangeTier.LEADER


def resumed_due_on(due_on: date, suspended_on: date, today: date, calendar: WorkCalendar) -> date:
    """The old due date and as many working days as the pause lasted; never in the past."""
    return max(calendar.add(due_on, max(0, calendar.count(suspended_on, today))), today)


def suspended_since(project: Project) -> date | None:
    """The day the pause was asked for and agreed to: from its decision on nobody was expected to work."""
    row = (
        ChangeRequest.objects.filter(project=project, kind=ChangeKind.SUSPENSION, state=ChangeState.AGREED)
        .order_by("-decided_at", "-id")
        .first()
    )
    return row.decided_on if row is not None else None


def leaders_on(organization_id: int, today: date) -> set[int]:
    held = Membership.objects.on(today).filter(organization=organization_id, role=Role.LEADER, user__is_active=True)
    return set(held.values_list("user", flat=True))


def deciders_of(request: ChangeRequest, today: date) -> set[int]:
    """The leader in charge; else the one over the lead division; else any. Never the asker, nor in whose place he asked,
    nor one who works in the lead division: then the next of them."""
    project = request.project
    leaders = leaders_on(request.organization_id, today)
    own = Membership.objects.on(today).filter(division=project.lead_division_id, user__in=leaders)
    leaders -= {request.asked_by_id, request.asked_principal_id, *own.values_list("user", flat=True)}
    over = project.lead_division.leader_id if project.lead_division else None
    for chosen in (project.leader_id, over):
        if chosen in leaders:
            return {chosen}
    return leaders


def leader_post(user: User, request: ChangeRequest, today: date) -> Post | None:
    """The post by which this person decides as leader, an own one before one held as deputy."""
    deciders = deciders_of(request, today)
    posts = standing_of(user, today=today).as_role(Role.LEADER, request.organization_id)
    return next((post for post in posts if (post.principal_id or user.pk) in deciders), None)


def who_decides(user: User, request: ChangeRequest, today: date) -> list[str]:
    """Nobody his own request, also not where another typed it for him or he stands in for who asked."""
    standing = standing_of(user, today=today)
    if request.tier == ChangeTier.LEADER:
        if not standing.holds(Role.LEADER, request.organization_id):
            return ["这件申请由领导决定"]
    elif not standing.holds(Role.SECRETARIAT, request.organization_id):
        return ["这件申请由督办处决定"]
    if bars := bar_own_request(user, request, today):
        return bars
    if request.tier == ChangeTier.LEADER and leader_post(user, request, today) is None:
        names = list(User.objects.filter(pk__in=deciders_of(request, today)).values_list("name", flat=True))
        return [f"这件申请由{'、'.join(names)}决定" if names else "现在没有能决定这件申请的领导，请系统管理员核对任职"]
    return []


def bar_own_request(user: User, request: ChangeRequest, today: date) -> list[str]:
    standing = standing_of(user, today=today)
    askers = {request.asked_by_id, request.asked_principal_id}
    if ({user.pk} | standing.principal_ids) & askers:
        return ["您自己或您代行的人提出了这件申请，不能由您决定，请由其他人办理"]
    if standing.belongs_to(request.project.lead_division_id):
        return ["您在牵头处室任职或代行其负责人，不能决定本处室的申请"]
    return []


def who_gives_opinion(user: User, request: ChangeRequest, today: date) -> list[str]:
    if not standing_of(user, today=today).holds(Role.SECRETARIAT, request.organization_id):
        return ["只有督办人员可以写督办处意见"]
    if request.project.lead_division is not None and request.project.lead_division.supervises:
        return ["督办处自己牵头的项目，理由就是督办处的意见"]
    return bar_own_request(user, request, today)


def when_opinion_given(user: User, request: ChangeRequest, today: date) -> list[str]:
    return [] if request.tier == ChangeTier.LEADER else ["督办处自己决定的申请，意见写在决定里"]


def who_withdraws(user: User, request: ChangeRequest, today: date) -> list[str]:
    """Who asked, or in whose place; what was typed for the lead also its head."""
    standing = standing_of(user, today=today)
    askers = {request.asked_by_id, request.asked_principal_id}
    if ({user.pk} | standing.principal_ids) & askers:
        return []
    if request.entered_for and standing.heads(request.project.lead_division_id):
        return []
    return [f"只有申请人（{request.asked_by}）可以撤回申请"]


def always(user: User, request: ChangeRequest, today: date) -> list[str]:
    return []


def when_agreed(user: User, request: ChangeRequest, today: date) -> list[str]:
    """What may have passed while it waited."""
    if request.new_due_on is not None and request.new_due_on < today:
        return [f"申请的时限 {request.new_due_on:%Y-%m-%d} 已过，请不同意并由处室重新申请"]
    return []


def who_takes_up(user: User, request: ChangeRequest, today: date) -> list[str]:
    """A change prepared by a revised paper is asked for by the same people as any."""
    return who_asks(user, request.project, today)


def who_drops(user: User, request: ChangeRequest, today: date) -> list[str]:
    return must_be_secretariat(user, request.project, today, "放弃拟提出的变更")


# ── handing over, carrying over ──────────────────────────────────────────────


def bar_to_reassign(user: User, milestone: Milestone, today: date) -> list[str]:
    """移交 within a division is the head's alone and needs no request (domain 4)."""
    bars = []
    if not standing_of(user, today=today).heads(milestone.division_id):
        bars.append(f"只有主办处室（{milestone.division}）负责人可以移交节点")
    if milestone.project.state not in (ProjectState.DISPATCHED, ProjectState.IN_PROGRESS, ProjectState.SUSPENDED):
        bars.append(f"{milestone.project.get_state_display()}的项目不能移交节点")
    elif not milestone.is_open:
        bars.append(f"{milestone.get_state_display()}的节点不用移交")
    return bars


def who_carries_over(user: User, project: Project, today: date) -> list[str]:
    return must_be_secretariat(user, project, today, "结转")


def when_carried_over(user: User, project: Project, today: date) -> list[str]:
    if project.state not in OPEN_STATES:
        return []
    year = project.plan.year
    return [] if today.year > year else [f"{year} 年 12 月 31 日以后才能结转"]


def bar_to_carry_into(project: Project, plan: Plan) -> list[str]:
    if plan.organization_id != project.organization_id or plan.year <= project.plan.year:
        return [f"只能结转到本机关 {project.plan.year} 年以后的任务计划"]
    return []
