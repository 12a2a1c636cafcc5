"""消息设置: ways, the time of a digest, kinds that are not heard."""

from datetime import time
from typing import Any

import pytest
from django.urls import reverse

from accounts.models import Event, User
from supervision.notifications.enums import ChannelKind
from supervision.notifications.kinds.registry import all_kinds
from supervision.notifications.models import ChannelWish, DigestTime, MutedKind
from tests.cast import Cast
from tests.pages import CheckingClient
from tests.supervision.notifications.channels import a_channel

pytestmark = pytest.mark.django_db


def settings_page(client: CheckingClient, user: User) -> str:
    client.force_login(user)
    return str(client.get(reverse("inbox-settings")).content.decode())


def saved(client: CheckingClient, user: User, **posted: Any) -> Any:
    client.force_login(user)
    return client.post(reverse("inbox-settings"), {"when": "AT_ONCE", "at": "16:30"} | posted)


def test_the_page_says_which_ways_are_missing(client: CheckingClient, cast: Cast) -> None:
    none = settings_page(client, cast.head)
    a_channel(cast, ChannelKind.EMAIL)
    a_channel(cast, ChannelKind.WEBHOOK, name="短信", reasons=[])
    no_address = settings_page(client, cast.head)
    User.objects.filter(pk=cast.head.pk).update(email="chen@zx.test", phone="13800000000")
    complete = settings_page(client, cast.head)

    assert "期限提醒和等我办理的消息不能关闭" in none
    assert "本机关还没有启用邮件服务器" in none
    assert "您还没有登记邮箱" in no_address
    assert "您还没有登记手机" in no_address
    assert "还没有" not in complete
    assert "8:30 至 18:00 以外不发" in complete
    assert "何时发送" not in none  # nothing is sent to a person: when is no question


def test_a_box_left_as_declared_is_no_wish(client: CheckingClient, cast: Cast) -> None:
    a_channel(cast, ChannelKind.EMAIL)
    client.force_login(cast.head)
    form = client.get(reverse("inbox-settings")).context["form"]
    declared = {name: "on" for name, field in form.fields.items() if name.endswith("-EMAIL") and field.initial}

    saved(client, cast.head, **declared)
    none = ChannelWish.objects.count()
    saved(client, cast.head, **{name: "on" for name in declared if name != "TURN-EMAIL"})
    one = list(ChannelWish.objects.values_list("reason", "channel_kind", "is_wanted"))
    saved(client, cast.head, **declared)

    assert "TURN-EMAIL" in declared
    assert (none, one, ChannelWish.objects.count()) == (0, [("TURN", "EMAIL", False)], 0)


def test_a_time_of_the_day_is_wished_and_given_up(client: CheckingClient, cast: Cast) -> None:
    saved(client, cast.head, when="DAILY", at="16:45")
    wished = DigestTime.objects.get().at
    again = settings_page(client, cast.head)
    saved(client, cast.head)

    assert wished == time(16, 45)
    assert 'value="16:45"' in again
    assert not DigestTime.objects.exists()


@pytest.mark.parametrize(("at", "words"), [("", "请填写每天几点汇总"), ("25:00", "请填写几点几分")])
def test_a_digest_needs_its_time(client: CheckingClient, cast: Cast, at: str, words: str) -> None:
    reply = saved(client, cast.head, when="DAILY", at=at)

    assert reply.status_code == 422
    assert words in reply.content.decode()


def test_kinds_that_may_be_muted_are_muted_and_heard_again(client: CheckingClient, cast: Cast) -> None:
    code = next(kind.code for kind in all_kinds() if kind.may_be_muted)

    saved(client, cast.head, muted=[code])
    muted = list(MutedKind.objects.values_list("user", "kind"))
    saved(client, cast.head)

    assert muted == [(cast.head.pk, code)]
    assert not MutedKind.objects.exists()


def test_what_waits_for_somebody_cannot_be_muted(client: CheckingClient, cast: Cast) -> None:
    reply = saved(client, cast.head, muted=["daily_watch"])

    assert reply.status_code == 422
    assert not MutedKind.objects.exists()


def test_wishes_are_no_event(client: CheckingClient, cast: Cast) -> None:
    saved(client, cast.head, when="DAILY", at="16:45")

    assert not Event.objects.exists()
