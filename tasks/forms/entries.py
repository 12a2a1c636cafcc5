"""A progress entry as typed, with counts for the quantitative targets of its project."""

from decimal import Decimal
from typing import Any

from django import forms

from tasks.enums import MilestoneState
from tasks.forms.files import FilesField
from tasks.forms.words import words_field
from tasks.models import Milestone, Project, Target

SETTLED = (MilestoneState.DONE, MilestoneState.CANCELLED)


class EntryForm(forms.Form):
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
        super().__init__(*args, **kwargs)
        open_ones = Milestone.objects.filter(project=project).exclude(state__in=SETTLED)
        self.fields["milestone"].queryset = open_ones  # type: ignore[attr-defined]
        self.targets = {f"count-{target.pk}": target for target in project.targets.filter(target_value__isnull=False)}
        for name, target in self.targets.items():
            self.fields[name] = _count_field(target)
        self.order_fields(
            ["milestone", "situation", *self.targets, "problems", "needs_coordination", "next_steps", "papers"]
        )

    def counts(self) -> dict[Target, Decimal]:
        """The counts that were typed; a field left empty is no count, zero is one."""
        return {
            target: self.cleaned_data[name]
            for name, target in self.targets.items()
            if self.cleaned_data[name] is not None
        }


def _count_field(target: Target) -> forms.DecimalField:
    hint = f"目标 {target.value_text}。" + ("填累计值。" if target.is_share else "填本次新增，累计由系统相加。")
    return forms.DecimalField(
        label=target.metric or target.statement[:40],
        required=False,
        min_value=0,
        max_digits=12,
        decimal_places=2,
        help_text=hint,
        error_messages={
            "invalid": "请写数字",
            "min_value": "数量不能为负",
            "max_digits": "数字太长，请检查",
            "max_whole_digits": "数字太长，请检查",
            "max_decimal_places": "最多两位小数",
        },
    )
