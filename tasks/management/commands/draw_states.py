"""Writes docs/states.md from the tables of moves: the diagram can say nothing that the code does not do."""

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.db.models import TextChoices

from tasks.enums import MilestoneState, ProjectState
from tasks.workflow import MILESTONE_MOVES, PROJECT_MOVES, MilestoneMove, ProjectMove

PAGE = Path(settings.BASE_DIR) / "docs" / "states.md"
HEAD = """\
# States and moves

Written by `python manage.py draw_states` from `tasks/workflow.py`; a test fails when the two differ. Do not edit.
"""
# Moves that are not one step of one person: where they are described instead.
ELSEWHERE = {
    "Project": "暂缓, 恢复, 终止, 撤销销号 go through 变更申请, 结转 through the annual review (domain 3 and 4).",
    "Milestone": (
        "The first progress entry starts a milestone; 取消 goes through 变更申请. A report goes straight to 待核实 when "
        "the head makes it or the office does not ask heads; where the head's agreement counts by policy it is 已完成."
    ),
}


def states_page() -> str:
    """The whole page as it should be."""
    parts = [HEAD]
    parts += _section("Project", "项目", ProjectState, PROJECT_MOVES.values())
    parts += _section("Milestone", "节点", MilestoneState, MILESTONE_MOVES.values())
    return "\n".join(parts)


def _section(
    name: str, word: str, states: type[TextChoices], moves: Iterable[ProjectMove | MilestoneMove]
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
