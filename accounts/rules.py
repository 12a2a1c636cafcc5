"""Who may do what in accounts, and why not: whole sentences, none means yes."""

from datetime import date

from django.db.models import Q

from accounts.enums import DIVISION_ROLES, Role
from accounts.models import ApiToken, Deputy, Division, Membership, User
from accounts.standing import standing_of

TOKENS_AT_MOST = 5
_APART = {Role.SYSADMIN: Role.AUDITOR, Role.AUDITOR: Role.SYSADMIN}


def bar_to_administer(by: User, organization_id: int, *, today: date) -> list[str]:
    if standing_of(by, today=today).holds(Role.SYSADMIN, organization_id):
        return []
    return ["只有本机关的系统管理员可以管理人员和处室。"]


def bar_to_found(by: User, *, today: date) -> list[str]:
    if Role.SYSADMIN in standing_of(by, today=today).roles():
        return []
    return ["只有系统管理员可以建立另一个政协机关。"]


def bar_to_change_account(by: User, person: User, organization_id: int, *, today: date) -> list[str]:
    """Passwords and switching off: an administrator of one office has no power over people of another."""
    bars = bar_to_administer(by, organization_id, today=today)
    offices = set(Membership.objects.filter(user=person).values_list("organization_id", flat=True))
    if not bars and offices - standing_of(by, today=today).organizations_as(Role.SYSADMIN):
        bars.append(f"{person.name}也在别的机关任职，须由两处的系统管理员共同办理。")
    return bars


def bar_to_switch_off(by: User, person: User, organization_id: int, *, today: date) -> list[str]:
    bars = bar_to_change_account(by, person, organization_id, today=today)
    if by.pk == person.pk:
        bars.append("不能停用自己的账号，请由另一位系统管理员办理。")
    return bars


def bar_to_grant(
    by: User,
    person: User,
    *,
    organization_id: int,
    role: str,
    division: Division | None,
    starts_on: date,
    ends_on: date | None,
    today: date,
) -> list[str]:
    bars = bar_to_administer(by, organization_id, today=today)
    if by.pk == person.pk:
        bars.append("不能更改自己的任职，请由另一位系统管理员办理。")
    if role == Role.SECRETARIAT:
        bars.append("督办人员不单独授予：负责督办的处室的人都是。请给此人安排到该处室。")
        return bars
    if role in DIVISION_ROLES and division is None:
        bars.append(f"{Role(role).label}须写明处室。")
    if role not in DIVISION_ROLES and division is not None:
        bars.append(f"{Role(role).label}不属于处室，请不要选处室。")
    if division is not None and (division.organization_id != organization_id or not division.is_active):
        bars.append(f"“{division.name}”不是本机关在用的处室，请另选。")
    if ends_on is not None and ends_on < starts_on:
        bars.append("结束日期早于开始日期，请改正。")
    held = Membership.objects.filter(user=person).filter(Q(ends_on=None) | Q(ends_on__gte=starts_on))
    if ends_on is not None:
        held = held.filter(starts_on__lte=ends_on)
    apart = _APART.get(Role(role))
    if apart is not None and held.filter(role=apart).exists():
        bars.append("系统管理员与审计员不能是同一个账号（三员分立），请另选一人或另建账号。")
    if held.filter(organization=organization_id, role=role, division=division).exists():
        bars.append("此人这段时间已有同样的任职。")
    return bars


def bar_to_end_membership(by: User, membership: Membership, *, ends_on: date, today: date) -> list[str]:
    bars = bar_to_administer(by, membership.organization_id, today=today)
    if by.pk == membership.user_id:
        bars.append("不能更改自己的任职，请由另一位系统管理员办理。")
    if ends_on < membership.starts_on:
        bars.append(f"结束日期早于开始日期 {membership.starts_on}，请改正。")
    if membership.ends_on is not None and membership.ends_on < today:
        bars.append("这项任职早已结束。")
    return bars


def bar_to_set_policy(by: User, organization_id: int, *, today: date) -> list[str]:
    if standing_of(by, today=today).holds(Role.SECRETARIAT, organization_id):
        return []
    return ["只有督办人员可以修改督办规则。"]


def bar_to_correct_calendar(by: User, organization_id: int, *, today: date) -> list[str]:
    if standing_of(by, today=today).holds(Role.SECRETARIAT, organization_id):
        return []
    return ["只有督办人员可以更正工作日历。"]


def offices_to_name_deputy_in(by: User, *, today: date) -> set[int]:
    """Where the person heads a division or leads in his own right."""
    own = Membership.objects.on(today).filter(user=by, role__in=[Role.DIVISION_HEAD, Role.LEADER])
    return set(own.values_list("organization_id", flat=True))


def bar_to_name_deputy(
    by: User, deputy: User, *, organization_id: int, starts_on: date, ends_on: date, today: date
) -> list[str]:
    bars = []
    if organization_id not in offices_to_name_deputy_in(by, today=today):
        bars.append("只有处室负责人和领导可以指定代行人。")
    if by.pk == deputy.pk:
        bars.append("不能指定自己为代行人。")
    posts = Membership.objects.on(today).filter(user=deputy, organization=organization_id)
    roles = set(posts.values_list("role", flat=True))
    if not deputy.is_active or not roles - {Role.SYSADMIN, Role.AUDITOR, Role.OBSERVER}:
        bars.append(f"{deputy.name}不在本机关办理业务，不能代行，请另选一人。")
    if roles & {Role.SYSADMIN, Role.AUDITOR}:
        bars.append("系统管理员和审计员不能代行业务，请另选一人。")
    if ends_on < starts_on:
        bars.append("结束日期早于开始日期，请改正。")
    if ends_on < today:
        bars.append("这段时间已经过去，请改日期。")
    other = Deputy.objects.filter(
        principal=by, organization=organization_id, ended_at=None, starts_on__lte=ends_on, ends_on__gte=starts_on
    ).first()
    if other is not None:
        bars.append(f"{other.starts_on} 至 {other.ends_on} 已由{other.deputy.name}代行；请先终止该安排，或另选日期。")
    return bars


def bar_to_end_deputy(by: User, row: Deputy, *, today: date) -> list[str]:
    bars = []
    if by.pk != row.principal_id:
        bars.append("只有本人可以终止代行。")
    if row.ended_at is not None or row.ends_on < today:
        bars.append("这项代行已经结束。")
    return bars


def bar_to_create_token(by: User) -> list[str]:
    bars = []
    if by.must_change_password:
        bars.append("请先登录网页修改密码，再建立接口令牌。")
    if ApiToken.objects.filter(user=by).count() >= TOKENS_AT_MOST:
        bars.append(f"每人最多 {TOKENS_AT_MOST} 个接口令牌，请先撤销不用的。")
    return bars
