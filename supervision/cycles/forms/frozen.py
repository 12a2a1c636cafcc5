"""Which frozen lines are looked at, and until when what was recorded counts."""

from datetime import date
from typing import Any

from django import forms
from django.http import QueryDict

from accounts.forms import Form
from supervision.cycles.queries.frozen import FrozenReport, Narrowing
from tasks.enums import Bucket
from tasks.queries.figures import CLOSED, OPEN, Dimension

# Parts that figures lay together, beside the ten of the definition.
TOGETHER: dict[str, tuple[str, tuple[Bucket, ...]]] = {
    "closed": ("已销号", tuple(bucket for bucket in Bucket if bucket in CLOSED)),
    "not_yet": ("未到时节点", tuple(bucket for bucket in Bucket if bucket in OPEN and bucket != Bucket.OVERDUE)),
    "late_ones": ("逾期（含逾期销号）", (Bucket.LATE, Bucket.OVERDUE)),
}
WITHIN = "within"
_SELECT = {"class": "form-select form-select-sm"}


class LinesForm(forms.Form):
    """Nothing that stands in an address is refused: what is not there is left out."""

    bucket = forms.ChoiceField(label="情况", required=False, widget=forms.Select(attrs=_SELECT))
    category = forms.ChoiceField(label="类别", required=False, widget=forms.Select(attrs=_SELECT))
    division = forms.ChoiceField(label="牵头处室", required=False, widget=forms.Select(attrs=_SELECT))

    def __init__(self, data: QueryDict, *, report: FrozenReport, period: tuple[date, date], within: str) -> None:
        super().__init__(data)
        self.period = period
        offered: dict[str, list[tuple[str, str]]] = {
            "bucket": [
                *Bucket.choices,
                *((code, label) for code, (label, _) in TOGETHER.items()),
                (WITHIN, within),
            ],
            "category": [(part.name, part.name) for part in report.by[Dimension.CATEGORY]],
            "division": [(str(part.key), part.name) for part in report.by[Dimension.DIVISION]],
        }
        for name, choices in offered.items():
            field: Any = self.fields[name]
            field.choices = [("", f"全部{field.label}"), *choices]
        self.is_valid()

    def narrowing(self) -> Narrowing:
        bucket, division = self.chosen("bucket"), self.chosen("division")
        buckets = TOGETHER[bucket][1] if bucket in TOGETHER else (Bucket(bucket),) if bucket in Bucket else ()
        return Narrowing(
            buckets=buckets,
            category=self.chosen("category"),
            division_id=int(division) if division else None,
            closed_within=self.period if bucket == WITHIN else None,
        )

    def chosen(self, name: str) -> str:
        return str(self.cleaned_data.get(name, ""))

    @property
    def words(self) -> str:
        """What is looked at, for the head of a printed sheet."""
        parts = []
        for name in ("bucket", "category", "division"):
            field: Any = self.fields[name]
            if value := self.chosen(name):
                parts.append(str(dict(field.choices)[value]))
        return " · ".join(parts)


class CutOffForm(Form):
    """Whether the moment fits the period, the action says."""

    cut_off_at = forms.DateTimeField(
        label="数据截止",
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"],
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        error_messages={"invalid": "请按 2026-10-09 17:00 的样子填写日期和时间", "required": "请填写数据截止时间"},
    )
