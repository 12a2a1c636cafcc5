"""未送达: what failed for good on its way out, and events of which nobody could be told."""

from collections.abc import Collection

from django.db.models import QuerySet

from accounts.enums import Role
from supervision.notifications.enums import DeliveryState, RelayState
from supervision.notifications.models import Delivery, EventRelay

LOOKS_AFTER = frozenset({Role.SECRETARIAT, Role.SYSADMIN})


def undelivered(organization_ids: Collection[int]) -> QuerySet[Delivery]:
    """Newest first."""
    rows = Delivery.objects.filter(organization__in=organization_ids, state=DeliveryState.FAILED)
    return rows.select_related("person", "channel", "notification", "notification__project").order_by(
        "-ended_at", "-id"
    )


def untold(organization_ids: Collection[int]) -> QuerySet[EventRelay]:
    rows = EventRelay.objects.filter(event__organization__in=organization_ids, state=RelayState.FAILED)
    return rows.select_related("event").order_by("-event_id")


def undelivered_count(organization_id: int) -> int:
    return undelivered([organization_id]).order_by().count() + untold([organization_id]).order_by().count()
