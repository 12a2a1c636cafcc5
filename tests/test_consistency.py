"""The repository tests itself: what is named in one place exists in the other, and what exists is used."""

import re
from collections import Counter
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.urls import URLPattern, URLResolver, get_resolver

from accounts.middleware import BEFORE_PASSWORD_CHANGE, PUBLIC_URL_NAMES
from cppcc_office.celery import app
from cppcc_office.schedule import BEAT_SCHEDULE
from tasks.enums import ChangeState, MilestoneState, ProjectState
from tasks.management.commands.draw_duties import duties_page
from tasks.management.commands.draw_states import states_page
from tasks.workflow import CARRY_OVER, CHANGE_ASKS, MILESTONE_MOVES, PROJECT_MOVES, REQUEST_MOVES

ROOT = Path(__file__).resolve().parent.parent
TEMPLATES = ROOT / "templates"
# Django asks for these by their names, or a component's parameter names them.
ASKED_FOR_BY_NAME: set[str] = set()
# Reached by an alteration of the project, which is no move of the milestone.
BY_OTHER_WAYS = [MilestoneState.CANCELLED]


def test_every_job_of_the_schedule_exists() -> None:
    app.loader.import_default_modules()

    missing = {name for name, row in BEAT_SCHEDULE.items() if row["task"] not in app.tasks}

    assert missing == set()


def files_of_ours(*suffixes: str) -> list[Path]:
    folders = ("accounts", "cppcc_office", "supervision", "tasks", "templates")
    return [path for folder in folders for path in (ROOT / folder).rglob("*") if path.suffix in suffixes]


def test_every_template_is_used_and_every_one_used_exists() -> None:
    existing = {path.relative_to(TEMPLATES).as_posix() for path in TEMPLATES.rglob("*.html")}

    used: set[str] = set()
    for path in files_of_ours(".py", ".html"):
        used.update(re.findall(r"""["']([\w/-]+\.html)["']""", path.read_text(encoding="utf-8")))

    assert existing - used - ASKED_FOR_BY_NAME == set()
    assert {name for name in used - existing if not name.startswith(("admin/", "django/", "registration/"))} == set()


@pytest.mark.django_db
def test_the_page_of_states_is_current() -> None:
    """Mend with `python manage.py draw_states`."""
    assert (ROOT / "docs" / "states.md").read_text(encoding="utf-8") == states_page()

    call_command("draw_states", check=True)


@pytest.mark.django_db
def test_the_page_of_duties_is_current_and_leaves_nothing_in_the_database() -> None:
    """Mend with `python manage.py draw_duties`."""
    assert (ROOT / "docs" / "duties.md").read_text(encoding="utf-8") == duties_page()

    call_command("draw_duties", check=True)


@pytest.mark.parametrize("command", ["draw_states", "draw_duties"])
@pytest.mark.django_db
def test_a_page_that_is_not_current_is_told(command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = tmp_path / "page.md"
    page.write_text("of old")
    monkeypatch.setattr(f"tasks.management.commands.{command}.PAGE", page)

    told = StringIO()
    with pytest.raises(SystemExit):
        call_command(command, check=True, stderr=told)
    call_command(command)

    assert f"run python manage.py {command}" in told.getvalue()
    assert page.read_text(encoding="utf-8").startswith("# ")
    call_command(command, check=True)


@pytest.mark.parametrize(
    ("states", "rows", "elsewhere", "ends"),
    [
        (
            ProjectState,
            [*PROJECT_MOVES.values(), *CHANGE_ASKS.values(), CARRY_OVER],
            [],
            [ProjectState.CANCELLED, ProjectState.CARRIED_OVER],
        ),
        (MilestoneState, [*MILESTONE_MOVES.values()], BY_OTHER_WAYS, [MilestoneState.DONE, *BY_OTHER_WAYS]),
        (
            ChangeState,
            [*REQUEST_MOVES.values()],
            [],
            [ChangeState.AGREED, ChangeState.DECLINED, ChangeState.WITHDRAWN],
        ),
    ],
)
def test_every_state_is_reached_and_left(
    states: type[ProjectState], rows: list[Any], elsewhere: list[str], ends: list[str]
) -> None:
    sources = {source for move in rows for source in move.sources}
    targets = {move.target for move in rows}
    first = list(states)[0]

    assert set(states) - targets - {first} == set(elsewhere)
    assert set(states) - sources == set(ends)


def patterns(resolver: URLResolver) -> list[URLPattern]:
    found: list[URLPattern] = []
    for row in resolver.url_patterns:
        found += patterns(row) if isinstance(row, URLResolver) else [row]
    return found


def addresses(resolver: URLResolver, stem: str = "") -> list[str]:
    """Whole ones: what stands under another stem is another address."""
    found: list[str] = []
    for row in resolver.url_patterns:
        here = stem + str(row.pattern)
        found += addresses(row, here) if isinstance(row, URLResolver) else [here]
    return found


def test_addresses_have_one_name_each() -> None:
    rows = patterns(get_resolver("cppcc_office.urls"))

    assert [str(row.pattern) for row in rows if not row.name] == []
    assert [name for name, times in Counter(row.name for row in rows).items() if times > 1] == []
    assert [path for path, times in Counter(addresses(get_resolver("cppcc_office.urls"))).items() if times > 1] == []


def test_only_signing_in_and_the_health_page_are_public() -> None:
    names = {row.name for row in patterns(get_resolver("cppcc_office.urls"))}

    assert {"sign-in", "healthz", "feed"} == PUBLIC_URL_NAMES
    assert names >= PUBLIC_URL_NAMES | BEFORE_PASSWORD_CHANGE


@pytest.mark.django_db
def test_no_migration_is_missing() -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def test_no_address_in_a_template_is_a_dead_end() -> None:
    names = {row.name for row in patterns(get_resolver("cppcc_office.urls"))}

    named: dict[str, str] = {}
    for path in files_of_ours(".html"):
        for name in re.findall(r"""{%\s*url\s+["']([\w-]+)["']""", path.read_text(encoding="utf-8")):
            named[name] = path.name

    assert {name: where for name, where in named.items() if name not in names} == {}
