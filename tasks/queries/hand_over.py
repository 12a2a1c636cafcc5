"""Open responsibilities of a person, and who still holds some without the post that goes with them."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from django.db.models import Count, Exists, OuterRef, Prefetch, Q, QuerySet

from accounts.enums import Role
from accounts.models import Division, Membership, User
from accounts.standing import Standing, standing_of
from tasks.enums import OPEN_MILESTONE_STATES, OPEN_STATES, ProjectState
from tasks.models import Milestone, Project
from tasks.queries.choices import Choices

LIVE = (ProjectState.DRAFT, *OPEN_STATES)


class Duty(StrEnum):
    LEADER = "leader"
    PERSON = "person"
    MILESTONE = "milestone"

    @property
    def label(self) -> str:
        return {"leader": "牵头领导", "person": "项目责任人", "milestone": "节点责任人"}[self.value]


@dataclass(frozen=True)
class Holding:
    """One thing that a person is responsible for; `division` is whose people may take it over, None: the leaders."""

    duty: Duty
    project: Project
    division: Division | None
    milestone: Milestone | None = None

    @property
    def key(self) -> str:
        return f"{self.duty}-{self.milestone.pk if self.milestone else self.project.pk}"

    @property
    def due_on(self) -> date | None:
        return self.milestone.due_on if self.milestone else self.project.due_on


def holdings_of(person: User, organization_ids: Iterable[int]) -> list[Holding]:
    """Everything open in these offices, drafts included: they would go out under the old name."""
    projects = Project.objects.filter(organization__in=organization_ids, state__in=LIVE).order_by("due_on", "id")
    projects = projects.select_related("lead_division", "key_task", "plan")
    holdings = []
    for project in projects.filter(Q(leader=person) | Q(person=person, lead_division__isnull=False)):
        if project.leader_id == person.pk:
            holdings.append(Holding(Duty.LEADER, project, None))
        if project.person_id == person.pk and project.lead_division is not None:
            holdings.append(Holding(Duty.PERSON, project, project.lead_division))
    milestones = _open_milestones(organization_ids).filter(person=person).order_by("due_on", "id")
    for milestone in milestones.select_related("division", "project__lead_division", "project__key_task"):
        holdings.append(Holding(Duty.MILESTONE, milestone.project, milestone.division, milestone))
    return holdings


def _open_milestones(organization_ids: Iterable[int]) -> QuerySet[Milestone]:
    return Milestone.objects.filter(
        organization__in=organization_ids,
        project__state__in=LIVE,
        state__in=OPEN_MILESTONE_STATES,
        division__isnull=False,
    )


def successors_of(holding: Holding, choices: Choices) -> Sequence[User]:
    """Who may take it over: people of the division, for a leader other leaders; the holder himself not."""
    people = choices.leaders if holding.division is None else choices.people_of(holding.division.pk)
    project = holding.project
    holder = {
        Duty.LEADER: project.leader_id,
        Duty.PERSON: project.person_id,
        Duty.MILESTONE: holding.milestone.person_id if holding.milestone else None,
    }[holding.duty]
    return [person for person in people if person.pk != holder]


@dataclass
class Holder:
    """A person with open responsibilities; `gone` of them belong to a post that he no longer holds."""

    person: User
    counts: Counter[Duty] = field(default_factory=Counter)
    gone: int = 0

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    @property
    def leads(self) -> int:
        return self.counts[Duty.LEADER]

    @property
    def projects(self) -> int:
        return self.counts[Duty.PERSON]

    @property
    def milestones(self) -> int:
        return self.counts[Duty.MILESTONE]

    @property
    def posts(self) -> str:
        """Where he works now, as the page lists it."""
        posts = self.person.memberships.all()
        return "、".join(
            dict.fromkeys(post.division.brief if post.division else post.get_role_display() for post in posts)
        )


def holders_for(user: User, today: date) -> list[Holder]:
    """Whose responsibilities this person may hand over, those without the post first."""
    standing = standing_of(user, today=today)
    offices, headed = offices_and_divisions(standing)
    if not offices and not headed:
        return []
    here = Membership.objects.on(today)
    own = Q(organization__in=offices)
    led = (own & Q(state__in=LIVE)) | Q(lead_division__in=headed, state__in=OPEN_STATES)
    done = (own & Q(project__state__in=LIVE)) | Q(division__in=headed, project__state__in=OPEN_STATES)
    lacks_lead = ~Exists(here.filter(user=OuterRef("person"), division=OuterRef("lead_division")))
    lacks_division = ~Exists(here.filter(user=OuterRef("person"), division=OuterRef("division")))
    is_leader = here.filter(user=OuterRef("leader"), organization=OuterRef("organization"), role=Role.LEADER)
    holders: dict[int, Holder] = {}
    off = Q(person__is_active=False)
    _count(
        holders,
        Duty.LEADER,
        "leader",
        Project.objects.filter(own, state__in=LIVE, leader__isnull=False),
        Q(~Exists(is_leader)) | Q(leader__is_active=False),
    )
    projects = Project.objects.filter(led, person__isnull=False, lead_division__isnull=False)
    _count(holders, Duty.PERSON, "person", projects, Q(lacks_lead) | off)
    milestones = Milestone.objects.filter(done, state__in=OPEN_MILESTONE_STATES)
    milestones = milestones.filter(person__isnull=False, division__isnull=False)
    _count(holders, Duty.MILESTONE, "person", milestones, Q(lacks_division) | off)
    posts = Prefetch("memberships", here.select_related("division"))
    for person in User.objects.filter(pk__in=holders).prefetch_related(posts):
        holders[person.pk].person = person
    return sorted(holders.values(), key=lambda row: (row.gone == 0, row.person.pinyin, row.person.pk))


def _count(
    holders: dict[int, Holder], duty: Duty, name: str, rows: QuerySet[Project] | QuerySet[Milestone], gone: Q
) -> None:
    counted = rows.order_by().values(name).annotate(held=Count("pk"), gone=Count("pk", filter=gone))
    for row in counted:
        holder = holders.setdefault(row[name], Holder(User(pk=row[name])))
        holder.counts[duty] += row["held"]
        holder.gone += row["gone"]


def offices_and_divisions(standing: Standing) -> tuple[set[int], set[int]]:
    """The offices that a person works for as secretariat, and the divisions he heads."""
    headed = {post.division_id for post in standing.as_role(Role.DIVISION_HEAD) if post.division_id}
    return standing.organizations_as(Role.SECRETARIAT), headed
