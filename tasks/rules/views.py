"""Who may keep a view of a list for whom."""

from datetime import date

from accounts.enums import DIVISION_ROLES, Role
from accounts.models import User
from accounts.standing import standing_of
from tasks.enums import ViewScope
from tasks.models import SavedView

MOST_VIEWS = 20


def bar_to_save_view(user: User, scope: ViewScope, name: str, today: date) -> list[str]:
    standing = standing_of(user, today=today)
    if standing.home_id is None:
        return ["您现在没有任职，不能保存视图"]
    if scope == ViewScope.OFFICE and Role.SECRETARIAT not in standing.roles():
        return ["机关共享的视图由督办处保存；您可以存为“我的”"]
    if scope == ViewScope.DIVISION and not standing.roles() & set(DIVISION_ROLES):
        return ["您不在处室任职，不能存为处室共享；您可以存为“我的”"]
    if SavedView.objects.filter(owner=user).exclude(name=name).count() >= MOST_VIEWS:
        return [f"每人最多保存 {MOST_VIEWS} 个视图，请先删除不用的"]
    return []


def bar_to_keep_view(user: User, view: SavedView, name: str = "") -> list[str]:
    """To rename (to `name`) or delete it."""
    if view.owner_id != user.pk:
        return ["这个视图是别人保存的，只有保存的人能改名或删除"]
    if name and SavedView.objects.filter(owner=user, page=view.page, name=name).exclude(pk=view.pk).exists():
        return [f"您已有名为“{name}”的视图，请换个名称"]
    return []
