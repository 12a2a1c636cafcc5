"""The month's meeting on a projector: turned by keys, full screen kept while a decision is typed in and recorded."""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
import time_machine
from playwright.sync_api import Page, expect

from supervision.cycles.models import CycleRun, Decision
from tasks.models import Milestone, Project
from tests.cast import Cast, make_cast
from tests.supervision.cycles.monthly import MEETING, an_overdue_one, written
from tests.tasks.changing import asked
from tests.walks import a_plan

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PROJECTOR = {"width": 1920, "height": 1080}


@pytest.fixture
def cast() -> Iterator[Cast]:
    with time_machine.travel(MEETING, tick=True):
        yield make_cast()


def a_meeting(cast: Cast, *, items: int = 3) -> CycleRun:
    """The longest overdue first: 第一件, 第二件 …"""
    a_plan(cast)
    for place in range(items):
        project = an_overdue_one(cast)
        Project.objects.filter(pk=project.pk).update(title=f"第{'一二三四五'[place]}件")
        late = MEETING.date() - timedelta(days=14 - place)
        Milestone.objects.filter(project=project, title="第1步").update(due_on=late, warn_on=late)
    return written(cast)


def at(page: Page, title: str) -> None:
    expect(page.locator("h1.meet-title")).to_have_text(title)


def is_full(page: Page) -> bool:
    return bool(page.evaluate("Boolean(document.fullscreenElement)"))


def test_a_meeting_is_led_by_keys_and_a_decision_recorded_in_full_screen(
    new_page: Callable[..., Page], cast: Cast
) -> None:
    run = a_meeting(cast)
    page = new_page(cast.secretariat, viewport=PROJECTOR)
    page.goto(f"/dispatch/{run.pk}/")
    page.get_by_role("link", name="会议演示").click()
    at(page, "第一件")
    page.get_by_role("button", name="全屏").click()
    page.wait_for_function("Boolean(document.fullscreenElement)")

    for key, title in (
        ("ArrowRight", "第二件"),
        ("Space", "第三件"),
        ("ArrowLeft", "第二件"),
        ("End", "第三件"),
        ("Home", "第一件"),
        ("PageDown", "第二件"),
    ):
        page.keyboard.press(key)
        at(page, title)
    page.keyboard.type("3")
    expect(page.locator("[data-typed]")).to_contain_text("到第 3 项")
    page.keyboard.press("Enter")
    at(page, "第三件")
    page.keyboard.type("9")
    page.keyboard.press("Enter")
    expect(page.locator("[data-say]")).to_contain_text("没有第 9 项，共 3 项")

    page.keyboard.press("j")
    words = page.get_by_label("议定事项", exact=False).locator("textarea")
    expect(words).to_be_focused()
    # Keys that turn pages elsewhere are letters here.
    page.keyboard.type("3 日内 f 上门")
    expect(words).to_have_value("3 日内 f 上门")
    page.get_by_label("承办处室").select_option(label="研究室")
    expect(page.get_by_label("责任人").locator("option:checked")).to_have_text("钱主任")
    page.get_by_label("责任人").select_option(label="孙科员")
    page.get_by_label(re.compile("^20 个工作日")).check()
    page.get_by_role("button", name="记录", exact=True).click()

    expect(page.locator(".meet-decided ol")).to_contain_text("3 日内 f 上门")
    expect(page.locator(".meet-decided ol")).to_contain_text("研究室 孙科员")
    expect(page.locator("[data-say]")).to_contain_text("并交办研究室")
    assert is_full(page)
    assert Decision.objects.get().project == Project.objects.get(title="第三件")
    page.keyboard.press("ArrowRight")
    at(page, "本次会议议定 1 件")
    page.keyboard.press("ArrowLeft")
    at(page, "第三件")
    assert is_full(page)


def test_words_not_recorded_are_kept_and_faults_are_told_in_place(new_page: Callable[..., Page], cast: Cast) -> None:
    run = a_meeting(cast)
    asked(Project.objects.get(title="第一件"), cast)
    page = new_page(cast.secretariat)
    page.goto(f"/dispatch/{run.pk}/meeting/")
    page.keyboard.press("j")
    page.keyboard.type("请研究室牵头")
    page.get_by_role("button", name="记录", exact=True).click()
    expect(page.locator(".field-error")).to_contain_text("请选择几个工作日")
    expect(page.locator("textarea")).to_have_value("请研究室牵头")
    expect(page.locator(".meet-form")).to_contain_text("已有待决定的延期申请")

    page.locator("textarea").fill("请研究室牵头办")
    page.keyboard.press("Escape")
    expect(page.locator("textarea")).to_be_hidden()
    page.keyboard.press("ArrowRight")
    expect(page.locator("[data-say]")).to_contain_text("还没有记录")
    at(page, "第一件")
    page.keyboard.press("ArrowRight")
    at(page, "第二件")


def test_a_milestone_is_added_to_the_item_by_another_hand(new_page: Callable[..., Page], cast: Cast) -> None:
    run = a_meeting(cast, items=1)
    page = new_page(cast.secretariat)
    page.goto(f"/dispatch/{run.pk}/meeting/")
    page.keyboard.press("j")
    page.locator("textarea").fill("再开一次座谈会")
    page.get_by_label("或另选日期").fill("2026-06-12")
    page.get_by_label("在本项目增加节点").check()
    page.get_by_role("button", name="记录", exact=True).click()
    expect(page.locator(".meet-decided ol")).to_contain_text("申请增加节点，待决定")

    other = new_page(cast.second_secretariat)
    other.goto(f"/dispatch/{run.pk}/")
    other.locator("#decisions").get_by_role("link", name="申请增加节点").click()
    other.get_by_role("button", name="同意调整").click()
    other.goto(f"/dispatch/{run.pk}/")
    expect(other.locator("#decisions")).to_contain_text("已增加节点")


@pytest.mark.parametrize(("width", "height"), [(1366, 768), (1920, 1080), (390, 844)])
def test_the_meeting_and_the_agenda_fit(new_page: Callable[..., Page], cast: Cast, width: int, height: int) -> None:
    run = a_meeting(cast)
    Project.objects.filter(title="第一件").update(title="围绕推进新型工业化" * 30)
    page = new_page(cast.leader, viewport={"width": width, "height": height})

    for address in (f"/dispatch/{run.pk}/", f"/dispatch/{run.pk}/sheets/", f"/dispatch/{run.pk}/meeting/"):
        page.goto(address)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, address
    assert page.evaluate("document.documentElement.scrollHeight") <= height or width < 900


def test_it_is_led_without_script(new_page: Callable[..., Page], cast: Cast) -> None:
    run = a_meeting(cast)
    page = new_page(cast.secretariat, java_script_enabled=False)
    page.goto(f"/dispatch/{run.pk}/meeting/")
    page.get_by_role("link", name="下一项").click()
    at(page, "第二件")
    page.locator("summary").click()
    page.locator("textarea").fill("请经济委办公室本周报方案")
    page.get_by_label(re.compile("^5 个工作日")).check()
    page.get_by_role("button", name="记录", exact=True).click()

    at(page, "第二件")
    expect(page.locator(".meet-decided ol")).to_contain_text("请经济委办公室本周报方案")
    expect(page.locator("#messages")).to_contain_text("已记录议定事项")
