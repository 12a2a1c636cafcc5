"""Who reads the ledger, where it begins, and the grounds its lights are told on."""

from collections.abc import Iterable
from datetime import date

from accounts.enums import DIVISION_ROLES, Role
from accounts.models import User
from accounts.policies import rules_of
from accounts.standing import standing_of
from tasks.enums import PlanKind
from tasks.models import Plan
from tasks.queries.lights import Ground

READERS = frozenset({Role.SECRETARIAT, Role.LEADER, Role.ASSESSOR, Role.OBSERVER, *DIVISION_ROLES})


def reads_ledger(user: User, today: date) -> bool:
    """系统管理员 and 审计员 see no business data (domain 1)."""
    return bool(standing_of(user, today=today).roles() & READERS)


def default_plan(plans: Iterable[Plan], today: date) -> Plan | None:
    """This year's annual plan: where ledger and workbench begin."""
    return next((plan for plan in plans if plan.year == today.year and plan.kind == PlanKind.ANNUAL), None)


class Grounds:
    """The grounds of the offices on a page, each read once."""

    def __init__(self, today: date) -> None:
        self.today = today
        self._known: dict[int, Ground] = {}

    def of(self, organization_id: int) -> Ground:
        if organization_id not in self._known:
            policy, calendar = rules_of(organization_id)
            self._known[organization_id] = Ground(self.today, calendar, policy)
        return self._known[organization_id]
