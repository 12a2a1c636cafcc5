"""Everything one person is responsible for in a year, as it stands today."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.enums import Role
from accounts.models import Membership, User
from accounts.standing import standing_of
from tasks.enums import Bucket, MilestoneState, ProjectState
from tasks.models import Milestone, Project
from tasks.queries.figures import figures, lines_of
from tasks.queries.hand_over import Duty, offices_and_divisions
from tasks.queries.ledger.grounds import reads_ledger
from tasks.queries.lights import Light, ProjectView, for_lights, views_of


@dataclass(frozen=True)
class Responsibility:
    duty: Duty
    view: ProjectView
    light: Light
    milestone: Milestone | None = None

    @property
    def subject(self) -> Project | Milestone:
        return self.milestone or self.view.project

    @property
    def original_due_on(self) -> date | None:
        """Where it is another than today's."""
        original = self.subject.original_due_on
        return original if original != self.subject.due_on else None


@dataclass(frozen=True)
class Sum:
    duty: Duty
    total: int
    settled: int
    overdue: int

    @property
    def open(self) -> int:
        return self.total - self.settled - self.overdue


@dataclass(frozen=True)
class Part:
    """What the person does in one capacity."""

    sum: Sum
    rows: list[Responsibility]


def people_seen_by(user: User, year: int, today: date) -> QuerySet[User]:
    """Oneself; of a head the people who worked for him in that year; of the whole office for those who see it all."""
    standing = standing_of(user, today=today)
    _, headed = offices_and_divisions(standing)
    offices = standing.organizations_as(Role.SECRETARIAT, Role.LEADER, Role.ASSESSOR)
    during = Membership.objects.filter(starts_on__lte=date(year, 12, 31)).filter(
        Q(ends_on=None) | Q(ends_on__gte=date(year, 1, 1))
    )
    seen = Q(Exists(during.filter(user=OuterRef("pk"), division__in=headed)))
    seen |= Q(Exists(Membership.objects.filter(user=OuterRef("pk"), organization__in=offices)))
    own = Q(pk=user.pk) if reads_ledger(user, today) else Q(pk=None)
    return User.objects.filter(own | seen)


def parts_of(person: User, year: int, viewer: User, today: date) -> list[Part]:
    """By capacity, then by due date; drafts and cancelled ones are no responsibilities.

    Milestones are one's own, or of projects that the viewer reads whole (domain 1).
    """
    counted = Project.objects.visible_to(viewer, today).filter(plan__year=year)
    counted = counted.exclude(state__in=(ProjectState.DRAFT, ProjectState.CANCELLED))
    named = Exists(Milestone.objects.filter(project=OuterRef("pk"), person=person))
    mine = for_lights(counted.filter(Q(leader=person) | Q(person=person) | named)).order_by("due_on", "id")
    views = views_of(mine, today)
    parts = []
    for duty, name in ((Duty.LEADER, "leader"), (Duty.PERSON, "person")):
        rows = [Responsibility(duty, v, v.light) for v in views if getattr(v.project, f"{name}_id") == person.pk]
        if rows:
            own = figures(lines_of(counted.filter(**{name: person}), today))
            settled = own.closed + own[Bucket.CARRIED_OVER]
            parts.append(Part(Sum(duty, own.total, settled, own[Bucket.OVERDUE]), rows))
    whole = Project.objects.whole_for(viewer, today).filter(pk__in=[view.project.pk for view in views]).order_by()
    read = {view.project.pk for view in views} if viewer == person else set(whole.values_list("pk", flat=True))
    steps = sorted(
        _steps([view for view in views if view.project.pk in read], person),
        key=lambda row: (row.subject.due_on or date.max, row.subject.pk),
    )
    if steps:
        parts.append(Part(_sum_of_steps(steps, today), steps))
    return parts


def _steps(views: Iterable[ProjectView], person: User) -> Iterable[Responsibility]:
    for view in views:
        for milestone in view.project.milestones.all():
            if milestone.person_id == person.pk and milestone.state != MilestoneState.CANCELLED:
                yield Responsibility(Duty.MILESTONE, view, view.milestone_lights[milestone.pk], milestone)


def _sum_of_steps(rows: list[Responsibility], today: date) -> Sum:
    done = sum(1 for row in rows if row.subject.state == MilestoneState.DONE)
    late = Milestone.objects.overdue(today).filter(
        pk__in=[row.subject.pk for row in rows], project__state__in=(ProjectState.DISPATCHED, ProjectState.IN_PROGRESS)
    )
    return Sum(Duty.MILESTONE, len(rows), done, late.count())


def years_with_work(person: User, viewer: User, today: date) -> list[int]:
    """Years of plans in which the viewer finds the person named, the latest first."""
    named = Exists(Milestone.objects.filter(project=OuterRef("pk"), person=person))
    projects = Project.objects.visible_to(viewer, today).filter(Q(leader=person) | Q(person=person) | named)
    projects = projects.exclude(state__in=(ProjectState.DRAFT, ProjectState.CANCELLED))
    return list(projects.order_by("-plan__year").values_list("plan__year", flat=True).distinct())
