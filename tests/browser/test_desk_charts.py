"""The charts of the workbench in a real Chromium: drawn under the strict policy, readable and printable as tables."""

from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from tasks.actions.project import dispatch_project
from tasks.enums import ProjectState
from tests.cast import NOW, make_cast
from tests.walks import a_draft, project_at

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_charts_are_drawn_and_are_tables_at_a_press_and_on_paper(new_page: Any) -> None:
    cast = make_cast()
    project_at(ProjectState.CLOSED, cast)
    late = a_draft(cast, due_on=NOW.date().replace(month=4), milestones=1)
    dispatch_project(late, by=cast.secretariat, version=late.version, now=NOW)
    page: Page = new_page(cast.leader)

    response = page.goto(reverse("desk"))

    assert response is not None
    assert "unsafe-inline" not in response.headers["content-security-policy"]
    parts = page.locator("[data-chart=parts]")
    expect(parts.locator("canvas")).to_be_visible()
    expect(parts.locator("table")).to_be_hidden()
    # Something is drawn in the colours of the style sheet, not only an empty sheet laid out.
    assert parts.locator("canvas").evaluate(
        "c => new Set(new Uint32Array(c.getContext('2d').getImageData(0, 0, c.width, c.height).data.buffer)).size > 3"
    )
    parts.get_by_role("button", name="看表格").click()
    expect(parts.locator("canvas")).to_be_hidden()
    expect(parts.get_by_role("row", name="按期销号")).to_be_visible()
    parts.get_by_role("button", name="看图").click()
    parts.locator("canvas").hover()  # the tooltip must not bring a style of its own
    page.emulate_media(media="print")
    expect(parts.locator("canvas")).to_be_hidden()
    expect(parts.locator("table")).to_be_visible()


@pytest.mark.parametrize("page_name", ["desk", "timeline", "dues"])
@pytest.mark.parametrize("width", [1920, 1366, 390])
def test_the_pages_of_dates_fit_every_screen(new_page: Any, page_name: str, width: int) -> None:
    cast = make_cast()
    project_at(ProjectState.IN_PROGRESS, cast)
    page: Page = new_page(cast.leader, viewport={"width": width, "height": 800})

    page.goto(reverse(page_name))

    assert page.evaluate("document.documentElement.scrollWidth") <= width
