"""From events to notifications: which events somebody has to be told of, and telling them."""

import logging
from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.db import transaction
from django.db.models import Exists, F, Max, OuterRef, Q, QuerySet
from django.template import Context, Engine
from django.urls import reverse
from django.utils import timezone

from accounts.actions.recording import record
from accounts.enums import Outcome
from accounts.models import Event, User
from accounts.verbs import verb_word
from cppcc_office.lib.errors import Refused
from supervision.notifications.actions.telling import Telling, cut, tell
from supervision.notifications.enums import Reason, RelayState
from supervision.notifications.kinds.registry import Kind, kinds_for, told_verbs
from supervision.notifications.kinds.truth import why_settled
from supervision.notifications.models import EventRelay, Notification, RelayMark
from supervision.notifications.rules import bar_to_retry
from tasks.models import ChangeRequest, Milestone, Project

logger = logging.getLogger(__name__)

AT_ONCE = 500
# No transaction lasts so long: what had an id then has been committed, or never will be.
SETTLED_AFTER = timedelta(days=1)
# An event first seen later than this is history, not news: people would act on what is long over. It is shown as not told.
NEWS_FOR = timedelta(days=31)
RETRY_AFTER = (timedelta(minutes=1), timedelta(minutes=10), timedelta(hours=1))
TITLE, STEP = 40, 24  # how much of a title stands in a sentence
THE_MARK = 1


def bring_relays_up_to(now: datetime) -> int:
    """Tell of every event up to now; how many notifications that made. Twice, late, or from two workers: the same.

    The outermost loop of a worker: an event that cannot be told holds up no other, is tried again, then shown.
    """
    find_events(now=now)
    made = 0
    for relay in _waiting(now):
        try:
            made += relay_event(relay, now=now)
        except Exception as error:  # one event that cannot be told holds up no other
            logger.exception("event %s could not be told", relay.event_id)
            put_off(relay, repr(error), now=now)
    return made


def find_events(*, now: datetime) -> int:
    """Give a row to each event that some kind answers to and that has none yet; how many there are to tell of."""
    mark, _ = RelayMark.objects.get_or_create(pk=THE_MARK)
    highest = Event.objects.aggregate(id=Max("pk"))["id"] or 0
    seen = EventRelay.objects.filter(event=OuterRef("pk"))
    events: QuerySet[Event] = Event.objects.filter(
        ~Exists(seen),
        pk__gt=mark.event_id,
        verb__in=told_verbs(),
        outcome=Outcome.DONE,
        effective_on=None,  # 补录 tells what was, nobody has to act on it
    ).order_by("pk")
    found = 0
    while rows := list(events.values_list("pk", "at")[:AT_ONCE]):
        news = [EventRelay(event_id=pk) for pk, at in rows if at > now - NEWS_FOR]
        late = {"state": RelayState.OUTDATED, "ended_at": now}
        history = [EventRelay(event_id=pk, **late) for pk, at in rows if at <= now - NEWS_FOR]
        EventRelay.objects.bulk_create(news + history, ignore_conflicts=True)
        if history:
            logger.warning("%s events were older than %s when they were found: nobody is told", len(history), NEWS_FOR)
        found += len(news)
    _move(mark, highest, now=now)
    return found


def _move(mark: RelayMark, highest: int, *, now: datetime) -> None:
    """Past what had been seen a day ago; of two workers one moves it."""
    if mark.seen_at is not None and now - mark.seen_at < SETTLED_AFTER:
        return
    held = RelayMark.objects.filter(pk=mark.pk, event_id=mark.event_id, seen_at=mark.seen_at)
    held.update(event_id=max(mark.event_id, mark.seen_id), seen_id=highest, seen_at=now)


def _waiting(now: datetime) -> Iterator[EventRelay]:
    due = EventRelay.objects.filter(Q(retry_at=None) | Q(retry_at__lte=now), state=RelayState.WAITING)
    last = 0
    while batch := list(due.filter(event__gt=last).order_by("event")[:AT_ONCE]):
        yield from batch
        last = batch[-1].event_id


@transaction.atomic
def relay_event(relay: EventRelay, *, now: datetime) -> int:
    """Tell everybody whom the event concerns and who may see it; nothing where another worker has done so."""
    waiting = EventRelay.objects.filter(pk=relay.pk, state=RelayState.WAITING)
    if not waiting.update(state=RelayState.DONE, attempts=F("attempts") + 1, retry_at=None, error=""):
        return 0
    event = Event.objects.select_related("by").get(pk=relay.event_id)
    today = timezone.localdate(now)
    _settle(event.project_id, today, now=now)
    made = tell(_tellings(event, today), now=now)
    EventRelay.objects.filter(pk=relay.pk).update(made=made)
    return made


def _settle(project_id: int | None, today: date, *, now: datetime) -> None:
    """What asked somebody to act on the project and waits no longer counts as read, lest inboxes fill with what is done."""
    waiting = Notification.objects.unread().filter(project=project_id, reason__in=(Reason.TURN, Reason.DEADLINE))
    rows = waiting.select_related("project", "person").order_by() if project_id is not None else []
    if settled := [row.pk for row in rows if why_settled(row, today)]:
        Notification.objects.filter(pk__in=settled).update(read_at=now)


def put_off(relay: EventRelay, error: str, *, now: datetime) -> None:
    """Try again later; the fourth failure is for people to look at."""
    waiting = EventRelay.objects.filter(pk=relay.pk, state=RelayState.WAITING, attempts=relay.attempts)
    if relay.attempts < len(RETRY_AFTER):
        retry_at = now + RETRY_AFTER[relay.attempts]
        waiting.update(attempts=F("attempts") + 1, retry_at=retry_at, error=cut(error, 300))
    else:
        waiting.update(attempts=F("attempts") + 1, state=RelayState.FAILED, error=cut(error, 300))


@transaction.atomic
def retry_relay(relay: EventRelay, *, by: User, now: datetime) -> None:
    """Let an event that could not be told be tried once more."""
    organization_id = relay.event.organization_id
    if bars := bar_to_retry(by, organization_id, timezone.localdate(now)):
        raise Refused(bars)
    failed = EventRelay.objects.filter(pk=relay.pk, state=RelayState.FAILED)
    if not failed.update(state=RelayState.WAITING, attempts=0, retry_at=None):
        raise Refused("这件事项已重新处理，请刷新页面。")
    words = f"重新处理未能告知的“{verb_word(relay.event.verb)}”"
    record("retry_relay", words, by=by, now=now, organization=organization_id, subject=relay)


def _tellings(event: Event, today: date) -> Iterator[Telling]:
    """Whoever is concerned by two kinds of one event is told the first of them."""
    told: set[int | None] = {event.by_id, event.principal_id}
    for kind in kinds_for(event.verb):
        people = [user for user in _concerned(kind, event, today) if user.pk not in told]
        told.update(user.pk for user in people)
        if people:
            words, url = _words(kind, event), "" if kind.is_for_all_concerned else _url(event)
            yield from (_telling(kind, event, user, words, url) for user in people)


def _concerned(kind: Kind, event: Event, today: date) -> Iterable[User]:
    """The active people whom the kind names, as far as they may read the whole project: the words tell of its steps.

    What is gone concerns nobody.
    """
    assert kind.concerned is not None
    try:
        named = {pk for pk in kind.concerned(event, today) if pk is not None}
    except ObjectDoesNotExist:
        return []
    people = User.objects.filter(pk__in=named, is_active=True).order_by("pk")
    if kind.is_for_all_concerned or event.project_id is None:
        return people
    projects = Project.objects.filter(pk=event.project_id)
    return [user for user in people if projects.whole_for(user, today).exists()]


def _telling(kind: Kind, event: Event, user: User, words: str, url: str) -> Telling:
    assert event.organization_id is not None
    return Telling(
        kind.code,
        user.pk,
        event.organization_id,
        f"event-{event.pk}",
        words,
        url=url,
        project_id=event.project_id,
        event_id=event.pk,
        subject_id=event.subject_id,
    )


def _url(event: Event) -> str:
    if event.subject_kind == ChangeRequest._meta.model_name:
        return reverse("change", args=[event.subject_id])
    return reverse("project", args=[event.project_id]) if event.project_id else ""


def _words(kind: Kind, event: Event) -> str:
    """One sentence: who did what to which project. Nothing that people typed but titles, and these cut."""
    context = Context(_what_happened(event), autoescape=False)
    return Engine.get_default().get_template(kind.template).render(context).strip()


def _what_happened(event: Event) -> dict[str, Any]:
    project = Project.objects.select_related("lead_division").filter(pk=event.project_id or 0).first()
    subject = event.subject_id or 0
    milestone = Milestone.objects.filter(pk=subject).first() if event.subject_kind == "milestone" else None
    change = ChangeRequest.objects.filter(pk=subject).first() if event.subject_kind == "changerequest" else None
    number = project.number or event.before.get("number", "") if project else ""
    return {
        "actor": event.by.name if event.by else "系统",
        "project": f"{number}“{cut(project.title, TITLE)}”" if project else "",
        "lead": project.lead_division.brief if project and project.lead_division else "",
        "milestone": f"“{cut(milestone.title, STEP)}”" if milestone else "",
        "change": change.get_kind_display() if change else "",
    }
