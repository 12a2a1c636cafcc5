"""接口令牌: made with a password or on one's own page, shown once, ended by hand, time or a new password."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from accounts.actions.people import reset_password, switch_account
from accounts.actions.sign_in import TRIES, change_password
from accounts.actions.tokens import LASTS, create_token, revoke_token
from accounts.models import ApiToken, Event, User
from accounts.rules import TOKENS_AT_MOST
from cppcc_office.lib.errors import Refused, Stale
from tests.api.conftest import JsonClient
from tests.cast import NOW, PASSWORD, TODAY
from tests.pages import CheckingClient
from tests.tasks.company import Company

ME = "/api/v1/me/"
TOKENS = "/api/v1/tokens/"


def test_a_password_is_exchanged_for_a_token_that_acts_as_the_person(company: Company) -> None:
    made = JsonClient().post(TOKENS, username="WU", password=PASSWORD, name="数据大屏")

    assert made.status_code == 201
    token = made.json()["token"]
    assert ApiToken.objects.get().digest != token
    assert token not in str(ApiToken.objects.values().get())
    me = Client().get(ME, headers={"Authorization": f"Token {token}"}).json()
    assert (me["name"], me["posts"][0]["role_label"], me["today"]) == ("吴科员", "经办人", "2026-03-04")
    assert [row.verb for row in Event.objects.filter(by=company.staff)] == ["create_token", "sign_in"]


def test_wrong_passwords_are_counted_with_those_at_the_door_of_the_pages(company: Company) -> None:
    for _ in range(TRIES - 1):
        Client().post(reverse("sign-in"), {"username": "wu", "password": "wrong"})

    last = JsonClient().post(TOKENS, username="wu", password="wrong")
    barred = JsonClient().post(TOKENS, username="wu", password=PASSWORD)

    assert (last.status_code, barred.status_code) == (400, 400)
    assert "已锁定" in barred.json()["fields"]["password"][0]
    assert not ApiToken.objects.exists()


def test_who_tries_too_often_is_told_to_wait(company: Company) -> None:
    replies = [JsonClient().post(TOKENS, username=f"x{n}", password="wrong") for n in range(21)]

    assert [reply.status_code for reply in replies] == [400] * 20 + [429]
    assert int(replies[-1]["Retry-After"]) > 0
    assert replies[-1].json() == {"detail": "尝试过于频繁，请稍后再试。"}


def test_the_first_password_makes_no_token(company: Company) -> None:
    User.objects.filter(pk=company.staff.pk).update(must_change_password=True)

    reply = JsonClient().post(TOKENS, username="wu", password=PASSWORD)

    assert reply.status_code == 409
    assert reply.json()["reasons"] == ["请先登录网页修改密码，再建立接口令牌。"]
    assert not ApiToken.objects.exists()


def test_a_token_ends_after_ninety_days(company: Company) -> None:
    program = JsonClient(company.staff)

    with time_machine.travel(NOW + LASTS - timedelta(minutes=1)):
        before = program.get(ME).status_code
    with time_machine.travel(NOW + LASTS):
        after = program.get(ME)

    assert (before, after.status_code) == (200, 401)
    assert after.json() == {"detail": "令牌无效或已到期，请重新建立。"}


@pytest.mark.parametrize("header", ["Token", "Token x", "Token a b", "Token " + "0" * 64, "Token \xff"])
def test_what_is_no_token_lets_nobody_in(company: Company, header: str) -> None:
    JsonClient(company.staff)

    assert Client().get(ME, headers={"Authorization": header}).status_code == 401


def test_tokens_end_with_the_password_and_with_the_account(company: Company) -> None:
    programs = [JsonClient(user) for user in (company.staff, company.head, company.co_head, company.leader)]
    change_password(company.staff, old=PASSWORD, new="Neues-67890", now=NOW)
    admin: dict[str, Any] = {"organization": company.office, "by": company.sysadmin, "now": NOW, "today": TODAY}
    reset_password(company.head, **admin)
    switch_account(company.co_head, on=False, **admin)
    switch_account(company.co_head, on=True, **admin)

    assert [program.get(ME).status_code for program in programs] == [401, 401, 401, 200]


def test_nobody_holds_more_tokens_than_he_can_tell_apart(company: Company) -> None:
    for _ in range(TOKENS_AT_MOST):
        create_token(company.staff, name="一个", now=NOW)

    with pytest.raises(Refused, match="每人最多 5 个接口令牌"):
        create_token(company.staff, name="又一个", now=NOW)
    create_token(company.staff, name="旧的到期后", now=NOW + LASTS)

    assert [row.name for row in ApiToken.objects.filter(user=company.staff)] == ["旧的到期后"]


def test_one_lists_and_revokes_ones_own_tokens_only(company: Company) -> None:
    program, other = JsonClient(company.staff), JsonClient(company.head)
    rows = program.get(TOKENS).json()

    assert [row["name"] for row in rows] == ["办公平台"]
    assert "token" not in rows[0]
    assert other.delete(f"{TOKENS}{rows[0]['id']}/").status_code == 404
    assert program.delete(f"{TOKENS}{rows[0]['id']}/").status_code == 204
    assert program.get(ME).status_code == 401
    assert Event.objects.filter(verb="revoke_token", by=company.staff).count() == 1


def test_a_token_revoked_twice_is_revoked_once(company: Company) -> None:
    token = create_token(company.staff, name="一个", now=NOW)
    again = ApiToken.objects.select_related("user").get(pk=token.pk)
    revoke_token(token, now=NOW)

    with pytest.raises(Stale):
        revoke_token(again, now=NOW)


def test_the_own_page_shows_a_new_token_once_and_revokes_it(company: Company) -> None:
    client = CheckingClient()
    client.force_login(company.staff)

    made = client.post(reverse("tokens"), {"name": "办公平台"})
    row = ApiToken.objects.get(user=company.staff)
    text = made.context["made"].text

    assert text in made.content.decode()
    later = client.get(reverse("tokens")).content.decode()
    assert text not in later
    assert row.token_key in later
    assert Client().get(ME, headers={"Authorization": f"Token {text}"}).status_code == 200
    client.post(reverse("token-revoke", args=[row.pk]))
    assert Client().get(ME, headers={"Authorization": f"Token {text}"}).status_code == 401


def test_a_token_without_a_use_is_asked_for_it(company: Company) -> None:
    client = CheckingClient()
    client.force_login(company.staff)

    reply = client.post(reverse("tokens"), {"name": " "})

    assert reply.status_code == 422
    assert "请填写用途" in reply.content.decode()
    assert not ApiToken.objects.exists()
