"""消息设置: by which way for which reason, when, and what one does not want to hear of."""

from collections.abc import Collection
from datetime import time
from typing import Any

from django import forms

from accounts.forms import Form
from supervision.notifications.enums import ChannelKind, Reason
from supervision.notifications.kinds.registry import all_kinds
from supervision.notifications.kinds.ways import goes_by_default
from supervision.notifications.queries.wishes import OwnWishes

AT_ONCE, DAILY = "AT_ONCE", "DAILY"


class SettingsForm(Form):
    """One box for each reason and way; a box left as the kinds declare is no wish."""

    when = forms.ChoiceField(
        label="何时发送",
        choices=[(AT_ONCE, "随时：有一条发一条"), (DAILY, "每日汇总：一天合成一条")],
        widget=forms.RadioSelect,
    )
    at = forms.TimeField(
        label="汇总时间",
        required=False,
        widget=forms.TimeInput({"type": "time", "class": "w-auto"}, format="%H:%M"),
        error_messages={"invalid": "请填写几点几分，如 16:30。"},
    )
    muted = forms.MultipleChoiceField(label="不提醒", required=False, widget=forms.CheckboxSelectMultiple)

    def __init__(self, wishes: OwnWishes, ways: Collection[ChannelKind], data: Any = None) -> None:
        initial: dict[str, Any] = {
            "when": DAILY if wishes.digest_at else AT_ONCE,
            "at": wishes.digest_at or time(16, 30),
            "muted": sorted(wishes.muted),
        }
        super().__init__(data, initial=initial)
        self.ways = list(ways)
        self.fields["muted"].choices = [(kind.code, kind.label) for kind in all_kinds() if kind.may_be_muted]  # type: ignore[attr-defined]  # a field of choices
        for reason in Reason:
            for way in self.ways:
                wanted = wishes.ways.get((reason, way), goes_by_default(reason, way))
                self.fields[_name(reason, way)] = forms.BooleanField(
                    label=f"{reason.label}：{way.label}", required=False, initial=wanted
                )

    def rows(self) -> list[tuple[Reason, list[forms.BoundField]]]:
        return [(reason, [self[_name(reason, way)] for way in self.ways]) for reason in Reason]

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        if data.get("when") == DAILY and not data.get("at") and "at" not in self.errors:
            self.add_error("at", "请填写每天几点汇总，如 16:30。")
        return data

    def wished(self) -> dict[str, Any]:
        """As the action takes it."""
        data = self.cleaned_data
        return {
            "ways": {(reason, way): data[_name(reason, way)] for reason in Reason for way in self.ways},
            "muted": set(data["muted"]),
            "digest_at": data["at"] if data["when"] == DAILY else None,
        }


def _name(reason: Reason, way: ChannelKind) -> str:
    return f"{reason.value}-{way.value}"
