"""The words of a decision, of an opinion, and of handing a milestone over."""

from typing import cast

from django import forms

from accounts.forms import Form
from accounts.models import User
from tasks.forms.words import words_field
from tasks.models import Milestone
from tasks.queries.choices import Choices


class DecisionForm(Form):
    """One form with two buttons; only declining needs the words."""

    words = words_field("意见", must=False, rows=2)


class DeclineForm(Form):
    words = words_field("意见", "不同意必须写明理由，申请人看得到", rows=2)


class OpinionForm(Form):
    opinion = words_field("督办处意见", "请写明督办处意见，领导据此决定", hint="情况是否属实、建议如何。", rows=3)


class ReassignForm(Form):
    person = forms.TypedChoiceField(label="移交给", coerce=int, error_messages={"invalid_choice": "请在列表中选择"})
    note = words_field("说明", must=False, rows=2, hint="可不写，如：休假、岗位调整。")

    def __init__(self, *args: object, milestone: Milestone, choices: Choices, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        others: list[User] = [
            person for person in choices.people_of(milestone.division_id) if person.pk != milestone.person_id
        ]
        self.people = {person.pk: person for person in others}
        field = cast("forms.TypedChoiceField", self.fields["person"])
        field.choices = [("", "请选择"), *((person.pk, person.name) for person in others)]

    def chosen(self) -> User:
        return self.people[self.cleaned_data["person"]]
