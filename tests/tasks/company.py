"""The cast with deputies and second holders of a post, and how each move is made by whoever it is."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db import transaction

from accounts.actions.deputies import name_deputy
from accounts.enums import Role
from accounts.models import Organization, User
from cppcc_office.lib.errors import Refused
from tasks.actions import close_out, milestone, project
from tasks.enums import Effect, MilestoneState, ProjectState
from tasks.models import Milestone, Project
from tests.cast import NOW, TODAY, Cast, joins, make_cast, person
from tests.remembered import remembered
from tests.walks import project_at

YES = "可以"
MEND_ON = date(2026, 3, 20)


@dataclass
class Company(Cast):
    """`head_deputy` stands in for `head`, `standing_in` (of the 督办处) for `second_head`, `leader_deputy` for `leader`."""

    second_head: User = field(kw_only=True)
    outside_head: User = field(kw_only=True)
    head_deputy: User = field(kw_only=True)
    standing_in: User = field(kw_only=True)
    leader_deputy: User = field(kw_only=True)


def deputises(deputy: User, principal: User, office: Organization) -> None:
    until = date(2026, 12, 31)
    name_deputy(deputy, organization=office, starts_on=TODAY, ends_on=until, by=principal, now=NOW, today=TODAY)


@remembered
def make_company() -> Company:
    cast = make_cast()
    company = Company(
        **vars(cast),
        second_head=person("shen", "沈副处长", title="副处长"),
        outside_head=person("han", "韩处长", title="处长"),
        head_deputy=person("yang", "杨副处长", title="副处长"),
        standing_in=person("zhu", "朱科员"),
        leader_deputy=person("qin", "秦副主任"),
    )
    joins(company.second_head, cast.office, Role.DIVISION_HEAD, cast.lead)
    joins(company.outside_head, cast.office, Role.DIVISION_HEAD, cast.outside)
    joins(company.head_deputy, cast.office, Role.STAFF, cast.outside)
    joins(company.standing_in, cast.office, Role.STAFF, cast.supervising)
    joins(company.leader_deputy, cast.office, Role.STAFF, cast.outside)
    deputises(company.head_deputy, cast.head, cast.office)
    deputises(company.standing_in, company.second_head, cast.office)
    deputises(company.leader_deputy, cast.leader, cast.office)
    return company


def fresh(user: User) -> User:
    """As the next request would load him: without what this one remembered."""
    return User.objects.get(pk=user.pk)


@dataclass(frozen=True)
class ProjectAct:
    """One move of a project: where it starts, who usually makes it, and the call."""

    at: ProjectState
    to: ProjectState
    by: str
    verb: str
    do: Callable[[Project, User, int, datetime], object]


PROJECT_ACTS = {
    "dispatch": ProjectAct(
        ProjectState.DRAFT,
        ProjectState.DISPATCHED,
        "secretariat",
        "dispatch_project",
        lambda row, by, version, now: project.dispatch_project(row, by=by, version=version, now=now),
    ),
    "receive": ProjectAct(
        ProjectState.DISPATCHED,
        ProjectState.IN_PROGRESS,
        "staff",
        "receive_project",
        lambda row, by, version, now: project.receive_project(row, by=by, version=version, now=now),
    ),
    "object": ProjectAct(
        ProjectState.DISPATCHED,
        ProjectState.DRAFT,
        "head",
        "object_to_project",
        lambda row, by, version, now: project.object_to_project(
            row, by=by, version=version, note="不属本处室职责", belongs_to="研究室", now=now
        ),
    ),
    "recall": ProjectAct(
        ProjectState.DISPATCHED,
        ProjectState.DRAFT,
        "secretariat",
        "recall_project",
        lambda row, by, version, now: project.recall_project(row, by=by, version=version, now=now),
    ),
    "request_close_out": ProjectAct(
        ProjectState.IN_PROGRESS,
        ProjectState.CLOSE_OUT_REQUESTED,
        "head",
        "request_close_out",
        lambda row, by, version, now: close_out.request_close_out(
            row, by=by, version=version, summary="全部完成", files=[], now=now
        ),
    ),
    "withdraw_close_out": ProjectAct(
        ProjectState.CLOSE_OUT_REQUESTED,
        ProjectState.IN_PROGRESS,
        "head",
        "withdraw_close_out",
        lambda row, by, version, now: close_out.withdraw_close_out(row, by=by, version=version, now=now),
    ),
    "accept_close_out": ProjectAct(
        ProjectState.CLOSE_OUT_REQUESTED,
        ProjectState.CLOSED,
        "secretariat",
        "accept_close_out",
        lambda row, by, version, now: close_out.accept_close_out(
            row, by=by, version=version, effect=Effect.GOOD, now=now
        ),
    ),
    "return_close_out": ProjectAct(
        ProjectState.CLOSE_OUT_REQUESTED,
        ProjectState.IN_PROGRESS,
        "secretariat",
        "return_close_out",
        lambda row, by, version, now: close_out.return_close_out(
            row, by=by, version=version, note="佐证材料不全", mend_on=MEND_ON, now=now
        ),
    ),
}


@dataclass(frozen=True)
class MilestoneAct:
    """One move of a milestone, in a project that is 办理中."""

    at: MilestoneState
    to: MilestoneState
    by: str
    verb: str
    do: Callable[[Milestone, User, int, datetime], object]


MILESTONE_ACTS = {
    "start": MilestoneAct(
        MilestoneState.PENDING,
        MilestoneState.IN_PROGRESS,
        "staff",
        "start_milestone",
        lambda node, by, version, now: milestone.start_milestone(node, by=by, version=version, now=now),
    ),
    "report": MilestoneAct(
        MilestoneState.IN_PROGRESS,
        MilestoneState.AWAITING_HEAD,
        "staff",
        "report_milestone",
        lambda node, by, version, now: milestone.report_milestone(node, by=by, version=version, note="已办", now=now),
    ),
    "agree": MilestoneAct(
        MilestoneState.AWAITING_HEAD,
        MilestoneState.REPORTED,
        "head",
        "agree_milestone",
        lambda node, by, version, now: milestone.agree_milestone(node, by=by, version=version, now=now),
    ),
    "send_back_by_head": MilestoneAct(
        MilestoneState.AWAITING_HEAD,
        MilestoneState.IN_PROGRESS,
        "head",
        "send_back_by_head",
        lambda node, by, version, now: milestone.send_back_by_head(node, by=by, version=version, note="请补", now=now),
    ),
    "confirm": MilestoneAct(
        MilestoneState.REPORTED,
        MilestoneState.DONE,
        "secretariat",
        "confirm_milestone",
        lambda node, by, version, now: milestone.confirm_milestone(node, by=by, version=version, now=now),
    ),
    "send_back": MilestoneAct(
        MilestoneState.REPORTED,
        MilestoneState.IN_PROGRESS,
        "secretariat",
        "send_back_milestone",
        lambda node, by, version, now: milestone.send_back_milestone(
            node, by=by, version=version, note="缺附件", now=now
        ),
    ),
}


def node_of(pk: int) -> Milestone:
    return Milestone.objects.select_related("project", "division").get(pk=pk)


def advance(node: Milestone, name: str, by: User, *, now: datetime = NOW) -> Milestone:
    """Make one move of the milestone as the next request would, and return it anew."""
    node = node_of(node.pk)
    MILESTONE_ACTS[name].do(node, by, node.project.version, now)
    return node_of(node.pk)


@remembered
def milestone_at(state: MilestoneState, cast: Cast, *, now: datetime = NOW) -> Milestone:
    """The first milestone of a project that is 办理中, walked to the state by `staff`, `head` and `second_secretariat`."""
    row = project_at(ProjectState.IN_PROGRESS, cast, now=now)
    node = node_of(row.milestones.all()[0].pk)
    way = {
        MilestoneState.PENDING: (),
        MilestoneState.IN_PROGRESS: ("start",),
        MilestoneState.AWAITING_HEAD: ("start", "report"),
        MilestoneState.REPORTED: ("start", "report", "agree"),
        MilestoneState.DONE: ("start", "report", "agree", "confirm"),
    }[state]
    for name in way:
        node = advance(
            node, name, {"confirm": cast.second_secretariat, "agree": cast.head}.get(name, cast.staff), now=now
        )
    return node


@remembered
def finished(cast: Cast, *, now: datetime = NOW) -> Project:
    """In progress with every milestone done, so that nothing but the person can bar the close-out request."""
    row = project_at(ProjectState.CLOSE_OUT_REQUESTED, cast, now=now)
    close_out.withdraw_close_out(row, by=cast.head, version=row.version, now=now)
    return row


def ready_for(name: str, cast: Cast, *, now: datetime = NOW) -> Project:
    """A project for which only the person can bar this move."""
    if name == "request_close_out":
        return finished(cast, now=now)
    return project_at(PROJECT_ACTS[name].at, cast, now=now)


class Undone(Exception):
    """Rolls an allowed attempt back, so that the next person finds the same state."""


def answer_to(attempt: Callable[[], object]) -> str:
    """`YES`, or the refusal in the words the person reads; nothing stays of the attempt."""
    try:
        with transaction.atomic():
            attempt()
            raise Undone
    except Undone:
        return YES
    except Refused as refusal:
        return "；".join(refusal.reasons)
