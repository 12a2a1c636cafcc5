"""Whether two rows of different papers are the same duty (三合一), and in what they differ."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DutyWords:
    """What is compared. `key` is the caller's own (a row, a primary key); divisions, date and goal tell differences."""

    key: str
    title: str
    lead: str = ""
    deadline: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class Difference:
    name: str
    ours: str
    theirs: str


@dataclass(frozen=True, slots=True)
class Likeness:
    """`why` is the Chinese sentence shown with the offer; `score` orders offers, 100 is word for word."""

    score: int
    why: str
    differences: tuple[Difference, ...] = ()


def same_duty(a: DutyWords, b: DutyWords) -> Likeness | None:
    """How the two are the same duty, or None. Only an offer: a person decides."""
    raise NotImplementedError


def offers(new: Sequence[DutyWords], known: Iterable[DutyWords]) -> list[tuple[DutyWords, DutyWords, Likeness]]:
    """For each new duty the known ones it may be the same as, best first; quick for thousands on either side."""
    raise NotImplementedError
