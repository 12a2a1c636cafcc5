"""A part of a larger form: fields with the divisions, people and calendar of one office."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, cast

from django import forms
from django.http import QueryDict

from accounts.models import User
from cppcc_office.lib.workdays import WorkCalendar
from tasks.forms.fields import DeadlineField
from tasks.queries.choices import Choices

NOT_LISTED = {"invalid_choice": "请在列表中选择", "invalid": "请在列表中选择", "invalid_list": "请在列表中选择"}


def too_long(most: int) -> dict[str, str]:
    return {"max_length": f"最多 {most} 个字，请缩短"}


@dataclass(frozen=True)
class Office:
    """What the forms of one page are filled from; read once."""

    choices: Choices
    calendar: WorkCalendar
    year: int

    @cached_property
    def division_choices(self) -> list[tuple[int, str]]:
        return [(division.pk, division.name) for division in self.choices.divisions]


class Part(forms.Form):
    """One level of the page. `division_field` names the field whose people its `person` is chosen from."""

    division_field = "division"

    def __init__(self, data: QueryDict, *, prefix: str, office: Office) -> None:
        self.office = office
        super().__init__(data, prefix=prefix, use_required_attribute=False)

    def division(self, label: str) -> forms.TypedChoiceField:
        return forms.TypedChoiceField(
            label=label,
            choices=[("", "未定"), *self.office.division_choices],
            coerce=int,
            empty_value=None,
            required=False,
            error_messages=NOT_LISTED,
        )

    def several_divisions(self, label: str) -> forms.TypedMultipleChoiceField:
        return forms.TypedMultipleChoiceField(
            label=label,
            choices=self.office.division_choices,
            coerce=int,
            required=False,
            error_messages=NOT_LISTED,
        )

    def deadline(self, label: str, *, single: bool = True) -> DeadlineField:
        return DeadlineField(
            label=label, year=self.office.year, single=single, required=False, error_messages=too_long(100)
        )

    @property
    def typed_division(self) -> int | None:
        text = self[self.division_field].value() or ""
        return int(text) if str(text).isdecimal() else None

    @property
    def people(self) -> list[User]:
        """Whom the person may be chosen from: those of the division as typed."""
        return self.office.choices.people_of(self.typed_division)

    @property
    def co_division_names(self) -> str:
        names = self.office.choices.division_names
        return "、".join(names.get(pk, "") for pk in self.value_of("co_divisions") or [])

    def clean_person(self) -> int | None:
        person = cast("int | None", self.cleaned_data["person"])
        division = self.cleaned_data.get(self.division_field)
        choices = self.office.choices
        if person is None or choices.works_in(person, division):
            return person
        name = choices.person_names.get(person, "所选责任人")
        where = choices.division_names.get(division or 0, "所选处室")
        raise forms.ValidationError(f"{name}不在{where}，请重新选择责任人")

    def value_of(self, name: str) -> Any:
        """What was typed, cleaned; None where it cannot be read."""
        return None if name in self.errors else self.cleaned_data.get(name)
