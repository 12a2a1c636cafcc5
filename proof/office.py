"""The office of the proof: who is told, the acts that are told of, and the counting afterwards."""

import time
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.core.management import call_command
from django.db import InterfaceError, OperationalError, close_old_connections
from django.db.models import Count, Max
from django.utils import timezone

from accounts.actions.calendar import correct_day
from accounts.actions.policies import set_policy
from accounts.enums import Role
from accounts.models import Event, Membership, User
from accounts.policies import calendar_of
from supervision.notifications.actions.relaying import THE_MARK
from supervision.notifications.enums import ChannelKind, DeliveryState, RelayState
from supervision.notifications.models import Channel, Delivery, EventRelay, Notification, RelayMark
from tasks.actions.entries import add_entry
from tasks.enums import ProjectState
from tasks.models import Project
from tests.cast import joins, make_cast, person
from tests.walks import project_at

COLLEAGUES = 5  # of the 督办处, beside the three of the cast
PROJECTS_EACH = 4  # per writer: an act waits for nobody else's version
WRITERS = 2
ACT = "add_entry"
UNFINISHED = (DeliveryState.QUEUED, DeliveryState.SENDING)


def make(port: int) -> dict[str, Any]:
    """An office whose messages leave at any hour of any day, to a mail server on this port."""
    call_command("migrate", verbosity=0)
    cast, now = make_cast(), timezone.now()
    today = timezone.localdate(now)
    for number in range(COLLEAGUES):
        joins(person(f"colleague{number}", f"同事{number}"), cast.office, Role.STAFF, cast.supervising)
    for user in User.objects.filter(memberships__division=cast.supervising):
        User.objects.filter(pk=user.pk).update(email=f"{user.username}@office.example")
    calendar = calendar_of(cast.office)
    for day in (today, today + timedelta(days=1)):
        if calendar.is_workday(day):
            continue
        correct_day(cast.office, day=day, is_workday=True, by=cast.secretariat, now=now, today=today)
    for key, value in (("work_ends", "23:59"), ("work_begins", "00:00")):
        set_policy(cast.office, key=key, value=value, by=cast.secretariat, now=now, today=today)
    Channel.objects.create(
        organization=cast.office,
        kind=ChannelKind.EMAIL,
        name="邮件",
        host="127.0.0.1",
        port=port,
        sender="duban@office.example",
        is_on=True,
    )
    for _ in range(WRITERS * PROJECTS_EACH):
        project_at(ProjectState.IN_PROGRESS, cast)
    # What led there is not counted.
    latest = Event.objects.aggregate(id=Max("pk"))["id"]
    RelayMark.objects.update_or_create(pk=THE_MARK, defaults={"event_id": latest})
    return {"mark": latest}


def write(acts: int, writer: int) -> dict[str, Any]:
    """So many entries that ask for coordination. A server that is away is waited for; what was told is told by the count."""
    projects = list(Project.objects.order_by("pk").values_list("pk", flat=True))
    own = projects[writer * PROJECTS_EACH : (writer + 1) * PROJECTS_EACH]
    waited = 0
    for number in range(acts):
        while True:
            try:
                _act(own[number % len(own)], f"第{writer + 1}组第{number + 1}条")
                break
            except (OperationalError, InterfaceError):
                waited += 1
                close_old_connections()
                time.sleep(0.5)
    return {"acts": acts, "waited": waited}


def _act(pk: int, words: str) -> None:
    project = Project.objects.get(pk=pk)
    by = User.objects.get(username="wu")
    add_entry(
        project,
        by=by,
        version=project.version,
        situation=words,
        needs_coordination=True,
        files=[],
        now=timezone.now(),
    )


def count(mark: int) -> dict[str, Any]:
    """How far it is: acts, those told, and deliveries by state."""
    acts = Event.objects.filter(pk__gt=mark, verb=ACT)
    states = Delivery.objects.values_list("state").annotate(n=Count("pk"))
    return {
        "acts": acts.count(),
        "relayed": EventRelay.objects.filter(event__in=acts, state=RelayState.DONE).count(),
        "notifications": Notification.objects.filter(event__in=acts).count(),
        "unfinished": sum(n for state, n in states if state in UNFINISHED),
        "deliveries": dict(states),
    }


def judge(mark: int) -> dict[str, Any]:
    """Who should have been told of what, counted from the events alone, against the inbox and the deliveries."""
    events = set(Event.objects.filter(pk__gt=mark, verb=ACT).values_list("pk", flat=True))
    office = Event.objects.filter(pk__in=events).values_list("organization", flat=True)[:1]
    people = set(
        Membership.objects.filter(organization__in=office, division__supervises=True).values_list("user", flat=True)
    )
    told = Counter(Notification.objects.filter(event__in=events).values_list("event", "person"))
    due = {(event, who) for event in events for who in people}
    sent = Delivery.objects.filter(notification__event__in=events, state=DeliveryState.SENT)
    return {
        "acts": len(events),
        "people": len(people),
        "due": len(due),
        "lost": len(due - told.keys()),
        "doubled": sum(1 for times in told.values() if times > 1),
        "to_nobody_due": len(told.keys() - due),
        "sent": sent.count(),
        "without_delivery": Notification.objects.filter(event__in=events, deliveries=None).count(),
        "deliveries": dict(Delivery.objects.values_list("state").annotate(n=Count("pk"))),
        "relays": dict(EventRelay.objects.values_list("state").annotate(n=Count("pk"))),
        "batches": [str(batch) for batch in sent.order_by().values_list("batch", flat=True).distinct()],
    }


STEPS: dict[str, Callable[..., dict[str, Any]]] = {"make": make, "write": write, "count": count, "judge": judge}
