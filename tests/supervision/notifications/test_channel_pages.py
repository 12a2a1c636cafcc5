"""消息通道, 未送达 and 消息设置: who finds them, what they show of secrets and matters, what they write."""

import json
from collections.abc import Iterator
from datetime import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any, ClassVar

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Event, User
from supervision.notifications.actions.channels import set_up_channel, switch_channel
from supervision.notifications.actions.sending import send_channel
from supervision.notifications.actions.telling import Telling, tell
from supervision.notifications.enums import ChannelKind, DeliveryState, Reason, RelayState
from supervision.notifications.kinds.registry import all_kinds
from supervision.notifications.models import Channel, ChannelWish, Delivery, DigestTime, EventRelay, MutedKind
from tests.cast import NOW, Cast, make_cast
from tests.pages import CheckingClient

pytestmark = pytest.mark.django_db

ROBOT = "https://chat.test/cgi-bin/webhook/send?key=693a91f6-secret-c0de"
MAIL = {"name": "邮件", "host": "mail.test", "port": "465", "security": "TLS", "sender": "duban@zx.test"}


@pytest.fixture
def cast(time_machine: Any) -> Cast:
    time_machine.move_to(NOW, tick=False)
    return make_cast()


@pytest.fixture
def admin(client: CheckingClient, cast: Cast) -> CheckingClient:
    client.force_login(cast.sysadmin)
    return client


def a_channel(cast: Cast, kind: ChannelKind = ChannelKind.WECOM, *, is_on: bool = True, **fields: Any) -> Channel:
    given: dict[str, Any] = {"name": "工作群", "address": ROBOT, "reasons": ["TURN"]}
    if kind == ChannelKind.EMAIL:
        given = MAIL | {"port": 465}
    made = set_up_channel(cast.office, kind=kind, by=cast.sysadmin, now=NOW, **(given | fields))
    return switch_channel(made, on=True, untested=True, version=1, by=cast.sysadmin, now=NOW) if is_on else made


class Robot(BaseHTTPRequestHandler):
    heard: ClassVar[list[Any]] = []
    answer: ClassVar[dict[str, Any]] = {"errcode": 0}

    def do_POST(self) -> None:
        self.heard.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps(self.answer).encode())

    def log_message(self, *_: Any) -> None:
        return None


@pytest.fixture
def robot(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The address of a group's robot on this machine; `Robot.heard` is what it was told."""
    monkeypatch.setattr(Robot, "heard", [])
    server = HTTPServer(("127.0.0.1", 0), Robot)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/send?key=c0de"
    server.shutdown()
    server.server_close()


# 消息通道


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


def test_a_new_channel_is_tried_and_then_switched_on(admin: CheckingClient, cast: Cast, robot: str) -> None:
    posted = {"name": "经济委群", "reasons": ["TURN"], "address": robot, "per_minute": "20"}

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


def test_a_test_that_succeeds_says_where_to_look(admin: CheckingClient, cast: Cast, robot: str) -> None:
    channel = a_channel(cast, address=robot)

    html = admin.post(reverse("channel-test", args=[channel.pk]), follow=True).content.decode()

    assert "“工作群”测试成功，请到群里查看" in html
    assert "系统管理员" in Robot.heard[0]["text"]["content"]


def test_a_test_that_fails_says_why(
    admin: CheckingClient, cast: Cast, robot: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Robot, "answer", {"errcode": 93000})
    channel = a_channel(cast, address=robot)

    html = admin.post(reverse("channel-test", args=[channel.pk]), follow=True).content.decode()

    assert "测试“工作群”没有成功：对方拒收（错误码 93000）" in html
    assert "对方拒收" in admin.get(reverse("channels")).content.decode()


# 未送达


def an_undelivered(cast: Cast, *keys: str, person: User | None = None) -> list[Delivery]:
    """By mail to somebody without an address, who wished for it."""
    person = person or cast.head
    channel = Channel.objects.filter(kind=ChannelKind.EMAIL).first() or a_channel(cast, ChannelKind.EMAIL)
    ChannelWish.objects.get_or_create(
        user=person, reason=Reason.DEADLINE, channel_kind=ChannelKind.EMAIL, is_wanted=True
    )
    tell((Telling("cycle_coming", person.pk, cast.office.pk, key, f"机密{key}") for key in keys), now=NOW)
    send_channel(channel.pk, clock=lambda: NOW)
    return list(Delivery.objects.filter(person=person, notification__key__in=keys))


def an_untold(cast: Cast) -> EventRelay:
    event = Event.objects.create(organization=cast.office, verb="add_person", at=NOW, words="新建机密")
    return EventRelay.objects.create(event=event, state=RelayState.FAILED, attempts=4, error="ValueError('机密')")


@pytest.mark.parametrize(("who", "reads"), [("secretariat", True), ("sysadmin", False)])
def test_what_did_not_arrive_says_whom_by_what_and_why(
    client: CheckingClient, cast: Cast, who: str, reads: bool
) -> None:
    an_undelivered(cast, "甲")
    an_untold(cast)
    client.force_login(getattr(cast, who))

    html = client.get(reverse("undelivered")).content.decode()

    for words in ("陈处长", "邮件", "周期将至", "没有邮箱地址，或邮箱地址不对", "3月4日 9:30", "新建人员"):
        assert words in html
    assert ("机密" in html) == reads


@pytest.mark.parametrize("who", ["secretariat", "sysadmin"])
def test_events_that_were_found_too_late_are_said_in_one_line(client: CheckingClient, cast: Cast, who: str) -> None:
    relay = an_untold(cast)
    EventRelay.objects.filter(pk=relay.pk).update(state=RelayState.OUTDATED, ended_at=NOW)
    client.force_login(getattr(cast, who))

    html = client.get(reverse("undelivered")).content.decode()

    assert "的 1 件办理，系统恢复运行时已超过 31 天，没有再告知有关人员" in html
    assert "机密" not in html


@pytest.mark.parametrize("who", ["secretariat", "sysadmin"])
def test_where_everything_arrived_the_page_says_when_something_would_stand_there(
    client: CheckingClient, cast: Cast, who: str
) -> None:
    client.force_login(getattr(cast, who))

    assert "没有未送达的消息" in client.get(reverse("undelivered")).content.decode()


@pytest.mark.parametrize("who", ["secretariat", "sysadmin"])
def test_one_is_sent_again(client: CheckingClient, cast: Cast, who: str) -> None:
    one, other = an_undelivered(cast, "甲", "乙")
    client.force_login(getattr(cast, who))

    html = client.post(reverse("undelivered-retry", args=[one.pk]), follow=True).content.decode()
    again = client.post(reverse("undelivered-retry", args=[one.pk]))

    states = [Delivery.objects.get(pk=row.pk).state for row in (one, other)]
    assert states == [DeliveryState.QUEUED, DeliveryState.FAILED]
    assert "将再次发给陈处长" in html
    assert again.status_code == 404


def test_all_are_sent_again_and_the_event_too(client: CheckingClient, cast: Cast) -> None:
    an_undelivered(cast, "甲", "乙")
    relay = an_untold(cast)
    client.force_login(cast.secretariat)

    html = client.post(reverse("undelivered-retry-all"), follow=True).content.decode()
    client.post(reverse("untold-retry", args=[relay.pk]))

    assert "已将 2 条重新排队" in html
    assert not Delivery.objects.filter(state=DeliveryState.FAILED).exists()
    relay.refresh_from_db()
    assert relay.state == RelayState.WAITING


def test_what_a_channel_that_is_off_did_not_deliver_waits_for_it(client: CheckingClient, cast: Cast) -> None:
    """Sent again it would only be withdrawn, and nobody would see that."""
    (row,) = an_undelivered(cast, "甲")
    Channel.objects.update(is_on=False)
    client.force_login(cast.secretariat)

    html = client.get(reverse("undelivered")).content.decode()
    one = client.post(reverse("undelivered-retry", args=[row.pk]))
    everything = client.post(reverse("undelivered-retry-all"), follow=True).content.decode()

    assert reverse("undelivered-retry", args=[row.pk]) not in html
    assert "启用后可重发" in html
    assert one.status_code == 409
    assert "通道“邮件”没有启用" in one.content.decode()
    assert "1 条没有重发：通道没有启用" in everything
    row.refresh_from_db()
    assert row.state == DeliveryState.FAILED


def test_what_a_group_did_not_get_says_so(
    client: CheckingClient, cast: Cast, robot: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Robot, "answer", {"errcode": 40058})
    channel = a_channel(cast, address=robot, reasons=["DEADLINE"])
    tell([Telling("cycle_coming", cast.head.pk, cast.office.pk, "甲", "机密")], now=NOW)
    Delivery.objects.update(attempts=3)
    send_channel(channel.pk, clock=lambda: NOW)
    client.force_login(cast.secretariat)

    html = client.get(reverse("undelivered")).content.decode()
    again = client.post(reverse("undelivered-retry", args=[Delivery.objects.get().pk]), follow=True).content.decode()

    assert "涉及陈处长" in html
    assert "将再次发给“工作群”的群" in again
    assert Delivery.objects.get().state == DeliveryState.QUEUED


def test_the_inbox_of_who_looks_after_them_counts_them(client: CheckingClient, cast: Cast) -> None:
    an_undelivered(cast, "甲")
    client.force_login(cast.secretariat)
    counted = client.get(reverse("inbox")).content.decode()
    client.force_login(cast.staff)

    assert '未送达<b class="ms-1">1</b>' in counted
    assert "未送达" not in client.get(reverse("inbox")).content.decode()


def test_what_another_office_did_not_deliver_is_not_there(client: CheckingClient, cast: Cast) -> None:
    (row,) = an_undelivered(cast, "甲")
    client.force_login(cast.foreign_secretariat)

    assert "没有未送达的消息" in client.get(reverse("undelivered")).content.decode()
    assert client.post(reverse("undelivered-retry", args=[row.pk])).status_code == 404


def test_as_many_questions_for_many_undelivered_as_for_one(client: CheckingClient, cast: Cast) -> None:
    client.force_login(cast.secretariat)

    def questions() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(reverse("undelivered")).status_code == 200
        return len(captured)

    an_undelivered(cast, "0")
    one = questions()
    an_undelivered(cast, *(str(number) for number in range(1, 20)), person=cast.staff)

    assert questions() == one


# 消息设置


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
