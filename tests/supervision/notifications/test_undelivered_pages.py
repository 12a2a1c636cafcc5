"""未送达: who finds it, what it says of matters, sending again."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Event, User
from supervision.notifications.actions.sending import send_channel
from supervision.notifications.actions.telling import Telling, tell
from supervision.notifications.enums import ChannelKind, DeliveryState, Reason, RelayState
from supervision.notifications.models import Channel, ChannelWish, Delivery, EventRelay
from tests.cast import NOW, Cast
from tests.pages import CheckingClient
from tests.supervision.notifications.channels import a_channel
from tests.supervision.notifications.listeners import Hook

pytestmark = pytest.mark.django_db


def an_undelivered(cast: Cast, *keys: str, person: User | None = None) -> list[Delivery]:
    """By mail to somebody without an address, who wished for it."""
    person = person or cast.head
    channel = Channel.objects.filter(kind=ChannelKind.EMAIL).first() or a_channel(cast, ChannelKind.EMAIL)
    ChannelWish.objects.get_or_create(
        user=person, reason=Reason.DEADLINE, channel_kind=ChannelKind.EMAIL, is_wanted=True
    )
    tell((Telling("cycle_coming", person.pk, cast.office.pk, key, f"机密{key}") for key in keys), now=NOW)
    send_channel(channel.pk, clock=lambda: NOW)
    return list(Delivery.objects.filter(person=person, notification__key__in=keys))


def an_untold(cast: Cast) -> EventRelay:
    event = Event.objects.create(organization=cast.office, verb="add_person", at=NOW, words="新建机密")
    return EventRelay.objects.create(event=event, state=RelayState.FAILED, attempts=4, error="ValueError('机密')")


@pytest.mark.parametrize(("who", "reads"), [("secretariat", True), ("sysadmin", False)])
def test_what_did_not_arrive_says_whom_by_what_and_why(
    client: CheckingClient, cast: Cast, who: str, reads: bool
) -> None:
    an_undelivered(cast, "甲")
    an_untold(cast)
    client.force_login(getattr(cast, who))

    html = client.get(reverse("undelivered")).content.decode()

    for words in ("陈处长", "邮件", "周期将至", "没有邮箱地址，或邮箱地址不对", "3月4日 9:30", "新建人员"):
        assert words in html
    assert ("机密" in html) == reads


@pytest.mark.parametrize("who", ["secretariat", "sysadmin"])
def test_events_that_were_found_too_late_are_said_in_one_line(client: CheckingClient, cast: Cast, who: str) -> None:
    relay = an_untold(cast)
    EventRelay.objects.filter(pk=relay.pk).update(state=RelayState.OUTDATED, ended_at=NOW)
    client.force_login(getattr(cast, who))

    html = client.get(reverse("undelivered")).content.decode()

    assert "的 1 件办理，系统恢复运行时已超过 31 天，没有再告知有关人员" in html
    assert "机密" not in html


@pytest.mark.parametrize("who", ["secretariat", "sysadmin"])
def test_where_everything_arrived_the_page_says_when_something_would_stand_there(
    client: CheckingClient, cast: Cast, who: str
) -> None:
    client.force_login(getattr(cast, who))

    assert "没有未送达的消息" in client.get(reverse("undelivered")).content.decode()


@pytest.mark.parametrize("who", ["secretariat", "sysadmin"])
def test_one_is_sent_again(client: CheckingClient, cast: Cast, who: str) -> None:
    one, other = an_undelivered(cast, "甲", "乙")
    client.force_login(getattr(cast, who))

    html = client.post(reverse("undelivered-retry", args=[one.pk]), follow=True).content.decode()
    again = client.post(reverse("undelivered-retry", args=[one.pk]))

    states = [Delivery.objects.get(pk=row.pk).state for row in (one, other)]
    assert states == [DeliveryState.QUEUED, DeliveryState.FAILED]
    assert "将再次发给陈处长" in html
    assert again.status_code == 404


def test_all_are_sent_again_and_the_event_too(client: CheckingClient, cast: Cast) -> None:
    an_undelivered(cast, "甲", "乙")
    relay = an_untold(cast)
    client.force_login(cast.secretariat)

    html = client.post(reverse("undelivered-retry-all"), follow=True).content.decode()
    client.post(reverse("untold-retry", args=[relay.pk]))

    assert "已将 2 条重新排队" in html
    assert not Delivery.objects.filter(state=DeliveryState.FAILED).exists()
    relay.refresh_from_db()
    assert relay.state == RelayState.WAITING


def test_what_a_channel_that_is_off_did_not_deliver_waits_for_it(client: CheckingClient, cast: Cast) -> None:
    """Sent again it would only be withdrawn, and nobody would see that."""
    (row,) = an_undelivered(cast, "甲")
    Channel.objects.update(is_on=False)
    client.force_login(cast.secretariat)

    html = client.get(reverse("undelivered")).content.decode()
    one = client.post(reverse("undelivered-retry", args=[row.pk]))
    everything = client.post(reverse("undelivered-retry-all"), follow=True).content.decode()

    assert reverse("undelivered-retry", args=[row.pk]) not in html
    assert "启用后可重发" in html
    assert one.status_code == 409
    assert "通道“邮件”没有启用" in one.content.decode()
    assert "1 条没有重发：通道没有启用" in everything
    row.refresh_from_db()
    assert row.state == DeliveryState.FAILED


def test_what_a_group_did_not_get_says_so(client: CheckingClient, cast: Cast, robot: Hook) -> None:
    robot.answer = {"errcode": 40058}
    channel = a_channel(cast, address=robot.url, reasons=["DEADLINE"])
    tell([Telling("cycle_coming", cast.head.pk, cast.office.pk, "甲", "机密")], now=NOW)
    Delivery.objects.update(attempts=3)
    send_channel(channel.pk, clock=lambda: NOW)
    client.force_login(cast.secretariat)

    html = client.get(reverse("undelivered")).content.decode()
    again = client.post(reverse("undelivered-retry", args=[Delivery.objects.get().pk]), follow=True).content.decode()

    assert "涉及陈处长" in html
    assert "将再次发给“工作群”的群" in again
    assert Delivery.objects.get().state == DeliveryState.QUEUED


def test_the_inbox_of_who_looks_after_them_counts_them(client: CheckingClient, cast: Cast) -> None:
    an_undelivered(cast, "甲")
    client.force_login(cast.secretariat)
    counted = client.get(reverse("inbox")).content.decode()
    client.force_login(cast.staff)

    assert '未送达<b class="ms-1">1</b>' in counted
    assert "未送达" not in client.get(reverse("inbox")).content.decode()


def test_what_another_office_did_not_deliver_is_not_there(client: CheckingClient, cast: Cast) -> None:
    (row,) = an_undelivered(cast, "甲")
    client.force_login(cast.foreign_secretariat)

    assert "没有未送达的消息" in client.get(reverse("undelivered")).content.decode()
    assert client.post(reverse("undelivered-retry", args=[row.pk])).status_code == 404


def test_as_many_questions_for_many_undelivered_as_for_one(client: CheckingClient, cast: Cast) -> None:
    client.force_login(cast.secretariat)

    def questions() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(reverse("undelivered")).status_code == 200
        return len(captured)

    an_undelivered(cast, "0")
    one = questions()
    an_undelivered(cast, *(str(number) for number in range(1, 20)), person=cast.staff)

    assert questions() == one
