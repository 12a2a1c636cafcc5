"""When things happen: acts are put down in any order and done in the order of their moments, as in life."""

import random
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")
Act = Callable[[datetime], Any]


class Timetable:
    """Numbers are consecutive, and people act on what was before: so all of two years is done in one order."""

    def __init__(self, now: datetime, chance: random.Random) -> None:
        self.now = now
        self.chance = chance
        self._acts: list[tuple[datetime, int, Act]] = []

    def moment(self, day: date, *, after: datetime | None = None) -> datetime:
        """Some minute of the working day, later than `after`, never in the future."""
        found = datetime.combine(day, time(8, 40), SHANGHAI) + timedelta(minutes=self.chance.randrange(150))
        if after is not None and found <= after:
            found = after + timedelta(minutes=self.chance.randrange(4, 35))
        return min(found, self.now)

    def put(self, moment: datetime, act: Act) -> None:
        self._acts.append((moment, len(self._acts), act))

    def play(self, tell: Callable[[int, int], None]) -> None:
        """Do everything. `tell` hears how many acts are done, of how many."""
        acts = sorted(self._acts, key=lambda row: row[:2])
        for done, (moment, _, act) in enumerate(acts, 1):
            act(moment)
            tell(done, len(acts))


class Deck:
    """Words drawn in turn from a shuffled pile, so that nothing is said twice before everything was said once."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self._piles: dict[tuple[str, ...], list[str]] = {}

    def draw(self, words: tuple[str, ...]) -> str:
        pile = self._piles.setdefault(words, [])
        if not pile:
            pile += words
            self.chance.shuffle(pile)
        return pile.pop()
