"""The piles of work that a person can have, by hat, as conditions; whether anything lies on one, the database says."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import (
    Case,
    CharField,
    Count,
    DateField,
    F,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
    Window,
)
from django.db.models.functions import RowNumber

from accounts.enums import DIVISION_ROLES, Outcome, Role
from accounts.models import Event, User
from accounts.standing import Standing, standing_of
from tasks.enums import MilestoneState, ProjectState
from tasks.models import Milestone, Project
from tasks.queries.ledger.grounds import Grounds

PER_GROUP = 10
_WORKING = (MilestoneState.PENDING, MilestoneState.IN_PROGRESS)
_SUPERVISED = Q(division__supervises=True) | Q(project__lead_division__supervises=True)
_GIVING = ("dispatch_project", "object_to_project", "recall_project")


@dataclass(frozen=True)
class Pile:
    """One kind of work waiting for this person: milestones or projects, the longest-waiting first.

    A row lies on one pile at most: `first_rows` relies on it.
    """

    kind: str
    title: str
    button: str
    hint: str
    model: type[Milestone] | type[Project]
    where: Q
    by: str  # the date that orders it
    is_bulk: bool = False
    mine_first: bool = False

    def rows(self, user: User) -> QuerySet[Any]:
        """All of it."""
        return (
            _started(self.model)
            .filter(self.where)
            .order_by(*([_other(user)] if self.mine_first else []), self.by, "pk")
        )


def piles_of(user: User, grounds: Grounds) -> list[tuple[str, list[Pile]]]:
    """Every pile this person can have, under the hat it belongs to."""
    standing = standing_of(user, today=grounds.today)
    hats = []
    if offices := standing.organizations_as(Role.SECRETARIAT):
        hats.append(("督办", _secretariat_piles(offices, standing, grounds)))
    if offices := standing.organizations_as(Role.LEADER):
        hats.append(("领导", _leader_piles(offices, grounds)))
    if standing.division_ids():
        hats.append(("处室", _division_piles(user, standing, grounds)))
    return hats


def first_rows(piles: Sequence[Pile], user: User) -> dict[str, tuple[int, list[Any]]]:
    """By pile how many lie there and the first of them: one query for all piles of milestones, one for those of projects."""
    found: dict[str, tuple[int, list[Any]]] = {}
    for model in (Milestone, Project):
        own = [pile for pile in piles if pile.model is model]
        if not own:
            continue
        rows = _started(model).filter(reduce(or_, (pile.where for pile in own)))
        rows = rows.annotate(
            pile=Case(*(When(pile.where, then=Value(pile.kind)) for pile in own), output_field=CharField()),
            waits=Case(*(When(pile.where, then=F(pile.by)) for pile in own), output_field=DateField()),
            other=_other(user) if any(pile.mine_first for pile in own) else Value(0),
        ).annotate(
            pile_count=Window(Count("pk"), partition_by="pile"),
            place=Window(RowNumber(), partition_by="pile", order_by=["other", "waits", "pk"]),
        )
        for row in loaded(rows.filter(place__lte=PER_GROUP).order_by("place")):
            found.setdefault(row.pile, (row.pile_count, []))[1].append(row)
    return found


def loaded(rows: QuerySet[Any]) -> QuerySet[Any]:
    """With what a row shows, without asking again for each."""
    if rows.model is Milestone:
        return rows.select_related("project__lead_division", "division", "person")
    return rows.select_related("lead_division")


def _started(model: type[Milestone] | type[Project]) -> QuerySet[Any]:
    if model is Milestone:
        return Milestone.objects.filter(project__state=ProjectState.IN_PROGRESS)
    last = Event.objects.filter(project_id=OuterRef("pk"), outcome=Outcome.DONE, verb__in=_GIVING).order_by("-id")

    def of_draft(name: str) -> Case:  # of nothing else is it asked
        return Case(When(state=ProjectState.DRAFT, then=Subquery(last.values(name)[:1])), output_field=CharField())

    return Project.objects.annotate(last_verb=of_draft("verb"), said=of_draft("words"))


def _other(user: User) -> Case:
    """0 where the person answers for it himself."""
    return Case(When(person=user, then=Value(0)), default=Value(1), output_field=IntegerField())


def _secretariat_piles(offices: set[int], standing: Standing, grounds: Grounds) -> list[Pile]:
    policy = grounds.of(min(offices)).policy
    here = Q(organization__in=offices)
    own_lead = Q(lead_division__supervises=True)
    asked = here & Q(state=ProjectState.CLOSE_OUT_REQUESTED)
    late = here & Q(state=ProjectState.DISPATCHED, receive_by__lt=grounds.today)
    return [
        Pile(
            "confirm",
            "待核实节点",
            "核实",
            f"督办处 {policy.verify_days} 个工作日内核实",
            Milestone,
            here & Q(state=MilestoneState.REPORTED) & ~_SUPERVISED,
            "reported_on",
            is_bulk=True,
        ),
        Pile("accept", "待验收项目", "验收", "评定成效，编号销号", Project, asked & ~own_lead, "requested_on"),
        Pile(
            "returned",
            "处室退回，请重新交办",
            "处理",
            "改后再交办",
            Project,
            # Lost among the other drafts if not told: a division sent it back and nobody dispatched or recalled it since.
            here & Q(state=ProjectState.DRAFT, last_verb="object_to_project"),
            "due_on",
        ),
        Pile(
            "unreceived",
            "未签收逾期",
            "查看",
            f"交办后 {policy.receive_days} 个工作日内签收",
            Project,
            late & ~Q(lead_division__in=standing.division_ids()),
            "dispatched_on",
        ),
    ]


def _leader_piles(offices: set[int], grounds: Grounds) -> list[Pile]:
    limit = f"{grounds.of(min(offices)).policy.verify_days} 个工作日内"
    here = Q(organization__in=offices)
    reported = here & Q(state=MilestoneState.REPORTED) & _SUPERVISED
    asked = here & Q(state=ProjectState.CLOSE_OUT_REQUESTED, lead_division__supervises=True)
    return [
        Pile("confirm-own", "督办处自办节点，请核实", "核实", f"{limit}核实", Milestone, reported, "reported_on"),
        Pile("accept-own", "督办处自办项目，请验收", "验收", f"{limit}验收", Project, asked, "requested_on"),
    ]


def _division_piles(user: User, standing: Standing, grounds: Grounds) -> list[Pile]:
    today = grounds.today
    own = standing.division_ids()
    headed = {post.division_id for post in standing.as_role(Role.DIVISION_HEAD) if post.division_id}
    policy = grounds.of(min(standing.organizations_as(*DIVISION_ROLES))).policy
    dispatched = Q(state=ProjectState.DISPATCHED, lead_division__in=own)
    limit = f"交办后 {policy.receive_days} 个工作日内"
    piles = [Pile("receive", "待签收", "签收", limit, Project, dispatched, "dispatched_on")]
    if headed:
        waiting = Q(state=MilestoneState.AWAITING_HEAD, division__in=headed)
        finished = Q(
            state=ProjectState.IN_PROGRESS,
            lead_division__in=headed,
            milestones_done__gt=0,
            milestones_done=F("milestones_counted"),
        )
        piles += [
            Pile("agree", "待处室审核", "审核", "同意后送督办处核实", Milestone, waiting, "due_on"),
            Pile("close", "可申请销号", "申请销号", "节点已全部完成", Project, finished, "due_on"),
        ]
    working = Q(division__in=own, state__in=_WORKING)
    sunday = today + timedelta(days=6 - today.weekday())
    soon = Q(due_on__gte=today) & (Q(due_on__lte=sunday) | Q(warn_on__lte=today))
    later = working & Q(person=user, due_on__gt=sunday) & (Q(warn_on__gt=today) | Q(warn_on=None))
    overdue = working & Q(due_on__lt=today)
    words = ("填报", "报送之日停表", Milestone)
    return [
        *piles,
        Pile("overdue", "已逾期节点", *words, overdue, "due_on", mine_first=True),
        Pile("soon", "本周到期和临期节点", "填报", "", Milestone, working & soon, "due_on", mine_first=True),
        Pile("later", "我的其他在办节点", "填报", "按完成时限排列", Milestone, later, "due_on"),
    ]
