"""Any number of rows, a few at a time, so that memory stays the same."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

RowT = TypeVar("RowT")


def batches(rows: Iterable[RowT], size: int) -> Iterator[list[RowT]]:
    left = iter(rows)
    while batch := list(islice(left, size)):
        yield batch
