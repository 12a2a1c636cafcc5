"""By which ways a message reaches a person who has wished nothing."""

from supervision.notifications.enums import ChannelKind, Reason
from supervision.notifications.kinds.registry import all_kinds

PERSONAL = (ChannelKind.EMAIL, ChannelKind.WEBHOOK)  # a robot writes to its group, whatever a person wishes


def goes_by_default(reason: Reason, way: ChannelKind) -> bool:
    """Whether any kind of this reason is declared to go that way."""
    return any(way in kind.channels for kind in all_kinds() if kind.reason == reason)
