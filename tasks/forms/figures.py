"""What the page of figures is asked for: a plan, the plans of a year, or all of them."""

from datetime import date
from typing import Any, cast

from django import forms
from django.http import QueryDict

from accounts.models import User
from tasks.forms.filtering import small_select
from tasks.models import Plan
from tasks.models.project import ProjectQuerySet
from tasks.queries.ledger.grounds import default_plan

ALL = "all"


class FiguresForm(forms.Form):
    """Nothing that a reader may type is refused: what is not there is this year's plan, or everything."""

    plan = forms.ChoiceField(label="计划", widget=small_select())
    as_of = forms.CharField(
        label="截至",
        required=False,
        widget=forms.DateInput(attrs={"class": "form-control form-control-sm", "type": "date"}),
    )
    known_by = forms.CharField(
        label="录入截止",
        required=False,
        widget=forms.DateInput(attrs={"class": "form-control form-control-sm", "type": "date"}),
    )

    def __init__(self, data: QueryDict, *, user: User, today: date) -> None:
        self.plans = list(Plan.objects.visible_to(user, today))
        first = default_plan(self.plans, today)
        given: dict[str, Any] = data.dict()
        codes = {str(plan.pk): plan for plan in self.plans}
        if given.get("plan") not in (*codes, ALL):
            given["plan"] = str(first.pk) if first else ALL
        self.code: str = given["plan"]
        self.chosen: Plan | None = codes.get(self.code)
        given["known_by"] = str(given.get("known_by", ""))[:10]
        super().__init__(given)
        plans = cast("forms.ChoiceField", self.fields["plan"])
        plans.choices = [*((str(plan.pk), plan.name) for plan in self.plans), (ALL, "全部计划")]
        for name in ("as_of", "known_by"):
            self.fields[name].widget.attrs["max"] = today.isoformat()

    @property
    def year(self) -> int | None:
        return self.chosen.year if self.chosen else None

    @property
    def plan_name(self) -> str:
        return self.chosen.name if self.chosen else "全部计划"

    def projects(self, projects: ProjectQuerySet) -> ProjectQuerySet:
        return projects.filter(plan=self.chosen) if self.chosen else projects
