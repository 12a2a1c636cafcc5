"""How a person wishes to be told, and which ways to a person the offices have."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import time

from accounts.models import User
from supervision.notifications.enums import ChannelKind, Reason
from supervision.notifications.models import Channel, ChannelWish, DigestTime, MutedKind


@dataclass(frozen=True)
class OwnWishes:
    """Only what was wished; the rest is as the kinds declare."""

    ways: dict[tuple[Reason, ChannelKind], bool]
    muted: frozenset[str]
    digest_at: time | None


def own_wishes_of(user: User) -> OwnWishes:
    digest = DigestTime.objects.filter(user=user).first()
    return OwnWishes(
        ways={
            (Reason(row.reason), ChannelKind(row.channel_kind)): row.is_wanted
            for row in ChannelWish.objects.filter(user=user)
        },
        muted=frozenset(MutedKind.objects.filter(user=user).values_list("kind", flat=True)),
        digest_at=digest.at if digest else None,
    )


def ways_to_persons(organization_ids: Collection[int]) -> set[str]:
    """Kinds of channels that are switched on in any of these offices; robots among them."""
    rows = Channel.objects.filter(organization__in=organization_ids, is_on=True).order_by()
    return set(rows.values_list("kind", flat=True).distinct())
