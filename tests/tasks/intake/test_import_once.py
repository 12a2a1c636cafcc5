"""Imports that meet: what one has written the other does not write again, nor take away from under it."""

import pytest

from cppcc_office.lib.errors import Refused
from tasks.actions.decomposition import confirm_suggestions
from tasks.actions.intake.undoing import bar_to_undo, undo_import
from tasks.actions.project import dispatch_project
from tasks.enums import ImportState, RowDecision, RowStatus
from tasks.models import KeyTask, Plan, Project
from tests.tasks.intake.conftest import FEBRUARY, SampleOffice
from tests.tasks.intake.imports import GOOD, answer, changed, imported, table, take_in, write


def test_one_file_open_twice_is_written_once(sample: SampleOffice) -> None:
    data = table(GOOD, changed(GOOD, number="2", key_task="开展财务检查"))
    first, second = take_in(sample, data), take_in(sample, data)

    write(sample, first)
    second = write(sample, second)

    assert second.state == ImportState.WRITTEN
    assert set(second.rows.values_list("status", flat=True)) == {RowStatus.DUPLICATE}
    assert (Plan.objects.count(), KeyTask.objects.count(), Project.objects.count()) == (1, 2, 2)
    assert second.created["projects"] == 0


def test_what_another_import_wrote_otherwise_is_shown_before_it_is_altered(sample: SampleOffice) -> None:
    first = take_in(sample, table(GOOD))
    second = take_in(sample, table(changed(GOOD, deadline="10月底前"), changed(GOOD, number="2", key_task="财务检查")))

    write(sample, first)
    second = write(sample, second)

    row = second.rows.get(row=2)
    assert second.state == ImportState.READY
    assert "第 2 行" in second.error
    assert [change["label"] for change in row.reading["revisions"]] == ["完成时限"]
    assert Project.objects.count() == 1


def test_a_paper_read_before_the_years_plan_was_made_goes_into_that_plan(sample: SampleOffice) -> None:
    first = take_in(sample, table(GOOD))
    second = take_in(sample, table(changed(GOOD, number="2", key_task="开展财务检查")))

    write(sample, first)
    write(sample, second)

    assert Plan.objects.get().key_tasks.count() == 2


def test_the_same_file_is_known_again_when_part_of_it_is_dispatched(sample: SampleOffice) -> None:
    data = table(GOOD, changed(GOOD, number="2", key_task="开展财务检查"))
    imported(sample, data)
    project = Project.objects.get(title="开展保密检查")
    project = confirm_suggestions(project, by=sample.secretariat, version=project.version, now=FEBRUARY)
    dispatch_project(project, by=sample.secretariat, version=project.version, now=FEBRUARY)

    again = take_in(sample, data)

    assert set(again.rows.values_list("status", flat=True)) == {RowStatus.DUPLICATE}


def test_an_import_others_built_on_is_undone_after_them(sample: SampleOffice) -> None:
    first = imported(sample, table(GOOD))
    second = take_in(sample, table(changed(GOOD, number="9", source="年度协商计划")), name="协商计划.xlsx")
    answer(sample, second.rows.get(), decision=RowDecision.MERGE)
    second = write(sample, second)

    with pytest.raises(Refused, match="“协商计划.xlsx”并入或修订了其中的项目，请先撤销那次导入"):
        undo_import(first, by=sample.secretariat, version=first.version, now=FEBRUARY)
    undo_import(second, by=sample.secretariat, version=second.version, now=FEBRUARY)

    assert bar_to_undo(first) == []
    assert [source.name for source in KeyTask.objects.get().sources.all()] == ["党组工作要点"]
