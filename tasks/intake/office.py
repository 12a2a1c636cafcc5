"""What an office knows when it reads a paper: its divisions, people, leaders, sources and remembered terms, as plain values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from accounts.enums import DivisionKind
from cppcc_office.lib.workdays import WorkCalendar


@dataclass(frozen=True, slots=True)
class DivisionName:
    id: int
    name: str
    short_name: str = ""
    kind: str = DivisionKind.OFFICE


@dataclass(frozen=True, slots=True)
class PersonName:
    """A person who may answer for something. Leaders belong to no division."""

    id: int
    name: str
    username: str
    title: str = ""
    division_ids: frozenset[int] = frozenset()


@dataclass(frozen=True)
class OfficeWords:
    """Read once per piece of work, so that checking a row asks the database nothing.

    `divisions` keep the office's order. `division_terms` and `source_terms` are what was asked once and remembered.
    """

    organization_names: tuple[str, ...]
    divisions: tuple[DivisionName, ...]
    people: tuple[PersonName, ...]
    leaders: tuple[PersonName, ...]
    source_classes: Mapping[str, int]  # name → id
    calendar: WorkCalendar
    division_terms: Mapping[str, int] = field(default_factory=dict)
    source_terms: Mapping[str, int] = field(default_factory=dict)

    def division(self, division_id: int) -> DivisionName:
        return next(each for each in self.divisions if each.id == division_id)


@dataclass(frozen=True)
class ReadingTerms:
    """What holds for all rows of one paper."""

    year: int
    today: date
    default_source: str = ""

    @property
    def starts_on(self) -> date:
        """The plan year's first day, or today if later; never beyond the year."""
        first, last = date(self.year, 1, 1), date(self.year, 12, 31)
        return max(first, min(self.today, last))
