"""Divisions and what an organisation says of itself: every write on them."""

from datetime import date, datetime
from typing import Any

from django.db import transaction

from accounts import rules
from accounts.actions.recording import record
from accounts.enums import DivisionKind
from accounts.models import Division, Membership, Organization, User
from accounts.queries import leaders_of
from cppcc_office.lib.errors import Refused

_LABELS = {
    "name": "名称",
    "short_name": "简称",
    "kind": "类别",
    "leader": "分管领导",
    "supervises": "负责督办",
    "order": "次序",
    "is_active": "在用",
}


def _check(organization: Organization, division: Division | None, new: dict[str, Any], *, today: date) -> None:
    others = Division.objects.filter(organization=organization)
    if division is not None:
        others = others.exclude(pk=division.pk)
    bars = []
    if not new["name"]:
        bars.append("请填写处室名称。")
    elif others.filter(name=new["name"]).exists():
        bars.append(f"已有名为“{new['name']}”的处室，请换一个名称。")
    leader = new["leader"]
    if leader is not None and not leaders_of(organization.pk, today=today).filter(pk=leader.pk).exists():
        bars.append(f"{leader.name}不是本机关领导，不能任分管领导，请另选。")
    # 督办人员 follow from this one flag: moving it silently would take rights from a whole division.
    supervising = others.filter(supervises=True, is_active=True).first()
    if new["supervises"] and supervising is not None:
        bars.append(f"“{supervising.name}”已负责督办；请先在该处室取消，再指定新的处室。")
    if new["supervises"] and not new["is_active"]:
        bars.append("负责督办的处室不能停用；请先指定别的处室负责督办。")
    if division is not None and not new["is_active"]:
        count = Membership.objects.on(today).filter(division=division, user__is_active=True).count()
        if count:
            bars.append(f"{division.name}还有 {count} 人任职，请先调整人员，再停用。")
    if bars:
        raise Refused(bars)


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "是" if value else "否"
    return str(value.name if isinstance(value, User) else value or "空")


def _stored(value: Any) -> Any:
    return value.pk if isinstance(value, User) else value


@transaction.atomic
def add_division(
    organization: Organization,
    *,
    by: User,
    now: datetime,
    today: date,
    name: str,
    short_name: str = "",
    kind: str = DivisionKind.OFFICE,
    leader: User | None = None,
    supervises: bool = False,
    order: int = 0,
) -> Division:
    if bars := rules.bar_to_administer(by, organization.pk, today=today):
        raise Refused(bars)
    new: dict[str, Any] = {
        "name": name.strip(), "short_name": short_name.strip(), "kind": kind, "leader": leader,
        "supervises": supervises, "order": order, "is_active": True,
    }  # fmt: skip
    _check(organization, None, new, today=today)
    division = Division.objects.create(organization=organization, **new)
    record(
        "add_division",
        f"新建处室{division.name}（{division.get_kind_display()}）{'，负责督办' if supervises else ''}",
        by=by,
        now=now,
        organization=organization,
        subject=division,
        after={key: _stored(value) for key, value in new.items()},
    )
    return division


@transaction.atomic
def edit_division(
    division: Division,
    *,
    by: User,
    now: datetime,
    today: date,
    name: str,
    short_name: str,
    kind: str,
    leader: User | None,
    supervises: bool,
    order: int,
    is_active: bool,
) -> None:
    """Change a division; nothing changed writes nothing."""
    if bars := rules.bar_to_administer(by, division.organization_id, today=today):
        raise Refused(bars)
    new: dict[str, Any] = {
        "name": name.strip(), "short_name": short_name.strip(), "kind": kind, "leader": leader,
        "supervises": supervises, "order": order, "is_active": is_active,
    }  # fmt: skip
    old = {field: getattr(division, field) for field in new}
    changed = [field for field in new if new[field] != old[field]]
    if not changed:
        return
    _check(division.organization, division, new, today=today)
    for field in changed:
        setattr(division, field, new[field])
    division.save(update_fields=changed)
    words = "，".join(f"{_LABELS[f]}由“{_shown(old[f])}”改为“{_shown(new[f])}”" for f in changed)
    record(
        "edit_division",
        f"修改处室{division.name}：{words}",
        by=by,
        now=now,
        organization=division.organization_id,
        subject=division,
        before={f: _stored(old[f]) for f in changed},
        after={f: _stored(new[f]) for f in changed},
    )


@transaction.atomic
def set_secretary_general(
    organization: Organization, person: User | None, *, by: User, now: datetime, today: date
) -> None:
    """Name the 秘书长 among the leaders; the same person again writes nothing."""
    if bars := rules.bar_to_administer(by, organization.pk, today=today):
        raise Refused(bars)
    if person is not None and not leaders_of(organization.pk, today=today).filter(pk=person.pk).exists():
        raise Refused(f"{person.name}不是本机关领导，不能指定为秘书长；请先在其任职中加上“领导”。")
    old = organization.secretary_general
    if old == person:
        return
    organization.secretary_general = person
    organization.save(update_fields=["secretary_general"])
    record(
        "set_secretary_general",
        f"秘书长由“{old.name if old else '空'}”改为“{person.name if person else '空'}”",
        by=by,
        now=now,
        organization=organization,
        subject=organization,
        before={"secretary_general": old.pk if old else None},
        after={"secretary_general": person.pk if person else None},
    )
