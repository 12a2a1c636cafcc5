"""Every move by its page: done by whom it is for, barred with a sentence, nothing typed is lost, nothing happens twice."""

from collections.abc import Iterator
from datetime import date, datetime

import pytest
import time_machine
from django.urls import reverse

from accounts.models import Event
from tasks.actions import entries, milestone
from tasks.enums import CloseOutState, Effect, MilestoneState, ProjectState
from tasks.models import CloseOut, Milestone, ProgressEntry, Project
from tests.cast import NOW, Cast, make_cast
from tests.pages import CheckingClient
from tests.walks import a_draft, a_file, project_at


@pytest.fixture
def cast(db: None) -> Cast:
    return make_cast()


@pytest.fixture(autouse=True)
def _at_the_day_of_the_walks() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


def signed_in(client: CheckingClient, cast: Cast, who: str) -> CheckingClient:
    client.force_login(getattr(cast, who))
    return client


def first_milestone(project: Project, state: MilestoneState, cast: Cast, *, now: datetime = NOW) -> Milestone:
    """The first milestone of a running project, walked to that state by the lead's own people."""
    node = project.milestones.select_related("division").first()
    assert node is not None
    node.project = project
    if state != MilestoneState.PENDING:
        milestone.report_milestone(node, by=cast.staff, version=project.version, note="已形成报告", now=now)
    if state == MilestoneState.REPORTED:
        milestone.agree_milestone(node, by=cast.head, version=project.version, now=now)
    return node


PROJECT_CASES = [
    # name, state before, who may, who may not, what is posted, state after
    ("dispatch", "DRAFT", "secretariat", "", {}, "DISPATCHED"),
    ("receive", "DISPATCHED", "staff", "co_staff", {}, "IN_PROGRESS"),
    ("object", "DISPATCHED", "head", "staff", {"reason": "不属本处室职责", "belongs_to": "研究室"}, "DRAFT"),
    ("recall", "DISPATCHED", "secretariat", "head", {}, "DRAFT"),
    ("withdraw-close-out", "CLOSE_OUT_REQUESTED", "head", "staff", {}, "IN_PROGRESS"),
    ("accept-close-out", "CLOSE_OUT_REQUESTED", "secretariat", "head", {"effect": "GOOD"}, "CLOSED"),
    (
        "return-close-out",
        "CLOSE_OUT_REQUESTED",
        "secretariat",
        "leader",
        {"reason": "成效不够", "mend_on": "2026-03-20"},
        "IN_PROGRESS",
    ),
]


@pytest.mark.parametrize(("name", "before", "who", "barred", "posted", "after"), PROJECT_CASES)
def test_a_move_of_the_project_is_done_from_its_page(
    client: CheckingClient,
    cast: Cast,
    name: str,
    before: str,
    who: str,
    barred: str,
    posted: dict[str, str],
    after: str,
) -> None:
    project = project_at(ProjectState(before), cast)

    response = signed_in(client, cast, who).post(
        reverse(f"project-{name}", args=[project.pk]), posted | {"version": str(project.version)}, follow=True
    )

    project.refresh_from_db()
    assert response.status_code == 200
    assert project.state == after
    assert "已" in response.content.decode()


@pytest.mark.parametrize(
    ("name", "before", "who", "barred", "posted", "after"), [case for case in PROJECT_CASES if case[3]]
)
def test_a_barred_move_of_the_project_says_why_and_changes_nothing(
    client: CheckingClient,
    cast: Cast,
    name: str,
    before: str,
    who: str,
    barred: str,
    posted: dict[str, str],
    after: str,
) -> None:
    project = project_at(ProjectState(before), cast)

    response = signed_in(client, cast, barred).post(
        reverse(f"project-{name}", args=[project.pk]), posted | {"version": str(project.version)}
    )

    project.refresh_from_db()
    assert response.status_code == 409
    assert "只有" in response.content.decode()
    assert project.state == before
    assert Event.objects.filter(outcome="REFUSED", by=getattr(cast, barred)).count() == 1


MILESTONE_CASES = [
    ("start", "PENDING", "staff", "co_staff", {}, "IN_PROGRESS"),
    ("report", "PENDING", "staff", "co_staff", {"summary": "已形成报告"}, "AWAITING_HEAD"),
    ("report", "PENDING", "head", "leader", {"summary": "已形成报告"}, "REPORTED"),
    ("agree", "AWAITING_HEAD", "head", "staff", {}, "REPORTED"),
    ("send-back-by-head", "AWAITING_HEAD", "head", "staff", {"reason": "缺数据"}, "IN_PROGRESS"),
    ("confirm", "REPORTED", "secretariat", "head", {}, "DONE"),
    ("send-back", "REPORTED", "secretariat", "head", {"reason": "缺数据"}, "IN_PROGRESS"),
]


@pytest.mark.parametrize(("name", "before", "who", "barred", "posted", "after"), MILESTONE_CASES)
def test_a_move_of_a_milestone_is_done_from_its_page(
    client: CheckingClient,
    cast: Cast,
    name: str,
    before: str,
    who: str,
    barred: str,
    posted: dict[str, str],
    after: str,
) -> None:
    project = project_at(ProjectState.IN_PROGRESS, cast)
    node = first_milestone(project, MilestoneState(before), cast)

    response = signed_in(client, cast, who).post(
        reverse(f"milestone-{name}", args=[node.pk]), posted | {"version": str(project.version)}
    )

    node.refresh_from_db()
    assert response.status_code == 302
    assert response["Location"] == reverse("project", args=[project.pk]) + f"#milestone-{node.pk}"
    assert node.state == after


@pytest.mark.parametrize(("name", "before", "who", "barred", "posted", "after"), MILESTONE_CASES)
def test_a_barred_move_of_a_milestone_says_why_and_changes_nothing(
    client: CheckingClient,
    cast: Cast,
    name: str,
    before: str,
    who: str,
    barred: str,
    posted: dict[str, str],
    after: str,
) -> None:
    project = project_at(ProjectState.IN_PROGRESS, cast)
    node = first_milestone(project, MilestoneState(before), cast)

    response = signed_in(client, cast, barred).post(
        reverse(f"milestone-{name}", args=[node.pk]), posted | {"version": str(project.version)}
    )

    node.refresh_from_db()
    assert response.status_code == 409
    assert "只有" in response.content.decode()
    assert node.state == before


@pytest.mark.parametrize("who", ["outsider", "foreign_secretariat", "stranger", "sysadmin", "auditor"])
@pytest.mark.parametrize("name", ["project-receive", "project-object", "project-accept-close-out", "entry-new"])
def test_who_does_not_read_the_whole_project_finds_no_move(
    client: CheckingClient, cast: Cast, who: str, name: str
) -> None:
    project = project_at(ProjectState.DISPATCHED, cast)

    response = signed_in(client, cast, who).post(reverse(name, args=[project.pk]), {"version": "1"})

    assert response.status_code == 404


@pytest.mark.parametrize(
    ("name", "state", "who", "posted", "says"),
    [
        ("project-object", "DISPATCHED", "head", {"belongs_to": "研究室"}, "退回必须写明理由"),
        ("project-object", "DISPATCHED", "head", {"reason": "不属本处室职责"}, "请选择应由哪个处室承办"),
        ("project-accept-close-out", "CLOSE_OUT_REQUESTED", "secretariat", {"opinion": "材料齐全"}, "请评定成效"),
        ("project-return-close-out", "CLOSE_OUT_REQUESTED", "secretariat", {"reason": "成效不够"}, "请写整改时限"),
        (
            "project-return-close-out",
            "CLOSE_OUT_REQUESTED",
            "secretariat",
            {"reason": "成效不够", "mend_on": "2026-03-03"},
            "整改时限 2026-03-03 已过",
        ),
        ("entry-new", "IN_PROGRESS", "staff", {"problems": "会期未定"}, "请写明进展情况"),
    ],
)
def test_what_is_missing_is_said_at_its_field_and_what_was_typed_stays(
    client: CheckingClient, cast: Cast, name: str, state: str, who: str, posted: dict[str, str], says: str
) -> None:
    project = project_at(ProjectState(state), cast)

    response = signed_in(client, cast, who).post(
        reverse(name, args=[project.pk]), posted | {"version": str(project.version)}
    )

    page = response.content.decode()
    project.refresh_from_db()
    assert response.status_code == 422
    assert says in page
    assert all(value in page for value in posted.values())
    assert project.state == state


def test_the_page_of_a_move_says_what_bars_before_anything_is_typed(client: CheckingClient, cast: Cast) -> None:
    project = project_at(ProjectState.IN_PROGRESS, cast)

    response = signed_in(client, cast, "head").get(reverse("project-request-close-out", args=[project.pk]))

    page = response.content.decode()
    assert response.status_code == 200
    assert "还有 2 个节点未完成" in page
    assert "<textarea" not in page


def test_who_comes_second_keeps_the_words_and_can_submit_them_again(client: CheckingClient, cast: Cast) -> None:
    project = project_at(ProjectState.IN_PROGRESS, cast)
    shown = project.version
    entries.add_entry(project, by=cast.head, version=shown, situation="负责人先填", files=[], now=NOW)
    address = reverse("entry-new", args=[project.pk])
    signed_in(client, cast, "staff")

    second = client.post(address, {"situation": "我写的进展", "version": str(shown)})
    again = client.post(address, {"situation": "我写的进展", "version": str(project.version)})

    page = second.content.decode()
    assert second.status_code == 409
    assert "我写的进展" in page
    assert "负责人先填" in page
    assert f'name="version" value="{project.version}"' in page
    assert again.status_code == 302
    assert list(project.entries.values_list("situation", flat=True)) == ["我写的进展", "负责人先填"]


def test_a_second_click_adds_no_second_entry(client: CheckingClient, cast: Cast) -> None:
    project = project_at(ProjectState.IN_PROGRESS, cast)
    posted = {"situation": "只写一次", "version": str(project.version)}
    signed_in(client, cast, "staff")

    statuses = [client.post(reverse("entry-new", args=[project.pk]), posted).status_code for _ in range(2)]

    assert statuses == [302, 409]
    assert project.entries.count() == 1


def test_a_page_without_its_version_writes_nothing(client: CheckingClient, cast: Cast) -> None:
    project = project_at(ProjectState.DISPATCHED, cast)

    response = signed_in(client, cast, "staff").post(reverse("project-receive", args=[project.pk]), {"version": "x"})

    project.refresh_from_db()
    assert response.status_code == 409
    assert project.state == ProjectState.DISPATCHED


def test_after_receiving_the_next_project_to_receive_is_offered(client: CheckingClient, cast: Cast) -> None:
    project = project_at(ProjectState.DISPATCHED, cast)
    waiting = project_at(ProjectState.DISPATCHED, cast)

    response = signed_in(client, cast, "head").post(
        reverse("project-receive", args=[project.pk]), {"version": str(project.version)}, follow=True
    )

    assert f'href="{reverse("project", args=[waiting.pk])}">下一件' in response.content.decode()


def test_after_confirming_the_next_reported_milestone_is_offered(client: CheckingClient, cast: Cast) -> None:
    project = project_at(ProjectState.IN_PROGRESS, cast)
    node = first_milestone(project, MilestoneState.REPORTED, cast)
    other = project_at(ProjectState.IN_PROGRESS, cast)
    waiting = first_milestone(other, MilestoneState.REPORTED, cast)

    response = signed_in(client, cast, "secretariat").post(
        reverse("milestone-confirm", args=[node.pk]), {"version": str(project.version)}, follow=True
    )

    address = reverse("project", args=[other.pk])
    assert f'href="{address}#milestone-{waiting.pk}">下一件' in response.content.decode()


def test_an_entry_is_kept_with_its_milestone_counts_and_files(client: CheckingClient, cast: Cast) -> None:
    project = project_at(ProjectState.IN_PROGRESS, cast)
    target = project.targets.get()
    target.metric, target.unit, target.target_value = "协商会议", "次", 4
    target.save(update_fields=["metric", "unit", "target_value"])
    node = project.milestones.first()
    assert node is not None

    response = signed_in(client, cast, "staff").post(
        reverse("entry-new", args=[project.pk]),
        {
            "situation": "已开会",
            "milestone": node.pk,
            f"count-{target.pk}": "2",
            "needs_coordination": "on",
            "papers": [a_file("会议纪要.pdf"), a_file("签到表.xlsx")],
            "version": project.version,
        },
    )

    entry = ProgressEntry.objects.get()
    node.refresh_from_db()
    assert response.status_code == 302
    assert entry.milestone == node
    assert entry.needs_coordination
    assert [row.value for row in target.counts.all()] == [2]
    assert [row.name for row in entry.attachments.all()] == ["会议纪要.pdf", "签到表.xlsx"]
    assert node.state == MilestoneState.IN_PROGRESS


@pytest.mark.parametrize(("count", "says"), [("-1", "数量不能为负"), ("三", "请写数字"), ("1.234", "最多两位小数")])
def test_a_count_that_is_none_is_said_at_its_field(client: CheckingClient, cast: Cast, count: str, says: str) -> None:
    project = project_at(ProjectState.IN_PROGRESS, cast)
    target = project.targets.get()
    target.target_value = 4
    target.save(update_fields=["target_value"])

    response = signed_in(client, cast, "staff").post(
        reverse("entry-new", args=[project.pk]),
        {"situation": "已开会", f"count-{target.pk}": count, "version": project.version},
    )

    assert response.status_code == 422
    assert says in response.content.decode()
    assert not ProgressEntry.objects.exists()


def test_a_file_of_a_wrong_type_is_named_and_nothing_is_written(client: CheckingClient, cast: Cast) -> None:
    project = project_at(ProjectState.IN_PROGRESS, cast)

    response = signed_in(client, cast, "staff").post(
        reverse("entry-new", args=[project.pk]),
        {"situation": "已开会", "papers": [a_file("脚本.html"), a_file()], "version": project.version},
    )

    page = response.content.decode()
    assert response.status_code == 422
    assert "“脚本.html”的类型不能上传" in page
    assert "已开会" in page
    assert not ProgressEntry.objects.exists()


def test_typing_for_a_division_is_announced_and_shown(client: CheckingClient, cast: Cast) -> None:
    project = project_at(ProjectState.IN_PROGRESS, cast)
    address = reverse("entry-new", args=[project.pk])
    signed_in(client, cast, "secretariat")

    form = client.get(address).content.decode()
    client.post(address, {"situation": "电话了解", "version": project.version})
    page = client.get(reverse("project", args=[project.pk])).content.decode()

    assert "您代经济委办公室填写" in form
    assert '<span class="tag">代填</span>' in page
    assert "王科员代经济委办公室填报项目进展" in page


def test_close_out_is_asked_for_with_papers_and_accepted_by_another(client: CheckingClient, cast: Cast) -> None:
    project = project_at(ProjectState.CLOSE_OUT_REQUESTED, cast)
    signed_in(client, cast, "head").post(
        reverse("project-withdraw-close-out", args=[project.pk]), {"version": project.version}
    )
    project.refresh_from_db()

    client.post(
        reverse("project-request-close-out", args=[project.pk]),
        {"summary": "再次申请", "papers": a_file("协商报告.docx"), "version": project.version},
    )
    project.refresh_from_db()
    signed_in(client, cast, "secretariat").post(
        reverse("project-accept-close-out", args=[project.pk]),
        {"effect": "EXCELLENT", "opinion": "成效明显", "version": project.version},
    )

    accepted = CloseOut.objects.get(state=CloseOutState.ACCEPTED)
    assert (accepted.summary, accepted.effect, accepted.opinion) == ("再次申请", Effect.EXCELLENT, "成效明显")
    assert [row.name for row in accepted.attachments.all()] == ["协商报告.docx"]
    assert accepted.closed_on == date(2026, 3, 4)


def test_evidence_that_is_required_is_asked_for_at_its_field(client: CheckingClient, cast: Cast) -> None:
    project = project_at(ProjectState.CLOSE_OUT_REQUESTED, cast)
    Project.objects.filter(pk=project.pk).update(evidence_required=True)
    signed_in(client, cast, "head").post(
        reverse("project-withdraw-close-out", args=[project.pk]), {"version": project.version}
    )

    response = client.post(
        reverse("project-request-close-out", args=[project.pk]), {"summary": "完成", "version": project.version + 1}
    )

    assert response.status_code == 422
    assert "此项目须附佐证材料" in response.content.decode()


def test_dispatching_an_incomplete_draft_lists_what_is_missing(client: CheckingClient, cast: Cast) -> None:
    project = a_draft(cast)
    project.milestones.update(person=None)

    response = signed_in(client, cast, "secretariat").post(
        reverse("project-dispatch", args=[project.pk]), {"version": project.version}
    )

    page = response.content.decode()
    assert response.status_code == 409
    assert page.count("没有责任人") == 2


def test_who_verifies_reads_on_the_same_page_what_was_asked_for(client: CheckingClient, cast: Cast) -> None:
    project = project_at(ProjectState.CLOSE_OUT_REQUESTED, cast)
    address = reverse("project-accept-close-out", args=[project.pk])

    page = signed_in(client, cast, "secretariat").get(address).content.decode()

    assert "全部完成" in page
    assert "陈处长" in page
