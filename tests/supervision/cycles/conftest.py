"""Cycles that only note that they were done, and an office whose cycles have done so for some weeks."""

from collections.abc import Iterator

import pytest
import time_machine

from supervision.cycles.actions.running import bring_cycles_up_to
from supervision.cycles.enums import Cycle
from tests.cast import Cast, make_cast
from tests.supervision.cycles.october import NOW, SINCE
from tests.supervision.cycles.turning import Works, moment, only_noting


@pytest.fixture
def noted() -> Iterator[Works]:
    with only_noting() as works:
        yield works


@pytest.fixture
def weekly() -> Iterator[Works]:
    with only_noting(Cycle.WEEKLY) as works:
        yield works


@pytest.fixture
def october() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def ran(october: None, cast: Cast) -> Iterator[Works]:
    with only_noting() as noted:
        bring_cycles_up_to(SINCE)
        for day in ("2026-09-25", "2026-10-01", "2026-10-09"):
            bring_cycles_up_to(moment(f"{day}T09:00"))
        yield noted


@pytest.fixture
def cast(db: None) -> Cast:
    """Of the other offices none has cycles."""
    cast = make_cast()
    cast.elsewhere.divisions.update(supervises=False)
    return cast
