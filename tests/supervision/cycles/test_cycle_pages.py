"""The hub of the cycles and the pages of their runs; who sees what of them."""

import re
from datetime import date, timedelta

import pytest
import time_machine
from django.contrib.sessions.models import Session
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from supervision.cycles.actions import works
from supervision.cycles.actions.running import bring_cycles_up_to
from supervision.cycles.enums import Cycle, RunState
from supervision.cycles.models import CycleRule, CycleRun
from tasks.enums import Bucket, ProjectState
from tests.cast import Cast
from tests.pages import CheckingClient
from tests.supervision.cycles.frozen_runs import frozen_with, the_year
from tests.supervision.cycles.looking_back import a_looked_back
from tests.supervision.cycles.october import NOW, page, text_of
from tests.supervision.cycles.turning import Works, moment, only_noting, rule_of
from tests.walks import project_at

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("october")]


# ── the hub ──────────────────────────────────────────────────────────────────


def test_the_hub_shows_each_cycle_with_its_next_date_and_why(client: CheckingClient, cast: Cast, ran: Works) -> None:
    CycleRule.objects.filter(cycle=Cycle.WEEKLY).update(label="周点评")

    seen = text_of(page(client, cast.secretariat, "cycles"))

    assert "周点评" in seen
    assert re.search(r"10月10日 周六 16:00 2026年第41周（10月5日—11日）；10月10日（周六）调休上班", seen)
    assert re.search(r"1月8日 周五 9:00 按推算", seen)  # the look-back, in a year that is not known
    assert "2 期未办结" in seen  # two weeks
    assert "2027年的放假通知尚未录入" not in seen  # asked for from November on


def test_the_hub_shows_what_failed_and_what_is_off(client: CheckingClient, cast: Cast, ran: Works) -> None:
    CycleRun.objects.filter(cycle=Cycle.WEEKLY, starts_on=date(2026, 9, 28)).update(state=RunState.FAILED, error="不成")
    CycleRule.objects.filter(cycle=Cycle.MONTHLY).update(is_on=False)

    seen = text_of(page(client, cast.leader, "cycles"))

    assert "1 次未能完成" in seen
    assert "已停用" in seen


def test_the_hub_names_the_period_after_one_run_early(client: CheckingClient, cast: Cast, ran: Works) -> None:
    assert "10月10日 周六 16:00 2026年第41周" in text_of(page(client, cast.secretariat, "cycles"))

    client.post(reverse("cycle-run-now", args=["weekly"]))

    seen = text_of(page(client, cast.secretariat, "cycles"))
    assert "10月10日 周六 16:00" not in seen
    assert "10月16日 周五 16:00 2026年第42周" in seen


def test_the_hub_before_the_first_tick(client: CheckingClient, cast: Cast) -> None:
    assert "周期规则正在建立" in page(client, cast.secretariat, "cycles")


def test_people_of_divisions_see_papers_and_no_rules(client: CheckingClient, cast: Cast, ran: Works) -> None:
    html = page(client, cast.staff, "cycles")

    assert "与本处室有关的材料" in html
    assert "2026年第40周" in html
    assert reverse("cycle-runs") not in html
    assert "/cycles/rules/" not in html


def test_the_hub_leads_to_every_paper_that_somebody_reads(client: CheckingClient, cast: Cast, ran: Works) -> None:
    with time_machine.travel(moment("2027-01-12T10:00"), tick=False):
        bring_cycles_up_to(moment("2027-01-12T10:00"))
        html = {person: page(client, person, "cycles") for person in (cast.staff, cast.head, cast.assessor)}

    def leads(person: User) -> list[str]:
        names = ("watch", "weekly", "dispatch", "quarter", "look-back", "review")
        return [name for name in names if f'href="/{name}/' in html[person].partition("<main")[2]]

    assert leads(cast.staff) == ["watch", "weekly", "dispatch"]
    assert leads(cast.head) == ["watch", "weekly", "dispatch", "look-back", "review"]
    assert leads(cast.assessor) == ["quarter"]
    assert "本处室" not in html[cast.assessor].partition("<main")[2]


def test_the_hub_tells_a_head_what_waits_in_the_papers(client: CheckingClient, cast: Cast, ran: Works) -> None:
    project = project_at(ProjectState.IN_PROGRESS, cast)
    a_looked_back(project)
    run = frozen_with(the_year(cast.office, now=NOW), project, bucket=Bucket.OVERDUE, now=NOW)

    head, staff = (page(client, who, "cycles") for who in (cast.head, cast.staff))

    assert f'<a href="{reverse("review", args=[run.pk])}#late" class="strong">1 项要写逾期原因</a>' in head
    assert "列入 1 项，整改 1 项" in head
    assert re.search(r'href="/dispatch/\d+/">没有要调度的</a>', staff)
    assert "逾期原因" not in staff


def test_the_hub_asks_no_more_after_years(
    client: CheckingClient, cast: Cast, ran: Works, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    client.force_login(cast.secretariat)

    with django_assert_max_num_queries(30):
        client.get(reverse("cycles"))


# ── runs ─────────────────────────────────────────────────────────────────────


def test_the_list_of_runs_is_filtered_and_paged(
    client: CheckingClient, cast: Cast, ran: Works, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    CycleRun.objects.bulk_create(
        CycleRun(
            organization=cast.office,
            cycle=Cycle.DAILY,
            starts_on=date(2020, 1, 1) + timedelta(days=n),
            ends_on=date(2020, 1, 1) + timedelta(days=n),
            due_at=moment("2020-01-01T08:30") + timedelta(days=n),
            state=RunState.MERGED,
            finished_at=NOW,
        )
        for n in range(500)
    )

    client.force_login(cast.leader)
    with django_assert_max_num_queries(30):
        everything = text_of(client.get(reverse("cycle-runs")).content.decode())
    weekly = page(client, cast.leader, "cycle-runs", cycle="WEEKLY", open="1")
    last = page(client, cast.leader, "cycle-runs", state="MERGED", page="10")

    assert re.search(r"第 1 / 11 页", everything)
    assert weekly.count('class="cyc-name"') == 2
    assert last.count('class="cyc-name"') == 50
    assert "没有符合条件的运行" in page(client, cast.leader, "cycle-runs", state="FAILED")


def test_the_list_before_anything_ran(client: CheckingClient, cast: Cast) -> None:
    assert "还没有运行过" in page(client, cast.secretariat, "cycle-runs")


def test_the_page_of_a_run_tells_how_it_went(client: CheckingClient, cast: Cast, ran: Works) -> None:
    run = CycleRun.objects.get(cycle=Cycle.WEEKLY, starts_on=date(2026, 9, 28))

    seen = text_of(page(client, cast.secretariat, "cycle-run", run.pk))

    assert "2026年第40周（9月28日—10月4日）周总结" in seen
    assert "补运行" in seen  # looked at next morning
    assert re.search(r"应于 9月30日 16:00 周三", seen)
    assert "份数 1" in seen
    assert "按期自动" in seen


def test_the_trace_of_a_failure_is_for_the_secretariat(client: CheckingClient, cast: Cast, ran: Works) -> None:
    run = CycleRun.objects.filter(cycle=Cycle.WEEKLY)[0]
    CycleRun.objects.filter(pk=run.pk).update(state=RunState.FAILED, error="不成", traceback="Traceback: x")

    own = page(client, cast.secretariat, "cycle-run", run.pk)
    other = page(client, cast.leader, "cycle-run", run.pk)

    assert "Traceback: x" in own
    assert "不成" in other
    assert "Traceback: x" not in other
    assert "重新运行" not in other


def test_a_run_is_asked_for_once_more_and_the_page_follows_it(client: CheckingClient, cast: Cast, ran: Works) -> None:
    run = CycleRun.objects.filter(cycle=Cycle.WEEKLY)[0]
    client.force_login(cast.secretariat)
    url, asked = (reverse(name, args=[run.pk]) for name in ("cycle-run", "cycle-run-state"))

    reply = client.post(reverse("cycle-rerun", args=[run.pk]), {"version": run.version})
    waiting = client.get(url).content.decode()
    still = client.get(asked)
    bring_cycles_up_to(NOW)
    over = client.get(asked)
    done = client.get(url).content.decode()

    assert (reply.status_code, reply.headers["Location"]) == (302, url)
    assert f'hx-get="{asked}" hx-trigger="load delay:2s"' in waiting
    assert "正在等待运行或正在运行，请稍候。" in waiting
    assert f'hx-get="{asked}"' in still.content.decode()
    assert ("HX-Refresh" in still.headers, over.headers.get("HX-Refresh")) == (False, "true")
    assert asked not in done + over.content.decode()
    assert "王科员（手动）" in text_of(done)


def test_a_page_that_follows_a_run_keeps_no_session(client: CheckingClient, cast: Cast, ran: Works) -> None:
    run = CycleRun.objects.filter(cycle=Cycle.WEEKLY)[0]
    CycleRun.objects.filter(pk=run.pk).update(state=RunState.DUE, finished_at=None)
    client.force_login(cast.secretariat)
    client.get(reverse("cycle-run", args=[run.pk]))
    ends_at = Session.objects.get().expire_date

    with time_machine.travel(NOW + timedelta(minutes=20), tick=False):
        assert client.get(reverse("cycle-run-state", args=[run.pk])).status_code == 200
        kept = Session.objects.get().expire_date
        client.get(reverse("cycle-run", args=[run.pk]))

    assert kept == ends_at
    assert Session.objects.get().expire_date == ends_at + timedelta(minutes=20)


# ── 办结 ─────────────────────────────────────────────────────────────────────


def test_a_page_asks_before_papers_are_closed_for_good(client: CheckingClient, cast: Cast, ran: Works) -> None:
    run = CycleRun.objects.get(cycle=Cycle.WEEKLY, starts_on=date(2026, 9, 28))

    html = page(client, cast.secretariat, "cycle-close", run.pk)
    run.refresh_from_db()
    asked = run.closed_at
    client.post(reverse("cycle-close", args=[run.pk]), {"version": run.version})
    run.refresh_from_db()

    assert asked is None
    assert "办结后不能撤回" in html
    assert "各处室和全机关的本周总结不再修改" in html
    assert f'name="version" value="{run.version - 1}"' in html
    assert run.closed_by == cast.secretariat


def test_papers_that_cannot_be_closed_say_why(client: CheckingClient, cast: Cast, ran: Works) -> None:
    run = CycleRun.objects.filter(cycle=Cycle.WEEKLY)[0]
    CycleRun.objects.filter(pk=run.pk).update(closed_at=NOW, closed_by=cast.secretariat)

    closed = page(client, cast.secretariat, "cycle-close", run.pk)
    others = page(client, cast.leader, "cycle-close", run.pk)

    assert "现在不能办结：已经办结。" in closed
    assert "现在不能办结：只有督办人员可以办结；已经办结。" in others
    assert 'data-busy="正在办结"' not in closed + others


def test_a_version_that_is_no_number_is_no_page(client: CheckingClient, cast: Cast, ran: Works) -> None:
    client.force_login(cast.secretariat)
    run = CycleRun.objects.filter(cycle=Cycle.WEEKLY)[0]

    assert client.post(reverse("cycle-rerun", args=[run.pk]), {"version": "x"}).status_code == 404


def test_a_run_that_changed_meanwhile_is_told(client: CheckingClient, cast: Cast, ran: Works) -> None:
    client.force_login(cast.secretariat)
    run = CycleRun.objects.filter(cycle=Cycle.WEEKLY)[0]

    assert client.post(reverse("cycle-rerun", args=[run.pk]), {"version": run.version - 1}).status_code == 409


def test_the_coming_week_is_run_before_its_date(client: CheckingClient, cast: Cast, ran: Works) -> None:
    client.force_login(cast.secretariat)

    reply = client.post(reverse("cycle-run-now", args=["weekly"]))
    again = client.post(reverse("cycle-run-now", args=["weekly"]))
    bring_cycles_up_to(NOW)

    run = CycleRun.objects.get(cycle=Cycle.WEEKLY, starts_on=date(2026, 10, 5))
    assert reply.headers["Location"] == reverse("cycle-run", args=[run.pk])
    assert again.status_code == 409
    assert (run.state, run.by) == (RunState.DONE, cast.secretariat)
    seen = text_of(page(client, cast.secretariat, "cycle-rule", "weekly"))
    assert "2026年第41周（10月5日—11日）已提前运行，到期不再运行。" in seen
    assert "已运行，需要时到该次运行的页面重新运行。" in seen


def test_a_quarter_that_has_not_ended_says_why_it_is_not_run(client: CheckingClient, cast: Cast) -> None:
    with only_noting(Cycle.QUARTERLY):
        rule_of(cast.office, Cycle.QUARTERLY, since=moment("2026-10-10T12:00"))
        with time_machine.travel(moment("2026-10-12T10:00"), tick=False):
            html = page(client, cast.secretariat, "cycle-rule", "quarterly")

    assert "2026年第四季度到12月31日期满，期满后才能运行。" in html
    assert works.WORK
