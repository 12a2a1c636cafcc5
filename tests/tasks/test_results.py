"""成果: who records them, what counts, and that every figure opens its list."""

import io
import re
from collections.abc import Iterator
from datetime import date, timedelta
from html import unescape
from typing import Any

import openpyxl
import pytest
import time_machine
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from accounts.models import Event, User
from cppcc_office.lib.errors import Refused, Stale
from tasks.actions import results as actions
from tasks.enums import ProjectState, ResultKind
from tasks.models import Project, Result
from tasks.queries.hands import hands_on
from tests.cast import NOW, TODAY
from tests.pages import CheckingClient
from tests.tasks.company import YES, Company, answer_to, fresh, make_company
from tests.walks import project_at


@pytest.fixture
def company(db: None) -> Company:
    return make_company()


@pytest.fixture(autouse=True)
def _at_the_day_of_the_walks() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


def added(
    project: Project,
    by: User,
    *,
    kind: ResultKind = ResultKind.REPORT,
    title: str = "关于营商环境的协商报告",
    on: date = TODAY,
    count: int = 1,
) -> Result:
    row = Project.objects.get(pk=project.pk)
    return actions.add_result(row, by=by, version=row.version, kind=kind, title=title, on=on, count=count, now=NOW)


def page(client: CheckingClient, user: User, query: str = "") -> str:
    client.force_login(user)
    response = client.get(reverse("results") + query)
    assert response.status_code == 200
    return str(response.content.decode())


# ── the actions ──────────────────────────────────────────────────────────────


def test_a_result_is_kept_with_its_event(company: Company) -> None:
    project = project_at(ProjectState.IN_PROGRESS, company)

    result = added(project, company.staff, kind=ResultKind.INFORMATION, count=3)

    assert (result.by, result.entered_for, result.recorded_at) == (company.staff, False, NOW)
    assert Event.objects.get(verb="add_result").words == "登记成果：信息“关于营商环境的协商报告”（3 件）"
    assert Project.objects.get(pk=project.pk).version == project.version + 1


@pytest.mark.parametrize(
    ("who", "may"),
    [
        ("secretariat", True), ("head", True), ("staff", True), ("co_head", True), ("co_staff", True),
        ("head_deputy", True), ("outsider", False), ("leader", False), ("assessor", False),
        ("foreign_secretariat", False), ("stranger", False),
    ],
)  # fmt: skip
def test_only_those_who_take_part_record_and_void(company: Company, who: str, may: bool) -> None:
    project = project_at(ProjectState.IN_PROGRESS, company)
    by = getattr(company, who)
    result = added(project, company.staff)
    row = Project.objects.get(pk=project.pk)

    adding = answer_to(lambda: added(project, by))
    voiding = answer_to(lambda: actions.void_result(result, by=by, version=row.version, reason="重复", now=NOW))

    assert ((adding == YES), (voiding == YES)) == (may, may)


def test_what_the_secretariat_types_for_a_division_says_so_and_bars_it_from_verifying(company: Company) -> None:
    project = project_at(ProjectState.IN_PROGRESS, company)

    result = added(project, company.secretariat)

    assert result.entered_for
    assert Event.objects.get(verb="add_result").entered_for == "经济委办公室"
    assert company.secretariat.pk in hands_on(project)


def test_an_assisting_division_records_in_its_own_name(company: Company) -> None:
    assert not added(project_at(ProjectState.IN_PROGRESS, company), company.co_staff).entered_for


def test_a_deputy_records_in_the_place_of_the_head(client: CheckingClient, company: Company) -> None:
    project = project_at(ProjectState.IN_PROGRESS, company)
    added(project, company.head_deputy)
    client.force_login(company.leader)

    shown = client.get(reverse("project", args=[project.pk])).content.decode()

    assert Event.objects.get(verb="add_result").principal == company.head
    assert "代陈处长" in shown.split('id="results"')[1].split("</section>")[0]
    assert "代陈处长" in shown.split("经过")[1]


def test_results_may_follow_the_close_out_but_not_precede_the_dispatch(company: Company) -> None:
    closed = project_at(ProjectState.CLOSED, company)
    draft = project_at(ProjectState.DRAFT, company)

    assert added(closed, company.staff).pk
    with pytest.raises(Refused, match="尚未交办"):
        added(draft, company.secretariat)


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ({"title": "  "}, "请写明成果名称"),
        ({"count": 0}, "数量至少为 1"),
        ({"on": TODAY + timedelta(days=1)}, "不能晚于今天"),
    ],
)
def test_a_faulty_result_is_refused(company: Company, fault: dict[str, Any], words: str) -> None:
    project = project_at(ProjectState.IN_PROGRESS, company)

    with pytest.raises(Refused, match=words):
        added(project, company.staff, **fault)

    assert not Result.objects.exists()


def test_a_page_shown_before_somebody_else_acted_is_stale(company: Company) -> None:
    project = project_at(ProjectState.IN_PROGRESS, company)
    added(project, company.staff)

    with pytest.raises(Stale):
        actions.add_result(
            project, by=company.head, version=project.version, kind=ResultKind.RULE, title="办法", on=TODAY, now=NOW
        )


def test_a_void_result_stays_readable_and_is_not_voided_again(client: CheckingClient, company: Company) -> None:
    project = project_at(ProjectState.IN_PROGRESS, company)
    result = added(project, company.staff)
    row = Project.objects.get(pk=project.pk)

    actions.void_result(result, by=company.head, version=row.version, reason="与提案重复", now=NOW)

    with pytest.raises(Refused, match="已由陈处长作废"):
        actions.void_result(result, by=company.head, version=row.version + 1, reason="再作废", now=NOW)
    client.force_login(company.staff)
    shown = client.get(reverse("project", args=[project.pk])).content.decode()
    assert "作废：与提案重复" in shown
    assert "还没有登记成果" in page(client, company.secretariat)


def test_voiding_asks_for_a_reason(company: Company) -> None:
    project = project_at(ProjectState.IN_PROGRESS, company)
    result = added(project, company.staff)

    with pytest.raises(Refused, match="请写明作废理由"):
        actions.void_result(result, by=company.staff, version=project.version + 1, reason=" ", now=NOW)


# ── the pages ────────────────────────────────────────────────────────────────


def test_a_result_is_recorded_from_the_project_page(client: CheckingClient, company: Company) -> None:
    project = project_at(ProjectState.IN_PROGRESS, company)
    client.force_login(company.staff)
    url = reverse("result-new", args=[project.pk])
    typed = {"version": project.version, "kind": "RULE", "title": "协商工作规则", "on": "2026-03-04", "count": "1"}

    wrong = client.post(url, typed | {"on": "2026-03-05"})
    right = client.post(url, typed)

    assert wrong.status_code == 422
    assert "协商工作规则" in wrong.content.decode()
    assert right.headers["Location"] == reverse("project", args=[project.pk]) + "#results"
    assert "协商工作规则" in client.get(right.headers["Location"]).content.decode()


def test_who_takes_no_part_is_offered_no_form(client: CheckingClient, company: Company) -> None:
    project = project_at(ProjectState.IN_PROGRESS, company)
    added(project, company.staff)
    client.force_login(company.leader)

    shown = client.get(reverse("project", args=[project.pk])).content.decode()

    assert "关于营商环境的协商报告" in shown
    assert reverse("result-new", args=[project.pk]) not in shown


def test_a_result_is_voided_on_its_page(client: CheckingClient, company: Company) -> None:
    project = project_at(ProjectState.IN_PROGRESS, company)
    result = added(project, company.staff)
    client.force_login(company.head)

    client.post(reverse("result-void", args=[result.pk]), {"version": project.version + 1, "reason": "重复"})

    assert Result.objects.get(pk=result.pk).void_reason == "重复"


def test_counters_add_up_and_every_figure_opens_its_list(client: CheckingClient, company: Company) -> None:
    led = project_at(ProjectState.IN_PROGRESS, company)
    assisted = project_at(ProjectState.IN_PROGRESS, company, lead=company.assisting)
    added(led, company.staff, count=2)
    added(led, company.staff, kind=ResultKind.RULE)
    added(assisted, company.co_staff, count=4)
    added(assisted, company.co_staff, on=date(2025, 12, 31))

    shown = page(client, company.secretariat)

    links = re.findall(r'class="num"><a[^>]*href="([^"#]*)#list">(\d+)</a>', shown)
    assert sorted(int(count) for _, count in links) == [1, 1, 2, 3, 4, 4, 6, 7]
    for query, count in links:
        assert f"共 {count} 件" in page(client, company.secretariat, unescape(query))


def test_counters_by_category(client: CheckingClient, company: Company) -> None:
    added(project_at(ProjectState.IN_PROGRESS, company), company.staff)

    shown = page(client, company.secretariat, "?by=category")

    assert '<th scope="row">临时交办</th>' in shown


@pytest.mark.parametrize(("who", "finds"), [("staff", True), ("co_staff", True), ("leader", True), ("outsider", False),
                                            ("foreign_secretariat", False), ("observer", False)])  # fmt: skip
def test_results_are_of_projects_one_reads_whole(
    client: CheckingClient, company: Company, who: str, finds: bool
) -> None:
    added(project_at(ProjectState.IN_PROGRESS, company), company.staff)

    assert ("关于营商环境的协商报告" in page(client, getattr(company, who))) == finds


def test_the_book_holds_what_is_filtered_and_the_trail_says_who_took_it(
    client: CheckingClient, company: Company
) -> None:
    project = project_at(ProjectState.IN_PROGRESS, company)
    added(project, company.staff, title="=报告")
    added(project, company.staff, kind=ResultKind.RULE, title="办法")
    client.force_login(company.secretariat)

    response = client.post(reverse("results-export") + "?kind=REPORT")

    sheet = openpyxl.load_workbook(io.BytesIO(b"".join(response))).worksheets[0]
    assert [row[2].value for row in sheet.iter_rows(min_row=4)] == ["=报告"]
    event = Event.objects.get(verb="export_table")
    assert (event.by, event.words) == (company.secretariat, "导出2026年成果清单")


def test_no_more_queries_for_more_results(
    client: CheckingClient, company: Company, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    project = project_at(ProjectState.IN_PROGRESS, company)
    added(project, company.staff)
    page(client, company.secretariat)
    for count in (1, 3):
        client.force_login(fresh(company.secretariat))
        with django_assert_num_queries(15):
            client.get(reverse("results"))
        if count == 1:
            added(project_at(ProjectState.IN_PROGRESS, company, lead=company.assisting), company.co_staff)
            added(project, company.staff, kind=ResultKind.RULE)
