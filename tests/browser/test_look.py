"""The look in a real Chromium: it fits, its keys work, nothing is sent twice, nothing fails silently."""

from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from tests.cast import make_cast


@pytest.mark.browser
@pytest.mark.urls("tests.look_urls")
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("width", "height"), [(1366, 768), (1920, 1080), (390, 844)])
def test_the_gallery_fits_every_screen(new_page: Any, width: int, height: int) -> None:
    page: Page = new_page(make_cast().secretariat, viewport={"width": width, "height": height})

    page.goto("/components")

    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate(
        "[...document.fonts].some(font => font.family === 'bootstrap-icons' && font.status === 'loaded')"
    )
    expect(page.locator(".tabbar" if width < 768 else ".rail")).to_be_visible()
    expect(page.locator(".rail" if width < 768 else ".tabbar")).to_be_hidden()


@pytest.mark.browser
@pytest.mark.urls("tests.look_urls")
@pytest.mark.django_db(transaction=True)
def test_keys_reach_the_search_and_close_the_menu(new_page: Any) -> None:
    page: Page = new_page(make_cast().secretariat)
    page.goto("/components")

    page.keyboard.press("/")
    expect(page.locator("#q")).to_be_focused()
    expect(page.locator("#q")).to_have_value("")

    page.click(".me")
    expect(page.locator(".me-panel")).to_be_visible()
    page.locator(".me-link").first.focus()
    page.keyboard.press("Escape")
    expect(page.locator(".me-panel")).to_be_hidden()
    expect(page.locator("summary.me")).to_be_focused()


@pytest.mark.browser
@pytest.mark.urls("tests.look_urls")
@pytest.mark.django_db(transaction=True)
def test_a_form_is_sent_once_and_says_so(new_page: Any) -> None:
    page: Page = new_page(make_cast().secretariat)
    page.goto("/components")
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
    page.route("**/at/sign-out", lambda route: route.fulfill(status=204))  # the page stays, as while one waits

    page.click(".me")
    button = page.locator(".me-panel button")
    button.click()
    expect(button).to_be_disabled()
    expect(button).to_have_text("正在退出")
    page.evaluate("document.querySelector('.me-panel form').requestSubmit()")
    page.evaluate("fetch('/at/desk')")  # what was sent before this has been told by now

    assert len(sent) == 1


@pytest.mark.browser
@pytest.mark.urls("tests.look_urls")
@pytest.mark.django_db(transaction=True)
def test_htmx_shows_corrections_in_place_and_refusals_as_a_page(new_page: Any) -> None:
    page: Page = new_page(make_cast().secretariat)

    page.goto("/htmx/422")
    page.click("main button")
    expect(page.locator("main #answer")).to_have_text("请填写理由")

    page.goto("/htmx/409")
    page.click("main button")
    expect(page.locator("main .reasons")).to_contain_text("已被他人签收")
    expect(page.locator("main textarea")).to_have_value("我写的")
    expect(page.locator(".rail")).to_have_count(1)


@pytest.mark.browser
@pytest.mark.urls("tests.look_urls")
@pytest.mark.django_db(transaction=True)
def test_htmx_never_fails_silently(chromium: Browser, live_server: LiveServer) -> None:
    # Not `new_page`: its net would count the very faults that are made here.
    client = Client()
    client.force_login(make_cast().secretariat)
    context = chromium.new_context(base_url=live_server.url)
    session = client.cookies[settings.SESSION_COOKIE_NAME]
    context.add_cookies([{"name": session.key, "value": session.value, "url": live_server.url}])
    page = context.new_page()
    page.goto("/htmx/404")

    page.click("main button")
    expect(page.locator("#messages")).to_contain_text("没有办成")
    expect(page.locator("main input[name=note]")).to_have_value("我写的")

    page.route("**/answer", lambda route: route.abort())
    page.click("main button")
    expect(page.locator("#messages")).to_contain_text("连不上服务器")
    context.close()
