"""议定事项 as typed in at the meeting."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms

from accounts.forms import Form, day_field
from accounts.models import Division, User
from cppcc_office.lib.workdays import WorkCalendar
from supervision.cycles.actions.decisions import MOST_WORDS, Resolution
from supervision.cycles.enums import DecisionForm
from tasks.models import Project
from tasks.queries.choices import Choices

QUICK_DAYS = (5, 10, 15, 20, 30)  # working days


class ResolutionForm(Form):
    """The date is typed or chosen by working days; people stand under their division."""

    words = forms.CharField(
        label="议定事项",
        max_length=MOST_WORDS,
        widget=forms.Textarea({"rows": 2}),
        error_messages={"max_length": f"最多 {MOST_WORDS} 个字，请缩短"},
    )
    division = forms.ChoiceField(label="承办处室")
    person = forms.ChoiceField(label="责任人")
    quick = forms.ChoiceField(label="完成时限", required=False, widget=forms.RadioSelect)
    due_on = day_field("或另选日期", required=False)
    # Not “form”: a field of that name would hide what scripts ask of the form.
    becomes = forms.ChoiceField(label="落实方式", choices=DecisionForm.choices, widget=forms.RadioSelect)

    def __init__(
        self,
        *args: Any,
        choices: Choices,
        calendar: WorkCalendar,
        today: date,
        project: Project | None,
        bars_to_add: Sequence[str] = (),
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.office, self.project, self.bars_to_add = choices, project, bars_to_add
        self.quick_days = {str(days): calendar.add(today, days) for days in QUICK_DAYS}
        peopled = [division for division in choices.divisions if choices.people_of(division.pk)]
        self.divisions = {str(division.pk): division for division in peopled}
        people = [person for division in peopled for person in choices.people_of(division.pk)]
        self.people = {str(person.pk): person for person in people}
        _choose(self.fields["division"], [("", "请选择"), *((pk, row.name) for pk, row in self.divisions.items())])
        grouped = [
            (division.name, [(str(person.pk), person.name) for person in choices.people_of(division.pk)])
            for division in peopled
        ]
        _choose(self.fields["person"], [("", "请选择"), *grouped])
        words = [(days, f"{days} 个工作日（{day.month}月{day.day}日）") for days, day in self.quick_days.items()]
        _choose(self.fields["quick"], words)
        if project is None or bars_to_add:
            _choose(self.fields["becomes"], [(DecisionForm.MATTER.value, DecisionForm.MATTER.label)])
        for name in ("due_on", "quick"):
            self.fields[name].widget.attrs["data-due"] = ""

    def clean(self) -> dict[str, Any]:
        """The date typed wins over the one chosen by working days."""
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("due_on") is None and "due_on" not in self.errors:
            cleaned["due_on"] = self.quick_days.get(cleaned.get("quick") or "")
            if cleaned["due_on"] is None:
                self.add_error("quick", "请选择几个工作日，或填写日期")
        return cleaned

    def resolution(self) -> Resolution:
        given = self.cleaned_data
        division: Division = self.divisions[given["division"]]
        person: User = self.people[given["person"]]
        becomes = DecisionForm(given["becomes"])
        return Resolution(given["words"], division, person, given["due_on"], becomes, self.project)


def _choose(field: forms.Field, choices: Sequence[Any]) -> None:
    if isinstance(field, forms.ChoiceField):
        field.choices = choices
