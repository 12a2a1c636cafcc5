"""What the daily watch finds: by person what fell due, what comes near, and what waits for him; streamed, one office at a time."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from heapq import merge
from itertools import groupby
from operator import itemgetter
from typing import Any

from django.db.models import Count, F, Q, QuerySet

from accounts.enums import Role
from accounts.models import Deputy, Membership, User
from cppcc_office.lib.workdays import WorkCalendar
from supervision.cycles.enums import Cycle, RunState
from supervision.cycles.models import CycleRun
from tasks.enums import ChangeState, MilestoneState, ProjectState
from tasks.models import ChangeRequest, Milestone, Project
from tasks.queries.changes import waiting_for
from tasks.queries.moments import DATE_HOLDS
from tasks.queries.outlook import RUNNING

LEADS = (1, 3, 7)  # working days before a due date
OVERDUE, TODAY = "overdue", "today"
CHUNK = 2_000
_LIVE = (ProjectState.DISPATCHED, ProjectState.IN_PROGRESS)
# Of a date that may not hold nobody is reminded.
MILESTONE_RUNS = Q(state__in=RUNNING, project__state__in=_LIVE) & DATE_HOLDS
PROJECT_RUNS = Q(state__in=_LIVE) & DATE_HOLDS
# What waits for somebody, on milestones and on projects.
TO_AGREE = Q(state=MilestoneState.AWAITING_HEAD, project__state=ProjectState.IN_PROGRESS)
TO_CONFIRM = Q(state=MilestoneState.REPORTED, project__state=ProjectState.IN_PROGRESS)
TO_RECEIVE = Q(state=ProjectState.DISPATCHED)
TO_CLOSE = Q(state=ProjectState.IN_PROGRESS, milestones_done__gt=0, milestones_done=F("milestones_counted"))
TO_ACCEPT = Q(state=ProjectState.CLOSE_OUT_REQUESTED)
# Work of the supervising division itself is verified by a leader.
MILESTONE_IS_OWN = Q(division__supervises=True) | Q(project__lead_division__supervises=True)
PROJECT_IS_OWN = Q(lead_division__supervises=True)
_SEES_ALL = frozenset({Role.SECRETARIAT, Role.LEADER, Role.ASSESSOR})


@dataclass(frozen=True)
class Span:
    """Due dates from a day up to but not including another; no first day: everything before."""

    code: str
    since: date | None
    until: date

    @property
    def where(self) -> Q:
        return Q(due_on__lt=self.until) & (Q(due_on__gte=self.since) if self.since else Q())


def spans_of(calendar: WorkCalendar, today: date, *, seen_on: date | None = None) -> list[Span]:
    """Overdue, today, and 1, 3, 7 working days before, none of them overlapping.

    With `seen_on`, the day of the watch before, only what has come that near since then: a watch that was missed loses
    nothing. A due date on a day off counts as the working day before it.
    """
    floor = calendar.add(today, 1)
    spans = [Span(OVERDUE, None, today), Span(TODAY, today, floor)]
    for lead in LEADS:
        until = calendar.add(today, lead + 1)
        since = floor if seen_on is None else min(until, max(floor, calendar.add(seen_on, lead + 1)))
        spans.append(Span(str(lead), since, until))
        floor = until
    return spans


def seen_before(run: CycleRun, today: date, calendar: WorkCalendar) -> date:
    """The day of the watch before this one that ran; of the first one, the working day before."""
    before = CycleRun.objects.filter(
        organization=run.organization_id, cycle=Cycle.DAILY, state=RunState.DONE, starts_on__lt=run.starts_on
    )
    day: date | None = before.order_by("-starts_on").values_list("starts_on", flat=True).first()
    return day if day is not None else calendar.add(today, -1)


@dataclass
class Found:
    """What one person is told: how many lie in each span, and how many things wait for him."""

    person_id: int
    due: Counter[str] = field(default_factory=Counter)
    waiting: int = 0

    def __bool__(self) -> bool:
        return self.waiting > 0 or self.due.total() > 0


def found_in(organization_id: int, spans: list[Span], today: date) -> Iterator[Found]:
    """Everybody of the office for whom there is anything, by id; seven statements, held piece by piece.

    Only those who decide on changes are asked for one by one, because who decides is a rule of its own.
    """
    waiting = _Waiting(organization_id, today)
    rows = merge(
        _own_milestones(organization_id, spans),
        _own_projects(organization_id, spans),
        _posts(organization_id, today),
        _deputy_posts(organization_id, today),
        key=itemgetter(0),
    )
    for person_id, own in groupby(rows, key=itemgetter(0)):
        found = _found(person_id, own, spans, waiting)
        if found:
            yield found


@dataclass(frozen=True)
class _Own:
    """A group of one person's lines, and the divisions of which one must be his for him to see them."""

    divisions: frozenset[int]
    counts: tuple[int, ...]


@dataclass(frozen=True)
class _Post:
    role: Role
    division_id: int | None
    supervises: bool


_Row = tuple[int, _Own | _Post]


def _found(person_id: int, rows: Iterable[_Row], spans: list[Span], waiting: "_Waiting") -> Found:
    own, posts = [], []
    for _, row in rows:
        if isinstance(row, _Own):
            own.append(row)
        else:
            posts.append(row)
    roles = {post.role for post in posts} | {Role.SECRETARIAT for post in posts if post.supervises}
    divisions = {post.division_id for post in posts if post.division_id is not None}
    found = Found(person_id)
    for line in own:
        if roles & _SEES_ALL or divisions & line.divisions:
            found.due.update(dict(zip((span.code for span in spans), line.counts, strict=True)))
    headed = {post.division_id for post in posts if post.role == Role.DIVISION_HEAD and post.division_id is not None}
    found.waiting = waiting.for_person(person_id, roles, divisions, headed)
    return found


def _own_milestones(organization_id: int, spans: list[Span]) -> Iterator[_Row]:
    rows = Milestone.objects.filter(MILESTONE_RUNS, organization=organization_id, due_on__lt=spans[-1].until)
    return _own(rows, spans, "division", "project__lead_division")


def _own_projects(organization_id: int, spans: list[Span]) -> Iterator[_Row]:
    rows = Project.objects.filter(PROJECT_RUNS, organization=organization_id, due_on__lt=spans[-1].until)
    return _own(rows, spans, "lead_division")


def _own(rows: QuerySet[Any], spans: list[Span], *divisions: str) -> Iterator[_Row]:
    """Grouped by the person who answers for it. Who left is told by `_posts`: without one nobody sees anything."""
    counts = {f"n{place}": Count("pk", filter=span.where) for place, span in enumerate(spans)}
    grouped = rows.filter(person__isnull=False).order_by("person").values("person", *divisions).annotate(**counts)
    for person_id, *values in grouped.values_list("person", *divisions, *counts).iterator(CHUNK):
        places = values[: len(divisions)]
        yield person_id, _Own(frozenset(pk for pk in places if pk), tuple(values[len(divisions) :]))


def _posts(organization_id: int, today: date) -> Iterator[_Row]:
    posts = Membership.objects.on(today).filter(organization=organization_id, user__is_active=True).order_by("user")
    rows = posts.values_list("user", "role", "division", "division__supervises")
    for person_id, role, division_id, supervises in rows.iterator(CHUNK):
        yield person_id, _Post(Role(role), division_id, bool(supervises))


def _deputy_posts(organization_id: int, today: date) -> Iterator[_Row]:
    """Of those who stand in for a head or a leader: as `standing_of` has it, the secretariat's post is not passed on."""
    deputies = Deputy.objects.on(today).filter(organization=organization_id, deputy__is_active=True)
    of = "principal__memberships"
    held = Q(**{f"{of}__ends_on": None}) | Q(**{f"{of}__ends_on__gte": today})
    rows = deputies.filter(
        held,
        **{
            f"{of}__starts_on__lte": today,
            f"{of}__organization": organization_id,
            f"{of}__role__in": [Role.DIVISION_HEAD, Role.LEADER],
        },
    ).order_by("deputy")
    for person_id, role, division_id in rows.values_list("deputy", f"{of}__role", f"{of}__division").iterator(CHUNK):
        yield person_id, _Post(Role(role), division_id, supervises=False)


class _Waiting:
    """How many things wait, by division and for the office's deciders: three statements, a row per division."""

    def __init__(self, organization_id: int, today: date) -> None:
        self.today = today
        self.of_division: Counter[int] = Counter()  # anybody's of the division
        self.of_head: Counter[int] = Counter()
        self.of_secretariat = self.of_leader = 0
        here = Q(organization=organization_id)
        projects = Project.objects.filter(here, TO_RECEIVE | TO_CLOSE | TO_ACCEPT).order_by()
        counted = projects.values("lead_division", "lead_division__supervises").annotate(
            receive=Count("pk", filter=TO_RECEIVE),
            close=Count("pk", filter=TO_CLOSE),
            accept=Count("pk", filter=TO_ACCEPT),
        )
        for row in counted:
            self.of_division[row["lead_division"]] += row["receive"]
            self.of_head[row["lead_division"]] += row["close"]
            self._to_verify(row["accept"], is_own=row["lead_division__supervises"])
        supervises = ("division__supervises", "project__lead_division__supervises")
        milestones = Milestone.objects.filter(here, TO_AGREE | TO_CONFIRM).order_by().values("division", *supervises)
        for row in milestones.annotate(agree=Count("pk", filter=TO_AGREE), confirm=Count("pk", filter=TO_CONFIRM)):
            self.of_head[row["division"]] += row["agree"]
            self._to_verify(row["confirm"], is_own=any(row[name] for name in supervises))
        self.some_change_waits = ChangeRequest.objects.filter(here, state=ChangeState.ASKED).exists()
        self.here = here

    def _to_verify(self, count: int, *, is_own: bool) -> None:
        if is_own:
            self.of_leader += count
        else:
            self.of_secretariat += count

    def for_person(self, person_id: int, roles: set[Role], divisions: set[int], headed: set[int]) -> int:
        count = sum(self.of_division[pk] for pk in divisions) + sum(self.of_head[pk] for pk in headed)
        if Role.SECRETARIAT in roles:
            count += self.of_secretariat
        if Role.LEADER in roles:
            count += self.of_leader
        if self.some_change_waits and roles & {Role.SECRETARIAT, Role.LEADER}:
            person = User.objects.get(pk=person_id)
            count += waiting_for(person, self.today).filter(self.here).count()
        return count
