"""Groups on other platforms: which addresses are taken, what is said, and what becomes of the answers."""

import logging
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from apprise import NotifyBase
from apprise.decorators import notify
from apprise.manager_plugins import NotificationManager

from supervision.notifications.actions.sending import send_channel
from supervision.notifications.actions.telling import Telling, tell
from supervision.notifications.channels import platforms
from supervision.notifications.channels.outgoing import DeliveryFailed, Message
from supervision.notifications.channels.platforms import AddressRefused, platform_of
from supervision.notifications.channels.sending import send
from supervision.notifications.enums import ChannelKind, DeliveryState
from supervision.notifications.models import Channel, Delivery
from tests.cast import NOW, Cast
from tests.supervision.notifications.kinds import TURN, robot
from tests.supervision.notifications.listeners import Hook, hook
from tests.supervision.notifications.test_channels import MESSAGE, closed_port, failing

OWN = "，这样拒收才看得出来"
AT_HOME = "只在服务器本机起作用"


def address_of(listener: Hook) -> str:
    return listener.url.partition("?")[0].replace("http://", "json://") + "/very-secret"


def group(cast: Cast, address: str, **fields: Any) -> Channel:
    return robot(cast, address, kind=ChannelKind.APPRISE, **fields)


# ── addresses ────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "address",
    [
        "json://10.0.0.8/hook",
        "jsons://user:password@hook.test:8443/a/b?+X-Token=abc",
        "form://hook.test/x",
        "xml://hook.test/x",
        "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/#general",
        "mailto://user:password@mail.test?to=group@mail.test",
        "apprise://relay.test/token",
    ],
)
def test_an_address_of_one_group_is_taken_with_our_patience(address: str) -> None:
    platform = platform_of(address)

    assert platform.request_timeout == (platforms.TO_CONNECT, platforms.TO_ANSWER)


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("", "读不懂这个地址"),
        ("json://", "读不懂这个地址"),
        ("https://hook.test/x", "读不懂这个地址"),
        ("file:///etc/passwd", "读不懂这个地址"),
        ("nowhere://hook.test/very-secret", "读不懂这个地址"),
        ("slack://very-secret", "读不懂这个地址"),
        ("json://user:very-secret@:99999/very-secret", "读不懂这个地址"),
        ("wecombot://botkey-secret", f"企业微信群机器人”方式{OWN}"),
        ("WeComBot://botkey-secret", f"企业微信群机器人”方式{OWN}"),
        ("https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=botkey-secret", f"企业微信群机器人”方式{OWN}"),
        ("dingtalk://abcd1234secret", f"钉钉群机器人”方式{OWN}"),
        ("feishu://abcd1234secret", f"飞书群机器人”方式{OWN}"),
        ("lark://abcd1234secret", f"飞书群机器人”方式{OWN}"),
        *((f"{schema}://", AT_HOME) for schema in sorted(platforms.AT_HOME)),
        ("json://a.test/x, json://b.test/y", "一个地址、一个接收方"),
        ("tgram://123456789:abcdefg_hijklmnop/12315544/12315545", "一个地址、一个接收方"),
        ("slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/#general?template=/etc/passwd", "服务器上的文件"),
        ("fcm://project/token?%4Beyfile=/etc/passwd", "服务器上的文件"),
    ],
)
def test_any_other_is_refused_in_words_that_do_not_repeat_it(address: str, words: str, caplog: Any) -> None:
    with pytest.raises(AddressRefused) as refusal:
        platform_of(address)

    assert words in refusal.value.words
    assert "secret" not in refusal.value.words + caplog.text


def test_code_that_somebody_hooked_into_the_library_is_no_platform() -> None:
    hook_in: Any = notify(on="hooked")  # type: ignore[no-untyped-call]  # the library's
    hook_in(lambda *_, **__: True)
    try:
        with pytest.raises(AddressRefused, match=AT_HOME):
            platform_of("hooked://x")
    finally:
        NotificationManager().remove("hooked")  # type: ignore[no-untyped-call]  # the library's


def test_asking_the_library_to_try_again_or_to_wait_long_changes_nothing() -> None:
    platform = platform_of("json://hook.test/x?retry=5&wait=60&rto=600&cto=600&optional=yes")

    assert (platform.retry, platform.request_timeout) == (0, (platforms.TO_CONNECT, platforms.TO_ANSWER))


# ── sending ──────────────────────────────────────────────────────────────────


def test_a_webhook_takes_subject_and_lines(cast: Cast) -> None:
    with hook() as told:
        send(group(cast, address_of(told)), None, MESSAGE, now=NOW)

    ((path, body),) = told.posts
    assert path == "/cgi-bin/webhook/send/very-secret"
    assert body["title"] == MESSAGE.subject
    assert body["message"] == "\n".join([*MESSAGE.lines, MESSAGE.link])


@pytest.mark.parametrize(
    ("status", "for_good"), [(500, False), (502, False), (429, False), (404, False), (302, False), (400, True)]
)
def test_the_status_says_whether_it_was_taken(cast: Cast, status: int, for_good: bool) -> None:
    with hook(status=status) as told:
        assert failing(group(cast, address_of(told)), cast) == (f"对方答复 {status}", for_good)

    assert len(told.posts) == 1  # tried again later, not at once


def test_a_platform_that_is_away_is_tried_again_and_a_wrong_address_is_not(cast: Cast) -> None:
    away = group(cast, f"json://127.0.0.1:{closed_port()}/secret")

    assert failing(away, cast) == ("连接不上对方，或对方没有及时应答", False)
    assert failing(group(cast, "nowhere://secret", name="错的"), cast) == ("地址不对，请系统管理员核对", True)


@contextmanager
def silence() -> Iterator[int]:
    """A port that takes connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield int(server.getsockname()[1])


def test_a_platform_that_does_not_answer_is_given_up(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platforms, "TO_ANSWER", 0.2)
    with silence() as port:
        channel = group(cast, f"json://127.0.0.1:{port}/secret?rto=600")
        began = time.monotonic()

        assert failing(channel, cast) == ("连接不上对方，或对方没有及时应答", False)

    assert time.monotonic() - began < 30  # of which loading the library takes a part


@pytest.mark.parametrize(
    ("outcome", "words"),
    [
        (False, "对方没有收下，原因见服务器日志"),
        (None, "对方没有收下，原因见服务器日志"),
        (ValueError("very-secret"), "发送时出错，请系统管理员核对地址"),
        (KeyError("very-secret"), "发送时出错，请系统管理员核对地址"),
    ],
)
def test_whatever_is_not_called_sent_is_not_delivered(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, caplog: Any, outcome: object, words: str
) -> None:
    def spoken(self: NotifyBase, **_: Any) -> Any:
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    monkeypatch.setattr(NotifyBase, "notify", spoken)

    assert failing(group(cast, "json://127.0.0.1:9/very-secret"), cast) == (words, False)
    assert "very-secret" not in caplog.text


@pytest.mark.parametrize("most", [160, 2_000, platforms.LONGEST])
def test_what_is_said_fits_the_platform(cast: Cast, monkeypatch: pytest.MonkeyPatch, most: int) -> None:
    monkeypatch.setattr(platform_of("json://x/y").__class__, "body_maxlen", most)
    lines = tuple(f"交办待签收 〔2026〕{n:03d}号" for n in range(1000))
    with hook() as told:
        send(group(cast, address_of(told)), None, Message("【督查督办】", lines), now=NOW)

    ((_, body),) = told.posts
    shown = [line for line in body["message"].splitlines() if line.startswith("交办")]
    assert len((body["title"] + body["message"]).encode()) <= most
    assert shown == list(lines[: len(shown)])
    assert f"另有 {1000 - len(shown)} 条，请登录查看" in body["message"]
    assert shown


def test_the_log_says_why_without_the_address(cast: Cast, caplog: Any) -> None:
    with hook(status=404) as told:
        failing(group(cast, address_of(told)), cast)
    failing(group(cast, f"json://very-secret:password@127.0.0.1:{closed_port()}/x", name="另一个"), cast)

    assert "JSON POST notification" in caplog.text
    assert "error=404" in caplog.text
    assert "A Connection error occurred" in caplog.text
    for part in ("very-secret", "password", "127.0.0.1"):
        assert part not in caplog.text


def test_what_another_thread_complains_of_is_not_our_reason(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    def complain() -> None:
        logging.getLogger("apprise").warning("error=%s", 400)

    def spoken(self: NotifyBase, **_: Any) -> bool:
        other = threading.Thread(target=complain)
        other.start()
        other.join()
        return False

    monkeypatch.setattr(NotifyBase, "notify", spoken)

    with pytest.raises(DeliveryFailed, match="对方没有收下"):
        send(group(cast, "json://127.0.0.1:9/x"), None, MESSAGE, now=NOW)


def test_the_group_hears_what_its_people_were_told(cast: Cast) -> None:
    with hook() as told:
        channel = group(cast, address_of(told))
        tell(
            [Telling(TURN.code, user.pk, cast.office.pk, "1", "请签收") for user in (cast.head, cast.staff)],
            now=NOW,
        )

        assert send_channel(channel.pk, clock=lambda: NOW) == 2

    assert [body["message"] for _, body in told.posts] == ["试：等我办理：已告知 2 人"]
    assert set(Delivery.objects.values_list("state", flat=True)) == {DeliveryState.SENT}


def test_no_start_of_an_office_waits_for_the_library() -> None:
    """Who has no such channel never loads it: it takes half a second and 25 MB of each process."""
    asked = "import django, sys; django.setup(); import cppcc_office.urls; sys.exit('apprise' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", asked], check=False, timeout=120).returncode == 0
