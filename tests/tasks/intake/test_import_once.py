"""Two imports open at the same time: what one has written meanwhile the other does not write again."""

from tasks.enums import ImportState, RowStatus
from tasks.models import KeyTask, Plan, Project
from tests.tasks.intake.conftest import SampleOffice
from tests.tasks.intake.imports import GOOD, changed, table, take_in, write


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
