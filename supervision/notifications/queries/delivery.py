"""Which deliveries are due."""

from datetime import datetime

from django.db.models import Min, QuerySet

from supervision.notifications.enums import DeliveryState
from supervision.notifications.hours import is_decent
from supervision.notifications.models import Channel, Delivery
from supervision.notifications.queries.hours import hours_of


def channels_due(now: datetime) -> list[int]:
    """Those through which something may be sent now. Outside the hours of their office only 特急."""
    rows = _due(now).values_list("organization", "channel", "notification__is_urgent").distinct()
    decent = {pk: is_office_open(pk, now) for pk in {organization_id for organization_id, _, _ in rows}}
    return sorted({channel_id for pk, channel_id, is_urgent in rows if is_urgent or decent[pk]})


def people_due(channel: Channel, now: datetime) -> list[int | None]:
    """To whom something may be sent now, who has waited longest first; None for a robot's group."""
    rows = _of_channel(channel, now)
    if not channel.is_personal:
        return [None] if rows.exists() else []
    return list(rows.values_list("person", flat=True).annotate(first=Min("pk")).order_by("first"))


def due_of(channel: Channel, person_id: int | None, now: datetime, *, most: int) -> list[int]:
    """Which rows make one message, the oldest first."""
    rows = _of_channel(channel, now)
    if person_id is not None:
        rows = rows.filter(person=person_id)
    return list(rows.order_by("id").values_list("pk", flat=True)[:most])


def _of_channel(channel: Channel, now: datetime) -> "QuerySet[Delivery]":
    rows = _due(now).filter(channel=channel)
    return rows if is_office_open(channel.organization_id, now) else rows.filter(notification__is_urgent=True)


def _due(now: datetime) -> "QuerySet[Delivery]":
    return Delivery.objects.filter(state=DeliveryState.QUEUED, due_at__lte=now).order_by()


def is_office_open(organization_id: int, now: datetime) -> bool:
    hours = hours_of(organization_id)
    return is_decent(now, hours.calendar, hours.begins, hours.ends)
