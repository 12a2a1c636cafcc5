"""Writes docs/states.md from the tables of moves: the diagram can say nothing that the code does not do."""

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.db.models import TextChoices

from tasks.enums import ChangeState, MilestoneState, ProjectState
from tasks.workflow import (
    CARRY_OVER,
    CHANGE_ASKS,
    MILESTONE_MOVES,
    PROJECT_MOVES,
    REQUEST_MOVES,
    MilestoneMove,
    ProjectAsk,
    ProjectMove,
    RequestMove,
)

PAGE = Path(settings.BASE_DIR) / "docs" / "states.md"
HEAD = """\
# States and moves

Written by `python manage.py draw_states` from `tasks/workflow.py`; a test fails when the two differ. Do not edit.
"""
# Moves that are not one step of one person: where they are described instead.
ELSEWHERE = {
    "Project": "A move with `ask_` takes effect when the change request is agreed to; 延期 and 调整 leave the state.",
    "ChangeRequest": "Who decides is computed once, when it is asked (domain 4); one request at a time.",
    "Milestone": (
        "The first progress entry starts a milestone; 取消 goes through 变更申请. A report goes straight to 待核实 when "
        "the head makes it or the office does not ask heads; where the head's agreement counts by policy it is 已完成."
    ),
}


def states_page() -> str:
    """The whole page as it should be."""
    parts = [HEAD]
    asks = [_as_move(ask) for ask in CHANGE_ASKS.values() if ask.target is not None]
    parts += _section("Project", "项目", ProjectState, [*PROJECT_MOVES.values(), *asks, CARRY_OVER])
    parts += _section("Milestone", "节点", MilestoneState, MILESTONE_MOVES.values())
    parts += _section("ChangeRequest", "变更申请", ChangeState, REQUEST_MOVES.values())
    return "\n".join(parts)


def _as_move(ask: ProjectAsk) -> ProjectMove:
    assert ask.target is not None
    name = f"ask_{ask.kind.lower()}"
    return ProjectMove(name, ask.kind.label, ask.icon, ask.sources, ask.target, ask.who, ask.when, "理由")


def _section(
    name: str, word: str, states: type[TextChoices], moves: Iterable[ProjectMove | MilestoneMove | RequestMove]
) -> list[str]:
    moves = list(moves)
    touched = {state for move in moves for state in (*move.sources, move.target)}
    lines = [f"## {name} {word}", "", "```mermaid", "stateDiagram-v2"]
    lines += [f"    {state.value}: {state.label}" for state in states if state in touched]
    lines += [f"    [*] --> {list(states)[0].value}"]
    lines += [f"    {source.value} --> {move.target.value}: {move.label}" for move in moves for source in move.sources]
    lines += ["```", "", "| from | move | to | must be written |", "|---|---|---|---|"]
    for move in moves:
        sources = "、".join(str(source.label) for source in move.sources)
        lines.append(f"| {sources} | `{move.name}` {move.label} | {move.target.label} | {move.needs_words} |")
    return [*lines, "", ELSEWHERE[name], ""]


class Command(BaseCommand):
    help = "Writes docs/states.md; with --check only says whether it is current."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        page = states_page()
        if not options["check"]:
            PAGE.write_text(page, encoding="utf-8")
        elif not PAGE.exists() or PAGE.read_text(encoding="utf-8") != page:
            self.stderr.write("docs/states.md is not what the code does: run python manage.py draw_states")
            sys.exit(1)
