"""The rows of the piles, each with whose turn it is and since when."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Count, F, Prefetch, Window, prefetch_related_objects
from django.db.models.functions import RowNumber

from accounts.enums import Role
from accounts.models import Division, User
from accounts.standing import standing_of
from supervision.desk.queries.piles import PER_GROUP, Pile, first_rows, piles_of
from tasks.enums import ChangeTier, MilestoneState, ProjectState
from tasks.models import ChangeRequest, Milestone, Project
from tasks.queries.changes import waiting_for
from tasks.queries.hands import know_hands
from tasks.queries.ledger.grounds import Grounds
from tasks.queries.lights import LABELS, Light, milestone_light
from tasks.queries.turns import Turn, turn_of_change, turn_of_state, turn_on
from tasks.workflow import MILESTONE_MOVES


@dataclass
class Row:
    title: str
    project: Project
    milestone: Milestone | None
    division: Division | None
    turn: Turn | None
    light: Light | None = None
    bars: list[str] = field(default_factory=list)  # why this person may not do it, where that is known
    is_mine: bool = False
    said: str = ""  # what the division wrote when it sent this back
    change: ChangeRequest | None = None
    waited: int = 0  # calendar days since the change was asked for

    @property
    def anchor(self) -> str:
        return f"#milestone-{self.milestone.pk}" if self.milestone else ""


@dataclass
class Group:
    """The first rows of one pile. `kind` is its address, empty where all of it stands on another page."""

    kind: str
    title: str
    button: str
    hint: str
    count: int
    rows: list[Row]
    is_bulk: bool = False


@dataclass
class Section:
    """The piles of one hat that a person wears."""

    title: str
    groups: list[Group]

    @property
    def count(self) -> int:
        return sum(group.count for group in self.groups)


@dataclass
class Waiting:
    """Change requests before this person."""

    to_decide: Group
    for_opinion: Group
    approvals: Group


def sections_of(user: User, grounds: Grounds) -> list[Section]:
    """The hats of this person, with the first rows of each pile that holds any."""
    hats = piles_of(user, grounds)
    found = first_rows([pile for _, piles in hats for pile in piles], user)
    _load([row for _, rows in found.values() for row in rows])
    sections = []
    for title, piles in hats:
        groups = [group_of(pile, *found[pile.kind], user, grounds) for pile in piles if pile.kind in found]
        sections.append(Section(title, groups))
    return sections


def group_of(pile: Pile, count: int, things: Sequence[Milestone | Project], user: User, grounds: Grounds) -> Group:
    rows = rows_of(things, pile, user, grounds)
    return Group(pile.kind, pile.title, pile.button, pile.hint, count, rows, pile.is_bulk)


def rows_of(things: Sequence[Milestone | Project], pile: Pile, user: User, grounds: Grounds) -> list[Row]:
    milestones = [thing for thing in things if isinstance(thing, Milestone)]
    if pile.is_bulk:
        know_hands(milestones)
    return [
        *(_milestone_row(milestone, pile, user, grounds) for milestone in milestones),
        *(_project_row(thing, grounds) for thing in things if isinstance(thing, Project)),
    ]


def page_rows(things: Sequence[Milestone | Project], pile: Pile, user: User, grounds: Grounds) -> list[Row]:
    """The same for a page of one pile."""
    _load(things)
    return rows_of(things, pile, user, grounds)


def _load(things: Iterable[Milestone | Project]) -> None:
    """Only projects under way are asked for their milestones: the turn of the others is told by the project."""
    running = [row for row in things if isinstance(row, Project) and row.state == ProjectState.IN_PROGRESS]
    prefetch_related_objects(running, Prefetch("milestones", Milestone.objects.select_related("division")))


def _milestone_row(milestone: Milestone, pile: Pile, user: User, grounds: Grounds) -> Row:
    ground = grounds.of(milestone.organization_id)
    return Row(
        title=milestone.title,
        project=milestone.project,
        milestone=milestone,
        division=milestone.division,
        turn=turn_on(milestone, ground),
        light=milestone_light(milestone, milestone.project.state, ground),
        bars=MILESTONE_MOVES["confirm"].bars(user, milestone, grounds.today) if pile.is_bulk else [],
        is_mine=milestone.person_id == user.pk,
    )


def _project_row(project: Project, grounds: Grounds) -> Row:
    turn = turn_of_state(project, grounds.of(project.organization_id))
    row = Row(project.title, project, None, project.lead_division, turn, said=getattr(project, "said", "") or "")
    if turn is not None and turn.kind == "receive" and turn.day and turn.limit and turn.is_late:
        # Yellow on both workbenches (domain 3): red is for what is overdue.
        row.light = Light("yellow", LABELS["yellow"], f"超 {turn.day - turn.limit} 个工作日未签收")
    return row


def waiting_changes(user: User, grounds: Grounds) -> Waiting:
    """By what is asked of this person, the oldest first; one query: each old → new stands on the request's own page."""
    roles = standing_of(user, today=grounds.today).roles()
    days = grounds.of(min(standing_of(user, today=grounds.today).organization_ids())).policy
    waiting = Waiting(
        Group(
            "changes",
            "变更申请，请审定",
            "审定",
            f"{days.extension_days_by_secretariat} 个工作日以内的首次延期和调整由督办处决定",
            0,
            [],
        ),
        Group("opinions", "变更申请，请写督办处意见", "写意见", "意见送牵头领导决定", 0, []),
        Group("approvals", "等我审批", "审批", "", 0, []),
    )
    if not roles & {Role.SECRETARIAT, Role.LEADER}:
        return waiting
    rows = waiting_for(user, grounds.today).prefetch_related(None)
    rows = rows.annotate(
        pile_count=Window(Count("pk"), partition_by=F("tier")),
        place=Window(RowNumber(), partition_by=F("tier"), order_by=["asked_on", "pk"]),
    )
    for request in rows.filter(place__lte=PER_GROUP):
        if request.tier == ChangeTier.LEADER:
            group = waiting.approvals if Role.LEADER in roles else waiting.for_opinion
        else:
            group = waiting.to_decide
        turn = turn_of_change(request, grounds.of(request.organization_id))
        waited = (grounds.today - turn.since).days if turn.since else 0
        heading = f"{request.get_kind_display()}申请"
        row = Row(heading, request.project, None, request.project.lead_division, turn, change=request, waited=waited)
        group.count = request.pile_count
        group.rows.append(row)
    return waiting


def next_due(user: User, today: date) -> Milestone | None:
    """What comes next for this person's divisions; without a division, for the office."""
    standing = standing_of(user, today=today)
    working = (MilestoneState.PENDING, MilestoneState.IN_PROGRESS)
    ahead = Milestone.objects.filter(project__state=ProjectState.IN_PROGRESS, state__in=working, due_on__gte=today)
    if offices := standing.organizations_as(Role.SECRETARIAT):
        ahead = ahead.filter(organization__in=offices)
    elif not standing.division_ids():
        ahead = ahead.filter(project__in=Project.objects.visible_to(user, today).order_by())
    else:
        ahead = ahead.filter(division__in=standing.division_ids())
    return ahead.select_related("project", "division").order_by("due_on", "pk").first()
