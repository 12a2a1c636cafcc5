"""日程订阅: whose dates it holds, that the link is secret and ends, that the same dates are the same bytes."""

from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from icalendar import Calendar

from accounts.models import Event, Membership
from cppcc_office.lib.errors import Refused, Stale
from tasks.actions import entries, project
from tasks.actions.feeds import create_feed, digest_of, revoke_feed
from tasks.enums import ProjectState
from tasks.models import CalendarFeed
from tests.cast import NOW, Cast, make_cast
from tests.pages import CheckingClient
from tests.walks import a_draft, project_at

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast(time_machine: Any) -> Cast:
    time_machine.move_to(NOW, tick=False)
    return make_cast()


def entries_of(client: Client, secret: str) -> list[Any]:
    reply = client.get(reverse("feed", args=[secret]))
    assert reply.status_code == 200
    assert reply.headers["Content-Type"].startswith("text/calendar")
    return list(Calendar.from_ical(reply.content).walk("VEVENT"))


def test_a_feed_holds_all_days_of_ones_own_without_alarms(client: CheckingClient, cast: Cast) -> None:
    row = project_at(ProjectState.IN_PROGRESS, cast)
    _, secret = create_feed(cast.staff, now=NOW)

    found = entries_of(client, secret)

    nodes = list(row.milestones.order_by("due_on"))
    assert {str(entry["uid"]) for entry in found} == {
        f"project-{row.pk}@office.cppcc-office",
        *(f"milestone-{node.pk}@office.cppcc-office" for node in nodes),
    }
    assert {entry["dtstart"].dt for entry in found} == {date(2026, 4, 20), date(2026, 9, 30)}
    assert all(type(entry["dtstart"].dt) is date for entry in found)
    assert not any(entry.walk("VALARM") for entry in found)


def test_a_head_has_the_divisions_dates_and_others_have_not(client: CheckingClient, cast: Cast) -> None:
    project_at(ProjectState.IN_PROGRESS, cast)
    of = {}
    for who in ("head", "co_head", "outsider", "leader"):
        _, secret = create_feed(getattr(cast, who), now=NOW)
        of[who] = len(entries_of(client, secret))

    assert of == {"head": 3, "co_head": 0, "outsider": 0, "leader": 1}  # the leader in charge: the project


def test_drafts_and_words_of_progress_are_not_in_it(client: CheckingClient, cast: Cast) -> None:
    a_draft(cast, title="尚未交办的事")
    row = project_at(ProjectState.IN_PROGRESS, cast)
    entries.add_entry(row, by=cast.staff, version=row.version, situation="内部研究情况", files=[], now=NOW)
    _, secret = create_feed(cast.staff, now=NOW)

    text = client.get(reverse("feed", args=[secret])).content.decode()

    assert "尚未交办的事" not in text
    assert "内部研究" not in text


def test_what_one_may_no_longer_see_is_gone_from_the_feed(client: CheckingClient, cast: Cast) -> None:
    project_at(ProjectState.IN_PROGRESS, cast)
    _, secret = create_feed(cast.staff, now=NOW)
    before = entries_of(client, secret)

    Membership.objects.filter(user=cast.staff).update(ends_on=date(2026, 3, 1))

    assert len(before) == 3
    assert entries_of(client, secret) == []


def test_the_same_dates_are_the_same_bytes_and_need_not_be_sent_again(client: CheckingClient, cast: Cast) -> None:
    row = project_at(ProjectState.IN_PROGRESS, cast)
    _, secret = create_feed(cast.staff, now=NOW)
    url = reverse("feed", args=[secret])
    first = client.get(url)

    again = client.get(url, headers={"if-none-match": first.headers["ETag"]})
    other = a_draft(cast, title="又一件")
    project.dispatch_project(other, by=cast.secretariat, version=other.version, now=NOW)
    later = client.get(url, headers={"if-none-match": first.headers["ETag"]})

    assert (again.status_code, again.content) == (304, b"")
    assert later.status_code == 200
    assert row.title in later.content.decode()


def test_nothing_but_the_digest_is_kept(cast: Cast) -> None:
    feed, secret = create_feed(cast.staff, now=NOW)

    kept = " ".join(str(value) for value in CalendarFeed.objects.values_list().get())
    assert secret not in kept
    assert feed.digest == digest_of(secret)
    assert all(secret not in row.words for row in Event.objects.all())


def test_a_link_ends_by_hand_by_a_new_one_and_with_the_account(client: CheckingClient, cast: Cast) -> None:
    first, old = create_feed(cast.staff, now=NOW)
    feed, new = create_feed(cast.staff, now=NOW)
    _, of_head = create_feed(cast.head, now=NOW)
    cast.head.is_active = False
    cast.head.save(update_fields=["is_active"])

    def status(secret: str) -> int:
        return client.get(reverse("feed", args=[secret])).status_code

    assert [status(secret) for secret in (old, new, of_head, "x", "y" * 500)] == [404, 200, 404, 404, 404]
    revoke_feed(feed, now=NOW)
    assert status(new) == 404
    with pytest.raises(Stale):
        revoke_feed(first, now=NOW)


def test_nobody_without_a_post_has_a_feed(cast: Cast) -> None:
    with pytest.raises(Refused):
        create_feed(cast.stranger, now=NOW)


def test_the_page_shows_the_link_once_and_takes_it_back(client: CheckingClient, cast: Cast) -> None:
    client.force_login(cast.staff)
    made = client.post(reverse("feeds"))
    feed = CalendarFeed.objects.get()

    assert ".ics" in made.content.decode()
    assert made.headers["Cache-Control"] == "no-store"
    assert ".ics" not in client.get(reverse("feeds")).content.decode()
    client.force_login(cast.head)
    assert client.post(reverse("feed-revoke", args=[feed.pk])).status_code == 404
    client.force_login(cast.staff)
    client.post(reverse("feed-revoke", args=[feed.pk]))
    assert CalendarFeed.objects.get().revoked_at is not None


def test_a_feed_asks_as_often_for_one_project_as_for_three(
    client: CheckingClient, cast: Cast, django_assert_num_queries: Any
) -> None:
    _, secret = create_feed(cast.head, now=NOW)
    for count in (1, 2):
        for _ in range(count):
            project_at(ProjectState.IN_PROGRESS, cast)
        with django_assert_num_queries(6):
            entries_of(client, secret)
