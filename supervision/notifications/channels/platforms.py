"""Groups on the many platforms that Apprise speaks to, among them plain webhooks: one address says which and where.

What the library calls sent is believed. Of most platforms that is the status of an answer, which is why those whose
refusals come with status 200 are spoken to by `robots.py`; ADR 0019.
"""

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from threading import get_ident
from types import ModuleType
from typing import TYPE_CHECKING
from urllib.parse import unquote_plus

from supervision.notifications.channels.outgoing import DeliveryFailed, Message, answered, text_of
from supervision.notifications.enums import ChannelKind
from supervision.notifications.models import Channel

if TYPE_CHECKING:
    from apprise import NotifyBase

logger = logging.getLogger(__name__)

TO_CONNECT, TO_ANSWER = 5, 10  # seconds for each request; a platform asks for a few of them
LONGEST = 15_000  # bytes, where the platform takes as much
EXAMPLE = "json://主机/路径（http）或 jsons://主机/路径（https）"
# Platforms that this house speaks to itself, so that a refusal is seen.
OWN = {
    "wecombot": ChannelKind.WECOM,
    "dingtalk": ChannelKind.DINGTALK,
    "feishu": ChannelKind.FEISHU,
    "lark": ChannelKind.FEISHU,
}
# Shown, written or lit on the server itself, where nobody sits.
AT_HOME = {"dbus", "qt", "kde", "glib", "gio", "gnome", "macosx", "windows", "syslog", "blink1"}
NOT_OUT = "这种地址只在服务器本机起作用，发不到群里。"
# Parameters that make a platform read a file of this server.
_FILES = re.compile(r"[?&]\s*(template|keyfile|subfile)\s*=", re.IGNORECASE)
_STATUS = re.compile(r"error=(\d{3})\b")


class AddressRefused(Exception):
    """`words` say what is wrong with an address, without repeating it."""

    def __init__(self, words: str) -> None:
        self.words = words
        super().__init__(words)


def platform_of(address: str) -> "NotifyBase":
    """What speaks to this address, set up to give up in time. Raises AddressRefused."""
    _refuse_by_its_looks(address)
    library = _library()
    asset = library.AppriseAsset(  # nothing is kept, guessed or followed
        storage_mode=library.PersistentStoreMode.MEMORY,
        allow_templates=False,
        http_redirects=False,
        pgp_autogen=False,
        pem_autogen=False,
    )
    platforms = library.Apprise(asset=asset)
    if not platforms.add(address):
        raise AddressRefused(
            f"读不懂这个地址，或这台服务器缺少该平台所需的组件。请按 Apprise 的写法填写，如 {EXAMPLE}。"
        )
    platform: NotifyBase = platforms[0]
    platform.retry = 0  # whether and when to try again is decided here
    if len(platforms) != 1 or len(platform) > 1:
        raise AddressRefused("请只填一个地址、一个接收方；几个群请各建一个通道。")
    _refuse_what_it_is(platform)
    platform.socket_connect_timeout, platform.socket_read_timeout = TO_CONNECT, TO_ANSWER
    return platform


def _refuse_by_its_looks(address: str) -> None:
    """What can be told without the library, platforms that it would not set up on this machine included."""
    _refuse_schema(address.partition("://")[0].strip().lower())
    if _FILES.search(unquote_plus(address)):
        raise AddressRefused("地址里不能引用服务器上的文件。")


def _refuse_what_it_is(platform: "NotifyBase") -> None:
    """The address that a platform itself hands out is known to the library too, and begins with https."""
    _refuse_schema(platform.schema)
    if platform.category != "native":
        raise AddressRefused(NOT_OUT)


def _refuse_schema(schema: str) -> None:
    if schema in OWN:
        raise AddressRefused(f"请选“{OWN[schema].label}”方式，这样拒收才看得出来。")
    if schema in AT_HOME:
        raise AddressRefused(NOT_OUT)


def send_to_platform(channel: Channel, message: Message) -> None:
    """Raises DeliveryFailed."""
    try:
        platform = platform_of(channel.address)
    except AddressRefused:
        raise DeliveryFailed("地址不对，请系统管理员核对", for_good=True) from None
    most = min(platform.body_maxlen, LONGEST)
    title, _, body = text_of(message, fits=lambda text: len(text.encode()) <= most).partition("\n")
    with _heard() as said:
        try:
            is_taken = platform.notify(
                title=title if body else "", body=body or title, body_format="text", overflow="truncate"
            )
        except Exception as error:  # of a hundred platforms' code; whatever it is, nothing was delivered
            logger.warning("channel %s: %s while sending", channel.pk, type(error).__name__)
            raise DeliveryFailed("发送时出错，请系统管理员核对地址") from None
    if not is_taken:
        logger.warning("channel %s: %s", channel.pk, _without(channel.address, "; ".join(said)) or "not taken")
        raise _failure(said)


def _failure(said: list[str]) -> DeliveryFailed:
    """Why, as far as the library said so in its log; never in its own words, which may name the address."""
    for words in said:
        if status := _STATUS.search(words):
            return answered(int(status[1]))
        if "connection error" in words.lower():
            return DeliveryFailed("连接不上对方，或对方没有及时应答")
    return DeliveryFailed("对方没有收下，原因见服务器日志")


def _without(address: str, words: str) -> str:
    """For the log of this house: the library's words, and nothing in them that stands in the address."""
    parts = re.findall(r"[^/:@?&=,#\s]{4,}", unquote_plus(address.partition("://")[2]))
    for part in sorted(parts, key=len, reverse=True):
        words = words.replace(part, "…")
    return words


@contextmanager
def _heard() -> Iterator[list[str]]:
    """What the library says in this thread, meanwhile."""
    said: list[str] = []
    listener = logging.Handler(logging.WARNING)
    ours = get_ident()
    listener.addFilter(lambda record: record.thread == ours)
    listener.emit = lambda record: said.append(record.getMessage())  # type: ignore[method-assign]  # the way to listen
    library_log = logging.getLogger("apprise")
    library_log.addHandler(listener)
    try:
        yield said
    finally:
        library_log.removeHandler(listener)


def _library() -> ModuleType:
    """Loaded with the first address that needs it: half a second and 25 MB, in every process."""
    return import_module("apprise")
