"""What is written with 申请销号 and its verification."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms

from tasks.enums import Effect
from tasks.forms.counts import CountsForm
from tasks.forms.files import FilesField
from tasks.forms.words import words_field
from tasks.models import Project
from tasks.queries.counts import Shortage


class RequestCloseOutForm(CountsForm):
    summary = words_field(
        "完成情况", "请写明完成情况，督办处据此验收", hint="对照成效标准写：做成了什么、取得什么成效。", rows=6
    )
    papers = FilesField(
        label="佐证材料",
        required=False,
        help_text="可一次选择多个；PDF、Word、WPS、Excel、图片、压缩包，单个不超过 50 MB",
    )

    def __init__(self, *args: Any, project: Project, shortages: Sequence[Shortage] = (), **kwargs: Any) -> None:
        super().__init__(*args, targets=[row.target for row in shortages], **kwargs)
        self.tell_shortages(shortages)
        self.order_fields(["summary", *self.targets, "papers"])
        self.needs_papers = project.evidence_required and not project.attachments.exists()
        if self.needs_papers:
            self.fields["papers"].required = True
            self.fields["papers"].error_messages["required"] = "此项目须附佐证材料，请选择文件"


class AcceptForm(forms.Form):
    effect = forms.ChoiceField(
        label="成效评价",
        choices=Effect.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "请评定成效：优、良、中、差", "invalid_choice": "请在优、良、中、差中选择"},
    )
    opinion = words_field("核查意见", must=False, hint="可不写；写了会列入销号台账")


class ReturnForm(forms.Form):
    reason = words_field("退回理由", "退回必须写明理由，承办处室看得到")
    mend_on = forms.DateField(
        label="整改时限",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text="只作提醒，不改变完成时限",
        error_messages={"required": "请写整改时限", "invalid": "整改时限写成 2026-06-30 的样子"},
    )

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        self.fields["mend_on"].widget.attrs["min"] = today.isoformat()

    def clean_mend_on(self) -> date:
        day: date = self.cleaned_data["mend_on"]
        if day < self.today:
            raise forms.ValidationError(f"整改时限 {day:%Y-%m-%d} 已过，请写今天或以后的日期")
        return day
