"""收件箱 in a real browser: the bell counts without a reload, a message is opened by keyboard, with and without script."""

import re
from collections.abc import Callable

import pytest
import time_machine
from django.urls import reverse
from playwright.sync_api import Page, expect

from supervision.notifications.actions.telling import Telling, tell
from supervision.notifications.models import Notification
from tests.cast import NOW, Cast, make_cast

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def told(cast: Cast, *keys: str) -> None:
    office = cast.office.pk
    with time_machine.travel(NOW):
        tell(
            (Telling("daily_watch", cast.head.pk, office, key, f"巡查{key}", reverse("deputies")) for key in keys),
            now=NOW,
        )


def test_messages_are_counted_read_and_opened(new_page: Callable[..., Page]) -> None:
    cast = make_cast()
    told(cast, "甲", "乙", "丙")
    page = new_page(cast.head)
    page.goto(reverse("inbox"))
    bell = page.locator("#bell")
    expect(bell).to_have_attribute("aria-label", "消息，3 条未读")

    page.get_by_role("button", name="标为已读：巡查甲").click()
    expect(page.get_by_role("button", name="标为已读：")).to_have_count(2)
    expect(bell).to_have_attribute("aria-label", "消息，2 条未读")

    told(cast, "丁")  # somebody tells meanwhile; the page asks when it is looked at again
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(bell).to_have_attribute("aria-label", "消息，3 条未读")

    page.locator("button.msg-go", has_text="巡查乙").focus()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(reverse("deputies")))
    expect(page.locator("#bell")).to_have_attribute("aria-label", "消息，2 条未读")

    page.go_back()
    expect(page.locator("button.msg-go", has_text="巡查丙")).to_be_visible()
    expect(page.locator("button.msg-go", has_text="巡查乙")).to_have_count(0)
    page.get_by_role("button", name="全部标为已读").click()
    expect(page.get_by_text("没有未读消息")).to_be_visible()
    expect(page.get_by_text(re.compile("已将 [12] 条消息标为已读"))).to_be_visible()


def test_messages_are_read_without_script(new_page: Callable[..., Page]) -> None:
    cast = make_cast()
    told(cast, "甲", "乙")
    page = new_page(cast.head, java_script_enabled=False)
    page.goto(reverse("inbox") + "?reason=DEADLINE")

    page.get_by_role("button", name="标为已读：巡查甲").click()
    expect(page).to_have_url(re.compile(r"\?reason=DEADLINE$"))
    expect(page.get_by_role("button", name="标为已读：")).to_have_count(1)

    page.locator("button.msg-go", has_text="巡查乙").click()
    expect(page).to_have_url(re.compile(reverse("deputies")))
    assert not Notification.objects.filter(read_at=None).exists()


def test_the_inbox_fits_a_phone(new_page: Callable[..., Page]) -> None:
    cast = make_cast()
    told(cast, *(f"{number}" * 60 for number in range(4)))
    page = new_page(cast.head, viewport={"width": 390, "height": 844})

    page.goto(reverse("inbox"))

    assert page.evaluate("document.documentElement.scrollWidth") == 390
    page.get_by_label("消息，4 条未读").click()
    expect(page.get_by_role("heading", name="期限提醒")).to_be_visible()
