"""The line of a plan as it stands in a paper: typed texts, nothing matched to people or dates yet."""

import datetime
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A row (or paragraph) that did not become a line, and the Chinese reason."""

    row: int
    why: str
    text: str = ""
    sheet: str = ""


@dataclass(frozen=True, slots=True)
class PlanLine:
    """One duty: one key task, its project, its steps and who answers for it, as texts.

    `deadline` is the text of the paper or a real date of the sheet. `deadline_hint` is a reading the item's own
    words suggest; it is offered, never applied. `step_deadlines` run beside `steps`, '' where the paper names none.
    `category` comes without its ordinal (一、) and count (（27项）). `problems` are Chinese sentences for the preview; `formula_cells`
    name the columns whose value is computed by the sheet.
    """

    sheet: str
    row: int
    number: str = ""
    category: str = ""
    key_task: str = ""
    project: str = ""
    sources: tuple[str, ...] = ()
    goal: str = ""
    steps: tuple[str, ...] = ()
    step_deadlines: tuple[str, ...] = ()
    leader_texts: tuple[str, ...] = ()
    lead_texts: tuple[str, ...] = ()
    co_texts: tuple[str, ...] = ()
    person_texts: tuple[str, ...] = ()
    deadline: str | datetime.date = ""
    deadline_hint: str = ""
    effect: str = ""
    report_cycle: str = ""
    remark: str = ""
    progress: str = ""
    completion: str = ""
    closed_on: str | datetime.date = ""
    extensions: str = ""
    dispatched_on: str | datetime.date = ""
    project_number: str = ""
    formula_cells: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """What the project is called: its own name, else the key task's."""
        return self.project or self.key_task
