"""消息通道: who sets them up, what the pages show of secrets, trying and switching."""

from typing import Any

import pytest
from django.urls import reverse

from accounts.models import Event
from supervision.notifications.enums import ChannelKind
from supervision.notifications.models import Channel
from tests.cast import NOW, Cast
from tests.pages import CheckingClient
from tests.supervision.notifications.channels import MAIL, ROBOT, a_channel
from tests.supervision.notifications.listeners import Hook

pytestmark = pytest.mark.django_db


def test_an_office_without_channels_is_told_what_they_are_for(admin: CheckingClient) -> None:
    html = admin.get(reverse("channels")).content.decode()

    assert "还没有消息通道" in html
    assert reverse("channel-new") in html


def test_the_list_says_to_whom_each_writes_and_how_its_last_test_went(admin: CheckingClient, cast: Cast) -> None:
    a_channel(cast, ChannelKind.EMAIL)
    good = a_channel(cast, name="甲群", division=cast.lead)
    bad = a_channel(cast, name="乙群")
    Channel.objects.filter(pk=good.pk).update(tested_at=NOW)
    Channel.objects.filter(pk=bad.pk).update(tested_at=NOW, test_error="对方答复 404", is_on=False)

    html = admin.get(reverse("channels")).content.decode()

    for words in ("每个人", "经济委办公室的群", "机关的群", "没有测试过", "成功", "对方答复 404", "未启用"):
        assert words in html
    assert ROBOT not in html


def test_the_kind_is_chosen_first(admin: CheckingClient, cast: Cast) -> None:
    html = admin.get(reverse("channel-new")).content.decode()

    for kind in ChannelKind:
        assert f"?kind={kind.value}" in html


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        ("EMAIL", {"name", "host", "port", "security", "sender", "username", "secret"}),
        ("WECOM", {"name", "division", "reasons", "address", "per_minute"}),
        ("DINGTALK", {"name", "division", "reasons", "address", "secret", "per_minute"}),
        ("FEISHU", {"name", "division", "reasons", "address", "secret", "per_minute"}),
        ("APPRISE", {"name", "division", "reasons", "address", "per_minute"}),
        ("WEBHOOK", {"name", "address", "secret"}),
    ],
)
def test_only_what_the_kind_needs_is_asked_for(admin: CheckingClient, kind: str, fields: set[str]) -> None:
    assert set(admin.get(reverse("channel-new"), {"kind": kind}).context["form"].fields) == fields


def test_a_mail_server_is_set_up(admin: CheckingClient, cast: Cast) -> None:
    reply = admin.post(f"{reverse('channel-new')}?kind=EMAIL", MAIL | {"secret": " geheim "})

    channel = Channel.objects.get()
    assert reply["Location"] == reverse("channel", args=[channel.pk])
    assert (channel.host, channel.port, channel.secret, channel.is_on) == ("mail.test", 465, " geheim ", False)
    assert "geheim" not in Event.objects.get(verb="set_up_channel").words


def test_a_robot_is_set_up_for_a_division(admin: CheckingClient, cast: Cast) -> None:
    posted = {"name": "经济委群", "division": cast.lead.pk, "reasons": ["TURN", "NEWS"], "address": ROBOT}

    admin.post(f"{reverse('channel-new')}?kind=WECOM", posted | {"per_minute": "20"})

    channel = Channel.objects.get()
    assert (channel.division, channel.reasons, channel.address) == (cast.lead, ["TURN", "NEWS"], ROBOT)


@pytest.mark.parametrize(
    ("kind", "change", "words"),
    [
        ("EMAIL", {"name": ""}, "请填写名称"),
        ("EMAIL", {"host": ""}, "请填写邮件服务器"),
        ("EMAIL", {"port": "x"}, "请填 1 至 65535 的整数"),
        ("EMAIL", {"sender": "duban"}, "请填写完整的邮箱地址。"),
        ("WECOM", {"address": "qyapi"}, "请填写完整的地址，以 https:// 或 http:// 开头。"),
        ("WECOM", {"address": ""}, "请填写机器人地址"),
        ("WECOM", {"reasons": []}, "请至少选一类消息。"),
        ("WECOM", {"name": "工作群"}, "已有同名的通道，请换一个名称。"),
        ("APPRISE", {"address": ""}, "请填写地址（Apprise 写法）"),
        ("APPRISE", {"address": "https://hook.test/x"}, "读不懂这个地址"),
        ("APPRISE", {"address": "wecombot://key"}, "请选“企业微信群机器人”方式，这样拒收才看得出来。"),
    ],
)
def test_each_error_is_one_sentence_and_what_was_typed_stays(
    admin: CheckingClient, cast: Cast, kind: str, change: dict[str, Any], words: str
) -> None:
    a_channel(cast)
    robot = {"name": "新群", "reasons": ["TURN"], "address": ROBOT, "per_minute": "17"}

    reply = admin.post(f"{reverse('channel-new')}?kind={kind}", (MAIL if kind == "EMAIL" else robot) | change)

    assert reply.status_code == 422
    html = reply.content.decode()
    assert words in html
    assert (
        ('value="465"' in html) if kind == "EMAIL" and "port" not in change else ('value="17"' in html or "x" in html)
    )
    assert Channel.objects.count() == 1


def test_a_second_mail_server_is_prepared_and_not_switched_on_beside_the_first(
    admin: CheckingClient, cast: Cast
) -> None:
    a_channel(cast, ChannelKind.EMAIL)

    admin.post(f"{reverse('channel-new')}?kind=EMAIL", MAIL | {"name": "另一个", "secret": "geheim"})
    second = Channel.objects.get(name="另一个")
    reply = admin.post(reverse("channel-switch", args=[second.pk]), {"on": "1", "untested": "on", "version": "1"})

    assert reply.status_code == 409
    assert "请先停用它" in reply.content.decode()
    assert not Channel.objects.get(pk=second.pk).is_on


def test_secrets_are_shown_masked_and_kept_where_nothing_is_typed(admin: CheckingClient, cast: Cast) -> None:
    channel = a_channel(cast, ChannelKind.DINGTALK, secret="geheim")
    url = reverse("channel", args=[channel.pk])

    html = admin.get(url).content.decode()
    posted = {"name": "改名", "reasons": ["NEWS"], "address": "", "secret": "", "per_minute": "10", "version": "2"}
    admin.post(url, posted)

    assert "https://chat.test/…c0de" in html
    assert "693a91f6" not in html
    assert "geheim" not in html
    channel.refresh_from_db()
    assert (channel.name, channel.address, channel.secret, channel.reasons) == ("改名", ROBOT, "geheim", ["NEWS"])


def test_a_secret_is_replaced_or_cleared(admin: CheckingClient, cast: Cast) -> None:
    channel = a_channel(cast, ChannelKind.EMAIL, secret="geheim", username="duban")
    url = reverse("channel", args=[channel.pk])

    admin.post(url, MAIL | {"secret": "neu", "version": "2"})
    replaced = Channel.objects.get().secret
    admin.post(url, MAIL | {"clear_secret": "on", "version": "3"})

    assert (replaced, Channel.objects.get().secret) == ("neu", "")


def test_two_administrators_at_once_do_not_overwrite_each_other(admin: CheckingClient, cast: Cast) -> None:
    channel = a_channel(cast)
    posted = {"name": "工作群", "reasons": ["NEWS"], "per_minute": "10", "version": "2"}
    url = reverse("channel", args=[channel.pk])

    first, second, odd = (
        admin.post(url, posted | change).status_code for change in ({}, {"per_minute": "9"}, {"version": "x"})
    )

    assert (first, second, odd) == (302, 409, 409)
    assert Channel.objects.get().per_minute == 10


def test_a_secret_typed_too_late_is_said_to_be_left_out(admin: CheckingClient, cast: Cast) -> None:
    """It is not shown again, and so not posted again."""
    url = reverse("channel", args=[a_channel(cast, ChannelKind.EMAIL, secret="alt").pk])

    with_one, without = (
        admin.post(url, MAIL | change | {"version": "9"}).content.decode() for change in ({"secret": "neu-9x"}, {})
    )

    assert "neu-9x" not in with_one
    assert ("密码和密钥不再显示" in with_one, "密码和密钥不再显示" in without) == (True, False)


def test_a_channel_is_switched_off_and_on(admin: CheckingClient, cast: Cast) -> None:
    channel = a_channel(cast)
    url = reverse("channel-switch", args=[channel.pk])

    off = admin.post(url, {"on": "0", "version": "2"}, follow=True).content.decode()
    is_off = Channel.objects.get().is_on
    untested = admin.post(url, {"on": "1", "version": "3"})
    still_off = Channel.objects.get().is_on
    admin.post(url, {"on": "1", "untested": "on", "version": "3"})

    assert "已停用“工作群”" in off
    assert "未测试，仍然启用" in off
    assert untested.status_code == 409
    assert (is_off, still_off, Channel.objects.get().is_on) == (False, False, True)


def test_a_new_channel_is_tried_and_then_switched_on(admin: CheckingClient, cast: Cast, robot: Hook) -> None:
    posted = {"name": "经济委群", "reasons": ["TURN"], "address": robot.url, "per_minute": "20"}

    new = admin.post(f"{reverse('channel-new')}?kind=WECOM", posted, follow=True).content.decode()
    channel = Channel.objects.get()
    tried = admin.post(reverse("channel-test", args=[channel.pk]), follow=True).content.decode()
    admin.post(reverse("channel-switch", args=[channel.pk]), {"on": "1", "version": "1"})

    assert "还没有启用：请先测试，成功后启用" in new
    assert "未测试，仍然启用" in new
    assert "请到群里查看；收到了就可以启用。" in tried
    assert "未测试，仍然启用" not in tried
    assert Channel.objects.get().is_on


def test_after_a_change_of_key_the_page_asks_for_what_it_can_no_longer_read(
    admin: CheckingClient, cast: Cast, settings: Any
) -> None:
    channel = a_channel(cast, ChannelKind.DINGTALK, secret="geheim")
    url = reverse("channel", args=[channel.pk])
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [], "another-key-" * 5
    admin.force_login(cast.sysadmin)

    html = admin.get(url).content.decode()
    listed = admin.get(reverse("channels")).content.decode()
    posted = {"name": "工作群", "reasons": ["TURN"], "address": "", "secret": "", "per_minute": "20", "version": "2"}
    nothing = admin.post(url, posted)
    again = admin.post(url, posted | {"address": ROBOT, "secret": "neu"})

    assert "密钥已更换，请重新填写地址和密码" in html
    assert "密钥已更换，请重新填写" in listed
    assert "gAAAA" not in html + listed  # what is stored
    assert nothing.status_code == 422
    assert "请重新填写；不再需要的，请勾选“清除已存的加签密钥”。" in nothing.content.decode()
    assert again.status_code == 302
    channel.refresh_from_db()
    assert (channel.address, channel.secret, channel.is_locked_out) == (ROBOT, "neu", False)


def test_a_test_that_succeeds_says_where_to_look(admin: CheckingClient, cast: Cast, robot: Hook) -> None:
    channel = a_channel(cast, address=robot.url)

    html = admin.post(reverse("channel-test", args=[channel.pk]), follow=True).content.decode()

    assert "“工作群”测试成功，请到群里查看" in html
    assert "系统管理员" in robot.texts[0]


def test_a_test_that_fails_says_why(admin: CheckingClient, cast: Cast, robot: Hook) -> None:
    robot.answer = {"errcode": 93000}
    channel = a_channel(cast, address=robot.url)

    html = admin.post(reverse("channel-test", args=[channel.pk]), follow=True).content.decode()

    assert "测试“工作群”没有成功：对方拒收（错误码 93000）" in html
    assert "对方拒收" in admin.get(reverse("channels")).content.decode()
