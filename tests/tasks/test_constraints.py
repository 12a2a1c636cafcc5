"""Each promise of the database is broken once: the database refuses, whatever the code above it forgot."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.apps import apps
from django.db import IntegrityError, models, transaction

from accounts.models import (
    CalendarException,
    ConfirmedYear,
    Deputy,
    Division,
    Membership,
    StaffImport,
)
from tasks.actions.entries import add_entry
from tasks.enums import MilestoneState, PlanKind, ProjectState, ResultKind, Series, TermKind
from tasks.models import (
    CalendarFeed,
    Category,
    ChangeRequest,
    CloseOut,
    ImportBatch,
    ImportRow,
    IssuedNumber,
    KeyTask,
    Milestone,
    NumberSeries,
    ObserverScope,
    ProgressEntry,
    Project,
    RememberedTerm,
    Result,
    SavedView,
    SourceClass,
    Target,
)
from tasks.models.milestone import MilestoneCoDivision
from tasks.models.project import ProjectCoDivision
from tests.cast import NOW, TODAY, Cast, make_cast
from tests.tasks.changing import asked as asked_change
from tests.walks import project_at

pytestmark = pytest.mark.django_db

Breaks = Callable[[Cast], object]


def twice(row: models.Model) -> models.Model:
    """Store a copy of the row beside it."""
    row.pk = None
    row._state.adding = True
    row.save(force_insert=True)
    return row


def draft(cast: Cast) -> Project:
    return project_at(ProjectState.DRAFT, cast)


def running(cast: Cast) -> Project:
    return project_at(ProjectState.IN_PROGRESS, cast)


def asked(cast: Cast) -> CloseOut:
    return project_at(ProjectState.CLOSE_OUT_REQUESTED, cast).close_outs.get()


def closed(cast: Cast) -> CloseOut:
    return project_at(ProjectState.CLOSED, cast).close_outs.get()


def pending(cast: Cast) -> ChangeRequest:
    return asked_change(running(cast), cast)


def changes(row: ChangeRequest) -> "models.QuerySet[ChangeRequest]":
    return ChangeRequest.objects.filter(pk=row.pk)


def milestones(cast: Cast) -> "models.QuerySet[Milestone]":
    return Milestone.objects.filter(project=running(cast))


def projects(row: Project) -> "models.QuerySet[Project]":
    return Project.objects.filter(pk=row.pk)


def close_outs(row: CloseOut) -> "models.QuerySet[CloseOut]":
    return CloseOut.objects.filter(pk=row.pk)


def an_entry_that_says_nothing(cast: Cast) -> object:
    row = running(cast)
    add_entry(row, by=cast.staff, version=row.version, situation="进展", files=[], now=NOW)
    return ProgressEntry.objects.filter(project=row).update(situation="")


def two_annual_plans(cast: Cast) -> object:
    plan = draft(cast).plan
    plan.name = "另一个"
    return twice(plan)


def two_plans_of_one_name(cast: Cast) -> object:
    plan = draft(cast).plan
    plan.kind = PlanKind.SPECIAL
    return twice(plan)


def two_close_outs_of_one_number(cast: Cast) -> object:
    number = closed(cast).number
    return close_outs(closed(cast)).update(number=number)


def an_import_row_twice(cast: Cast) -> object:
    batch = ImportBatch.objects.create(organization=cast.office, year=2026, name="x", by=cast.secretariat, at=NOW)
    return twice(ImportRow.objects.create(batch=batch, row=1, order=1))


def a_scope_twice(cast: Cast) -> object:
    draft(cast)
    seat = Membership.objects.get(user=cast.observer)
    return twice(ObserverScope.objects.create(membership=seat, source_class=SourceClass.objects.all()[0]))


def a_membership(cast: Cast, **fields: object) -> int:
    return Membership.objects.filter(user=cast.staff).update(**fields)


def a_deputy(cast: Cast, **fields: object) -> Deputy:
    row = {
        "organization": cast.office,
        "principal": cast.head,
        "deputy": cast.staff,
        "starts_on": TODAY,
        "ends_on": TODAY,
    }
    return Deputy.objects.create(**row | fields)


# Constraint → a write that breaks it and no other.
BREAKS: dict[str, Breaks] = {
    "one_division_per_name": lambda cast: twice(cast.lead),
    "division_has_a_name": lambda cast: Division.objects.filter(pk=cast.lead.pk).update(name=""),
    "division_iff_division_role": lambda cast: a_membership(cast, division=None),
    "membership_ends_after_start": lambda cast: a_membership(cast, ends_on=date(2019, 1, 1)),
    "membership_once": lambda cast: twice(Membership.objects.get(user=cast.staff)),
    "deputy_ends_after_start": lambda cast: a_deputy(cast, ends_on=date(2026, 3, 3)),
    "nobody_deputises_himself": lambda cast: a_deputy(cast, deputy=cast.head),
    "one_exception_per_day": lambda cast: twice(
        CalendarException.objects.create(
            organization=cast.office, day=TODAY, is_workday=False, set_by=cast.secretariat, set_at=NOW
        )
    ),
    "one_confirmation_per_year": lambda cast: twice(
        ConfirmedYear.objects.create(
            organization=cast.office, year=2027, confirmed_by=cast.secretariat, confirmed_at=NOW
        )
    ),
    "staff_written_iff_dated": lambda cast: StaffImport.objects.create(
        organization=cast.office, file_name="x", rows=[], by=cast.sysadmin, at=NOW, written_at=NOW
    ),
    "target_value_positive": lambda cast: Target.objects.filter(project=draft(cast)).update(target_value=0),
    "target_has_a_statement": lambda cast: Target.objects.filter(project=draft(cast)).update(statement=""),
    "target_weight_positive": lambda cast: Target.objects.filter(project=draft(cast)).update(weight=0),
    "milestone_has_a_title": lambda cast: milestones(cast).update(title=""),
    "milestone_weight_positive": lambda cast: milestones(cast).update(weight=0),
    "milestone_done_pair": lambda cast: milestones(cast).update(state=MilestoneState.DONE),
    "milestone_reported_pair": lambda cast: milestones(cast).update(reported_at=NOW),
    "reported_milestone_has_day": lambda cast: milestones(cast).update(
        state=MilestoneState.REPORTED, reported_at=NOW, reported_by=cast.staff
    ),
    "milestone_warned_before_due": lambda cast: milestones(cast).update(warn_on=date(2027, 1, 1)),
    "milestone_co_division_once": lambda cast: twice(
        MilestoneCoDivision.objects.create(milestone=milestones(cast)[0], division=cast.outside)
    ),
    "one_source_class_per_name": lambda cast: (draft(cast), twice(SourceClass.objects.all()[0])),
    "observer_scope_once": a_scope_twice,
    "one_plan_per_name_and_year": two_plans_of_one_name,
    "one_annual_plan_per_year": two_annual_plans,
    "one_category_per_name": lambda cast: (draft(cast), twice(Category.objects.all()[0])),
    "key_task_has_a_title": lambda cast: KeyTask.objects.filter(projects=draft(cast)).update(title=""),
    "project_number_iff_dispatched": lambda cast: projects(draft(cast)).update(number="〔2026〕001号"),
    "one_project_per_number": lambda cast: projects(running(cast)).update(number=running(cast).number),
    "dispatched_project_complete": lambda cast: projects(running(cast)).update(lead_division=None),
    "project_starts_before_due": lambda cast: projects(draft(cast)).update(start_on=date(2027, 1, 1)),
    "project_closed_pair": lambda cast: projects(running(cast)).update(closed_on=TODAY),
    "project_has_a_title": lambda cast: projects(draft(cast)).update(title=""),
    "co_division_once": lambda cast: twice(ProjectCoDivision.objects.get(project=draft(cast))),
    "one_live_close_out": lambda cast: twice(asked(cast)),
    "one_close_out_per_number": two_close_outs_of_one_number,
    "close_out_number_iff_accepted": lambda cast: close_outs(asked(cast)).update(number="销〔2026〕9号"),
    "close_out_decided_pair": lambda cast: close_outs(asked(cast)).update(decided_at=NOW),
    "nobody_accepts_his_own": lambda cast: close_outs(closed(cast)).update(decided_by=cast.head),
    "import_row_in_order": an_import_row_twice,
    "term_remembered_once": lambda cast: twice(
        RememberedTerm.objects.create(
            organization=cast.office,
            kind=TermKind.COLUMN,
            text="x",
            meaning="title",
            set_by=cast.secretariat,
            set_at=NOW,
        )
    ),
    "one_row_per_series_and_year": lambda cast: twice(
        NumberSeries.objects.create(organization=cast.office, series=Series.NOTICE, year=2026)
    ),
    "number_issued_once": lambda cast: twice(
        IssuedNumber.objects.create(
            organization=cast.office, series=Series.NOTICE, year=2026, n=1, text="x", subject_id=1, issued_at=NOW
        )
    ),
    "entry_says_something": an_entry_that_says_nothing,
    "one_pending_change": lambda cast: twice(pending(cast)),
    "change_decided_pair": lambda cast: changes(pending(cast)).update(state="AGREED"),
    "asked_change_has_day": lambda cast: changes(pending(cast)).update(asked_on=None),
    "result_counts_something": lambda cast: a_result(cast, count=0),
    "result_has_a_title": lambda cast: a_result(cast, title=""),
    "result_voided_with_reason": lambda cast: a_result(cast, voided_at=NOW, voided_by=cast.staff),
    "one_view_per_name": lambda cast: twice(a_view(cast)),
    "division_view_has_division": lambda cast: a_view(cast, scope="DIVISION"),
    "one_live_feed": lambda cast: [
        CalendarFeed.objects.create(user=cast.staff, organization=cast.office, digest=digest, created_at=NOW)
        for digest in "ab"
    ],
}


def a_result(cast: Cast, **fields: Any) -> Result:
    given: dict[str, Any] = {"title": "协商报告", "count": 1} | fields
    return Result.objects.create(
        organization=cast.office,
        project=running(cast),
        kind=ResultKind.REPORT,
        on=TODAY,
        by=cast.staff,
        recorded_at=NOW,
        **given,
    )


def a_view(cast: Cast, **fields: Any) -> SavedView:
    return SavedView.objects.create(
        organization=cast.office, page="ledger", name="本周", owner=cast.staff, created_at=NOW, **fields
    )


def promises() -> dict[str, models.BaseConstraint]:
    ours = [model for model in apps.get_models() if model.__module__.split(".")[0] in {"accounts", "tasks"}]
    return {constraint.name: constraint for model in ours for constraint in model._meta.constraints}


def test_every_promise_is_tried() -> None:
    assert set(BREAKS) == set(promises())


@pytest.mark.parametrize("name", BREAKS)
def test_the_database_keeps_its_promise(name: str) -> None:
    cast = make_cast()

    with pytest.raises(IntegrityError) as refusal, transaction.atomic():
        BREAKS[name](cast)

    assert is_about(str(refusal.value), name)


def is_about(words: str, name: str) -> bool:
    """PostgreSQL names what was broken; of unique ones SQLite tells the columns, or the index where there is a condition."""
    promise = promises()[name]
    if name in words:
        return True
    fields = getattr(promise, "fields", ())
    return bool(fields) and all(field in words for field in fields)


def test_drafts_without_a_number_are_many() -> None:
    """'' is no number: the promise of one project per number does not bind drafts."""
    cast = make_cast()

    numbers = [draft(cast).number, draft(cast).number]

    assert numbers == ["", ""]
