"""抽取: which of many are looked back at, by a rule without chance: whoever draws again draws the same."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from hashlib import sha256


@dataclass(frozen=True)
class Drawn:
    """One candidate in the draw. `mark` gives its place: the smallest are taken first."""

    key: str
    mark: str
    is_must: bool  # always held, wherever its mark places it
    is_chosen: bool


def seed_of(code: str, starts_on: date, ends_on: date) -> str:
    """The office and the period: another half-year draws others."""
    return f"{code} {starts_on:%Y-%m-%d} {ends_on:%Y-%m-%d}"


def mark_of(seed: str, key: str) -> str:
    """SHA-256 of both with a blank between them, in hexadecimal."""
    return sha256(f"{seed} {key}".encode()).hexdigest()


def size_of(count: int, percent: int) -> int:
    """That share of so many, rounded up."""
    return -(-count * percent // 100)


def draw(keys: Iterable[str], *, must: Collection[str], percent: int, seed: str) -> list[Drawn]:
    """Every candidate in the order of the marks. All of `must` are held; the first of the rest fill up the share.

    Nothing but seed, keys, `must` and share matters: not the order in which they come, nor when it is drawn.
    """
    marked = sorted((mark_of(seed, key), key) for key in set(keys))
    held = {key for _, key in marked if key in must}
    free = max(0, size_of(len(marked), percent) - len(held))
    rest = [key for _, key in marked if key not in held]
    chosen = held.union(rest[:free])
    return [Drawn(key, mark, key in held, key in chosen) for mark, key in marked]
