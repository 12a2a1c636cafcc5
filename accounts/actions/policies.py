"""Setting one of an office's own numbers; the old value stays as history."""

import re
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from django.db import transaction

from accounts import rules
from accounts.actions.recording import record
from accounts.models import Organization, Policy, User
from accounts.policies import CLOCKS, DEFAULTS, NAMES, PolicyValues, policy_of
from cppcc_office.lib.errors import Refused

MOST = 365
CLOCK = r"([01]\d|2[0-3]):[0-5]\d"
CLOCK_WORDS = "请按“时:分”填写，两位数，如 08:30"
# What must stay below what, or the lights and deadlines contradict each other.
_BELOW = (
    ("pace_behind", "pace_far", "欠序时须先亮黄灯、后亮红灯"),
    ("receive_days", "object_days", "过了退回时限即视为已签收"),
    ("work_begins", "work_ends", "消息先开始、后停止外发"),
)
_LABELS = tuple(key for key in NAMES if key.startswith("label_"))


def _bars_to_value(key: str, value: Any) -> list[str]:
    name, default = NAMES[key], DEFAULTS[key]
    if isinstance(default, bool):
        return [] if isinstance(value, bool) else [f"“{name}”只能是“是”或“否”。"]
    if isinstance(default, int):
        is_number = isinstance(value, int) and not isinstance(value, bool)
        return [] if is_number and 0 <= value <= MOST else [f"“{name}”须为 0 至 {MOST} 的整数。"]
    if key in CLOCKS:
        is_clock = isinstance(value, str) and re.fullmatch(CLOCK, value.strip())
        return [] if is_clock else [f"“{name}”{CLOCK_WORDS}。"]
    is_text = isinstance(value, str) and 0 < len(value.strip()) <= 10
    return [] if is_text else [f"“{name}”须为 1 至 10 个字。"]


def _bars_to_combination(values: PolicyValues, key: str) -> list[str]:
    """What the values say against each other, where the one just set has part in it."""
    bars = []
    for lower, upper, why in _BELOW:
        low, high = getattr(values, lower), getattr(values, upper)
        if key in {lower, upper} and low >= high:
            bars.append(f"“{NAMES[lower]}”（{low}）须小于“{NAMES[upper]}”（{high}）：{why}。请先改另一项，或换一个数。")
    labels = [getattr(values, label) for label in _LABELS]
    if key in _LABELS and labels.count(getattr(values, key)) > 1:
        bars.append(f"“{getattr(values, key)}”已是另一级的名称，四级名称不能相同。")
    return bars


def shown(value: Any) -> str:
    return ("是" if value else "否") if isinstance(value, bool) else str(value)


@transaction.atomic
def set_policy(
    organization: Organization, *, key: str, value: Any, by: User, now: datetime, today: date, note: str = ""
) -> Policy | None:
    """Put one value in force from now on; the value already in force writes nothing and gives None."""
    if key not in NAMES:
        raise Refused("没有这项规则，请刷新页面后再试。")
    bars = rules.bar_to_set_policy(by, organization.pk, today=today) or _bars_to_value(key, value)
    if bars:
        raise Refused(bars)
    in_force = policy_of(organization)
    value = value.strip() if isinstance(value, str) else value
    before = getattr(in_force, key)
    if value == before:
        return None
    if bars := _bars_to_combination(replace(in_force, **{key: value}), key):
        raise Refused(bars)
    row = Policy.objects.create(organization=organization, key=key, value=value, set_by=by, set_at=now, note=note)
    record(
        "set_policy",
        f"“{NAMES[key]}”由“{shown(before)}”改为“{shown(value)}”{f'，理由：{note}' if note else ''}",
        by=by,
        now=now,
        organization=organization,
        subject=row,
        before={key: before},
        after={key: value},
    )
    return row
