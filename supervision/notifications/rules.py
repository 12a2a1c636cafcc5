"""Who sees to the ways out of the house."""

from datetime import date

from accounts.enums import Role
from accounts.models import User
from accounts.standing import standing_of


def bar_to_set_up(user: User, organization_id: int, today: date) -> list[str]:
    if standing_of(user, today=today).holds(Role.SYSADMIN, organization_id):
        return []
    return ["只有系统管理员可以设置消息通道。"]


def bar_to_retry(user: User, organization_id: int | None, today: date) -> list[str]:
    """Who keeps the channels, and who needs the messages to arrive."""
    if organization_id in standing_of(user, today=today).organizations_as(Role.SYSADMIN, Role.SECRETARIAT):
        return []
    return ["只有系统管理员和督办人员可以重新发送。"]
