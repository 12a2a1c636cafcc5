"""Channels as the SYSADMIN sets them up."""

from typing import Any

from supervision.notifications.actions.channels import set_up_channel, switch_channel
from supervision.notifications.enums import ChannelKind
from supervision.notifications.models import Channel
from tests.cast import NOW, Cast

ROBOT = "https://chat.test/cgi-bin/webhook/send?key=693a91f6-secret-c0de"
MAIL = {"name": "邮件", "host": "mail.test", "port": "465", "security": "TLS", "sender": "duban@zx.test"}


def a_channel(cast: Cast, kind: ChannelKind = ChannelKind.WECOM, *, is_on: bool = True, **fields: Any) -> Channel:
    given: dict[str, Any] = {"name": "工作群", "address": ROBOT, "reasons": ["TURN"]}
    if kind == ChannelKind.EMAIL:
        given = MAIL | {"port": 465}
    made = set_up_channel(cast.office, kind=kind, by=cast.sysadmin, now=NOW, **(given | fields))
    return switch_channel(made, on=True, untested=True, version=1, by=cast.sysadmin, now=NOW) if is_on else made
