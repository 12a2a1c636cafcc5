"""Kinds that only tests know, and channels to send by."""

from typing import Any

from supervision.notifications.enums import ChannelKind, Reason
from supervision.notifications.kinds.registry import Kind, register_kinds
from supervision.notifications.models import Channel
from tests.cast import Cast

TURN = Kind("test_turn", "试：等我办理", Reason.TURN)
NEWS = Kind("test_news", "试：需要知晓", Reason.NEWS, may_be_muted=True, channels=frozenset())
register_kinds(TURN, NEWS)


def mail_server(cast: Cast, **fields: Any) -> Channel:
    values = {"name": "机关邮件", "host": "127.0.0.1", "sender": "office@example.com", "is_on": True, **fields}
    return Channel.objects.create(organization=cast.office, kind=ChannelKind.EMAIL, **values)


def robot(cast: Cast, address: str = "http://127.0.0.1:9/hook", **fields: Any) -> Channel:
    values = {
        "name": "处室群",
        "kind": ChannelKind.WECOM,
        "division": cast.lead,
        "reasons": ["TURN"],
        "is_on": True,
        **fields,
    }
    return Channel.objects.create(organization=cast.office, address=address, **values)
