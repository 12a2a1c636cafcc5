"""Every act and every refusal has its word in the audit trail."""

import ast
import re
from pathlib import Path

import pytest
from django.urls import get_resolver

from accounts.actions.recording import record
from accounts.enums import Outcome
from accounts.filters import EventFilter
from accounts.models import Event
from accounts.verbs import PAGES, VERBS, verb_word
from tests.cast import NOW

ROOT = Path(__file__).resolve().parent.parent
WRITERS = {"record", "record_project", "_record", "event", "project_event", "_back_to_draft", "ProjectRecord"}


def verbs_written() -> set[str]:
    """The constants handed to whatever writes events, in every app."""
    found = set()
    for app in ("accounts", "tasks", "supervision"):
        for path in (ROOT / app).rglob("actions/**/*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in WRITERS:
                    constants = [arg.value for arg in node.args if isinstance(arg, ast.Constant)]
                    found |= {text for text in constants if isinstance(text, str) and re.fullmatch("[a-z_]{4,}", text)}
    return found


def test_every_verb_that_actions_write_has_a_word() -> None:
    written = verbs_written()

    assert {"dispatch_project", "sign_in", "write_import"} <= written
    assert written - VERBS.keys() == set()


def test_pages_stand_for_verbs_and_exist() -> None:
    names = {name for name in get_resolver().reverse_dict if isinstance(name, str)}

    assert set(PAGES.values()) - VERBS.keys() == set()
    assert PAGES.keys() - names == set()


@pytest.mark.django_db
def test_the_trail_of_a_verb_holds_what_was_done_and_what_was_refused() -> None:
    record("receive_project", "签收", by=None, now=NOW)
    record("project-receive", "只有牵头处室可以签收", by=None, now=NOW, outcome=Outcome.REFUSED)
    record("dispatch_project", "交办", by=None, now=NOW)

    found = EventFilter({"verb": "receive_project"}, queryset=Event.objects.all()).qs

    assert {row.verb for row in found} == {"receive_project", "project-receive"}
    assert verb_word("project-receive") == "签收"
