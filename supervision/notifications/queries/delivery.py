"""Which deliveries are due."""

from datetime import datetime

from supervision.notifications.enums import ChannelKind, DeliveryState
from supervision.notifications.hours import is_decent
from supervision.notifications.models import Channel, Delivery
from supervision.notifications.queries.hours import hours_of

PERSONAL = (ChannelKind.EMAIL, ChannelKind.WEBHOOK)
Batch = tuple[int, int | None]  # channel, and the person where it writes to one


def due_batches(now: datetime) -> list[Batch]:
    """What may be sent now: for each person and channel one message, for each robot one. Outside the hours only 特急."""
    queued = Delivery.objects.filter(state=DeliveryState.QUEUED, due_at__lte=now).order_by()
    rows = queued.values_list("organization", "channel", "channel__kind", "person", "notification__is_urgent")
    found: dict[Batch, None] = {}
    decent: dict[int, bool] = {}
    for organization_id, channel_id, kind, person_id, is_urgent in rows.distinct().order_by("channel", "person"):
        if organization_id not in decent:
            decent[organization_id] = is_office_open(organization_id, now)
        if is_urgent or decent[organization_id]:
            found[channel_id, person_id if kind in PERSONAL else None] = None
    return list(found)


def is_office_open(organization_id: int, now: datetime) -> bool:
    hours = hours_of(organization_id)
    return is_decent(now, hours.calendar, hours.begins, hours.ends)


def due_of(channel: Channel, person_id: int | None, now: datetime, *, most: int) -> list[int]:
    """Which rows make one batch, the oldest first."""
    rows = Delivery.objects.filter(channel=channel, state=DeliveryState.QUEUED, due_at__lte=now)
    if person_id is not None:
        rows = rows.filter(person=person_id)
    if not is_office_open(channel.organization_id, now):
        rows = rows.filter(notification__is_urgent=True)
    return list(rows.order_by("id").values_list("pk", flat=True)[:most])
