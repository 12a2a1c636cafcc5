"""A project's page as of a past day: how it stood, what had been written by then, and nothing to do."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from html import unescape

import pytest
import time_machine
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from tasks.actions import close_out
from tasks.actions.backfill import backfill_close_out
from tasks.actions.entries import add_entry
from tasks.actions.results import add_result
from tasks.enums import Effect, MilestoneState, ProjectState, ResultKind
from tasks.models import Project
from tests.cast import NOW, TODAY
from tests.pages import CheckingClient
from tests.tasks.company import Company, make_company, milestone_at
from tests.walks import a_draft, project_at

LATER = NOW + timedelta(days=10)
MUCH_LATER = NOW + timedelta(days=60)


@pytest.fixture
def company(db: None) -> Company:
    return make_company()


@pytest.fixture(autouse=True)
def _much_later() -> Iterator[None]:
    with time_machine.travel(MUCH_LATER, tick=False):
        yield


def walked(state: ProjectState, company: Company) -> Project:
    with time_machine.travel(NOW, tick=False):
        return project_at(state, company)


def page(client: CheckingClient, user: User, project: Project, day: date | None = None, known_by: str = "") -> str:
    client.force_login(user)
    query = f"?as_of={day}" + (f"&known_by={known_by}" if known_by else "") if day else ""
    response = client.get(reverse("project", args=[project.pk]) + query)
    assert response.status_code == 200
    return unescape(response.content.decode())


def test_a_past_day_shows_how_it_stood_and_nothing_to_do(client: CheckingClient, company: Company) -> None:
    project = walked(ProjectState.IN_PROGRESS, company)
    version = Project.objects.get(pk=project.pk).version
    Project.objects.filter(pk=project.pk).update(due_on=date(2026, 12, 31), person=company.co_staff)

    then = page(client, company.secretariat, project, TODAY)
    now = page(client, company.secretariat, project)

    assert 'class="as-of"' in then
    assert 'class="as-of"' not in now
    assert "9月30日" in then
    assert "12月31日" in now
    assert then.count(company.staff.name) > now.count(company.staff.name)
    assert "panel moves" in now
    assert "panel moves" not in then
    assert '<form method="post"' not in then.split("<main")[1]
    assert f"版本 {version}" not in then


@pytest.mark.parametrize(
    ("days", "state"),
    [(0, "待验收"), (9, "待验收"), (10, "已销号")],
)
def test_a_close_out_is_told_as_far_as_it_had_come(
    client: CheckingClient, company: Company, days: int, state: str
) -> None:
    project = walked(ProjectState.CLOSE_OUT_REQUESTED, company)
    with time_machine.travel(LATER, tick=False):
        close_out.accept_close_out(
            project, by=company.second_secretariat, version=project.version, effect=Effect.GOOD, note="属实", now=LATER
        )

    html = page(client, company.leader, project, TODAY + timedelta(days=days))

    is_closed = state == "已销号"
    assert f"<strong>{state}</strong>" in html
    assert ("销〔2026〕1号" in html) == is_closed
    assert ("属实" in html) == is_closed
    assert "全部完成" in html


def test_what_was_written_later_is_not_there_yet(client: CheckingClient, company: Company) -> None:
    project = walked(ProjectState.IN_PROGRESS, company)
    with time_machine.travel(LATER, tick=False):
        add_entry(project, by=company.staff, version=project.version, situation="座谈会开过了", files=[], now=LATER)
        add_result(
            project,
            by=company.staff,
            version=project.version,
            kind=ResultKind.REPORT,
            title="座谈会报告",
            on=LATER.date(),
            now=LATER,
        )

    before = page(client, company.head, project, LATER.date() - timedelta(days=1))
    after = page(client, company.head, project, LATER.date())

    assert "座谈会" not in before
    assert "当时还没有进展" in before
    assert "座谈会开过了" in after
    assert "座谈会报告" in after


def test_milestones_stand_as_they_stood(client: CheckingClient, company: Company) -> None:
    with time_machine.travel(NOW, tick=False):
        milestone = milestone_at(MilestoneState.DONE, company)

    then = page(client, company.head, milestone.project, TODAY)
    milestone.state, milestone.done_at, milestone.done_by, milestone.done_on = "PENDING", None, None, None
    milestone.save()
    again = page(client, company.head, milestone.project, TODAY)

    assert "已完成" in then
    assert again.split("<main")[1] == then.split("<main")[1]


def test_a_later_backfill_shows_unless_a_cut_off_is_named(client: CheckingClient, company: Company) -> None:
    project = walked(ProjectState.CLOSE_OUT_REQUESTED, company)
    with time_machine.travel(NOW, tick=False):
        close_out.withdraw_close_out(project, by=company.head, version=project.version, now=NOW)
    with time_machine.travel(LATER, tick=False):
        backfill_close_out(
            project,
            by=company.second_secretariat,
            version=project.version,
            effective_on=TODAY + timedelta(days=1),
            effect=Effect.GOOD,
            summary="当时已完成",
            reason="系统上线前已验收",
            now=LATER,
        )
    day = TODAY + timedelta(days=2)

    as_known_now = page(client, company.secretariat, project, day)
    as_known_then = page(client, company.secretariat, project, day, known_by=str(day))

    assert "<strong>已销号</strong>" in as_known_now
    assert "含以后补录的内容" in as_known_now
    assert "<strong>办理中</strong>" in as_known_then
    assert "当时已完成" not in as_known_then
    assert "系统上线前已验收" not in as_known_then


@pytest.mark.parametrize("days_before", [1, 100])
def test_before_it_was_dispatched_there_is_nothing_to_show(
    client: CheckingClient, company: Company, days_before: int
) -> None:
    project = walked(ProjectState.IN_PROGRESS, company)

    html = page(client, company.secretariat, project, TODAY - timedelta(days=days_before))

    assert "那一天还没有交办" in html
    assert 'class="as-of"' in html
    assert company.staff.name not in html


def test_those_who_see_main_columns_only_see_no_more_of_the_past(client: CheckingClient, company: Company) -> None:
    project = walked(ProjectState.CLOSED, company)

    html = page(client, company.outside_head, project, TODAY)

    assert 'class="as-of"' in html
    assert "全部完成" not in html
    assert "第1步" not in html


@pytest.mark.parametrize("who", ["foreign_secretariat", "sysadmin", "auditor", "stranger"])
def test_who_does_not_see_it_today_sees_no_past_of_it(client: CheckingClient, company: Company, who: str) -> None:
    project = walked(ProjectState.CLOSED, company)
    client.force_login(getattr(company, who))

    assert client.get(reverse("project", args=[project.pk]) + f"?as_of={TODAY}").status_code == 404


def test_a_draft_has_no_past(client: CheckingClient, company: Company) -> None:
    with time_machine.travel(NOW, tick=False):
        draft = a_draft(company)

    assert "看往日情况" not in page(client, company.secretariat, draft)
    assert "那一天还没有交办" in page(client, company.secretariat, draft, TODAY)


def test_a_day_that_cannot_be_shown_is_told(client: CheckingClient, company: Company) -> None:
    project = walked(ProjectState.IN_PROGRESS, company)

    html = page(client, company.secretariat, project, date(2027, 1, 1))

    assert "还没有到，只能查看今天或以前" in html
    assert "panel moves" in html


def test_looking_back_changes_nothing(client: CheckingClient, company: Company) -> None:
    project = walked(ProjectState.CLOSED, company)
    before = Project.objects.filter(pk=project.pk).values().get()

    page(client, company.secretariat, project, TODAY)

    assert Project.objects.filter(pk=project.pk).values().get() == before


@pytest.mark.parametrize("count", [1, 3])
def test_a_past_page_asks_no_more_for_more_entries(
    client: CheckingClient, company: Company, django_assert_num_queries: DjangoAssertNumQueries, count: int
) -> None:
    project = walked(ProjectState.IN_PROGRESS, company)
    for n in range(count):
        at: datetime = NOW + timedelta(hours=n)
        with time_machine.travel(at, tick=False):
            add_entry(project, by=company.staff, version=project.version, situation=f"进展{n}", files=[], now=at)
    client.force_login(company.secretariat)

    with django_assert_num_queries(31):
        client.get(reverse("project", args=[project.pk]) + f"?as_of={TODAY}")
