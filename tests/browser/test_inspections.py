"""An inspection planned, held and concluded at a desk; the inspected division reads its part on a phone."""

from collections.abc import Callable, Iterator

import pytest
import time_machine
from playwright.sync_api import Page, expect

from tests.cast import NOW, make_cast
from tests.walks import a_plan

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def the_day() -> Iterator[None]:
    with time_machine.travel(NOW, tick=True):
        yield


def test_an_inspection_from_plan_to_conclusion(new_page: Callable[..., Page], the_day: None) -> None:
    cast = make_cast()
    a_plan(cast)

    desk = new_page(cast.secretariat)
    desk.goto("/inspections/")
    desk.locator("#main").get_by_role("link", name="立项").click()
    form = desk.locator("#inspection-plan")
    form.get_by_label("督查名称").fill("委员联系点建设专项督查")
    form.get_by_label("其他督查事项").fill("委员联系点建设")
    form.get_by_label("立项依据").fill("3月2日秘书长办公会议")
    form.get_by_label("开始日期").fill("2026-03-09")
    form.get_by_label("结束日期").fill("2026-03-20")
    form.get_by_role("checkbox", name="经济委办公室").check()
    form.get_by_label("王科员").check()
    form.locator("[name=o-0-name]").fill("高主任")
    form.locator("[name=o-0-unit]").fill("市委督查室")
    form.get_by_role("button", name="再写一人").click()
    expect(form.locator("[name=o-1-name]")).to_be_focused()
    expect(form.locator("[name=o-0-unit]")).to_have_value("市委督查室")
    expect(form.get_by_label("王科员")).to_be_checked()
    form.locator("[name=head]").select_option("o:0")
    form.get_by_role("button", name="立项").last.click()
    expect(desk.locator("#messages")).to_contain_text("已立项")
    expect(desk.locator(".facts")).to_contain_text("高主任（市委督查室）（组长）")

    desk.get_by_role("button", name="开始督查").click()
    desk.get_by_role("link", name="登记发现").click()
    desk.get_by_label("发现的情况").fill("两处没有挂牌")
    desk.get_by_label("整改要求").fill("补齐标识")
    desk.get_by_role("button", name="登记").click()
    expect(desk.locator("#main")).to_contain_text("请选择责任人")
    desk.get_by_label("责任人").select_option(label="吴科员")
    desk.get_by_label("整改时限").fill("2026-04-10")
    desk.get_by_role("button", name="登记").click()
    expect(desk.locator(".insp-mend")).to_contain_text("已交办")
    desk.get_by_role("link", name="办结督查").click()
    desk.get_by_label("督查结论").fill("总体落实")
    desk.get_by_role("button", name="办结").click()
    expect(desk.locator("#main")).to_contain_text("已办结")

    phone = new_page(cast.staff, viewport={"width": 390, "height": 844})
    phone.goto("/inspections/")
    phone.get_by_role("link", name="委员联系点建设专项督查").click()
    expect(phone.locator(".insp-findings")).to_contain_text("两处没有挂牌")
    expect(phone.locator("#main")).not_to_contain_text("总体落实")
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390
