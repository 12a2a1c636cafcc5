"""Who may hold an inspection, and what must hold before (regulation on inspections, art. 11, 15)."""

from collections.abc import Iterable
from datetime import date

from accounts.enums import Role
from accounts.models import Division, Membership, User
from accounts.standing import standing_of
from supervision.inspections.models import Finding, Inspection, InspectionObject


def who_holds(user: User, organization_id: int, today: date) -> list[str]:
    if standing_of(user, today=today).holds(Role.SECRETARIAT, organization_id):
        return []
    return ["只有督办人员可以办理专项督查"]


def bar_repeated(
    divisions: Iterable[Division], *, year: int, matter_key: str, apart_from: Inspection | None = None
) -> list[str]:
    """No object is inspected twice in one matter; what is only planned counts too."""
    taken = InspectionObject.objects.filter(
        division__in=list(divisions), year=year, matter_key=matter_key, is_live=True
    ).select_related("division", "inspection")
    if apart_from is not None:
        taken = taken.exclude(inspection=apart_from)
    return [
        f"{row.division}{year}年已有同一事项的督查“{row.inspection}”（{row.inspection.get_state_display()}），"
        "一个对象一个事项只督查一次，请并入那一次或去掉这个处室"
        for row in taken
    ]


def bar_own_division(members: Iterable[User], divisions: Iterable[Division], today: date) -> list[str]:
    """Nobody inspects his own division."""
    own = (
        Membership.objects.on(today)
        .filter(user__in=list(members), division__in=list(divisions))
        .select_related("user", "division")
    )
    names = dict.fromkeys((row.user.name, row.division.name) for row in own if row.division)
    return [f"{name}在{division}任职，不能督查本处室，请换一名组员" for name, division in names]


def bar_to_correct(user: User, finding: Finding) -> list[str]:
    """What somebody has seen, he puts right himself; another writes down what he saw beside it."""
    if user.pk == finding.recorded_by_id:
        return []
    return [f"这条由{finding.recorded_by}登记，只有登记人可以更正；要补充的请另行登记"]


def when_begun(user: User, inspection: Inspection, today: date) -> list[str]:
    bars = []
    if not inspection.members.filter(is_head=True).exists():
        bars.append("还没有组长，请先在方案里指定")
    if not inspection.inspected.exists():
        bars.append("还没有督查对象，请先在方案里选择处室")
    return bars


def when_concluded(user: User, inspection: Inspection, today: date) -> list[str]:
    without = [row.division.name for row in inspection.inspected.filter(findings=None).select_related("division")]
    return [f"{'、'.join(without)}还没有登记督查情况，没有问题的也请写明"] if without else []


def always(user: User, inspection: Inspection, today: date) -> list[str]:
    return []
