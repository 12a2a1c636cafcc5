"""Working days of the Chinese statutory calendar with 调休, as the office corrects it; asks neither clock nor database."""

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from functools import lru_cache
from importlib.metadata import version
from math import floor
from types import MappingProxyType

import holidays

STATUTE_VERSION = version("holidays")  # a newer package may know another year
_ONE_DAY = timedelta(days=1)
_SATURDAY = 5
# What the package calls a day that is off only because another was worked: it has no festival name of its own.
_SHIFTED = "休息日"
# The notice knows no 除夕 holiday, only 春节; the rest are remarks and the package's separator.
_PLAIN = {"农历除夕": "春节", "（补假，推定）": "", "（补假）": "", "（推定）": "", "; ": "、"}


@dataclass(frozen=True)
class _Statute:
    """What the package knows of one year."""

    names: Mapping[date, str]
    worked_weekends: frozenset[date]


@lru_cache(maxsize=64)
def _statute(year: int) -> _Statute:
    package = holidays.country_holidays("CN", years=year, language="zh_CN")
    # The package also hands out worked weekends of other years' ends; only this year's count.
    return _Statute(
        names=MappingProxyType({day: name for day, name in package.items() if day.year == year}),
        worked_weekends=frozenset(day for day in package.weekend_workdays if day.year == year),
    )


@lru_cache(maxsize=256)
def _workdays_of(year: int, corrections: frozenset[tuple[date, bool]]) -> tuple[int, ...]:
    """The year's working days as sorted ordinals, so that counting is a look-up, however long the span."""
    statute = _statute(year)
    corrected = dict(corrections)
    first, last = date(year, 1, 1).toordinal(), date(year, 12, 31).toordinal()
    days = (date.fromordinal(ordinal) for ordinal in range(first, last + 1))
    return tuple(
        day.toordinal()
        for day in days
        if corrected.get(
            day, day in statute.worked_weekends or (day.weekday() < _SATURDAY and day not in statute.names)
        )
    )


class WorkCalendar:
    """The statutory calendar with the office's corrections (True: worked, False: off). Never changes; may be a key."""

    def __init__(
        self, corrections: Mapping[date, bool] = MappingProxyType({}), confirmed_years: Collection[int] = ()
    ) -> None:
        self._corrections = frozenset(corrections.items())
        self._confirmed_years = frozenset(confirmed_years)
        by_year: dict[int, set[tuple[date, bool]]] = {}
        for day, works in self._corrections:
            by_year.setdefault(day.year, set()).add((day, works))
        self._corrections_of = {year: frozenset(rows) for year, rows in by_year.items()}

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, WorkCalendar)
            and self._corrections == other._corrections
            and self._confirmed_years == other._confirmed_years
        )

    def __hash__(self) -> int:
        return hash((self._corrections, self._confirmed_years))

    def __repr__(self) -> str:
        return f"WorkCalendar({dict(sorted(self._corrections))!r}, {sorted(self._confirmed_years)!r})"

    def _days(self, year: int) -> tuple[int, ...]:
        return _workdays_of(year, self._corrections_of.get(year, frozenset()))

    def is_workday(self, day: date) -> bool:
        days, ordinal = self._days(day.year), day.toordinal()
        place = bisect_left(days, ordinal)
        return place < len(days) and days[place] == ordinal

    def is_known(self, year: int) -> bool:
        """Whether the State Council's notice for the year is in the package or confirmed by the office."""
        return year in self._confirmed_years or bool(_statute(year).worked_weekends)

    def add(self, day: date, n: int) -> date:
        """The nth working day after the day, or before it where n is negative; 0 is the day itself."""
        year, ordinal = day.year, day.toordinal()
        if n == 0:
            return day
        if n > 0:
            place = bisect_right(self._days(year), ordinal) + n - 1
            while place >= len(self._days(year)):
                place -= len(self._days(year))
                year += 1
        else:
            place = bisect_left(self._days(year), ordinal) + n
            while place < 0:
                year -= 1
                place += len(self._days(year))
        return date.fromordinal(self._days(year)[place])

    def count(self, after: date, until: date) -> int:
        """Working days later than `after`, up to and including `until`; negative where `until` comes first."""
        if until < after:
            return -self.count(until, after)
        whole_years = sum(len(self._days(year)) for year in range(after.year, until.year))
        return (
            whole_years
            + bisect_right(self._days(until.year), until.toordinal())
            - bisect_right(self._days(after.year), after.toordinal())
        )

    def on_or_before(self, day: date) -> date:
        return day if self.is_workday(day) else self.add(day, -1)

    def on_or_after(self, day: date) -> date:
        return day if self.is_workday(day) else self.add(day, 1)

    def name_of(self, day: date) -> str:
        """The festival that the day off belongs to, weekends and shifted days beside it included; '' for other days."""
        if self.is_workday(day):
            return ""
        for step in (-_ONE_DAY, _ONE_DAY):
            near = day
            while not self.is_workday(near):
                name = _statute(near.year).names.get(near, _SHIFTED)
                if not name.startswith(_SHIFTED):
                    for package_word, office_word in _PLAIN.items():
                        name = name.replace(package_word, office_word)
                    return name
                near += step
        return ""

    def warn_on(self, start: date, due: date, *, days: int = 5, short_span: int = 10, short_share: float = 0.3) -> date:
        """The first yellow day: `days` working days before the due date, or the last share of a short span.

        A due date on a holiday counts as the working day before. Never before the start, never after the due date.
        """
        span = self.count(start, due)
        # str() first: the share an office typed is 0.3, not the binary fraction nearest to it.
        lead = days if span > short_span else max(0, floor(span * Fraction(str(short_share)) + Fraction(1, 2)))
        return min(due, max(start, self.add(self.on_or_before(due), -lead)))
