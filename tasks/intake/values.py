"""A plan line as the texts of its fields: what is stored of a row, shown in its cells and corrected there."""

from datetime import date

from tasks.intake.columns import LABELS, Field
from tasks.intake.lines import PlanLine
from tasks.intake.splitting import split_names, split_outside_brackets, split_steps

Values = dict[str, str]

# Fields of a row that a person may correct, with the words of the page.
TITLES: dict[str, str] = {
    "number": LABELS[Field.NUMBER],
    "category": LABELS[Field.CATEGORY],
    "key_task": LABELS[Field.KEY_TASK],
    "project": LABELS[Field.PROJECT],
    "source": LABELS[Field.SOURCE],
    "goal": LABELS[Field.GOAL],
    "steps": LABELS[Field.STEPS],
    "leader": LABELS[Field.LEADER],
    "lead": LABELS[Field.LEAD],
    "co": LABELS[Field.CO],
    "person": LABELS[Field.PERSON],
    "deadline": LABELS[Field.DEADLINE],
    "effect": LABELS[Field.EFFECT],
    "report_cycle": LABELS[Field.REPORT_CYCLE],
    "remark": LABELS[Field.REMARK],
    "progress": LABELS[Field.PROGRESS],
    "completion": LABELS[Field.COMPLETION],
    "closed_on": LABELS[Field.CLOSED_ON],
    "extensions": LABELS[Field.EXTENSIONS],
    "dispatched_on": LABELS[Field.DISPATCHED_ON],
    "project_number": LABELS[Field.PROJECT_NUMBER],
}
# What a person answers about a row, beside the paper's own fields.
ANSWERS: dict[str, str] = {
    "accept_past": "按原时限补录",
    "backfill": "是否补录",
    "rating": "成效评价",
    "step_deadlines": "各举措的时限",
}
CORRECTABLE = frozenset(TITLES) | frozenset(ANSWERS)
LONGEST = {"key_task": 300, "project": 300, "number": 20, "category": 60, "report_cycle": 60, "deadline": 100}
LONGEST_TEXT = 5000


def values_of(line: PlanLine) -> Values:
    """The line's texts by field; fields the paper leaves empty are not listed."""
    texts = {
        "number": line.number,
        "category": line.category,
        "key_task": line.key_task,
        "project": "" if line.project == line.key_task else line.project,
        "source": "、".join(line.sources),
        "goal": line.goal,
        "steps": "\n".join(line.steps),
        "step_deadlines": "\n".join(line.step_deadlines) if any(line.step_deadlines) else "",
        "leader": "、".join(line.leader_texts),
        "lead": "、".join(line.lead_texts),
        "co": "、".join(line.co_texts),
        "person": "、".join(line.person_texts),
        "deadline": _text(line.deadline),
        "effect": line.effect,
        "report_cycle": line.report_cycle,
        "remark": line.remark,
        "progress": line.progress,
        "completion": line.completion,
        "closed_on": _text(line.closed_on),
        "extensions": line.extensions,
        "dispatched_on": _text(line.dispatched_on),
        "project_number": line.project_number,
    }
    return {name: text for name, text in texts.items() if text}


def title_of(values: Values) -> str:
    """What the project is called: its own name, else the key task's."""
    return values.get("project", "") or values.get("key_task", "")


def names_in(text: str) -> list[str]:
    return split_names(text)


def sources_in(text: str) -> list[str]:
    return list(dict.fromkeys(split_outside_brackets(text, "、；;\n，,/")))


def steps_in(text: str) -> list[str]:
    return split_steps(text)


def _text(value: str | date) -> str:
    return value.isoformat() if isinstance(value, date) else value
