"""Frozen lines: counted they are the figures of that day as known then, and they stay as they were laid down."""

from datetime import date, datetime, timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries

from accounts.models import Event
from cppcc_office.lib.errors import Refused, Stale
from supervision.cycles.actions import freezing
from supervision.cycles.actions.freezing import chosen_cut_off, freeze_lines, set_cut_off
from supervision.cycles.actions.quarter import freeze_quarter
from supervision.cycles.models import CycleRun, FrozenLine
from supervision.cycles.queries.frozen import report_of
from tasks.enums import Bucket, ProjectState
from tasks.models import Project, ProjectRevision
from tasks.queries.as_of import Moment
from tasks.queries.figures import Dimension, figures, figures_by, lines_of
from tests.cast import SHANGHAI, TODAY, Cast, make_cast
from tests.supervision.cycles.frozen_runs import first_quarter, second_quarter
from tests.tasks import histories
from tests.tasks.company import Company, fresh, make_company
from tests.tasks.histories import CALENDAR, History, begin
from tests.tasks.test_figures_pages import key_tasks_in, lines
from tests.walks import a_plan, project_at

pytestmark = pytest.mark.django_db

APRIL = datetime(2026, 4, 3, 9, 0, tzinfo=SHANGHAI)
QUARTER_END = date(2026, 3, 31)


@pytest.fixture
def cast() -> Cast:
    return make_cast()


@pytest.fixture
def company(db: None) -> Company:
    return make_company()


def counted(run: CycleRun) -> dict[Bucket, int]:
    return dict(report_of(run).whole.counts)


Steps = list[tuple[int, int]]
busy = st.lists(st.tuples(st.sampled_from([0, 1, 3, 9, 16]), st.integers(0, 999)), min_size=6, max_size=16)


@given(st.lists(busy, min_size=2, max_size=3))
@settings(
    max_examples=5,
    deadline=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)
def test_frozen_lines_counted_are_the_figures_of_that_day_as_known_then(cast: Cast, lives: list[Steps]) -> None:
    with transaction.atomic():
        told = [live(cast, steps) for steps in lives]
        known = sorted(act.recorded_at for history in told for act in history.acts)
        run = first_quarter(cast.office, now=APRIL)
        for cut_off in (known[len(known) // 2], known[-1]):
            for day in (QUARTER_END, date(2026, 6, 30)):
                freeze_lines(run, day=day, cut_off_at=cut_off, now=APRIL)

                report = report_of(run)
                then = lines_of(Project.objects.all(), day, Moment(day, cut_off))

                assert report.whole.counts == figures(then).counts
                by_division = figures_by(then, Dimension.DIVISION)
                assert [p.figures.counts for p in report.by[Dimension.DIVISION]] == [
                    p.figures.counts for p in by_division
                ]
                for parts in report.by.values():
                    assert sum(part.figures.total for part in parts) == report.whole.total
        transaction.set_rollback(True)


def live(cast: Cast, steps: Steps) -> History:
    history = begin(cast)
    history.do(histories.receive)
    for days, choice in steps:
        if days:
            history.sleep(days)
        if acts := histories.possible(history):
            history.do(acts[choice % len(acts)])
    return history


def test_each_part_of_the_total_has_its_lines_with_the_names_of_then(company: Company) -> None:
    rows = lines(company, key_tasks_in(company, 2, sources=("党组工作要点", "领导同志批示")), list(Bucket))
    run = first_quarter(company.office, now=APRIL)

    counts = freeze_lines(run, day=TODAY, cut_off_at=APRIL, now=APRIL)

    assert counts == {"交办项目": 10} | {bucket.label: 1 for bucket in Bucket}
    line = FrozenLine.objects.get(run=run, project=rows[0])
    assert (line.bucket, line.light, line.state, line.closed_on) == ("on_time", "done", "CLOSED", TODAY)
    assert (line.category, line.division_name, line.number) == ("临时交办", "经济委办公室", "〔2026〕001号")
    assert line.source_classes == ["党组工作要点", "领导同志批示"]
    assert (run.cut_off_at, run.frozen_at) == (APRIL, APRIL)
    assert CycleRun.objects.get(pk=run.pk).frozen_at == APRIL


def test_lateness_is_told_in_days_once_closed_and_in_working_days_while_overdue(company: Company) -> None:
    rows = lines(company, key_tasks_in(company, 1), [Bucket.LATE, Bucket.OVERDUE, Bucket.LAGGING])
    late, overdue, _ = rows
    due_on = TODAY - timedelta(days=14)
    ProjectRevision.objects.filter(project__in=[late, overdue]).update(due_on=due_on)
    run = first_quarter(company.office, now=APRIL)

    freeze_lines(run, day=TODAY, cut_off_at=APRIL, now=APRIL)

    found = {line.project_id: line for line in FrozenLine.objects.all()}
    workdays = CALENDAR.count(due_on, TODAY)
    assert workdays < 14
    assert [(found[row.pk].days_late, found[row.pk].workdays_overdue, found[row.pk].lateness) for row in rows] == [
        (14, 0, "逾期 14 天"),
        (0, workdays, f"逾期 {workdays} 个工作日"),
        (0, 0, ""),
    ]


def test_drafts_cancelled_ones_other_years_and_other_offices_are_left_out(company: Company) -> None:
    project_at(ProjectState.DRAFT, company)
    project_at(ProjectState.CANCELLED, company)
    project_at(ProjectState.IN_PROGRESS, company)
    plan = a_plan(company, year=2027)
    moved = project_at(ProjectState.IN_PROGRESS, company)
    Project.objects.filter(pk=moved.pk).update(plan=plan)
    run = first_quarter(company.elsewhere, now=APRIL)
    own = first_quarter(company.office, now=APRIL)

    assert freeze_quarter(run, APRIL) == {"交办项目": 0}
    assert freeze_quarter(own, APRIL)["交办项目"] == 1


def test_a_second_freezing_lays_the_lines_down_anew_until_the_run_is_closed(cast: Cast) -> None:
    history = live(cast, [])
    history.sleep(30)
    run = first_quarter(cast.office, now=APRIL)
    freeze_quarter(run, APRIL)
    assert counted(run) == {Bucket.LAGGING: 1} or counted(run) == {Bucket.ON_PACE: 1}
    before = counted(run)
    history.do(histories.backfill_done(3))  # on 29 March, recorded on 1 April
    for act in ("request", "accept"):
        history.do(getattr(histories, act))

    freeze_quarter(run, APRIL + timedelta(days=1))

    assert counted(run) != before
    assert FrozenLine.objects.filter(run=run).count() == 1
    CycleRun.objects.filter(pk=run.pk).update(closed_at=APRIL)
    with pytest.raises(Refused, match="不再变动"):
        freeze_quarter(run, APRIL + timedelta(days=2))
    assert CycleRun.objects.get(pk=run.pk).frozen_at == APRIL + timedelta(days=1)


def test_a_backfill_after_the_cut_off_changes_nothing(cast: Cast) -> None:
    history = live(cast, [])
    history.sleep(32)
    run = first_quarter(cast.office, now=history.now)
    cut_off = history.now
    freeze_quarter(run, history.now)
    before = list(FrozenLine.objects.values_list("bucket", "light", "due_on"))
    history.do(histories.backfill_done(10))
    assert history.acts[-1].recorded_at > cut_off

    set_cut_off(run, by=fresh(cast.secretariat), version=run.version, cut_off_at=cut_off, now=history.now)
    kept = list(FrozenLine.objects.values_list("bucket", "light", "due_on"))
    freeze_quarter(run, history.now + timedelta(days=1))  # a re-run keeps what the secretariat set
    again = list(FrozenLine.objects.values_list("bucket", "light", "due_on"))
    set_cut_off(run, by=fresh(cast.secretariat), version=run.version, cut_off_at=None, now=history.now)

    assert before == kept == again
    assert run.cut_off_at == history.now
    assert chosen_cut_off(run) is None
    assert list(FrozenLine.objects.values_list("bucket", "light", "due_on")) != before


def test_a_cut_off_is_set_by_the_secretariat_between_the_periods_end_and_now(cast: Cast) -> None:
    run = second_quarter(cast.office, now=APRIL)
    july = datetime(2026, 7, 3, 9, 0, tzinfo=SHANGHAI)

    def told(cut_off_at: datetime | None, *, who: str = "secretariat", now: datetime = july) -> str:
        with pytest.raises(Refused) as no:
            set_cut_off(run, by=fresh(getattr(cast, who)), version=run.version, cut_off_at=cut_off_at, now=now)
        return str(no.value)

    assert told(july) == "数据还没有固定，固定后才能改数据截止时间"
    freeze_quarter(run, july)
    assert told(None, who="leader") == "只有督办人员可以设定数据截止时间"
    assert told(datetime(2026, 6, 30, 23, 59, tzinfo=SHANGHAI)) == "数据截止时间要在期末（2026-06-30）以后"
    assert told(july + timedelta(minutes=1)) == "数据截止时间不能晚于现在"
    CycleRun.objects.filter(pk=run.pk).update(closed_at=july)
    run.refresh_from_db()
    assert told(july) == "已办结，固定的数据不再变动"


def test_of_two_who_set_the_cut_off_one_wins_and_it_is_written_down(cast: Cast) -> None:
    run = first_quarter(cast.office, now=APRIL)
    freeze_quarter(run, APRIL)
    seen = run.version
    one, other = CycleRun.objects.get(pk=run.pk), CycleRun.objects.get(pk=run.pk)

    set_cut_off(one, by=fresh(cast.secretariat), version=seen, cut_off_at=None, now=APRIL)
    with pytest.raises(Stale) as stale:
        set_cut_off(other, by=fresh(cast.second_secretariat), version=seen, cut_off_at=None, now=APRIL)

    assert stale.value.version == seen + 1
    event = Event.objects.get(verb="set_cut_off")
    assert event.words == "重新固定季通报数据，数据截止 2026-04-03 09:00，共 0 项"
    (change,) = stale.value.changes
    assert (change.what, change.by, change.at) == (event.words, cast.secretariat.name, "09:00")


@pytest.mark.parametrize("count", [1, 3])
def test_freezing_asks_a_constant_number_of_questions(
    company: Company, count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    run = first_quarter(company.office, now=APRIL)
    lines(company, key_tasks_in(company, count, sources=("党组工作要点",)), [Bucket.ON_PACE] * count)

    with django_assert_num_queries(10):
        freeze_lines(run, day=TODAY, cut_off_at=APRIL, now=APRIL)


def test_freezing_keeps_few_lines_at_a_time(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    run = first_quarter(company.office, now=APRIL)
    lines(company, key_tasks_in(company, 2), [Bucket.ON_PACE] * 5)
    monkeypatch.setattr(freezing, "BATCH", 2)

    freeze_lines(run, day=TODAY, cut_off_at=APRIL, now=APRIL)

    assert sorted(FrozenLine.objects.values_list("order", flat=True)) == [1, 2, 3, 4, 5]
