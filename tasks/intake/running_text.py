"""Numbered items of a paper with their duty, in the three usual ways, as plan lines."""

from collections.abc import Sequence

from tasks.intake.lines import LeftOut, PlanLine


def items_in(paragraphs: Sequence[str], name: str = "正文") -> tuple[list[PlanLine], list[LeftOut]]:
    """The items of a paper; `row` is the paragraph's number from 1. Every other paragraph is left out with a reason."""
    raise NotImplementedError
