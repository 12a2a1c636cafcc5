"""Events cannot be changed through the application, and other ways show."""

from datetime import timedelta
from io import StringIO
from threading import Thread

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from accounts.actions import seals
from accounts.actions.recording import record
from accounts.jobs import seal_events
from accounts.models import Event, EventSeal
from accounts.models.event import Immutable
from tests.cast import NOW

LATER = NOW + timedelta(hours=1)

pytestmark = pytest.mark.django_db


def some_events(count: int, *, minutes: int = 0) -> list[Event]:
    at = NOW + timedelta(minutes=minutes)
    return [record("edit_person", f"第 {i} 次", by=None, now=at, before={"名": "甲"}, after={}) for i in range(count)]


def tamper(statement: str, *values: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def test_an_event_is_neither_changed_nor_deleted() -> None:
    row = some_events(1)[0]

    with pytest.raises(Immutable):
        row.save()
    with pytest.raises(Immutable):
        row.delete()
    with pytest.raises(Immutable):
        Event.objects.all().delete()
    with pytest.raises(Immutable):
        Event.objects.update(words="x")


def test_sealing_twice_is_sealing_once() -> None:
    some_events(3)

    first = seals.seal_events(now=LATER)
    second = seals.seal_events(now=LATER)

    assert [seal.count for seal in first] == [3]
    assert second == []
    assert seals.first_fault() is None


def test_each_seal_holds_the_one_before(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seals, "BATCH", 2)
    some_events(5)

    made = seals.seal_events(now=LATER)

    assert [seal.count for seal in made] == [2, 2, 1]
    assert [seal.previous_digest for seal in made] == ["", made[0].digest, made[1].digest]
    assert seals.first_fault() is None


def test_nothing_is_sealed_above_what_may_still_be_on_its_way() -> None:
    old = some_events(2)
    some_events(1, minutes=45)
    some_events(1)

    made = seals.seal_events(now=LATER)

    assert [seal.last_event_id for seal in made] == [old[-1].pk]


def test_after_a_week_asleep_everything_is_sealed() -> None:
    some_events(4)
    some_events(1, minutes=60 * 24 * 7)

    made = seals.seal_events(now=NOW + timedelta(days=8))

    assert sum(seal.count for seal in made) == 5


@pytest.mark.parametrize(
    ("statement", "why"),
    [
        ("UPDATE accounts_event SET words = 'anders' WHERE id = %s", "有记录被改动"),
        ("UPDATE accounts_event SET address = '10.0.0.1' WHERE id = %s", "有记录被改动"),
        ("DELETE FROM accounts_event WHERE id = %s", "有记录被删除"),
    ],
)
def test_tampering_with_one_event_shows(monkeypatch: pytest.MonkeyPatch, statement: str, why: str) -> None:
    monkeypatch.setattr(seals, "BATCH", 2)
    events = some_events(6)
    made = seals.seal_events(now=LATER)

    tamper(statement, events[3].pk)

    fault = seals.first_fault()
    assert fault is not None
    assert fault.seal_id == made[1].pk
    assert why in fault.sentence


def test_an_event_slipped_in_below_a_seal_shows() -> None:
    events = some_events(3)
    tamper("DELETE FROM accounts_event WHERE id = %s", events[1].pk)
    seals.seal_events(now=LATER)

    late = Event(pk=events[1].pk, verb="edit_person", words="补入", at=NOW)
    Event.objects.bulk_create([late])

    fault = seals.first_fault()
    assert fault is not None
    assert "有记录被补入" in fault.sentence


def test_a_seal_taken_away_shows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seals, "BATCH", 2)
    some_events(6)
    made = seals.seal_events(now=LATER)

    EventSeal.objects.filter(pk=made[1].pk).delete()

    fault = seals.first_fault()
    assert fault is not None
    assert "接不上" in fault.sentence


def test_the_command_says_that_all_holds_and_what_waits() -> None:
    some_events(2)
    seals.seal_events(now=LATER)
    some_events(1, minutes=60)
    out = StringIO()

    call_command("verify_seals", stdout=out)

    assert out.getvalue().strip() == "1 个封条全部相符；另有 1 条新记录待封存。"


def test_the_command_fails_with_the_first_fault() -> None:
    events = some_events(2)
    seals.seal_events(now=LATER)
    tamper("DELETE FROM accounts_event WHERE id = %s", events[0].pk)

    with pytest.raises(CommandError, match="少了 1 条记录"):
        call_command("verify_seals")


def test_the_job_seals_what_is_old_and_may_run_twice() -> None:
    some_events(2)

    seal_events()
    seal_events()

    assert EventSeal.objects.get().count == 2


@pytest.mark.django_db(transaction=True)
def test_two_workers_make_one_row_of_seals() -> None:
    some_events(20)

    def seal() -> None:
        try:
            seals.seal_events(now=LATER)
        finally:
            connection.close()

    threads = [Thread(target=seal) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert EventSeal.objects.count() == 1
    assert seals.first_fault() is None
