"""What tests of the notifications ask for."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.cast import NOW, Cast, make_cast
from tests.pages import CheckingClient
from tests.supervision.notifications.listeners import Hook, hook


@pytest.fixture
def cast(db: None, time_machine: Any) -> Cast:
    time_machine.move_to(NOW, tick=False)
    return make_cast()


@pytest.fixture
def admin(client: CheckingClient, cast: Cast) -> CheckingClient:
    client.force_login(cast.sysadmin)
    return client


@pytest.fixture
def robot() -> Iterator[Hook]:
    """A group's robot on this machine."""
    with hook() as heard:
        yield heard
