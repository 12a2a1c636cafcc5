"""The frame in a real browser: it loads whole, under the strict policy, without a fault."""

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_the_sign_in_page_loads_whole_under_the_strict_policy(page: Page) -> None:
    response = page.goto(reverse("sign-in"))

    assert response is not None
    assert "default-src 'self'" in response.headers["content-security-policy"]
    expect(page.locator("input[name=username]")).to_be_visible()
    assert page.evaluate("document.fonts.ready.then(() => document.styleSheets.length)") >= 2
