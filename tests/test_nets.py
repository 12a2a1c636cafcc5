"""The nets under the tests hold: a net with a hole would pass everything in silence."""

import socket
from pathlib import Path

import pytest
from django.template import Context, Engine

from tests.nets import halves_of
from tests.pages import faults_of
from tests.templates import MissingVariable


@pytest.mark.parametrize(
    ("html", "fault"),
    [
        ("<html><p>x</p></html>", "<html> without lang"),
        ('<p style="color: red">x</p>', "<p style="),
        ("<style>p {}</style>", "inline <style>"),
        ("<script>alert(1)</script>", "inline <script>"),
        ('<button onclick="x()">x</button>', "handler onclick in <button>"),
        ('<a href="javascript:x()">x</a>', "javascript: in <a href>"),
        ("<p>{{ name }}</p>", "unrendered template mark in <p>"),
        ('<a href="{% url x %}">x</a>', "unrendered template mark in <a href>"),
        ("<td>None</td>", "the word None in <td>"),
        ('<img src="x.svg">', "<img src=x.svg> without alt"),
    ],
)
def test_a_page_with_a_fault_is_caught(html: str, fault: str) -> None:
    faults = faults_of(html)

    assert len(faults) == 1
    assert fault in faults[0]


def test_a_clean_page_has_no_faults() -> None:
    html = '<!doctype html><html lang="zh-CN"><script src="/static/js/app.js"></script><textarea>{{ typed }}</textarea>'

    faults = faults_of(html)

    assert faults == []


def test_a_name_missing_from_a_template_of_ours_is_a_fault(tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text("{{ title }}")
    template = Engine(dirs=[str(tmp_path)], string_if_invalid=MissingVariable(tmp_path)).get_template("page.html")

    with pytest.raises(AssertionError, match="title"):
        template.render(Context({}))

    assert template.render(Context({"title": "工作台"})) == "工作台"


def test_a_name_missing_from_a_template_of_a_library_is_not(tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text("[{{ title }}]")
    template = Engine(dirs=[str(tmp_path)], string_if_invalid=MissingVariable(tmp_path / "ours")).get_template(
        "page.html"
    )

    text = template.render(Context({}))

    assert text == "[]"


def test_tests_cannot_reach_the_world() -> None:
    with socket.socket() as outward, pytest.raises(AssertionError, match="tests stay on this machine"):
        outward.connect(("192.0.2.1", 80))


def test_what_asks_no_database_runs_in_the_first_half_only(request: pytest.FixtureRequest) -> None:
    assert halves_of(request.node) == ("embedded",)


@pytest.mark.django_db
def test_what_is_marked_to_ask_the_database_runs_in_both_halves(request: pytest.FixtureRequest) -> None:
    assert halves_of(request.node) == ("embedded", "servers")


@pytest.fixture
def asks_below(db: None) -> None:
    """Asks for the database on behalf of a test."""


def test_what_asks_the_database_by_a_fixture_runs_in_both_halves(
    asks_below: None, request: pytest.FixtureRequest
) -> None:
    assert halves_of(request.node) == ("embedded", "servers")
