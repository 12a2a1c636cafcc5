"""Any past day: figures from revision rows equal a recount from what each act changed, with 补录 and cut-offs."""

from datetime import date, datetime, timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, event, given, settings
from hypothesis import strategies as st

from tasks.models import Project
from tasks.queries.as_of import Moment, lines_as_of, stand
from tasks.queries.figures import figures, lines_of
from tasks.queries.lights import for_lights, ground_of, view_of
from tasks.queries.moments import bucket_case, bucket_of, light_case, light_of
from tests.cast import Cast, make_cast
from tests.tasks import histories
from tests.tasks.histories import History, begin, recount

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast() -> Cast:
    return make_cast()


# How long nothing happens, and which of the things that could be done next is done.
busy = st.lists(st.tuples(st.sampled_from([0, 0, 1, 3, 9, 16]), st.integers(0, 999)), min_size=8, max_size=24)
Steps = list[tuple[int, int]]


def live(cast: Cast, steps: Steps) -> History:
    history = begin(cast)
    history.do(histories.receive)
    for days, choice in steps:
        if days:
            history.sleep(days)
        if acts := histories.possible(history):
            history.do(acts[choice % len(acts)])
    return history


def moments_of(history: History) -> list[Moment]:
    """Around every day on which something happened or took effect, as known at three times and now."""
    days = {act.effective_on for act in history.acts} | {act.recorded_at.date() for act in history.acts}
    days |= {histories.START - timedelta(days=1), date(2026, 5, 29), date(2026, 6, 3)}
    around = sorted({day + timedelta(days=step) for day in days for step in (0, 1)})
    times = [act.recorded_at for act in history.acts][:: max(1, len(history.acts) // 2)]
    return [Moment(day, known_by) for day in around for known_by in (*times, None)]


@given(busy)
@settings(
    max_examples=14,
    deadline=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)
def test_any_day_is_as_a_recount_of_the_acts_has_it(cast: Cast, steps: Steps) -> None:
    with transaction.atomic():
        history = live(cast, steps)
        event(f"{len(history.acts)} acts to {history.fresh().state}")
        backfilled = any(act.effective_on != act.recorded_at.date() for act in history.acts)
        event(f"补录: {backfilled}")
        for moment in moments_of(history):
            bucket, progress = recount(history, moment.day, moment.known_by or history.now)

            lines = lines_of(Project.objects.all(), history.now.date(), moment)
            counted = figures(lines)

            assert counted.counts == ({bucket: 1} if bucket else {}), moment
            if bucket:
                assert lines.rows.get().progress == progress, moment
        transaction.set_rollback(True)


@given(busy)
@settings(
    max_examples=6,
    deadline=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)
def test_sql_memory_and_the_project_page_tell_the_same_light(cast: Cast, steps: Steps) -> None:
    with transaction.atomic():
        history = live(cast, steps)
        for moment in moments_of(history):
            for row in lines_as_of(moment).annotate(light=light_case(moment.day), part=bucket_case(moment.day)):
                ground = ground_of(cast.office.pk, moment.day)
                loaded = for_lights(Project.objects.filter(pk=history.project.pk)).get()
                stood = stand([loaded], moment)

                assert (row.light, row.part) == (light_of(row, moment.day), bucket_of(row, moment.day)), moment
                assert [view_of(one, ground).light.code for one in stood] == ([row.light] if stood else []), moment
        transaction.set_rollback(True)


def test_a_later_backfill_shows_only_with_a_later_cut_off(cast: Cast) -> None:
    history = live(cast, [])
    history.sleep(60)
    history.do(histories.backfill_done(10))
    before, day = history.acts[-2].recorded_at, history.now.date() - timedelta(days=5)

    then, now = (lines_of(Project.objects.all(), day, Moment(day, known_by)) for known_by in (before, None))

    assert (then.rows.get().milestones_done, now.rows.get().milestones_done) == (0, 3)


def test_a_day_before_the_first_dispatch_has_nothing(cast: Cast) -> None:
    live(cast, [])
    day = histories.START - timedelta(days=1)

    assert figures(lines_of(Project.objects.all(), day, Moment(day))).total == 0


def test_a_recalled_project_still_counts_on_the_days_before(cast: Cast) -> None:
    history = begin(cast)
    history.sleep(1)
    history.do(histories.recall)
    days = [histories.START, history.now.date()]

    totals = [figures(lines_of(Project.objects.all(), day, Moment(day))).total for day in days]

    assert totals == [1, 0]


def test_known_by_is_a_moment_not_a_day(cast: Cast) -> None:
    history = live(cast, [])
    dispatched_at: datetime = history.acts[0].recorded_at

    states = [lines_as_of(Moment(histories.START, known_by)).get().state for known_by in (dispatched_at, history.now)]

    assert states == ["DISPATCHED", "IN_PROGRESS"]
