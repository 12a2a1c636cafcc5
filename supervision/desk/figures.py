"""The figures of the workbench: sums of this year's plan, each part a link into the ledger."""

from dataclasses import dataclass
from datetime import date

from accounts.enums import Role
from accounts.models import User
from accounts.standing import standing_of
from supervision.desk.queries import DivisionSums, by_division, worst_first
from tasks.models import Plan, Project
from tasks.queries.ledger import Grounds, Sum, default_plan, ledger_views, sums_of
from tasks.queries.lights import ProjectView

OVERVIEWERS = frozenset({Role.SECRETARIAT, Role.LEADER, Role.ASSESSOR, Role.OBSERVER})
SHOWN_AT_MOST = 10


@dataclass
class Figures:
    plan: Plan | None
    total: int  # dispatched: drafts are no figure
    running: int
    closed: int
    sums: list[Sum]
    divisions: list[DivisionSums]
    red: list[ProjectView]
    in_charge: list[ProjectView]  # of which this person is 牵头领导

    @property
    def plan_code(self) -> str:
        return str(self.plan.pk) if self.plan else "all"

    @property
    def closed_share(self) -> float | None:
        return self.closed * 100 / self.total if self.total else None

    @property
    def red_shown(self) -> list[ProjectView]:
        return self.red[:SHOWN_AT_MOST]

    @property
    def in_charge_shown(self) -> list[ProjectView]:
        return self.in_charge[:SHOWN_AT_MOST]

    @property
    def divisions_shown(self) -> list[DivisionSums]:
        return self.divisions[:SHOWN_AT_MOST]


def figures_for(user: User, grounds: Grounds) -> Figures | None:
    """For those who look at the whole; divisions see what is theirs to do."""
    today: date = grounds.today
    if not standing_of(user, today=today).roles() & OVERVIEWERS:
        return None
    plan = default_plan(Plan.objects.visible_to(user, today), today)
    projects = Project.objects.visible_to(user, today).exclude(state="DRAFT")
    views = ledger_views(projects.filter(plan=plan) if plan else projects, grounds)
    mine = [view for view in views if view.project.leader_id == user.pk]
    return Figures(
        plan=plan,
        total=len(views),
        running=sum(1 for view in views if view.project.is_open),
        closed=sum(1 for view in views if view.project.state == "CLOSED"),
        sums=sums_of(views),
        divisions=by_division(views),
        red=worst_first([view for view in views if view.light.code == "red"]),
        in_charge=worst_first([view for view in mine if view.project.is_open]),
    )
