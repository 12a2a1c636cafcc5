"""导出: what is filtered in the same order, merged cells, long ones in the background, for nobody but who asked."""

import io
import re
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from typing import Any

import openpyxl
import pytest
import time_machine
from django.core.files.storage import default_storage
from django.http import QueryDict
from django.urls import reverse
from openpyxl.worksheet.worksheet import Worksheet
from pytest_django import DjangoAssertNumQueries

from accounts.models import Event, Membership, User
from cppcc_office.lib.errors import Refused
from tasks import jobs
from tasks.actions import exports as actions
from tasks.actions.entries import add_entry
from tasks.documents import exports as documents
from tasks.documents.exports import book_of, write_export
from tasks.enums import ExportState, ProjectState
from tasks.models import Export, Project
from tasks.queries.ledger import chunks
from tasks.tables.ledger import sheet_columns
from tests.cast import NOW, TODAY
from tests.pages import CheckingClient
from tests.remembered import remembered
from tests.tasks.company import Company, fresh, make_company
from tests.walks import a_draft, project_at

HEAD = 4  # row of the column heads: title and two lines stand above, of a past day three


@pytest.fixture
def company(db: None) -> Company:
    return make_company()


@pytest.fixture(autouse=True)
def _at_the_day_of_the_walks() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


def sheet_from(content: bytes) -> Worksheet:
    sheet = openpyxl.load_workbook(io.BytesIO(content)).active
    assert isinstance(sheet, Worksheet)
    return sheet


def content_of(response: Any) -> bytes:
    return b"".join(response.streaming_content)


def exported(client: CheckingClient, user: User, query: str = "", *, page: str = "ledger", **options: str) -> Worksheet:
    client.force_login(fresh(user))
    response = client.post(f"{reverse(f'{page}-export')}{query}", options)
    assert response.status_code == 200, response.content[:300]
    return sheet_from(content_of(response))


def head_of(sheet: Worksheet) -> int:
    return next(row for row in range(1, 8) if sheet.cell(row, 1).value == "序号")


def column(sheet: Worksheet, title: str) -> list[Any]:
    head = head_of(sheet)
    titles = [cell.value for cell in sheet[head]]
    place = titles.index(title) + 1
    return [sheet.cell(row, place).value for row in range(head + 1, sheet.max_row + 1)]


def merged(sheet: Worksheet) -> set[str]:
    return {str(area) for area in sheet.merged_cells.ranges if area.min_row > head_of(sheet)}


@remembered
def some_projects(company: Company) -> list[Project]:
    rows = [project_at(ProjectState.IN_PROGRESS, company) for _ in range(3)]
    for row, title, due_on in zip(rows, ("丙", "甲", "乙"), (30, 10, 20), strict=True):
        Project.objects.filter(pk=row.pk).update(title=title, due_on=date(2026, 9, due_on))
    return rows


def asked(company: Company, by: User, *, query: str = "", total: int = 3, now: datetime = NOW) -> Export:
    return actions.ask_export(
        organization_id=company.office.pk,
        page="ledger",
        query=query,
        name="督办台账",
        total=total,
        by=by,
        today=TODAY,
        now=now,
    )


# ── the sheet ────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("query", ["", "?sort=due_on", "?sort=-due_on", "?q=甲", "?state=CLOSED", "?bucket=total"])
def test_a_book_holds_the_lines_of_the_page_in_its_order(client: CheckingClient, company: Company, query: str) -> None:
    some_projects(company)
    client.force_login(company.secretariat)
    html = client.get(reverse("ledger") + query).content.decode()
    shown = re.findall(r'<a class="it" href="/projects/\d+/"[^>]*>([^<]+)</a>', html)

    sheet = exported(client, company.secretariat, query)

    assert column(sheet, "督办事项") == shown
    assert column(sheet, "序号") == list(range(1, len(shown) + 1))


def test_a_book_is_ready_for_printing(client: CheckingClient, company: Company) -> None:
    some_projects(company)

    sheet = exported(client, company.secretariat, paper="A4")

    assert (sheet.page_setup.orientation, sheet.page_setup.paperSize) == ("landscape", 9)
    assert exported(client, company.secretariat).page_setup.paperSize == 8
    assert sheet.print_title_rows == f"${head_of(sheet)}:${head_of(sheet)}"
    assert sheet.freeze_panes == f"F{head_of(sheet) + 1}"  # five columns: up to what the line is about
    assert sheet.oddFooter is not None
    assert sheet.oddFooter.center.text == "第 &P 页 共 &N 页"
    assert sheet["A1"].value == "督办台账"
    assert "共 3 项" in str(sheet["A2"].value)
    assert "2026-03-04 09:30 导出" in str(sheet["A2"].value)


def test_all_columns_or_those_of_the_page(client: CheckingClient, company: Company) -> None:
    some_projects(company)
    everything = [column.head for column in sheet_columns(())]

    whole = exported(client, company.secretariat, "?columns=number,due_on", which="all")
    chosen = exported(client, company.secretariat, "?columns=number,due_on", which="shown")

    assert [cell.value for cell in whole[head_of(whole)]] == everything
    assert [cell.value for cell in chosen[head_of(chosen)]] == ["序号", "编号", "督办事项", "完成时限（原/现）"]


def test_by_milestone_the_cells_of_an_item_are_merged(client: CheckingClient, company: Company) -> None:
    some_projects(company)

    sheet = exported(client, company.secretariat, "?columns=number", per="milestone", which="shown")

    first = head_of(sheet) + 1
    assert column(sheet, "节点") == ["第1步", "第2步"] * 3
    assert column(sheet, "序号") == [1, None, 2, None, 3, None]
    for letter in ("A", "B", "C", "D"):  # number, title and target; the milestone's own cells are not
        assert f"{letter}{first}:{letter}{first + 1}" in merged(sheet)
    assert not {area for area in merged(sheet) if area.startswith("E")}


def test_by_division_every_one_has_its_row(client: CheckingClient, company: Company) -> None:
    project_at(ProjectState.IN_PROGRESS, company)

    sheet = exported(client, company.secretariat, per="division")

    assert column(sheet, "承办处室") == [company.lead.name, company.assisting.name]
    assert column(sheet, "承办方式") == ["牵头", "协办"]
    titles = [cell.value for cell in sheet[head_of(sheet)]]
    assert "牵头处室" not in titles


def test_an_extension_stays_visible(client: CheckingClient, company: Company) -> None:
    row = project_at(ProjectState.IN_PROGRESS, company)
    with time_machine.travel(NOW + timedelta(days=1), tick=False):
        Project.objects.filter(pk=row.pk).update(due_on=date(2026, 10, 31), extension_count=1)

    sheet = exported(client, company.secretariat)

    assert column(sheet, "完成时限（原/现）") == ["2026-10-31\n原 2026-09-30"]
    assert column(sheet, "延期次数") == [1]


def test_texts_and_milestones_are_for_those_who_read_the_project_whole(
    client: CheckingClient, company: Company
) -> None:
    row = project_at(ProjectState.IN_PROGRESS, company)
    add_entry(row, by=company.staff, version=row.version, situation="已召开座谈会", files=[], now=NOW)

    own = exported(client, company.head, per="milestone")
    others = exported(client, company.outside_head, per="milestone")

    assert "已召开座谈会" in str(column(own, "进展情况（最新）")[0])
    assert column(own, "节点") == ["第1步", "第2步"]
    assert column(others, "督办事项") == [row.title]
    assert column(others, "进展情况（最新）") == [None]
    assert column(others, "节点") == [None]


def test_drafts_of_others_are_in_no_book(client: CheckingClient, company: Company) -> None:
    a_draft(company, title="还没有交办的")

    assert column(exported(client, company.secretariat), "督办事项") == ["还没有交办的"]
    client.force_login(company.leader)
    assert "没有可以导出的内容" in client.get(reverse("ledger-export")).content.decode()


def test_a_past_day_is_written_as_it_stood_and_says_so(client: CheckingClient, company: Company) -> None:
    project_at(ProjectState.CLOSED, company)
    with time_machine.travel(NOW + timedelta(days=40), tick=False):
        later = project_at(ProjectState.IN_PROGRESS, company, now=NOW + timedelta(days=40))
        now = exported(client, company.secretariat, per="milestone")
        then = exported(client, company.secretariat, f"?as_of={TODAY}", per="milestone")

    assert later.number in column(now, "编号")
    assert [number for number in column(then, "编号") if number] == ["〔2026〕001号"]
    assert column(then, "节点状态") == ["已完成", "已完成"]
    assert str(then["A2"].value).startswith("【历史情况，不是今天】截至 2026-03-04")


def test_the_close_out_ledger_is_written_the_same_way(client: CheckingClient, company: Company) -> None:
    project_at(ProjectState.CLOSED, company)
    project_at(ProjectState.CLOSED, company, lead=company.assisting)

    sheet = exported(client, company.head, page="close-outs")
    one = exported(client, company.secretariat, f"?division={company.assisting.pk}", page="close-outs")

    assert column(sheet, "销号编号") == ["销〔2026〕2号", "销〔2026〕1号"]
    assert column(sheet, "完成情况") == [None, "全部完成"]  # the other is read whole by others
    assert column(sheet, "成效评价") == ["良", "良"]
    assert column(one, "销号编号") == ["销〔2026〕2号"]
    assert company.assisting.name in str(one["A2"].value)


def test_a_book_taken_is_written_down_once(client: CheckingClient, company: Company) -> None:
    some_projects(company)

    exported(client, company.head)

    (event,) = Event.objects.filter(verb="export_table")
    assert (event.by, event.organization_id) == (company.head, company.office.pk)
    assert "督办台账" in event.words


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize("per", ["project", "milestone"])
def test_a_book_asks_no_more_for_more_lines(
    client: CheckingClient, company: Company, django_assert_num_queries: DjangoAssertNumQueries, count: int, per: str
) -> None:
    for _ in range(count):
        project_at(ProjectState.IN_PROGRESS, company)
    user = fresh(company.head)
    book = book_of("ledger", QueryDict(f"per={per}"), user=user, today=TODAY)

    with django_assert_num_queries(5 if per == "milestone" else 4):
        list(book.lines())


def test_lines_come_once_and_in_place_while_the_list_changes(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chunks, "PIECE", 1)
    rows = some_projects(company)
    book = book_of("ledger", QueryDict("sort=due_on"), user=company.secretariat, today=TODAY)
    titles = []

    for line in book.lines():
        titles.append(line.cells[4])
        Project.objects.filter(pk=rows[1].pk).update(due_on=date(2027, 1, 31))  # the first would now be the last

    assert titles == ["甲", "乙", "丙"]


# ── in the background ────────────────────────────────────────────────────────


def test_a_long_list_is_written_in_the_background(
    client: CheckingClient, company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tasks.views.exports.AT_ONCE", 2)
    some_projects(company)
    client.force_login(company.head)

    response = client.post(f"{reverse('ledger-export')}?sort=due_on", {"per": "milestone"}, follow=True)
    jobs.sweep_exports()
    page = client.get(reverse("exports")).content.decode()

    assert "共 3 项，正在后台生成" in response.content.decode()
    export = Export.objects.get()
    assert (export.state, export.done, export.total) == (ExportState.READY, 3, 3)
    assert reverse("export-file", args=[export.pk]) in page
    fetched = client.get(reverse("export-file", args=[export.pk]))
    sheet = sheet_from(content_of(fetched))
    assert column(sheet, "督办事项") == ["甲", None, "乙", None, "丙", None]
    assert "attachment" in fetched.headers["Content-Disposition"]
    assert fetched.headers["Cache-Control"] == "private, no-store"
    assert Event.objects.filter(verb="export_table").count() == 1


def test_progress_is_shown_until_it_is_ready(client: CheckingClient, company: Company) -> None:
    export = asked(company, company.head)
    client.force_login(company.head)

    waiting = client.get(reverse("exports")).content.decode()
    Export.objects.filter(pk=export.pk).update(state=ExportState.WRITING, claimed_at=NOW, done=1)
    writing = client.get(reverse("exports-progress")).content.decode()
    Export.objects.filter(pk=export.pk).update(state=ExportState.READY, finished_at=NOW)
    ready = client.get(reverse("exports-progress")).content.decode()

    assert "等待生成" in waiting
    assert 'http-equiv="refresh"' in waiting
    assert "正在生成" in writing
    assert "hx-get" in writing
    assert "hx-get" not in ready


def test_what_may_be_seen_is_judged_when_it_is_written(company: Company) -> None:
    project_at(ProjectState.IN_PROGRESS, company)
    a_draft(company, title="还没有交办的")
    asked(company, company.secretariat)
    Membership.objects.filter(user=company.secretariat).update(division=company.outside)

    jobs.sweep_exports()

    export = Export.objects.get()
    with default_storage.open(export.stored_as) as file:
        sheet = sheet_from(file.read())
    assert column(sheet, "督办事项") == ["推进营商环境专题协商"]
    assert export.total == 1


def test_who_lost_his_post_gets_nothing(client: CheckingClient, company: Company) -> None:
    some_projects(company)
    ready, waiting = asked(company, company.staff), asked(company, company.staff)
    first = actions.claim_export(now=NOW)
    assert first is not None
    write_export(first, clock=lambda: NOW)
    Membership.objects.filter(user=company.staff).update(ends_on=TODAY - timedelta(days=1))

    jobs.sweep_exports()

    waiting.refresh_from_db()
    assert waiting.state == ExportState.FAILED
    assert "没有查看台账的权限" in waiting.error
    client.force_login(fresh(company.staff))
    assert client.get(reverse("export-file", args=[ready.pk])).status_code == 404


def test_only_who_asked_fetches_it(client: CheckingClient, company: Company) -> None:
    some_projects(company)
    asked(company, company.head)
    jobs.sweep_exports()
    export = Export.objects.get()

    statuses = {}
    for who in ("secretariat", "leader", "sysadmin", "auditor", "foreign_secretariat"):
        client.force_login(getattr(company, who))
        statuses[who] = client.get(reverse("export-file", args=[export.pk])).status_code

    assert set(statuses.values()) == {404}


def test_two_sweeps_share_them_out(company: Company) -> None:
    asked(company, company.head)

    first, second = actions.claim_export(now=NOW), actions.claim_export(now=NOW)

    assert first is not None
    assert second is None


def test_the_export_of_a_killed_worker_is_taken_up_again(company: Company) -> None:
    some_projects(company)
    asked(company, company.head)
    lost = actions.claim_export(now=NOW)
    assert lost is not None
    default_storage.save(lost.stored_as, io.BytesIO(b"half a book"))
    later = NOW + actions.LOST_AFTER + timedelta(seconds=1)

    early = actions.claim_export(now=NOW + timedelta(seconds=30))
    again = actions.claim_export(now=later)

    assert early is None
    assert again is not None
    assert not default_storage.exists(lost.stored_as)
    with pytest.raises(actions.TakenOver):
        actions.keep_export(lost, now=later, done=1)
    write_export(again, clock=lambda: later)
    again.refresh_from_db()
    assert again.state == ExportState.READY
    assert default_storage.exists(again.stored_as)


def test_a_failure_is_told_and_holds_up_no_other(
    company: Company, monkeypatch: pytest.MonkeyPatch, client: CheckingClient
) -> None:
    some_projects(company)
    asked(company, company.head, query="per=broken")
    asked(company, company.head)
    real: Callable[..., Any] = documents.book_of

    def book_or_fault(page: str, data: QueryDict, **kwargs: Any) -> Any:
        if data.get("per") == "broken":
            raise RuntimeError
        return real(page, data, **kwargs)

    monkeypatch.setattr(documents, "book_of", book_or_fault)
    jobs.sweep_exports()

    assert list(Export.objects.order_by("pk").values_list("state", flat=True)) == [
        ExportState.FAILED,
        ExportState.READY,
    ]
    client.force_login(company.head)
    assert "请重新导出" in client.get(reverse("exports")).content.decode()


def test_nobody_asks_for_many_at_once(company: Company) -> None:
    for _ in range(actions.MOST_AT_ONCE):
        asked(company, company.head)

    with pytest.raises(Refused, match="正在生成"):
        asked(company, company.head)
    asked(company, company.secretariat)


def test_old_files_are_removed(company: Company) -> None:
    some_projects(company)
    asked(company, company.head)
    jobs.sweep_exports()
    export = Export.objects.get()

    kept = actions.forget_exports(now=NOW + actions.KEPT_FOR)
    removed = actions.forget_exports(now=NOW + actions.KEPT_FOR + timedelta(minutes=1))

    assert (kept, removed) == (0, 1)
    assert not default_storage.exists(export.stored_as)
    assert not Export.objects.exists()
