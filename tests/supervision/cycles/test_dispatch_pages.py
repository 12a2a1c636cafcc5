"""月调度 on screen: who reads what, what the meeting shows, how a decision is typed in, and how often it is asked."""

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from supervision.cycles.actions.decisions import record_decision
from supervision.cycles.actions.dispatching import write_dispatch
from supervision.cycles.models import CycleRun, Decision, DispatchLine
from tasks.actions.entries import add_entry
from tasks.models import ChangeRequest, Milestone, Project
from tests.cast import Cast
from tests.pages import CheckingClient
from tests.supervision.cycles.monthly import MEETING, an_overdue_one, the_month, written
from tests.supervision.cycles.test_decisions import decided
from tests.tasks.company import Company, make_company
from tests.walks import a_plan

HTMX = {"HX-Request": "true"}
READERS = {"secretariat", "supervising_head", "leader", "leader_deputy"}


@pytest.fixture
def company(db: None) -> Iterator[Company]:
    with time_machine.travel(MEETING, tick=False):
        yield make_company()


def client_of(company: Company, who: str) -> CheckingClient:
    client = CheckingClient()
    client.force_login(getattr(company, who))
    return client


def page(company: Company, who: str, name: str, *args: int, **query: str) -> str:
    reply = client_of(company, who).get(reverse(name, args=args), query)
    assert reply.status_code == 200, reply.status_code
    return str(reply.content.decode())


def typed(company: Cast, **changed: object) -> dict[str, object]:
    given: dict[str, object] = {
        "words": "研究室牵头拟出联系委员办法",
        "division": company.lead.pk,
        "person": company.staff.pk,
        "quick": "20",
        "due_on": "",
        "becomes": "MATTER",
    }
    return given | changed


def test_the_agenda_tells_light_division_grounds_and_decisions(company: Company) -> None:
    project = an_overdue_one(company)
    run = written(company)
    record_decision(run, decided(company, project=project), by=company.secretariat, now=MEETING)

    html = page(company, "secretariat", "dispatch", run.pk)

    for words in ("2026年4月调度", "红灯", "经济委办公室", "节点“第1步”", "逾期 8 个工作日", "落后 50 个百分点"):
        assert words in html
    for words in (
        "研究室牵头拟出联系委员办法",
        "另立事项 〔2026〕002号",
        "5月29日",
        "会议演示",
        "议定事项记录后不能修改",
    ):
        assert words in html


def test_a_leader_reads_and_shows_but_records_nothing(company: Company) -> None:
    an_overdue_one(company)
    run = written(company)

    assert "记录议定事项" not in page(company, "leader", "dispatch", run.pk)
    assert "记录议定事项" not in page(company, "leader", "dispatch-meeting", run.pk)
    reply = client_of(company, "leader").post(reverse("dispatch-decide", args=[run.pk]), typed(company))
    assert reply.status_code == 409
    assert "只有督办人员可以记录议定事项" in reply.content.decode()


def test_a_division_reads_its_own_sheet_only(company: Company) -> None:
    project = an_overdue_one(company)
    project.milestones.filter(title="第1步").update(division=company.assisting, person=company.co_staff)
    run = written(company)
    own, other = (reverse("dispatch-sheet", args=[run.pk, each.pk]) for each in (company.lead, company.assisting))
    client = client_of(company, "staff")

    assert client.get(own).status_code == 200
    assert client.get(other).status_code == 404
    assert client.get(reverse("dispatch", args=[run.pk])).headers["Location"] == reverse(
        "dispatch-sheets", args=[run.pk]
    )
    html = client.get(reverse("dispatch-sheets", args=[run.pk])).content.decode()
    assert "欠序时" in html
    assert "第1步" not in html
    assert client.get(reverse("dispatch-meeting", args=[run.pk])).status_code == 404


def test_one_print_holds_every_sheet(company: Company) -> None:
    project = an_overdue_one(company)
    project.milestones.filter(title="第1步").update(division=company.assisting, person=company.co_staff)
    run = written(company)

    html = page(company, "secretariat", "dispatch-sheets", run.pk)

    assert html.count('class="panel dsp-sheet"') == 2
    assert "研究室" in html
    assert "没有需要调度的事项" in page(company, "outsider", "dispatch-sheets", run.pk)


def test_what_is_overdue_and_behind_stands_once_with_both(company: Company) -> None:
    project = an_overdue_one(company)
    project.milestones.filter(title="第1步").update(division=company.assisting, person=company.co_staff)
    Project.objects.filter(pk=project.pk).update(due_on=MEETING.date() - timedelta(days=3))
    run = written(company)
    grounds = list(DispatchLine.objects.filter(run=run, milestone=None).values_list("ground", flat=True))

    sheet = page(company, "staff", "dispatch-sheets", run.pk)
    agenda = page(company, "secretariat", "dispatch", run.pk)

    assert sorted(grounds) == ["BEHIND", "OVERDUE"]
    assert sheet.count(f"{project.number} · 整个项目") == 1
    assert re.search(r'已逾期</span> <span class="late">.*?</span></p><p><span class="tag">欠序时', sheet, re.S)
    rows = sheet.count('<td class="dsp-no">')
    assert f"<span>{rows} 件</span>" in sheet
    assert f"{company.lead.name} <b>{rows}</b>" in agenda


def test_a_month_without_anything_says_so(company: Company) -> None:
    run = written(company)

    for name in ("dispatch", "dispatch-sheets", "dispatch-meeting"):
        assert "没有需要调度的事项" in page(company, "secretariat", name, run.pk)


def test_the_meeting_shows_one_item_with_what_matters(company: Company) -> None:
    project = an_overdue_one(company)
    project.refresh_from_db()
    add_entry(
        project,
        by=company.staff,
        version=project.version,
        situation="调研已开始",
        problems="两家单位尚未回函",
        next_steps="本周上门",
        needs_coordination=True,
        files=[],
        now=MEETING,
    )
    run = written(company)

    html = page(company, "secretariat", "dispatch-meeting", run.pk)

    for words in (
        "第 <b>1</b> / 1 项",
        "红灯",
        "吴科员",
        "逾期 8 个工作日",
        "调研已开始",
        "两家单位尚未回函",
        "本周上门",
    ):
        assert words in html


def test_links_turn_the_pages_and_the_last_is_what_was_decided(company: Company) -> None:
    for _ in range(2):
        an_overdue_one(company)
    run = written(company)

    assert reverse("dispatch-item", args=[run.pk, 2]) in page(company, "leader", "dispatch-item", run.pk, 1)
    assert "本次会议还没有议定事项" in page(company, "leader", "dispatch-item", run.pk, 3)
    client = client_of(company, "leader")
    statuses = [client.get(reverse("dispatch-item", args=[run.pk, place])).status_code for place in (0, 4)]
    assert statuses == [404, 404]
    part = client.get(reverse("dispatch-item", args=[run.pk, 2]), headers=HTMX).content.decode()
    assert "<html" not in part
    assert "第 <b>2</b> / 2 项" in part


def test_what_was_mended_before_the_meeting_is_said(company: Company) -> None:
    project = an_overdue_one(company)
    run = written(company)
    Milestone.objects.filter(project=project).update(
        state="REPORTED", reported_on=MEETING.date(), reported_at=MEETING, reported_by=company.head
    )

    assert "会前情况有变" in page(company, "leader", "dispatch-meeting", run.pk)


def test_a_decision_is_typed_in_beside_its_item(company: Company) -> None:
    project = an_overdue_one(company)
    run = written(company)
    given = typed(company, project=project.pk, place=1)

    part = client_of(company, "secretariat").post(reverse("dispatch-decide", args=[run.pk]), given, headers=HTMX)

    html = part.content.decode()
    assert part.status_code == 200
    assert "<html" not in html
    assert "已记录议定事项，并交办经济委办公室：〔2026〕002号" in html
    assert "研究室牵头拟出联系委员办法" in html
    assert Decision.objects.get().due_on.isoformat() == "2026-06-01"


def test_without_script_it_comes_back_to_the_item_or_the_agenda(company: Company) -> None:
    project = an_overdue_one(company)
    run = written(company)
    client = client_of(company, "secretariat")
    url = reverse("dispatch-decide", args=[run.pk])

    beside = client.post(url, typed(company, project=project.pk, place=1))
    alone = client.post(url, typed(company, words="另一件", due_on="2026-06-30"))

    assert beside.headers["Location"] == reverse("dispatch-item", args=[run.pk, 1])
    assert alone.headers["Location"] == reverse("dispatch", args=[run.pk])
    assert Decision.objects.get(words="另一件").due_on.isoformat() == "2026-06-30"


def test_a_milestone_is_asked_for_from_the_meeting(company: Company) -> None:
    project = an_overdue_one(company)
    run = written(company)
    client = client_of(company, "secretariat")

    client.post(reverse("dispatch-decide", args=[run.pk]), typed(company, project=project.pk, becomes="MILESTONE"))

    change = ChangeRequest.objects.get(project=project)
    html = page(company, "secretariat", "dispatch", run.pk)
    assert reverse("change", args=[change.pk]) in html
    assert "待督办处其他人员或领导决定" in html
    again = page(company, "secretariat", "dispatch-meeting", run.pk)
    assert "已有待决定的调整申请" in again


@pytest.mark.parametrize("place", ["", "1", "9"])
def test_what_is_wrong_is_told_with_everything_kept(company: Company, place: str) -> None:
    project = an_overdue_one(company)
    run = written(company)
    given = typed(company, project=project.pk, place=place, person=company.co_staff.pk, quick="", due_on="2026-04-01")

    reply = client_of(company, "secretariat").post(reverse("dispatch-decide", args=[run.pk]), given)

    html = reply.content.decode()
    assert reply.status_code == 422
    assert "孙科员不在经济委办公室任职" in html
    assert "完成时限 2026-04-01 已过" in html
    assert "研究室牵头拟出联系委员办法</textarea>" in html
    assert 'value="2026-04-01"' in html
    assert not Decision.objects.exists()


def test_without_a_date_it_asks_for_one(company: Company) -> None:
    run = written(company)

    reply = client_of(company, "secretariat").post(
        reverse("dispatch-decide", args=[run.pk]), typed(company, quick="", words="")
    )

    assert reply.status_code == 422
    assert "请选择几个工作日，或填写日期" in reply.content.decode()


def test_a_closed_month_offers_no_form_and_says_why(company: Company) -> None:
    an_overdue_one(company)
    run = written(company)
    CycleRun.objects.filter(pk=run.pk).update(closed_at=MEETING, closed_by=company.secretariat)

    assert "本月调度已办结，不能再记录议定事项" in page(company, "secretariat", "dispatch", run.pk)
    assert "data-resolving" not in page(company, "secretariat", "dispatch-meeting", run.pk)
    assert "已办结" in page(company, "secretariat", "dispatch-decide", run.pk)


def test_a_run_of_another_cycle_or_office_has_no_agenda(company: Company) -> None:
    run = the_month(company)
    CycleRun.objects.filter(pk=run.pk).update(cycle="WEEKLY")

    assert client_of(company, "secretariat").get(reverse("dispatch", args=[run.pk])).status_code == 404


def queries_of(client: CheckingClient, url: str) -> int:
    client.get(url)
    with CaptureQueriesContext(connection) as captured:
        assert client.get(url).status_code == 200
    return len(captured.captured_queries)


@pytest.mark.parametrize(("name", "more"), [("dispatch", []), ("dispatch-sheets", []), ("dispatch-item", [1])])
def test_the_pages_ask_as_often_for_three_projects_as_for_one(company: Company, name: str, more: list[int]) -> None:
    a_plan(company)
    run = the_month(company)
    client = client_of(company, "secretariat")
    url = reverse(name, args=[run.pk, *more])

    def filled(count: int) -> None:
        for _ in range(count):
            project: Project = an_overdue_one(company)
            resolution = decided(company, project=project)
            write_dispatch(run, MEETING)
            record_decision(run, resolution, by=company.secretariat, now=MEETING)

    filled(1)
    one = queries_of(client, url)
    filled(2)

    assert queries_of(client, url) == one
