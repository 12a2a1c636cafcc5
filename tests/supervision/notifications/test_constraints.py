"""Each promise of the notifications' tables is broken once: the database refuses, whatever the code above it forgot."""

from collections.abc import Callable

import pytest
from django.apps import apps
from django.db import IntegrityError, transaction

from supervision.notifications.actions.telling import Telling, tell
from supervision.notifications.models import Channel, ChannelWish, Delivery, MutedKind, Notification
from tests.cast import NOW, Cast
from tests.supervision.notifications.kinds import TURN, mail_server, robot

Breaks = Callable[[Cast], object]


def notifications(cast: Cast, keys: str = "1") -> None:
    tell([Telling(TURN.code, cast.head.pk, cast.office.pk, key, "请签收") for key in keys], now=NOW)


def deliveries(cast: Cast) -> None:
    robot(cast)
    notifications(cast)


def same_key(cast: Cast) -> None:
    notifications(cast, "12")
    Notification.objects.filter(key="2").update(key="1")


def same_channel(cast: Cast) -> None:
    deliveries(cast)
    row = Delivery.objects.get()
    row.pk = None
    row.save(force_insert=True)


def without_words(cast: Cast) -> None:
    notifications(cast)
    Notification.objects.update(words="")


def sent_without_moment(cast: Cast) -> None:
    deliveries(cast)
    Delivery.objects.update(state="SENT")


def sending_without_batch(cast: Cast) -> None:
    deliveries(cast)
    Delivery.objects.update(state="SENDING", claimed_at=NOW)


def wished_twice(cast: Cast) -> None:
    for wanted in (True, False):
        ChannelWish.objects.create(user=cast.head, reason="TURN", channel_kind="EMAIL", is_wanted=wanted)


BREAKS: dict[str, Breaks] = {
    "one_channel_per_name": lambda cast: (robot(cast), robot(cast, kind="FEISHU")),
    "one_mail_server": lambda cast: (mail_server(cast), mail_server(cast, name="另一个")),
    "channel_leads_somewhere": lambda cast: mail_server(cast, host=""),
    "one_delivery_per_channel": same_channel,
    "delivery_sent_pair": sent_without_moment,
    "delivery_claimed_with_batch": sending_without_batch,
    "told_once": same_key,
    "notification_says_something": without_words,
    "one_wish_per_channel": wished_twice,
    "muted_once": lambda cast: [MutedKind.objects.create(user=cast.head, kind="x") for _ in "ab"],
}


def test_every_promise_is_tried() -> None:
    models = apps.get_app_config("notifications").get_models()

    assert {constraint.name for model in models for constraint in model._meta.constraints} == set(BREAKS)


@pytest.mark.parametrize("name", BREAKS)
def test_the_database_refuses(name: str, cast: Cast) -> None:
    with pytest.raises(IntegrityError) as error, transaction.atomic():
        BREAKS[name](cast)

    # SQLite names the columns of what is to be unique, PostgreSQL the promise.
    assert name in str(error.value) or "UNIQUE constraint failed" in str(error.value)


def test_a_robot_leads_somewhere_too(cast: Cast) -> None:
    row = robot(cast)

    with pytest.raises(IntegrityError), transaction.atomic():
        Channel.objects.filter(pk=row.pk).update(address="")
