"""A matter that a meeting or a look-back asks for goes the way of every matter."""

from datetime import date

import pytest

from cppcc_office.lib.errors import Refused
from supervision.notifications.channels.words import instructed
from tasks.actions.follow_ups import register_follow_up
from tasks.enums import ProjectState
from tasks.models import Project
from tests.cast import NOW, Cast, make_cast
from tests.walks import a_plan, a_source, project_at

pytestmark = pytest.mark.django_db

DUE = date(2026, 4, 10)


@pytest.fixture
def cast() -> Cast:
    return make_cast()


def follow_up(cast: Cast, **changed: object) -> tuple[Project, list[str]]:
    asked: dict[str, object] = {
        "by": cast.secretariat,
        "title": "牵头起草联系委员办法",
        "source_class": "重要会议议定事项",
        "paper": "2026年3月月调度会",
        "dated_on": date(2026, 3, 4),
        "division": cast.lead,
        "person": cast.staff,
        "due_on": DUE,
        "now": NOW,
    }
    return register_follow_up(cast.office, **(asked | changed))  # type: ignore[arg-type]  # the test names what it changes


def test_it_is_dispatched_with_one_dated_milestone(cast: Cast) -> None:
    a_plan(cast)

    project, bars = follow_up(cast)

    milestone = project.milestones.get()
    source = project.key_task.sources.get()
    assert bars == []
    assert Project.objects.get(pk=project.pk).state == ProjectState.DISPATCHED
    assert project.key_task.category.name == "临时交办"
    assert (source.source_class.name, source.name) == ("重要会议议定事项", "2026年3月月调度会")
    assert (milestone.division, milestone.person, milestone.due_on) == (cast.lead, cast.staff, DUE)


def test_two_of_one_meeting_share_its_source(cast: Cast) -> None:
    a_plan(cast)

    first, _ = follow_up(cast)
    second, _ = follow_up(cast, title="梳理委员联系点")

    assert first.key_task.sources.get() == second.key_task.sources.get()


def test_a_class_the_office_does_not_have_becomes_its_last(cast: Cast) -> None:
    a_plan(cast)

    project, _ = follow_up(cast, source_class="没有的类别")

    assert project.key_task.sources.get().source_class.name == "年度协商计划"


@pytest.mark.parametrize(
    ("changed", "words"),
    [({"due_on": date(2026, 3, 3)}, "已过"), ({"title": " "}, "请写明"), ({"by": "head"}, "只有督办人员")],
)
def test_what_cannot_be_is_refused_and_nothing_is_written(cast: Cast, changed: dict[str, object], words: str) -> None:
    a_plan(cast)
    if changed.get("by") == "head":
        changed = {"by": cast.head}

    with pytest.raises(Refused, match=words):
        follow_up(cast, **changed)

    assert not Project.objects.exists()


def test_without_an_annual_plan_it_says_so(cast: Cast) -> None:
    with pytest.raises(Refused, match="请先建立"):
        follow_up(cast)


def test_what_follows_from_an_instruction_is_guarded_like_one(cast: Cast) -> None:
    """Other sources are not taken along: it would count twice in the figures of their classes."""
    origin = project_at(ProjectState.CLOSED, cast).key_task
    plain, _ = follow_up(cast, follows=origin)
    origin.sources.add(a_source(cast, "领导同志批示"))

    guarded, _ = follow_up(cast, title="再次梳理", follows=origin)

    classes = {row.pk: {source.source_class.name for source in row.key_task.sources.all()} for row in (plain, guarded)}
    assert classes == {plain.pk: {"重要会议议定事项"}, guarded.pk: {"重要会议议定事项", "领导同志批示"}}
    assert instructed([plain.pk, guarded.pk]) == {guarded.pk}
