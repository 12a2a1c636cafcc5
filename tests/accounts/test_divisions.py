"""Divisions, who leads them, who supervises, who is 秘书长."""

from typing import Any

import pytest

from accounts.actions import divisions as actions
from accounts.enums import DivisionKind, Role
from accounts.models import Division, Event, Membership, User
from accounts.standing import standing_of
from cppcc_office.lib.errors import Refused
from tests.cast import NOW, TODAY, Cast


def edit(cast: Cast, division: Division, *, by: User | None = None, **changes: Any) -> None:
    names = ("name", "short_name", "kind", "leader", "supervises", "order", "is_active")
    values = {name: getattr(division, name) for name in names} | changes
    actions.edit_division(division, by=by or cast.sysadmin, now=NOW, today=TODAY, **values)


def test_a_new_division_is_recorded(cast: Cast) -> None:
    division = actions.add_division(
        cast.office,
        by=cast.sysadmin,
        now=NOW,
        today=TODAY,
        name=" 提案委办公室 ",
        kind=DivisionKind.COMMITTEE,
        leader=cast.leader,
    )

    assert division.name == "提案委办公室"
    assert Event.objects.get().words == "新建处室提案委办公室（专委会办公室）"


def test_only_the_administrator_touches_divisions(cast: Cast) -> None:
    with pytest.raises(Refused, match="只有本机关的系统管理员"):
        actions.add_division(cast.office, by=cast.secretariat, now=NOW, today=TODAY, name="新处")
    with pytest.raises(Refused, match="只有本机关的系统管理员"):
        edit(cast, cast.lead, by=cast.foreign_secretariat, name="改名")


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"name": ""}, "请填写处室名称"),
        ({"name": "研究室"}, "已有名为“研究室”的处室"),
        ({"supervises": True}, "“督办处”已负责督办"),
        ({"is_active": False}, "还有 2 人任职"),
        ({"supervises": True, "is_active": False}, "负责督办的处室不能停用"),
    ],
)
def test_what_a_division_cannot_be_is_refused(cast: Cast, changes: dict[str, Any], why: str) -> None:
    with pytest.raises(Refused, match=why):
        edit(cast, cast.lead, **changes)

    cast.lead.refresh_from_db()
    assert cast.lead.name == "经济委办公室"
    assert not Event.objects.exists()


@pytest.mark.parametrize("name", ["staff", "foreign_leader"])
def test_only_a_leader_of_the_office_leads_a_division(cast: Cast, name: str) -> None:
    with pytest.raises(Refused, match="不是本机关领导"):
        edit(cast, cast.lead, leader=getattr(cast, name))


def test_an_empty_division_is_taken_out_of_use(cast: Cast) -> None:
    Membership.objects.filter(division=cast.outside).update(ends_on=TODAY.replace(day=1))

    edit(cast, cast.outside, is_active=False)

    assert Event.objects.get().words == "修改处室行政处：在用由“是”改为“否”"


def test_supervision_moves_in_two_steps_and_takes_the_rights_along(cast: Cast) -> None:
    edit(cast, cast.supervising, supervises=False)
    edit(cast, cast.outside, supervises=True)

    former = User.objects.get(pk=cast.secretariat.pk)
    new = User.objects.get(pk=cast.outsider.pk)
    assert not standing_of(former, today=TODAY).holds(Role.SECRETARIAT, cast.office.pk)
    assert standing_of(new, today=TODAY).holds(Role.SECRETARIAT, cast.office.pk)
    assert Event.objects.filter(verb="edit_division").count() == 2


def test_editing_nothing_writes_nothing(cast: Cast) -> None:
    edit(cast, cast.lead)

    assert not Event.objects.exists()


def test_the_secretary_general_is_one_of_the_leaders(cast: Cast) -> None:
    actions.set_secretary_general(cast.office, cast.leader, by=cast.sysadmin, now=NOW, today=TODAY)
    actions.set_secretary_general(cast.office, cast.leader, by=cast.sysadmin, now=NOW, today=TODAY)

    cast.office.refresh_from_db()
    assert cast.office.secretary_general == cast.leader
    assert Event.objects.get().words == "秘书长由“邓秘书长”改为“周副主席”"
    with pytest.raises(Refused, match="不是本机关领导"):
        actions.set_secretary_general(cast.office, cast.staff, by=cast.sysadmin, now=NOW, today=TODAY)
    with pytest.raises(Refused, match="只有本机关的系统管理员"):
        actions.set_secretary_general(cast.office, None, by=cast.leader, now=NOW, today=TODAY)
