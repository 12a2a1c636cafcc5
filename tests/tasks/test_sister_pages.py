"""时间轴 and 到期日历: the ledger's lines by date, filtered like the ledger, never a fault for what the address says."""

from datetime import date
from typing import Any

import pytest
from django.urls import reverse

from tasks.actions import milestone
from tasks.enums import ProjectState
from tasks.models import Project
from tasks.queries.time_axis import Scale, axis_of
from tests.cast import NOW, Cast, make_cast
from tests.pages import CheckingClient
from tests.walks import a_draft, project_at

pytestmark = pytest.mark.django_db
PAGES = ("timeline", "dues")


@pytest.fixture
def cast(time_machine: Any) -> Cast:
    time_machine.move_to(NOW, tick=False)
    return make_cast()


@pytest.mark.parametrize("day", [date(2026, 1, 1), date(2026, 3, 31), date(2026, 12, 31), date(2024, 2, 29)])
def test_a_quarter_in_weeks_is_whole_weeks_around_it(day: date) -> None:
    axis = axis_of(Scale.WEEK, day)

    assert (axis.first.weekday(), axis.last.weekday()) == (0, 6)
    assert axis.first <= day <= axis.last
    assert len(axis.ticks) * 7 == axis.days
    # No day between neighbouring quarters; they may share the week that both have days of.
    assert -1 <= (axis.last - axis_of(Scale.WEEK, axis.after).first).days < 7
    assert -1 <= (axis_of(Scale.WEEK, axis.before).last - axis.first).days < 7


def test_a_year_in_months_stands_where_the_days_are() -> None:
    axis = axis_of(Scale.MONTH, date(2026, 5, 5))

    assert [tick.label for tick in axis.ticks] == [f"{month}月" for month in range(1, 13)]
    assert axis.at(date(2026, 1, 1)) == "0.00%"
    assert axis.at(date(2026, 7, 2)) == "49.86%"
    assert axis.at(date(2027, 7, 2)) == "100.00%"


def test_the_axis_tells_each_milestone_with_its_light(client: CheckingClient, cast: Cast, time_machine: Any) -> None:
    row = project_at(ProjectState.IN_PROGRESS, cast)
    node = row.milestones.select_related("division").order_by("due_on")[0]
    node.project = row
    milestone.report_milestone(node, by=cast.head, version=row.version, note="好了", now=NOW)
    Project.objects.filter(pk=row.pk).update(original_due_on=date(2026, 8, 31), extension_count=1)
    client.force_login(cast.leader)

    reply = client.get(reverse("timeline"))

    ((_, rows),) = reply.context["groups"]
    assert [mark.code for mark in rows[0].marks] == ["blue", "none"]
    assert "第1步：2026-04-20，待核实" in reply.content.decode()
    assert rows[0].original_x == axis_of(Scale.MONTH, NOW.date()).at(date(2026, 8, 31), middle=True)
    assert rows[0].due_x != rows[0].original_x


@pytest.mark.parametrize(("who", "sees"), [("co_staff", True), ("assessor", True), ("outsider", False)])
def test_milestones_are_for_those_who_read_the_project_whole(
    client: CheckingClient, cast: Cast, who: str, sees: bool
) -> None:
    row = project_at(ProjectState.IN_PROGRESS, cast)
    client.force_login(getattr(cast, who))

    pages = [
        client.get(reverse("timeline")),
        client.get(reverse("dues"), {"month": "2026-09"}),
        client.get(reverse("dues"), {"day": "2026-09-30"}),
    ]

    assert [row.title in page.content.decode() for page in pages] == [True, True, True]
    assert ["第2步" in page.content.decode() for page in pages] == [sees, sees, sees]


def test_what_lies_outside_the_axis_is_left_out(client: CheckingClient, cast: Cast) -> None:
    project_at(ProjectState.IN_PROGRESS, cast)
    client.force_login(cast.leader)

    reply = client.get(reverse("timeline"), {"scale": "week", "on": "2026-07-15"})

    ((_, rows),) = reply.context["groups"]
    assert rows[0].x == "0.00%"  # the bar comes in from before
    assert [mark.x for mark in rows[0].marks] == [f"{93.5 * 100 / 98:.2f}%"]  # 30 September, in the last of 14 weeks


def test_the_axis_is_grouped_by_category_or_division(client: CheckingClient, cast: Cast) -> None:
    project_at(ProjectState.IN_PROGRESS, cast)
    project_at(ProjectState.IN_PROGRESS, cast, lead=cast.assisting)
    client.force_login(cast.leader)

    names = {
        group: [name for name, _ in client.get(reverse("timeline"), {"group": group}).context["groups"]]
        for group in ("category", "division")
    }

    assert names == {"category": ["临时交办"], "division": ["经济委办公室", "研究室"]}


def test_the_calendar_shows_milestones_and_projects_on_their_days(client: CheckingClient, cast: Cast) -> None:
    row = project_at(ProjectState.IN_PROGRESS, cast)
    client.force_login(cast.leader)

    days = client.get(reverse("dues"), {"month": "2026-09"}).context["days"]
    only = client.get(reverse("dues"), {"day": "2026-04-20"}).context["only"]

    assert [(day.day, [entry.title for entry in day.entries]) for day in days] == [
        (date(2026, 9, 30), [row.title, "第2步"])
    ]
    assert [entry.title for entry in only.entries] == ["第1步"]


def test_the_calendar_knows_holidays_and_shifted_working_days(client: CheckingClient, cast: Cast) -> None:
    client.force_login(cast.leader)

    weeks = client.get(reverse("dues"), {"month": "2026-10"}).context["weeks"]

    days = {day.day: day for week in weeks for day in week}
    assert days[date(2026, 10, 1)].is_holiday
    assert "国庆" in days[date(2026, 10, 1)].name
    assert days[date(2026, 10, 10)].is_shift
    assert not days[date(2026, 10, 17)].is_holiday  # a plain Saturday


def test_a_full_day_is_cut_and_leads_to_all_of_it(client: CheckingClient, cast: Cast) -> None:
    for _ in range(5):
        project_at(ProjectState.IN_PROGRESS, cast)
    client.force_login(cast.leader)

    reply = client.get(reverse("dues"), {"month": "2026-09"})
    whole = client.get(reverse("dues"), {"day": "2026-09-30"})

    (day,) = reply.context["days"]
    assert (day.count, len(day.entries), day.more) == (10, 8, 2)
    assert "另 2 项" in reply.content.decode()
    assert len(whole.context["only"].entries) == 10


@pytest.mark.parametrize("page", PAGES)
def test_they_are_filtered_like_the_ledger(client: CheckingClient, cast: Cast, page: str) -> None:
    project_at(ProjectState.IN_PROGRESS, cast)
    a_draft(cast, title="没有交办")
    client.force_login(cast.secretariat)

    def titles(**given: str) -> str:
        return client.get(reverse(page), {"month": "2026-09"} | given).content.decode()

    assert "推进营商环境" in titles(state="open")
    assert "推进营商环境" not in titles(state="CLOSED")
    assert "推进营商环境" not in titles(division=str(cast.outside.pk))
    assert "推进营商环境" in titles(q="tjys")


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize(
    "query",
    [
        "month=x&on=x&scale=x&day=x&page=x",
        "month=9999-99&on=9999-12-31&day=0001-01-01",
        "month=2099-12&on=2099-12-31&scale=week",
        "month=2000-01&on=2000-01-01&scale=week",
        "plan=99&state=NO&light=%00&group=x&sort=x&as_of=2025-01-01",
    ],
)
def test_rubbish_in_the_address_is_no_fault(client: CheckingClient, cast: Cast, page: str, query: str) -> None:
    project_at(ProjectState.IN_PROGRESS, cast)
    client.force_login(cast.secretariat)

    assert client.get(f"{reverse(page)}?{query}").status_code == 200


@pytest.mark.parametrize("page", PAGES)
def test_an_office_with_nothing_is_told_so(client: CheckingClient, cast: Cast, page: str) -> None:
    client.force_login(cast.foreign_secretariat)

    html = client.get(reverse(page)).content.decode()

    assert ("时间轴上还没有项目" if page == "timeline" else "这个月没有到期的节点和项目") in html


@pytest.mark.parametrize(("page", "queries"), [("timeline", 15), ("dues", 13)])
def test_they_ask_as_often_for_one_line_as_for_three(
    client: CheckingClient, cast: Cast, django_assert_num_queries: Any, page: str, queries: int
) -> None:
    client.force_login(cast.leader)
    project_at(ProjectState.IN_PROGRESS, cast)
    client.get(reverse(page), {"month": "2026-09"})
    with django_assert_num_queries(queries):
        client.get(reverse(page), {"month": "2026-09"})
    for _ in range(2):
        project_at(ProjectState.IN_PROGRESS, cast)
    with django_assert_num_queries(queries):
        client.get(reverse(page), {"month": "2026-09"})
