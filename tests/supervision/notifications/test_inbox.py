"""收件箱: what stands in it, how it is read, the bell, and how many questions it asks."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Event, User
from supervision.notifications.enums import Reason
from supervision.notifications.models import Notification
from tests.cast import NOW, TODAY, Cast, make_cast
from tests.pages import CheckingClient

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast(time_machine: Any) -> Cast:
    time_machine.move_to(NOW, tick=False)
    return make_cast()


def told(
    cast: Cast, person: User, *, count: int = 1, reason: Reason = Reason.TURN, at: datetime = NOW, **fields: Any
) -> list[Notification]:
    """Messages as `tell` writes them, of whatever reason."""
    first = Notification.objects.count()
    return [
        Notification.objects.create(
            organization=cast.office,
            person=person,
            kind="try",
            reason=reason,
            key=str(first + number),
            on=TODAY,
            created_at=at,
            **({"words": f"第{first + number}条", "url": reverse("ledger")} | fields),
        )
        for number in range(count)
    ]


def read_of(*rows: Notification) -> list[bool]:
    return [Notification.objects.get(pk=row.pk).read_at is not None for row in rows]


def test_messages_stand_by_reason_with_counts_and_newest_first(client: CheckingClient, cast: Cast) -> None:
    told(cast, cast.head, count=12)
    told(cast, cast.head, count=2, reason=Reason.OUTCOME)
    told(cast, cast.staff)
    Notification.objects.filter(words="第12条").update(created_at=NOW + timedelta(minutes=1))  # of a later moment
    client.force_login(cast.head)

    page = client.get(reverse("inbox"))

    groups = page.context["groups"]
    assert [(group.reason, group.count, len(group.rows)) for group in groups] == [
        (Reason.TURN, 12, 10),
        (Reason.OUTCOME, 2, 2),
    ]
    assert [row.words for row in groups[1].rows] == ["第12条", "第13条"]
    html = page.content.decode()
    assert "全部 12 条" in html
    assert "14 条未读" in html


def test_only_unread_are_shown_until_all_are_asked_for(client: CheckingClient, cast: Cast) -> None:
    told(cast, cast.head, read_at=NOW)
    told(cast, cast.head)
    client.force_login(cast.head)

    unread, everything = (client.get(reverse("inbox"), query).context["groups"] for query in ({}, {"show": "all"}))

    assert [len(group.rows) for group in unread] == [1]
    assert [len(group.rows) for group in everything] == [2]


def test_one_reason_is_paged(client: CheckingClient, cast: Cast) -> None:
    told(cast, cast.head, count=60, reason=Reason.NEWS)
    told(cast, cast.head)
    client.force_login(cast.head)

    first, second = (client.get(reverse("inbox"), {"reason": "NEWS", "page": page}) for page in ("1", "2"))

    assert [len(page.context["groups"][0].rows) for page in (first, second)] == [50, 10]
    assert "第 1 / 2 页" in first.content.decode()


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ({}, "还没有消息"),
        ({"show": "all"}, "还没有消息"),
        ({"reason": "TURN"}, "还没有消息"),
        ({"reason": "X"}, "还没有消息"),
    ],
)
def test_an_inbox_without_a_message_says_what_will_come(
    client: CheckingClient, cast: Cast, query: dict[str, str], words: str
) -> None:
    client.force_login(cast.head)

    assert words in client.get(reverse("inbox"), query).content.decode()


def test_a_reason_without_a_message_leads_to_the_others(client: CheckingClient, cast: Cast) -> None:
    told(cast, cast.head)
    told(cast, cast.head, reason=Reason.NEWS, read_at=NOW)
    client.force_login(cast.head)

    unread = client.get(reverse("inbox"), {"reason": "NEWS"}).content.decode()
    everything = client.get(reverse("inbox"), {"reason": "OUTCOME", "show": "all"}).content.decode()

    assert "这一类没有未读消息" in unread
    assert "这一类没有消息" in everything


def test_all_of_it_is_read_with_one_button_where_there_is_more_than_one_group(
    client: CheckingClient, cast: Cast
) -> None:
    told(cast, cast.head)
    client.force_login(cast.head)
    one = client.get(reverse("inbox")).content.decode()
    told(cast, cast.head, reason=Reason.NEWS)
    two = client.get(reverse("inbox")).content.decode()

    assert "条全部标为已读" not in one  # its own button says the same
    assert "2 条全部标为已读" in two


def test_who_has_read_everything_is_led_to_all_of_it(client: CheckingClient, cast: Cast) -> None:
    told(cast, cast.head, read_at=NOW)
    client.force_login(cast.head)

    html = client.get(reverse("inbox")).content.decode()

    assert "没有未读消息" in html
    assert f'href="{reverse("inbox")}?show=all"' in html


def test_the_hour_is_told_of_today_and_the_day_of_before(client: CheckingClient, cast: Cast) -> None:
    told(cast, cast.head)
    told(cast, cast.head, at=NOW - timedelta(days=3))
    told(cast, cast.head, at=NOW - timedelta(days=100))
    client.force_login(cast.head)

    html = client.get(reverse("inbox")).content.decode()

    assert "今天 9:30" in html
    assert "3月1日" in html
    assert "2025年11月24日" in html


def test_opening_a_message_reads_it_and_leads_to_its_matter(client: CheckingClient, cast: Cast) -> None:
    (row,) = told(cast, cast.head, url="/projects/7/#m3")
    client.force_login(cast.head)

    reply = client.post(reverse("inbox-open", args=[row.pk]))

    assert (reply.status_code, reply["Location"]) == (302, "/projects/7/#m3")
    row.refresh_from_db()
    assert row.read_at == NOW


def test_a_message_read_before_is_a_plain_link(client: CheckingClient, cast: Cast) -> None:
    (row,) = told(cast, cast.head, url="/projects/7/", read_at=NOW)
    client.force_login(cast.head)

    html = client.get(reverse("inbox"), {"show": "all"}).content.decode()

    assert 'href="/projects/7/"' in html
    assert reverse("inbox-open", args=[row.pk]) not in html


def test_a_message_that_leads_nowhere_opens_the_inbox(client: CheckingClient, cast: Cast) -> None:
    (row,) = told(cast, cast.head, url="")
    client.force_login(cast.head)

    html = client.get(reverse("inbox")).content.decode()
    reply = client.post(reverse("inbox-open", args=[row.pk]))

    assert reverse("inbox-open", args=[row.pk]) not in html
    assert reply["Location"] == reverse("inbox")


def test_the_first_reading_is_the_one_that_counts(client: CheckingClient, cast: Cast, time_machine: Any) -> None:
    (row,) = told(cast, cast.head)
    client.force_login(cast.head)

    client.post(reverse("inbox-read", args=[row.pk]))
    time_machine.move_to(NOW + timedelta(minutes=5), tick=False)
    client.post(reverse("inbox-read", args=[row.pk]))
    client.post(reverse("inbox-open", args=[row.pk]))

    row.refresh_from_db()
    assert row.read_at == NOW


def test_reading_one_leaves_the_others_and_comes_back_to_the_same_page(client: CheckingClient, cast: Cast) -> None:
    one, other = told(cast, cast.head, count=2)
    client.force_login(cast.head)

    reply = client.post(reverse("inbox-read", args=[one.pk]), {"back": "reason=TURN&page=2&next=//evil.example"})

    assert read_of(one, other) == [True, False]
    assert reply["Location"] == f"{reverse('inbox')}?reason=TURN&page=2"


def test_a_whole_reason_is_read_up_to_what_the_page_showed(client: CheckingClient, cast: Cast) -> None:
    turns = told(cast, cast.head, count=2)
    (news,) = told(cast, cast.head, reason=Reason.NEWS)
    client.force_login(cast.head)
    until = client.get(reverse("inbox")).context["until"]
    (later,) = told(cast, cast.head)

    html = client.post(reverse("inbox-read-all"), {"until": until, "reason": "TURN"}, follow=True).content.decode()

    assert read_of(*turns, news, later) == [True, True, False, False]
    assert "已将 2 条消息标为已读" in html


def test_all_are_read_where_no_reason_is_named_and_nobody_elses(client: CheckingClient, cast: Cast) -> None:
    mine = told(cast, cast.head) + told(cast, cast.head, reason=Reason.NEWS)
    others = told(cast, cast.staff)
    client.force_login(cast.head)

    client.post(reverse("inbox-read-all"), {"until": others[0].pk})

    assert read_of(*mine, *others) == [True, True, False]


@pytest.mark.parametrize("posted", [{}, {"until": "x"}, {"until": "-1"}, {"until": "9", "reason": "X"}])
def test_what_cannot_be_understood_reads_nothing(client: CheckingClient, cast: Cast, posted: dict[str, str]) -> None:
    rows = told(cast, cast.head)
    client.force_login(cast.head)

    html = client.post(reverse("inbox-read-all"), posted, follow=True).content.decode()

    assert read_of(*rows) == [False]
    assert "没有标为已读" in html


@pytest.mark.parametrize("name", ["inbox-open", "inbox-read"])
def test_nobody_reads_anothers_message(client: CheckingClient, cast: Cast, name: str) -> None:
    (row,) = told(cast, cast.head)
    client.force_login(cast.staff)

    assert client.post(reverse(name, args=[row.pk])).status_code == 404
    assert read_of(row) == [False]


def test_reading_is_no_event(client: CheckingClient, cast: Cast) -> None:
    """Work is recorded, never the use of the program (domain 10)."""
    (row,) = told(cast, cast.head)
    client.force_login(cast.head)

    client.get(reverse("inbox"))
    client.post(reverse("inbox-open", args=[row.pk]))
    client.post(reverse("inbox-read-all"), {"until": row.pk})

    assert not Event.objects.exists()


@pytest.mark.parametrize(("count", "shown"), [(0, None), (3, "3"), (99, "99"), (100, "99+")])
def test_the_bell_says_how_many_lie_unread(client: CheckingClient, cast: Cast, count: int, shown: str | None) -> None:
    told(cast, cast.sysadmin, count=count)
    told(cast, cast.sysadmin, read_at=NOW)
    client.force_login(cast.sysadmin)

    page, alone = (client.get(reverse(name)).content.decode() for name in ("tokens", "inbox-count"))

    for html in (page, alone):
        assert (f'<span class="bell-count" aria-hidden="true">{shown}</span>' in html) == (shown is not None)
        assert (f"消息，{count} 条未读" if count else "消息，没有未读") in html
    assert "<html" not in alone


def test_a_person_without_a_post_has_a_bell_too(client: CheckingClient, cast: Cast) -> None:
    told(cast, cast.stranger)
    client.force_login(cast.stranger)

    assert "消息，1 条未读" in client.get(reverse("tokens")).content.decode()


@pytest.mark.parametrize("name", ["inbox-count", "exports-progress"])
def test_a_page_left_open_does_not_keep_the_session(
    client: CheckingClient, cast: Cast, time_machine: Any, name: str
) -> None:
    client.force_login(cast.head)
    client.get(reverse("inbox"))
    ends_at = Session.objects.get().expire_date

    for minutes in range(1, 30):
        time_machine.move_to(NOW + timedelta(minutes=minutes), tick=False)
        reply = client.get(reverse(name))
        assert reply.status_code == 200
        assert settings.SESSION_COOKIE_NAME not in reply.cookies
    still = Session.objects.get().expire_date
    time_machine.move_to(NOW + timedelta(minutes=31), tick=False)
    over = client.get(reverse(name))

    assert still == ends_at == NOW + timedelta(minutes=30)
    assert over["Location"].startswith(reverse("sign-in"))


def test_looking_at_a_page_keeps_the_session(client: CheckingClient, cast: Cast, time_machine: Any) -> None:
    client.force_login(cast.head)
    time_machine.move_to(NOW + timedelta(minutes=20), tick=False)

    client.get(reverse("inbox"))

    assert Session.objects.get().expire_date == NOW + timedelta(minutes=50)


def test_as_many_questions_for_one_message_as_for_five_hundred(client: CheckingClient, cast: Cast) -> None:
    client.force_login(cast.head)

    def questions(name: str, **query: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(reverse(name), query).status_code == 200
        return len(captured)

    told(cast, cast.head)
    few = [
        questions("inbox"),
        questions("inbox", show="all"),
        questions("inbox", reason="TURN"),
        questions("inbox-count"),
    ]
    for reason in Reason:
        told(cast, cast.head, count=125, reason=reason)
    many = [
        questions("inbox"),
        questions("inbox", show="all"),
        questions("inbox", reason="TURN"),
        questions("inbox-count"),
    ]

    assert few == many
    assert few == [10, 10, 11, 3]
