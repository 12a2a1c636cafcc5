"""The pages of the cycles: hub, rule with its dates, runs; who sees what of them."""

import re
from collections.abc import Iterator
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
from tests.cast import Cast, make_cast
from tests.pages import CheckingClient
from tests.supervision.cycles.frozen_runs import frozen_with, the_year
from tests.supervision.cycles.looking_back import a_looked_back
from tests.supervision.cycles.turning import Works, moment, only_noting, rule_of
from tests.walks import project_at

pytestmark = pytest.mark.django_db

SINCE = moment("2026-09-21T07:00")
NOW = moment("2026-10-09T10:00")  # a working Friday after 国庆, before a worked Saturday
WEEKLY = {"label": "", "is_on": "on", "anchor": "FROM_END", "nth": "1", "at": "16:00", "lead_days": "1", "version": "1"}


@pytest.fixture
def cast() -> Cast:
    cast = make_cast()
    cast.elsewhere.divisions.update(supervises=False)
    return cast


@pytest.fixture(autouse=True)
def _now() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def ran(cast: Cast) -> Iterator[Works]:
    with only_noting() as noted:
        bring_cycles_up_to(SINCE)
        for day in ("2026-09-25", "2026-10-01", "2026-10-09"):
            bring_cycles_up_to(moment(f"{day}T09:00"))
        yield noted


def page(client: CheckingClient, user: User, name: str, *args: object, **query: str) -> str:
    client.force_login(user)
    reply = client.get(reverse(name, args=args), query)
    assert reply.status_code == 200
    return reply.content.decode()


def text_of(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


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


# ── a rule ───────────────────────────────────────────────────────────────────


def test_the_page_of_a_rule_shows_twelve_dates_with_the_reason_of_a_shift(
    client: CheckingClient, cast: Cast, ran: Works
) -> None:
    html = page(client, cast.secretariat, "cycle-rule", "quarterly")

    seen = text_of(html)
    assert "今后 12 次" in seen
    assert re.search(
        r"2026年第三季度 10月10日 周六 10月1日至7日国庆节放假；10月10日（周六）调休上班 不计节假日应为 10月5日", seen
    )
    assert seen.count("按推算") == 11


def test_a_preview_shows_other_dates_and_changes_nothing(client: CheckingClient, cast: Cast, ran: Works) -> None:
    client.force_login(cast.secretariat)
    url = reverse("cycle-rule", args=["weekly"])

    whole = client.post(url, WEEKLY | {"at": "15:00", "anchor": "FROM_START", "preview": "1"})
    part = client.post(url, WEEKLY | {"anchor": "FROM_START", "preview": "1"}, headers={"HX-Request": "true"})

    assert (whole.status_code, part.status_code) == (200, 200)
    assert "按填写的计算，尚未保存" in whole.content.decode()
    assert 'value="15:00"' in whole.content.decode()
    assert part.content.decode().lstrip().startswith('<section class="panel" id="dates"')
    assert "10月12日" in text_of(part.content.decode())
    rule = CycleRule.objects.get(cycle=Cycle.WEEKLY)
    assert (rule.anchor, rule.version) == ("FROM_END", 1)


def test_a_preview_tells_what_would_be_run_at_once(client: CheckingClient, cast: Cast, ran: Works) -> None:
    client.force_login(cast.secretariat)
    typed = WEEKLY | {"anchor": "FROM_START", "nth": "1", "preview": "1"}

    reply = client.post(reverse("cycle-rule", args=["weekly"]), typed)

    # The week's first working day was the 8th.
    assert "2026年第41周（10月5日—11日）应于 10月8日 ，已过，保存后即补运行。" in text_of(reply.content.decode())


def test_a_rule_is_saved(client: CheckingClient, cast: Cast, ran: Works) -> None:
    client.force_login(cast.secretariat)

    reply = client.post(reverse("cycle-rule", args=["weekly"]), WEEKLY | {"label": "周点评", "at": "15:00"})

    assert reply.status_code == 302
    rule = CycleRule.objects.get(cycle=Cycle.WEEKLY)
    assert (rule.name, f"{rule.at:%H:%M}", rule.version) == ("周点评", "15:00", 2)
    assert "周点评的规则已保存。" in page(client, cast.secretariat, "cycle-rule", "weekly")


def test_what_was_typed_wrong_stays_typed(client: CheckingClient, cast: Cast, ran: Works) -> None:
    client.force_login(cast.secretariat)

    reply = client.post(reverse("cycle-rule", args=["weekly"]), WEEKLY | {"label": "周点评", "nth": "77"})

    assert reply.status_code == 422
    assert 'value="周点评"' in reply.content.decode()
    assert 'value="77"' in reply.content.decode()
    assert CycleRule.objects.get(cycle=Cycle.WEEKLY).version == 1


def test_a_page_that_is_out_of_date_is_told(client: CheckingClient, cast: Cast, ran: Works) -> None:
    client.force_login(cast.secretariat)
    url = reverse("cycle-rule", args=["weekly"])
    client.post(url, WEEKLY | {"at": "15:00"})

    reply = client.post(url, WEEKLY | {"at": "14:00"})

    assert reply.status_code == 409
    assert "时间“16:00”改为“15:00”" in reply.content.decode()
    assert f"{CycleRule.objects.get(cycle=Cycle.WEEKLY).at:%H:%M}" == "15:00"


def test_a_leader_reads_a_rule_and_may_not_set_it(client: CheckingClient, cast: Cast, ran: Works) -> None:
    html = page(client, cast.leader, "cycle-rule", "half_yearly")

    reply = client.post(reverse("cycle-rule", args=["weekly"]), WEEKLY | {"at": "15:00"})

    assert "只有督办人员可以修改周期规则。" in html
    assert 'id="rule-form"' not in html
    assert reply.status_code == 409


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"nth": "0"}, "请填 1 至 60 的整数"),
        ({"nth": "61"}, "请填 1 至 60 的整数"),
        ({"nth": "一"}, "请填 1 至 60 的整数"),
        ({"nth": ""}, "请填写第几个工作日"),
        ({"lead_days": "-1"}, "请填 0 至 10 的整数"),
        ({"at": "下午四点"}, "时间写成 16:00 的样子"),
        ({"label": "周" * 21}, "最多 20 个字，请缩短"),
    ],
)
def test_a_value_out_of_limits_is_told_in_one_sentence(
    client: CheckingClient, cast: Cast, ran: Works, typed: dict[str, str], said: str
) -> None:
    client.force_login(cast.secretariat)

    reply = client.post(reverse("cycle-rule", args=["weekly"]), WEEKLY | typed)

    assert reply.status_code == 422
    assert re.findall(r'class="fix-why">.*?<span>(.*?)</span>', reply.content.decode(), re.S) == [said]


@pytest.mark.parametrize(
    ("cycle", "asks"),
    [
        ("daily", {"is_on", "label", "at", "version"}),
        ("weekly", {"is_on", "label", "anchor", "nth", "at", "lead_days", "version"}),
        ("half_yearly", {"is_on", "label", "anchor", "nth", "at", "lead_days", "sample_percent", "version"}),
    ],
)
def test_a_form_asks_what_its_cycle_has(
    client: CheckingClient, cast: Cast, ran: Works, cycle: str, asks: set[str]
) -> None:
    html = page(client, cast.secretariat, "cycle-rule", cycle)

    form = html[html.index('id="rule-form"') :]
    form = form[: form.index("</form>")]
    assert set(re.findall(r'name="(\w+)"', form)) == asks | {"csrfmiddlewaretoken", "preview"}


def test_there_is_no_rule_of_another_name(client: CheckingClient, cast: Cast, ran: Works) -> None:
    client.force_login(cast.secretariat)

    assert client.get("/cycles/rules/hourly/").status_code == 404


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
