"""Telling: once per person, kind and key, by the ways that the person wishes, at a decent hour."""

from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from supervision.notifications.actions.telling import AT_ONCE, Telling, tell
from supervision.notifications.enums import ChannelKind, Reason
from supervision.notifications.models import ChannelWish, Delivery, DigestTime, MutedKind, Notification
from tests.cast import NOW, SHANGHAI, Cast, make_cast
from tests.supervision.notifications.kinds import NEWS, TURN, mail_server, robot

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast(time_machine: Any) -> Cast:
    time_machine.move_to(NOW, tick=False)
    return make_cast()


def telling(person: User, cast: Cast, *, kind: str = TURN.code, key: str = "1", **fields: Any) -> Telling:
    return Telling(kind, person.pk, cast.office.pk, key, "请签收项目", **fields)


def with_address(person: User) -> User:
    person.email = f"{person.username}@example.com"
    person.phone = "13800000000"
    person.save(update_fields=["email", "phone"])
    return person


def due(now: datetime, cast: Cast, **fields: Any) -> datetime:
    """When it would leave, told at that moment."""
    tell([telling(with_address(cast.head), cast, key=f"{now}", **fields)], now=now)
    return Delivery.objects.latest("id").due_at


def test_the_inbox_has_it_without_any_channel(cast: Cast) -> None:
    assert tell([telling(cast.head, cast, url="/projects/1/", counts={"逾期": 2})], now=NOW) == 1

    row = Notification.objects.get()
    assert (row.person, row.reason, row.words, row.url) == (cast.head, Reason.TURN, "请签收项目", "/projects/1/")
    assert (row.counts, row.on, row.created_at, row.read_at) == ({"逾期": 2}, NOW.date(), NOW, None)
    assert not Delivery.objects.exists()


@pytest.mark.parametrize("counts", [{"3 个工作日内到期": 3, "逾期": 1, "今天到期": 2}, {}])
def test_counts_are_read_in_the_order_given(cast: Cast, counts: dict[str, int]) -> None:
    """PostgreSQL would sort the keys of an object by their length."""
    tell([telling(cast.head, cast, counts=counts)], now=NOW)
    row = Notification.objects.get()
    row.save()

    assert list(row.counts.items()) == list(counts.items())
    assert list(Notification.objects.values_list("counts", flat=True).get()) == list(counts)


def test_who_works_in_two_offices_is_told_in_both(cast: Cast) -> None:
    here = telling(cast.head, cast)

    assert tell([here, replace(here, organization_id=cast.elsewhere.pk)], now=NOW) == 2


def test_telling_again_changes_nothing(cast: Cast) -> None:
    mail_server(cast)
    with_address(cast.head)
    tell([telling(cast.head, cast)], now=NOW)

    again = [telling(cast.head, cast), telling(cast.head, cast, key="2"), telling(cast.head, cast, key="2")]

    assert tell(again, now=NOW + timedelta(hours=1)) == 1
    assert list(Notification.objects.order_by("id").values_list("key", "created_at")) == [
        ("1", NOW),
        ("2", NOW + timedelta(hours=1)),
    ]
    assert Delivery.objects.count() == 2


def test_whoever_left_is_not_told(cast: Cast) -> None:
    cast.head.is_active = False
    cast.head.save(update_fields=["is_active"])

    assert tell([telling(cast.head, cast)], now=NOW) == 0


def test_only_what_may_be_muted_is_muted(cast: Cast) -> None:
    mail_server(cast)
    robot(cast, reasons=["TURN", "NEWS"])
    with_address(cast.head)
    for kind in (TURN, NEWS):
        MutedKind.objects.create(user=cast.head, kind=kind.code)
    ChannelWish.objects.create(user=cast.head, reason="NEWS", channel_kind="EMAIL", is_wanted=True)

    tell([telling(cast.head, cast), telling(cast.head, cast, kind=NEWS.code)], now=NOW)

    assert Notification.objects.get(kind=TURN.code).read_at is None
    assert Notification.objects.get(kind=NEWS.code).read_at == NOW
    assert set(Delivery.objects.values_list("notification__kind", "channel__kind")) == {
        (TURN.code, ChannelKind.EMAIL),
        (TURN.code, ChannelKind.WECOM),
    }


def test_a_wish_goes_before_what_the_kind_declares(cast: Cast) -> None:
    mail_server(cast)
    for person in (cast.head, cast.staff):
        with_address(person)
    ChannelWish.objects.create(user=cast.head, reason="TURN", channel_kind="EMAIL", is_wanted=False)
    ChannelWish.objects.create(user=cast.head, reason="NEWS", channel_kind="EMAIL", is_wanted=True)

    tell([telling(p, cast, kind=k.code) for p in (cast.head, cast.staff) for k in (TURN, NEWS)], now=NOW)

    assert set(Delivery.objects.values_list("person", "notification__kind")) == {
        (cast.head.pk, NEWS.code),
        (cast.staff.pk, TURN.code),
    }


def test_no_mail_is_tried_to_whom_nobody_gave_an_address_unless_he_wished_for_it(cast: Cast) -> None:
    mail_server(cast)
    ChannelWish.objects.create(user=cast.staff, reason="TURN", channel_kind="EMAIL", is_wanted=True)

    tell([telling(cast.head, cast), telling(cast.staff, cast)], now=NOW)

    assert [row.person for row in Delivery.objects.all()] == [cast.staff]


def test_a_robot_takes_what_its_row_says_of_its_divisions_people(cast: Cast) -> None:
    own = robot(cast)
    house = robot(cast, name="全厅群", division=None, reasons=["TURN", "NEWS"])
    robot(cast, name="停用的", division=None, is_on=False)

    people = (cast.head, cast.co_head)
    tell([telling(p, cast, kind=k.code) for p in people for k in (TURN, NEWS)], now=NOW)

    assert set(Delivery.objects.filter(channel=own).values_list("person", "notification__kind")) == {
        (cast.head.pk, TURN.code)
    }
    assert Delivery.objects.filter(channel=house).count() == 4


@pytest.mark.parametrize(
    ("told", "leaves"),
    [
        ("2026-03-04 09:30", "2026-03-04 09:30"),
        ("2026-03-04 07:00", "2026-03-04 08:30"),
        ("2026-03-04 18:00", "2026-03-05 08:30"),
        ("2026-03-06 20:00", "2026-03-09 08:30"),  # Friday night
        ("2026-09-30 19:00", "2026-10-08 08:30"),  # 国庆
        ("2026-10-10 10:00", "2026-10-10 10:00"),  # a Saturday worked in its place
    ],
)
def test_it_leaves_at_a_decent_hour(told: str, leaves: str, cast: Cast) -> None:
    mail_server(cast)

    assert due(moment(told), cast) == moment(leaves)


@pytest.mark.parametrize(
    ("told", "leaves"),
    [
        ("2026-03-04 09:30", "2026-03-04 16:00"),
        ("2026-03-04 16:00", "2026-03-04 16:00"),
        ("2026-03-04 16:01", "2026-03-05 16:00"),
        ("2026-09-30 17:00", "2026-10-08 16:00"),
    ],
)
def test_whoever_wants_one_message_a_day_gets_it_at_his_time(told: str, leaves: str, cast: Cast) -> None:
    mail_server(cast)
    DigestTime.objects.create(user=cast.head, at=time(16))

    assert due(moment(told), cast) == moment(leaves)


def test_a_time_outside_the_offices_hours_is_moved_into_them(cast: Cast) -> None:
    mail_server(cast)
    DigestTime.objects.create(user=cast.head, at=time(22))

    assert due(NOW, cast) == NOW.replace(hour=17, minute=45)


def test_urgent_matters_leave_at_once(cast: Cast) -> None:
    mail_server(cast)
    DigestTime.objects.create(user=cast.head, at=time(16))

    assert due(moment("2026-10-01 23:00"), cast, is_urgent=True) == moment("2026-10-01 23:00")


def test_long_words_are_cut(cast: Cast) -> None:
    tell([Telling(TURN.code, cast.head.pk, cast.office.pk, "1", "很长" * 200)], now=NOW)

    assert len(Notification.objects.get().words) == 300


def test_any_number_is_told_in_batches(cast: Cast) -> None:
    assert tell((telling(cast.head, cast, key=str(n)) for n in range(AT_ONCE * 2 + 1)), now=NOW) == AT_ONCE * 2 + 1
    assert Notification.objects.order_by("id").values_list("key", flat=True)[AT_ONCE] == str(AT_ONCE)


@pytest.mark.parametrize("rows", [1, 50])
def test_one_is_told_with_as_many_queries_as_fifty(
    cast: Cast, rows: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    mail_server(cast)
    with_address(cast.head)

    with django_assert_num_queries(13):
        tell([telling(cast.head, cast, key=str(n)) for n in range(rows)], now=NOW)


def moment(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%d %H:%M").replace(tzinfo=SHANGHAI)
