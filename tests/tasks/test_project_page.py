"""The page of a project: what each member of the cast finds on it."""

import pytest
from django.urls import reverse

from tasks.enums import ProjectState
from tests.cast import NOW, Cast, make_cast
from tests.pages import CheckingClient
from tests.walks import project_at


@pytest.fixture
def cast(db: None) -> Cast:
    return make_cast()


@pytest.mark.parametrize(
    "state",
    [
        ProjectState.DRAFT,
        ProjectState.DISPATCHED,
        ProjectState.IN_PROGRESS,
        ProjectState.CLOSE_OUT_REQUESTED,
        ProjectState.CLOSED,
    ],
)
def test_secretariat_sees_the_project_in_every_state(client: CheckingClient, cast: Cast, state: ProjectState) -> None:
    project = project_at(state, cast)
    client.force_login(cast.secretariat)

    response = client.get(reverse("project", args=[project.pk]))

    assert response.status_code == 200
