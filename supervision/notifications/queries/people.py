"""Who is meant: the heads of a division, the 督办人员, the leaders, and whoever stands in for them."""

from collections.abc import Callable, Collection, Iterable
from datetime import date

from accounts.enums import DIVISION_ROLES, Role
from accounts.models import Deputy, Membership, User
from accounts.queries import secretariat_of
from tasks.models import ChangeRequest, Milestone, Project
from tasks.rules.changes import deciders_of, leaders_on, who_decides, who_gives_opinion
from tasks.rules.milestone import is_for_a_leader, who_confirms
from tasks.rules.project import who_verifies_close_out


def heads_of(divisions: Collection[int | None], today: date) -> set[int]:
    """Their heads, and who stands in for these."""
    held = Membership.objects.on(today).filter(division__in=_named(divisions), role=Role.DIVISION_HEAD)
    posts = list(held.order_by().values_list("user", "organization"))
    return _with_deputies((pk for pk, _ in posts), {office for _, office in posts}, today)


def members_of(divisions: Collection[int | None], today: date) -> set[int]:
    """Heads and staff, and who stands in for a head."""
    held = Membership.objects.on(today).filter(division__in=_named(divisions), role__in=DIVISION_ROLES)
    return set(held.values_list("user", flat=True)) | heads_of(divisions, today)


def _with_deputies(people: Iterable[int], organization_ids: Collection[int], today: date) -> set[int]:
    """Who holds posts in two offices may be stood in for in one of them only."""
    people = set(people)
    deputising = Deputy.objects.on(today).filter(organization__in=organization_ids, principal__in=people)
    return people | set(deputising.values_list("deputy", flat=True))


def confirming(milestone: Milestone, today: date) -> set[int]:
    """Who may verify this milestone: a leader where the supervising side did or leads it itself."""
    if is_for_a_leader(milestone):
        people = _leaders_for(milestone.project, today)
    else:
        people = _secretariat(milestone.organization_id, today)
    return _able(people, lambda user: who_confirms(user, milestone, today))


def accepting(project: Project, today: date) -> set[int]:
    """Who may accept the close-out."""
    if project.lead_division is not None and project.lead_division.supervises:
        people = _leaders_for(project, today)
    else:
        people = _secretariat(project.organization_id, today)
    return _able(people, lambda user: who_verifies_close_out(user, project, today))


def deciding(request: ChangeRequest, today: date) -> set[int]:
    """Who may decide the change."""
    if request.tier == "LEADER":
        people = _with_deputies(deciders_of(request, today), [request.organization_id], today)
    else:
        people = _secretariat(request.organization_id, today)
    return _able(people, lambda user: who_decides(user, request, today))


def advising(request: ChangeRequest, today: date) -> set[int]:
    """Who of the 督办处 gives its opinion before a leader decides."""
    people = _secretariat(request.organization_id, today)
    return _able(people, lambda user: who_gives_opinion(user, request, today))


def _secretariat(organization_id: int, today: date) -> set[int]:
    return set(secretariat_of(organization_id, today=today).values_list("pk", flat=True))


def _leaders_for(project: Project, today: date) -> set[int]:
    """The leader in charge; where he holds no such post any more, all of them."""
    leaders = leaders_on(project.organization_id, today)
    chosen = {project.leader_id} & leaders or leaders
    return _with_deputies((pk for pk in chosen if pk is not None), [project.organization_id], today)


def _able(people: set[int], bars: Callable[[User], list[str]]) -> set[int]:
    """Those whom nothing bars; all of them where everybody is barred, so that somebody knows."""
    able = {user.pk for user in User.objects.filter(pk__in=people, is_active=True) if not bars(user)}
    return able or people


def _named(divisions: Collection[int | None]) -> set[int]:
    return {pk for pk in divisions if pk is not None}
