"""What the secretariat sets of a cycle."""

from typing import Any

from django import forms

from accounts.forms import Form
from supervision.cycles.enums import Anchor, Cycle
from supervision.cycles.models import CycleRule
from supervision.cycles.queries.rules import Setting, setting_of
from supervision.cycles.rules.running import ANCHORS, MOST_LEAD_DAYS, MOST_NTH
from tasks.forms.parts import NOT_LISTED, too_long

_FIXED = {
    # A day has one moment and needs no word before; only the look-back draws a sample.
    Cycle.DAILY: ("anchor", "nth", "lead_days"),
}


class RuleForm(Form):
    is_on = forms.BooleanField(label="启用", required=False, help_text="停用期间的期次不运行，重新启用后也不补。")
    label = forms.CharField(label="名称", max_length=20, required=False, error_messages=too_long(20))
    anchor = forms.ChoiceField(label="计算方式")
    nth = forms.IntegerField(
        label="第几个工作日",
        min_value=1,
        max_value=MOST_NTH,
        help_text="期内没有这么多工作日的，取最近的一个。",
    )
    at = forms.TimeField(
        label="时间",
        widget=forms.TimeInput({"type": "time"}, format="%H:%M"),
        error_messages={"invalid": "时间写成 16:00 的样子"},
    )
    lead_days = forms.IntegerField(
        label="提前几个工作日提醒",
        min_value=0,
        max_value=MOST_LEAD_DAYS,
        help_text="0 为不提醒；提醒在 9:00 发出。",
    )
    sample_percent = forms.IntegerField(
        label="抽取比例（%）",
        min_value=1,
        max_value=100,
        help_text="从已销号项目中抽取；评为优的和逾期销号的总在其中。",
    )
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, rule: CycleRule, *args: Any, **kwargs: Any) -> None:
        self.rule, self.setting_before = rule, setting_of(rule)
        values = {name: getattr(rule, name) for name in ("is_on", "label", "anchor", "nth", "at", "lead_days")}
        super().__init__(
            *args, initial=values | {"sample_percent": rule.sample_percent, "version": rule.version}, **kwargs
        )
        cycle = Cycle(rule.cycle)
        self.fields["label"].help_text = f"本机关的叫法，如周点评、月小结；不填为“{cycle.label}”。"
        choices = [(anchor.value, anchor.label) for anchor in ANCHORS[cycle]]
        self.fields["anchor"] = forms.ChoiceField(label="计算方式", choices=choices, error_messages=NOT_LISTED)
        for name in _FIXED.get(cycle, ()):
            del self.fields[name]
        if cycle != Cycle.HALF_YEARLY:
            del self.fields["sample_percent"]

    def setting(self) -> Setting:
        """What was typed, and for what this cycle does not ask, what is in force."""
        typed, old = self.cleaned_data, self.setting_before
        return Setting(
            label=typed["label"],
            is_on=typed["is_on"],
            anchor=Anchor(typed.get("anchor", old.anchor)),
            nth=typed.get("nth", old.nth),
            at=typed["at"],
            lead_days=typed.get("lead_days", old.lead_days),
            sample_percent=typed.get("sample_percent", old.sample_percent),
        )
