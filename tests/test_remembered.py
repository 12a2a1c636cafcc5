"""A walk put back is the walk that was made, and only where it may be."""

import pytest
from django.db import transaction
from django.urls import reverse

from accounts.models import Division
from tasks.enums import ProjectState
from tasks.models import Milestone, Project
from tests import remembered
from tests.cast import Cast, make_cast
from tests.pages import CheckingClient
from tests.remembered import UNKNOWN, content, memory
from tests.walks import project_at

pytestmark = pytest.mark.django_db


@pytest.fixture
def own_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing walked yet."""
    monkeypatch.setattr(memory, "walked", {})


def columns_of(row: Project) -> dict[str, object]:
    return {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}


@pytest.mark.usefixtures("own_memory")
@pytest.mark.parametrize("state", [state for state in ProjectState if state != ProjectState.CARRIED_OVER])
def test_what_is_put_back_is_what_was_walked(state: ProjectState) -> None:
    def walked() -> tuple[remembered.Content, Cast, Project]:
        with transaction.atomic():
            cast = make_cast()
            row = project_at(state, cast)
            found = content(), cast, row
            transaction.set_rollback(True)
        return found

    first, _, one = walked()
    known = len(memory.walked)
    second, cast, other = walked()

    assert len(memory.walked) == known == 2
    assert first == second
    assert other == one
    assert other is not one
    assert columns_of(other) == columns_of(one)
    assert other._state.fields_cache.keys() == one._state.fields_cache.keys()
    assert cast.office.pk == other.organization_id


@pytest.mark.usefixtures("own_memory")
def test_what_was_written_in_between_is_there_when_the_walk_begins() -> None:
    cast = make_cast()
    with transaction.atomic():
        project_at(ProjectState.DRAFT, cast)
        transaction.set_rollback(True)
    Division.objects.filter(pk=cast.lead.pk).update(name="提案委办公室")
    assert memory.at == UNKNOWN

    row = project_at(ProjectState.DRAFT, cast)

    assert memory.at == UNKNOWN
    assert len(memory.walked) == 2
    assert Division.objects.get(projects_led=row.pk).name == "提案委办公室"


def test_a_second_walk_adds_to_the_first() -> None:
    cast = make_cast()

    rows = [project_at(ProjectState.IN_PROGRESS, cast) for _ in range(2)]

    assert len({row.pk for row in rows}) == 2
    assert Milestone.objects.count() == 4


def test_a_rolled_back_write_leaves_the_content_known() -> None:
    cast = make_cast()
    before = memory.at
    with transaction.atomic():
        Division.objects.filter(pk=cast.lead.pk).update(name="x")
        transaction.set_rollback(True)

    assert memory.at == before != UNKNOWN
    assert Division.objects.get(pk=cast.lead.pk).name == "经济委办公室"


def test_whoever_only_looks_at_pages_leaves_the_content_known(client: CheckingClient) -> None:
    cast = make_cast()
    before = memory.at

    client.force_login(cast.secretariat)
    assert client.get(reverse("ledger")).status_code == 200

    assert memory.at == before != UNKNOWN


@pytest.mark.django_db(transaction=True)
def test_what_is_truly_committed_is_walked_each_time() -> None:
    make_cast()

    assert memory.at == UNKNOWN
