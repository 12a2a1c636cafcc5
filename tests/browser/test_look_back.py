"""A look-back judged in place at a desk: the form opens in its row, the progress follows, the report fits its paper."""

import re
from collections.abc import Callable, Iterator

import pytest
import time_machine
from playwright.sync_api import Page, expect

from supervision.cycles.enums import Choice
from supervision.cycles.models import LookBackItem
from tasks.enums import Effect
from tests.cast import make_cast
from tests.supervision.cycles.looking_back import JULY, closed, listed, overdue, rule_made

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def the_fifth_working_day() -> Iterator[None]:
    with time_machine.travel(JULY, tick=True):
        yield


def test_a_half_year_is_looked_back_at(new_page: Callable[..., Page], the_fifth_working_day: None) -> None:
    cast = make_cast()
    row = closed(cast)
    closed(cast, Effect.EXCELLENT)
    overdue(cast)
    rule_made(cast, row)
    run = listed(cast)
    good = LookBackItem.objects.get(run=run, choice=Choice.EXCELLENT)
    wanting = LookBackItem.objects.get(run=run, choice=Choice.RULE)

    desk = new_page(cast.secretariat)
    desk.goto(f"/look-back/{run.pk}/")
    progress = desk.locator("#look-back-progress")
    expect(progress).to_contain_text("0 / 4")
    desk.locator(f"#item-{good.pk}").get_by_role("link", name=re.compile("^作结论")).click()
    expect(desk.locator(f"#item-{good.pk} h3")).to_be_focused()
    desk.locator(f"#item-{good.pk}").get_by_label("巩固").check()
    desk.locator(f"#item-{good.pk}").get_by_role("button", name="保存结论").click()
    expect(progress).to_contain_text("1 / 4")
    expect(desk.locator(f"#item-{good.pk} .lb-verdict")).to_have_text("巩固")
    expect(desk.locator(f"#item-{good.pk}")).to_be_focused()

    place = desk.locator(f"#item-{wanting.pk}")
    place.get_by_role("link", name=re.compile("^作结论")).click()
    place.get_by_label("整改", exact=True).check()
    place.get_by_role("button", name="保存结论").click()
    expect(place).to_contain_text("请写明回头看情况")
    place.locator("[name=words]").fill("两件提案未按办法报送进展")
    place.locator("[name=due_on]").fill("2026-08-31")
    place.get_by_role("button", name="保存结论").click()
    expect(progress).to_contain_text("2 / 4")
    expect(place.locator(".lb-came")).to_contain_text("另立事项")
    expect(place.locator(".lb-came")).to_contain_text("已交办")

    desk.get_by_role("link", name="复算并比对").click()
    expect(desk.locator(".note[role=status]")).to_contain_text("复算与清单一致")
    desk.go_back()
    desk.get_by_role("link", name="回头看报告").click()
    expect(desk.locator("#main")).to_contain_text("还有 2 项没有作结论")

    phone = new_page(cast.leader, viewport={"width": 390, "height": 844})
    phone.goto(f"/look-back/{run.pk}/")
    expect(phone.locator(f"#item-{wanting.pk}")).to_contain_text("两件提案未按办法报送进展")
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390
