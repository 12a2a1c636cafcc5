"""个人年度任务清单: whose, what stands in it, and who finds it."""

import io
from collections.abc import Iterator
from datetime import date, timedelta

import openpyxl
import pytest
import time_machine
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from accounts.actions.policies import set_policy
from accounts.enums import Role
from accounts.models import Event, Membership, User
from tasks.enums import MilestoneState as M
from tasks.enums import ProjectState
from tasks.models import Milestone, Project
from tasks.queries.hand_over import Duty
from tasks.queries.person_year import Sum, parts_of, people_seen_by, years_with_work
from tests.cast import NOW, TODAY, joins
from tests.pages import CheckingClient
from tests.tasks.company import Company, fresh, make_company, milestone_at
from tests.walks import a_draft, project_at


@pytest.fixture
def company(db: None) -> Company:
    return make_company()


@pytest.fixture(autouse=True)
def _at_the_day_of_the_walks() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


def page(client: CheckingClient, viewer: User, person: User, year: int = 2026) -> str:
    client.force_login(viewer)
    response = client.get(reverse("person-year", args=[person.pk, year]))
    assert response.status_code == 200
    return str(response.content.decode())


def sums(person: User, viewer: User, today: date = TODAY) -> list[Sum]:
    return [part.sum for part in parts_of(person, 2026, viewer, today)]


def test_everything_one_person_does_stands_under_its_capacity(client: CheckingClient, company: Company) -> None:
    milestone_at(M.DONE, company)
    project_at(ProjectState.CLOSED, company)
    a_draft(company)

    shown = page(client, company.staff, company.staff)

    assert sums(company.staff, company.staff) == [Sum(Duty.PERSON, 2, 1, 0), Sum(Duty.MILESTONE, 4, 3, 0)]
    assert sums(company.leader, company.leader) == [Sum(Duty.LEADER, 2, 1, 0)]
    for words in ("2026年度个人任务清单", "姓名：吴科员", "经济委办公室", "本人签名", "办结 1 项 · 在办 1 项"):
        assert words in shown


def test_what_is_late_is_counted_so(company: Company) -> None:
    project_at(ProjectState.IN_PROGRESS, company)

    assert sums(company.staff, company.staff, date(2026, 5, 1)) == [
        Sum(Duty.PERSON, 1, 0, 0), Sum(Duty.MILESTONE, 2, 0, 1),
    ]  # fmt: skip
    assert sums(company.staff, company.staff, date(2026, 10, 1)) == [
        Sum(Duty.PERSON, 1, 0, 1), Sum(Duty.MILESTONE, 2, 0, 2),
    ]  # fmt: skip


def test_the_original_date_stands_beside_a_moved_one(client: CheckingClient, company: Company) -> None:
    project = project_at(ProjectState.IN_PROGRESS, company)
    Project.objects.filter(pk=project.pk).update(due_on=date(2026, 10, 30), extension_count=1)

    shown = page(client, company.leader, company.staff)

    assert "9月30日" in shown
    assert "10月30日" in shown


def test_another_year_is_empty(client: CheckingClient, company: Company) -> None:
    project_at(ProjectState.IN_PROGRESS, company)

    assert "这一年没有任务" in page(client, company.staff, company.staff, 2025)


def test_a_head_sees_those_who_worked_for_him_that_year(company: Company) -> None:
    Membership.objects.filter(user=company.staff).update(ends_on=date(2026, 1, 31))
    joins(company.staff, company.office, Role.STAFF, company.outside)

    def finds(head: User, year: int) -> bool:
        return people_seen_by(fresh(head), year, TODAY).filter(pk=company.staff.pk).exists()

    assert [finds(company.head, year) for year in (2025, 2026, 2027)] == [True, True, False]
    assert not finds(company.co_head, 2026)


def test_a_head_reads_no_more_than_the_ledger_shows_him(company: Company) -> None:
    project_at(ProjectState.IN_PROGRESS, company)
    draft = a_draft(company, title="未交办")
    joins(company.staff, company.office, Role.STAFF, company.outside)

    parts = parts_of(company.staff, 2026, company.outside_head, TODAY)

    assert {row.view.project.pk for part in parts for row in part.rows}.isdisjoint({draft.pk})


def test_a_head_reads_milestones_of_projects_that_concern_him_only(company: Company) -> None:
    project_at(ProjectState.IN_PROGRESS, company)
    Membership.objects.filter(user=company.staff).update(ends_on=date(2026, 1, 31))
    joins(company.staff, company.office, Role.STAFF, company.outside)

    def read_by(viewer: User) -> set[Duty]:
        return {part.sum.duty for part in parts_of(company.staff, 2026, fresh(viewer), TODAY)}

    assert read_by(company.head) == read_by(company.staff) == {Duty.PERSON, Duty.MILESTONE}
    assert read_by(company.outside_head) == {Duty.PERSON}
    assert years_with_work(company.staff, company.outside_head, TODAY) == [2026]
    set_policy(company.office, key="others_see_main_columns", value=False, by=company.secretariat, now=NOW, today=TODAY)
    assert years_with_work(company.staff, fresh(company.outside_head), TODAY) == []


def test_my_list_leads_to_this_year(client: CheckingClient, company: Company) -> None:
    client.force_login(company.staff)

    response = client.get(reverse("my-year"))

    assert response.headers["Location"] == reverse("person-year", args=[company.staff.pk, 2026])
    assert reverse("my-year") in client.get(response.headers["Location"]).content.decode()


@pytest.mark.parametrize("year", [0, 1999, 2100, 99999])
def test_no_such_year(client: CheckingClient, company: Company, year: int) -> None:
    client.force_login(company.staff)

    assert client.get(reverse("person-year", args=[company.staff.pk, year])).status_code == 404


def test_the_head_is_offered_to_hand_over(client: CheckingClient, company: Company) -> None:
    project_at(ProjectState.IN_PROGRESS, company)
    url = reverse("hand-over", args=[company.staff.pk])

    assert url in page(client, company.head, company.staff)
    assert url not in page(client, company.staff, company.staff)


def test_the_book_holds_the_same_lines_and_a_line_to_sign_on(client: CheckingClient, company: Company) -> None:
    project = project_at(ProjectState.IN_PROGRESS, company)
    client.force_login(company.head)

    response = client.post(reverse("person-year-export", args=[company.staff.pk, 2026]))

    sheet = openpyxl.load_workbook(io.BytesIO(b"".join(response))).worksheets[0]
    first = [row[0].value for row in sheet.iter_rows()]
    assert first[0] == "吴科员2026年度任务清单"
    assert first[3] == "项目责任人：1 项，其中办结 0 项"
    assert str(first[-1]).startswith("本人签名")
    assert sheet["C5"].value == project.title
    assert sheet["G5"].value.date() == project.due_on
    assert sheet["D7"].value == "第1步"
    assert Event.objects.get(verb="export_table").words == "导出吴科员2026年度任务清单"


def test_cancelled_steps_are_no_responsibility(company: Company) -> None:
    project = project_at(ProjectState.IN_PROGRESS, company)
    first = project.milestones.all()[0]
    Milestone.objects.filter(pk=first.pk).update(state=M.CANCELLED)

    assert sums(company.staff, company.staff)[1].total == 1


def test_no_more_queries_for_more_lines(
    client: CheckingClient, company: Company, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    project_at(ProjectState.IN_PROGRESS, company)
    for count in (1, 3):
        client.force_login(fresh(company.secretariat))
        with django_assert_num_queries(25):
            client.get(reverse("person-year", args=[company.staff.pk, 2026]))
        if count == 1:
            project_at(ProjectState.IN_PROGRESS, company)
            project_at(ProjectState.IN_PROGRESS, company, now=NOW - timedelta(hours=1))
