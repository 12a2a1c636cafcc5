"""重点任务分解表: its lines, what is merged, for whom, on paper and as a book."""

import io
from collections.abc import Iterator
from datetime import date

import openpyxl
import pytest
import time_machine
from django.urls import reverse
from openpyxl.worksheet.worksheet import Worksheet
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from cppcc_office.lib.sheets.writing import Column, Line, Weight
from tasks.enums import MilestoneState, ProjectState
from tasks.models import Milestone, Plan, Project
from tasks.tables.merging import merged_rows
from tests.cast import NOW
from tests.pages import CheckingClient
from tests.tasks.company import Company, fresh, make_company
from tests.walks import a_draft, a_plan, project_at


@pytest.fixture
def company(db: None) -> Company:
    return make_company()


@pytest.fixture(autouse=True)
def _at_the_day_of_the_walks() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


def page(client: CheckingClient, viewer: User, plan: Plan, query: str = "") -> str:
    client.force_login(viewer)
    response = client.get(reverse("plan-table", args=[plan.pk]) + query)
    assert response.status_code == 200
    return str(response.content.decode())


def book(client: CheckingClient, viewer: User, plan: Plan, query: str = "") -> Worksheet:
    client.force_login(viewer)
    response = client.post(reverse("plan-table-export", args=[plan.pk]) + query)
    return openpyxl.load_workbook(io.BytesIO(b"".join(response))).worksheets[0]


# ── what is merged ───────────────────────────────────────────────────────────

PAIR = (Column("事项", 10, level=1), Column("节点", 10))


def spans(*lines: Line) -> list[list[int]]:
    return [[cell.rows for cell in row.cells] for row in merged_rows(PAIR, lines)]


def test_a_cell_goes_over_the_lines_of_its_item() -> None:
    assert spans(Line(("a", 1), (1,)), Line(("a", 2), (1,)), Line(("b", 3), (2,))) == [[2, 1], [1], [1, 1]]


def test_a_band_parts_what_has_the_same_key() -> None:
    band = Line(("处室",), weight=Weight.BAND)

    assert spans(Line(("a", 1), (1,)), band, Line(("a", 2), (1,))) == [[1, 1], [1], [1, 1]]


def test_lines_without_keys_stand_alone() -> None:
    assert spans(Line(("a", 1)), Line(("a", 2))) == [[1, 1], [1, 1]]


# ── the page ─────────────────────────────────────────────────────────────────


def test_one_line_for_each_milestone_under_its_project(client: CheckingClient, company: Company) -> None:
    project = project_at(ProjectState.IN_PROGRESS, company)

    shown = page(client, company.head, project.plan)

    assert shown.count(f'href="{reverse("project", args=[project.pk])}"') == 1
    for words in ("第1步", "第2步", "形成协商报告", "党组工作要点", "周副主席", "研究室", "2026-09-30"):
        assert words in shown
    assert 'rowspan="2"' in shown


def test_cancelled_milestones_are_left_out(client: CheckingClient, company: Company) -> None:
    project = project_at(ProjectState.IN_PROGRESS, company)
    Milestone.objects.filter(pk=project.milestones.all()[0].pk).update(state=MilestoneState.CANCELLED)

    assert "第1步" not in page(client, company.head, project.plan)


def test_drafts_are_for_the_secretariat(client: CheckingClient, company: Company) -> None:
    draft = a_draft(company, title="拟立项的事")

    assert "拟立项的事" in page(client, company.secretariat, draft.plan)
    assert "分解表还是空的" in page(client, company.head, draft.plan)


def test_who_takes_no_part_reads_no_steps(client: CheckingClient, company: Company) -> None:
    project = project_at(ProjectState.IN_PROGRESS, company)

    shown = page(client, company.outside_head, project.plan)

    assert project.title in shown
    assert "第1步" not in shown


def test_by_division_each_begins_with_its_name(client: CheckingClient, company: Company) -> None:
    project_at(ProjectState.IN_PROGRESS, company)
    project = project_at(ProjectState.IN_PROGRESS, company, lead=company.assisting)

    shown = page(client, company.secretariat, project.plan, "?by=division")

    bands = [name for name in ("经济委办公室", "研究室") if f'scope="rowgroup">{name}</th>' in shown]
    assert bands == ["经济委办公室", "研究室"]


def test_filters_narrow_and_nonsense_is_ignored(client: CheckingClient, company: Company) -> None:
    plan = project_at(ProjectState.IN_PROGRESS, company).plan
    project_at(ProjectState.IN_PROGRESS, company, lead=company.assisting)

    def total(query: str) -> str:
        return page(client, company.secretariat, plan, query).split('<div class="totals">')[1][:40]

    assert "<b>1</b>" in total(f"?division={company.lead.pk}")
    assert "<b>2</b>" in total("?division=x&by=y&paper=z&category=-1")


def test_the_paper_is_chosen(client: CheckingClient, company: Company) -> None:
    plan = project_at(ProjectState.IN_PROGRESS, company).plan

    assert 'class="print-a3"' in page(client, company.head, plan)
    assert 'class="print-wide"' in page(client, company.head, plan, "?paper=a4")


def test_a_plan_without_projects_says_so(client: CheckingClient, company: Company) -> None:
    assert "分解表还是空的" in page(client, company.secretariat, a_plan(company))


# ── the book ─────────────────────────────────────────────────────────────────


def test_the_book_merges_what_the_page_merges(client: CheckingClient, company: Company) -> None:
    project = project_at(ProjectState.IN_PROGRESS, company)
    Project.objects.filter(pk=project.pk).update(due_on=date(2026, 10, 30))

    sheet = book(client, company.head, project.plan)

    assert sheet["A1"].value == "2026年度重点任务分解表"
    assert [sheet.cell(row, 6).value for row in (4, 5)] == ["第1步", "第2步"]
    assert {"A4:A5", "B4:B5", "D4:D5", "E4:E5", "P4:P5"} <= {str(cells) for cells in sheet.merged_cells.ranges}
    assert (sheet["O4"].value.date(), sheet["P4"].value.date()) == (date(2026, 9, 30), date(2026, 10, 30))
    assert sheet.freeze_panes == "E4"


@pytest.mark.parametrize(("query", "size"), [("", 8), ("?paper=a4", 9)])
def test_the_book_is_set_up_for_the_paper(client: CheckingClient, company: Company, query: str, size: int) -> None:
    plan = project_at(ProjectState.IN_PROGRESS, company).plan

    assert book(client, company.head, plan, query).page_setup.paperSize == size


def test_the_book_shows_no_steps_to_who_takes_no_part(client: CheckingClient, company: Company) -> None:
    plan = project_at(ProjectState.IN_PROGRESS, company).plan

    sheet = book(client, company.outside_head, plan)

    assert sheet.max_row == 4
    assert sheet["F4"].value is None


def test_no_more_queries_for_more_projects(
    client: CheckingClient, company: Company, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    plan = project_at(ProjectState.IN_PROGRESS, company).plan
    for count in (1, 3):
        for method, name, queries in (("get", "plan-table", 19), ("post", "plan-table-export", 19)):
            client.force_login(fresh(company.secretariat))
            with django_assert_num_queries(queries):
                b"".join(getattr(client, method)(reverse(name, args=[plan.pk])))
        if count == 1:
            project_at(ProjectState.IN_PROGRESS, company, lead=company.assisting)
            project_at(ProjectState.IN_PROGRESS, company)
