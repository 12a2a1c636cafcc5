"""A real Chromium for tests marked `browser`, and the net under it: no console error, no CSP report, no broken file."""

import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Response, sync_playwright
from pytest_django.live_server_helper import LiveServer

from accounts.models import User
from tests.machine import chromium_path

ARGUMENTS = [
    "--no-sandbox",  # build machines run as root
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # Nothing outside: a page that needs the internet fails here as it would in an intranet.
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE localhost",
]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    path = chromium_path()
    if not path:
        if os.environ.get("CI"):
            pytest.fail("No Chromium on this build machine: browser tests cannot be left out here.")
        pytest.skip("not run: no Chromium found (install it, or name it in CHROMIUM)")
    # Playwright keeps an event loop in this thread, which Django takes for a coroutine touching the database:
    # for the rest of the run, because the loop outlives each test and the emptying of the database after it.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def new_page(chromium: Browser, live_server: LiveServer) -> Iterator[Callable[..., Page]]:
    """`new_page(user=None, **context_options)`: a page of its own browser context, signed in as `user`."""
    contexts: list[BrowserContext] = []
    faults: list[str] = []

    def on_console(message: ConsoleMessage) -> None:
        # Statuses are judged in on_response: a form that is refused answers 422, and that is no fault.
        if message.type == "error" and not message.text.startswith("Failed to load resource"):
            faults.append(f"console: {message.text} ({message.location.get('url', '')})")

    def on_response(response: Response) -> None:
        own_request = response.request.resource_type in {"document", "fetch", "xhr"}
        if response.status >= (500 if own_request else 400):
            faults.append(f"status {response.status}: {response.url}")

    def make(user: User | None = None, **options: Any) -> Page:
        options.setdefault("viewport", {"width": 1366, "height": 768})
        context = chromium.new_context(base_url=live_server.url, locale="zh-CN", timezone_id="Asia/Shanghai", **options)
        contexts.append(context)
        if user is not None:
            client = Client()
            client.force_login(user)
            cookie = client.cookies[settings.SESSION_COOKIE_NAME]
            context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": live_server.url}])
        page = context.new_page()
        page.set_default_timeout(15_000)
        page.on("console", on_console)
        page.on("pageerror", lambda error: faults.append(f"script: {error}"))
        page.on("response", on_response)
        return page

    yield make
    for context in contexts:
        context.close()
    assert not faults, "\n".join(faults)


@pytest.fixture
def page(new_page: Callable[..., Page]) -> Page:
    """A page of somebody who has not signed in."""
    return new_page()
