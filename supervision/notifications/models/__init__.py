"""What is told, to whom, by which way, and how far it got."""

from supervision.notifications.models.channel import Channel
from supervision.notifications.models.delivery import Delivery
from supervision.notifications.models.notification import Notification
from supervision.notifications.models.relay import EventRelay, RelayMark
from supervision.notifications.models.wish import ChannelWish, DigestTime, MutedKind

__all__ = [
    "Channel",
    "ChannelWish",
    "Delivery",
    "DigestTime",
    "EventRelay",
    "MutedKind",
    "Notification",
    "RelayMark",
]
