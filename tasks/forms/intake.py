"""The shape of what the pages of an import take: a file or pasted text, mapped columns, answers about rows."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, cast

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.http import QueryDict

from cppcc_office.lib.errors import Refused
from tasks.enums import RowDecision
from tasks.intake.columns import LABELS, Field
from tasks.intake.values import CORRECTABLE
from tasks.models import Plan, SourceClass

ACCEPTED = ".xlsx,.xls,.ods,.csv,.docx,.txt"


class ImportForm(forms.Form):
    file = forms.FileField(
        label="文件",
        required=False,
        allow_empty_file=True,  # said in our own words when it is read
        widget=forms.ClearableFileInput(attrs={"accept": ACCEPTED}),
        help_text="任务分解表、台账（.xlsx .xls .ods .csv，或 .docx 里的表格），或写有责任分工的工作要点（.docx .txt）",
    )
    pasted = forms.CharField(
        label="或粘贴正文",
        required=False,
        max_length=500_000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text="编了号、写明责任处室的条目，例如“1.围绕……（牵头处室：……；完成时限：9月底前）”",
    )
    year = forms.IntegerField(
        label="年度",
        min_value=2000,
        max_value=2099,
        error_messages={"required": "请写明年度", "invalid": "年度请写成 2026 这样的数字"},
    )
    plan = forms.ModelChoiceField(
        Plan.objects.none(), label="任务计划", required=False, empty_label="该年度的年度计划（没有就新建）"
    )
    default_source = forms.CharField(
        label="来源名称",
        required=False,
        max_length=200,
        help_text="表里没有“任务来源”一栏时用，例如“2026年工作要点”；不写则用材料的标题",
    )
    source_class = forms.ModelChoiceField(
        SourceClass.objects.none(), label="来源类别", required=False, empty_label="核对时再对应"
    )

    def __init__(self, *args: Any, plans: Any, source_classes: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast("forms.ModelChoiceField[Plan]", self.fields["plan"]).queryset = plans
        cast("forms.ModelChoiceField[SourceClass]", self.fields["source_class"]).queryset = source_classes

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("file") is None and not data.get("pasted"):
            if "file" not in self.errors:
                self.add_error("file", "请选择一个文件，或在下面粘贴正文")
        elif data.get("file") is not None and data.get("pasted"):
            self.add_error("pasted", "文件和粘贴的正文只能选一样，请清空其中一样")
        plan, year = data.get("plan"), data.get("year")
        if plan is not None and year is not None and plan.year != year:
            self.add_error("plan", f"这个计划是 {plan.year} 年的，与年度 {year} 不符")
        if data.get("source_class") is not None and not data.get("default_source"):
            self.add_error("default_source", "选了来源类别，请把来源名称也写上")
        return data

    def upload(self) -> tuple[str, bytes]:
        """The file's name and bytes; ('', b'') for pasted text."""
        file: UploadedFile | None = self.cleaned_data["file"]
        return (file.name or "", file.read()) if file is not None else ("", b"")


@dataclass
class Answer:
    """What a correction posts: words by field, perhaps a decision."""

    fields: dict[str, str] = field(default_factory=dict)
    decision: RowDecision | None = None


def answer_from(posted: QueryDict) -> Answer:
    """The fields typed (`set-lead=…`), then the answer pressed (`pick={"set": {…}, "decision": …}`), which wins."""
    answer = Answer()
    for key in posted:
        name = key.removeprefix("set-")
        if key.startswith("set-") and name in CORRECTABLE:
            answer.fields[name] = str(posted[key])
    if posted.get("pick"):
        picked = _picked(str(posted["pick"]))
        answer.fields |= picked.fields
        answer.decision = picked.decision
    return answer


def _picked(text: str) -> Answer:
    try:
        picked = json.loads(text)
        fields = {str(name): str(value) for name, value in picked.get("set", {}).items()}
        decision = RowDecision(picked["decision"]) if "decision" in picked else None
    except (ValueError, AttributeError, TypeError) as error:
        raise Refused("没有读懂您的选择，请刷新页面后重试") from error
    if not set(fields) <= CORRECTABLE:
        raise Refused("没有读懂您的选择，请刷新页面后重试")
    return Answer(fields, decision)


class SourceForm(forms.Form):
    text = forms.CharField(max_length=200, strip=False)
    source_class = forms.ModelChoiceField(SourceClass.objects.none())

    def __init__(self, *args: Any, source_classes: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast("forms.ModelChoiceField[SourceClass]", self.fields["source_class"]).queryset = source_classes


UNREAD, REMARK = "-", ""
FIELD_CHOICES = [(REMARK, "并入备注"), (UNREAD, "不读入"), *((field.value, label) for field, label in LABELS.items())]


class MappingForm(forms.Form):
    """One sheet's header: which rows, and for each titled column its field."""

    def __init__(self, *args: Any, titles: dict[int, str], chosen: dict[int, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.titles = titles
        for index, title in titles.items():
            self.fields[f"column-{index}"] = forms.ChoiceField(
                label=title, choices=FIELD_CHOICES, required=False, initial=chosen.get(index, REMARK)
            )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        used = [value for value in data.values() if value not in (UNREAD, REMARK)]
        for name in dict.fromkeys(used):
            if used.count(name) > 1:
                raise forms.ValidationError(f"“{LABELS[Field(name)]}”对应了 {used.count(name)} 列，请只留一列")
        if not {Field.KEY_TASK, Field.PROJECT} & set(used):
            raise forms.ValidationError("请指明哪一列是重点任务")
        return data

    def columns(self) -> dict[int, str]:
        return {index: self.cleaned_data[f"column-{index}"] for index in self.titles}


def remembered_from(titles: dict[int, str], columns: dict[int, str], known: Iterable[str]) -> dict[str, str]:
    """What to remember of a mapping: titles mapped by hand, not those the synonyms know already."""
    familiar = set(known)
    return {
        titles[index]: "" if name == UNREAD else name
        for index, name in columns.items()
        if name != REMARK and titles[index] not in familiar
    }
