"""The page of a project: what each member of the cast finds on it, and how often it asks the database."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

import pytest
import time_machine
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from accounts.models import Deputy, Policy
from tasks.actions import close_out, entries, milestone
from tasks.actions import project as actions
from tasks.enums import Effect, ProjectState
from tasks.models import Project
from tasks.queries.project_page import plain
from tests.cast import NOW, TODAY, Cast, make_cast
from tests.pages import CheckingClient
from tests.walks import a_draft, a_file, project_at


@pytest.fixture
def cast(db: None) -> Cast:
    return make_cast()


@pytest.fixture(autouse=True)
def _at_the_day_of_the_walks() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


def page_for(client: CheckingClient, cast: Cast, who: str, project: Project, query: str = "") -> str:
    client.force_login(getattr(cast, who))
    response = client.get(reverse("project", args=[project.pk]) + query)
    assert response.status_code == 200
    return str(response.content.decode())


def with_reports(project: Project, cast: Cast, count: int) -> None:
    for node in project.milestones.select_related("division")[:count]:
        node.project = project
        milestone.report_milestone(node, by=cast.staff, version=project.version, note="已办结", now=NOW)
        milestone.agree_milestone(node, by=cast.head, version=project.version, now=NOW)


@pytest.mark.parametrize("who", ["head", "staff", "co_head", "co_staff", "leader", "secretary_general", "assessor"])
def test_who_takes_part_or_answers_for_it_reads_the_whole_project(client: CheckingClient, cast: Cast, who: str) -> None:
    project = project_at(ProjectState.IN_PROGRESS, cast)
    entries.add_entry(project, by=cast.staff, version=project.version, situation="已经开题", files=[a_file()], now=NOW)

    page = page_for(client, cast, who, project)

    assert "已经开题" in page
    assert "佐证材料.pdf" in page
    assert 'id="timeline"' in page


def test_who_takes_no_part_reads_the_main_columns_and_is_told_why(client: CheckingClient, cast: Cast) -> None:
    project = project_at(ProjectState.IN_PROGRESS, cast)
    entries.add_entry(project, by=cast.staff, version=project.version, situation="已经开题", files=[a_file()], now=NOW)

    page = page_for(client, cast, "outsider", project)

    assert project.title in page
    assert "只显示台账主要栏目" in page
    for hidden in ("已经开题", "佐证材料.pdf", "第1步", 'id="timeline"', "我可以办"):
        assert hidden not in page


@pytest.mark.parametrize(
    "who", ["foreign_secretariat", "foreign_leader", "stranger", "sysadmin", "auditor", "observer"]
)
def test_strangers_find_no_project(client: CheckingClient, cast: Cast, who: str) -> None:
    project = project_at(ProjectState.IN_PROGRESS, cast)
    client.force_login(getattr(cast, who))

    response = client.get(reverse("project", args=[project.pk]))

    assert response.status_code == 404


def test_where_the_office_closes_its_ledger_others_find_no_project(client: CheckingClient, cast: Cast) -> None:
    project = project_at(ProjectState.IN_PROGRESS, cast)
    Policy.objects.create(
        organization=cast.office, key="others_see_main_columns", value=False, set_by=cast.secretariat, set_at=NOW
    )
    client.force_login(cast.outsider)

    response = client.get(reverse("project", args=[project.pk]))

    assert response.status_code == 404


@pytest.mark.parametrize(("who", "status"), [("secretariat", 200), ("head", 404), ("leader", 404)])
def test_a_draft_is_for_the_secretariat_only(client: CheckingClient, cast: Cast, who: str, status: int) -> None:
    project = a_draft(cast)
    client.force_login(getattr(cast, who))

    response = client.get(reverse("project", args=[project.pk]))

    assert response.status_code == status


@pytest.mark.parametrize(
    ("state", "who", "primary", "barred"),
    [
        ("DRAFT", "secretariat", "交办", ""),
        ("DISPATCHED", "head", "签收", ""),
        ("DISPATCHED", "secretariat", "", "只有牵头处室（经济委办公室）的负责人或经办人可以签收"),
        ("IN_PROGRESS", "staff", "报完成“第1步”", "还有 2 个节点未完成"),
        ("IN_PROGRESS", "secretariat", "", "办理中的项目不能验收销号"),
        ("CLOSE_OUT_REQUESTED", "secretariat", "验收销号", "只有申请人（陈处长）可以撤回销号申请"),
        ("CLOSE_OUT_REQUESTED", "head", "", "只有督办人员可以验收"),
    ],
)
def test_one_move_is_solid_and_a_barred_one_stays_with_its_reason(
    client: CheckingClient, cast: Cast, state: str, who: str, primary: str, barred: str
) -> None:
    project = project_at(ProjectState(state), cast)

    page = page_for(client, cast, who, project)

    assert page.count("btn-primary") == (1 if primary else 0)
    assert not primary or f"{primary}</" in page.partition("btn-primary")[2][:200]
    assert barred in page


def test_who_only_reads_has_no_moves(client: CheckingClient, cast: Cast) -> None:
    project = project_at(ProjectState.CLOSE_OUT_REQUESTED, cast)

    page = page_for(client, cast, "assessor", project)

    assert "现在没有轮到您办的事" in page
    assert 'class="move"' not in page


def test_a_report_stands_beside_its_milestone_for_who_verifies_it(client: CheckingClient, cast: Cast) -> None:
    project = project_at(ProjectState.IN_PROGRESS, cast)
    with_reports(project, cast, 1)

    page = page_for(client, cast, "secretariat", project)

    assert "核实“第1步”" in page
    assert "已办结</p>" in page
    assert "督办处 核实“第1步”" in page
    assert "第 1 天，限 5 天，须于 3月11日 前办理" in page


def test_who_typed_the_report_is_told_why_he_cannot_confirm_it(client: CheckingClient, cast: Cast) -> None:
    project = project_at(ProjectState.IN_PROGRESS, cast)
    node = project.milestones.select_related("division").first()
    assert node is not None
    node.project = project
    milestone.report_milestone(node, by=cast.secretariat, version=project.version, note="电话报来", now=NOW)
    milestone.agree_milestone(node, by=cast.head, version=project.version, now=NOW)

    own = page_for(client, cast, "secretariat", project)
    others = page_for(client, cast, "second_secretariat", project)

    assert "您填报、审核或代填过此节点" in own
    assert "您填报、审核或代填过此节点" not in others
    assert '<span class="tag">代填</span>' in own


def test_an_extended_date_shows_the_original_one(client: CheckingClient, cast: Cast) -> None:
    project = project_at(ProjectState.IN_PROGRESS, cast)
    Project.objects.filter(pk=project.pk).update(due_on=date(2026, 10, 15), extension_count=1)

    page = page_for(client, cast, "head", project)

    assert '<span class="old"><time class="day" datetime="2026-09-30"' in page
    assert "延期 1 次" in page


def test_counts_of_a_quantitative_target_stand_beside_what_is_to_be_reached(client: CheckingClient, cast: Cast) -> None:
    project = project_at(ProjectState.IN_PROGRESS, cast)
    target = project.targets.get()
    target.metric, target.unit, target.target_value = "协商会议", "次", Decimal(4)
    target.save(update_fields=["metric", "unit", "target_value"])
    entries.add_entry(
        project,
        by=cast.staff,
        version=project.version,
        situation="开会",
        counts={target: Decimal(3)},
        files=[],
        now=NOW,
    )

    page = page_for(client, cast, "head", project)

    assert "3 / 4次" in page
    assert "协商会议 3次" in page


@pytest.mark.parametrize(("value", "words"), [("0", "0"), ("100", "100"), ("2.50", "2.5"), ("0.05", "0.05")])
def test_counts_are_written_without_trailing_zeros(value: str, words: str) -> None:
    assert plain(Decimal(value)) == words


def test_the_timeline_tells_the_story_with_deputies_and_key_moves(client: CheckingClient, cast: Cast) -> None:
    Deputy.objects.create(
        organization=cast.office, principal=cast.head, deputy=cast.co_staff, starts_on=TODAY, ends_on=TODAY
    )
    project = project_at(ProjectState.IN_PROGRESS, cast)
    node = project.milestones.select_related("division").first()
    assert node is not None
    node.project = project
    milestone.report_milestone(node, by=cast.staff, version=project.version, note="已办结", now=NOW)
    milestone.agree_milestone(node, by=cast.co_staff, version=project.version, now=NOW)

    page = page_for(client, cast, "head", project)

    assert "孙科员代陈处长同意节点“第1步”报完成，送督办处核实" in page
    assert '<span class="tag">代</span>' in page
    assert "吴科员将节点“第1步”报完成，送处室负责人审核：已办结" in page
    assert page.count('class="tl-key"') == 2  # 交办 and 签收


def test_the_latest_are_shown_and_all_on_request(client: CheckingClient, cast: Cast) -> None:
    project = project_at(ProjectState.IN_PROGRESS, cast)
    for number in range(12):
        entries.add_entry(
            project, by=cast.staff, version=project.version, situation=f"第{number}次进展。", files=[], now=NOW
        )

    first = page_for(client, cast, "head", project)
    everything = page_for(client, cast, "head", project, "?all")

    assert "全部 12 条" in first
    assert first.count('<article class="entry"') == 5
    assert everything.count('<article class="entry"') == 12
    assert "第0次进展。" in everything
    assert "全部 12 条" not in everything


def test_a_closed_project_says_number_rating_and_opinion(client: CheckingClient, cast: Cast) -> None:
    project = project_at(ProjectState.CLOSE_OUT_REQUESTED, cast)
    row = close_out.accept_close_out(
        project, by=cast.secretariat, version=project.version, effect=Effect.GOOD, note="材料齐全", now=NOW
    )

    page = page_for(client, cast, "head", project)

    assert f"{row.number} · 成效评价 良" in page
    assert "材料齐全" in page
    assert "btn-primary" not in page


def test_a_request_made_in_time_and_verified_later_is_not_called_late(client: CheckingClient, cast: Cast) -> None:
    project = project_at(ProjectState.CLOSE_OUT_REQUESTED, cast)
    Project.objects.filter(pk=project.pk).update(due_on=TODAY)
    project.close_outs.update(due_on=TODAY)
    later = NOW + timedelta(days=5)
    project.refresh_from_db()
    close_out.accept_close_out(project, by=cast.secretariat, version=project.version, effect=Effect.GOOD, now=later)

    page = page_for(client, cast, "head", project)

    assert "逾期" not in page


@pytest.mark.parametrize("milestones", [1, 3])
@pytest.mark.parametrize(("who", "queries"), [("secretariat", 41), ("head", 35)])
def test_the_page_asks_no_more_for_more_milestones(
    client: CheckingClient,
    cast: Cast,
    django_assert_num_queries: DjangoAssertNumQueries,
    milestones: int,
    who: str,
    queries: int,
) -> None:
    project = a_draft(cast, milestones=milestones)
    project = _run(project, cast)
    for number in range(milestones):
        entries.add_entry(
            project, by=cast.staff, version=project.version, situation=f"{number}", files=[a_file()], now=NOW
        )
    with_reports(project, cast, milestones)
    client.force_login(getattr(cast, who))

    with django_assert_num_queries(queries):
        client.get(reverse("project", args=[project.pk]))


def _run(project: Project, cast: Cast) -> Project:
    actions.dispatch_project(project, by=cast.secretariat, version=project.version, now=NOW)
    return actions.receive_project(project, by=cast.head, version=project.version, now=NOW)
