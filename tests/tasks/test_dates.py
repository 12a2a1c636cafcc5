"""After the calendar or the policy has changed: warn dates and outlooks anew, due dates never."""

from datetime import date, timedelta

import pytest

from accounts.actions.policies import set_policy
from accounts.models import CalendarException
from tasks.actions.dates import bring_dates_up_to
from tasks.enums import ProjectState
from tasks.jobs import bring_dates_up_to as job
from tasks.models import DatesBasis, Milestone, Project, ProjectRevision
from tasks.queries.as_of import Moment, lines_as_of
from tests.cast import NOW, TODAY, Cast, make_cast
from tests.walks import project_at

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast() -> Cast:
    return make_cast()


@pytest.fixture
def running(cast: Cast) -> Project:
    row = project_at(ProjectState.IN_PROGRESS, cast)
    bring_dates_up_to(cast.office, now=NOW, today=TODAY)
    return row


def bring(cast: Cast, days: int = 1) -> int | None:
    return bring_dates_up_to(cast.office, now=NOW + timedelta(days=days), today=TODAY + timedelta(days=days))


def test_nothing_changed_means_nothing_to_do(cast: Cast, running: Project) -> None:
    assert bring(cast) is None


def test_a_longer_warning_moves_warn_dates_and_leaves_due_dates(cast: Cast, running: Project) -> None:
    due = list(Milestone.objects.values_list("due_on", flat=True))
    set_policy(cast.office, key="warn_days", value=10, by=cast.supervising_head, now=NOW, today=TODAY)

    changed = bring(cast)

    row = Project.objects.get(pk=running.pk)
    assert changed == 1
    assert row.warn_on is not None
    assert running.warn_on is not None
    assert row.warn_on < running.warn_on
    assert list(Milestone.objects.values_list("due_on", flat=True)) == due
    assert row.milestone_warn_on == min(m.warn_on for m in row.milestones.all() if m.warn_on)


def test_a_holiday_that_the_office_adds_moves_warn_dates(cast: Cast, running: Project) -> None:
    assert running.due_on is not None
    for back in range(1, 4):
        day = running.due_on - timedelta(days=back)
        CalendarException.objects.create(
            organization=cast.office, day=day, is_workday=False, set_by=cast.supervising_head, set_at=NOW
        )

    bring(cast)

    row = Project.objects.get(pk=running.pk)
    assert row.warn_on is not None
    assert running.warn_on is not None
    assert row.warn_on < running.warn_on


def test_the_past_keeps_the_warn_dates_it_had(cast: Cast, running: Project) -> None:
    set_policy(cast.office, key="warn_days", value=10, by=cast.supervising_head, now=NOW, today=TODAY)
    bring(cast)

    then, now = (lines_as_of(Moment(day)).get() for day in (TODAY, TODAY + timedelta(days=1)))

    assert then.warn_on == running.warn_on
    assert now.warn_on == Project.objects.get(pk=running.pk).warn_on != running.warn_on


def test_wider_bounds_of_pace_move_the_day_of_lagging(cast: Cast, running: Project) -> None:
    before = Project.objects.get(pk=running.pk).behind_on
    set_policy(cast.office, key="pace_behind", value=29, by=cast.supervising_head, now=NOW, today=TODAY)
    set_policy(cast.office, key="pace_far", value=80, by=cast.supervising_head, now=NOW, today=TODAY)

    bring(cast)

    after = Project.objects.get(pk=running.pk)
    assert before == date(2026, 4, 20)  # the first of two milestones missed: 50 points
    assert (after.behind_on, after.far_behind_on) == (date(2026, 4, 20), date(2026, 9, 30))


def test_what_is_closed_keeps_its_dates(cast: Cast) -> None:
    row = project_at(ProjectState.CLOSED, cast)
    bring_dates_up_to(cast.office, now=NOW, today=TODAY)
    set_policy(cast.office, key="warn_days", value=10, by=cast.supervising_head, now=NOW, today=TODAY)

    assert bring(cast) == 0
    assert Project.objects.get(pk=row.pk).warn_on == row.warn_on


def test_revisions_from_before_outlooks_were_kept_get_those_of_their_day(cast: Cast) -> None:
    row = project_at(ProjectState.IN_PROGRESS, cast)
    kept = list(ProjectRevision.objects.order_by("pk").values("pk", "pace", "behind_on", "milestone_due_on"))
    bare = {"pace": None, "behind_on": None, "milestone_due_on": None, "progress": None}
    ProjectRevision.objects.update(**bare)
    Project.objects.filter(pk=row.pk).update(**bare)

    bring(cast, days=0)

    filled = ProjectRevision.objects.filter(pk__in=[kept_row["pk"] for kept_row in kept]).order_by("pk")
    assert list(filled.values("pk", "pace", "behind_on", "milestone_due_on")) == kept
    assert Project.objects.get(pk=row.pk).behind_on == row.behind_on


def test_the_job_brings_every_office_up_to_date(cast: Cast) -> None:
    job()

    assert set(DatesBasis.objects.values_list("organization", flat=True)) == {cast.office.pk, cast.elsewhere.pk}
