"""What is written with the moves of a project that is dispatched: 退回, 撤回."""

from typing import Any, cast

from django import forms

from tasks.forms.words import words_field
from tasks.models import Project

OTHER_OFFICE = "其他单位"


class ObjectForm(forms.Form):
    reason = words_field("退回理由", "退回必须写明理由，督办处看得到")
    belongs_to = forms.ChoiceField(
        label="应由哪个处室承办",
        error_messages={"required": "请选择应由哪个处室承办", "invalid_choice": "请在列表中选择"},
    )

    def __init__(self, *args: Any, project: Project, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        others = project.organization.divisions.filter(is_active=True).exclude(pk=project.lead_division_id or 0)
        names = [*others.values_list("name", flat=True), OTHER_OFFICE]
        belongs_to = cast("forms.ChoiceField", self.fields["belongs_to"])
        belongs_to.choices = [("", "请选择"), *((name, name) for name in names)]


class RecallForm(forms.Form):
    reason = words_field("撤回理由", must=False)
