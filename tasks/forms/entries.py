"""A progress entry as typed, with counts for the quantitative targets of its project."""

from typing import Any, cast

from django import forms

from tasks.enums import MilestoneState
from tasks.forms.counts import CountsForm
from tasks.forms.files import FilesField
from tasks.forms.words import words_field
from tasks.models import Milestone, Project

SETTLED = (MilestoneState.DONE, MilestoneState.CANCELLED)


class EntryForm(CountsForm):
    milestone = forms.ModelChoiceField(
        label="节点",
        queryset=Milestone.objects.none(),
        required=False,
        empty_label="整个项目",
        help_text="节点的第一条进展会使它“进行中”",
        error_messages={"invalid_choice": "此节点已完成或不在本项目中，请在列表中选择"},
    )
    situation = words_field("进展情况", "请写明进展情况", rows=5)
    problems = words_field("存在问题", must=False, rows=3)
    needs_coordination = forms.BooleanField(label="需要协调", required=False)
    next_steps = words_field("下步打算", must=False, rows=3)
    papers = FilesField(
        label="附件", required=False, help_text="可一次选择多个；PDF、Word、WPS、Excel、图片、压缩包，单个不超过 50 MB"
    )

    def __init__(self, *args: Any, project: Project, **kwargs: Any) -> None:
        super().__init__(*args, targets=project.targets.filter(target_value__isnull=False), **kwargs)
        milestone = cast("forms.ModelChoiceField[Milestone]", self.fields["milestone"])
        milestone.queryset = Milestone.objects.filter(project=project).exclude(state__in=SETTLED)
        self.order_fields(
            ["milestone", "situation", *self.targets, "problems", "needs_coordination", "next_steps", "papers"]
        )
