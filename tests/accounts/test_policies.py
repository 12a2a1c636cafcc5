"""Setting an office's own numbers."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from accounts.actions.calendar import confirm_year, correct_day, withdraw_correction
from accounts.actions.policies import set_policy
from accounts.models import CalendarException, Event, Policy, User
from accounts.policies import (
    DEFAULTS,
    GROUPS,
    MEANINGS,
    NAMES,
    PolicyValues,
    calendar_of,
    fingerprint_of,
    policy_of,
    rules_of,
)
from cppcc_office.lib.errors import Refused
from cppcc_office.lib.workdays import WorkCalendar
from tests.cast import NOW, TODAY, Cast
from tests.pages import CheckingClient


def put(cast: Cast, key: str, value: Any, *, by: User | None = None, minutes: int = 0) -> Policy | None:
    now = NOW + timedelta(minutes=minutes)
    return set_policy(cast.office, key=key, value=value, by=by or cast.secretariat, now=now, today=TODAY, note="试行")


def test_every_policy_has_a_name_a_meaning_and_a_place() -> None:
    keys = {name for name in vars(PolicyValues()) if not name.startswith("_")}

    assert set(NAMES) == set(MEANINGS) == set(DEFAULTS) == keys
    assert sorted(key for _, group in GROUPS for key in group) == sorted(keys)


def test_a_value_is_in_force_for_its_office_and_the_old_one_stays_known(cast: Cast) -> None:
    put(cast, "receive_days", 3)
    put(cast, "receive_days", 4, minutes=1)

    assert policy_of(cast.office).receive_days == 4
    assert policy_of(cast.elsewhere).receive_days == 2
    assert list(Policy.objects.order_by("id").values_list("value", flat=True)) == [3, 4]
    assert Event.objects.all()[0].words == "“签收时限（工作日）”由“3”改为“4”，理由：试行"


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
        ("work_begins", "8:30", "请按“时:分”填写"),
        ("work_begins", "24:00", "请按“时:分”填写"),
        ("work_ends", 18, "请按“时:分”填写"),
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


@pytest.mark.parametrize(
    ("key", "value", "why"),
    [
        ("pace_behind", 30, "“欠序时亮黄灯（百分点）”（30）须小于“欠序时亮红灯（百分点）”（30）"),
        ("pace_far", 10, "须小于“欠序时亮红灯（百分点）”（10）"),
        ("receive_days", 5, "过了退回时限即视为已签收"),
        ("object_days", 2, "须小于“退回时限（工作日）”（2）"),
        ("work_begins", "18:00", "须小于“消息最晚何时外发”（18:00）"),
        ("work_ends", "08:00", "消息先开始、后停止外发"),
        ("label_target", "节点", "“节点”已是另一级的名称"),
        ("label_target", " 节点 ", "“节点”已是另一级的名称"),
    ],
)
def test_values_that_contradict_each_other_are_refused(cast: Cast, key: str, value: Any, why: str) -> None:
    with pytest.raises(Refused) as refusal:
        put(cast, key, value)

    assert why in str(refusal.value)
    assert not Policy.objects.exists()


def test_a_value_is_judged_against_those_in_force(cast: Cast) -> None:
    put(cast, "pace_far", 50)
    put(cast, "pace_behind", 30, minutes=1)

    assert (policy_of(cast.office).pace_behind, policy_of(cast.office).pace_far) == (30, 50)


# ── What is remembered between requests ──────────────────────────────────────


def test_rules_are_asked_for_with_one_query(cast: Cast, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(1):
        assert rules_of(cast.office) == (PolicyValues(), WorkCalendar())
    put(cast, "receive_days", 3)
    confirm_year(cast.office, year=2027, by=cast.secretariat, now=NOW, today=TODAY)
    rules_of(cast.office)

    with django_assert_num_queries(1):
        values, calendar = rules_of(cast.office.pk)

    assert values.receive_days == 3
    assert calendar == WorkCalendar(confirmed_years=[2027])


def test_every_change_is_seen_at_once(cast: Cast) -> None:
    seen = [fingerprint_of(cast.office)]
    put(cast, "warn_days", 7)
    assert policy_of(cast.office).warn_days == 7
    seen.append(fingerprint_of(cast.office))
    row = correct_day(cast.office, day=TODAY, is_workday=False, by=cast.secretariat, now=NOW, today=TODAY)
    assert not calendar_of(cast.office).is_workday(TODAY)
    seen.append(fingerprint_of(cast.office))
    withdraw_correction(row, by=cast.secretariat, now=NOW, today=TODAY)
    assert calendar_of(cast.office).is_workday(TODAY)
    assert fingerprint_of(cast.office) == seen[1]
    confirm_year(cast.office, year=2027, by=cast.secretariat, now=NOW, today=TODAY)
    assert calendar_of(cast.office).is_known(2027)
    seen.append(fingerprint_of(cast.office))

    assert len(set(seen)) == 4
    assert fingerprint_of(cast.elsewhere) == seen[0]
    assert {len(mark) for mark in seen} == {64}


def test_one_correction_in_place_of_another_is_seen(cast: Cast) -> None:
    first = correct_day(cast.office, day=TODAY, is_workday=False, by=cast.secretariat, now=NOW, today=TODAY)
    calendar_of(cast.office)
    withdraw_correction(first, by=cast.secretariat, now=NOW, today=TODAY)
    other = TODAY + timedelta(days=1)
    correct_day(
        cast.office, day=other, is_workday=False, by=cast.secretariat, now=NOW + timedelta(minutes=1), today=TODAY
    )

    assert calendar_of(cast.office).is_workday(TODAY)
    assert not calendar_of(cast.office).is_workday(other)
    assert CalendarException.objects.count() == 1


def test_what_was_rolled_back_is_forgotten(cast: Cast) -> None:
    with transaction.atomic():
        put(cast, "receive_days", 3)
        assert policy_of(cast.office).receive_days == 3
        transaction.set_rollback(True)

    assert policy_of(cast.office).receive_days == 2
    put(cast, "receive_days", 4, minutes=1)  # the database may give it the id of the row that is gone
    assert policy_of(cast.office).receive_days == 4


# ── Pages ────────────────────────────────────────────────────────────────────


def page(client: Client, user: User, name: str = "policies", *args: str) -> str:
    client.force_login(user)
    return client.get(reverse(name, args=args)).content.decode()


def test_the_page_tells_value_default_and_who(client: CheckingClient, cast: Cast) -> None:
    put(cast, "warn_days", 7)

    html = page(client, cast.staff)

    assert all(name in html for name in NAMES.values())
    assert all(meaning in html for meaning in MEANINGS.values())
    assert "<b>7</b>" in html
    assert "王科员" in html
    assert "试行" in html
    assert "修改“" not in html
    assert "修改“签收时限（工作日）”" in page(client, cast.secretariat)


@pytest.mark.parametrize(
    ("key", "typed", "value"),
    [
        ("receive_days", "3", 3),
        ("head_reviews", "0", False),
        ("label_target", "清单", "清单"),
        ("work_begins", "09:00", "09:00"),
    ],
)
def test_a_value_is_changed_with_its_reason(
    client: CheckingClient, cast: Cast, key: str, typed: str, value: Any
) -> None:
    client.force_login(cast.secretariat)

    reply = client.post(reverse("policy", args=[key]), {"value": typed, "note": "处务会议定"})

    assert reply["Location"] == reverse("policies")
    assert getattr(policy_of(cast.office), key) == value
    assert Policy.objects.get().note == "处务会议定"


@pytest.mark.parametrize(
    ("data", "words"),
    [({"value": "3"}, "请填写理由"), ({"value": "", "note": "试"}, "请填写新值"), ({"value": "-1", "note": "试"}, "0")],
)
def test_a_form_not_filled_in_is_shown_again(
    client: CheckingClient, cast: Cast, data: dict[str, str], words: str
) -> None:
    client.force_login(cast.secretariat)

    reply = client.post(reverse("policy", args=["receive_days"]), data)

    assert reply.status_code == 422
    assert words in reply.content.decode()
    assert not Policy.objects.exists()


def test_a_moment_of_the_day_is_typed_as_a_moment(client: CheckingClient, cast: Cast) -> None:
    client.force_login(cast.secretariat)

    reply = client.post(reverse("policy", args=["work_ends"]), {"value": "六点", "note": "试"})

    assert reply.status_code == 422
    assert "请按“时:分”填写" in reply.content.decode()


def test_a_value_that_contradicts_another_is_told(client: CheckingClient, cast: Cast) -> None:
    client.force_login(cast.secretariat)

    reply = client.post(reverse("policy", args=["pace_behind"]), {"value": "40", "note": "试"})

    assert reply.status_code == 409
    assert "须先亮黄灯、后亮红灯" in reply.content.decode()


def test_the_value_in_force_is_told_to_be_so(client: CheckingClient, cast: Cast) -> None:
    client.force_login(cast.secretariat)

    reply = client.post(reverse("policy", args=["receive_days"]), {"value": "2", "note": "试"}, follow=True)

    assert "本来就是这个值" in reply.content.decode()
    assert not Policy.objects.exists()


def test_the_history_of_a_value_is_open_to_all_of_the_office(client: CheckingClient, cast: Cast) -> None:
    put(cast, "receive_days", 3)
    put(cast, "receive_days", 4, minutes=1)

    html = page(client, cast.head, "policy", "receive_days")

    assert html.index(">4<") < html.index(">3<") < html.index("最初")
    assert "只有督办人员可以修改督办规则" in html
    assert '<form class="form"' not in html


def test_there_is_no_page_of_a_rule_that_is_none(client: CheckingClient, cast: Cast) -> None:
    client.force_login(cast.secretariat)

    assert client.get(reverse("policy", args=["no_such_thing"])).status_code == 404


@pytest.mark.parametrize("rows", [1, 3])
def test_the_page_asks_as_often_for_one_change_as_for_many(
    client: CheckingClient, cast: Cast, django_assert_num_queries: DjangoAssertNumQueries, rows: int
) -> None:
    for n in range(rows):
        put(cast, "warn_days", 7 + n, minutes=n)
    page(client, cast.secretariat)

    with django_assert_num_queries(11):
        client.get(reverse("policies"))
