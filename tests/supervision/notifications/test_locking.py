"""Addresses and passwords of channels lie encrypted, and a change of key is said instead of crashing."""

from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from supervision.notifications.actions import sending
from supervision.notifications.actions.telling import Telling, tell
from supervision.notifications.enums import ChannelKind, DeliveryState
from supervision.notifications.models import Channel, Delivery
from tests.cast import NOW, Cast
from tests.supervision.notifications.kinds import TURN, mail_server, robot
from tests.supervision.notifications.listeners import hook

ANOTHER = "another-key-" * 5


def dumped() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM notifications_channel")
        return str(cursor.fetchall())


def test_a_dump_of_the_database_tells_no_address_and_no_password(cast: Cast) -> None:
    robot(cast, "https://chat.test/send?key=c0de")
    mail_server(cast, secret="geheim", username="duban")

    assert "chat.test" not in dumped()
    assert "geheim" not in dumped()
    assert "duban" in dumped()
    assert Channel.objects.get(kind=ChannelKind.WECOM).address == "https://chat.test/send?key=c0de"


def test_with_another_key_a_message_fails_for_good_in_words_and_nothing_is_posted(cast: Cast, settings: Any) -> None:
    with hook() as group:
        channel = robot(cast, group.url)
        settings.SECRET_KEY = ANOTHER
        tell([Telling(TURN.code, cast.head.pk, cast.office.pk, "1", "请签收")], now=NOW)

        assert sending.send_channel(channel.pk, clock=lambda: NOW) == 0
        said = sending.test_channel(Channel.objects.get(), by=cast.sysadmin, now=NOW)

    row = Delivery.objects.get()
    assert group.posts == []
    assert (row.state, row.attempts, row.error) == (
        DeliveryState.FAILED,
        1,
        "密钥已更换，请系统管理员重新填写地址和密码",
    )
    assert said == row.error


def test_the_former_key_is_needed_until_everything_is_locked_anew(cast: Cast, settings: Any, capsys: Any) -> None:
    robot(cast, "https://chat.test/send?key=c0de", secret="geheim")
    before = dumped()
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], ANOTHER

    call_command("relock_channels")
    settings.SECRET_KEY_FALLBACKS = []

    assert "重新加密 1 个" in capsys.readouterr().out
    assert dumped() != before
    assert (Channel.objects.get().address, Channel.objects.get().secret) == (
        "https://chat.test/send?key=c0de",
        "geheim",
    )


def test_what_no_key_opens_is_named_and_left_as_it_is(cast: Cast, settings: Any) -> None:
    robot(cast, "https://chat.test/send?key=c0de")
    before, key = dumped(), settings.SECRET_KEY
    settings.SECRET_KEY = ANOTHER

    with pytest.raises(CommandError, match="处室群"):
        call_command("relock_channels")
    settings.SECRET_KEY = key

    assert dumped() == before
    assert Channel.objects.get().address == "https://chat.test/send?key=c0de"
