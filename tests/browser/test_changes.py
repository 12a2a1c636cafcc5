"""An extension, asked for by a head at a desk and agreed to by a leader on a phone."""

import re
from collections.abc import Callable, Iterator
from datetime import date, datetime

import pytest
import time_machine
from playwright.sync_api import Page, expect

from tasks.enums import MilestoneState, ProjectState
from tasks.models import Milestone, Project
from tests.cast import NOW, SHANGHAI, TODAY, make_cast
from tests.walks import project_at

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def the_day_it_is_due() -> Iterator[None]:
    with time_machine.travel(datetime(2026, 9, 29, 9, 0, tzinfo=SHANGHAI), tick=True):
        yield


def test_a_leader_agrees_to_an_extension_on_a_phone(new_page: Callable[..., Page], the_day_it_is_due: None) -> None:
    cast = make_cast()
    row = project_at(ProjectState.IN_PROGRESS, cast)
    Milestone.objects.filter(project=row, title="第1步").update(
        state=MilestoneState.DONE, done_at=NOW, done_by=cast.secretariat, done_on=TODAY
    )
    last = row.milestones.get(title="第2步")
    address = f"/projects/{row.pk}/"

    head = new_page(cast.head)
    head.goto(address)
    head.get_by_role("link", name="申请变更").click()
    head.get_by_role("link", name=re.compile("申请延期")).click()
    head.get_by_label("延期到").fill("2026-11-30")
    head.get_by_role("button", name="按新时限顺延节点").click()
    expect(head.locator(f"[name=m-{last.pk}-due_on]")).to_have_value("2026-11-30")
    head.locator("[name=reason]").fill("两轮强降雨，现场监督无法按期开展。")
    head.get_by_role("button", name="提出申请").click()
    expect(head.locator("#messages")).to_contain_text("由牵头领导决定")
    head.goto(address)
    expect(head.locator(".proj-title > .light")).to_have_class(re.compile("light-yellow"))
    expect(head.locator(".proj-title")).to_contain_text("延期待批")

    leader = new_page(cast.leader, viewport={"width": 390, "height": 844}, has_touch=True)
    leader.goto("/")
    leader.locator(".tabbar").get_by_role("link", name="变更").click()
    leader.get_by_role("link", name=re.compile(row.title)).click()
    for words in ("延期申请", "第 1 次", "9月30日", "11月30日", "节点“第2步”", "两轮强降雨", "原定时限"):
        expect(leader.locator(".ask")).to_contain_text(words)
    assert leader.evaluate("document.documentElement.scrollWidth") <= 390
    leader.get_by_role("button", name="不同意").click()
    expect(leader.locator(".ask")).to_contain_text("不同意必须写明理由")
    leader.get_by_role("button", name="同意延期").click()
    expect(leader.locator("#messages")).to_contain_text("已同意延期")

    leader.goto(address)
    expect(leader.locator(".proj-title > .light")).to_have_class(re.compile("light-green"))
    expect(leader.locator(".facts")).to_contain_text("11月30日")
    expect(leader.locator(".facts .old")).to_contain_text("9月30日")
    expect(leader.locator(".facts")).to_contain_text("延期 1 次")
    assert Project.objects.get(pk=row.pk).original_due_on == date(2026, 9, 30)
