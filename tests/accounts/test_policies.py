"""Setting an office's own numbers."""

from datetime import timedelta
from typing import Any

import pytest

from accounts.actions.policies import set_policy
from accounts.models import Event, Policy, User
from accounts.policies import NAMES, PolicyValues, policy_of
from cppcc_office.lib.errors import Refused
from tests.cast import NOW, TODAY, Cast


def put(cast: Cast, key: str, value: Any, *, by: User | None = None, minutes: int = 0) -> Policy | None:
    now = NOW + timedelta(minutes=minutes)
    return set_policy(cast.office, key=key, value=value, by=by or cast.secretariat, now=now, today=TODAY, note="试行")


def test_every_policy_has_a_name() -> None:
    assert set(NAMES) == {name for name in vars(PolicyValues()) if not name.startswith("_")}


def test_a_value_is_in_force_for_its_office_and_the_old_one_stays_known(cast: Cast) -> None:
    put(cast, "receive_days", 3)
    put(cast, "receive_days", 4, minutes=1)

    assert policy_of(cast.office).receive_days == 4
    assert policy_of(cast.elsewhere).receive_days == 2
    assert list(Policy.objects.order_by("id").values_list("value", flat=True)) == [3, 4]
    assert Event.objects.first().words == "“签收时限（工作日）”由“3”改为“4”，理由：试行"  # type: ignore[union-attr]


def test_the_value_in_force_writes_nothing(cast: Cast) -> None:
    assert put(cast, "receive_days", 2) is None
    assert not Event.objects.exists()


@pytest.mark.parametrize(
    ("key", "value", "why"),
    [
        ("no_such_thing", 1, "没有这项规则"),
        ("receive_days", -1, "0 至 365 的整数"),
        ("receive_days", True, "0 至 365 的整数"),
        ("receive_days", "3", "0 至 365 的整数"),
        ("head_reviews", 1, "只能是“是”或“否”"),
        ("label_project", " ", "1 至 10 个字"),
    ],
)
def test_values_that_make_no_sense_are_refused(cast: Cast, key: str, value: Any, why: str) -> None:
    with pytest.raises(Refused, match=why):
        put(cast, key, value)

    assert not Policy.objects.exists()


@pytest.mark.parametrize("name", ["head", "leader", "sysadmin", "auditor", "foreign_secretariat"])
def test_only_the_secretariat_sets_policies(cast: Cast, name: str) -> None:
    with pytest.raises(Refused, match="只有督办人员"):
        put(cast, "receive_days", 3, by=getattr(cast, name))
