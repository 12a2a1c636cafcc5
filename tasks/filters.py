"""Filters of the lists; the address bar is their state."""

from datetime import date
from typing import Any

import django_filters
from django.db.models import Exists, OuterRef, Q
from django.http import QueryDict

from accounts.enums import Role
from accounts.models import Division, User
from accounts.standing import standing_of
from tasks.enums import OPEN_STATES, ProjectState
from tasks.models import Category, Milestone, Plan, Project, ProjectCoDivision
from tasks.models.project import ProjectQuerySet
from tasks.queries.ledger import KINDS, default_plan, kind_of
from tasks.queries.lights import ProjectView

ALL_PLANS = "all"
OPEN = "open"
MINE = "mine"
LIT = "lit"


class LedgerFilter(django_filters.FilterSet):  # type: ignore[misc]  # the library has no types
    """What the ledger shows. Lights are computed, not stored: `narrow` applies them after the rows are read."""

    q = django_filters.CharFilter(method="by_words", label="事项、编号、责任人")
    plan = django_filters.ChoiceFilter(method="by_plan", label="计划", empty_label=None)
    state = django_filters.ChoiceFilter(method="by_state", label="状态", empty_label="全部状态")
    light = django_filters.ChoiceFilter(method="unchanged", label="亮灯", empty_label="全部亮灯")
    division = django_filters.ChoiceFilter(method="by_division", label="处室", empty_label="全部处室")
    category = django_filters.ChoiceFilter(field_name="key_task__category__name", label="类别", empty_label="全部类别")
    leader = django_filters.ChoiceFilter(method="by_leader", label="领导", empty_label="全部领导")

    def __init__(self, data: QueryDict, *, user: User, today: date) -> None:
        self.user = user
        self.plans = list(Plan.objects.visible_to(user, today))
        self.standing = standing_of(user, today=today)
        data = data.copy()
        first = default_plan(self.plans, today)
        if not data.get("plan"):
            data["plan"] = str(first.pk) if first else ALL_PLANS
        self.plan = next((plan for plan in self.plans if str(plan.pk) == data["plan"]), None)
        super().__init__(data, queryset=Project.objects.visible_to(user, today))
        for name, choices in self._choices().items():
            self.filters[name].extra["choices"] = choices
        for name, field in self.form.fields.items():
            is_text = name == "q"
            field.widget.attrs["class"] = "form-control form-control-sm" if is_text else "form-select form-select-sm"

    def _choices(self) -> dict[str, list[tuple[str, str]]]:
        plans = [self.plan] if self.plan else self.plans
        names = Category.objects.filter(plan__in=plans).order_by("order", "id").values_list("name", flat=True)
        divisions = Division.objects.filter(organization__in=self.standing.organization_ids())
        drafts = Role.SECRETARIAT in self.standing.roles()
        return {
            "plan": [*((str(plan.pk), plan.name) for plan in self.plans), (ALL_PLANS, "全部计划")],
            "state": [
                (OPEN, "在办"),
                *((s.value, s.label) for s in ProjectState if drafts or s != ProjectState.DRAFT),
            ],
            "light": [(LIT, "红黄灯"), *((kind.code, kind.label) for kind in KINDS if drafts or kind.code != "draft")],
            "division": [(str(pk), name) for pk, name in divisions.values_list("pk", "name")],
            "category": [(name, name) for name in dict.fromkeys(names)],
            "leader": [(MINE, "我牵头的")],
        }

    @property
    def text(self) -> str:
        return str(self.data.get("q", "")).strip()

    @property
    def plan_name(self) -> str:
        return self.plan.name if self.plan else "全部计划"

    @property
    def plan_code(self) -> str:
        return str(self.plan.pk) if self.plan else ALL_PLANS

    @property
    def is_narrowed(self) -> bool:
        """Whether anything beside the plan is asked for."""
        return any(self.data.get(name) for name in self.filters if name != "plan")

    @property
    def words(self) -> str:
        """What is shown, for the head of a printed sheet."""
        parts = [self.plan_name]
        for name in ("state", "light", "division", "category", "leader"):
            value = self.form.cleaned_data.get(name) if self.form.is_valid() else ""
            parts += [label for code, label in self.filters[name].extra["choices"] if value and code == value]
        if self.text:
            parts.append(f"含“{self.text}”")
        return " · ".join(parts)

    def narrow(self, views: list[ProjectView]) -> list[ProjectView]:
        """Those of the chosen light."""
        code = self.form.cleaned_data.get("light")
        if not code:
            return views
        wanted = {"red", "yellow"} if code == LIT else {code}
        return [view for view in views if kind_of(view) in wanted]

    def by_words(self, projects: ProjectQuerySet, _name: str, value: str) -> ProjectQuerySet:
        """Every word must be found: in title, number, key task, the lead's name, or in a person by name or pinyin."""
        for word in value.split():
            small = word.lower()
            found = (
                Q(title__icontains=word)
                | Q(number__icontains=word)
                | Q(key_task__title__icontains=word)
                | Q(lead_division__name__icontains=word)
                | Q(lead_division__short_name__icontains=word)
                | Q(person__name__icontains=word)
                | Q(leader__name__icontains=word)
            )
            if small.isascii() and small.isalpha():
                for person in ("person", "leader"):
                    found |= Q(**{f"{person}__initials__startswith": small}) | Q(
                        **{f"{person}__pinyin__startswith": small}
                    )
            projects = projects.filter(found)
        return projects

    def by_plan(self, projects: ProjectQuerySet, _name: str, value: str) -> ProjectQuerySet:
        return projects if value == ALL_PLANS else projects.filter(plan=int(value))

    def by_state(self, projects: ProjectQuerySet, _name: str, value: str) -> ProjectQuerySet:
        return projects.filter(state__in=OPEN_STATES if value == OPEN else [value])

    def by_division(self, projects: ProjectQuerySet, _name: str, value: str) -> ProjectQuerySet:
        """Led by it, assisted by it, or with a milestone of its own."""
        return projects.filter(
            Q(lead_division=int(value))
            | Exists(ProjectCoDivision.objects.filter(project=OuterRef("pk"), division=int(value)))
            | Exists(Milestone.objects.filter(project=OuterRef("pk"), division=int(value)))
        )

    def by_leader(self, projects: ProjectQuerySet, _name: str, _value: str) -> ProjectQuerySet:
        return projects.filter(leader=self.user)

    def unchanged(self, projects: ProjectQuerySet, _name: str, _value: Any) -> ProjectQuerySet:
        return projects
