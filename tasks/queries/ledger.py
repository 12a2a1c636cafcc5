"""The ledger: its order, its rows, and the sums over everything that a filter leaves."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import groupby

from django.db.models import OuterRef, Prefetch, QuerySet, Subquery, prefetch_related_objects

from accounts.enums import DIVISION_ROLES, Role
from accounts.models import User
from accounts.policies import rules_of
from accounts.standing import standing_of
from tasks.enums import ChangeState, PlanKind, ProjectState
from tasks.models import ChangeRequest, Plan, ProgressEntry, Project, Source
from tasks.models.project import ProjectQuerySet
from tasks.queries.lights import Ground, Light, ProjectView, for_lights, view_of
from tasks.queries.turns import Turn, turns_of

READERS = frozenset({Role.SECRETARIAT, Role.LEADER, Role.ASSESSOR, Role.OBSERVER, *DIVISION_ROLES})


@dataclass(frozen=True)
class Kind:
    """One part of the whole in every sum: where a project counts, its words, its shape and its colour in a bar."""

    code: str
    label: str
    shape: str
    fill: str


KINDS = (
    Kind("red", "红灯", "red", "red"),
    Kind("yellow", "黄灯", "yellow", "yellow"),
    Kind("blue", "待核实验收", "blue", "blue"),
    Kind("green", "正常", "green", "green"),
    Kind("suspended", "暂缓", "grey", "grey"),
    Kind("done", "已销号", "done", "done"),
    Kind("draft", "拟立项", "none", "soft"),
    Kind("ended", "终止结转", "grey", "soft"),
)
_SETTLED = {
    ProjectState.DRAFT: "draft",
    ProjectState.SUSPENDED: "suspended",
    ProjectState.CLOSED: "done",
    ProjectState.CANCELLED: "ended",
    ProjectState.CARRIED_OVER: "ended",
}


@dataclass(frozen=True)
class Sum:
    kind: Kind
    count: int

    @property
    def fill(self) -> str:
        return self.kind.fill


@dataclass
class Row:
    view: ProjectView
    turn: Turn | None
    sources: list[Source]
    workdays_left: int | None = None
    news: str = ""
    news_on: date | None = None

    @property
    def light(self) -> Light:
        """With the first reason only: a narrow column holds one; the project page tells them all."""
        light = self.view.light
        return replace(light, why=light.reasons[0].label) if light.reasons else light


@dataclass
class Group:
    """One category on one page; `count` and `sums` are of the whole filter, not of the page."""

    name: str
    plan: Plan
    count: int
    sums: list[Sum]
    continues: bool
    rows: list[Row] = field(default_factory=list)


def reads_ledger(user: User, today: date) -> bool:
    """系统管理员 and 审计员 see no business data (domain 1)."""
    return bool(standing_of(user, today=today).roles() & READERS)


def default_plan(plans: Iterable[Plan], today: date) -> Plan | None:
    """This year's annual plan: where ledger and workbench begin."""
    return next((plan for plan in plans if plan.year == today.year and plan.kind == PlanKind.ANNUAL), None)


def ledger_views(projects: ProjectQuerySet, grounds: "Grounds") -> list[ProjectView]:
    """Every project that is left, in the ledger's order, with its light: sums must be of all, not of a page."""
    ordered = (
        for_lights(projects)
        .defer("effect_standard", "remark")
        .order_by(
            "-plan__year",
            "plan",
            "key_task__category__order",
            "key_task__category",
            "key_task__order",
            "key_task",
            "order",
            "id",
        )
    )
    return [view_of(project, grounds.of(project.organization_id)) for project in ordered]


class Grounds:
    """The grounds of the offices on a page, each read once."""

    def __init__(self, today: date) -> None:
        self.today = today
        self._known: dict[int, Ground] = {}

    def of(self, organization_id: int) -> Ground:
        if organization_id not in self._known:
            policy, calendar = rules_of(organization_id)
            self._known[organization_id] = Ground(self.today, calendar, policy)
        return self._known[organization_id]


def kind_of(view: ProjectView) -> str:
    return _SETTLED.get(ProjectState(view.project.state), view.light.code)


def sums_of(views: Iterable[ProjectView]) -> list[Sum]:
    """The parts that are there, in the order of the look; they add up to the number of views."""
    counts = Counter(kind_of(view) for view in views)
    return [Sum(kind, counts[kind.code]) for kind in KINDS if counts[kind.code]]


def groups_of(
    page: Sequence[ProjectView], everything: Sequence[ProjectView], user: User, grounds: Grounds
) -> list[Group]:
    """The page's rows under their categories, with what only rows show: sources, latest entry, whose turn."""
    rows = _rows_of(page, user, grounds)
    whole: dict[int, list[ProjectView]] = {}
    for view in everything:
        whole.setdefault(view.project.key_task.category_id, []).append(view)
    groups = []
    for category_id, members in groupby(rows, key=lambda row: row.view.project.key_task.category_id):
        own = list(members)
        first = own[0].view
        of_category = whole[category_id]
        groups.append(
            Group(
                name=first.project.key_task.category.name,
                plan=first.project.plan,
                count=len(of_category),
                sums=sums_of(of_category),
                continues=of_category[0] is not first,
                rows=own,
            )
        )
    return groups


def _rows_of(page: Sequence[ProjectView], user: User, grounds: Grounds) -> list[Row]:
    projects = [view.project for view in page]
    pending = ChangeRequest.objects.filter(state=ChangeState.ASKED)
    sources = Source.objects.select_related("source_class")
    prefetch_related_objects(projects, Prefetch("key_task__sources", sources), Prefetch("change_requests", pending))
    news = _latest_news(projects, user, grounds.today)
    rows = []
    for view in page:
        project = view.project
        ground = grounds.of(project.organization_id)
        row = Row(view, next(iter(turns_of(project, ground)), None), list(project.key_task.sources.all()))
        if project.is_open and project.due_on is not None and project.due_on >= ground.today:
            row.workdays_left = ground.workdays_left(project.due_on)
        row.news, row.news_on = news.get(project.pk, ("", None))
        rows.append(row)
    return rows


def _latest_news(projects: Sequence[Project], user: User, today: date) -> dict[int, tuple[str, date | None]]:
    """Texts of entries only of the projects that this person reads whole (domain 1)."""
    latest: QuerySet[ProgressEntry] = ProgressEntry.objects.filter(project=OuterRef("pk")).order_by("-on", "-id")
    whole = Project.objects.whole_for(user, today).filter(pk__in=[project.pk for project in projects]).order_by()
    found = whole.annotate(
        news=Subquery(latest.values("situation")[:1]), news_on=Subquery(latest.values("on")[:1])
    ).values_list("pk", "news", "news_on")
    return {pk: (news or "", on) for pk, news, on in found}
