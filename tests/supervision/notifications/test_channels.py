"""What each way out of the house says, and what it makes of the answers. Real little servers on this machine."""

import base64
import hashlib
import hmac
import socket
from urllib.parse import parse_qs, urlsplit

import pytest

from supervision.notifications.channels.outgoing import DeliveryFailed, Message
from supervision.notifications.channels.robots import SMS_CHARACTERS, WECOM_BYTES
from supervision.notifications.channels.sending import send
from supervision.notifications.enums import ChannelKind, Security
from supervision.notifications.models import Channel
from tests.cast import NOW, Cast
from tests.supervision.notifications.kinds import mail_server, robot
from tests.supervision.notifications.listeners import hook, mail_box

MESSAGE = Message(
    "【督查督办】等我办理 2 条", ("交办待签收 〔2026〕001号", "交办待签收 〔2026〕002号"), "http://office/inbox/"
)
TEXT = "【督查督办】等我办理 2 条\n交办待签收 〔2026〕001号\n交办待签收 〔2026〕002号\nhttp://office/inbox/"
SECRET = "SEC000"


def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


def failing(channel: Channel, cast: Cast, message: Message = MESSAGE) -> tuple[str, bool]:
    with pytest.raises(DeliveryFailed) as failure:
        send(channel, cast.head, message, now=NOW)
    assert "secret" not in failure.value.words
    assert "127.0.0.1" not in failure.value.words
    return failure.value.words, failure.value.for_good


def reachable(cast: Cast) -> None:
    cast.head.email, cast.head.phone = "chen@example.com", "13800000000"


# ── mail ─────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("answer", "for_good"),
    [("550 no such user", True), ("450 come back later", False)],
)
def test_an_address_that_is_not_taken_is_hopeless_or_not(cast: Cast, answer: str, for_good: bool) -> None:
    reachable(cast)
    with mail_box(answer=answer) as box:
        assert failing(mail_server(cast, port=box.port), cast) == (f"邮件服务器不接受收件人（{answer[:3]}）", for_good)


@pytest.mark.parametrize("address", ["", "nowhere", "a@b@c", "x@example.com\nBcc: y@example.com"])
def test_without_a_proper_address_nothing_is_tried(cast: Cast, address: str) -> None:
    cast.head.email = address

    assert failing(mail_server(cast, port=closed_port()), cast) == ("没有邮箱地址，或邮箱地址不对", True)


def test_a_server_that_is_away_is_tried_again(cast: Cast) -> None:
    reachable(cast)

    assert failing(mail_server(cast, port=closed_port()), cast) == ("连接不上邮件服务器", False)


def test_a_server_that_wants_no_encryption_is_said_to_be_set_up_wrong(cast: Cast) -> None:
    reachable(cast)
    with mail_box() as box:
        server = mail_server(cast, port=box.port, security=Security.STARTTLS)

        assert failing(server, cast) == ("邮件服务器没有按约定应答，请核对端口和加密方式", False)


def test_a_server_that_knows_no_passwords_is_said_to_be_set_up_wrong(cast: Cast) -> None:
    reachable(cast)
    with mail_box() as box:
        server = mail_server(cast, port=box.port, username="office", secret="secret")

        assert failing(server, cast) == ("邮件服务器没有按约定应答，请核对端口和加密方式", False)


def test_a_password_that_smtp_cannot_say_is_a_failure_in_words(cast: Cast) -> None:
    reachable(cast)
    with mail_box(asks_passwords=True) as box:
        server = mail_server(cast, port=box.port, username="office", secret="密码secret")

        words = "服务器名、用户名或密码里有不能用的字符，请系统管理员核对"
        assert failing(server, cast) == (words, False)


# ── robots ───────────────────────────────────────────────────────────────────


def test_wecom_takes_text(cast: Cast) -> None:
    with hook() as group:
        send(robot(cast, group.url), None, MESSAGE, now=NOW)

    assert group.posts == [
        ("/cgi-bin/webhook/send?key=very-secret", {"msgtype": "text", "text": {"content": TEXT}}),
    ]


def test_dingtalk_is_signed_in_the_address(cast: Cast) -> None:
    with hook() as group:
        send(robot(cast, group.url, kind=ChannelKind.DINGTALK, secret=SECRET), None, MESSAGE, now=NOW)

    path, body = group.posts[0]
    asked = parse_qs(urlsplit(path).query)
    stamp = str(int(NOW.timestamp() * 1000))
    sign = hmac.new(SECRET.encode(), f"{stamp}\n{SECRET}".encode(), hashlib.sha256).digest()
    assert asked == {"key": ["very-secret"], "timestamp": [stamp], "sign": [base64.b64encode(sign).decode()]}
    assert body["text"]["content"] == TEXT


def test_feishu_is_signed_in_the_body(cast: Cast) -> None:
    with hook() as group:
        send(robot(cast, group.url, kind=ChannelKind.FEISHU, secret=SECRET), None, MESSAGE, now=NOW)

    stamp = str(int(NOW.timestamp()))
    sign = hmac.new(f"{stamp}\n{SECRET}".encode(), b"", hashlib.sha256).digest()
    assert group.posts[0][1] == {
        "msg_type": "text",
        "content": {"text": TEXT},
        "timestamp": stamp,
        "sign": base64.b64encode(sign).decode(),
    }


@pytest.mark.parametrize("kind", [ChannelKind.DINGTALK, ChannelKind.FEISHU])
def test_a_robot_without_a_secret_is_not_signed(cast: Cast, kind: ChannelKind) -> None:
    with hook() as group:
        send(robot(cast, group.url, kind=kind), None, MESSAGE, now=NOW)

    path, body = group.posts[0]
    assert "sign" not in path
    assert "sign" not in body


@pytest.mark.parametrize(
    ("kind", "answer", "words"),
    [
        (ChannelKind.WECOM, {"errcode": 45009, "errmsg": "freq out of limit"}, "对方拒收（错误码 45009）"),
        (ChannelKind.DINGTALK, {"errcode": 310000}, "对方拒收（错误码 310000）"),
        (ChannelKind.FEISHU, {"code": 19021}, "对方拒收（错误码 19021）"),
        (ChannelKind.WECOM, {}, "对方拒收（错误码 None）"),
        (ChannelKind.WECOM, [], "对方拒收（错误码 None）"),
        (ChannelKind.WECOM, {"errcode": "no" * 300}, f"对方拒收（错误码 {'no' * 20}）"),
        (ChannelKind.WECOM, b"<html>", "对方的答复读不懂"),
    ],
)
def test_a_refusal_with_status_200_is_a_refusal(cast: Cast, kind: ChannelKind, answer: object, words: str) -> None:
    with hook(answer=answer) as group:
        assert failing(robot(cast, group.url, kind=kind), cast) == (words, False)


@pytest.mark.parametrize(
    ("status", "for_good"), [(500, False), (502, False), (429, False), (404, False), (302, False), (400, True)]
)
def test_the_status_says_whether_it_is_worth_trying_again(cast: Cast, status: int, for_good: bool) -> None:
    with hook(status=status) as group:
        assert failing(robot(cast, group.url), cast) == (f"对方答复 {status}", for_good)


def test_a_group_that_is_away_is_tried_again_and_a_wrong_address_is_not(cast: Cast) -> None:
    assert failing(robot(cast, f"http://127.0.0.1:{closed_port()}/secret"), cast) == ("连接不上对方", False)
    assert failing(robot(cast, "secret", name="错的"), cast) == ("地址不对，请系统管理员核对", True)


@pytest.mark.parametrize("count", [1, 50, 2000])
def test_what_a_robot_says_fits_its_platform(cast: Cast, count: int) -> None:
    lines = tuple(f"交办待签收 〔2026〕{n:03d}号" for n in range(count))
    with hook() as group:
        send(robot(cast, group.url), None, Message("【督查督办】", lines), now=NOW)

    text = group.texts[0]
    shown = [line for line in text.splitlines() if line.startswith("交办")]
    assert len(text.encode()) <= WECOM_BYTES
    assert shown == list(lines[: len(shown)])
    assert (f"另有 {count - len(shown)} 条，请登录查看" in text) == (count > len(shown))
    assert count < 2000 or len(shown) > 40


# ── gateway ──────────────────────────────────────────────────────────────────


def test_a_gateway_takes_phone_and_text(cast: Cast) -> None:
    reachable(cast)
    with hook() as gateway:
        send(robot(cast, gateway.url, kind=ChannelKind.WEBHOOK), cast.head, MESSAGE, now=NOW)
        many = Message("【督查督办】", tuple(f"交办待签收 〔2026〕{n:03d}号" for n in range(100)))
        send(robot(cast, gateway.url, kind=ChannelKind.WEBHOOK, name="又一个"), cast.head, many, now=NOW)

    assert gateway.posts[0][1] == {"phone": "13800000000", "text": TEXT.replace("\n", "；")}
    assert len(gateway.posts[1][1]["text"]) <= SMS_CHARACTERS


def test_whoever_has_no_phone_gets_no_text(cast: Cast) -> None:
    with hook() as gateway:
        assert failing(robot(cast, gateway.url, kind=ChannelKind.WEBHOOK), cast) == ("没有手机号码", True)

    assert gateway.posts == []


def test_a_token_that_no_header_can_carry_is_a_failure_in_words(cast: Cast) -> None:
    reachable(cast)
    with hook() as gateway:
        channel = robot(cast, gateway.url, kind=ChannelKind.WEBHOOK, secret="令牌secret")

        assert failing(channel, cast) == ("令牌里有不能用的字符，请系统管理员核对", False)

    assert gateway.posts == []
