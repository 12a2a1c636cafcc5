"""What waits for whom: the piles of the workbench as bounded database reads."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.db.models import Case, Count, Exists, F, IntegerField, OuterRef, Q, QuerySet, Subquery, Value, When, Window

from accounts.enums import DIVISION_ROLES, Outcome, Role
from accounts.models import Division, Event, User
from accounts.standing import Standing, standing_of
from tasks.enums import CloseOutState, MilestoneState, ProjectState
from tasks.models import CloseOut, Milestone, Project
from tasks.queries.hands import know_hands
from tasks.queries.ledger import Grounds, Sum, sums_of
from tasks.queries.lights import LABELS, Light, ProjectView, milestone_light
from tasks.queries.turns import Turn, turn_on, turns_of
from tasks.workflow import MILESTONE_MOVES

PER_GROUP = 10
PER_PAGE = 50


@dataclass(frozen=True)
class Pile:
    """One kind of work waiting for this person. `rows` are milestones or projects, the longest-waiting first."""

    kind: str
    title: str
    button: str
    hint: str
    rows: QuerySet[Any]
    is_bulk: bool = False


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

    @property
    def anchor(self) -> str:
        return f"#milestone-{self.milestone.pk}" if self.milestone else ""


@dataclass
class Group:
    pile: Pile
    count: int
    rows: list[Row]


@dataclass
class Section:
    """The piles of one hat that a person wears."""

    title: str
    groups: list[Group]

    @property
    def count(self) -> int:
        return sum(group.count for group in self.groups)


@dataclass
class DivisionSums:
    division: Division
    red: int
    yellow: int
    running: int
    parts: list[Sum]


# ── Piles ────────────────────────────────────────────────────────────────────


def piles_of(user: User, grounds: Grounds) -> list[tuple[str, list[Pile]]]:
    """Every pile this person can have, under the hat it belongs to; whether anything lies on it, the database says."""
    standing = standing_of(user, today=grounds.today)
    hats = []
    if offices := standing.organizations_as(Role.SECRETARIAT):
        hats.append(("督办", _secretariat_piles(offices, grounds)))
    if offices := standing.organizations_as(Role.LEADER):
        hats.append(("领导", _leader_piles(offices, grounds)))
    if standing.division_ids():
        hats.append(("处室", _division_piles(user, standing, grounds)))
    return hats


_OWN = Q(division__supervises=True) | Q(project__lead_division__supervises=True)


def _secretariat_piles(offices: set[int], grounds: Grounds) -> list[Pile]:
    policy = grounds.of(min(offices)).policy
    limit = f"{policy.verify_days} 个工作日内"
    reported = _running().filter(organization__in=offices, state=MilestoneState.REPORTED).exclude(_OWN)
    asked = _asked(offices).exclude(lead_division__supervises=True)
    late = Project.objects.filter(_unreceived(offices, grounds)).order_by("dispatched_on", "id")
    return [
        Pile(
            "confirm",
            "待核实节点",
            "核实",
            f"督办处 {limit}核实",
            reported.order_by("reported_on", "id"),
            is_bulk=True,
        ),
        Pile("accept", "待验收项目", "验收", "成效评价并编销号编号", asked),
        Pile("returned", "处室退回，请重新交办", "处理", "改后再交办", _returned(offices)),
        Pile("unreceived", "未签收逾期", "查看", f"交办后 {policy.receive_days} 个工作日内签收", late),
    ]


def _leader_piles(offices: set[int], grounds: Grounds) -> list[Pile]:
    limit = f"{grounds.of(min(offices)).policy.verify_days} 个工作日内"
    reported = _running().filter(_OWN, organization__in=offices, state=MilestoneState.REPORTED)
    asked = _asked(offices).filter(lead_division__supervises=True)
    return [
        Pile("confirm-own", "督办处自办节点，请核实", "核实", f"{limit}核实", reported.order_by("reported_on", "id")),
        Pile("accept-own", "督办处自办项目，请验收", "验收", f"{limit}验收", asked),
    ]


def _division_piles(user: User, standing: Standing, grounds: Grounds) -> list[Pile]:
    today = grounds.today
    own = standing.division_ids()
    headed = {post.division_id for post in standing.as_role(Role.DIVISION_HEAD) if post.division_id}
    policy = grounds.of(min(standing.organizations_as(*DIVISION_ROLES))).policy
    dispatched = Project.objects.filter(state=ProjectState.DISPATCHED, lead_division__in=own)
    piles = [
        Pile(
            "receive",
            "待签收",
            "签收",
            f"交办后 {policy.receive_days} 个工作日内",
            dispatched.order_by("dispatched_on", "id"),
        )
    ]
    if headed:
        waiting = _running().filter(state=MilestoneState.AWAITING_HEAD, division__in=headed)
        piles += [
            Pile("agree", "待处室审核", "审核", "同意后送督办处核实", waiting.order_by("due_on", "id")),
            Pile("close", "可申请销号", "申请销号", "节点已全部完成", _finished(headed).order_by("due_on", "id")),
        ]
    working = _mine_first(_running().filter(division__in=own, state__in=_WORKING), user)
    sunday = today + timedelta(days=6 - today.weekday())
    soon = Q(due_on__gte=today) & (Q(due_on__lte=sunday) | Q(warn_on__lte=today))
    piles += [
        Pile("overdue", "已逾期节点", "填报", "报送之日停表", working.filter(due_on__lt=today)),
        Pile("soon", "本周到期和临期节点", "填报", "", working.filter(soon)),
    ]
    later = working.filter(person=user, due_on__gte=today).exclude(soon)
    piles.append(Pile("later", "我的其他在办节点", "填报", "按完成时限排列", later))
    return piles


_WORKING = (MilestoneState.PENDING, MilestoneState.IN_PROGRESS)


def _running() -> QuerySet[Milestone]:
    return Milestone.objects.filter(project__state=ProjectState.IN_PROGRESS)


def _mine_first(milestones: QuerySet[Milestone], user: User) -> QuerySet[Milestone]:
    other = Case(When(person=user, then=Value(0)), default=Value(1), output_field=IntegerField())
    return milestones.order_by(other, "due_on", "id")


def _asked(offices: set[int]) -> QuerySet[Project]:
    request = CloseOut.objects.filter(project=OuterRef("pk"), state=CloseOutState.REQUESTED)
    rows = Project.objects.filter(organization__in=offices, state=ProjectState.CLOSE_OUT_REQUESTED)
    return rows.annotate(asked_on=Subquery(request.values("requested_on")[:1])).order_by("asked_on", "id")


_GIVING = ("dispatch_project", "object_to_project", "recall_project")


def _returned(offices: set[int]) -> QuerySet[Project]:
    """Drafts that a division sent back and nobody dispatched or recalled since: lost among the other drafts if not told."""
    last = Event.objects.filter(project_id=OuterRef("pk"), outcome=Outcome.DONE, verb__in=_GIVING).order_by("-id")
    rows = Project.objects.filter(organization__in=offices, state=ProjectState.DRAFT)
    told = rows.annotate(
        told=Subquery(last.values("pk")[:1]),
        last_verb=Subquery(last.values("verb")[:1]),
        said=Subquery(last.values("words")[:1]),
    )
    return told.filter(last_verb="object_to_project").order_by("told")


def _unreceived(offices: set[int], grounds: Grounds) -> Q:
    """Dispatched before the last day on which it would still be in time."""
    late = Q(pk__in=())
    for office in offices:
        ground = grounds.of(office)
        last = ground.calendar.add(ground.calendar.on_or_before(grounds.today), -ground.policy.receive_days)
        late |= Q(organization=office, state=ProjectState.DISPATCHED, dispatched_on__lt=last)
    return late


def _finished(divisions: set[int]) -> QuerySet[Project]:
    """Every milestone done or cancelled, at least one done."""
    own = Milestone.objects.filter(project=OuterRef("pk"))
    return Project.objects.filter(
        Exists(own.filter(state=MilestoneState.DONE)),
        ~Exists(own.open()),
        state=ProjectState.IN_PROGRESS,
        lead_division__in=divisions,
    )


# ── Rows ─────────────────────────────────────────────────────────────────────


def sections_of(user: User, grounds: Grounds) -> list[Section]:
    """The hats of this person, with the first rows of each pile that holds any."""
    sections = []
    for title, piles in piles_of(user, grounds):
        groups = [_group(pile, user, grounds) for pile in piles]
        sections.append(Section(title, [group for group in groups if group.count]))
    return sections


def _group(pile: Pile, user: User, grounds: Grounds) -> Group:
    # The window counts all of the pile in the query that fetches its first rows.
    first = list(loaded(pile.rows).annotate(total=Window(Count("pk")))[:PER_GROUP])
    return Group(pile, first[0].total if first else 0, rows_of(first, pile, user, grounds))


def loaded(rows: QuerySet[Any]) -> QuerySet[Any]:
    """With what a row shows, without asking again for each."""
    if rows.model is Milestone:
        return rows.select_related("project__lead_division", "division", "person")
    return rows.select_related("lead_division").prefetch_related("close_outs", "milestones__division", "change_requests")


def rows_of(things: Sequence[Milestone | Project], pile: Pile, user: User, grounds: Grounds) -> list[Row]:
    milestones = [thing for thing in things if isinstance(thing, Milestone)]
    if pile.is_bulk:
        know_hands(milestones)
    return [
        *(_milestone_row(milestone, pile, user, grounds) for milestone in milestones),
        *(_project_row(thing, grounds) for thing in things if isinstance(thing, Project)),
    ]


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
    turn = next(iter(turns_of(project, grounds.of(project.organization_id))), None)
    row = Row(project.title, project, None, project.lead_division, turn, said=getattr(project, "said", ""))
    if turn is not None and turn.kind == "receive" and turn.day and turn.limit and turn.is_late:
        # Yellow on both workbenches (domain 3): red is for what is overdue.
        row.light = Light("yellow", LABELS["yellow"], f"超 {turn.day - turn.limit} 个工作日未签收")
    return row


def drafts_waiting(user: User, today: date) -> int:
    offices = standing_of(user, today=today).organizations_as(Role.SECRETARIAT)
    return Project.objects.filter(organization__in=offices, state=ProjectState.DRAFT).count() if offices else 0


def next_due(user: User, today: date) -> Milestone | None:
    """What comes next for this person's divisions; without a division, for the office."""
    standing = standing_of(user, today=today)
    ahead = _running().filter(state__in=_WORKING, due_on__gte=today).select_related("project", "division")
    if Role.SECRETARIAT in standing.roles() or not standing.division_ids():
        ahead = ahead.filter(project__in=Project.objects.visible_to(user, today).order_by())
    else:
        ahead = ahead.filter(division__in=standing.division_ids())
    return ahead.order_by(F("due_on"), "id").first()


# ── Figures ──────────────────────────────────────────────────────────────────


def by_division(views: Sequence[ProjectView]) -> list[DivisionSums]:
    """Divisions that lead something red or yellow, the worst first."""
    led: dict[Division, list[ProjectView]] = {}
    for view in views:
        if view.project.lead_division is not None and view.project.is_open:
            led.setdefault(view.project.lead_division, []).append(view)
    rows = []
    for division, own in led.items():
        codes = [view.light.code for view in own]
        rows.append(DivisionSums(division, codes.count("red"), codes.count("yellow"), len(own), sums_of(own)))
    lit = [row for row in rows if row.red or row.yellow]
    return sorted(lit, key=lambda row: (-row.red, -row.yellow, row.division.order, row.division.pk))


def worst_first(views: Sequence[ProjectView]) -> list[ProjectView]:
    """Red before yellow before the rest, then by date."""
    places = {"red": 0, "yellow": 1, "blue": 2}
    return sorted(views, key=lambda view: (places.get(view.light.code, 3), view.project.due_on or date.max))
