"""周总结: what is written from the week's records, who edits it, and closing it."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from accounts.models import Event
from cppcc_office.lib.errors import Refused, Stale
from supervision.cycles.actions.closing import close_run
from supervision.cycles.actions.running import rerun
from supervision.cycles.actions.weekly import edit_weekly, update_from_divisions, write_weekly
from supervision.cycles.enums import RunState
from supervision.cycles.models import CycleRun, WeeklySummary
from supervision.cycles.queries.weekly import PARTS
from tasks.actions.close_out import accept_close_out
from tasks.enums import Effect, MilestoneState, ProjectState
from tests.cast import NOW
from tests.supervision.cycles.weeks import FRIDAY, MONDAY, a_week, due_on, entry, summary_of, texts
from tests.tasks.company import YES, Company, advance, answer_to, make_company, milestone_at
from tests.tasks.racing import losers, race
from tests.walks import project_at

pytestmark = pytest.mark.django_db


@pytest.fixture
def company(time_machine: Any) -> Company:
    time_machine.move_to(NOW, tick=False)
    return make_company()


def written(run: CycleRun, division: Any = None) -> dict[str, str]:
    row = summary_of(run, division)
    return {part: getattr(row, part) for part in PARTS}


def test_what_was_recorded_is_written_once_in_its_part(company: Company) -> None:
    row = project_at(ProjectState.IN_PROGRESS, company)
    entry(
        company,
        row,
        "已召开座谈会。",
        next_steps="起草报告",
        needs_coordination=True,
        problems="缺  数据\n需发改委配合",
    )
    entry(company, row, "已召开座谈会。")
    entry(company, row, "意见已汇总")
    node = due_on(row.milestones.all()[0], date(2026, 3, 11))

    run = a_week(company.office)

    number = row.number
    head = f"{number} {row.title}："
    assert written(run, company.lead) == {
        "done": "",
        "under_way": f"{head}已召开座谈会；意见已汇总",
        "next_week": f"{head}起草报告；“{node.title}”3月11日到期",
        "coordination": f"{head}缺 数据 需发改委配合",
    }
    assert written(run)["under_way"] == f"{head}已召开座谈会；意见已汇总（经济委办公室）"


def test_done_are_reports_confirmations_and_close_outs_of_the_week(company: Company) -> None:
    reported = milestone_at(MilestoneState.REPORTED, company)
    done = milestone_at(MilestoneState.DONE, company)
    closed = project_at(ProjectState.CLOSED, company)
    requested = project_at(ProjectState.CLOSE_OUT_REQUESTED, company)

    parts = written(a_week(company.office), company.lead)

    assert f"{reported.project.number} {reported.project.title}：“第1步”已报送，待核实" in parts["done"].splitlines()
    assert f"{done.project.number} {done.project.title}：完成“第1步”" in parts["done"].splitlines()
    line = next(line for line in parts["done"].splitlines() if line.startswith(closed.number))
    assert line.endswith("完成“第1步”；完成“第2步”；已销号，成效评价“良”")
    assert f"{requested.number} {requested.title}：已申请销号，待验收" in parts["under_way"].splitlines()


def test_another_week_is_another_weeks(company: Company) -> None:
    row = project_at(ProjectState.IN_PROGRESS, company)
    entry(company, row, "上周的事", now=NOW - timedelta(days=3))
    milestone_at(MilestoneState.DONE, company)
    later = date(2026, 3, 9)

    run = a_week(company.office, monday=later, now=FRIDAY + timedelta(days=7))

    assert not any(written(run, company.lead).values())
    assert not any(written(run).values())


def test_an_entry_counts_for_the_division_that_wrote_it(company: Company) -> None:
    row = project_at(ProjectState.IN_PROGRESS, company)
    entry(company, row, "协办材料已报", by=company.co_staff)

    run = a_week(company.office)

    assert written(run, company.assisting)["under_way"].endswith("：协办材料已报")
    assert not any(written(run, company.lead).values())
    assert written(run)["under_way"].endswith("：协办材料已报（研究室）")


def test_divisions_without_work_have_no_summary(company: Company) -> None:
    empty = a_week(company.office)
    assert list(WeeklySummary.objects.filter(run=empty).values_list("division", flat=True)) == [None]

    project_at(ProjectState.IN_PROGRESS, company)
    counts = write_weekly(empty, FRIDAY)

    divisions = WeeklySummary.objects.filter(run=empty, division__isnull=False)
    assert list(divisions.values_list("division", flat=True)) == [company.lead.pk]
    assert counts == {"处室总结": 1, "保留人工修改": 0}


def test_the_same_words_of_two_divisions_stand_once_in_the_offices(company: Company) -> None:
    row = project_at(ProjectState.IN_PROGRESS, company)
    entry(company, row, "联合调研已完成")
    entry(company, row, "联合调研已完成", by=company.co_staff)

    assert written(a_week(company.office))["under_way"].endswith("：联合调研已完成（经济委办公室、研究室）")


def test_again_it_rewrites_only_what_nobody_edited(company: Company) -> None:
    row = project_at(ProjectState.IN_PROGRESS, company)
    entry(company, row, "协办材料已报", by=company.co_staff)
    run = a_week(company.office)
    mine = summary_of(run, company.lead)
    edit_weekly(mine, by=company.head, version=mine.version, texts=texts(done="自己写的"), now=FRIDAY)
    entry(company, row, "周五又有进展")
    entry(company, row, "又报一份", by=company.co_staff)

    counts = write_weekly(run, FRIDAY)

    assert counts == {"处室总结": 2, "保留人工修改": 1}
    assert written(run, company.lead) == texts(done="自己写的")
    assert written(run, company.assisting)["under_way"].endswith("：协办材料已报；又报一份")
    assert written(run)["done"] == "自己写的（经济委办公室）"  # from what the divisions say now


def test_again_without_news_nothing_is_touched(company: Company) -> None:
    project_at(ProjectState.CLOSED, company)
    run = a_week(company.office)
    before = list(WeeklySummary.objects.order_by("pk").values())

    write_weekly(run, FRIDAY + timedelta(hours=2))

    assert list(WeeklySummary.objects.order_by("pk").values()) == before


WHO_EDITS = {
    "head": YES,
    "staff": YES,
    "head_deputy": YES,
    "secretariat": YES,
    "supervising_head": YES,
    "co_head": "只有本处室的人员和督办人员可以修改。",
    "leader": "只有本处室的人员和督办人员可以修改。",
    "assessor": "只有本处室的人员和督办人员可以修改。",
    "foreign_secretariat": "只有本处室的人员和督办人员可以修改。",
    "sysadmin": "只有本处室的人员和督办人员可以修改。",
}


@pytest.mark.parametrize("who", WHO_EDITS)
def test_who_edits_a_divisions(company: Company, who: str) -> None:
    project_at(ProjectState.IN_PROGRESS, company)
    mine = summary_of(a_week(company.office), company.lead)

    answer = answer_to(
        lambda: edit_weekly(mine, by=getattr(company, who), version=mine.version, texts=texts(done="改"), now=FRIDAY)
    )

    assert answer == WHO_EDITS[who]


@pytest.mark.parametrize(
    ("who", "answer"), [("secretariat", YES), ("head", "只有督办人员可以修改。"), ("leader", "只有督办人员可以修改。")]
)
def test_who_edits_the_offices(company: Company, who: str, answer: str) -> None:
    office = summary_of(a_week(company.office), None)

    told = answer_to(
        lambda: edit_weekly(
            office, by=getattr(company, who), version=office.version, texts=texts(done="改"), now=FRIDAY
        )
    )

    assert told == answer


def test_the_secretariat_writing_for_a_division_is_told_so(company: Company) -> None:
    project_at(ProjectState.IN_PROGRESS, company)
    mine = summary_of(a_week(company.office), company.lead)

    mine = edit_weekly(
        mine, by=company.secretariat, version=mine.version, texts=texts(done="  代写一行 \r\n\r\n 第二行"), now=FRIDAY
    )

    assert mine.entered_for
    event = Event.objects.filter(verb="edit_weekly").get()
    assert (event.entered_for, event.subject_kind, event.subject_id) == ("经济委办公室", "weeklysummary", mine.pk)
    assert event.before == {"done": ""}
    assert event.after == {"done": "代写一行\n第二行"}
    assert event.words == "修改2026年第10周（3月2日—8日）周总结（经济委办公室）：本周完成"
    assert (mine.edited_by, mine.version) == (company.secretariat, 2)
    mine = edit_weekly(mine, by=company.head, version=mine.version, texts=texts(done="处室自己写"), now=FRIDAY)
    assert not mine.entered_for


def test_nothing_changed_writes_nothing(company: Company) -> None:
    project_at(ProjectState.CLOSED, company)
    mine = summary_of(a_week(company.office), None)
    same = {part: getattr(mine, part) for part in PARTS}

    edit_weekly(mine, by=company.secretariat, version=mine.version, texts=same, now=FRIDAY)

    assert not Event.objects.filter(verb="edit_weekly").exists()
    assert summary_of(mine.run, None).edited_at is None


def test_who_comes_second_is_told_what_changed(company: Company) -> None:
    project_at(ProjectState.IN_PROGRESS, company)
    mine = summary_of(a_week(company.office), company.lead)
    edit_weekly(mine, by=company.head, version=1, texts=texts(done="先写的"), now=FRIDAY)

    with pytest.raises(Stale) as stale:
        edit_weekly(mine, by=company.staff, version=1, texts=texts(done="后写的"), now=FRIDAY)

    assert stale.value.subject == "2026年第10周（3月2日—8日）周总结（经济委办公室）"
    assert [(change.what, change.new, change.by, change.at) for change in stale.value.changes] == [
        ("本周完成", "先写的", "陈处长", "16:00")
    ]
    assert stale.value.version == 2


def test_who_comes_second_reads_only_the_lines_that_came_and_went(company: Company) -> None:
    project_at(ProjectState.IN_PROGRESS, company)
    mine = summary_of(a_week(company.office), company.lead)
    edit_weekly(mine, by=company.staff, version=1, texts=texts(done="甲\n乙"), now=FRIDAY)
    edit_weekly(mine, by=company.head, version=2, texts=texts(done="甲\n丙", coordination="丁"), now=FRIDAY)
    edit_weekly(mine, by=company.staff, version=3, texts=texts(done="丙\n甲", coordination="丁"), now=FRIDAY)

    with pytest.raises(Stale) as stale:
        edit_weekly(mine, by=company.secretariat, version=2, texts=texts(done="甲\n乙\n戊"), now=FRIDAY)

    assert [(change.what, change.old, change.new) for change in stale.value.changes] == [
        ("本周完成", "乙", "丙"),
        ("需协调", "", "丁"),
        ("本周完成：调整了次序", "", ""),
    ]


def test_a_rewriting_is_told_too(company: Company) -> None:
    row = project_at(ProjectState.IN_PROGRESS, company)
    run = a_week(company.office)
    entry(company, row, "周五又有进展")
    write_weekly(run, FRIDAY)

    with pytest.raises(Stale) as stale:
        edit_weekly(summary_of(run, company.lead), by=company.head, version=1, texts=texts(done="写"), now=FRIDAY)

    assert [change.what for change in stale.value.changes] == ["按最新记录重新汇集"]


@pytest.mark.parametrize(
    ("who", "answer"), [("secretariat", YES), ("leader", "只有督办人员可以办结。"), ("head", "只有督办人员可以办结。")]
)
def test_who_closes(company: Company, who: str, answer: str) -> None:
    run = a_week(company.office)

    told = answer_to(lambda: close_run(run, by=getattr(company, who), version=run.version, now=FRIDAY))

    assert told == answer


def test_closed_is_read_only(company: Company) -> None:
    project_at(ProjectState.IN_PROGRESS, company)
    run = a_week(company.office)
    mine = summary_of(run, company.lead)

    run = close_run(run, by=company.secretariat, version=run.version, now=FRIDAY)

    assert (run.closed_by, run.closed_at, run.version) == (company.secretariat, FRIDAY, 2)
    assert Event.objects.get(verb="close_run").words == "办结2026年第10周（3月2日—8日）周总结"
    for by in (company.head, company.secretariat):
        with pytest.raises(Refused, match="本周已办结，不能再修改。"):
            edit_weekly(mine, by=by, version=mine.version, texts=texts(done="写"), now=FRIDAY)
    with pytest.raises(Refused, match="已经办结。"):
        close_run(run, by=company.secretariat, version=run.version, now=FRIDAY)


def test_closing_what_ran_again_meanwhile_is_stale(company: Company) -> None:
    run = a_week(company.office)
    rerun(run, version=run.version, by=company.secretariat, now=FRIDAY, today=FRIDAY.date())

    with pytest.raises(Stale) as stale:
        close_run(run, by=company.second_secretariat, version=run.version, now=FRIDAY)

    (change,) = stale.value.changes
    assert (change.what, change.by) == ("重新运行2026年第10周（3月2日—8日）周总结", company.secretariat.name)
    assert stale.value.version == run.version + 1


@pytest.mark.parametrize("state", [RunState.DUE, RunState.RUNNING, RunState.FAILED])
def test_only_what_has_run_is_closed(company: Company, state: RunState) -> None:
    run = a_week(company.office)
    ended = FRIDAY if state == RunState.FAILED else None
    CycleRun.objects.filter(pk=run.pk).update(state=state, finished_at=ended)

    with pytest.raises(Refused, match="还没有运行完成，不能办结。"):
        close_run(run, by=company.secretariat, version=run.version, now=FRIDAY)


def office_edited(company: Company) -> tuple[CycleRun, WeeklySummary]:
    """The office has written a line of its own, then two divisions changed theirs."""
    row = project_at(ProjectState.IN_PROGRESS, company)
    entry(company, row, "已调研")
    entry(company, row, "协办材料已报", by=company.co_staff)
    run = a_week(company.office)
    office = summary_of(run, None)
    own = texts(done="办公室自己的一行", under_way=office.under_way)
    office = edit_weekly(office, by=company.secretariat, version=office.version, texts=own, now=FRIDAY)
    mine = summary_of(run, company.lead)
    edit_weekly(mine, by=company.head, version=mine.version, texts=texts(under_way="调研改写过"), now=FRIDAY)
    return run, office


def test_updating_puts_below_what_the_divisions_have_new(company: Company) -> None:
    run, office = office_edited(company)
    before = office.under_way

    update_from_divisions(office, by=company.secretariat, version=office.version, anew=False, now=FRIDAY)

    assert written(run)["done"] == "办公室自己的一行"
    assert written(run)["under_way"] == f"{before}\n调研改写过（经济委办公室）"


def test_compiling_anew_keeps_only_what_the_divisions_have(company: Company) -> None:
    run, office = office_edited(company)

    update_from_divisions(office, by=company.secretariat, version=office.version, anew=True, now=FRIDAY)

    assert written(run)["done"] == ""
    first, second = written(run)["under_way"].splitlines()
    assert (first, second.endswith("协办材料已报（研究室）")) == ("调研改写过（经济委办公室）", True)


def test_only_the_offices_is_updated_from_divisions(company: Company) -> None:
    run, office = office_edited(company)
    mine = summary_of(run, company.lead)

    with pytest.raises(Refused, match="只有全机关的总结可以从处室更新。"):
        update_from_divisions(mine, by=company.secretariat, version=mine.version, anew=True, now=FRIDAY)
    with pytest.raises(Refused, match="只有督办人员可以修改。"):
        update_from_divisions(office, by=company.head, version=office.version, anew=True, now=FRIDAY)


@pytest.mark.django_db(transaction=True)
def test_two_write_at_once_and_one_wins(company: Company) -> None:
    project_at(ProjectState.IN_PROGRESS, company)
    run = a_week(company.office)

    def writer(who: str) -> Callable[[], Callable[[], object]]:
        def ready() -> Callable[[], object]:
            mine = summary_of(run, company.lead)
            by = getattr(company, who)
            return lambda: edit_weekly(mine, by=by, version=mine.version, texts=texts(done=who), now=FRIDAY)

        return ready

    outcomes = race([writer("head"), writer("staff")])

    assert [type(one) for one in losers(outcomes)] == [Stale]
    assert Event.objects.filter(verb="edit_weekly").count() == 1


@pytest.mark.django_db(transaction=True)
def test_writing_and_closing_at_once_leave_one_order(company: Company) -> None:
    project_at(ProjectState.IN_PROGRESS, company)
    run = a_week(company.office)

    def write() -> Callable[[], object]:
        mine = summary_of(run, company.lead)
        return lambda: edit_weekly(mine, by=company.head, version=1, texts=texts(done="写"), now=FRIDAY)

    def close() -> Callable[[], object]:
        return lambda: close_run(run, by=company.secretariat, version=run.version, now=FRIDAY)

    outcomes = race([write, close])

    assert outcomes[1] == YES
    assert (outcomes[0] == YES) == (written(run, company.lead)["done"] == "写")


@pytest.mark.django_db(transaction=True)
def test_two_close_at_once_and_one_wins(company: Company) -> None:
    run = a_week(company.office)

    def close() -> Callable[[], object]:
        return lambda: close_run(run, by=company.secretariat, version=run.version, now=FRIDAY)

    assert len(losers(race([close, close]))) == 1
    assert Event.objects.filter(verb="close_run").count() == 1


@pytest.mark.parametrize("count", [1, 3])
def test_writing_asks_as_often_for_many_as_for_one(
    company: Company, django_assert_num_queries: Any, count: int
) -> None:
    divisions = (company.lead, company.assisting, company.supervising)[:count]
    for division in divisions:
        project_at(ProjectState.CLOSE_OUT_REQUESTED, company, lead=division)
    run = a_week(company.office)
    WeeklySummary.objects.all().delete()

    with django_assert_num_queries(14):
        counts = write_weekly(run, FRIDAY)

    assert counts["处室总结"] == count


def test_accepting_next_week_is_next_weeks(company: Company) -> None:
    row = project_at(ProjectState.CLOSE_OUT_REQUESTED, company)
    this_week = a_week(company.office)
    later = NOW + timedelta(days=7)
    accept_close_out(row, by=company.secretariat, version=row.version, effect=Effect.EXCELLENT, now=later)

    next_week = a_week(company.office, monday=date(2026, 3, 9), now=FRIDAY + timedelta(days=7))

    assert "已销号" not in written(this_week, company.lead)["done"]
    assert written(next_week, company.lead)["done"] == f"{row.number} {row.title}：已销号，成效评价“优”"


def test_what_comes_after_a_week_was_written_is_told_in_the_next_once(company: Company) -> None:
    """It is written at 16:00 of its last working day; that evening and the weekend belong to some summary too."""
    row = project_at(ProjectState.IN_PROGRESS, company)
    entry(company, row, "上午的进展", now=FRIDAY - timedelta(hours=5))
    this_week = a_week(company.office)
    entry(company, row, "傍晚的进展", now=FRIDAY + timedelta(hours=1))
    entry(company, row, "周日的进展", now=FRIDAY + timedelta(days=2))
    node = advance(row.milestones.all()[0], "report", company.head, now=FRIDAY + timedelta(hours=2))
    asks = project_at(ProjectState.CLOSE_OUT_REQUESTED, company, now=FRIDAY + timedelta(hours=2))
    monday = date(2026, 3, 9)

    weeks = [
        written(a_week(company.office, monday=monday + timedelta(days=7 * n), now=FRIDAY + timedelta(days=7 * n + 7)))
        for n in range(2)
    ]

    assert written(this_week)["under_way"] == f"{row.number} {row.title}：上午的进展（经济委办公室）"
    assert f"{row.number} {row.title}：傍晚的进展；周日的进展（经济委办公室）" in weeks[0]["under_way"].splitlines()
    assert f"{asks.number} {asks.title}：已申请销号，待验收（经济委办公室）" in weeks[0]["under_way"].splitlines()
    assert f"{row.number} {row.title}：“{node.title}”已报送，待核实（经济委办公室）" in weeks[0]["done"].splitlines()
    assert (weeks[1]["done"], weeks[1]["under_way"]) == ("", "")


def test_a_week_that_is_written_late_tells_what_was_reported_in_it(company: Company) -> None:
    """What was confirmed since had been reported all the same."""
    row = project_at(ProjectState.IN_PROGRESS, company)
    node = advance(row.milestones.all()[0], "report", company.head)
    later = NOW + timedelta(days=7)
    advance(node, "confirm", company.secretariat, now=later)
    asks = project_at(ProjectState.CLOSE_OUT_REQUESTED, company)
    accept_close_out(asks, by=company.secretariat, version=asks.version, effect=Effect.GOOD, now=later)

    parts = written(a_week(company.office, now=FRIDAY + timedelta(days=10)), company.lead)

    assert f"{row.number} {row.title}：“{node.title}”已报送" in parts["done"].splitlines()
    assert parts["under_way"] == f"{asks.number} {asks.title}：已申请销号"


def test_weeks_in_which_nothing_was_written_are_not_made_up_for(company: Company) -> None:
    row = project_at(ProjectState.IN_PROGRESS, company)
    a_week(company.office)
    entry(company, row, "停用期间的进展", now=FRIDAY + timedelta(days=7))

    run = a_week(company.office, monday=MONDAY + timedelta(days=21), now=FRIDAY + timedelta(days=21))

    assert "停用期间的进展" not in written(run)["under_way"]
