"""Coming in, being locked out, the forced password change."""

from datetime import timedelta
from threading import Thread

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from accounts.actions import sign_in as actions
from accounts.enums import Outcome
from accounts.models import Event, SignInFailure, User
from cppcc_office.lib.errors import Refused, Stale
from tests.cast import NOW, PASSWORD, Cast, make_cast

NEW = "Neu-98765"


def guess(name: str, times: int) -> actions.SignInAnswer:
    for _ in range(times):
        answer = actions.sign_in(name, password="wrong", now=NOW)
    return answer


def test_the_right_password_lets_in_and_leaves_an_event(cast: Cast) -> None:
    answer = actions.sign_in("  WU ", password=PASSWORD, now=NOW)

    assert answer.user == cast.staff
    event = Event.objects.get()
    assert (event.verb, event.outcome, event.by, event.organization) == (
        "sign_in",
        Outcome.DONE,
        cast.staff,
        cast.office,
    )


def test_a_wrong_password_says_how_many_tries_are_left(cast: Cast) -> None:
    answer = guess("wu", 2)

    assert answer.user is None
    assert "再错 3 次" in answer.sentence
    assert Event.objects.filter(outcome=Outcome.REFUSED, by=None, organization=cast.office).count() == 2


@pytest.mark.parametrize("name", ["wu", "nobody-of-this-name"])
def test_five_wrong_tries_lock_a_name_known_or_unknown(cast: Cast, name: str) -> None:
    last = guess(name, 5)

    locked = actions.sign_in(name, password=PASSWORD, now=NOW + timedelta(minutes=19))

    assert "已锁定，请于 09:50 后再试" in last.sentence
    assert locked.user is None
    assert "已锁定" in locked.sentence
    assert Event.objects.filter(outcome=Outcome.REFUSED).count() == 6


def test_a_lock_ends_after_twenty_minutes(cast: Cast) -> None:
    guess("wu", 5)

    answer = actions.sign_in("wu", password=PASSWORD, now=NOW + timedelta(minutes=20))

    assert answer.user == cast.staff
    assert not SignInFailure.objects.filter(username="wu").exists()


def test_coming_in_forgets_earlier_wrong_tries(cast: Cast) -> None:
    guess("wu", 4)
    actions.sign_in("wu", password=PASSWORD, now=NOW)

    answer = guess("wu", 4)

    assert "再错 1 次" in answer.sentence


def test_a_switched_off_account_is_told_nothing(cast: Cast) -> None:
    User.objects.filter(pk=cast.staff.pk).update(is_active=False)

    answer = actions.sign_in("wu", password=PASSWORD, now=NOW)

    assert answer.user is None
    assert answer.sentence.startswith("登录名或密码不对")


def test_a_password_older_than_ninety_days_must_be_changed(cast: Cast) -> None:
    User.objects.filter(pk=cast.staff.pk).update(password_changed_at=NOW - timedelta(days=91))

    answer = actions.sign_in("wu", password=PASSWORD, now=NOW)

    assert answer.user is not None
    assert answer.user.must_change_password


@pytest.mark.django_db(transaction=True)
def test_guesses_at_the_same_moment_count_one_by_one() -> None:
    make_cast()
    answers: list[actions.SignInAnswer] = []

    def try_once() -> None:
        try:
            answers.append(actions.sign_in("wu", password="wrong", now=NOW))
        finally:
            connection.close()

    threads = [Thread(target=try_once) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(answers) == 12
    assert SignInFailure.objects.get(username="wu").failures == 5
    refused = Event.objects.filter(outcome=Outcome.REFUSED)
    assert refused.filter(words__contains="不对").count() == 5
    assert refused.filter(words__contains="已锁定").count() == 7


def test_changing_the_password_needs_the_old_one(cast: Cast) -> None:
    with pytest.raises(Refused, match="原密码不对"):
        actions.change_password(cast.staff, old="wrong", new=NEW, now=NOW)

    assert not Event.objects.exists()


@pytest.mark.parametrize(
    ("new", "why"),
    [(PASSWORD, "不能与原密码相同"), ("short", "8"), ("alllowercase", "三种"), ("Wuwu-12345", "")],
)
def test_bad_new_passwords_are_refused_in_words(cast: Cast, new: str, why: str) -> None:
    if not why:
        actions.change_password(cast.staff, old=PASSWORD, new=new, now=NOW)
        assert cast.staff.check_password(new)
        return

    with pytest.raises(Refused, match=why):
        actions.change_password(cast.staff, old=PASSWORD, new=new, now=NOW)


def test_a_password_may_not_hold_the_log_in_name(cast: Cast) -> None:
    with pytest.raises(Refused, match="不能包含登录名"):
        actions.change_password(cast.head, old=PASSWORD, new="Chen-12345", now=NOW)


def test_a_changed_password_is_recorded_without_its_text(cast: Cast) -> None:
    User.objects.filter(pk=cast.staff.pk).update(must_change_password=True)
    cast.staff.refresh_from_db()

    actions.change_password(cast.staff, old=PASSWORD, new=NEW, now=NOW)

    cast.staff.refresh_from_db()
    event = Event.objects.get()
    assert cast.staff.check_password(NEW)
    assert not cast.staff.must_change_password
    assert event.verb == "change_password"
    assert NEW not in f"{event.words}{event.before}{event.after}"


def test_the_page_lets_in_and_goes_where_one_wanted(cast: Cast, client: Client) -> None:
    wanted = client.get(reverse("deputies"), {"a": "1", "b": "2"})
    target = wanted["Location"]

    reply = client.post(target, {"username": "chen", "password": PASSWORD, "next": "/deputies/?a=1&b=2"})

    assert target == "/sign-in/?next=%2Fdeputies%2F%3Fa%3D1%26b%3D2"
    assert reply["Location"] == "/deputies/?a=1&b=2"


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"]
)
def test_next_never_leads_away(cast: Cast, client: Client, target: str) -> None:
    reply = client.post(reverse("sign-in"), {"username": "chen", "password": PASSWORD, "next": target})

    assert reply.status_code == 302
    assert "evil" not in reply["Location"]
    assert "alert" not in reply["Location"]


def test_signing_in_changes_the_session_key(cast: Cast, client: Client) -> None:
    client.get(reverse("sign-in"))
    session = client.session
    session["mark"] = 1
    session.save()
    before = client.session.session_key

    client.post(reverse("sign-in"), {"username": "chen", "password": PASSWORD, "next": "/deputies/"})

    assert client.session.session_key != before


def test_a_wrong_password_keeps_the_name_typed_and_answers_422(cast: Cast, client: Client) -> None:
    reply = client.post(reverse("sign-in"), {"username": "chen", "password": "wrong"})

    assert reply.status_code == 422
    assert "登录名或密码不对" in reply.content.decode()
    assert 'value="chen"' in reply.content.decode()
    assert "wrong" not in reply.content.decode()


def test_signing_out_is_a_post_and_is_recorded(cast: Cast, client: Client) -> None:
    client.force_login(cast.staff)

    by_link = client.get(reverse("sign-out"))
    by_button = client.post(reverse("sign-out"))

    assert by_link.status_code == 405
    assert by_button.status_code == 302
    assert Event.objects.get().verb == "sign_out"
    assert client.get(reverse("deputies")).status_code == 302


def test_a_first_log_in_reaches_nothing_before_the_password_is_changed(cast: Cast, client: Client) -> None:
    User.objects.filter(pk=cast.head.pk).update(must_change_password=True)
    client.force_login(cast.head)

    before = client.get(reverse("deputies"))
    page = client.get(reverse("change-password"))
    change = client.post(
        reverse("change-password"), {"old_password": PASSWORD, "new_password1": NEW, "new_password2": NEW}
    )
    after = client.get(reverse("deputies"))

    assert before["Location"] == reverse("change-password")
    assert "初始密码" in page.content.decode()
    assert change.status_code == 302
    assert after.status_code == 200


@pytest.mark.parametrize(
    ("old", "new", "again", "why"),
    [
        ("wrong", NEW, NEW, "原密码不对"),
        (PASSWORD, NEW, "other", "两次输入的新密码不一致"),
        (PASSWORD, "abc", "abc", "三种"),
    ],
)
def test_a_failed_change_says_why(cast: Cast, client: Client, old: str, new: str, again: str, why: str) -> None:
    client.force_login(cast.head)

    reply = client.post(reverse("change-password"), {"old_password": old, "new_password1": new, "new_password2": again})

    assert reply.status_code == 422
    assert why in reply.content.decode()
    assert User.objects.get(pk=cast.head.pk).check_password(PASSWORD)


def test_a_changed_password_ends_other_browsers(cast: Cast, new_client: type[Client]) -> None:
    here, there = new_client(), new_client()
    here.force_login(cast.head)
    there.force_login(cast.head)

    here.post(reverse("change-password"), {"old_password": PASSWORD, "new_password1": NEW, "new_password2": NEW})

    assert here.get(reverse("deputies")).status_code == 200
    assert there.get(reverse("deputies")).status_code == 302


def test_of_two_changes_at_once_one_wins(cast: Cast) -> None:
    seen_before = User.objects.get(pk=cast.staff.pk)
    actions.change_password(cast.staff, old=PASSWORD, new=NEW, now=NOW)

    with pytest.raises(Stale):
        actions.change_password(seen_before, old=PASSWORD, new="Other-123", now=NOW)

    assert User.objects.get(pk=cast.staff.pk).check_password(NEW)


def test_who_is_in_already_is_led_on(cast: Cast, client: Client) -> None:
    client.force_login(cast.head)

    assert client.get(reverse("sign-in")).status_code == 302


def test_what_was_typed_outlives_the_session(client: Client, cast: Cast) -> None:
    client.force_login(cast.head)
    client.logout()

    reply = client.post(
        reverse("deputies"),
        {"note": "外出学习两周", "password": "secret"},
        headers={"referer": "http://testserver/deputies/?from=me"},
    )

    html = reply.content.decode()
    assert reply.status_code == 403
    assert "登录已过期，没有提交成功" in html
    assert "外出学习两周" in html
    assert "secret" not in html
    assert "/sign-in/?next=%2Fdeputies%2F" in html


def test_an_empty_field_is_asked_for_by_name(client: Client, cast: Cast) -> None:
    html = client.post(reverse("sign-in"), {"username": ""}).content.decode()

    assert "请填写登录名" in html
    assert "请填写密码" in html


def test_a_deputy_cannot_end_before_the_start_and_the_form_stays(client: Client, cast: Cast) -> None:
    client.force_login(cast.head)

    reply = client.post(
        reverse("deputies"),
        {"deputy": cast.staff.pk, "starts_on": "2026-03-10", "ends_on": "2026-03-02", "note": "出差"},
    )

    assert reply.status_code == 422
    assert "结束日期早于开始日期，请改正。" in reply.content.decode()
    assert 'value="出差"' in reply.content.decode()
