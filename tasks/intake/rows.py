"""The rows under a header as plan lines, and what was left out and why."""

from cppcc_office.lib.sheets import Sheet
from tasks.intake.columns import Header
from tasks.intake.lines import LeftOut, PlanLine


def plan_lines(sheet: Sheet, header: Header) -> tuple[list[PlanLine], list[LeftOut]]:
    """Every row under the header is either a line or left out with a reason; empty rows at the end are neither."""
    raise NotImplementedError
