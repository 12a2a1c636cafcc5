"""The check finds what was tampered with behind the actions, and nothing else."""

from collections.abc import Callable
from datetime import date
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command

from tasks.enums import CloseOutState, ProjectState
from tasks.models import CloseOut, IssuedNumber, Milestone, NumberSeries, Project, ProjectRevision
from tasks.queries.consistency import differences
from tests.cast import NOW, TODAY, Cast, make_cast
from tests.walks import project_at

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast() -> Cast:
    return make_cast()


def found(cast: Cast) -> str:
    return "\n".join(differences(cast.office, TODAY))


def test_projects_of_every_walk_agree(cast: Cast) -> None:
    for state in (ProjectState.DRAFT, ProjectState.DISPATCHED, ProjectState.IN_PROGRESS, ProjectState.CLOSED):
        project_at(state, cast)

    assert found(cast) == ""


TAMPERED: dict[str, tuple[Callable[[], Any], str]] = {
    "progress": (lambda: Project.objects.update(progress=50), "progress"),
    "pace": (lambda: Project.objects.update(behind_on=TODAY), "behind_on"),
    "milestone": (lambda: Milestone.objects.update(due_on=date(2026, 12, 1)), "milestone_due_on"),
    "state": (lambda: Project.objects.update(state=ProjectState.SUSPENDED), "修订记录"),
    "revision": (lambda: ProjectRevision.objects.update(due_on=TODAY), "due_on"),
    "no revision": (lambda: ProjectRevision.objects.all().delete(), "没有修订记录"),
    "gap": (lambda: IssuedNumber.objects.update(n=7), "编号 PROJECT"),
    "count": (lambda: NumberSeries.objects.update(last=9), "记到 9"),
    "other number": (lambda: IssuedNumber.objects.update(text="〔2026〕999号"), "发出的是 〔2026〕999号"),
    "asked": (lambda: Project.objects.update(extension_asked_on=TODAY), "申请延期日期"),
}


@pytest.mark.parametrize("name", TAMPERED)
def test_what_was_changed_past_the_actions_is_told(cast: Cast, name: str) -> None:
    project_at(ProjectState.IN_PROGRESS, cast)
    tamper, words = TAMPERED[name]

    tamper()

    assert words in found(cast)


def test_a_close_out_that_does_not_fit_the_state_is_told(cast: Cast) -> None:
    project = project_at(ProjectState.IN_PROGRESS, cast)
    CloseOut.objects.create(
        organization=cast.office,
        project=project,
        state=CloseOutState.REQUESTED,
        summary="完成",
        requested_by=cast.head,
        requested_at=NOW,
        requested_on=TODAY,
    )

    assert "待验收 1 份" in found(cast)


def test_the_command_ends_with_1_where_something_differs(cast: Cast) -> None:
    project_at(ProjectState.IN_PROGRESS, cast)
    out, complaints = StringIO(), StringIO()
    call_command("check_consistency", org="office", stdout=out)
    Project.objects.update(milestones_done=5)

    with pytest.raises(SystemExit) as ended:
        call_command("check_consistency", stdout=out, stderr=complaints)

    assert out.getvalue().startswith("全部一致。\n")
    assert "milestones_done 存的是 5，应为 0" in out.getvalue()
    assert ended.value.code == 1
    assert "不一致" in complaints.getvalue()
