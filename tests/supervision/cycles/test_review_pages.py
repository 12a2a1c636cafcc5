"""The year's pages: figures of today and frozen ones, reasons of the late ones, and 结转 with a look before."""

import re
from collections.abc import Iterator
from datetime import datetime
from html import unescape

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from supervision.cycles.actions.review import advance_review
from supervision.cycles.models import CycleRun, LateReason
from tasks.enums import Bucket, ProjectState
from tasks.models import Plan, Project
from tests.cast import SHANGHAI
from tests.pages import CheckingClient
from tests.supervision.cycles.frozen_runs import frozen_with, the_year
from tests.tasks.company import Company, make_company
from tests.tasks.test_figures_pages import key_tasks_in, lines
from tests.walks import a_plan, project_at

JANUARY = datetime(2027, 1, 6, 9, 0, tzinfo=SHANGHAI)
DECEMBER = datetime(2026, 12, 15, 9, 0, tzinfo=SHANGHAI)


@pytest.fixture
def company(db: None) -> Company:
    return make_company()


@pytest.fixture(autouse=True)
def _in_january() -> Iterator[None]:
    with time_machine.travel(JANUARY, tick=False):
        yield


def frozen(company: Company) -> CycleRun:
    run = the_year(company.office, now=DECEMBER)
    advance_review(run, JANUARY)
    return run


def opened(client: CheckingClient, user: User, url: str) -> str:
    client.force_login(user)
    response = client.get(url)
    assert response.status_code == 200
    return unescape(response.content.decode())


def at(name: str, run: CycleRun, *more: int) -> str:
    return reverse(name, args=[run.pk, *more])


def test_before_the_freezing_it_shows_today_and_afterwards_the_years_end(
    client: CheckingClient, company: Company
) -> None:
    project_at(ProjectState.IN_PROGRESS, company)
    run = the_year(company.office, now=DECEMBER)
    with time_machine.travel(DECEMBER, tick=False):
        before = opened(client, company.leader, at("review", run))
        lines_before = opened(client, company.leader, at("review-lines", run) + "?bucket=overdue")
    advance_review(run, JANUARY)

    after = opened(client, company.leader, at("review", run))

    assert '<span class="dim">截至今天</span>' in before
    assert '<span class="dim">1 项</span>' in lines_before
    assert "起可以结转" in before
    assert "1月6日 9:00</time> 固定" in after
    for html in (before, after):
        assert re.search(r'<a class="figs-big" href="[^"]*">1</a>', html)
        assert "推进营商环境专题协商" in html


def test_every_figure_opens_as_many_lines_as_it_says(client: CheckingClient, company: Company) -> None:
    lines(company, key_tasks_in(company, 2), [*Bucket, Bucket.OVERDUE])
    run = frozen(company)

    html = opened(client, company.secretariat, at("review", run))

    links = set(re.findall(r'<a[^>]*href="(/review/\d+/lines/[^"]*)"[^>]*>(?:<b>)?(\d+)', html))
    assert len(links) > 10
    for url, count in links:
        assert f'<span class="dim">{count} 项</span>' in unescape(client.get(url).content.decode()), url


def test_a_head_reads_what_the_own_division_was_late_with_and_nothing_else(
    client: CheckingClient, company: Company
) -> None:
    row = project_at(ProjectState.IN_PROGRESS, company)
    other = project_at(ProjectState.IN_PROGRESS, company, lead=company.assisting)
    Project.objects.filter(pk=other.pk).update(title="研究室的事")
    run = frozen(company)

    html = opened(client, company.head, at("review", run))

    assert "推进营商环境专题协商" in html
    assert "研究室的事" not in html
    assert "办结率" not in html
    assert at("review-reason", run, row.pk) in html
    assert client.get(at("review-reason", run, other.pk)).status_code == 404
    assert client.get(at("review-lines", run)).status_code == 404
    assert client.get(at("review-carry-over", run)).status_code == 404
    assert "不用写" in opened(client, company.outside_head, at("review", run))


def test_a_new_lead_is_named_and_the_reason_awaited_from_who_led_it_then(
    client: CheckingClient, company: Company
) -> None:
    row = project_at(ProjectState.IN_PROGRESS, company)
    run = frozen(company)
    Project.objects.filter(pk=row.pk).update(lead_division=company.assisting)
    url = at("review-reason", run, row.pk)

    theirs, ours = (opened(client, who, at("review", run)) for who in (company.leader, company.secretariat))
    asked = opened(client, company.secretariat, url)

    assert "现由研究室牵头" in theirs
    assert "等经济委办公室写" in theirs
    assert ">代填<" in ours
    assert "逾期原因由经济委办公室负责人写，督办人员可以代填" in asked
    client.force_login(company.co_head)
    assert client.get(url).status_code == 404
    client.force_login(company.head)
    assert client.post(url, {"version": "0", "words": "上级推迟"}).status_code == 302
    assert LateReason.objects.get().by == company.head


def test_a_reason_is_written_and_read_and_nothing_typed_is_lost(client: CheckingClient, company: Company) -> None:
    row = project_at(ProjectState.IN_PROGRESS, company)
    run = frozen(company)
    url = at("review-reason", run, row.pk)
    opened(client, company.head, url)

    empty = client.post(url, {"version": "0", "words": " "})
    long = client.post(url, {"version": "0", "words": "长" * 501})
    done = client.post(url, {"version": "0", "words": "上级推迟\n已改进"})
    stale = client.post(url, {"version": "0", "words": "另一种说法"})

    assert (empty.status_code, long.status_code, done.status_code, stale.status_code) == (422, 422, 302, 409)
    assert "长" * 501 in long.content.decode()
    assert "另一种说法" in stale.content.decode()
    assert LateReason.objects.get().words == "上级推迟\n已改进"
    html = opened(client, company.leader, at("review", run))
    assert "上级推迟<br>已改进" in html
    assert "写原因" not in html
    shown = opened(client, company.leader, url)
    assert "只有牵头处室负责人或督办人员可以写逾期原因" in shown
    CycleRun.objects.filter(pk=run.pk).update(closed_at=JANUARY)
    assert "不再修改" in opened(client, company.head, url)


def test_next_years_plan_is_made_here_with_links_to_it_and_to_the_import(
    client: CheckingClient, company: Company
) -> None:
    a_plan(company)
    run = frozen(company)
    before = opened(client, company.secretariat, at("review", run))

    done = client.post(at("review-plan", run))
    twice = client.post(at("review-plan", run))

    assert "建立 2027 年度任务计划" in before
    assert (done.status_code, twice.status_code) == (302, 409)
    plan = Plan.objects.get(year=2027)
    after = opened(client, company.secretariat, at("review", run))
    assert "建立 2027 年度任务计划" not in after
    assert reverse("plan", args=[plan.pk]) in after
    assert reverse("import-new") in after


def carry_form(*rows: Project, due: str = "3月底前", step: str = "preview", plan: Plan) -> dict[str, object]:
    return {
        "into": str(plan.pk),
        "step": step,
        "chosen": [f"{row.pk}:{row.version}" for row in rows],
        **{f"due-{row.pk}": due for row in rows},
    }


def test_what_is_ticked_is_looked_at_and_then_goes_on(client: CheckingClient, company: Company) -> None:
    rows = [project_at(ProjectState.IN_PROGRESS, company) for _ in range(2)]
    run, plan = frozen(company), a_plan(company, year=2027, now=JANUARY)
    url = at("review-carry-over", run)
    offered = opened(client, company.secretariat, url)

    looked = client.post(url, carry_form(*rows, plan=plan))
    back = client.post(url, carry_form(*rows, plan=plan, step="back", due="4月"))
    done = client.post(url, carry_form(*rows, plan=plan, step="do"))

    assert offered.count('value="2027-03-31"') == 2
    assert looked.status_code == 200
    assert "2027年3月31日" in looked.content.decode()
    assert Project.objects.filter(plan=plan).count() == 2
    assert (back.status_code, done.status_code) == (200, 302)
    assert back.content.decode().count('value="4月"') == 2
    assert back.content.decode().count(" checked") == 2
    html = opened(client, company.leader, at("review", run))
    for row in rows:
        row.refresh_from_db()
        assert row.carried_into is not None
        assert reverse("project", args=[row.pk]) in html
        assert reverse("project", args=[row.carried_into.pk]) in html
    assert "没有要结转的项目" in opened(client, company.secretariat, url)


def test_a_date_that_cannot_be_read_is_asked_for_and_the_rest_kept(client: CheckingClient, company: Company) -> None:
    first, second = (project_at(ProjectState.IN_PROGRESS, company) for _ in range(2))
    run, plan = frozen(company), a_plan(company, year=2027, now=JANUARY)
    client.force_login(company.secretariat)
    url = at("review-carry-over", run)
    typed = carry_form(first, plan=plan, due="开春以后") | {f"due-{second.pk}": "随便什么"}

    wrong = client.post(url, typed)
    nothing = client.post(url, carry_form(plan=plan) | {f"due-{first.pk}": "5月底"})
    missing = client.post(url, carry_form(first, plan=plan, due=""))

    assert (wrong.status_code, nothing.status_code, missing.status_code) == (422, 422, 422)
    html = wrong.content.decode()
    assert 'value="开春以后"' in html
    assert 'value="随便什么"' in html  # not ticked, so not asked for, and kept
    assert html.count('aria-invalid="true"') == 1
    assert "还没有勾选" in nothing.content.decode()
    assert 'value="5月底"' in nothing.content.decode()
    assert "请填写新的完成时限" in missing.content.decode()
    assert not Project.objects.filter(plan=plan).exists()


def test_what_is_left_says_why_and_keeps_its_date(client: CheckingClient, company: Company) -> None:
    able, stale = (project_at(ProjectState.IN_PROGRESS, company) for _ in range(2))
    waiting = project_at(ProjectState.CLOSE_OUT_REQUESTED, company)
    run, plan = frozen(company), a_plan(company, year=2027, now=JANUARY)
    client.force_login(company.secretariat)
    url = at("review-carry-over", run)
    typed = carry_form(able, stale, waiting, plan=plan, due="5月底前", step="do")
    Project.objects.filter(pk=stale.pk).update(version=stale.version + 1)

    reply = client.post(url, typed)

    html = unescape(reply.content.decode())
    assert reply.status_code == 409
    assert "已结转 1 项" in html
    assert "没有结转：您打开此页后有人改过" in html
    assert "没有结转：待验收的项目不能结转" in html
    assert html.count('value="5月底前"') == 2
    assert Project.objects.get(pk=able.pk).state == ProjectState.CARRIED_OVER
    again = opened(client, company.secretariat, url)
    assert "待验收的项目不能结转" in again
    assert again.count(" disabled") == 1


def test_before_the_year_is_over_or_without_a_plan_the_page_says_what_is_wanting(
    client: CheckingClient, company: Company
) -> None:
    project_at(ProjectState.IN_PROGRESS, company)
    run = the_year(company.office, now=DECEMBER)
    url = at("review-carry-over", run)

    assert "建立 2027 年度任务计划" in opened(client, company.secretariat, url)
    with time_machine.travel(DECEMBER, tick=False):
        assert "还没有到结转的时候" in opened(client, company.secretariat, url)


def test_the_secretariat_freezes_the_year_anew(client: CheckingClient, company: Company) -> None:
    run = frozen(company)
    client.force_login(company.secretariat)
    url = at("review-cut-off", run)

    wrong = client.post(url, {"version": str(run.version), "cut_off_at": ""})
    done = client.post(url, {"version": str(run.version), "cut_off_at": "2027-01-05T17:00"})

    assert (wrong.status_code, done.status_code) == (422, 302)
    run.refresh_from_db()
    assert run.cut_off_at == datetime(2027, 1, 5, 17, 0, tzinfo=SHANGHAI)
    assert 'id="cut-off"' in opened(client, company.secretariat, at("review", run))
    assert 'id="cut-off"' not in opened(client, company.leader, at("review", run))


@pytest.mark.parametrize("count", [1, 3])
def test_the_pages_ask_a_constant_number_of_questions(client: CheckingClient, company: Company, count: int) -> None:
    rows = [project_at(ProjectState.IN_PROGRESS, company) for _ in range(count)]
    plan = a_plan(company, year=2027, now=JANUARY)
    run = frozen(company)
    for row in rows:
        LateReason.objects.create(
            organization=company.office, run=run, project=row, words="原因", by=company.head, at=JANUARY
        )
    client.force_login(company.secretariat)

    def asked(name: str, **typed: object) -> int:
        with CaptureQueriesContext(connection) as queries:
            reply = client.post(at(name, run), typed) if typed else client.get(at(name, run))
        assert reply.status_code == 200
        return len(queries)

    frozen_counts = [asked(name) for name in ("review", "review-lines", "review-carry-over")]
    preview = asked("review-carry-over", **carry_form(*rows, plan=plan))
    CycleRun.objects.filter(pk=run.pk).update(frozen_at=None, cut_off_at=None)
    live_counts = [asked(name) for name in ("review", "review-lines")]

    assert (frozen_counts, preview, live_counts) == ([18, 14, 14], 14, [25, 22])


def test_another_office_finds_nothing(client: CheckingClient, company: Company) -> None:
    row = project_at(ProjectState.IN_PROGRESS, company)
    run = frozen_with(the_year(company.office, now=DECEMBER), row, bucket=Bucket.OVERDUE, now=JANUARY)
    client.force_login(company.foreign_secretariat)

    assert client.get(at("review", run)).status_code == 404
    assert client.get(at("review-reason", run, row.pk)).status_code == 404
