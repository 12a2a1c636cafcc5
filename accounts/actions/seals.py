"""Sealing events in batches, so that changing or taking away one of them shows."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction

from accounts.models import Event, EventSeal

# Ids are given out before transactions commit, so a row may appear below ids already seen. No transaction outlives
# the time limit of a job (15 minutes); what is twice as old has all its elders in place.
LAG = timedelta(minutes=30)
BATCH = 10_000
_FIELDS = (
    "id", "organization_id", "verb", "outcome", "by_id", "principal_id", "entered_for", "at", "effective_on", "address",
    "subject_kind", "subject_id", "project_id", "words", "before", "after",
)  # fmt: skip


@dataclass(frozen=True)
class Fault:
    """The first seal that does not hold, and what is wrong, in a sentence."""

    seal_id: int
    sentence: str


def _line(values: dict[str, Any]) -> bytes:
    """One event as text that is the same on every machine and database."""
    plain = {
        **values,
        "at": values["at"].astimezone(UTC).isoformat(timespec="microseconds"),
        "effective_on": values["effective_on"].isoformat() if values["effective_on"] else None,
    }
    return json.dumps(plain, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def _digest(previous: str, events: Iterable[dict[str, Any]]) -> str:
    digest = hashlib.sha256(previous.encode())
    for values in events:
        digest.update(b"\n" + _line(values))
    return digest.hexdigest()


def _between(after: int, last: int) -> Iterable[dict[str, Any]]:
    rows = Event.objects.filter(id__gt=after, id__lte=last).order_by("id").values(*_FIELDS)
    yield from rows.iterator(chunk_size=2_000)


def seal_events(*, now: datetime) -> list[EventSeal]:
    """Seal all that is old enough, in order. Twice, late or from two workers: the same. Writes no event of its own."""
    seals = []
    while (seal := _seal_next(now=now)) is not None:
        seals.append(seal)
    return seals


def _seal_next(*, now: datetime) -> EventSeal | None:
    previous = EventSeal.objects.order_by("-id").first()
    after = previous.last_event_id if previous else 0
    rows = Event.objects.filter(id__gt=after).order_by("id")
    # Only an unbroken run from the last seal on: nothing below a sealed id may still be on its way.
    young = rows.filter(at__gt=now - LAG).values_list("id", flat=True).first()
    if young is not None:
        rows = rows.filter(id__lt=young)
    ids = list(rows.values_list("id", flat=True)[:BATCH])
    if not ids:
        return None
    previous_digest = previous.digest if previous else ""
    try:
        with transaction.atomic():
            return EventSeal.objects.create(
                first_event_id=ids[0],
                last_event_id=ids[-1],
                count=len(ids),
                digest=_digest(previous_digest, _between(after, ids[-1])),
                previous_digest=previous_digest,
                sealed_at=now,
            )
    except IntegrityError:
        return None  # another worker has just sealed the same run


def first_fault() -> Fault | None:
    """Work every seal out anew; None where all hold."""
    after, previous_digest = 0, ""
    for seal in EventSeal.objects.order_by("id").iterator():
        where = f"第 {seal.pk} 号封条（记录 {seal.first_event_id}–{seal.last_event_id}）"
        if seal.previous_digest != previous_digest or seal.first_event_id <= after:
            return Fault(seal.pk, f"{where}与前一封条接不上，前面的封条被改动或删除。")
        ids = list(
            Event.objects.filter(id__gt=after, id__lte=seal.last_event_id).order_by("id").values_list("id", flat=True)
        )
        if len(ids) < seal.count:
            return Fault(seal.pk, f"{where}少了 {seal.count - len(ids)} 条记录，封存后有记录被删除。")
        if len(ids) > seal.count:
            return Fault(seal.pk, f"{where}多了 {len(ids) - seal.count} 条记录，封存后有记录被补入。")
        if _digest(previous_digest, _between(after, seal.last_event_id)) != seal.digest:
            return Fault(seal.pk, f"{where}的内容与封存时不符，封存后有记录被改动。")
        after, previous_digest = seal.last_event_id, seal.digest
    return None
