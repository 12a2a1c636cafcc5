"""Numbers: their form, one series per office, kind and year, kept for what is dispatched again, void for what is gone."""

from datetime import date, datetime

import pytest
from django.db import transaction

from tasks.actions import project
from tasks.actions.decomposition import delete_draft
from tasks.actions.numbers import take_number, take_numbers, void_numbers
from tasks.enums import ProjectState, Series
from tasks.models import IssuedNumber, NumberSeries, Project
from tests.cast import NOW, SHANGHAI, Cast, make_cast
from tests.tasks.company import PROJECT_ACTS
from tests.walks import a_draft, project_at

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("series", "first", "second"),
    [
        (Series.PROJECT, "〔2026〕001号", "〔2026〕002号"),
        (Series.CLOSE_OUT, "销〔2026〕1号", "销〔2026〕2号"),
        (Series.NOTICE, "督办〔2026〕1号", "督办〔2026〕2号"),
    ],
)
def test_a_number_has_the_form_of_its_series(series: Series, first: str, second: str) -> None:
    cast = make_cast()

    given = [take_number(cast.office, series, subject_id, year=2026, now=NOW) for subject_id in (7, 8)]

    assert given == [first, second]


def test_each_year_office_and_series_counts_for_itself() -> None:
    cast = make_cast()
    take_number(cast.office, Series.PROJECT, 1, year=2026, now=NOW)

    assert take_number(cast.office, Series.PROJECT, 1, year=2027, now=NOW) == "〔2027〕001号"
    assert take_number(cast.elsewhere, Series.PROJECT, 2, year=2026, now=NOW) == "〔2026〕001号"
    assert take_number(cast.office, Series.CLOSE_OUT, 1, year=2026, now=NOW) == "销〔2026〕1号"
    assert take_number(cast.office, Series.PROJECT, 2, year=2026, now=NOW) == "〔2026〕002号"


def test_past_nine_hundred_and_ninety_nine_it_counts_on() -> None:
    cast = make_cast()
    NumberSeries.objects.create(organization=cast.office, series=Series.PROJECT, year=2026, last=998)

    given = take_numbers(cast.office.pk, Series.PROJECT, [1, 2], year=2026, now=NOW)

    assert given == {1: "〔2026〕999号", 2: "〔2026〕1000号"}


def test_several_numbers_come_in_the_order_asked_and_old_ones_are_kept() -> None:
    cast = make_cast()
    take_number(cast.office, Series.PROJECT, 5, year=2026, now=NOW)

    given = take_numbers(cast.office.pk, Series.PROJECT, [9, 5, 3], year=2026, now=NOW)
    again = take_numbers(cast.office.pk, Series.PROJECT, [9, 5, 3], year=2026, now=NOW)

    assert given == {9: "〔2026〕002号", 5: "〔2026〕001号", 3: "〔2026〕003号"}
    assert again == given
    assert NumberSeries.objects.get(organization=cast.office, series=Series.PROJECT).last == 3


def recalled(cast: Cast) -> Project:
    row = project_at(ProjectState.DISPATCHED, cast)
    project.recall_project(row, by=cast.secretariat, version=row.version, now=NOW)
    return row


def test_a_recalled_project_is_dispatched_again_under_its_number() -> None:
    cast = make_cast()
    row = recalled(cast)
    other = project_at(ProjectState.DISPATCHED, cast)

    project.dispatch_project(row, by=cast.secretariat, version=row.version, now=NOW)

    assert (row.number, other.number) == ("〔2026〕001号", "〔2026〕002号")
    assert IssuedNumber.objects.count() == 2


def test_a_draft_that_was_dispatched_is_ended_under_its_number_instead_of_deleted() -> None:
    cast = make_cast()
    row = recalled(cast)
    row.due_on = row.lead_division = None
    row.save(update_fields=["due_on", "lead_division"])

    delete_draft(row, by=cast.secretariat, version=row.version, now=NOW)

    row = Project.objects.get(pk=row.pk)
    assert (row.state, row.number) == (ProjectState.CANCELLED, "〔2026〕001号")
    assert (row.due_on, row.lead_division, row.dispatched_on) == (date(2026, 9, 30), cast.lead, NOW.date())
    assert row.revisions.order_by("-id")[0].state == ProjectState.CANCELLED
    assert project_at(ProjectState.DISPATCHED, cast).number == "〔2026〕002号"
    assert IssuedNumber.objects.filter(voided_at=None).count() == 2


def test_a_draft_that_never_was_dispatched_is_deleted_without_a_trace_of_a_number() -> None:
    cast = make_cast()
    row = project_at(ProjectState.DRAFT, cast)

    delete_draft(row, by=cast.secretariat, version=row.version, now=NOW)

    assert not Project.objects.filter(title=row.title).exists()
    assert IssuedNumber.objects.count() == 0


def test_a_void_number_is_not_kept_for_its_subject() -> None:
    cast = make_cast()
    take_number(cast.office, Series.NOTICE, 4, year=2026, now=NOW)
    void_numbers(Series.NOTICE, 4, now=NOW)

    assert take_number(cast.office, Series.NOTICE, 4, year=2026, now=NOW) == "督办〔2026〕2号"


def test_voiding_twice_keeps_the_first_moment() -> None:
    cast = make_cast()
    take_number(cast.office, Series.NOTICE, 4, year=2026, now=NOW)
    void_numbers(Series.NOTICE, 4, now=NOW)

    void_numbers(Series.NOTICE, 4, now=datetime(2026, 5, 1, tzinfo=SHANGHAI))

    assert IssuedNumber.objects.get().voided_at == NOW


def test_a_project_is_numbered_in_the_year_of_its_plan_a_close_out_in_that_of_its_day() -> None:
    cast = make_cast()
    later = datetime(2027, 1, 5, 10, tzinfo=SHANGHAI)
    row = project_at(ProjectState.CLOSE_OUT_REQUESTED, cast)

    PROJECT_ACTS["accept_close_out"].do(row, cast.secretariat, row.version, later)

    assert (row.number, row.close_outs.get().number) == ("〔2026〕001号", "销〔2027〕1号")


def test_what_fails_after_its_number_leaves_no_gap() -> None:
    cast = make_cast()

    with transaction.atomic():
        take_number(cast.office, Series.PROJECT, 1, year=2026, now=NOW)
        transaction.set_rollback(True)

    assert take_number(cast.office, Series.PROJECT, 2, year=2026, now=NOW) == "〔2026〕001号"


def test_nothing_to_number_touches_no_series() -> None:
    cast = make_cast()

    assert take_numbers(cast.office.pk, Series.PROJECT, [], year=2026, now=NOW) == {}
    assert not NumberSeries.objects.exists()


@pytest.mark.parametrize("by", ["head", "leader", "foreign_secretariat"])
def test_a_refused_dispatch_takes_no_number(by: str) -> None:
    cast = make_cast()
    row = a_draft(cast)

    outcome = project.dispatch_projects([(row, row.version)], by=getattr(cast, by), now=NOW)

    assert outcome.done == []
    assert not IssuedNumber.objects.exists()
