"""What tests of the notifications ask for."""

from typing import Any

import pytest

from tests.cast import NOW, Cast, make_cast


@pytest.fixture
def cast(db: None, time_machine: Any) -> Cast:
    time_machine.move_to(NOW, tick=False)
    return make_cast()
