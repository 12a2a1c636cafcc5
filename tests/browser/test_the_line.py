"""The whole line on a real sheet, as its people do it: from the upload to the close-out ledger."""

import re
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import pytest
import time_machine
from django.core.management import call_command
from playwright.sync_api import Locator, Page, expect

from accounts.models import Event, User
from tasks.enums import ProjectState
from tasks.jobs import sweep_imports
from tasks.models import Project
from tests.cast import SHANGHAI

SHEET = Path(__file__).parents[2] / "docs" / "samples" / "plan-2026.xlsx"
TITLE = "围绕“外贸新业态”召开对口协商会"  # 提案委办公室, 9-11月, five steps
PASSWORD = "Fresh-2026"
EVIDENCE = {"name": "协商报告（定稿）.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.4 report"}

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def a_working_morning() -> Iterator[None]:
    """A day in February when none of the sheet's deadlines has passed; time goes on from there."""
    with time_machine.travel(datetime(2026, 2, 24, 9, 0, tzinfo=SHANGHAI), tick=True):
        yield


@pytest.fixture
def office(a_working_morning: None, capsys: pytest.CaptureFixture[str]) -> str:
    """The office as the first `make run` leaves it; gives the printed temporary password."""
    call_command("prepare_office")
    printed = re.search(r"初始密码（[^）]*）：(\S+)", capsys.readouterr().out)
    assert printed is not None
    return printed.group(1)


def sign_in(new_page: Callable[..., Page], username: str, temporary: str) -> Page:
    """Through the door for the first time: the temporary password must be changed before anything else."""
    page = new_page()
    page.goto("/")
    page.fill("input[name=username]", username)
    page.fill("input[name=password]", temporary)
    page.click("main button[type=submit], form button[type=submit]")
    expect(page).to_have_url(re.compile("change-password|password"))
    page.fill("input[name=old_password]", temporary)
    page.fill("input[name=new_password1]", PASSWORD)
    page.fill("input[name=new_password2]", PASSWORD)
    page.click("button[type=submit]:has-text('密码')")
    expect(page.locator(".rail")).to_be_visible()
    return page


def button(page: Page, label: str) -> Locator:
    """The button or link of the moves panel with that label, open to this person."""
    return page.locator(".moves .btn:not([aria-disabled='true'])").filter(has_text=label).first


def test_the_line_from_the_sheet_to_the_close_out_ledger(new_page: Callable[..., Page], office: str) -> None:
    secretariat = sign_in(new_page, "u012", office)
    import_the_plan(secretariat)
    project = Project.objects.get(title=TITLE)
    assert project.lead_division is not None
    decompose_and_dispatch(secretariat, project)

    head = sign_in(new_page, "u070", office)
    staff = sign_in(new_page, "u071", office)
    address = f"/projects/{project.pk}/"
    head.goto(address)
    button(head, "签收").click()
    expect(head.locator(".step-now")).to_contain_text("办理中")

    titles = list(project.milestones.values_list("title", flat=True))
    for title in titles:
        staff.goto(address)
        # Each milestone stands in the tree with its own menu, so that the order of the panel does not matter.
        row = staff.locator("tr[id^=milestone-]").filter(has_text=title)
        row.locator("summary").filter(has_text="办理").click()
        row.get_by_role("link", name="报完成").click()
        staff.locator("main textarea").first.fill(f"{title}已完成")
        staff.get_by_role("button", name="报完成").click()
        expect(staff.locator("#messages")).to_be_visible()

        head.goto(address)
        button(head, f"同意报送“{title}”").click()
        expect(head.locator("#messages")).to_be_visible()

        secretariat.goto(address)
        button(secretariat, f"核实“{title}”").click()
        expect(secretariat.locator("#messages")).to_be_visible()

    head.goto(address)
    button(head, "申请销号").click()
    head.locator("main textarea").first.fill("协商报告已报送，建议 8 条获采纳。")
    head.set_input_files("input[type=file]", EVIDENCE)  # type: ignore[arg-type]  # one payload, as a person picks one
    head.get_by_role("button", name="申请销号").click()
    expect(head.locator(".step-now")).to_contain_text("待验收")

    secretariat.goto(address)
    button(secretariat, "验收销号").click()
    secretariat.get_by_label("优", exact=True).check()
    secretariat.get_by_role("button", name="验收销号").click()
    expect(secretariat.locator("#messages")).to_contain_text("销〔2026〕1号")

    secretariat.goto("/close-outs/")
    line = secretariat.locator("tbody tr").filter(has_text=TITLE)
    expect(line).to_contain_text("销〔2026〕1号")
    the_timeline_tells_the_story(secretariat, address, titles)
    project.refresh_from_db()
    assert project.state == ProjectState.CLOSED


def import_the_plan(page: Page) -> None:
    page.goto("/imports/new/")
    page.set_input_files("input[type=file]", SHEET)
    page.get_by_role("button", name="上传并核对").click()
    expect(page.locator("main")).to_contain_text("等待读取")
    sweep_imports()  # what the background process does every two seconds

    # Asked is only what cannot be known: a source name never met before.
    expect(page.locator("main")).to_contain_text("来源名称“领导批示”第一次出现，共 4 行", timeout=30_000)
    expect(page.get_by_role("button", name=re.compile("写入全部"))).to_be_disabled()
    page.get_by_label("来源类别").select_option(label=option_of(page, "领导同志批示"))
    page.get_by_role("button", name="对应并记住").click()
    expect(page.get_by_role("button", name="写入全部 138 行")).to_be_enabled()

    page.get_by_role("button", name="写入全部 138 行").click()
    expect(page.locator("main")).to_contain_text("等待写入")
    sweep_imports()
    expect(page.locator("main")).to_contain_text("已写入", timeout=30_000)
    assert Project.objects.count() == 138


def option_of(page: Page, words: str) -> str:
    """The whole label of the option that holds the words."""
    return (page.locator("option").filter(has_text=words).first.text_content() or "").strip()


def decompose_and_dispatch(page: Page, project: Project) -> None:
    page.goto(f"/projects/{project.pk}/decompose/")
    expect(page.locator("main")).to_contain_text("交办前还缺")
    page.get_by_role("button", name="全部确认").click()
    expect(page.locator("main")).to_contain_text("可以交办")
    page.get_by_role("button", name="保存并交办").click()
    expect(page.locator("#messages")).to_contain_text("〔2026〕001号")
    page.goto(f"/projects/{project.pk}/")
    expect(page.locator(".step-now")).to_contain_text("已交办")


def the_timeline_tells_the_story(page: Page, address: str, titles: list[str]) -> None:
    page.goto(f"{address}?all")
    story = page.locator(".tl").inner_text()
    for words in ("验收销号，编号 销〔2026〕1号", "申请销号", f"核实节点“{titles[-1]}”", "交办提案委办公室", "签收"):
        assert words in story, story
    with page.expect_download() as download:
        page.get_by_role("link", name=re.compile("协商报告（定稿）")).first.click()
    assert download.value.suggested_filename == EVIDENCE["name"]
    verbs = set(Event.objects.filter(by__in=User.objects.filter(username="u012")).values_list("verb", flat=True))
    assert {"dispatch_project", "confirm_milestone", "accept_close_out"} <= verbs
