"""A paper on its way into a plan: read, checked, written, repeated, revised, undone."""

from collections import Counter
from datetime import date, timedelta
from threading import Barrier, Thread

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Event, User
from cppcc_office.lib.errors import Refused, Stale
from tasks.actions.decomposition import confirm_suggestions
from tasks.actions.intake.batches import abandon_import, choose_columns, create_import, request_write
from tasks.actions.intake.checking import PIECE, Superseded, claim_import, read_import
from tasks.actions.intake.correcting import answer_all, correct_row, mark_of
from tasks.actions.intake.undoing import bar_to_undo, undo_import
from tasks.actions.intake.writing import write_import
from tasks.actions.project import dispatch_project
from tasks.enums import (
    ChangeState,
    CloseOutState,
    ImportState,
    MilestoneState,
    ProjectState,
    RowDecision,
    RowStatus,
)
from tasks.models import (
    Category,
    ChangeRequest,
    ImportBatch,
    ImportRow,
    KeyTask,
    Milestone,
    Plan,
    Project,
    RememberedTerm,
    Source,
    Target,
)
from tests.tasks.intake.conftest import FEBRUARY, NOVEMBER, SampleOffice
from tests.tasks.intake.imports import (
    GOOD,
    HEADER,
    answer,
    changed,
    codes,
    imported,
    labels,
    sample_paper,
    settle,
    table,
    take_in,
    write,
)


def test_the_sample_plan_asks_only_for_the_source_it_cannot_know(sample: SampleOffice) -> None:
    batch = take_in(sample, sample_paper("plan-2026.xlsx"), name="plan-2026.xlsx")

    asked = [row for row in batch.rows.all() if row.problems]
    assert batch.state == ImportState.READY
    assert batch.rows.count() == 138
    assert {problem["about"] for row in asked for problem in row.problems} == {"领导批示"}
    assert [codes(row) for row in asked] == [{"source-unknown"}] * 4


def test_the_sample_plan_becomes_a_key_task_and_a_project_for_each_row(sample: SampleOffice) -> None:
    batch = take_in(sample, sample_paper("plan-2026.xlsx"), name="plan-2026.xlsx")
    settled = settle(sample, batch, "领导批示", "领导同志批示")

    batch = write(sample, batch)

    batch.refresh_from_db()
    dated = [row for row in batch.rows.all() if row.reading["due_kind"] == "date"]
    steps = sum(len(row.values["steps"].split("\n")) for row in dated)
    nodes = Milestone.objects.filter(project__due_kind="date")
    assert settled == 4
    assert (batch.state, batch.error) == (ImportState.WRITTEN, "")
    assert KeyTask.objects.count() == Project.objects.count() == 138
    assert set(Project.objects.values_list("state", flat=True)) == {ProjectState.DRAFT}
    assert nodes.count() == steps == sum(len(row.reading["milestones"]) for row in dated)
    assert nodes.filter(due_is_confirmed=True).count() == len(dated)
    assert not Target.objects.filter(milestones=None).exists()
    assert [c.name for c in Category.objects.order_by("order")][:2] == ["思想政治引领", "协商议政"]
    assert Event.objects.filter(verb="import_project").count() == 138
    assert batch.created["milestones"] == Milestone.objects.count()


def test_the_same_file_again_creates_nothing(sample: SampleOffice) -> None:
    first = take_in(sample, sample_paper("plan-2026.xlsx"), name="plan-2026.xlsx")
    settle(sample, first, "领导批示", "领导同志批示")
    write(sample, first)

    again = take_in(sample, sample_paper("plan-2026.xlsx"), name="plan-2026.xlsx", now=NOVEMBER)

    assert Counter(again.rows.values_list("status", flat=True)) == {RowStatus.DUPLICATE: 138}
    with pytest.raises(Refused, match="没有可以写入的行"):
        write(sample, again, now=NOVEMBER)


def test_the_sample_work_points_offer_exactly_the_two_duties_they_share(sample: SampleOffice) -> None:
    plan = take_in(sample, sample_paper("plan-2026.xlsx"), name="plan-2026.xlsx")
    settle(sample, plan, "领导批示", "领导同志批示")
    write(sample, plan)

    points = take_in(sample, sample_paper("work-points-2026.docx"), name="work-points-2026.docx")

    offered = {row.title: row.match for row in points.rows.select_related("match") if "same-duty" in codes(row)}
    assert {title: match and match.number for title, match in offered.items()} == {
        "围绕“冰雪经济提档升级”召开专题协商会": "30",
        "修订《督查督办工作办法》": "117",
    }
    differences = points.rows.get(title__contains="督查督办").reading["likeness"]["differences"]
    assert {"label": "做法", "new": "修订", "old": "制定"} in differences


def test_a_shared_duty_taken_in_gets_one_more_source_and_stays_one(sample: SampleOffice) -> None:
    imported(sample, table(changed(GOOD, key_task="制定《督查督办工作办法》")))
    points = take_in(
        sample, pasted="1.修订《督查督办工作办法》。（牵头处室：督办处；完成时限：6月底前）", source="工作要点"
    )
    settle(sample, points, "工作要点", "党组工作要点")

    answer(sample, points.rows.get(), decision=RowDecision.MERGE)
    write(sample, points)

    key_task = KeyTask.objects.get()
    assert {source.name for source in key_task.sources.all()} == {"党组工作要点", "工作要点"}
    assert Event.objects.filter(verb="merge_import", project_id=key_task.projects.get().pk).count() == 1


def test_a_shared_duty_may_stand_on_its_own_or_be_skipped(sample: SampleOffice) -> None:
    imported(sample, table(changed(GOOD, key_task="制定《督查督办工作办法》")))
    again = changed(GOOD, number="9", key_task="修订《督查督办工作办法》")
    batch = take_in(sample, table(again))

    skipped = answer(sample, batch.rows.get(), decision=RowDecision.SKIP)
    assert (skipped.status, skipped.problems) == (RowStatus.DUPLICATE, [])
    own = answer(sample, skipped, decision=RowDecision.NEW)

    assert own.status == RowStatus.OK
    write(sample, batch)
    assert KeyTask.objects.count() == 2


def test_two_rows_of_one_file_with_the_same_duty_are_offered_once(sample: SampleOffice) -> None:
    other = changed(GOOD, number="2", lead="人事处", person="陈明哲")
    batch = take_in(sample, table(GOOD, other))

    first, second = batch.rows.all()
    assert (codes(first), codes(second)) == (set(), {"same-duty"})
    answer(sample, second, decision=RowDecision.MERGE)
    write(sample, batch)
    assert Project.objects.get().title == "开展保密检查"


def test_dates_already_past_are_asked_and_one_answer_settles_all(sample: SampleOffice) -> None:
    batch = take_in(
        sample, table(GOOD, changed(GOOD, number="2", key_task="组织档案评查", deadline="6月底前")), now=NOVEMBER
    )
    assert [codes(row) for row in batch.rows.all()] == [{"deadline-past"}] * 2
    assert labels(batch.rows.all()[0], "deadline-past") == ["改为 2026-12-31", "按原时限补录"]

    count = answer_all(
        batch, by=sample.secretariat, code="deadline-past", fields={"accept_past": "1"}, decision=None, now=NOVEMBER
    )

    assert count == 2
    assert {row.status for row in batch.rows.all()} == {RowStatus.OK}
    write(sample, batch, now=NOVEMBER)
    assert list(Project.objects.values_list("due_on", flat=True)) == [date(2026, 9, 30), date(2026, 6, 30)]


def test_the_whole_table_is_written_only_when_nothing_is_asked(sample: SampleOffice) -> None:
    batch = take_in(sample, table(GOOD, changed(GOOD, number="2", key_task="组织档案评查", lead="经科委")))
    batch.refresh_from_db()

    with pytest.raises(Refused, match="还有 1 行需更正"):
        request_write(batch, by=sample.secretariat, version=batch.version, only_ok=False, now=FEBRUARY)
    write(sample, batch, only_ok=True)

    batch.refresh_from_db()
    assert batch.state == ImportState.READY
    assert Project.objects.count() == 1
    answer(sample, batch.rows.get(project=None), lead="人事处", person="陈明哲")
    write(sample, batch)
    batch.refresh_from_db()
    assert batch.state == ImportState.WRITTEN
    assert (Project.objects.count(), batch.created["projects"]) == (2, 2)


def test_correcting_a_row_keeps_the_words_of_the_paper(sample: SampleOffice) -> None:
    batch = take_in(sample, table(changed(GOOD, deadline="汛期结束后")))

    row = answer(sample, batch.rows.get(), deadline="10月底前")

    assert row.original["deadline"] == "汛期结束后"
    assert (row.values["deadline"], row.due_on, row.status) == ("10月底前", date(2026, 10, 31), RowStatus.OK)


def test_of_two_people_correcting_one_row_the_second_sees_what_the_first_wrote(sample: SampleOffice) -> None:
    batch = take_in(sample, table(changed(GOOD, deadline="汛期结束后")))
    row = ImportRow.objects.select_related("batch__organization").get(batch=batch)
    seen = mark_of(row)
    answer(sample, row, deadline="10月底前")

    with pytest.raises(Stale) as stale:
        correct_row(row, by=sample.colleague, seen=seen, fields={"deadline": "11月底前"}, now=FEBRUARY)

    assert [(change.old, change.new) for change in stale.value.changes] == [("11月底前", "10月底前")]
    row.refresh_from_db()
    assert row.values["deadline"] == "10月底前"


def test_two_people_write_one_import_once(sample: SampleOffice) -> None:
    batch = take_in(sample, table(GOOD))
    batch.refresh_from_db()
    request_write(batch, by=sample.secretariat, version=batch.version, only_ok=False, now=FEBRUARY)

    with pytest.raises(Stale):
        request_write(
            ImportBatch.objects.get(pk=batch.pk),
            by=sample.colleague,
            version=batch.version - 1,
            only_ok=False,
            now=FEBRUARY,
        )


def test_only_the_secretariat_imports(sample: SampleOffice) -> None:
    with pytest.raises(Refused, match="只有督办人员可以导入任务"):
        create_import(sample.organization, by=sample.head, year=2026, name="x.xlsx", data=table(GOOD), now=FEBRUARY)


def test_a_write_that_fails_in_the_middle_writes_nothing(sample: SampleOffice, django_db_blocker: object) -> None:
    batch = take_in(sample, table(GOOD, changed(GOOD, number="2", key_task="组织档案评查")))
    # The second row breaks a constraint of the database after the first has been inserted.
    broken = batch.rows.last()
    assert broken is not None
    broken.reading["targets"][0]["statement"] = ""
    broken.save(update_fields=["reading"])
    before = Event.objects.count()

    claimed = write(sample, batch)

    claimed.refresh_from_db()
    assert claimed.state == ImportState.READY
    assert "什么也没有写入" in claimed.error
    assert not any(model.objects.exists() for model in (Project, KeyTask, Plan, Source))
    assert Event.objects.count() == before + 1  # the request alone
    assert not ImportRow.objects.filter(project__isnull=False).exists()


def test_undoing_deletes_exactly_what_was_created(sample: SampleOffice) -> None:
    imported(sample, table(GOOD))
    kept = (KeyTask.objects.get().pk, Source.objects.get().pk)
    batch = imported(
        sample, table(changed(GOOD, number="2", key_task="组织档案评查", category="新的类别", source="党组会议决策"))
    )
    batch.refresh_from_db()

    undo_import(batch, by=sample.secretariat, version=batch.version, now=FEBRUARY)

    assert (KeyTask.objects.get().pk, Source.objects.get().pk) == kept
    assert Project.objects.count() == 1
    assert not Category.objects.filter(name="新的类别").exists()
    assert ImportBatch.objects.get(pk=batch.pk).state == ImportState.UNDONE
    again = take_in(sample, table(changed(GOOD, number="2", key_task="组织档案评查")))
    assert again.rows.get().status == RowStatus.OK


def test_undoing_the_first_import_takes_the_plan_it_made_with_it(sample: SampleOffice) -> None:
    batch = imported(sample, table(GOOD))
    batch.refresh_from_db()

    undo_import(batch, by=sample.secretariat, version=batch.version, now=FEBRUARY)

    assert not Plan.objects.exists()
    assert not Target.objects.exists()


def test_nothing_is_undone_once_a_project_is_dispatched(sample: SampleOffice) -> None:
    batch = imported(sample, table(GOOD))
    project = Project.objects.get()
    project = confirm_suggestions(project, by=sample.secretariat, version=project.version, now=FEBRUARY)
    dispatch_project(project, by=sample.secretariat, version=project.version, now=FEBRUARY)
    batch.refresh_from_db()

    with pytest.raises(Refused, match="1 个项目已经交办"):
        undo_import(batch, by=sample.secretariat, version=batch.version, now=FEBRUARY)

    assert bar_to_undo(batch)
    batch.refresh_from_db()
    assert batch.state == ImportState.WRITTEN


def test_a_revised_table_alters_drafts_and_undoing_puts_them_back(sample: SampleOffice) -> None:
    imported(sample, table(GOOD))

    revised = take_in(sample, table(changed(GOOD, deadline="10月底前", lead="人事处", person="陈明哲")))
    row = revised.rows.get()
    assert {change["field"] for change in row.reading["revisions"]} == {"deadline", "lead", "person"}
    batch = write(sample, revised)

    project = Project.objects.get()
    assert project.due_on == date(2026, 10, 31)
    assert project.lead_division is not None
    assert project.lead_division.name == "人事处"
    assert {node.person.name for node in project.milestones.select_related("person") if node.person} == {"陈明哲"}
    assert project.milestones.filter(due_on=date(2026, 10, 31)).count() == 1
    batch.refresh_from_db()
    undo_import(batch, by=sample.secretariat, version=batch.version, now=FEBRUARY)
    project = Project.objects.get()
    assert project.due_on == date(2026, 9, 30)
    assert project.lead_division is not None
    assert project.lead_division.name == "督办处"


def test_a_revised_table_prepares_a_change_request_for_a_dispatched_project(sample: SampleOffice) -> None:
    imported(sample, table(changed(GOOD, lead="人事处", person="陈明哲")))
    project = Project.objects.get()
    project = confirm_suggestions(project, by=sample.secretariat, version=project.version, now=FEBRUARY)
    dispatch_project(project, by=sample.secretariat, version=project.version, now=FEBRUARY)

    imported(sample, table(changed(GOOD, lead="人事处", person="陈明哲", deadline="10月底前")))

    request = ChangeRequest.objects.get()
    assert (request.state, request.kind) == (ChangeState.PREPARED, "EXTENSION")
    assert [(line.old, line.new) for line in request.lines.all()] == [("9月底前", "10月底前")]
    project.refresh_from_db()
    assert project.due_on == date(2026, 9, 30)


def test_work_done_on_a_draft_is_no_difference_to_the_same_table(sample: SampleOffice) -> None:
    imported(sample, table(GOOD))
    Milestone.objects.update(title="另写的节点")
    Project.objects.update(due_on=date(2026, 8, 31))

    again = take_in(sample, table(GOOD))

    assert again.rows.get().status == RowStatus.DUPLICATE


def test_corrections_made_once_are_carried_to_the_same_words_of_a_later_table(sample: SampleOffice) -> None:
    batch = take_in(sample, table(changed(GOOD, deadline="汛期结束后")))
    answer(sample, batch.rows.get(), deadline="10月底前")
    write(sample, batch)

    later = take_in(sample, table(changed(GOOD, deadline="汛期结束后", goal="形成检查报告2篇")))

    row = later.rows.get()
    assert (row.values["deadline"], row.status) == ("10月底前", RowStatus.OK)
    assert [change["field"] for change in row.reading["revisions"]] == ["goal"]


LEDGER = (*HEADER, "交办日期", "进展", "完成情况", "办结日期", "延期次数")


def test_a_ledger_in_use_comes_in_as_it_stands(sample: SampleOffice) -> None:
    lead = {"lead": "人事处", "person": "陈明哲"}
    closed = (*changed(GOOD, deadline="3月底前", **lead), "2026-01-10", "已印发", "已完成", "2026-03-20", "1")
    running = (*changed(GOOD, number="2", key_task="组织档案评查", deadline="年底前", **lead), "2026-02-01", "正在调研", "办理中", "", "")  # fmt: skip
    batch = take_in(sample, table(closed, running, header=LEDGER), now=NOVEMBER)
    assert [codes(row) for row in batch.rows.all()] == [{"rating-missing"}, set()]
    answer(sample, batch.rows.all()[0], now=NOVEMBER, rating="良")

    write(sample, batch, now=NOVEMBER)

    done, open_one = Project.objects.order_by("key_task__order")
    assert (done.state, done.closed_on, done.extension_count) == (ProjectState.CLOSED, date(2026, 3, 20), 1)
    assert done.is_backfilled
    assert done.close_outs.get().number == "销〔2026〕1号"
    assert set(done.milestones.values_list("state", flat=True)) == {MilestoneState.DONE}
    assert (open_one.state, open_one.dispatched_on) == (ProjectState.IN_PROGRESS, date(2026, 2, 1))
    assert open_one.entries.get().is_backfilled
    assert all(node.due_on and node.due_on >= NOVEMBER.date() for node in open_one.milestones.all())
    words = Event.objects.filter(project_id=done.pk).values_list("words", flat=True)
    assert any(word.startswith("补录：2026-03-20 销号") for word in words)


def test_what_the_supervising_division_led_itself_waits_for_somebody_else(sample: SampleOffice) -> None:
    closed = (*changed(GOOD, deadline="3月底前"), "2026-01-10", "已印发", "已完成", "2026-03-20", "")
    batch = take_in(sample, table(closed, header=LEDGER), now=NOVEMBER)
    answer(sample, batch.rows.get(), now=NOVEMBER, rating="优")

    write(sample, batch, now=NOVEMBER)

    project = Project.objects.get()
    assert project.state == ProjectState.CLOSE_OUT_REQUESTED
    assert project.close_outs.get().state == CloseOutState.REQUESTED
    assert any("由领导验收" in remark for remark in batch.rows.get().remarks)


def test_a_ledger_row_without_a_dispatch_day_is_asked_about(sample: SampleOffice) -> None:
    row = (*GOOD, "", "正在调研", "", "", "")
    batch = take_in(sample, table(row, header=LEDGER))
    assert codes(batch.rows.get()) == {"dispatched-missing"}

    answer(sample, batch.rows.get(), backfill="no")
    write(sample, batch)

    assert Project.objects.get().state == ProjectState.DRAFT


def test_columns_not_recognised_are_mapped_by_hand_and_remembered(sample: SampleOffice) -> None:
    header = ("项", "干什么", "谁牵头", "什么时候")
    data = table(("1", "开展保密检查", "督办处", "9月底前"), header=header)
    batch = take_in(sample, data)
    assert batch.state == ImportState.MAPPING
    columns = {"1": "key_task", "2": "lead", "3": "deadline", "0": "number"}
    titles = {str(index): title for index, title in enumerate(header)}
    by_hand = {"first_row": 1, "last_row": 1, "columns": columns, "titles": titles, "unmapped": [], "by_hand": True}
    batch.refresh_from_db()

    choose_columns(
        batch,
        by=sample.secretariat,
        version=batch.version,
        columns={"Sheet": by_hand},
        remember={"干什么": "key_task", "谁牵头": "lead", "什么时候": "deadline", "项": "number"},
        now=FEBRUARY,
    )
    again = claim_import(now=FEBRUARY)
    assert again is not None
    read_import(again, clock=lambda: FEBRUARY)

    assert again.rows.get().title == "开展保密检查"
    assert RememberedTerm.objects.filter(kind="COLUMN").count() == 4
    assert take_in(sample, data).state == ImportState.READY


def test_columns_nothing_answers_to_go_into_the_remark(sample: SampleOffice) -> None:
    batch = imported(sample, table((*GOOD, "每周二碰头"), header=(*HEADER, "碰头会安排")))

    assert Project.objects.get().remark == "碰头会安排：每周二碰头"
    assert batch.rows.get().reading["remark"] == "碰头会安排：每周二碰头"


@pytest.mark.parametrize(
    ("data", "name", "words"),
    [
        (b"\x00\x01", "任务.pdf", "不是能读的表格"),
        (b"PK\x03\x04", "任务.xlsx", ""),
        (b"x", "任务.wps", "另存为"),
        (table(), "任务.xlsx", "没有任务"),
    ],
)
def test_a_paper_that_cannot_be_read_says_so_in_a_sentence(
    sample: SampleOffice, data: bytes, name: str, words: str
) -> None:
    batch = take_in(sample, data, name=name)

    assert batch.state == ImportState.FAILED
    assert words in batch.error
    assert not batch.rows.exists()


def test_a_killed_process_is_replaced_and_nothing_is_there_twice(sample: SampleOffice) -> None:
    create_import(sample.organization, by=sample.secretariat, year=2026, name="a.xlsx", data=table(GOOD), now=FEBRUARY)
    dead = claim_import(now=FEBRUARY)
    assert dead is not None
    assert claim_import(now=FEBRUARY + timedelta(minutes=1)) is None

    heir = claim_import(now=FEBRUARY + timedelta(minutes=3))

    assert heir is not None
    read_import(heir, clock=lambda: FEBRUARY + timedelta(minutes=3))
    with pytest.raises(Superseded):
        read_import(dead, clock=lambda: FEBRUARY + timedelta(minutes=3))
    assert heir.rows.count() == 1


def test_a_killed_write_is_taken_up_again_and_writes_once(sample: SampleOffice) -> None:
    batch = take_in(sample, table(GOOD))
    batch.refresh_from_db()
    request_write(batch, by=sample.secretariat, version=batch.version, only_ok=False, now=FEBRUARY)
    dead = claim_import(now=FEBRUARY)
    heir = claim_import(now=FEBRUARY + timedelta(minutes=11))
    assert dead is not None
    assert heir is not None

    write_import(heir, clock=lambda: FEBRUARY + timedelta(minutes=11))
    with pytest.raises(Superseded):
        write_import(dead, clock=lambda: FEBRUARY)

    assert Project.objects.count() == 1


def test_giving_up_leaves_what_was_written(sample: SampleOffice) -> None:
    batch = take_in(sample, table(GOOD, changed(GOOD, number="2", key_task="组织档案评查", lead="经科委")))
    write(sample, batch, only_ok=True)
    batch.refresh_from_db()

    abandon_import(batch, by=sample.secretariat, version=batch.version, now=FEBRUARY)

    assert batch.state == ImportState.WRITTEN
    assert Project.objects.count() == 1


def test_checking_asks_the_database_by_piece_and_not_by_row(sample: SampleOffice) -> None:
    def queries(count: int) -> int:
        rows = [changed(GOOD, number=str(n), key_task=f"落实第{n}号提案办理") for n in range(1, count + 1)]
        create_import(
            sample.organization, by=sample.secretariat, year=2026, name="a.xlsx", data=table(*rows), now=FEBRUARY
        )
        batch = claim_import(now=FEBRUARY)
        assert batch is not None
        with CaptureQueriesContext(connection) as captured:
            read_import(batch, clock=lambda: FEBRUARY)
        assert batch.rows.count() == count
        return len(captured)

    queries(20)  # warms what is cached for the process
    one, two, five = queries(PIECE), queries(2 * PIECE), queries(5 * PIECE)
    assert five - two == 3 * (two - one)
    assert two - one < 20


@pytest.mark.django_db(transaction=True)
def test_two_people_on_two_threads_ask_for_one_write(transactional_sample: SampleOffice) -> None:
    sample = transactional_sample
    batch = take_in(sample, table(GOOD))
    version = ImportBatch.objects.get(pk=batch.pk).version
    barrier = Barrier(2)
    outcomes: list[str] = []

    def ask(user: User) -> None:
        try:
            barrier.wait()
            mine = ImportBatch.objects.get(pk=batch.pk)
            request_write(mine, by=user, version=version, only_ok=False, now=FEBRUARY)
            outcomes.append("won")
        except Stale:
            outcomes.append("lost")
        finally:
            connection.close()

    threads = [Thread(target=ask, args=(user,)) for user in (sample.secretariat, sample.colleague)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes) == ["lost", "won"]
