"""The ledger in a browser: a line found by initials, kept as a view, opened as of last quarter; and by keyboard."""

import re
from collections.abc import Callable, Iterator

import pytest
import time_machine
from playwright.sync_api import Page, expect

from accounts.models import User
from tasks.actions import project
from tasks.models import Project, SavedView
from tests.cast import NOW, Cast, make_cast
from tests.walks import a_draft

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
LATER = NOW.replace(month=5, day=6)


@pytest.fixture
def cast() -> Iterator[Cast]:
    """Two projects dispatched in March, one of them received in April; now it is May."""
    with time_machine.travel(NOW, tick=True):
        cast = make_cast()
        User.objects.filter(pk=cast.staff.pk).update(initials="zsc", pinyin="zhangsicheng", name="张思成")
        first = a_draft(cast, title="养老服务体系建设远程协商")
        second = a_draft(cast, title="提案办理面对面", lead=cast.assisting)
        for draft in (first, second):
            project.dispatch_project(draft, by=cast.secretariat, version=draft.version, now=NOW)
    with time_machine.travel(NOW.replace(month=4, day=7), tick=True):
        project.receive_project(first, by=cast.head, version=first.version, now=NOW.replace(month=4, day=7))
    with time_machine.travel(LATER, tick=True):
        yield cast


def rows(page: Page) -> list[str]:
    return page.locator("tr[data-row] .it").all_inner_texts()


def test_find_by_initials_keep_the_view_and_open_it_as_of_last_quarter(
    new_page: Callable[..., Page], cast: Cast
) -> None:
    page = new_page(cast.secretariat)
    page.goto("/ledger/")
    expect(page.locator("tr[data-row]")).to_have_count(2)
    page.keyboard.press("/")
    page.keyboard.type("zsc")
    page.keyboard.press("Enter")
    expect(page.locator("tr[data-row]")).to_have_count(1)
    assert rows(page) == ["养老服务体系建设远程协商"]
    assert re.search(r"\?q=zsc&group=category$", page.url)  # fields left empty stay out

    page.locator("summary", has_text="存为视图").click()
    page.get_by_label("名称").fill("思成牵头")
    page.get_by_label("机关共享").check()
    page.get_by_role("button", name="保存").click()
    expect(page.locator(".views .tab[aria-current]")).to_contain_text("思成牵头")
    assert SavedView.objects.get().query.startswith("q=zsc")

    other = new_page(cast.leader)
    other.goto("/ledger/")
    other.get_by_role("link", name="思成牵头").click()
    expect(other.locator(".tab[aria-current]")).to_contain_text("思成牵头")
    other.locator("summary", has_text="历史台账").click()
    other.get_by_role("link", name="上季度末").click()
    expect(other.locator(".as-of")).to_contain_text("2026年3月31日")
    expect(other.locator(".as-of")).to_contain_text("不是今天")
    expect(other.locator(".tab[aria-current]")).to_contain_text("思成牵头")
    expect(other.locator("tr[data-row]")).to_contain_text("未签收")
    other.get_by_role("link", name="回到今天").click()
    expect(other.locator(".as-of")).to_have_count(0)
    expect(other.locator("tr[data-row]")).not_to_contain_text("未签收")


def test_rows_are_walked_chosen_and_opened_by_keyboard(new_page: Callable[..., Page], cast: Cast) -> None:
    page = new_page(cast.secretariat)
    page.goto("/ledger/?group=none&sort=number")
    page.keyboard.press("j")
    page.keyboard.press("x")
    expect(page.locator(".bulk")).to_contain_text("已选 1 项")
    page.get_by_role("button", name="打印所选").click()
    expect(page.locator("tr[data-row]")).to_have_count(1)
    page.get_by_role("link", name="返回台账").click()

    page.goto("/ledger/?group=none&sort=number")
    page.keyboard.press("j")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("k")
    page.keyboard.press("j")
    expect(page.locator("tr.is-at")).to_contain_text("提案办理面对面")
    page.keyboard.press("Enter")
    second = Project.objects.get(title="提案办理面对面")
    expect(page).to_have_url(re.compile(f"/projects/{second.pk}/"))


def test_filters_work_without_script(new_page: Callable[..., Page], cast: Cast) -> None:
    page = new_page(cast.leader, java_script_enabled=False)
    page.goto("/ledger/")
    page.locator("summary", has_text="状态").click()
    page.get_by_label("办理中").check()
    page.locator("details[open]").get_by_role("button", name="应用").click()

    assert rows(page) == ["养老服务体系建设远程协商"]
    expect(page.locator(".chip-on")).to_contain_text("办理中")
