"""跟踪监督 reads the source classes given to it."""

import pytest

from accounts.enums import Role
from accounts.models import Event, Membership
from cppcc_office.lib.errors import Refused
from tasks.actions.observers import give_source_classes
from tasks.enums import ProjectState
from tasks.models import ObserverScope, Project, SourceClass
from tests.cast import NOW, TODAY, Cast, make_cast
from tests.walks import project_at

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast() -> Cast:
    return make_cast()


def seat_of(cast: Cast) -> Membership:
    return Membership.objects.get(user=cast.observer)


def classes(*names: str) -> list[SourceClass]:
    return list(SourceClass.objects.filter(name__in=names))


def test_what_is_given_is_seen_and_what_is_taken_back_is_not(cast: Cast) -> None:
    project_at(ProjectState.IN_PROGRESS, cast)
    seen = Project.objects.visible_to(cast.observer, TODAY)

    give_source_classes(seat_of(cast), classes("党组工作要点"), by=cast.secretariat, now=NOW)
    assert seen.count() == 1

    give_source_classes(seat_of(cast), classes("领导同志批示"), by=cast.secretariat, now=NOW)
    assert seen.count() == 0
    assert ObserverScope.objects.count() == 1
    event = Event.objects.filter(verb="give_source_classes").first()
    assert event is not None
    assert event.before == {"source_classes": ["党组工作要点"]}


def test_only_the_secretariat_gives_and_only_to_observers(cast: Cast) -> None:
    project_at(ProjectState.DRAFT, cast)
    given = classes("党组工作要点")

    with pytest.raises(Refused, match="只有督办人员"):
        give_source_classes(seat_of(cast), given, by=cast.head, now=NOW)
    with pytest.raises(Refused, match="不是跟踪监督人员"):
        give_source_classes(
            Membership.objects.get(user=cast.assessor, role=Role.ASSESSOR), given, by=cast.secretariat, now=NOW
        )
