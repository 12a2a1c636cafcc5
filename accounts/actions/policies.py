"""Setting one of an office's own numbers; the old value stays as history."""

from dataclasses import fields
from datetime import date, datetime
from typing import Any

from django.db import transaction

from accounts import rules
from accounts.actions.recording import record
from accounts.models import Organization, Policy, User
from accounts.policies import NAMES, PolicyValues, policy_of
from cppcc_office.lib.errors import Refused

_DEFAULTS = {field.name: field.default for field in fields(PolicyValues)}
MOST = 365


def _bars_to_value(key: str, value: Any) -> list[str]:
    name, default = NAMES[key], _DEFAULTS[key]
    if isinstance(default, bool):
        return [] if isinstance(value, bool) else [f"“{name}”只能是“是”或“否”。"]
    if isinstance(default, int):
        is_number = isinstance(value, int) and not isinstance(value, bool)
        return [] if is_number and 0 <= value <= MOST else [f"“{name}”须为 0 至 {MOST} 的整数。"]
    is_text = isinstance(value, str) and 0 < len(value.strip()) <= 10
    return [] if is_text else [f"“{name}”须为 1 至 10 个字。"]


def _shown(value: Any) -> str:
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
    before = getattr(policy_of(organization), key)
    if value == before:
        return None
    row = Policy.objects.create(organization=organization, key=key, value=value, set_by=by, set_at=now, note=note)
    record(
        "set_policy",
        f"“{NAMES[key]}”由“{_shown(before)}”改为“{_shown(value)}”{f'，理由：{note}' if note else ''}",
        by=by,
        now=now,
        organization=organization,
        subject=row,
        before={key: before},
        after={key: value},
    )
    return row
