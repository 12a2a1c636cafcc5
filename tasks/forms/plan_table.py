"""How the 分解表 is grouped, narrowed and printed, as the address says."""

from typing import Any, cast

from django import forms
from django.db.models import QuerySet

from accounts.models import Division
from tasks.forms.filtering import small_select
from tasks.models import Category, Plan
from tasks.models.project import ProjectQuerySet
from tasks.queries.plan_table import GroupedBy

PAPERS = [("a3", "A3 横向"), ("a4", "A4 横向")]


class PlanTableForm(forms.Form):
    """What the address says wrongly counts as not said."""

    category = forms.ModelChoiceField(
        label="类别",
        queryset=Category.objects.none(),
        required=False,
        empty_label="全部类别",
        widget=small_select(),
    )
    division = forms.ModelChoiceField(
        label="牵头处室",
        queryset=Division.objects.none(),
        required=False,
        empty_label="全部处室",
        widget=small_select(),
    )
    by = forms.ChoiceField(choices=[(each.value, each.label) for each in GroupedBy], required=False)
    paper = forms.ChoiceField(label="纸张", choices=PAPERS, required=False, widget=small_select())

    def __init__(self, data: Any, *, plan: Plan, divisions: QuerySet[Division]) -> None:
        super().__init__(data)
        cast("forms.ModelChoiceField[Category]", self.fields["category"]).queryset = plan.categories.all()
        cast("forms.ModelChoiceField[Division]", self.fields["division"]).queryset = divisions
        self.is_valid()

    @property
    def grouped_by(self) -> GroupedBy:
        return GroupedBy(self.cleaned_data.get("by") or GroupedBy.CATEGORY)

    @property
    def paper_code(self) -> str:
        return str(self.cleaned_data.get("paper") or "a3")

    @property
    def is_narrowed(self) -> bool:
        return any(self.cleaned_data.get(name) for name in ("category", "division"))

    def narrow(self, projects: ProjectQuerySet) -> ProjectQuerySet:
        if category := self.cleaned_data.get("category"):
            projects = projects.filter(key_task__category=category)
        if division := self.cleaned_data.get("division"):
            projects = projects.filter(lead_division=division)
        return projects
