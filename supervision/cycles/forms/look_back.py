"""A verdict as typed, who is to mend and by when, and the filter of the list."""

from datetime import date
from typing import Any

import django_filters
from django import forms
from django.db.models import QuerySet

from accounts.forms import Form, day_field
from accounts.models import Division, User
from supervision.cycles.actions.look_back import MOST_WORDS, Mending
from supervision.cycles.enums import Choice, Verdict
from supervision.cycles.models import LookBackItem
from supervision.cycles.rules.look_back import for_leader, verdicts_for
from tasks.forms.filtering import small_select
from tasks.queries.choices import Choices

NOT_YET = "none"


class MendingForm(Form):
    """整改: what comes of a verdict. All of it is asked for where the verdict is not 巩固."""

    duty = forms.TypedChoiceField(label="责任处室和责任人", empty_value=None, required=False)
    due_on = day_field("整改时限", required=False)
    deliverable = forms.CharField(label="整改成果形式", max_length=200, required=False, help_text="可不写，如 整改报告")
    project_due_on = day_field("项目新的完成时限", required=False)

    def __init__(self, *args: Any, item: LookBackItem, choices: Choices, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.item, self.choices, self.today = item, choices, today
        duty = self.fields["duty"]
        assert isinstance(duty, forms.TypedChoiceField)
        duty.choices, duty.coerce = _duties(choices), _pair
        duty.error_messages["invalid_choice"] = "请在列表中选择"
        project = item.subject
        if project.person_id and choices.works_in(project.person_id, project.lead_division_id):
            duty.initial = f"{project.lead_division_id}:{project.person_id}"
        for name in ("due_on", "project_due_on"):
            self.fields[name].error_messages["invalid"] = "日期写成 2026-06-30 的样子"
        self.fields["project_due_on"].help_text = "只在判定反弹时用：销号撤销后项目的完成时限，不填则与整改时限相同"
        if Verdict.REBOUND not in verdicts_for(item):
            del self.fields["project_due_on"]

    def ask_all(self) -> None:
        """Say under each field what a mending lacks."""
        data = self.cleaned_data
        if not data.get("duty") and "duty" not in self.errors:
            self.add_error("duty", "请选择责任处室和责任人")
        due_on, project_due_on = data.get("due_on"), data.get("project_due_on")
        if not due_on and "due_on" not in self.errors:
            self.add_error("due_on", "请写明整改时限")
        if due_on and due_on < self.today:
            self.add_error("due_on", "整改时限已过，请改为今天或以后")
        elif due_on and project_due_on and project_due_on < due_on:
            self.add_error("project_due_on", "早于整改时限，请改其中一个")

    def mending(self) -> Mending:
        data = self.cleaned_data
        division_id, person_id = data["duty"] or (0, 0)
        return Mending(
            division=Division.objects.filter(pk=division_id).first(),
            person=User.objects.filter(pk=person_id).first(),
            due_on=data["due_on"],
            deliverable=data["deliverable"],
            project_due_on=data.get("project_due_on"),
        )


class ArrangeForm(MendingForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.item.verdict != Verdict.REBOUND:
            self.fields.pop("project_due_on", None)
        for name in ("duty", "due_on"):
            self.fields[name].required = True
        self.fields["duty"].error_messages["required"] = "请选择责任处室和责任人"
        self.fields["due_on"].error_messages["required"] = "请写明整改时限"

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        self.ask_all()
        return data


class JudgeForm(MendingForm):
    verdict = forms.ChoiceField(
        label="结论",
        widget=forms.RadioSelect,
        error_messages={"required": "请选择结论", "invalid_choice": "请在列出的结论中选择"},
    )
    words = forms.CharField(
        label="回头看情况",
        max_length=MOST_WORDS,
        required=False,
        help_text="巩固可不写，其他须写明有什么问题",
        widget=forms.Textarea({"rows": 3}),
        error_messages={"max_length": f"最多 {MOST_WORDS} 字"},
    )
    field_order = ("verdict", "words", "duty", "due_on", "deliverable", "project_due_on")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        item = self.item
        verdict = self.fields["verdict"]
        assert isinstance(verdict, forms.ChoiceField)
        verdict.choices = [(each.value, each.label) for each in verdicts_for(item)]
        verdict.initial, self.fields["words"].initial = item.verdict, item.words
        self.judges_only = for_leader(item.subject)
        if self.judges_only:  # the secretariat has it put in hand
            for name in ("duty", "due_on", "deliverable", "project_due_on"):
                self.fields.pop(name, None)

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if data.get("verdict") in (Verdict.RECTIFY, Verdict.REBOUND):
            if not data.get("words", "").strip() and "words" not in self.errors:
                self.add_error("words", "请写明回头看情况：有什么问题")
            if not self.judges_only:
                # The new date of the project is asked for a 反弹 alone; with 整改 it is not read.
                if data["verdict"] != Verdict.REBOUND:
                    data.pop("project_due_on", None)
                self.ask_all()
        return data

    @property
    def verdict_is(self) -> Verdict:
        return Verdict(self.cleaned_data["verdict"])

    def mending_asked(self) -> Mending | None:
        if self.judges_only or self.verdict_is == Verdict.CONSOLIDATE:
            return None
        return self.mending()


def _duties(choices: Choices) -> list[Any]:
    """Division and person in one list, so that they always fit each other."""
    options: list[Any] = [("", "请选择")]
    for division in choices.divisions:
        people = [(f"{division.pk}:{person.pk}", person.name) for person in choices.people_of(division.pk)]
        options += [(division.name, people)] if people else []
    return options


def _pair(text: str) -> tuple[int, int]:
    division, _, person = text.partition(":")
    return int(division), int(person)


class LookBackFilter(django_filters.FilterSet):  # type: ignore[misc]  # the library has no types
    choice = django_filters.ChoiceFilter(
        label="列入原因", choices=Choice.choices, empty_label="全部原因", widget=small_select()
    )
    verdict = django_filters.ChoiceFilter(
        label="结论",
        choices=[*Verdict.choices, (NOT_YET, "未作结论")],
        empty_label="全部结论",
        method="by_verdict",
        widget=small_select(),
    )
    division = django_filters.ModelChoiceFilter(
        label="处室", queryset=Division.objects.none(), empty_label="全部处室", widget=small_select()
    )

    class Meta:
        model = LookBackItem
        fields: tuple[str, ...] = ()

    def __init__(self, data: Any, *, queryset: QuerySet[LookBackItem]) -> None:
        super().__init__(data, queryset=queryset)
        self.filters["division"].queryset = Division.objects.filter(pk__in=queryset.order_by().values("division"))

    @property
    def is_narrowed(self) -> bool:
        return any(self.data.get(name) for name in self.filters)

    def by_verdict(self, queryset: QuerySet[LookBackItem], name: str, value: str) -> QuerySet[LookBackItem]:  # noqa: ARG002 (django-filter's signature)
        return queryset.filter(verdict="" if value == NOT_YET else value)
