"""What else happens to a project while a change of it waits, and after."""

from datetime import date, datetime

import pytest

from tasks.actions import project as project_actions
from tasks.actions.changes.deciding import agree_change
from tasks.actions.milestone import report_milestone
from tasks.enums import Bucket, ChangeKind, ProjectState
from tasks.models import ChangeRequest, Milestone, Project
from tasks.queries.moments import bucket_of
from tests.cast import NOW, SHANGHAI, make_cast
from tests.tasks.changing import a_step, asked, due
from tests.tasks.company import node_of
from tests.walks import project_at

pytestmark = pytest.mark.django_db

LONG = date(2026, 12, 20)


def test_what_was_reported_while_the_request_waited_keeps_its_date() -> None:
    cast = make_cast()
    row = project_at(ProjectState.IN_PROGRESS, cast)
    node = row.milestones.all()[0]
    request = asked(row, cast, ChangeKind.EXTENSION, due(LONG), due(date(2026, 5, 20), node))
    found = node_of(node.pk)
    report_milestone(found, by=cast.head, version=found.project.version, note="已办", now=NOW)

    found_request = ChangeRequest.objects.select_related("project__lead_division").get(pk=request.pk)
    agree_change(found_request, by=cast.leader, version=found_request.project.version, now=NOW)

    assert Milestone.objects.get(pk=node.pk).due_on == node.due_on
    assert Project.objects.get(pk=row.pk).due_on == LONG


def test_a_recalled_project_begins_without_extensions() -> None:
    cast = make_cast()
    row = project_at(ProjectState.DISPATCHED, cast)
    request = asked(row, cast, ChangeKind.EXTENSION, due(LONG))
    agree_change(request, by=cast.leader, version=row.version, now=NOW)
    again = Project.objects.get(pk=row.pk)

    project_actions.recall_project(again, by=cast.secretariat, version=again.version, now=NOW)
    project_actions.dispatch_project(again, by=cast.secretariat, version=again.version, now=NOW)

    assert (again.extension_count, again.original_due_on, again.due_on) == (0, LONG, LONG)


def test_what_is_overdue_takes_a_step_to_mend_it_and_stays_overdue() -> None:
    cast = make_cast()
    row = project_at(ProjectState.IN_PROGRESS, cast)
    late = datetime(2026, 10, 12, 9, 0, tzinfo=SHANGHAI)
    mend_on = date(2026, 11, 20)

    request = asked(row, cast, ChangeKind.ALTERATION, a_step(row, cast, due_on=mend_on), now=late)
    agree_change(request, by=cast.second_secretariat, version=row.version, now=late)

    row.refresh_from_db()
    assert (row.due_on, row.milestones.get(title="整改").due_on) == (date(2026, 9, 30), mend_on)
    assert bucket_of(row, late.date()) == Bucket.OVERDUE
