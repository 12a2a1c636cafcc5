"""What a year's plan asks for: key tasks with their projects, before any date or fate."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count, cycle
from typing import TypeVar

from tasks.management.demo.office import SUPERVISING, Office, Team
from tasks.management.demo.patterns import (
    CATEGORIES,
    DELIBERATION,
    KEY_TASKS,
    MEMBERS,
    OFFICE,
    PATTERNS,
    PROPOSALS,
    RESEARCH,
    SUPERVISION,
    Pattern,
)
from tasks.management.demo.topics import MEMBER_WORK, OFFICE_WORK, PARTNERS, TOPICS

AnyT = TypeVar("AnyT")


@dataclass(eq=False)
class KeyTaskOutline:
    title: str
    category: str
    topic: str
    team: Team
    partners: tuple[str, ...]
    projects: "list[ProjectOutline]" = field(default_factory=list)


@dataclass(eq=False)
class ProjectOutline:
    key_task: KeyTaskOutline
    title: str
    pattern: Pattern
    team: Team
    assisting: list[Team]

    @property
    def category(self) -> str:
        return self.key_task.category


# How many key tasks of each category a year has, and into how many projects one after the other is split.
@dataclass(frozen=True)
class Shape:
    key_tasks: dict[str, int]
    split: tuple[int, ...]
    projects: int
    turn: int  # which subject comes first, so that two years do not take up the same one in the same way

    def __post_init__(self) -> None:
        assert set(self.key_tasks) == set(CATEGORIES)


LAST_YEAR = Shape(
    {DELIBERATION: 30, SUPERVISION: 20, PROPOSALS: 24, RESEARCH: 27, MEMBERS: 24, OFFICE: 27},
    (3, 4, 2, 5, 3, 3, 4, 2, 4, 3),
    projects=496,
    turn=0,
)
THIS_YEAR = Shape(
    {DELIBERATION: 27, SUPERVISION: 19, PROPOSALS: 21, RESEARCH: 23, MEMBERS: 18, OFFICE: 22},
    (1, 1, 2, 1, 1, 2, 1, 1, 1, 3),
    projects=182,
    turn=57,
)


def key_tasks_of(shape: Shape, office: Office, chance: random.Random) -> list[KeyTaskOutline]:
    """In the order of the categories; together exactly as many projects as the shape says."""
    subjects = _subjects(shape.turn)
    found = [
        key_task
        for category in CATEGORIES
        for key_task in _of_category(category, shape.key_tasks[category], subjects, office, shape.turn)
    ]
    splits = list(zip(found, cycle(shape.split), strict=False))
    missing = shape.projects - sum(n for _, n in splits)
    for place, (key_task, n) in enumerate(splits):
        # What the pattern of splits is short of, or has too many, the first key tasks take or give.
        n += (1 if missing > 0 else -1) if place < abs(missing) else 0
        _split(key_task, max(1, n), place, office, chance)
    assert sum(len(key_task.projects) for key_task in found) == shape.projects
    return found


def _subjects(turn: int) -> Iterator[tuple[str, str]]:
    """(division key, subject): one of each committee in turn, so that every committee has its share."""
    widest = max(map(len, TOPICS.values()))
    rows = [(key, topics[i]) for i in range(widest) for key, topics in TOPICS.items() if i < len(topics)]
    return cycle(rows[turn % len(rows) :] + rows[: turn % len(rows)])


def _of_category(
    category: str, n: int, subjects: Iterator[tuple[str, str]], office: Office, turn: int
) -> Iterator[KeyTaskOutline]:
    own = {MEMBERS: MEMBER_WORK, OFFICE: OFFICE_WORK}.get(category)
    if own is not None:
        for place in range(n):
            title, key = own[(place + turn) % len(own)]
            partners = PARTNERS["members" if category == MEMBERS else "office"]
            yield KeyTaskOutline(title, category, title, office.teams[key], partners)
        return
    for place, (key, topic) in zip(range(n), subjects, strict=False):
        title = _turned(KEY_TASKS[category], place + turn).format(t=topic)
        lead = "proposals" if category == PROPOSALS else key
        key_task = KeyTaskOutline(title, category, topic, office.teams[lead], PARTNERS[key])
        yield key_task


def _turned(row: Sequence[AnyT], place: int) -> AnyT:
    return row[place % len(row)]


def _split(key_task: KeyTaskOutline, n: int, place: int, office: Office, chance: random.Random) -> None:
    patterns = PATTERNS[key_task.category]
    for offset, _ in zip(count(), range(n), strict=False):
        pattern = _turned(patterns, offset if n > 1 else place)
        title = key_task.title if n == 1 else pattern.title.format(t=key_task.topic)
        others = [team for key, team in office.teams.items() if team is not key_task.team and key != SUPERVISING]
        assisting = chance.sample(others, chance.choice((0, 0, 1, 1, 1, 2, 3)))
        key_task.projects.append(ProjectOutline(key_task, title, pattern, key_task.team, assisting))
