"""年度检查复盘: when it opens, freezes and closes; why projects were late; 结转 of several at once."""

from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest

from accounts.actions.calendar import correct_day
from accounts.models import Event
from cppcc_office.lib.errors import Refused, Stale
from supervision.cycles.actions.review import (
    Carried,
    Carry,
    advance_review,
    carry_over_projects,
    closes_after,
    stamp_of,
    start_next_plan,
    write_late_reason,
)
from supervision.cycles.actions.rules import ensure_rules
from supervision.cycles.actions.running import bring_cycles_up_to
from supervision.cycles.enums import Cycle
from supervision.cycles.models import CycleRule, CycleRun, FrozenLine, LateReason
from supervision.cycles.queries.review import (
    carried_projects,
    late_ones,
    offered_due,
    offered_reason,
    open_projects,
    report_of,
)
from supervision.cycles.rules.weekly import bar_to_close
from supervision.notifications.kinds.registry import kind_of
from supervision.notifications.models import Notification
from tasks.actions.changes.carrying import carry_over_project
from tasks.actions.entries import add_entry
from tasks.enums import Bucket, DueKind, ProjectState
from tasks.models import Plan, Project
from tasks.queries.figures import Dimension
from tests.cast import SHANGHAI
from tests.supervision.cycles.frozen_runs import the_year
from tests.tasks.changing import asked
from tests.tasks.company import Company, fresh, make_company
from tests.tasks.racing import losers, race
from tests.walks import a_plan, project_at

pytestmark = pytest.mark.django_db

NEW_YEARS_DAY = datetime(2027, 1, 1, 0, 5, tzinfo=SHANGHAI)
JANUARY = datetime(2027, 1, 6, 9, 0, tzinfo=SHANGHAI)
UNTIL = date(2027, 3, 31)


@pytest.fixture
def company(db: None) -> Company:
    return make_company()


def at(year: int, month: int, day: int, hour: int = 9, minute: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=SHANGHAI)


def the_run() -> CycleRun:
    return CycleRun.objects.get(cycle=Cycle.YEARLY, organization__code="office")


def with_rules(company: Company, *, since: datetime) -> None:
    """Only the year's cycle, so that a test counts nothing else."""
    ensure_rules(company.office, now=since)
    CycleRule.objects.exclude(organization=company.office, cycle=Cycle.YEARLY).update(is_on=False)


# ── when ─────────────────────────────────────────────────────────────────────


def test_it_opens_on_the_tenth_working_day_of_december_and_tells_whom_it_concerns(company: Company) -> None:
    project_at(ProjectState.IN_PROGRESS, company)  # due on 30 September, overdue in December
    with_rules(company, since=at(2026, 12, 1))

    bring_cycles_up_to(at(2026, 12, 14, 8, 59))
    before = CycleRun.objects.filter(cycle=Cycle.YEARLY).count()
    bring_cycles_up_to(at(2026, 12, 14, 9, 0))  # 1 December is a Tuesday
    bring_cycles_up_to(at(2026, 12, 14, 9, 5))

    run = the_run()
    assert (before, run.state, run.counts["逾期项目"]) == (0, "DONE", 1)
    told = dict(Notification.objects.filter(kind="year_review").values_list("person", "words"))
    assert "本处室有 1 项逾期" in told[company.head.pk]
    assert "全机关有 1 项逾期" in told[company.secretariat.pk]
    assert company.head_deputy.pk in told
    assert {company.co_head.pk, company.outside_head.pk, company.leader.pk} & told.keys() == set()
    assert Notification.objects.filter(kind="year_review").count() == len(told)
    holds = kind_of("year_review").still_true
    assert holds is not None
    row = Notification.objects.get(kind="year_review", person=company.head)
    before = holds(row, date(2026, 12, 15))
    CycleRun.objects.update(closed_at=JANUARY)
    assert (before, holds(row, date(2027, 1, 7))) == (True, False)


def test_a_worked_saturday_brings_the_opening_forward(company: Company) -> None:
    now = at(2026, 11, 30)
    saturday = date(2026, 12, 5)
    correct_day(company.office, day=saturday, is_workday=True, by=fresh(company.secretariat), now=now, today=now.date())
    with_rules(company, since=now)

    bring_cycles_up_to(at(2026, 12, 11, 8, 59))
    before = CycleRun.objects.filter(cycle=Cycle.YEARLY).count()
    bring_cycles_up_to(at(2026, 12, 11, 9, 0))

    assert before == 0
    assert the_run().state == "DONE"


def test_it_freezes_as_of_31_december_once_and_closes_by_itself_after_10_january(company: Company) -> None:
    row = project_at(ProjectState.IN_PROGRESS, company)
    run = the_year(company.office, now=at(2026, 12, 14))

    advance_review(run, at(2026, 12, 31, 23, 59))
    assert run.frozen_at is None
    advance_review(run, NEW_YEARS_DAY)
    advance_review(run, at(2027, 1, 2))
    assert run.frozen_at == NEW_YEARS_DAY
    line = FrozenLine.objects.get(run=run)
    assert (line.project, line.bucket) == (row, "overdue")
    assert (line.workdays_overdue > 60, line.days_late) == (True, 0)
    advance_review(run, at(2027, 1, 10, 23, 59))
    assert not run.is_closed
    advance_review(run, at(2027, 1, 11, 0, 1))
    advance_review(run, at(2027, 1, 12))

    assert CycleRun.objects.get(pk=run.pk).closed_at == at(2027, 1, 11, 0, 1)
    assert list(Event.objects.filter(subject_id=run.pk, verb__endswith="_review").values_list("verb", flat=True)) == [
        "close_review",
        "freeze_review",
    ]


def test_the_engine_takes_its_later_steps(company: Company) -> None:
    project_at(ProjectState.IN_PROGRESS, company)
    with_rules(company, since=at(2026, 12, 1))

    for moment in (at(2026, 12, 20), at(2026, 12, 31), NEW_YEARS_DAY, at(2027, 1, 2), at(2027, 1, 10), at(2027, 1, 11)):
        bring_cycles_up_to(moment)

    run = the_run()
    assert (run.frozen_at, run.closed_at) == (NEW_YEARS_DAY, at(2027, 1, 11))
    assert FrozenLine.objects.filter(run=run).count() == 1


def test_nobody_closes_a_year_that_is_not_frozen(company: Company) -> None:
    run = the_year(company.office, now=at(2026, 12, 14))

    assert bar_to_close(fresh(company.secretariat), run, date(2026, 12, 15)) == ["年度数据还没有固定，固定后才能办结。"]
    advance_review(run, NEW_YEARS_DAY)
    assert bar_to_close(fresh(company.secretariat), run, date(2027, 1, 2)) == []


def test_frozen_late_it_stays_open_for_some_working_days(company: Company) -> None:
    run = the_year(company.office, now=at(2026, 12, 14))

    advance_review(run, at(2027, 1, 13))  # a Wednesday, after an outage

    assert closes_after(run) == date(2027, 1, 20)
    advance_review(run, at(2027, 1, 20))
    assert not run.is_closed
    advance_review(run, at(2027, 1, 21))
    assert run.is_closed


def test_what_is_carried_over_in_january_is_still_open_at_the_years_end(company: Company) -> None:
    row = project_at(ProjectState.IN_PROGRESS, company)
    carry_over_project(
        row, into=a_plan(company, year=2027, now=JANUARY), by=fresh(company.secretariat), version=row.version,
        due_on=UNTIL, now=JANUARY,
    )  # fmt: skip
    run = the_year(company.office, now=at(2026, 12, 14))

    advance_review(run, JANUARY + timedelta(hours=1))

    report = report_of(run, JANUARY.date())
    assert dict(report.whole.counts) == {Bucket.OVERDUE: 1}
    assert [late.line.project for late in late_ones(run, JANUARY.date())] == [row]


def test_until_it_is_frozen_the_figures_are_those_of_today(company: Company) -> None:
    project_at(ProjectState.IN_PROGRESS, company)
    project_at(ProjectState.CLOSED, company)
    run = the_year(company.office, now=at(2026, 12, 14))

    report = report_of(run, date(2026, 12, 15))

    assert dict(report.whole.counts) == {Bucket.ON_TIME: 1, Bucket.OVERDUE: 1}
    for dimension in (Dimension.CATEGORY, Dimension.DIVISION):
        assert sum(part.figures.total for part in report.by[dimension]) == 2
    assert [late.line.bucket for late in late_ones(run, date(2026, 12, 15))] == ["overdue"]
    assert late_ones(run, date(2026, 12, 15), divisions={company.outside.pk}) == []


# ── why ──────────────────────────────────────────────────────────────────────


def late_project(company: Company) -> tuple[CycleRun, Project]:
    row = project_at(ProjectState.IN_PROGRESS, company)
    run = the_year(company.office, now=at(2026, 12, 14))
    advance_review(run, NEW_YEARS_DAY)
    return run, Project.objects.select_related("lead_division").get(pk=row.pk)


def test_the_leads_head_and_the_secretariat_write_why_it_was_late(company: Company) -> None:
    run, row = late_project(company)

    first = write_late_reason(run, row, by=fresh(company.head), words=" 上级通知推迟 ", seen=0, now=JANUARY)
    later = JANUARY + timedelta(hours=1)
    second = write_late_reason(
        run, row, by=fresh(company.secretariat), words="对方延期，已催", seen=stamp_of(first), now=later
    )

    assert first.pk == second.pk
    assert (second.words, second.by, second.at) == ("对方延期，已催", company.secretariat, later)
    assert (first.entered_for, second.entered_for) == (False, True)
    newer, older = Event.objects.filter(verb="write_late_reason")
    assert (older.words, older.project_id) == ("写明2026年度逾期原因：上级通知推迟", row.pk)
    assert (newer.entered_for, newer.before) == ("经济委办公室", {"words": "上级通知推迟"})


def test_after_the_freezing_it_is_asked_of_who_led_it_then(company: Company) -> None:
    run, row = late_project(company)
    Project.objects.filter(pk=row.pk).update(lead_division=company.assisting)
    row.refresh_from_db()

    first = write_late_reason(run, row, by=fresh(company.head), words="上级推迟", seen=0, now=JANUARY)
    later = JANUARY + timedelta(hours=1)
    write_late_reason(run, row, by=fresh(company.secretariat), words="已催", seen=stamp_of(first), now=later)

    newer, older = Event.objects.filter(verb="write_late_reason")
    assert (newer.entered_for, older.entered_for) == ("经济委办公室", "")
    with pytest.raises(Refused, match="只有牵头处室负责人或督办人员"):
        write_late_reason(run, row, by=fresh(company.co_head), words="不是我们", seen=0, now=JANUARY)


def test_who_may_not_write_is_told_why(company: Company) -> None:
    run, row = late_project(company)
    in_time = project_at(ProjectState.CLOSED, company)

    def told(who: str, project: Project = row, words: str = "原因") -> str:
        with pytest.raises(Refused) as no:
            write_late_reason(run, project, by=fresh(getattr(company, who)), words=words, seen=0, now=JANUARY)
        return str(no.value)

    for who in ("staff", "co_head", "leader", "foreign_secretariat"):
        assert told(who) == "只有牵头处室负责人或督办人员可以写逾期原因"
    assert told("secretariat", in_time) == "这个项目没有逾期，不用写逾期原因"
    assert told("head", words="  ") == "请写明逾期原因"
    assert told("head", words="长" * 501) == "逾期原因最多 500 个字，请缩短"
    advance_review(run, at(2027, 1, 11))
    assert told("head") == "本年度复盘已办结，不再修改"


def test_a_page_shown_before_the_year_was_closed_writes_no_reason(company: Company) -> None:
    run, row = late_project(company)
    CycleRun.objects.filter(pk=run.pk).update(closed_at=JANUARY)

    with pytest.raises(Refused, match="已办结，不再修改"):
        write_late_reason(run, row, by=fresh(company.head), words="甲", seen=0, now=JANUARY)


def test_of_two_who_write_one_sees_what_the_other_wrote(company: Company) -> None:
    run, row = late_project(company)
    write_late_reason(run, row, by=fresh(company.head), words="甲", seen=0, now=JANUARY)

    with pytest.raises(Stale) as stale:
        write_late_reason(run, row, by=fresh(company.secretariat), words="乙", seen=0, now=JANUARY)

    assert stale.value.changes[0].new == "甲"
    assert LateReason.objects.get().words == "甲"


def test_a_reason_is_offered_from_what_was_written_before(company: Company) -> None:
    row = project_at(ProjectState.IN_PROGRESS, company)
    assert offered_reason(row) is None
    add_entry(
        row, by=company.staff, version=row.version, situation="办了", problems="资料不齐", files=[], now=at(2026, 3, 5)
    )
    entry = offered_reason(row)
    assert entry is not None
    assert (entry.where_from, entry.words) == ("2026-03-05 进展中的存在问题", "资料不齐")

    asked(row, company)

    request = offered_reason(row)
    assert request is not None
    assert "延期申请的理由" in request.where_from


# ── next year ────────────────────────────────────────────────────────────────


def test_next_years_plan_has_this_years_categories(company: Company) -> None:
    plan = a_plan(company)
    plan.categories.create(name="协商议政", order=1)
    run = the_year(company.office, now=at(2026, 12, 14))

    made = start_next_plan(run, by=fresh(company.secretariat), now=at(2026, 12, 15))

    assert (made.name, made.year) == ("2027年度重点任务", 2027)
    assert list(made.categories.values_list("name", flat=True)) == ["协商议政", "临时交办"]
    with pytest.raises(Refused, match="已"):
        start_next_plan(run, by=fresh(company.secretariat), now=at(2026, 12, 15))
    with pytest.raises(Refused, match="只有督办人员"):
        start_next_plan(run, by=fresh(company.leader), now=at(2026, 12, 15))


@pytest.mark.parametrize(
    ("due_on", "kind", "today", "offered"),
    [
        (date(2026, 12, 31), DueKind.DATE, date(2027, 1, 4), date(2027, 3, 31)),
        (date(2027, 5, 20), DueKind.DATE, date(2027, 1, 4), date(2027, 5, 20)),
        (date(2026, 12, 31), DueKind.STANDING, date(2027, 1, 4), date(2027, 12, 31)),
        (date(2026, 11, 30), DueKind.RECURRING, date(2027, 1, 4), date(2027, 12, 31)),
        (date(2026, 11, 30), DueKind.DATE, date(2027, 4, 2), date(2027, 6, 30)),
        (date(2026, 11, 30), DueKind.DATE, date(2028, 2, 2), date(2028, 3, 31)),
    ],
)
def test_a_new_due_date_is_offered(due_on: date, kind: DueKind, today: date, offered: date) -> None:
    assert offered_due(Project(due_on=due_on, due_kind=kind), 2027, today) == offered


def carries(*rows: Project, due_on: date = UNTIL) -> list[Carry]:
    found = {
        row.pk: row
        for row in Project.objects.select_related("plan", "lead_division").filter(pk__in=[r.pk for r in rows])
    }
    return [Carry(found[row.pk], row.version, due_on) for row in rows]


def next_plan(company: Company) -> Plan:
    return a_plan(company, year=2027, now=JANUARY)


def test_each_goes_on_or_is_left_with_its_reasons(company: Company) -> None:
    able = project_at(ProjectState.IN_PROGRESS, company)
    waiting = project_at(ProjectState.CLOSE_OUT_REQUESTED, company)
    stale = project_at(ProjectState.IN_PROGRESS, company)
    other = project_at(ProjectState.DISPATCHED, company)
    run = the_year(company.office, now=at(2026, 12, 14))
    chosen = carries(able, waiting, stale, other)
    chosen[2] = Carry(chosen[2].project, stale.version - 1, UNTIL)

    outcome = carry_over_projects(chosen, into=next_plan(company), by=fresh(company.secretariat), now=JANUARY)

    assert [old.pk for old, _ in outcome.done] == [able.pk, other.pk]
    assert [new.number for _, new in outcome.done] == ["〔2027〕001号", "〔2027〕002号"]
    left = {project.pk: reasons for project, reasons in outcome.left}
    assert left[waiting.pk] == ["待验收的项目不能结转"]
    assert left[stale.pk][0].startswith("您打开此页后有人改过")
    assert {row.pk for row in open_projects(run)} == {waiting.pk, stale.pk}
    assert [(row.pk, row.carried_into and row.carried_into.number) for row in carried_projects(run)] == [
        (able.pk, "〔2027〕001号"),
        (other.pk, "〔2027〕002号"),
    ]


def test_nobody_else_carries_over_and_not_before_the_year_has_ended(company: Company) -> None:
    row = project_at(ProjectState.IN_PROGRESS, company)
    plan = next_plan(company)

    early = carry_over_projects(carries(row), into=plan, by=fresh(company.secretariat), now=at(2026, 12, 31, 23))
    foreign = carry_over_projects(carries(row), into=plan, by=fresh(company.head), now=JANUARY)

    assert early.left[0][1] == ["2026 年 12 月 31 日以后才能结转"]
    assert foreign.left[0][1] == ["只有督办人员可以结转"]
    assert Project.objects.get(pk=row.pk).state == ProjectState.IN_PROGRESS


@pytest.mark.django_db(transaction=True)
def test_two_carry_over_the_same_at_once() -> None:
    company = make_company()
    rows = [project_at(ProjectState.IN_PROGRESS, company) for _ in range(2)]
    plan = next_plan(company)
    outcomes: list[Carried] = []

    def one(who: str) -> Callable[[], None]:
        by, chosen = fresh(getattr(company, who)), carries(*rows)
        return lambda: outcomes.append(carry_over_projects(chosen, into=plan, by=by, now=JANUARY))

    told = race([lambda: one("secretariat"), lambda: one("second_secretariat")])

    assert losers(told) == []
    assert sorted(len(outcome.done) for outcome in outcomes) == [0, 2]
    assert sorted(len(outcome.left) for outcome in outcomes) == [0, 2]
    assert Project.objects.filter(plan=plan).count() == 2
    assert set(Project.objects.filter(plan=plan).values_list("number", flat=True)) == {"〔2027〕001号", "〔2027〕002号"}
