"""未送达: what failed for good on its way out, and events of which nobody could be told."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Count, Max, Min, QuerySet
from django.utils import timezone

from accounts.enums import Role
from supervision.notifications.enums import DeliveryState, RelayState
from supervision.notifications.models import Delivery, EventRelay

SAID_FOR = timedelta(days=31)
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


@dataclass(frozen=True)
class Outdated:
    """Events that were found too late to tell anybody; of which days."""

    count: int
    first: date
    last: date


def outdated(organization_ids: Collection[int], now: datetime) -> Outdated | None:
    """Those found lately: it is said for a month, then everybody who looks has seen it."""
    rows = EventRelay.objects.filter(
        event__organization__in=organization_ids, state=RelayState.OUTDATED, ended_at__gt=now - SAID_FOR
    )
    said = rows.order_by().aggregate(count=Count("pk"), first=Min("event__at"), last=Max("event__at"))
    if not said["count"]:
        return None
    return Outdated(said["count"], timezone.localdate(said["first"]), timezone.localdate(said["last"]))


def undelivered_count(organization_ids: Collection[int]) -> int:
    return undelivered(organization_ids).order_by().count() + untold(organization_ids).order_by().count()
