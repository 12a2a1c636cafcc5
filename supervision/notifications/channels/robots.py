"""Group robots of the work chats, and gateways that take JSON.

The chats answer a refusal with status 200 and an error code in the body: only the code 0 means that it was delivered.
"""

import base64
import hashlib
import hmac
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

import requests

from supervision.notifications.channels.outgoing import DeliveryFailed, Message, answered, text_of
from supervision.notifications.enums import ChannelKind
from supervision.notifications.models import Channel

TIMEOUT = 10  # seconds, for connecting and again for each wait for an answer
WECOM_BYTES = 2048  # of a text message, as the platform counts them
OTHER_BYTES = 15_000
SMS_CHARACTERS = 300
LONGEST_CODE = 40  # a platform says a number; whoever else answers may say anything
_TAKEN = range(200, 300)


def send_to_group(channel: Channel, message: Message, now: datetime) -> None:
    """Signed where the robot has been given a secret. Raises DeliveryFailed."""
    if channel.kind == ChannelKind.WECOM:
        body: dict[str, Any] = {"msgtype": "text", "text": {"content": _text(message, WECOM_BYTES)}}
        _must_be_zero(_post(channel.address, body), "errcode")
    elif channel.kind == ChannelKind.DINGTALK:
        body = {"msgtype": "text", "text": {"content": _text(message, OTHER_BYTES)}}
        _must_be_zero(_post(_signed_address(channel, now), body), "errcode")
    else:
        body = {"msg_type": "text", "content": {"text": _text(message, OTHER_BYTES)}} | _feishu_sign(channel, now)
        _must_be_zero(_post(channel.address, body), "code")


def send_to_gateway(channel: Channel, phone: str, message: Message) -> None:
    """One person's messages as one JSON post of phone and text, as SMS gateways and adapters of an office take it."""
    if not phone.strip():
        raise DeliveryFailed("没有手机号码", for_good=True, of_recipient=True)
    text = text_of(message, fits=lambda text: len(text) <= SMS_CHARACTERS).replace("\n", "；")
    headers = {"Authorization": f"Bearer {channel.secret}"} if channel.secret else {}
    _post(channel.address, {"phone": phone.strip(), "text": text}, headers=headers)


def _signed_address(channel: Channel, now: datetime) -> str:
    if not channel.secret:
        return channel.address
    stamp = str(int(now.timestamp() * 1000))
    sign = _signed(channel.secret.encode(), f"{stamp}\n{channel.secret}".encode())
    return f"{channel.address}{'&' if '?' in channel.address else '?'}{urlencode({'timestamp': stamp, 'sign': sign})}"


def _feishu_sign(channel: Channel, now: datetime) -> dict[str, str]:
    """This platform takes moment and secret as the key and signs nothing with it."""
    if not channel.secret:
        return {}
    stamp = str(int(now.timestamp()))
    return {"timestamp": stamp, "sign": _signed(f"{stamp}\n{channel.secret}".encode(), b"")}


def _text(message: Message, most: int) -> str:
    return text_of(message, fits=lambda text: len(text.encode()) <= most)


def _signed(key: bytes, text: bytes) -> str:
    return base64.b64encode(hmac.new(key, text, hashlib.sha256).digest()).decode()


def _post(address: str, body: dict[str, Any], *, headers: dict[str, str] | None = None) -> requests.Response:
    """Errors are told without the address: it is the robot's password."""
    try:
        reply = requests.post(address, json=body, headers=headers, timeout=TIMEOUT, allow_redirects=False)
    except requests.Timeout:
        raise DeliveryFailed("对方没有及时应答") from None
    except (requests.exceptions.InvalidURL, requests.exceptions.MissingSchema, requests.exceptions.InvalidSchema):
        raise DeliveryFailed("地址不对，请系统管理员核对", for_good=True) from None
    except requests.RequestException:
        raise DeliveryFailed("连接不上对方") from None
    except UnicodeError:  # a header knows Latin letters only
        raise DeliveryFailed("令牌里有不能用的字符，请系统管理员核对") from None
    if reply.status_code not in _TAKEN:
        raise answered(reply.status_code)
    return reply


def _must_be_zero(reply: requests.Response, name: str) -> None:
    try:
        answer = reply.json()
    except requests.exceptions.JSONDecodeError:
        raise DeliveryFailed("对方的答复读不懂") from None
    code = answer.get(name) if isinstance(answer, dict) else None
    if code != 0:
        raise DeliveryFailed(f"对方拒收（错误码 {str(code)[:LONGEST_CODE]}）")
