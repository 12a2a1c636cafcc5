"""Work of a week about which nothing has been written: nothing is counted, ranked or kept of it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts.enums import Outcome, Role
from accounts.models import Deputy, Division, Event, Membership
from supervision.cycles.periods import Period
from tasks.enums import MilestoneState, ProjectState
from tasks.models import Milestone, ProgressEntry, Project
from tasks.queries.moments import DATE_HOLDS

# What changed a piece of work without a word about how it goes.
CHANGING = (
    "start_milestone",
    "send_back_by_head",
    "send_back_milestone",
    "reassign_milestone",
    "agree_change",
    "return_close_out",
)
_TO_DO = Q(state__in=(MilestoneState.PENDING, MilestoneState.IN_PROGRESS), project__state=ProjectState.IN_PROGRESS)


@dataclass(frozen=True)
class Matter:
    """A milestone, or a project by its own date, that is due or was changed."""

    division: Division
    project: Project
    milestone: Milestone | None
    is_due: bool

    @property
    def title(self) -> str:
        return self.milestone.title if self.milestone else self.project.title

    @property
    def due_on(self) -> date | None:
        return self.milestone.due_on if self.milestone else self.project.due_on

    @property
    def person_id(self) -> int | None:
        return self.milestone.person_id if self.milestone else self.project.person_id


def unreported(organization_id: int, week: Period, *, until: date | None = None) -> list[Matter]:
    """What is due in the week (or up to a later day) or was changed in it, and has no entry of its division in it.

    Five queries. What has been reported done has had its words.
    """
    due = DATE_HOLDS & Q(due_on__range=(week.starts_on, until or week.ends_on))
    changed = _changed(organization_id, week)
    here = Q(organization=organization_id)
    milestones = Milestone.objects.filter(here & _TO_DO & (due | Q(pk__in=changed["milestone"])))
    projects = Project.objects.filter(here, due | Q(pk__in=changed["project"]), state=ProjectState.IN_PROGRESS)
    written = _written(organization_id, week)
    due_days = (week.starts_on, until or week.ends_on)
    matters = [*_milestone_matters(milestones, due_days), *_project_matters(projects, due_days)]
    silent = (m for m in matters if (m.project.pk, m.division.pk) not in written)
    return sorted(silent, key=lambda m: (m.division.order, m.division.pk, m.due_on or date.max, m.project.number))


def matters_to_remind_of(organization_id: int, week: Period) -> list[Matter]:
    """Due this week or next, or changed this week."""
    return unreported(organization_id, week, until=week.next.ends_on)


def _milestone_matters(rows: QuerySet[Milestone], days: tuple[date, date]) -> Iterable[Matter]:
    for row in rows.select_related("division", "project").order_by("due_on", "pk"):
        if row.division is not None:
            yield Matter(row.division, row.project, row, _within(row.due_on, days))


def _project_matters(rows: QuerySet[Project], days: tuple[date, date]) -> Iterable[Matter]:
    for row in rows.select_related("lead_division").order_by("due_on", "pk"):
        if row.lead_division is not None:
            yield Matter(row.lead_division, row, None, _within(row.due_on, days))


def _within(day: date | None, days: tuple[date, date]) -> bool:
    return day is not None and days[0] <= day <= days[1]


def _changed(organization_id: int, week: Period) -> dict[str, list[int]]:
    """Ids by kind of what was changed."""
    zone = timezone.get_default_timezone()
    span = (
        datetime.combine(week.starts_on, time.min, zone),
        datetime.combine(week.ends_on + timedelta(days=1), time.min, zone),
    )
    events = Event.objects.filter(
        organization=organization_id, at__gte=span[0], at__lt=span[1], verb__in=CHANGING, outcome=Outcome.DONE
    ).order_by()
    ids: dict[str, list[int]] = {"milestone": [], "project": []}
    for kind, subject_id, project_id in events.values_list("subject_kind", "subject_id", "project_id").distinct():
        if kind == "milestone" and subject_id is not None:
            ids["milestone"].append(subject_id)
        elif project_id is not None:
            ids["project"].append(project_id)
    return ids


def _written(organization_id: int, week: Period) -> set[tuple[int, int]]:
    """Projects and the divisions that wrote about them."""
    entries = ProgressEntry.objects.filter(organization=organization_id, on__range=(week.starts_on, week.ends_on))
    rows = entries.order_by().values_list("project", "division", "project__lead_division").distinct()
    return {(project, division or lead) for project, division, lead in rows}


@dataclass
class Silent:
    """A division, and what of its work lacks words."""

    division: Division
    matters: list[Matter]


def by_division(matters: Iterable[Matter]) -> list[Silent]:
    silent: dict[int, Silent] = {}
    for matter in matters:
        silent.setdefault(matter.division.pk, Silent(matter.division, [])).matters.append(matter)
    return list(silent.values())


def audience(organization_id: int, matters: list[Matter], today: date) -> dict[int, list[Matter]]:
    """By person what to remind him of: the heads of all of their division's, the others of what they answer for.

    Only people of the division itself and those who stand in for its head, who may therefore read it.
    """
    of_division = {each.division.pk: each.matters for each in by_division(matters)}
    posts = Membership.objects.on(today).filter(
        organization=organization_id, user__is_active=True, division__in=of_division
    )
    people: dict[int, dict[Matter, None]] = {}
    headed: dict[int, dict[Matter, None]] = {}
    for person_id, division_id, role in posts.order_by("user").values_list("user", "division", "role"):
        if role == Role.DIVISION_HEAD:
            headed.setdefault(person_id, {}).update(dict.fromkeys(of_division[division_id]))
        for matter in of_division[division_id]:
            if role == Role.DIVISION_HEAD or matter.person_id == person_id:
                people.setdefault(person_id, {})[matter] = None
    standing_in = Deputy.objects.on(today).filter(organization=organization_id, principal__in=headed)
    for principal_id, deputy_id in standing_in.order_by("deputy").values_list("principal", "deputy"):
        people.setdefault(deputy_id, {}).update(headed[principal_id])
    return {person_id: list(held) for person_id, held in people.items()}
