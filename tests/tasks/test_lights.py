"""亮灯 of domain 4: dates, warn dates, the division's clock, roll-up, and the rule that made a light so."""

from datetime import date, datetime

import pytest
from pytest_django import DjangoAssertNumQueries

from accounts.actions.policies import set_policy
from tasks.actions import project
from tasks.enums import MilestoneState, ProjectState
from tasks.models import Milestone, Project
from tasks.queries.lights import Light, ProjectView, for_lights, ground_of, in_short, view_of, views_of
from tests.cast import NOW, SHANGHAI, TODAY, make_cast
from tests.tasks.company import advance, milestone_at, node_of
from tests.walks import a_draft, project_at

pytestmark = pytest.mark.django_db

# The walked project runs from 4 March to 30 September 2026, its first milestone to Monday 20 April.


QUERIES = 8  # whatever the number of rows


def view_on(row: Project, day: date) -> ProjectView:
    return view_of(for_lights(Project.objects.filter(pk=row.pk)).get(), ground_of(row.organization_id, day))


def first_light(row: Project, day: date) -> Light:
    return view_on(row, day).milestone_lights[row.milestones.all()[0].pk]


def shown(light: Light) -> tuple[str, str, str]:
    return light.code, light.label, light.why


def at(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 10, tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("day", "light"),
    [
        (date(2026, 4, 10), ("none", "未开始", "")),
        (date(2026, 4, 13), ("yellow", "黄灯", "临期 5 个工作日")),
        (date(2026, 4, 17), ("yellow", "黄灯", "临期 1 个工作日")),
        (date(2026, 4, 20), ("yellow", "黄灯", "今日到期")),
        (date(2026, 4, 21), ("red", "红灯", "逾期 1 个工作日")),
        (date(2026, 4, 26), ("red", "红灯", "逾期 4 个工作日")),
    ],
)
def test_a_milestone_is_lit_by_its_dates(day: date, light: tuple[str, str, str]) -> None:
    row = project_at(ProjectState.IN_PROGRESS, make_cast())

    assert shown(first_light(row, day)) == light


def test_what_is_due_after_the_last_working_day_is_not_due_today() -> None:
    cast = make_cast()
    row = a_draft(cast, due_on=date(2026, 5, 10), milestones=1)  # a Sunday
    project.dispatch_project(row, by=cast.secretariat, version=row.version, now=NOW)

    before, on_the_day, after = (first_light(row, date(2026, 5, day)) for day in (9, 10, 11))

    assert shown(before) == ("yellow", "黄灯", "临期，到期前已无工作日")
    assert shown(on_the_day) == ("yellow", "黄灯", "今日到期")
    assert shown(after) == ("red", "红灯", "逾期 1 个工作日")


@pytest.mark.parametrize(
    ("due_on", "warn_on"),
    [
        (date(2026, 4, 20), date(2026, 4, 13)),  # five working days before
        (date(2026, 9, 30), date(2026, 9, 22)),  # with 中秋节 in between
        (date(2026, 3, 13), date(2026, 3, 11)),  # seven working days: the last 30 %
        (date(2026, 3, 4), date(2026, 3, 4)),
    ],
)
def test_a_warn_date_is_stored_at_dispatch(due_on: date, warn_on: date) -> None:
    cast = make_cast()
    row = a_draft(cast, due_on=due_on, milestones=1)

    project.dispatch_project(row, by=cast.secretariat, version=row.version, now=NOW)

    assert row.warn_on == warn_on
    assert row.milestones.get().warn_on == warn_on
    assert (row.original_due_on, row.milestones.get().original_due_on) == (due_on, due_on)


def test_the_office_says_how_early_it_is_warned() -> None:
    cast = make_cast()
    set_policy(cast.office, key="warn_days", value=3, by=cast.secretariat, now=NOW, today=TODAY)
    row = a_draft(cast, due_on=date(2026, 4, 20), milestones=1)

    project.dispatch_project(row, by=cast.secretariat, version=row.version, now=NOW)

    assert row.warn_on == date(2026, 4, 15)


def test_a_report_stops_the_clock_and_a_return_lets_it_run_on() -> None:
    cast = make_cast()
    node = advance(milestone_at(MilestoneState.PENDING, cast), "report", cast.head, now=at(date(2026, 4, 17)))
    row = node.project

    waiting = first_light(row, date(2026, 4, 28))
    advance(node, "send_back", cast.secretariat, now=at(date(2026, 4, 28)))
    returned = first_light(row, date(2026, 4, 28))

    assert (waiting.code, waiting.label) == ("blue", "待核实")
    assert waiting.why.endswith("限 5 天")
    assert shown(returned) == ("red", "红灯", "逾期 6 个工作日")


def test_what_waits_for_the_head_keeps_the_divisions_clock_running() -> None:
    cast = make_cast()
    row = milestone_at(MilestoneState.AWAITING_HEAD, cast).project

    assert shown(first_light(row, date(2026, 4, 1))) == ("green", "正常", "待处室审核")
    assert first_light(row, date(2026, 4, 21)).code == "red"


def test_done_late_stays_late() -> None:
    cast = make_cast()
    late = advance(milestone_at(MilestoneState.PENDING, cast), "report", cast.head, now=at(date(2026, 4, 27)))
    advance(late, "confirm", cast.secretariat, now=at(date(2026, 5, 6)))
    in_time = milestone_at(MilestoneState.DONE, cast)

    assert shown(first_light(late.project, date(2026, 5, 6))) == ("done", "已完成", "逾期 7 天完成")
    assert shown(first_light(in_time.project, date(2026, 5, 6))) == ("done", "已完成", "")


@pytest.mark.parametrize("state", [ProjectState.SUSPENDED, ProjectState.CANCELLED, ProjectState.CARRIED_OVER])
def test_a_project_at_rest_is_grey(state: ProjectState) -> None:
    row = project_at(ProjectState.IN_PROGRESS, make_cast())
    Project.objects.filter(pk=row.pk).update(state=state)  # change requests lead here

    light = view_on(row, date(2026, 12, 1)).light

    assert light.code == "grey"
    assert light.reasons == ()


def test_cancelled_milestones_light_nothing_and_count_nothing() -> None:
    row = project_at(ProjectState.IN_PROGRESS, make_cast())
    Milestone.objects.filter(pk=row.milestones.all()[0].pk).update(state=MilestoneState.CANCELLED)

    view = view_on(row, date(2026, 5, 6))

    assert first_light(row, date(2026, 5, 6)).code == "grey"
    assert (view.light.code, view.counted, view.done) == ("green", 1, 0)


def test_a_draft_and_a_closed_project_say_so() -> None:
    cast = make_cast()
    draft, closed = project_at(ProjectState.DRAFT, cast), project_at(ProjectState.CLOSED, cast)

    assert view_on(draft, date(2026, 12, 1)).light.label == "拟立项"
    assert {light.code for light in view_on(draft, date(2026, 12, 1)).milestone_lights.values()} == {"none"}
    assert shown(view_on(closed, date(2026, 12, 1)).light) == ("done", "已销号", "")


# ── roll-up ──────────────────────────────────────────────────────────────────


def codes(view: ProjectView) -> list[tuple[str, str]]:
    return [(reason.code, reason.label) for reason in view.light.reasons]


def test_a_project_shows_the_worst_of_what_it_holds_and_why() -> None:
    row = project_at(ProjectState.IN_PROGRESS, make_cast())

    calm, warned, overdue = (view_on(row, day) for day in (date(2026, 4, 10), date(2026, 4, 13), date(2026, 4, 21)))

    assert (calm.light.code, calm.light.reasons) == ("green", ())
    assert (warned.light.code, codes(warned)) == ("yellow", [("yellow", "临期 5 个工作日")])
    assert overdue.light.code == "red"
    assert set(codes(overdue)) == {("red", "逾期 1 个工作日"), ("red", "欠序时 50")}
    assert all(reason.words and reason.rule for reason in (*warned.light.reasons, *overdue.light.reasons))


def test_pace_lights_by_the_bounds_of_the_office() -> None:
    cast = make_cast()
    row = a_draft(cast, milestones=5)
    project.dispatch_project(row, by=cast.secretariat, version=row.version, now=NOW)
    project.receive_project(row, by=cast.staff, version=row.version, now=NOW)
    first = node_of(row.milestones.all()[0].pk)
    Milestone.objects.filter(pk=first.pk).update(due_on=date(2026, 4, 10), warn_on=date(2026, 4, 10))
    far_on = Milestone.objects.filter(project=row).exclude(pk=first.pk)
    far_on.update(due_on=date(2026, 9, 30), warn_on=date(2026, 9, 22))

    behind = view_on(row, date(2026, 4, 13))
    set_policy(cast.office, key="pace_behind", value=20, by=cast.secretariat, now=NOW, today=TODAY)
    accepted = view_on(row, date(2026, 4, 13))

    assert ("yellow", "欠序时 20") in codes(behind)
    assert (behind.progress, behind.time_progress, behind.lag) == (0, 20, 20)
    assert "欠序时 20" not in {label for _, label in codes(accepted)}


def test_what_waits_for_verification_is_blue_unless_something_is_worse() -> None:
    cast = make_cast()
    row = milestone_at(MilestoneState.REPORTED, cast).project

    waiting, warned = view_on(row, date(2026, 3, 10)), view_on(row, date(2026, 9, 23))

    assert (waiting.light.code, codes(waiting)) == ("blue", [("blue", "待核实")])
    assert warned.light.code == "yellow"
    assert ("blue", "待核实") in codes(warned)


def test_a_requested_close_out_stops_the_projects_clock() -> None:
    row = project_at(ProjectState.CLOSE_OUT_REQUESTED, make_cast())

    light = view_on(row, date(2026, 12, 1)).light

    assert (light.code, light.label) == ("blue", "待验收")


@pytest.mark.parametrize(("day", "code"), [(date(2026, 3, 6), "green"), (date(2026, 3, 9), "yellow")])
def test_what_is_not_received_in_two_working_days_is_yellow(day: date, code: str) -> None:
    row = project_at(ProjectState.DISPATCHED, make_cast())

    light = view_on(row, day).light

    assert light.code == code
    assert [reason.label for reason in light.reasons] == (["未签收"] if code == "yellow" else [])


def test_past_its_own_due_date_a_project_is_red() -> None:
    row = project_at(ProjectState.IN_PROGRESS, make_cast())
    row.milestones.update(due_on=None, warn_on=None)

    light = view_on(row, date(2026, 10, 8)).light

    assert light.code == "red"
    assert light.reasons[0].words == "项目 2026-09-30 到期，预警日 2026-09-22"


def test_lights_of_many_ask_as_often_as_of_one(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    cast = make_cast()
    project_at(ProjectState.IN_PROGRESS, cast)
    with django_assert_num_queries(QUERIES):
        views_of(for_lights(Project.objects.all()), TODAY)
    for _ in range(2):
        project_at(ProjectState.IN_PROGRESS, cast)

    with django_assert_num_queries(QUERIES):
        views = views_of(for_lights(Project.objects.all()), TODAY)

    assert len(views) == 3


def test_a_light_is_told_in_whole_reasons() -> None:
    reasons = [f"第{n}条很长的亮灯理由，写满十来个字" for n in range(1, 6)]

    assert in_short(reasons[:1]) == reasons[0]
    assert in_short(reasons[:2]) == f"{reasons[0]}，{reasons[1]}"
    assert in_short(reasons) == f"{reasons[0]}，{reasons[1]} 等 5 项"
