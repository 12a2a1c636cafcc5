"""Writing the one event that every write leaves behind."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime
from typing import Any

from django.db.models import Model, QuerySet
from django.utils import timezone

from accounts.enums import Outcome
from accounts.models import Event, Organization, User
from cppcc_office.lib.errors import Change

# The address is known to the outermost layer only; handing it down through every action would put the web into them.
_address: ContextVar[str] = ContextVar("address", default="")


@contextmanager
def coming_from(address: str) -> Iterator[None]:
    """Events written inside carry this address."""
    token = _address.set(address)
    try:
        yield
    finally:
        _address.reset(token)


def event(
    verb: str,
    words: str,
    *,
    by: User | None,
    now: datetime,
    organization: Organization | int | None = None,
    subject: Any = None,
    project_id: int | None = None,
    principal_id: int | None = None,
    entered_for: str = "",
    effective_on: date | None = None,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    outcome: Outcome = Outcome.DONE,
) -> Event:
    """An event not yet saved, so that bulk acts can insert many at once."""
    organization_id = organization.pk if isinstance(organization, Organization) else organization
    return Event(
        organization_id=organization_id,
        verb=verb,
        outcome=outcome,
        by=by,
        principal_id=principal_id,
        entered_for=entered_for,
        at=now,
        effective_on=effective_on,
        address=_address.get(),
        subject_kind=subject._meta.model_name if subject is not None else "",
        subject_id=subject.pk if subject is not None else None,
        project_id=project_id,
        words=words,
        before=dict(before or {}),
        after=dict(after or {}),
    )


def record(verb: str, words: str, **kwargs: Any) -> Event:
    """Write one event; arguments as for `event`."""
    row = event(verb, words, **kwargs)
    row.save(force_insert=True)
    return row


def done_to(subject: Model) -> QuerySet[Event]:
    """Newest first, without what was refused."""
    return Event.objects.filter(subject_kind=subject._meta.model_name, subject_id=subject.pk, outcome=Outcome.DONE)


def as_changes(events: QuerySet[Event]) -> list[Change]:
    """What was done meanwhile, for who acts on an older page."""
    return [
        Change(row.words, "", "", by=row.by.name if row.by else "", at=f"{timezone.localtime(row.at):%H:%M}")
        for row in events.select_related("by")
    ]
