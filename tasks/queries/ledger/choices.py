"""What the filters of the ledger offer, and the saved views: everything in one query."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import CharField, F, IntegerField, Q, QuerySet, TextField, Value
from django.db.models.functions import Cast

from accounts.enums import DIVISION_ROLES, Role
from accounts.models import Division, Membership, User
from accounts.standing import standing_of
from tasks.enums import PlanKind, SourceGroup, ViewScope
from tasks.models import Category, Plan, SavedView, SourceClass

PAGE = "ledger"
_NAMES = ("as_kind", "as_key", "as_text1", "as_text2", "as_text3", "as_number1", "as_number2")  # no field is called so


@dataclass(frozen=True)
class PlanChoice:
    pk: int
    name: str
    year: int
    kind: str


@dataclass(frozen=True)
class ViewChoice:
    """A saved view as a tab. `is_mine` ones may be renamed and deleted by this person."""

    pk: int
    name: str
    query: str
    scope: ViewScope
    is_mine: bool


@dataclass
class LedgerChoices:
    plans: list[PlanChoice] = field(default_factory=list)
    categories: list[tuple[int, str]] = field(default_factory=list)  # plan and name
    divisions: dict[int, str] = field(default_factory=dict)
    sources: dict[int, tuple[str, SourceGroup]] = field(default_factory=dict)
    people: dict[int, str] = field(default_factory=dict)
    leaders: dict[int, str] = field(default_factory=dict)
    views: list[ViewChoice] = field(default_factory=list)

    def first_plan(self, year: int) -> PlanChoice | None:
        """This year's annual plan: where the ledger begins."""
        return next((plan for plan in self.plans if plan.year == year and plan.kind == PlanKind.ANNUAL), None)

    def classes_of(self, group: SourceGroup) -> list[tuple[int, str]]:
        return [(pk, name) for pk, (name, own) in self.sources.items() if own == group]


def ledger_choices(user: User, today: date) -> LedgerChoices:
    """Of the offices in which this person has business."""
    standing = standing_of(user, today=today)
    offices = standing.organization_ids()
    plans = Plan.objects.visible_to(user, today)
    people = Membership.objects.on(today).filter(
        organization__in=offices, role__in=[*DIVISION_ROLES, Role.LEADER], user__is_active=True
    )
    shared = Q(scope=ViewScope.OFFICE) | Q(scope=ViewScope.DIVISION, division__in=standing.division_ids())
    views = SavedView.objects.filter(shared | Q(owner=user), organization__in=offices, page=PAGE)
    selects = [
        _select(plans, "plan", "pk", "name", "kind", None, "year", None),
        _select(Category.objects.filter(plan__in=plans), "category", "pk", "name", None, None, "order", "plan_id"),
        _select(Division.objects.filter(organization__in=offices), "division", "pk", "name", None, None, "order", None),
        _select(
            SourceClass.objects.filter(organization__in=offices), "source", "pk", "name", "group", None, "order", None
        ),
        _select(people, "person", "user_id", "user__name", "role", "user__pinyin", "division__order", None),
        _select(views, "view", "pk", "name", "scope", "query", "owner_id", None),
    ]
    rows = selects[0].union(*selects[1:], all=True)
    return _sorted_out(list(rows), user)


def _select(rows: QuerySet[Any], kind: str, key: str, *columns: str | None) -> QuerySet[Any, Any]:
    texts = [Cast(name, TextField()) if name else Value("", TextField()) for name in columns[:3]]
    numbers = [Cast(name, IntegerField()) if name else Value(0, IntegerField()) for name in columns[3:]]
    given = dict(zip(_NAMES[2:], [*texts, *numbers], strict=True))
    named: QuerySet[Any, Any] = rows.order_by().annotate(
        as_kind=Value(kind, CharField()), as_key=Cast(F(key), IntegerField()), **given
    )
    return named.values_list(*_NAMES)


def _sorted_out(rows: list[tuple[Any, ...]], user: User) -> LedgerChoices:
    found = LedgerChoices()
    rows.sort(key=lambda row: (row[5] or 0, row[1]))
    for kind, key, text1, text2, text3, number1, number2 in rows:
        if kind == "plan":
            found.plans.append(PlanChoice(key, text1, number1, text2))
        elif kind == "category":
            found.categories.append((number2, text1))
        elif kind == "division":
            found.divisions[key] = text1
        elif kind == "source":
            found.sources[key] = text1, SourceGroup(text2)
        elif kind == "person":
            (found.leaders if text2 == Role.LEADER else found.people)[key] = text1
        else:
            found.views.append(ViewChoice(key, text1, text3, ViewScope(text2), number1 == user.pk))
    found.plans.sort(key=lambda plan: (-plan.year, plan.kind, plan.pk))
    found.views.sort(key=lambda view: (not view.is_mine, view.scope, view.name, view.pk))
    return found
