"""Who may hand responsibilities over, and to whom."""

from collections.abc import Iterable
from datetime import date

from django.db.models import Q, QuerySet

from accounts.enums import Role
from accounts.models import Membership, User
from accounts.standing import standing_of
from tasks.enums import ProjectState
from tasks.queries.choices import Choices
from tasks.queries.hand_over import Duty, Holding, holdings_of, offices_and_divisions, successors_of


def people_to_hand_over(user: User, today: date) -> QuerySet[User]:
    """Whose page this person finds: the secretariat everybody's, a head that of those who work or worked for him."""
    offices, headed = offices_and_divisions(standing_of(user, today=today))
    posts = Membership.objects.filter(Q(organization__in=offices) | Q(division__in=headed))
    return User.objects.filter(pk__in=posts.values("user"))


def bar_to_hand_over(user: User, holding: Holding, today: date) -> list[str]:
    standing = standing_of(user, today=today)
    if standing.holds(Role.SECRETARIAT, holding.project.organization_id):
        return []
    if holding.duty == Duty.LEADER:
        return ["牵头领导由督办处移交"]
    if holding.project.state == ProjectState.DRAFT:
        return ["拟立项的项目由督办处移交"]
    if holding.division is not None and standing.heads(holding.division.pk):
        return []
    return [f"只有督办人员和{holding.division}负责人可以移交"]


def bar_to_take_over(holding: Holding, successor_id: int, choices: Choices) -> list[str]:
    if any(person.pk == successor_id for person in successors_of(holding, choices)):
        return []
    whom = "本机关的其他领导" if holding.division is None else f"{holding.division}的其他人员"
    return [f"“{holding.milestone or holding.project.title}”只能移交给{whom}，请重新选择"]


def open_to(user: User, person: User, today: date) -> list[Holding]:
    """What this user may hand over of the person's."""
    offices = offices_of(user, today)
    return [row for row in holdings_of(person, offices) if not bar_to_hand_over(user, row, today)]


def offices_of(user: User, today: date) -> Iterable[int]:
    return standing_of(user, today=today).organizations_as(Role.SECRETARIAT, Role.DIVISION_HEAD)
