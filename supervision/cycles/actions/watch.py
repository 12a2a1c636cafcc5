"""每日巡查: one digest per person and day of what fell due, what comes near and what waits for him."""

from collections.abc import Iterator
from datetime import date, datetime

from django.urls import reverse
from django.utils import timezone

from accounts.policies import calendar_of
from supervision.cycles.kinds import DAILY_WATCH
from supervision.cycles.models import CycleRun
from supervision.cycles.queries.watch import LEADS, OVERDUE, TODAY, Found, found_in, seen_before, spans_of
from supervision.notifications.actions.telling import Telling, tell
from supervision.notifications.models import Notification

LABELS = {OVERDUE: "逾期", TODAY: "今天到期"} | {str(lead): f"{lead} 个工作日内到期" for lead in LEADS}
WAITING = "等您办理"


def watch(run: CycleRun, now: datetime) -> dict[str, int]:
    """Tell everybody of the office what concerns him today; whom nothing concerns is told nothing.

    A person is told once a day, so that a second run, one made half and begun again, or a watch held late the same
    morning changes nothing. For the same reason it needs no transaction of its own: a batch told stays told.
    """
    calendar, today = calendar_of(run.organization_id), timezone.localdate(now)
    spans = spans_of(calendar, today, seen_on=seen_before(run, today, calendar))
    tell(_tellings(run.organization_id, found_in(run.organization_id, spans, today), today), now=now)
    digests = Notification.objects.filter(organization=run.organization_id, kind=DAILY_WATCH)
    # What an earlier morning said of the same matters no longer holds; unread, it would pile up in the inbox.
    digests.filter(on__lt=today, read_at=None).update(read_at=now)
    told = digests.filter(key=today.isoformat())
    return {"提醒人数": told.count()}


def _tellings(organization_id: int, people: Iterator[Found], today: date) -> Iterator[Telling]:
    url, key = reverse("watch"), today.isoformat()
    for found in people:
        counts = counts_of(found)
        yield Telling(
            kind=DAILY_WATCH,
            person_id=found.person_id,
            organization_id=organization_id,
            key=key,
            words="、".join(f"{label} {count} 项" for label, count in counts.items()),
            url=url,
            counts=counts,
        )


def counts_of(found: Found) -> dict[str, int]:
    """What there is of each, the most pressing first, in the words that are told."""
    counts = {label: found.due[code] for code, label in LABELS.items()} | {WAITING: found.waiting}
    return {label: count for label, count in counts.items() if count}
