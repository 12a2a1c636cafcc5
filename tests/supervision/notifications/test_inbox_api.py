"""收件箱 as JSON."""

from collections.abc import Iterator

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Event, User
from supervision.notifications.enums import Reason
from supervision.notifications.models import Notification
from tests.api.conftest import JsonClient
from tests.cast import NOW, TODAY, Cast, make_cast
from tests.tasks.company import fresh
from tests.walks import a_draft

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast() -> Iterator[Cast]:
    with time_machine.travel(NOW, tick=False):
        yield make_cast()


def told(cast: Cast, person: User, key: str, *, reason: Reason = Reason.TURN, is_read: bool = False) -> Notification:
    return Notification.objects.create(
        organization=cast.office,
        person=person,
        kind="try",
        reason=reason,
        key=key,
        words=f"第{key}条",
        on=TODAY,
        created_at=NOW,
        read_at=NOW if is_read else None,
    )


def test_the_own_inbox_newest_first_with_the_number_of_the_project(cast: Cast) -> None:
    project = a_draft(cast)
    told(cast, cast.head, "1", is_read=True)
    second = told(cast, cast.head, "2")
    Notification.objects.filter(pk=second.pk).update(project=project, url=f"/projects/{project.pk}/")
    told(cast, cast.staff, "3")

    answer = JsonClient(cast.head).get(reverse("api-notifications")).json()

    assert [row["words"] for row in answer["results"]] == ["第2条", "第1条"]
    assert answer["count"] == 2
    newest = answer["results"][0]
    assert (newest["project"], newest["project_number"], newest["read_at"]) == (project.pk, project.number, None)
    assert newest["url"] == f"/projects/{project.pk}/"


@pytest.mark.parametrize(
    ("query", "found"),
    [({"unread": "true"}, ["第2条"]), ({"reason": "NEWS"}, ["第1条"]), ({"unread": "true", "reason": "NEWS"}, [])],
)
def test_unread_ones_and_one_reason_can_be_asked_for(cast: Cast, query: dict[str, str], found: list[str]) -> None:
    told(cast, cast.head, "1", reason=Reason.NEWS, is_read=True)
    told(cast, cast.head, "2")

    answer = JsonClient(cast.head).get(reverse("api-notifications"), **query).json()

    assert [row["words"] for row in answer["results"]] == found


def test_a_reason_that_is_none_is_told(cast: Cast) -> None:
    answer = JsonClient(cast.head).get(reverse("api-notifications"), reason="X")

    assert (answer.status_code, list(answer.json()["fields"])) == (400, ["reason"])


def test_reading_by_a_program_counts_once_and_is_no_event(cast: Cast) -> None:
    row = told(cast, cast.head, "1")
    client = JsonClient(cast.head)
    before = Event.objects.count()

    first = client.post(reverse("api-notification-read", args=[row.pk])).json()
    second = client.post(reverse("api-notification-read", args=[row.pk])).json()

    assert first["read_at"] == second["read_at"] == NOW.isoformat()
    assert Event.objects.count() == before


def test_nobody_reads_anothers_by_a_program(cast: Cast) -> None:
    row = told(cast, cast.head, "1")

    assert JsonClient(cast.staff).post(reverse("api-notification-read", args=[row.pk])).status_code == 404


def test_as_many_questions_for_many_messages_as_for_one(cast: Cast) -> None:
    client = JsonClient(fresh(cast.head))

    def questions() -> int:
        with CaptureQueriesContext(connection) as captured:
            client.get(reverse("api-notifications"))
        return len(captured)

    told(cast, cast.head, "1")
    one = questions()
    for number in range(2, 30):
        told(cast, cast.head, str(number))

    assert questions() == one
