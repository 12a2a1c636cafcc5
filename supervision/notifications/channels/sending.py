"""From the kind of a channel to what speaks it."""

from datetime import datetime

from accounts.models import User
from supervision.notifications.channels.email import send_mail
from supervision.notifications.channels.outgoing import DeliveryFailed, Message
from supervision.notifications.channels.platforms import send_to_platform
from supervision.notifications.channels.robots import send_to_gateway, send_to_group
from supervision.notifications.enums import ChannelKind
from supervision.notifications.models import Channel

LOCKED_OUT = "密钥已更换，请系统管理员重新填写地址和密码"


def send(channel: Channel, person: User | None, message: Message, *, now: datetime) -> None:
    """To the person, or to the channel's group. Raises DeliveryFailed."""
    if channel.is_locked_out:
        raise DeliveryFailed(LOCKED_OUT, for_good=True)
    if channel.kind == ChannelKind.EMAIL:
        send_mail(channel, person.email if person else "", message)
    elif channel.kind == ChannelKind.WEBHOOK:
        send_to_gateway(channel, person.phone if person else "", message)
    elif channel.kind == ChannelKind.APPRISE:
        send_to_platform(channel, message)
    else:
        send_to_group(channel, message, now)
