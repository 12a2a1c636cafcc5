"""The demonstration: loaded once for all these tests, then looked at."""

from collections.abc import Iterator
from datetime import date, datetime
from io import StringIO

import pytest
from django.core.management import call_command
from pytest_django.plugin import DjangoDbBlocker

from accounts import policies
from accounts.actions.sign_in import sign_in
from accounts.enums import Role
from accounts.models import Deputy, Event, Membership, Organization, User
from accounts.standing import standing_of
from cppcc_office.management.rhythm import play_rhythm
from supervision.cycles.enums import Cycle, RunState
from supervision.cycles.models import CycleRun
from supervision.inspections.models import Inspection
from supervision.notifications.models import Notification
from tasks.enums import Bucket, ChangeKind, ChangeState, ChangeTier, ProjectState, Series, SourceGroup
from tasks.management.commands.load_demo import load
from tasks.management.demo.office import CODE, SHOWN
from tasks.management.demo.patterns import CATEGORIES
from tasks.models import (
    Attachment,
    ChangeRequest,
    CloseOut,
    IssuedNumber,
    KeyTask,
    Milestone,
    Plan,
    ProgressEntry,
    Project,
    Result,
)
from tasks.queries.as_of import Moment
from tasks.queries.consistency import differences
from tasks.queries.figures import Dimension, figures, figures_by, lines_of
from tasks.queries.moments import light_case
from tests.cast import SHANGHAI

TODAY = date(2026, 9, 16)  # a Wednesday: the 30 September that counts is last year's
NOW = datetime(2026, 9, 16, 10, 5, tzinfo=SHANGHAI)
PASSWORD = "Demo-2345-Abcd"

pytestmark = [pytest.mark.only_with("embedded"), pytest.mark.together, pytest.mark.django_db]


@pytest.fixture(scope="module")
def loaded(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """It takes most of a minute, so all tests of this module find it in the database, which is emptied behind them."""
    with django_db_blocker.unblock():
        policies.forget()
        load(now=NOW, password=PASSWORD, tell=lambda *_: None)
    yield
    with django_db_blocker.unblock():
        call_command("flush", interactive=False, verbosity=0)


@pytest.fixture(autouse=True)
def demo(loaded: None, db: None) -> Organization:
    """What one test writes, the next does not find."""
    return Organization.objects.get(code=CODE)


def test_its_cycles_come_round_and_change_no_figure(demo: Organization) -> None:
    projects = Project.objects.filter(plan=plan_of(demo, 2026))
    before = figures(lines_of(projects, TODAY))

    play_rhythm(demo, now=NOW)

    runs = CycleRun.objects.filter(organization=demo)
    assert {run.state for run in runs} <= {RunState.DONE, RunState.MERGED}
    assert {run.cycle for run in runs} == set(Cycle) - {Cycle.YEARLY}
    assert figures(lines_of(projects, TODAY)) == before
    assert not CycleRun.objects.exclude(organization=demo).exists()
    assert Inspection.objects.filter(organization=demo).count() == 2
    assert Notification.objects.filter(organization=demo).exists()


def plan_of(demo: Organization, year: int) -> Plan:
    return Plan.objects.get(organization=demo, year=year)


def test_last_autumn_403_of_496_were_closed_on_time_and_93_not_yet_due(demo: Organization) -> None:
    projects = Project.objects.filter(plan=plan_of(demo, 2025))

    then = figures(lines_of(projects, TODAY, Moment(date(2025, 9, 30))))

    assert (then.total, then[Bucket.ON_TIME], then.closed, then.not_yet_due) == (496, 403, 403, 93)
    assert then[Bucket.OVERDUE] == 0


def test_last_year_is_settled_and_what_was_left_goes_on_this_year(demo: Organization) -> None:
    last = Project.objects.filter(plan=plan_of(demo, 2025))
    carried = last.filter(state=ProjectState.CARRIED_OVER)

    assert {*last.values_list("state", flat=True)} == {ProjectState.CLOSED, ProjectState.CARRIED_OVER}
    assert carried.count() == 15
    assert {project.carried_into.plan.year for project in carried if project.carried_into} == {2026}
    assert figures(lines_of(last, TODAY))[Bucket.LATE] > 0


def test_this_year_has_138_key_tasks_in_six_categories_over_17_divisions(demo: Organization) -> None:
    key_tasks = KeyTask.objects.filter(plan=plan_of(demo, 2026))
    leads = Project.objects.filter(plan=plan_of(demo, 2026)).values_list("lead_division", flat=True)

    assert key_tasks.count() == 138
    assert {*key_tasks.values_list("category__name", flat=True)} == {*CATEGORIES}
    assert len({*leads}) == demo.divisions.count() == 17


def test_every_state_light_and_part_of_the_figures_is_there(demo: Organization) -> None:
    projects = Project.objects.filter(organization=demo)

    lights = {*projects.annotate(light=light_case(TODAY)).values_list("light", flat=True)}

    assert {*projects.values_list("state", flat=True)} == {*ProjectState.values}
    assert lights == {"red", "yellow", "blue", "green", "none", "done", "grey"}
    assert {bucket for bucket, _ in figures(lines_of(projects, TODAY)).parts} == {*Bucket}


def test_parts_add_up_by_category_and_by_division(demo: Organization) -> None:
    lines = lines_of(Project.objects.filter(plan=plan_of(demo, 2026)), TODAY)
    total = figures(lines).total

    for dimension in (Dimension.CATEGORY, Dimension.DIVISION):
        assert sum(part.figures.total for part in figures_by(lines, dimension)) == total


def test_key_tasks_come_from_papers_of_both_lists_and_some_from_several(demo: Organization) -> None:
    key_tasks = KeyTask.objects.filter(plan=plan_of(demo, 2026))

    groups = {*key_tasks.values_list("sources__source_class__group", flat=True)}
    counts = [key_task.sources.count() for key_task in key_tasks]

    assert groups == {*SourceGroup.values}
    assert min(counts) == 1
    assert max(counts) == 3


def test_changes_of_every_kind_were_asked_for(demo: Organization) -> None:
    requests = ChangeRequest.objects.filter(organization=demo)
    extensions = requests.filter(kind=ChangeKind.EXTENSION)

    assert {*requests.values_list("kind", flat=True)} == {*ChangeKind.values} - {ChangeKind.ALTERATION}
    assert {*extensions.values_list("state", flat=True)} == {
        ChangeState.ASKED,
        ChangeState.AGREED,
        ChangeState.DECLINED,
    }
    assert {row.is_in_time for row in extensions.filter(state=ChangeState.ASKED)} == {True, False}


def test_a_request_waits_for_the_leader_whose_account_is_shown(demo: Organization) -> None:
    waiting = ChangeRequest.objects.filter(
        organization=demo, state=ChangeState.ASKED, tier=ChangeTier.LEADER, project__leader__username="fuzhuxi1"
    )
    assert waiting.filter(project__lead_division__name="经济委员会办公室").exists()


def test_the_small_things_of_an_office_happened(demo: Organization) -> None:
    of_demo = {"organization": demo}

    assert ProgressEntry.objects.filter(**of_demo, entered_for=True).exists()
    assert ProgressEntry.objects.filter(**of_demo, needs_coordination=True).exists()
    assert Event.objects.filter(**of_demo, principal__isnull=False).exists()  # 代
    assert Deputy.objects.filter(**of_demo, starts_on__lte=TODAY, ends_on__gte=TODAY).exists()
    assert Milestone.objects.filter(**of_demo, return_count__gt=0).exists()
    assert CloseOut.objects.filter(**of_demo, state="RETURNED").exists()
    assert IssuedNumber.objects.filter(**of_demo, series=Series.CLOSE_OUT, voided_at__isnull=False).exists()
    assert Result.objects.filter(**of_demo).count() > 50
    assert Attachment.objects.filter(**of_demo).exists()
    assert Project.objects.filter(**of_demo, targets__target_value__isnull=False).exists()
    assert Project.objects.filter(**of_demo, co_divisions__isnull=False).exists()


def test_no_two_entries_of_a_project_say_the_same_and_few_anywhere(demo: Organization) -> None:
    texts = list(ProgressEntry.objects.filter(organization=demo).values_list("project", "situation"))

    assert len(texts) > 300
    assert len({*texts}) == len(texts)
    assert len({situation for _, situation in texts}) > 0.9 * len(texts)


def test_nothing_has_happened_in_the_future(demo: Organization) -> None:
    assert not Event.objects.filter(organization=demo, at__gt=NOW).exists()
    assert not Event.objects.filter(organization=demo, effective_on__isnull=False).exists()  # nothing is 补录


def test_everything_stored_agrees_with_its_sources(demo: Organization) -> None:
    assert list(differences(demo, TODAY)) == []


def test_everybody_can_sign_in(demo: Organization) -> None:
    for person in User.objects.filter(memberships__organization=demo).distinct():
        assert sign_in(person.username, password=PASSWORD, now=NOW).user == person, person.username


def test_the_accounts_shown_stand_for_every_role(demo: Organization) -> None:
    shown = User.objects.filter(username__in=[username for username, _ in SHOWN])

    roles = set().union(*(standing_of(user, today=TODAY).roles() for user in shown))

    assert shown.count() == len(SHOWN)
    assert roles == {*Role}


def test_the_observer_sees_some_projects_and_not_all(demo: Organization) -> None:
    observer = Membership.objects.get(organization=demo, role=Role.OBSERVER).user

    seen = Project.objects.visible_to(observer, TODAY).count()

    assert 0 < seen < Project.objects.filter(organization=demo).count()


def test_the_second_office_has_people_and_no_work_yet(demo: Organization) -> None:
    second = Organization.objects.exclude(pk=demo.pk).get()

    assert second.code == "szx"
    assert Membership.objects.filter(organization=second).count() > 70
    assert not Plan.objects.filter(organization=second).exists()


def test_a_second_load_changes_nothing(demo: Organization) -> None:
    events, out = Event.objects.count(), StringIO()

    call_command("load_demo", stdout=out)

    assert "不载入演示数据" in out.getvalue()
    assert Event.objects.count() == events


def test_the_accounts_of_both_offices_can_be_shown_again(demo: Organization) -> None:
    out = StringIO()

    call_command("load_demo", show_accounts=True, stdout=out)

    assert "  duban " in out.getvalue()
    assert "  u012 " in out.getvalue()
    assert "密码" not in out.getvalue()
