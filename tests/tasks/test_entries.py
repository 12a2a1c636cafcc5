"""进展: who may write it, whose it is, and what it starts."""

from datetime import timedelta
from decimal import Decimal

import pytest

from accounts.models import User
from cppcc_office.lib.errors import Refused
from tasks.actions.entries import add_entry
from tasks.enums import MilestoneState, ProjectState
from tasks.models import Attachment, Milestone, MilestoneCoDivision, ProgressEntry, Project, TargetCount
from tests.cast import NOW, Cast, make_cast
from tests.tasks.company import YES, answer_to, milestone_at, node_of
from tests.walks import a_file, project_at

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast() -> Cast:
    return make_cast()


def write(by: User, project: Project, node: Milestone | None = None) -> ProgressEntry:
    project = Project.objects.get(pk=project.pk)
    return add_entry(
        project, by=by, version=project.version, situation="已召开座谈会", milestone=node, files=[], now=NOW
    )


@pytest.mark.parametrize(
    ("who", "state"),
    [
        ("staff", MilestoneState.IN_PROGRESS),
        ("secretariat", MilestoneState.IN_PROGRESS),
        ("co_staff", MilestoneState.PENDING),
    ],
)
def test_a_milestone_is_started_by_its_own_people_or_for_them(cast: Cast, who: str, state: MilestoneState) -> None:
    node = milestone_at(MilestoneState.PENDING, cast)

    entry = write(getattr(cast, who), node.project, node)

    assert entry.milestone == node
    assert node_of(node.pk).state == state


def test_nothing_starts_while_the_project_rests(cast: Cast) -> None:
    node = milestone_at(MilestoneState.PENDING, cast)
    Project.objects.filter(pk=node.project_id).update(state=ProjectState.SUSPENDED)

    write(cast.staff, node.project, node_of(node.pk))

    assert node_of(node.pk).state == MilestoneState.PENDING


def test_who_assists_one_milestone_writes_of_it_and_of_the_project(cast: Cast) -> None:
    project = project_at(ProjectState.IN_PROGRESS, cast)
    first, second = (node_of(pk) for pk in project.milestones.values_list("pk", flat=True))
    refusal = "只有承办处室的人员可以填报进展"
    assert answer_to(lambda: write(cast.outsider, project, first)) == refusal

    MilestoneCoDivision.objects.create(milestone=first, division=cast.outside)

    assert answer_to(lambda: write(cast.outsider, project, first)) == YES
    assert answer_to(lambda: write(cast.outsider, project)) == YES
    assert answer_to(lambda: write(cast.outsider, project, second)) == refusal
    assert write(cast.outsider, project, first).division == cast.outside


def test_an_entry_of_a_step_s_own_division_on_the_whole_is_that_division_s(cast: Cast) -> None:
    project = project_at(ProjectState.IN_PROGRESS, cast)
    project.milestones.update(division=cast.outside)

    assert write(cast.outsider, project).division == cast.outside


def test_the_first_entry_keeps_the_day_it_was_started(cast: Cast) -> None:
    node = milestone_at(MilestoneState.PENDING, cast)
    write(cast.staff, node.project, node)
    project = Project.objects.get(pk=node.project_id)

    add_entry(
        project,
        by=cast.staff,
        version=project.version,
        situation="又开了一次",
        milestone=node_of(node.pk),
        files=[],
        now=NOW + timedelta(days=3),
    )

    assert node_of(node.pk).started_at == NOW


def with_counts(by: User, project: Project, value: Decimal) -> ProgressEntry:
    project = Project.objects.get(pk=project.pk)
    counts = {project.targets.get(): value}
    return add_entry(
        project, by=by, version=project.version, situation="开会", counts=counts, files=[a_file()], now=NOW
    )


def test_counts_and_papers_are_kept_with_their_entry(cast: Cast) -> None:
    project = project_at(ProjectState.IN_PROGRESS, cast)
    project.targets.update(target_value=4, unit="次")

    entry = with_counts(cast.staff, project, Decimal(3))

    assert [count.value for count in entry.counts.all()] == [3]
    assert [paper.name for paper in entry.attachments.all()] == ["佐证材料.pdf"]


@pytest.mark.parametrize(
    ("target_value", "value", "words"),
    [(None, 3, "“形成协商报告”不是本项目的计数目标"), (4, -1, "“形成协商报告”的数量不能为负")],
)
def test_a_count_that_cannot_be_keeps_the_whole_entry_out(
    cast: Cast, target_value: int | None, value: int, words: str
) -> None:
    project = project_at(ProjectState.IN_PROGRESS, cast)
    project.targets.update(target_value=target_value)

    with pytest.raises(Refused, match=words):
        with_counts(cast.staff, project, Decimal(value))

    assert [model.objects.count() for model in (ProgressEntry, TargetCount, Attachment)] == [0, 0, 0]
