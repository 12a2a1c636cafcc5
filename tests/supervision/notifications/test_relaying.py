"""Every event that somebody has to be told of is told once, whenever it commits and however often it is tried."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection

from accounts.actions.recording import record
from accounts.enums import Outcome
from accounts.models import Event
from cppcc_office.lib.errors import Refused
from supervision.notifications.actions.relaying import NEWS_FOR, RETRY_AFTER, bring_relays_up_to, retry_relay
from supervision.notifications.enums import Reason, RelayState
from supervision.notifications.kinds import registry
from supervision.notifications.kinds.registry import Kind, register_kinds
from supervision.notifications.models import EventRelay, Notification, RelayMark
from supervision.notifications.queries.undelivered import SAID_FOR, outdated
from tasks.actions import project
from tasks.enums import ProjectState
from tests.cast import NOW, Cast, make_cast
from tests.tasks.racing import race
from tests.walks import a_draft, project_at


@pytest.fixture
def broken() -> Iterator[Kind]:
    """A kind whose people nobody can name."""

    def nobody_knows(event: Event, today: object) -> list[int]:
        raise RuntimeError("no idea")

    kind = Kind("test_broken", "试：坏的", Reason.NEWS, verbs=("create_plan",), concerned=nobody_knows)
    register_kinds(kind)
    yield kind
    del registry._kinds[kind.code]


def an_event(cast: Cast, verb: str = "receive_project", **fields: Any) -> Event:
    row = project_at(ProjectState.DISPATCHED, cast)
    return record(verb, "签收", by=cast.head, organization=cast.office, project_id=row.pk, **{"now": NOW, **fields})


def told_of(event: Event) -> int:
    return Notification.objects.filter(event=event).count()


@pytest.mark.parametrize("how", ["refused", "backfilled"])
def test_what_was_refused_or_is_history_is_not_told(cast: Cast, how: str) -> None:
    fields: dict[str, dict[str, Any]] = {
        "refused": {"outcome": Outcome.REFUSED},
        "backfilled": {"effective_on": NOW.date()},
    }
    event = an_event(cast, **fields[how])

    bring_relays_up_to(NOW)

    assert told_of(event) == 0
    assert not EventRelay.objects.filter(event=event).exists()


def test_what_is_found_a_month_late_is_not_told_and_not_dropped_in_silence(cast: Cast, caplog: Any) -> None:
    old, late = an_event(cast, now=NOW - NEWS_FOR), an_event(cast, now=NOW - NEWS_FOR + timedelta(seconds=1))

    bring_relays_up_to(NOW)
    bring_relays_up_to(NOW + timedelta(days=2))

    rows = dict(EventRelay.objects.filter(event__in=[old, late]).values_list("event", "state"))
    assert rows == {old.pk: RelayState.OUTDATED, late.pk: RelayState.DONE}
    assert (told_of(old), told_of(late) > 0) == (0, True)
    assert "1 events were older than 31 days" in caplog.text
    said = outdated([cast.office.pk], NOW + timedelta(days=2))
    assert said is not None
    assert (said.count, said.first, said.last) == (1, date(2026, 2, 1), date(2026, 2, 1))
    assert outdated([cast.elsewhere.pk], NOW) is None
    assert outdated([cast.office.pk], NOW + SAID_FOR) is None


def test_an_event_that_cannot_be_told_holds_up_no_other(cast: Cast, broken: Kind) -> None:
    event = an_event(cast)  # after the plan, which is the broken one

    bring_relays_up_to(NOW)

    assert told_of(event) == 3
    relay = EventRelay.objects.get(event__verb="create_plan")
    assert (relay.state, relay.attempts, relay.retry_at) == (RelayState.WAITING, 1, NOW + RETRY_AFTER[0])
    assert "no idea" in relay.error


def test_the_fourth_failure_is_for_people_to_look_at(cast: Cast, broken: Kind) -> None:
    an_event(cast)
    bring_relays_up_to(NOW)
    now, tried = NOW, []
    for wait in RETRY_AFTER:
        bring_relays_up_to(now + wait - timedelta(seconds=1))
        tried.append(EventRelay.objects.get(event__verb="create_plan").attempts)
        now += wait
        bring_relays_up_to(now)

    relay = EventRelay.objects.get(event__verb="create_plan")

    assert tried == [1, 2, 3]
    assert (relay.state, relay.attempts) == (RelayState.FAILED, 4)
    bring_relays_up_to(now + timedelta(days=1))
    assert EventRelay.objects.get(pk=relay.pk).attempts == 4


def test_an_event_that_failed_is_tried_once_more_by_hand(cast: Cast, broken: Kind) -> None:
    an_event(cast)
    bring_relays_up_to(NOW)
    EventRelay.objects.filter(event__verb="create_plan").update(state=RelayState.FAILED, attempts=4)
    relay = EventRelay.objects.get(event__verb="create_plan")

    with pytest.raises(Refused, match="只有系统管理员和督办人员"):
        retry_relay(relay, by=cast.head, now=NOW)
    retry_relay(relay, by=cast.sysadmin, now=NOW)
    with pytest.raises(Refused, match="已重新处理"):
        retry_relay(relay, by=cast.secretariat, now=NOW)

    relay.refresh_from_db()
    assert (relay.state, relay.attempts) == (RelayState.WAITING, 0)
    assert Event.objects.filter(verb="retry_relay").count() == 1


def test_a_half_told_event_is_not_told_at_all(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """The relay and its notifications are one transaction."""
    event = an_event(cast)
    relays = "supervision.notifications.actions.relaying._telling"

    def dies(*given: object) -> None:
        raise RuntimeError("killed")

    with monkeypatch.context() as patch:
        patch.setattr(relays, dies)
        bring_relays_up_to(NOW)
    assert told_of(event) == 0

    bring_relays_up_to(NOW + RETRY_AFTER[0])

    assert told_of(event) == 3


def test_the_mark_stays_a_day_behind(cast: Cast) -> None:
    """An event that commits late has an id below others already seen; it is found all the same."""
    RelayMark.objects.all().delete()
    first = an_event(cast)
    bring_relays_up_to(NOW)
    assert RelayMark.objects.get().event_id == 0
    EventRelay.objects.filter(event=first).delete()
    Notification.objects.filter(event=first).delete()  # as if it had not been visible then

    bring_relays_up_to(NOW + timedelta(hours=23))

    assert told_of(first) == 3
    assert RelayMark.objects.get().event_id == 0
    later = an_event(cast, now=NOW + timedelta(hours=24))
    bring_relays_up_to(NOW + timedelta(hours=24))
    assert first.pk <= RelayMark.objects.get().event_id < later.pk
    assert told_of(later) == 3


def test_an_office_that_was_there_before_is_not_told_its_past(cast: Cast) -> None:
    event = an_event(cast)
    RelayMark.objects.update_or_create(pk=1, defaults={"event_id": event.pk})

    assert bring_relays_up_to(NOW) == 0


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_tell_each_person_once() -> None:
    cast = make_cast()
    rows = [a_draft(cast, title=f"第{n}项") for n in range(5)]
    for row in rows:
        project.dispatch_project(row, by=cast.secretariat, version=row.version, now=NOW)

    race([lambda: lambda: bring_relays_up_to(NOW)] * 3)

    assert set(EventRelay.objects.values_list("state", "attempts")) == {(RelayState.DONE, 1)}
    assert Notification.objects.filter(kind="project_dispatched").count() == 5 * 2
    assert sum(EventRelay.objects.values_list("made", flat=True)) == Notification.objects.count()


@pytest.mark.only_with("servers")
@pytest.mark.django_db(transaction=True)
def test_nothing_is_lost_that_commits_while_others_are_told() -> None:
    """Ids are given out before commits: the relay runs all the while people act."""
    cast = make_cast()
    rows = [a_draft(cast, title=f"第{n}项") for n in range(12)]

    def dispatches(part: list[Any]) -> None:
        for row in part:
            project.dispatch_project(row, by=cast.secretariat, version=row.version, now=NOW)

    def relays() -> None:
        for _ in range(15):
            bring_relays_up_to(NOW)
        connection.close()

    race([lambda: lambda: dispatches(rows[:6]), lambda: lambda: dispatches(rows[6:]), lambda: relays, lambda: relays])
    bring_relays_up_to(NOW)

    told = Notification.objects.filter(kind="project_dispatched")
    assert set(told.values_list("project", "person")) == {
        (row.pk, user.pk) for row in rows for user in (cast.head, cast.staff)
    }
    assert told.count() == 24


def test_what_was_done_waits_in_no_inbox_any_more(cast: Cast) -> None:
    """Of two people asked to sign for a project one does; another project goes on waiting."""
    row, other = project_at(ProjectState.DISPATCHED, cast), project_at(ProjectState.DISPATCHED, cast)
    bring_relays_up_to(NOW)
    waiting = Notification.objects.unread().filter(reason=Reason.TURN).order_by("project", "person")
    expected = [(each.pk, who) for each in (row, other) for who in sorted((cast.head.pk, cast.staff.pk))]
    before = list(waiting.values_list("project", "person"))

    later = NOW + timedelta(minutes=5)
    project.receive_project(row, by=cast.staff, version=row.version, now=later)
    bring_relays_up_to(later)

    assert before == expected
    assert list(waiting.all().values_list("project", "person")) == expected[2:]
    read = Notification.objects.filter(project=row, reason=Reason.TURN).values_list("read_at", flat=True)
    assert set(read) == {later}
