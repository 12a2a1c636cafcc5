"""The whole line by its actions: from draft to close-out."""

import pytest

from accounts.models import Event
from tasks.enums import CloseOutState, MilestoneState, ProjectState
from tasks.models import CloseOut, MilestoneRevision, ProjectRevision
from tests.cast import TODAY, make_cast
from tests.walks import project_at

pytestmark = pytest.mark.django_db


def test_a_project_walks_the_whole_line() -> None:
    cast = make_cast()

    project = project_at(ProjectState.CLOSED, cast)

    project.refresh_from_db()
    assert project.state == ProjectState.CLOSED
    assert project.number == "〔2026〕001号"
    close_out = CloseOut.objects.get(project=project)
    assert (close_out.state, close_out.number) == (CloseOutState.ACCEPTED, "销〔2026〕1号")
    assert set(project.milestones.values_list("state", flat=True)) == {MilestoneState.DONE}
    verbs = list(Event.objects.filter(project_id=project.pk).order_by("id").values_list("verb", flat=True))
    assert verbs == [
        "create_key_task",
        "save_decomposition",
        "dispatch_project",
        "receive_project",
        *["report_milestone", "agree_milestone", "confirm_milestone"] * 2,
        "request_close_out",
        "accept_close_out",
    ]
    assert list(ProjectRevision.objects.filter(project=project).order_by("id").values_list("state", flat=True)) == [
        ProjectState.DISPATCHED,
        *[ProjectState.IN_PROGRESS] * 7,
        ProjectState.CLOSE_OUT_REQUESTED,
        ProjectState.CLOSED,
    ]
    assert MilestoneRevision.objects.filter(project=project, done_on=TODAY).count() == 2
