"""The pages of 专项督查: planning, the moves, findings and what comes of them, and who reads how much."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from html import unescape

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Division, Event, User
from supervision.inspections.actions.inspections import cancel_inspection, conclude_inspection, plan_inspection
from supervision.inspections.enums import InspectionState, Means
from supervision.inspections.models import Finding, Inspection, InspectionObject
from tasks.models import KeyTask
from tests.cast import NOW
from tests.pages import CheckingClient
from tests.supervision.inspections.inspecting import DUE, begun, drafted, found, looked_into, planned
from tests.tasks.company import Company, make_company
from tests.walks import a_draft, a_plan

pytestmark = pytest.mark.django_db


@pytest.fixture
def company() -> Iterator[Company]:
    with time_machine.travel(NOW, tick=False):
        yield make_company()


def signed_in(user: User) -> CheckingClient:
    client = CheckingClient()
    client.force_login(user)
    return client


def page(user: User, name: str, *args: int, query: str = "") -> str:
    reply = signed_in(user).get(reverse(name, args=args) + query)
    assert reply.status_code == 200, reply.status_code
    return unescape(reply.content.decode())


def posted(user: User, data: dict[str, object], name: str, *args: int, status: int = 302, **headers: str) -> str:
    reply = signed_in(user).post(reverse(name, args=args), data, headers=headers)
    assert reply.status_code == status, reply.status_code
    return unescape(reply.content.decode())


def typed(company: Company, **changed: object) -> dict[str, object]:
    given: dict[str, object] = {
        "title": "委员联系点建设专项督查",
        "key_task": "",
        "matter": "委员联系点建设",
        "basis": "3月2日秘书长办公会议",
        "starts_on": "2026-03-09",
        "ends_on": "2026-03-20",
        "means": ["REPORT", "VISIT"],
        "divisions": [company.lead.pk, company.assisting.pk],
        "members": [company.secretariat.pk],
        "rows": "2",
        "o-0-name": "高主任",
        "o-0-unit": "市委督查室",
        "o-1-name": "",
        "o-1-unit": "",
        "head": f"u:{company.leader.pk}",
        "plan": "听汇报，看现场",
    }
    return given | changed


def rectified(company: Company) -> Inspection:
    """Under way: one division has to mend something, at the other there was nothing."""
    a_plan(company)
    inspection = begun(company)
    lead, assisting = inspection.inspected.order_by("division__order")
    found(company, lead, words="两处没有挂牌", requirement="补齐标识", person=company.staff, due_on=DUE)
    found(company, assisting, words="研究室台账不全")
    inspection.refresh_from_db()
    return inspection


def object_of(inspection: Inspection, division: Division) -> InspectionObject:
    return inspection.inspected.get(division=division)


# ── the list ─────────────────────────────────────────────────────────────────


def test_without_inspections_the_page_says_what_they_are_for(company: Company) -> None:
    assert "同一处室同一事项一年只督查一次" in page(company.secretariat, "inspections")
    assert "督办处立项的专项督查列在这里" in page(company.leader, "inspections")
    assert "没有涉及您的专项督查" in page(company.staff, "inspections")


def test_the_list_tells_matter_objects_head_and_counts(company: Company) -> None:
    rectified(company)

    html = page(company.leader, "inspections")

    for words in (
        "委员联系点建设专项督查",
        "委员联系点 建设情况",
        "经济委办公室",
        "周副主席",
        "督查中",
        "在办 <b>1</b>",
    ):
        assert words in html
    assert "</span>2 条" in html


def test_the_list_is_narrowed_by_year_and_state(company: Company) -> None:
    planned(company)
    later = replace(drafted(company), title="下年的", starts_on=date(2027, 1, 4), ends_on=date(2027, 1, 8))
    plan_inspection(company.office, later, by=company.secretariat, now=NOW)

    of_next_year = page(company.secretariat, "inspections", query="?year=2027")
    assert "下年的" in of_next_year
    assert "委员联系点建设专项督查" not in of_next_year
    assert "没有符合条件的督查" in page(company.secretariat, "inspections", query="?state=CONCLUDED")


def test_the_list_is_paged(company: Company) -> None:
    for place in range(31):
        row = replace(drafted(company), title=f"督查{place}", matter=f"事项{place}")
        plan_inspection(company.office, row, by=company.secretariat, now=NOW)

    assert "第 1 / 2 页" in page(company.secretariat, "inspections")
    assert page(company.secretariat, "inspections", query="?page=2").count("insp-name") == 1


# ── the plan ─────────────────────────────────────────────────────────────────


def test_an_inspection_is_planned_with_an_outside_member(company: Company) -> None:
    posted(company.secretariat, typed(company), "inspection-new")

    inspection = Inspection.objects.get()
    assert (inspection.matter, inspection.is_joint) == ("委员联系点建设", True)
    assert inspection.means == [Means.REPORT, Means.VISIT]
    assert [str(row) for row in inspection.members.all()] == ["周副主席", "王科员", "高主任（市委督查室）"]
    assert [row.division for row in inspection.inspected.all()] == [company.lead, company.assisting]


def test_an_outside_member_may_be_the_head(company: Company) -> None:
    posted(company.secretariat, typed(company, head="o:0"), "inspection-new")

    assert str(Inspection.objects.get().members.get(is_head=True)) == "高主任（市委督查室）"


def test_the_matter_may_be_a_key_task_of_the_year(company: Company) -> None:
    a_draft(company, title="推进营商环境专题协商")
    task = KeyTask.objects.get()

    assert "推进营商环境专题协商" in page(company.secretariat, "inspection-new")
    twice = posted(company.secretariat, typed(company, key_task=task.pk), "inspection-new", status=422)
    assert "已选重点任务，请清空这里" in twice
    again = typed(company, matter="推进营商环境 专题协商")
    assert "这是一项重点任务，请在上面选择" in posted(company.secretariat, again, "inspection-new", status=422)
    posted(company.secretariat, typed(company, key_task=task.pk, matter=""), "inspection-new")

    assert Inspection.objects.get().key_task == task


def test_a_line_is_added_without_script_and_judges_nothing(company: Company) -> None:
    data = typed(company, op="row-add", title="", ends_on="2026-03-0")
    for headers in ({}, {"HX-Request": "true"}):
        html = posted(company.secretariat, data, "inspection-new", status=200, **headers)

        assert 'name="o-2-name"' in html
        assert 'name="rows" value="3"' in html
        assert 'value="市委督查室"' in html
        assert 'value="2026-03-0"' in html
        assert "听汇报，看现场" in html
        assert "需要更正" not in html
        assert f'value="{company.secretariat.pk}" id="id_members_{company.secretariat.pk}" checked' in html
        assert f'<option value="u:{company.leader.pk}" selected>' in html
    assert not Inspection.objects.exists()


def test_all_faults_are_told_at_once_and_all_typed_is_kept(company: Company) -> None:
    planned(company)
    wrong = typed(
        company, title="", basis="", matter="委员联系点建设情况。", ends_on="2026-03-01", members=[company.head.pk]
    )

    html = posted(company.secretariat, wrong | {"o-1-name": "孙处长"}, "inspection-new", status=422)

    for words in (
        "有 6 处需要更正",
        "请填写督查名称",
        "请填写立项依据",
        "结束日期 2026-03-01 早于开始日期 2026-03-09",
        "陈处长在经济委办公室任职，不能督查本处室",
        "经济委办公室2026年已有同一事项的督查“委员联系点建设专项督查”（已立项）",
        "请填写单位",
        'value="孙处长"',
        'value="高主任"',
        "听汇报，看现场",
    ):
        assert words in html, words


def test_a_head_of_a_line_left_blank_is_asked_for(company: Company) -> None:
    html = posted(company.secretariat, typed(company, head="o:1"), "inspection-new", status=422)

    assert "这一行外单位人员没有填写完整" in html


def test_what_is_planned_is_altered_until_it_begins(company: Company) -> None:
    posted(company.secretariat, typed(company, head="o:0"), "inspection-new")
    inspection = Inspection.objects.get()

    html = page(company.secretariat, "inspection-edit", inspection.pk)
    assert '<option value="o:0" selected>高主任' in html
    assert 'value="2026-03-09"' in html
    data = typed(company, title="改过的", rows="1", head="", version=1) | {"o-0-name": "", "o-0-unit": ""}
    posted(company.secretariat, data, "inspection-edit", inspection.pk)
    inspection.refresh_from_db()
    assert (inspection.title, inspection.is_joint, inspection.version) == ("改过的", False, 2)

    late = posted(company.secretariat, data, "inspection-edit", inspection.pk, status=409)
    assert "改过的" in late
    posted(company.secretariat, typed(company, version=2), "inspection-edit", inspection.pk)
    posted(company.secretariat, {"version": 3}, "inspection-begin", inspection.pk)
    assert "现在不能修改方案：督查中的督查不能修改方案" in page(company.secretariat, "inspection-edit", inspection.pk)
    posted(company.secretariat, typed(company, version=4), "inspection-edit", inspection.pk, status=409)


# ── moves and findings ───────────────────────────────────────────────────────


def test_what_bars_a_move_stands_beside_it(company: Company) -> None:
    row = replace(drafted(company), head=None, divisions=[])
    inspection = plan_inspection(company.office, row, by=company.secretariat, now=NOW)

    html = page(company.secretariat, "inspection", inspection.pk)

    assert "还没有组长，请先在方案里指定" in html
    assert "还没有督查对象，请先在方案里选择处室" in html
    assert reverse("inspection-edit", args=[inspection.pk]) in html
    assert "现在不能办" not in page(company.leader, "inspection", inspection.pk)


def test_from_beginning_to_conclusion_on_screen(company: Company) -> None:
    a_plan(company)
    inspection = planned(company)
    posted(company.secretariat, {"version": 1}, "inspection-begin", inspection.pk)
    lead, assisting = (object_of(inspection, each) for each in (company.lead, company.assisting))
    data = {"version": 2, "words": "两处没有挂牌", "requirement": "补齐标识", "person": company.staff.pk, "due_on": DUE}
    posted(company.secretariat, data, "inspection-finding", inspection.pk, lead.pk)

    html = page(company.secretariat, "inspection", inspection.pk)
    for words in ("两处没有挂牌", "补齐标识", "吴科员", "已交办", "研究室还没有登记督查情况"):
        assert words in html
    assert html.count("未发现问题<span") == 1
    assert Finding.objects.get().follow_up_id is not None

    posted(
        company.secretariat, {"version": 3, "words": "未发现问题"}, "inspection-finding", inspection.pk, assisting.pk
    )
    assert "请写明督查结论" in posted(
        company.secretariat, {"version": 4, "words": " "}, "inspection-conclude", inspection.pk, status=422
    )
    posted(company.secretariat, {"version": 4, "words": "总体落实"}, "inspection-conclude", inspection.pk)
    inspection.refresh_from_db()
    assert inspection.state == InspectionState.CONCLUDED
    assert "总体落实" in page(company.leader, "inspection", inspection.pk)


def test_half_a_rectification_is_told_under_its_fields(company: Company) -> None:
    inspection = begun(company)
    lead = object_of(inspection, company.lead)
    args = (inspection.pk, lead.pk)

    half = {"version": 2, "words": "没有挂牌", "requirement": "补齐标识", "due_on": "2026-03-01"}
    html = posted(company.secretariat, half, "inspection-finding", *args, status=422)
    for words in ("请选择责任人", "整改时限 2026-03-01 已过", "没有挂牌", "补齐标识"):
        assert words in html
    other = {"version": 2, "words": "没有挂牌", "person": company.staff.pk}
    assert "请写明整改要求" in posted(company.secretariat, other, "inspection-finding", *args, status=422)
    foreign = {"version": 2, "words": "没有挂牌", "requirement": "补", "person": company.co_staff.pk, "due_on": DUE}
    assert "请在列表中选择" in posted(company.secretariat, foreign, "inspection-finding", *args, status=422)


def test_a_finding_is_corrected_on_screen_by_who_recorded_it(company: Company) -> None:
    inspection = looked_into(company)
    finding = Finding.objects.get()
    url = reverse("inspection-correct", args=[inspection.pk, finding.pk])

    assert url in page(company.secretariat, "inspection", inspection.pk)
    assert url not in page(company.second_secretariat, "inspection", inspection.pk)
    assert "只有登记人可以更正；要补充的请另行登记" in page(
        company.second_secretariat, "inspection-correct", inspection.pk, finding.pk
    )
    assert "未发现问题</textarea>" in page(company.secretariat, "inspection-correct", inspection.pk, finding.pk)
    posted(company.secretariat, {"version": 3, "words": "没有挂牌"}, "inspection-correct", inspection.pk, finding.pk)

    html = page(company.secretariat, "inspection", inspection.pk)
    assert "没有挂牌" in html
    assert "原为“未发现问题”" in html
    assert url not in page(company.leader, "inspection", inspection.pk)


def test_a_rectification_in_hand_is_not_asked_for_again(company: Company) -> None:
    inspection = rectified(company)
    finding = Finding.objects.filter(follow_up__isnull=False)[0]

    html = page(company.secretariat, "inspection-correct", inspection.pk, finding.pk)

    assert "整改已另立事项，要求、责任人和时限请在该事项中申请变更" in html
    assert 'name="requirement"' not in html


def test_words_typed_against_an_older_version_are_kept(company: Company) -> None:
    inspection = rectified(company)

    html = posted(
        company.secretariat, {"version": 2, "words": "总体落实"}, "inspection-conclude", inspection.pk, status=409
    )

    assert "总体落实" in html
    assert f'name="version" value="{inspection.version}"' in html


def test_a_cancelled_one_says_why(company: Company) -> None:
    inspection = begun(company)

    posted(company.secretariat, {"version": 2, "words": ""}, "inspection-cancel", inspection.pk, status=422)
    posted(company.secretariat, {"version": 2, "words": "与巡察重复"}, "inspection-cancel", inspection.pk)

    html = page(company.leader, "inspection", inspection.pk)
    assert "本次督查已取消，理由：与巡察重复" in html
    assert signed_in(company.staff).get(reverse("inspection", args=[inspection.pk])).status_code == 404


# ── who reads how much ───────────────────────────────────────────────────────


def test_an_inspected_division_reads_its_own_findings_only(company: Company) -> None:
    inspection = rectified(company)
    inspection = conclude_inspection(
        inspection, by=company.secretariat, version=inspection.version, conclusion="研究室要整改", now=NOW
    )

    html = page(company.staff, "inspection", inspection.pk)

    assert "两处没有挂牌" in html
    for words in ("研究室", "台账不全", "听汇报"):
        assert words not in html
    assert "</span>1 条" in page(company.staff, "inspections")
    assert "研究室" not in page(company.staff, "inspections")
    assert signed_in(company.staff).get(reverse("inspection-report", args=[inspection.pk])).status_code == 404


def test_before_it_begins_the_inspected_know_nothing(company: Company) -> None:
    inspection = planned(company)

    assert signed_in(company.head).get(reverse("inspection", args=[inspection.pk])).status_code == 404
    assert "委员联系点建设专项督查" not in page(company.head, "inspections")


def test_the_group_reads_all_and_writes_nothing(company: Company) -> None:
    row = replace(drafted(company), members=[company.outsider, company.leader])
    inspection = plan_inspection(company.office, row, by=company.secretariat, now=NOW)

    html = page(company.outsider, "inspection", inspection.pk)

    assert "研究室" in html
    assert "修改方案" not in html
    assert "一、基本情况" in page(company.outsider, "inspection-report", inspection.pk)
    for name in ("inspection-edit", "inspection-conclude", "inspection-cancel"):
        assert signed_in(company.outsider).get(reverse(name, args=[inspection.pk])).status_code == 404


def test_the_report_holds_findings_rectifications_and_conclusion(company: Company) -> None:
    inspection = rectified(company)
    assert "报告按现在登记的内容" in page(company.leader, "inspection-report", inspection.pk)
    conclude_inspection(inspection, by=company.secretariat, version=inspection.version, conclusion="总体落实", now=NOW)

    html = page(company.leader, "inspection-report", inspection.pk)

    for words in (
        "两处没有挂牌",
        "研究室台账不全",
        "补齐标识",
        "在办 1 项",
        "总体落实",
        "2026年3月4日",
        "听取汇报、检查、访谈、暗访",
    ):
        assert words in html


def test_the_story_is_told_with_names(company: Company) -> None:
    inspection = rectified(company)

    assert "王科员将专项督查“委员联系点建设专项督查”立项" in page(company.leader, "inspection", inspection.pk)
    assert Event.objects.filter(subject_kind="inspection").count() == 4
    assert (
        "立项" not in page(company.staff, "inspection", inspection.pk).split('id="timeline"')[1].split("</section>")[0]
    )


# ── how often is asked ───────────────────────────────────────────────────────


@pytest.mark.parametrize("count", [1, 3])
def test_the_pages_ask_a_constant_number_of_questions(company: Company, count: int) -> None:
    a_plan(company)
    for place in range(count):
        row = replace(drafted(company), title=f"督查{place}", matter=f"事项{place}")
        plan_inspection(company.office, row, by=company.secretariat, now=NOW)
    inspection = begun(company)
    lead, assisting = inspection.inspected.order_by("division__order")
    for place in range(count):
        found(company, lead, words="没有挂牌", requirement=f"补齐{place}", person=company.staff, due_on=DUE)
        found(company, assisting)
    client = signed_in(company.secretariat)

    asked = {}
    for name, args in (
        ("inspections", []),
        ("inspection", [inspection.pk]),
        ("inspection-report", [inspection.pk]),
        ("inspection-new", []),
    ):
        with CaptureQueriesContext(connection) as queries:
            client.get(reverse(name, args=args))
        asked[name] = len(queries)

    assert asked == {"inspections": 14, "inspection": 24, "inspection-report": 23, "inspection-new": 12}


def test_a_cancelled_inspection_leaves_its_findings(company: Company) -> None:
    inspection = rectified(company)
    cancel_inspection(inspection, by=company.secretariat, version=inspection.version, note="重复", now=NOW)

    html = page(company.leader, "inspection", inspection.pk)

    assert "两处没有挂牌" in html
    assert "我可以办" not in page(company.secretariat, "inspection", inspection.pk)
