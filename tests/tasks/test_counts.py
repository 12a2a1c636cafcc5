"""Counts of quantitative targets are asked for where work is reported and where a close-out is asked for."""

from collections.abc import Iterator
from decimal import Decimal

import pytest
import time_machine
from django.urls import reverse

from accounts.models import Event
from cppcc_office.lib.errors import Refused
from tasks.actions import close_out
from tasks.enums import MilestoneState, ProjectState
from tasks.models import Milestone, Project, Target, TargetCount
from tasks.queries.counts import shortages_of
from tests.cast import NOW, Cast, make_cast
from tests.pages import CheckingClient
from tests.tasks.company import finished, milestone_at
from tests.walks import project_at

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _the_day() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def cast() -> Cast:
    return make_cast()


def quantified(project: Project) -> Target:
    target: Target = project.targets.get()
    target.metric, target.unit, target.target_value = "协商会议", "次", Decimal(4)
    target.save(update_fields=["metric", "unit", "target_value"])
    return target


def counted(project: Project) -> list[Decimal]:
    return list(TargetCount.objects.filter(target__project=project).values_list("value", flat=True))


def test_a_report_takes_the_counts_still_missing(client: CheckingClient, cast: Cast) -> None:
    node = milestone_at(MilestoneState.IN_PROGRESS, cast)
    target = quantified(node.project)
    client.force_login(cast.staff)
    address = reverse("milestone-report", args=[node.pk])

    page = client.get(address).content.decode()
    client.post(address, {"version": node.project.version, "summary": "开了会", f"count-{target.pk}": "3"})

    assert "协商会议 已计 0，还差 4次" in page
    assert counted(node.project) == [3]
    assert Event.objects.filter(verb="report_milestone")[0].words.endswith("开了会（计数：协商会议 3次）")
    assert [row.words for row in shortages_of(node.project)] == ["协商会议 已计 3，还差 1次"]


def test_a_report_without_counts_is_taken(client: CheckingClient, cast: Cast) -> None:
    node = milestone_at(MilestoneState.IN_PROGRESS, cast)
    target = quantified(node.project)
    client.force_login(cast.staff)
    form = {"version": node.project.version, "summary": "开了会", f"count-{target.pk}": ""}

    client.post(reverse("milestone-report", args=[node.pk]), form)

    assert Milestone.objects.get(pk=node.pk).state == MilestoneState.AWAITING_HEAD
    assert counted(node.project) == []


@pytest.mark.parametrize(("typed", "words"), [("-1", "数量不能为负"), ("三次", "请写数字")])
def test_a_count_that_is_none_is_said_and_nothing_written(
    client: CheckingClient, cast: Cast, typed: str, words: str
) -> None:
    node = milestone_at(MilestoneState.IN_PROGRESS, cast)
    target = quantified(node.project)
    client.force_login(cast.staff)
    form = {"version": node.project.version, "summary": "开了会", f"count-{target.pk}": typed}

    reply = client.post(reverse("milestone-report", args=[node.pk]), form)

    assert reply.status_code == 422
    assert words in reply.content.decode()
    assert Milestone.objects.get(pk=node.pk).state == MilestoneState.IN_PROGRESS
    assert counted(node.project) == []


def test_a_request_says_which_targets_are_short_and_takes_their_counts(client: CheckingClient, cast: Cast) -> None:
    project = finished(cast)
    target = quantified(project)
    client.force_login(cast.head)
    address = reverse("project-request-close-out", args=[project.pk])

    page = client.get(address).content.decode()
    client.post(address, {"version": project.version, "summary": "完成", f"count-{target.pk}": "2.5"})

    assert "计数目标还没有达到：协商会议 已计 0，还差 4次。请补填" in page
    assert counted(project) == [Decimal("2.5")]
    assert Project.objects.get(pk=project.pk).state == ProjectState.CLOSE_OUT_REQUESTED


def test_who_verifies_is_told_what_is_short(client: CheckingClient, cast: Cast) -> None:
    project = project_at(ProjectState.CLOSE_OUT_REQUESTED, cast)
    quantified(project)
    client.force_login(cast.second_secretariat)

    page = client.get(reverse("project-accept-close-out", args=[project.pk])).content.decode()

    assert "计数目标还没有达到：协商会议 已计 0，还差 4次。请据此核查" in page


def test_a_target_that_is_reached_is_not_asked_for(client: CheckingClient, cast: Cast) -> None:
    project = finished(cast)
    target = quantified(project)
    target.counts.create(on=NOW.date(), value=4, by=cast.staff, recorded_at=NOW)
    client.force_login(cast.head)

    page = client.get(reverse("project-request-close-out", args=[project.pk])).content.decode()

    assert "还没有达到" not in page
    assert f"count-{target.pk}" not in page


def test_counts_of_another_project_are_refused_whole(cast: Cast) -> None:
    project, other = finished(cast), finished(cast)
    target = quantified(other)

    with pytest.raises(Refused, match="不是本项目的计数目标"):
        close_out.request_close_out(
            project,
            by=cast.head,
            version=project.version,
            summary="完成",
            counts={target: Decimal(1)},
            files=[],
            now=NOW,
        )

    assert Project.objects.get(pk=project.pk).state == ProjectState.IN_PROGRESS
    assert not TargetCount.objects.exists()
