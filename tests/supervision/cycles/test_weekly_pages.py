"""The pages of 周总结: who reads what, writing with everything kept, updating the office's, closing."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.urls import reverse

from supervision.cycles.actions.closing import close_run
from supervision.cycles.actions.weekly import edit_weekly
from supervision.cycles.enums import Cycle, RunState
from supervision.cycles.models import CycleRule, CycleRun
from tasks.actions.entries import add_entry
from tasks.enums import ProjectState
from tests.cast import NOW
from tests.pages import CheckingClient
from tests.supervision.cycles.weeks import FRIDAY, MONDAY, a_week, summary_of, texts
from tests.tasks.company import Company, make_company
from tests.walks import project_at

pytestmark = pytest.mark.django_db


@pytest.fixture
def company(time_machine: Any) -> Company:
    time_machine.move_to(NOW, tick=False)
    company = make_company()
    row = project_at(ProjectState.IN_PROGRESS, company)
    project_at(ProjectState.IN_PROGRESS, company, lead=company.assisting)
    add_entry(row, by=company.staff, version=row.version, situation="已召开座谈会", files=[], now=NOW)
    time_machine.move_to(FRIDAY, tick=False)
    return company


@pytest.fixture
def run(company: Company) -> CycleRun:
    return a_week(company.office)


def names(client: CheckingClient, run: CycleRun) -> list[str]:
    return [sheet.name for sheet in client.get(reverse("weekly", args=[run.pk])).context["sheets"]]


@pytest.mark.parametrize(
    ("who", "shown"),
    [
        ("secretariat", ["全机关", "经济委办公室", "研究室"]),
        ("leader", ["全机关", "经济委办公室", "研究室"]),
        ("staff", ["经济委办公室"]),
        ("head_deputy", ["经济委办公室"]),
        ("co_head", ["研究室"]),
        ("outsider", []),
    ],
)
def test_everybody_reads_his_own_and_those_above_all(
    company: Company, run: CycleRun, client: CheckingClient, who: str, shown: list[str]
) -> None:
    client.force_login(getattr(company, who))

    assert names(client, run) == shown


def test_the_offices_holds_the_words_of_others_and_stays_with_those_above_all(
    company: Company, run: CycleRun, client: CheckingClient
) -> None:
    close_run(run, by=company.secretariat, version=run.version, now=FRIDAY)
    client.force_login(company.staff)
    own = names(client, run)
    client.force_login(company.leader)

    assert own == ["经济委办公室"]
    assert names(client, run)[0] == "全机关"


@pytest.mark.parametrize("who", ["foreign_secretariat", "assessor", "observer", "sysadmin", "stranger"])
def test_others_find_nothing(company: Company, run: CycleRun, client: CheckingClient, who: str) -> None:
    client.force_login(getattr(company, who))

    assert client.get(reverse("weekly", args=[run.pk])).status_code == 404


def test_another_divisions_is_not_found(company: Company, run: CycleRun, client: CheckingClient) -> None:
    other = summary_of(run, company.assisting)
    client.force_login(company.head)

    assert client.get(reverse("weekly-edit", args=[run.pk, other.pk])).status_code == 404
    assert client.post(reverse("weekly-edit", args=[run.pk, other.pk]), {"version": 1}).status_code == 404


def test_another_cycles_run_is_no_week(company: Company, run: CycleRun, client: CheckingClient) -> None:
    CycleRun.objects.filter(pk=run.pk).update(cycle="MONTHLY")
    client.force_login(company.secretariat)

    assert client.get(reverse("weekly", args=[run.pk])).status_code == 404


def test_what_is_run_again_or_has_failed_at_it_is_still_read_and_written(
    company: Company, run: CycleRun, client: CheckingClient
) -> None:
    CycleRun.objects.filter(pk=run.pk).update(state=RunState.DUE, finished_at=None)
    own = summary_of(run, company.lead)
    client.force_login(company.staff)
    typed = texts(done="座谈会已开") | {"version": own.version}

    assert names(client, run) == ["经济委办公室"]
    assert client.post(reverse("weekly-edit", args=[run.pk, own.pk]), typed).status_code == 302
    assert summary_of(run, company.lead).done == "座谈会已开"


def test_what_is_not_written_is_not_found(company: Company, run: CycleRun, client: CheckingClient) -> None:
    CycleRun.objects.filter(pk=run.pk).update(state=RunState.DUE, finished_at=None)
    run.summaries.all().delete()
    client.force_login(company.secretariat)

    assert client.get(reverse("weekly", args=[run.pk])).status_code == 404


def test_a_division_edits_its_own_beside_what_was_gathered(
    company: Company, run: CycleRun, client: CheckingClient
) -> None:
    mine = summary_of(run, company.lead)
    url = reverse("weekly-edit", args=[run.pk, mine.pk])
    client.force_login(company.staff)

    page = client.get(url)
    answer = client.post(url, {"version": 1} | texts(done="写好的一行"))
    mine.refresh_from_db()

    assert page.context["form"].initial["under_way"] == mine.under_way or mine.edited_by == company.staff
    assert "按现有记录汇集" in page.content.decode()
    assert "代填" not in page.content.decode()
    assert (answer.status_code, answer.headers["Location"]) == (302, reverse("weekly", args=[run.pk]))
    assert (mine.done, mine.under_way) == ("写好的一行", "")
    edited = client.get(url).content.decode()
    assert "已召开座谈会" in edited  # what was gathered stays beside


def test_the_secretariat_is_told_that_it_writes_for_them(
    company: Company, run: CycleRun, client: CheckingClient
) -> None:
    client.force_login(company.secretariat)

    page = client.get(reverse("weekly-edit", args=[run.pk, summary_of(run, company.lead).pk])).content.decode()

    assert "会注明代填" in page


def test_too_long_is_told_with_everything_kept(company: Company, run: CycleRun, client: CheckingClient) -> None:
    url = reverse("weekly-edit", args=[run.pk, summary_of(run, company.lead).pk])
    client.force_login(company.staff)

    page = client.post(url, {"version": 1} | texts(done="长" * 20_001, next_week="下周的打算"))

    assert page.status_code == 422
    assert "下周的打算" in page.content.decode()
    assert "长" * 20_001 in page.content.decode()


def test_who_comes_second_keeps_what_was_typed(company: Company, run: CycleRun, client: CheckingClient) -> None:
    mine = summary_of(run, company.lead)
    edit_weekly(mine, by=company.head, version=1, texts=texts(done="先写的"), now=FRIDAY)
    client.force_login(company.staff)

    page = client.post(
        reverse("weekly-edit", args=[run.pk, mine.pk]), {"version": 1} | texts(done="后写的", coordination="请协调")
    )

    words = page.content.decode()
    assert page.status_code == 409
    for part in ("陈处长", "后写的", "请协调", "本周完成", "需协调", "按新版本提交"):
        assert part in words


def test_a_closed_week_is_shown_instead_of_its_form(company: Company, run: CycleRun, client: CheckingClient) -> None:
    mine = summary_of(run, company.lead)
    close_run(run, by=company.secretariat, version=run.version, now=FRIDAY)
    client.force_login(company.head)
    url = reverse("weekly-edit", args=[run.pk, mine.pk])

    page = client.get(url, follow=True)
    refused = client.post(url, {"version": 1} | texts(done="晚了"))

    assert page.redirect_chain == [(reverse("weekly", args=[run.pk]), 302)]
    assert "修改<" not in page.content.decode()
    assert refused.status_code == 409
    assert "晚了" in refused.content.decode()


def test_the_secretariat_closes_and_the_button_is_gone(company: Company, run: CycleRun, client: CheckingClient) -> None:
    client.force_login(company.secretariat)
    url = reverse("weekly", args=[run.pk])
    before = client.get(url).content.decode()

    answer = client.post(reverse("cycle-close", args=[run.pk]), {"version": run.version}, follow=True)

    assert answer.redirect_chain == [(url, 302)]
    assert ("办结本周" in before, "办结本周" in answer.content.decode()) == (True, False)
    assert "王科员" in answer.content.decode()


def test_a_daily_watch_has_nothing_to_close(company: Company, run: CycleRun, client: CheckingClient) -> None:
    CycleRun.objects.filter(pk=run.pk).update(cycle=Cycle.DAILY, ends_on=run.starts_on)
    client.force_login(company.secretariat)

    answer = client.post(reverse("cycle-close", args=[run.pk]), {"version": run.version})

    assert answer.status_code == 409
    assert "每日巡查只发提醒，没有要办结的材料。" in answer.content.decode()
    run.refresh_from_db()
    assert not run.is_closed


@pytest.mark.parametrize(("who", "status"), [("head", 404), ("leader", 409), ("foreign_secretariat", 404)])
def test_nobody_else_closes(company: Company, run: CycleRun, client: CheckingClient, who: str, status: int) -> None:
    client.force_login(getattr(company, who))

    assert client.post(reverse("cycle-close", args=[run.pk]), {"version": run.version}).status_code == status


def test_the_missing_list_is_the_secretariats_and_ends_with_the_week(
    company: Company, run: CycleRun, client: CheckingClient
) -> None:
    row = project_at(ProjectState.IN_PROGRESS, company, lead=company.assisting)
    row.milestones.update(due_on=date(2026, 3, 6), warn_on=None)
    url = reverse("weekly", args=[run.pk])
    words = "本周没有填报的"

    client.force_login(company.secretariat)
    page = client.get(url)
    shown = [each.division.name for each in page.context["silent"]]
    client.force_login(company.leader)
    leader = client.get(url).content.decode()
    client.force_login(company.head)
    head = client.get(url).content.decode()
    close_run(run, by=company.secretariat, version=run.version, now=FRIDAY)
    client.force_login(company.secretariat)

    assert shown == ["研究室"]
    assert words in page.content.decode()
    assert words not in leader + head + client.get(url).content.decode()


def test_updating_is_shown_before_it_is_done(company: Company, run: CycleRun, client: CheckingClient) -> None:
    mine = summary_of(run, company.lead)
    edit_weekly(mine, by=company.head, version=1, texts=texts(done="处室改写的一行"), now=FRIDAY)
    office = summary_of(run, None)
    url = reverse("weekly-update", args=[run.pk, office.pk])
    client.force_login(company.secretariat)

    preview = client.get(url)
    client.post(url, {"version": office.version})
    office.refresh_from_db()

    assert [(c.title, c.added, len(c.only_here)) for c in preview.context["changes"]] == [
        ("本周完成", ["处室改写的一行（经济委办公室）"], 0),
        ("正在推进", [], 1),
    ]
    assert office.done == "处室改写的一行（经济委办公室）"
    assert office.under_way != ""
    client.post(url, {"version": office.version, "anew": "1"})
    office.refresh_from_db()
    assert office.under_way == ""
    assert "没有差别" in client.get(url).content.decode()


def test_there_is_nothing_to_update_in_a_divisions(company: Company, run: CycleRun, client: CheckingClient) -> None:
    client.force_login(company.secretariat)

    url = reverse("weekly-update", args=[run.pk, summary_of(run, company.lead).pk])

    assert client.get(url).status_code == client.post(url, {"version": 1}).status_code == 404


def test_weeks_lead_to_each_other(company: Company, run: CycleRun, client: CheckingClient) -> None:
    earlier = a_week(company.office, monday=MONDAY - timedelta(days=14), now=FRIDAY - timedelta(days=14))
    later = a_week(company.office, monday=MONDAY + timedelta(days=7), now=FRIDAY + timedelta(days=7))
    client.force_login(company.staff)

    page = client.get(reverse("weekly", args=[run.pk]))
    listed = client.get(reverse("weekly-now"))

    assert (page.context["before"], page.context["after"]) == (earlier, later)
    assert [week for week, _ in listed.context["weeks"]] == [later, run, earlier]


def test_this_week_shows_a_division_its_own_work_without_words(
    company: Company, client: CheckingClient, time_machine: Any
) -> None:
    for lead in (company.lead, company.assisting):
        row = project_at(ProjectState.IN_PROGRESS, company, lead=lead)
        row.milestones.update(due_on=date(2026, 3, 6), warn_on=None)
    seen = {}

    for who in ("staff", "co_head", "outsider", "secretariat", "leader"):
        client.force_login(getattr(company, who))
        page = client.get(reverse("weekly-now"))
        seen[who] = [each.division.name for each in page.context["silent"]]

    assert seen == {
        "staff": ["经济委办公室"],
        "co_head": ["研究室"],
        "outsider": [],
        "secretariat": ["经济委办公室", "研究室"],
        "leader": [],
    }
    assert "还没有周总结" in page.content.decode()


def test_an_empty_week_says_so(company: Company, client: CheckingClient) -> None:
    run = a_week(company.elsewhere)
    client.force_login(company.foreign_secretariat)

    page = client.get(reverse("weekly", args=[run.pk])).content.decode()

    assert "本周没有需要写的。" in page


def test_an_offices_own_word_for_the_week_is_used(company: Company, run: CycleRun, client: CheckingClient) -> None:
    CycleRule.objects.create(
        organization=company.office,
        cycle="WEEKLY",
        label="周点评",
        active_from=NOW,
        anchor="FROM_END",
        nth=1,
        at=FRIDAY.time(),
    )
    client.force_login(company.secretariat)

    page = client.get(reverse("weekly", args=[run.pk])).content.decode()

    assert "<h1>周点评</h1>" in page


@pytest.mark.parametrize("count", [1, 3])
def test_the_page_asks_as_often_for_many_divisions_as_for_one(
    company: Company, client: CheckingClient, django_assert_num_queries: Any, count: int
) -> None:
    run = a_week(company.office)
    run.summaries.exclude(division=None).delete()
    for division in (company.lead, company.assisting, company.outside)[:count]:
        run.summaries.create(
            organization=company.office, division=division, done="一行", edited_by=company.head, edited_at=NOW
        )
    client.force_login(company.secretariat)

    with django_assert_num_queries(18):
        page = client.get(reverse("weekly", args=[run.pk]))

    assert len(page.context["sheets"]) == count + 1


@pytest.mark.parametrize("count", [1, 3])
def test_editing_asks_as_often_for_much_as_for_little(
    company: Company, client: CheckingClient, django_assert_num_queries: Any, count: int
) -> None:
    for _ in range(count):
        project_at(ProjectState.CLOSE_OUT_REQUESTED, company)
    run = a_week(company.office)
    client.force_login(company.staff)

    with django_assert_num_queries(18):
        client.get(reverse("weekly-edit", args=[run.pk, summary_of(run, company.lead).pk]))
