"""Which column of a table is which field: synonyms, header rows of one or two lines, where the header ends."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from cppcc_office.lib.sheets import Sheet


class Field(StrEnum):
    """The fields a plan table may have; values are the names stored by the import."""

    NUMBER = "number"
    CATEGORY = "category"
    KEY_TASK = "key_task"
    PROJECT = "project"
    SOURCE = "source"
    GOAL = "goal"
    STEPS = "steps"
    LEADER = "leader"
    LEAD = "lead"
    CO = "co"
    PERSON = "person"
    DEADLINE = "deadline"
    EFFECT = "effect"
    REPORT_CYCLE = "report_cycle"
    REMARK = "remark"
    PROGRESS = "progress"
    COMPLETION = "completion"
    CLOSED_ON = "closed_on"
    EXTENSIONS = "extensions"
    DISPATCHED_ON = "dispatched_on"
    PROJECT_NUMBER = "project_number"
    QUARTER_1 = "quarter_1"
    QUARTER_2 = "quarter_2"
    QUARTER_3 = "quarter_3"
    QUARTER_4 = "quarter_4"


LABELS: dict[Field, str] = {}


@dataclass(frozen=True)
class Unmapped:
    """A titled column that no field answers to: shown in the preview to be mapped by hand."""

    index: int
    title: str


@dataclass(frozen=True)
class Header:
    """Where the header is and what each column means.

    `columns` maps column index → field; `titles` every column's title as printed (parents joined with “/”);
    `title_lines` are the rows above it. Column `lead` with `first_leads` means a single 责任单位 column:
    whoever is listed first leads, the others assist.
    """

    first_row: int
    last_row: int
    columns: Mapping[int, Field]
    titles: Mapping[int, str]
    unmapped: tuple[Unmapped, ...] = ()
    title_lines: tuple[str, ...] = ()
    first_leads: bool = False


def find_header(sheet: Sheet, remembered: Mapping[str, str]) -> Header | None:
    """The sheet's header, or None where no row looks like one. `remembered`: column title → field name or ''."""
    raise NotImplementedError
