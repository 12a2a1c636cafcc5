"""今日提醒: one person's own lines of the watch as they stand now, each with its light."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Case, CharField, Count, F, Q, QuerySet, Value, When, Window
from django.db.models.functions import RowNumber
from django.urls import reverse

from accounts.enums import Role
from accounts.models import User
from accounts.standing import standing_of
from supervision.cycles.queries.watch import (
    MILESTONE_IS_OWN,
    MILESTONE_RUNS,
    OVERDUE,
    PROJECT_IS_OWN,
    PROJECT_RUNS,
    TO_ACCEPT,
    TO_AGREE,
    TO_CLOSE,
    TO_CONFIRM,
    TO_RECEIVE,
    TODAY,
    Span,
    spans_of,
)
from tasks.enums import ProjectState
from tasks.models import ChangeRequest, Milestone, Project
from tasks.queries.changes import waiting_for
from tasks.queries.ledger.grounds import Grounds
from tasks.queries.lights import LABELS, Ground, Light, milestone_light
from tasks.queries.moments import light_of
from tasks.queries.turns import turn_of_change, turn_of_state, turn_on

PER_GROUP = 30
WAITING = "waiting"
TITLES = {
    OVERDUE: "逾期",
    TODAY: "今天到期",
    "1": "1 个工作日内到期",
    "3": "3 个工作日内到期",
    "7": "7 个工作日内到期",
    WAITING: "等我办理",
}


@dataclass(frozen=True)
class Line:
    title: str
    url: str
    project: Project
    light: Light
    due_on: date | None = None
    doing: str = ""  # of what waits: what is to be done
    day: int | None = None  # which working day of this person's own clock it is
    limit: int | None = None

    @property
    def is_project(self) -> bool:
        """It is about the whole project, whose title it bears."""
        return self.title.startswith(self.project.title)


@dataclass
class Group:
    """The first lines of one span, and how many there are."""

    code: str
    count: int = 0
    lines: list[Line] = field(default_factory=list)

    @property
    def title(self) -> str:
        return TITLES[self.code]

    @property
    def left_out(self) -> int:
        return self.count - len(self.lines)


def watch_of(user: User, grounds: Grounds) -> list[Group]:
    """Every group that holds anything, the most pressing first; five queries, however much there is."""
    spans = _spans(user, grounds)
    groups = {code: Group(code) for code in TITLES}
    for milestone in _first(_own_milestones(user, grounds.today), spans).select_related("project__lead_division"):
        _add(groups[milestone.span], milestone, _milestone_line(milestone, grounds))
    for project in _first(_own_projects(user, grounds.today), spans).select_related("lead_division"):
        _add(groups[project.span], project, _project_line(project, grounds))
    for span in spans:
        groups[span.code].lines.sort(key=lambda line: (line.due_on or date.max, line.project.pk))
    waiting = groups[WAITING]
    for line, total in _waiting(user, grounds):
        waiting.lines.append(line)
        waiting.count += total
    return [group for group in groups.values() if group.count]


def has_lines(user: User, grounds: Grounds) -> bool:
    """Whether the watch would still have anything to tell this person; who has left the office is told nothing more."""
    today, spans = grounds.today, _spans(user, grounds)
    if not spans:
        return False
    near = reduce(or_, (span.where for span in spans))
    return (
        _own_milestones(user, today).filter(near).exists()
        or _own_projects(user, today).filter(near).exists()
        or _waiting_milestones(user, today).exists()
        or _waiting_projects(user, today).exists()
        or waiting_for(user, today).exists()
    )


def _spans(user: User, grounds: Grounds) -> list[Span]:
    offices = standing_of(user, today=grounds.today).organization_ids()
    return spans_of(grounds.of(min(offices)).calendar, grounds.today) if offices else []


def _own_milestones(user: User, today: date) -> QuerySet[Milestone]:
    seen = Project.objects.whole_for(user, today).order_by()
    return Milestone.objects.filter(MILESTONE_RUNS, person=user, project__in=seen)


def _own_projects(user: User, today: date) -> QuerySet[Project]:
    return Project.objects.whole_for(user, today).filter(PROJECT_RUNS, person=user)


def _waiting_milestones(user: User, today: date) -> QuerySet[Milestone]:
    standing = standing_of(user, today=today)
    headed = {post.division_id for post in standing.as_role(Role.DIVISION_HEAD)}
    return Milestone.objects.filter(
        (TO_AGREE & Q(division__in=headed))
        | (TO_CONFIRM & Q(organization__in=standing.organizations_as(Role.SECRETARIAT)) & ~MILESTONE_IS_OWN)
        | (TO_CONFIRM & Q(organization__in=standing.organizations_as(Role.LEADER)) & MILESTONE_IS_OWN)
    )


def _waiting_projects(user: User, today: date) -> QuerySet[Project]:
    standing = standing_of(user, today=today)
    headed = {post.division_id for post in standing.as_role(Role.DIVISION_HEAD)}
    return Project.objects.filter(
        (TO_RECEIVE & Q(lead_division__in=standing.division_ids()))
        | (TO_CLOSE & Q(lead_division__in=headed))
        | (TO_ACCEPT & Q(organization__in=standing.organizations_as(Role.SECRETARIAT)) & ~PROJECT_IS_OWN)
        | (TO_ACCEPT & Q(organization__in=standing.organizations_as(Role.LEADER)) & PROJECT_IS_OWN)
    )


def _first(rows: QuerySet[Any], spans: Sequence[Span]) -> QuerySet[Any]:
    """The first of each span, with how many it holds."""
    if not spans:
        return rows.none()
    near = rows.filter(due_on__lt=spans[-1].until)
    named = Case(*(When(span.where, then=Value(span.code)) for span in spans), output_field=CharField())
    return _placed(near.annotate(span=named), "due_on", partition=[F("span")])


def _placed(rows: QuerySet[Any], by: str, *, partition: Sequence[F] | None = None) -> QuerySet[Any]:
    placed = rows.annotate(
        total=Window(Count("pk"), partition_by=partition),
        place=Window(RowNumber(), partition_by=partition, order_by=[by, "pk"]),
    )
    first: QuerySet[Any] = placed.filter(place__lte=PER_GROUP).order_by(by, "pk")
    return first


def _add(group: Group, row: Any, line: Line) -> None:
    """`total` stands on every row of the span; it is counted once."""
    group.count += row.total if row.place == 1 else 0
    group.lines.append(line)


def _milestone_line(milestone: Milestone, grounds: Grounds) -> Line:
    light = milestone_light(milestone, milestone.project.state, grounds.of(milestone.organization_id))
    return Line(milestone.title, _url(milestone.project, milestone), milestone.project, light, milestone.due_on)


def _project_line(project: Project, grounds: Grounds) -> Line:
    ground = grounds.of(project.organization_id)
    title = f"{project.title}（项目完成时限）"
    return Line(title, _url(project), project, _own_light(project, ground), project.due_on)


def _own_light(project: Project, ground: Ground) -> Light:
    code = light_of(project, ground.today)
    if project.due_on is not None and project.due_on < ground.today:
        return Light(code, LABELS[code], f"逾期 {ground.workdays_since(project.due_on)} 个工作日")
    return Light(code, LABELS[code])


def _waiting(user: User, grounds: Grounds) -> Iterable[tuple[Line, int]]:
    """With each line how many more it stands for: the first of a query tells its total."""
    today = grounds.today
    milestones = _placed(_waiting_milestones(user, today), "due_on").select_related(
        "project__lead_division", "division"
    )
    for milestone in milestones:
        turn = turn_on(milestone, grounds.of(milestone.organization_id))
        line = _milestone_line(milestone, grounds)
        doing = {"agree": "审核节点", "confirm": "核实节点"}.get(turn.kind, "") if turn else ""
        clock = (turn.day, turn.limit) if turn else (None, None)
        yield Line(line.title, line.url, line.project, line.light, line.due_on, doing, *clock), _total(milestone)
    for project in _placed(_waiting_projects(user, today), "due_on").select_related("lead_division"):
        yield _waiting_project(project, grounds.of(project.organization_id)), _total(project)
    requests = _placed(waiting_for(user, today).prefetch_related(None).order_by(), "asked_on")
    for request in requests:
        yield _waiting_change(request, grounds.of(request.organization_id)), _total(request)


def _total(row: Any) -> int:
    return int(row.total) if row.place == 1 else 0


def _waiting_project(project: Project, ground: Ground) -> Line:
    light, url = _own_light(project, ground), _url(project)
    if project.state == ProjectState.IN_PROGRESS:  # every milestone is done
        return Line(project.title, url, project, light, project.due_on, "申请销号")
    turn = turn_of_state(project, ground)
    doing = "签收" if project.state == ProjectState.DISPATCHED else "验收销号"
    clock = (turn.day, turn.limit) if turn else (None, None)
    return Line(project.title, url, project, light, project.due_on, doing, *clock)


def _waiting_change(request: ChangeRequest, ground: Ground) -> Line:
    turn, project = turn_of_change(request, ground), request.project
    code = light_of(project, ground.today)
    url = reverse("change", args=[request.pk])
    return Line(project.title, url, project, Light(code, LABELS[code]), None, turn.doing, turn.day)


def _url(project: Project, milestone: Milestone | None = None) -> str:
    anchor = f"#milestone-{milestone.pk}" if milestone is not None else ""
    return reverse("project", args=[project.pk]) + anchor
