"""Cycles that only note that they were done."""

from collections.abc import Iterator

import pytest

from supervision.cycles.enums import Cycle
from tests.supervision.cycles.turning import Works, only_noting


@pytest.fixture
def noted() -> Iterator[Works]:
    with only_noting() as works:
        yield works


@pytest.fixture
def weekly() -> Iterator[Works]:
    with only_noting(Cycle.WEEKLY) as works:
        yield works
