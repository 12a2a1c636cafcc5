"""Telling people: the one door by which notifications and their deliveries come into being."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import User
from cppcc_office.lib.batches import batches
from cppcc_office.lib.inserting import insert_new
from supervision.notifications.kinds.registry import kind_of
from supervision.notifications.models import Delivery, MutedKind, Notification
from supervision.notifications.queries.ways import Office, channels_for, due_moment, office_of, wishes_of

AT_ONCE = 500  # rows held in memory, however many people are told
LONGEST_WORDS = 300


Identity = tuple[int, str, str, int]  # person, kind, key, and the office: who works in two is told in both


@dataclass(frozen=True)
class Telling:
    """One person is told one thing. `key` says which of its kind: told again under the same key, nothing happens.

    `words` stand in the inbox. What leaves the house is put into words anew, by what the channel may carry.
    """

    kind: str  # the code of a registered kind
    person_id: int
    organization_id: int
    key: str
    words: str
    url: str = ""
    project_id: int | None = None
    event_id: int | None = None
    subject_id: int | None = None
    counts: Mapping[str, int] = field(default_factory=dict)
    is_urgent: bool = False

    @property
    def identity(self) -> Identity:
        """What `told_once` says of it."""
        return self.person_id, self.kind, self.key, self.organization_id


@transaction.atomic
def tell(tellings: Iterable[Telling], *, now: datetime) -> int:
    """Write what is new of these and the deliveries by which it leaves; how many were new.

    Takes any number, in batches. Whoever is no longer active is not told.
    """
    offices: dict[int, Office] = {}
    return sum(_tell_batch(batch, offices, now) for batch in batches(tellings, AT_ONCE))


def _tell_batch(batch: list[Telling], offices: dict[int, Office], now: datetime) -> int:
    today = timezone.localdate(now)
    once = {row.identity: row for row in reversed(batch)}  # of two under one key the first
    known = set(_rows_of(once.values()).values_list("person", "kind", "key", "organization"))
    active = set(
        User.objects.filter(pk__in={row.person_id for row in batch}, is_active=True).values_list("pk", flat=True)
    )
    new = [row for identity, row in once.items() if identity not in known and row.person_id in active][::-1]
    if not new:
        return 0
    muted = _muted(new)
    # Where another process told the same a moment ago its row stays.
    insert_new(Notification, (_values(row, is_read=row.identity in muted, now=now, today=today) for row in new))
    for row in new:
        if row.organization_id not in offices:
            offices[row.organization_id] = office_of(row.organization_id)
    _deliver([row for row in new if row.identity not in muted and offices[row.organization_id].channels], offices, now)
    return len(new)


def _rows_of(tellings: Iterable[Telling]) -> "QuerySet[Notification]":
    people, kinds, keys, offices = zip(*(row.identity for row in tellings), strict=True)
    rows = Notification.objects.filter(organization__in=set(offices), person__in=set(people))
    return rows.filter(kind__in=set(kinds), key__in=set(keys)).order_by()


def _muted(tellings: list[Telling]) -> set[Identity]:
    """Those that lie in the inbox as read and go nowhere else."""
    mutable = [row for row in tellings if kind_of(row.kind).may_be_muted]
    if not mutable:
        return set()
    people, kinds = {row.person_id for row in mutable}, {row.kind for row in mutable}
    wished = set(MutedKind.objects.filter(user__in=people, kind__in=kinds).values_list("user", "kind"))
    return {row.identity for row in mutable if (row.person_id, row.kind) in wished}


def _values(telling: Telling, *, is_read: bool, now: datetime, today: date) -> dict[str, Any]:
    return {
        "organization_id": telling.organization_id,
        "person_id": telling.person_id,
        "kind": telling.kind,
        "reason": kind_of(telling.kind).reason,
        "key": telling.key,
        "words": cut(telling.words, LONGEST_WORDS),
        "url": telling.url,
        "event_id": telling.event_id,
        "project_id": telling.project_id,
        "subject_id": telling.subject_id,
        "counts": dict(telling.counts),
        "is_urgent": telling.is_urgent,
        "on": today,
        "created_at": now,
        "read_at": now if is_read else None,
    }


def _deliver(tellings: list[Telling], offices: dict[int, Office], now: datetime) -> None:
    if not tellings:
        return
    wishes = wishes_of({row.person_id for row in tellings}, timezone.localdate(now))
    ids = {
        (person, kind, key, organization): pk
        for pk, person, kind, key, organization in _rows_of(tellings).values_list(
            "pk", "person", "kind", "key", "organization"
        )
    }
    deliveries = []
    for row in tellings:
        kind, office = kind_of(row.kind), offices[row.organization_id]
        for channel in channels_for(row.person_id, kind.reason, kind.channels, office, wishes):
            due_at = due_moment(row.person_id, channel, office, wishes, is_urgent=row.is_urgent, now=now)
            deliveries.append(
                Delivery(
                    organization_id=row.organization_id,
                    notification_id=ids[row.identity],
                    channel=channel,
                    person_id=row.person_id,
                    due_at=due_at,
                )
            )
    Delivery.objects.bulk_create(deliveries, ignore_conflicts=True)


def cut(words: str, longest: int) -> str:
    return words if len(words) <= longest else f"{words[: longest - 1]}…"
