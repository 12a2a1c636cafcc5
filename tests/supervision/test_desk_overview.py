"""The office at a glance: its figures and charts lead to their lines, what waits for a decision stands where it is decided."""

from datetime import date
from typing import Any

import pytest
from django.urls import reverse

from tasks.actions import project
from tasks.enums import ChangeKind, ProjectState
from tasks.models import Project
from tests.cast import NOW, Cast, make_cast
from tests.pages import CheckingClient
from tests.tasks.changing import asked, due
from tests.walks import a_draft, project_at

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast(time_machine: Any) -> Cast:
    time_machine.move_to(NOW, tick=False)
    return make_cast()


def charts(client: CheckingClient, **given: str) -> dict[str, Any]:
    return {chart.key: chart for chart in client.get(reverse("desk"), given).context["charts"]}


def lines_behind(client: CheckingClient, url: str) -> int:
    context = client.get(url).context
    page = context["page_obj"] if "page_obj" in context else context["page"]
    return int(page.paginator.count)


def in_all_lights(cast: Cast, time_machine: Any) -> None:
    """One overdue, one due soon, one closed on time, one closed late; today is then the 8th of July."""
    for day in (date(2026, 6, 30), date(2026, 7, 10)):
        row = a_draft(cast, due_on=day, milestones=1)
        project.dispatch_project(row, by=cast.secretariat, version=row.version, now=NOW)
        project.receive_project(row, by=cast.head, version=row.version, now=NOW)
    project_at(ProjectState.CLOSED, cast)
    late = project_at(ProjectState.CLOSED, cast)
    Project.objects.filter(pk=late.pk).update(
        due_on=date(2026, 3, 3), warn_on=date(2026, 3, 2), start_on=date(2026, 3, 1)
    )
    late.close_outs.update(due_on=date(2026, 3, 3))
    time_machine.move_to(NOW.replace(month=7, day=8), tick=False)


def test_every_figure_of_a_chart_is_what_its_list_holds(client: CheckingClient, cast: Cast, time_machine: Any) -> None:
    in_all_lights(cast, time_machine)
    client.force_login(cast.leader)

    wrong = {}
    drawn = charts(client)
    for key, chart in drawn.items():
        for series in chart.series:
            for point in series.points:
                listed = lines_behind(client, point.url) if point.value else 0
                if listed != point.value:
                    wrong[key, series.name, point.url] = (point.value, listed)

    assert wrong == {}
    assert {key: [sum(p.value for p in s.points) for s in chart.series] for key, chart in drawn.items()} == {
        "lit": [1, 1],
        "closed": [1, 1],
        "parts": [4],
    }


def test_what_was_closed_out_is_told_by_month_or_by_week(client: CheckingClient, cast: Cast) -> None:
    project_at(ProjectState.CLOSED, cast)
    client.force_login(cast.leader)

    by_month, by_week = charts(client)["closed"], charts(client, closed="week")["closed"]
    rubbish = charts(client, closed="x")["closed"]

    assert (len(by_month.labels), len(by_week.labels), rubbish.labels) == (12, 12, by_month.labels)
    assert [place for place, point in enumerate(by_month.series[0].points) if point.value] == [2]  # March
    assert [place for place, point in enumerate(by_week.series[0].points) if point.value] == [11]  # this week
    assert by_week.labels[-1] == "3.2"


@pytest.mark.parametrize("who", ["leader", "secretariat", "assessor"])
def test_charts_of_nothing_say_so(client: CheckingClient, cast: Cast, who: str) -> None:
    client.force_login(getattr(cast, who))

    html = client.get(reverse("desk")).content.decode()

    for words in ("各处室没有红灯、黄灯。", "今年还没有销号的项目。", "项目交办后，这里看各部分占多少。"):
        assert words in html
    assert "data-chart" not in html


def test_a_chart_stands_beside_its_figures_as_a_table_and_in_words(
    client: CheckingClient, cast: Cast, time_machine: Any
) -> None:
    in_all_lights(cast, time_machine)
    client.force_login(cast.secretariat)

    html = client.get(reverse("desk")).content.decode()

    assert 'aria-label="红黄灯处室。经济委办公室：红灯 1、黄灯 1"' in html
    assert html.count('class="chart-table"') == 3
    assert '<script id="chart-lit" type="application/json">' in html


def test_last_years_plan_is_not_in_the_figures_of_this_year(client: CheckingClient, cast: Cast) -> None:
    project_at(ProjectState.IN_PROGRESS, cast, now=NOW)
    old = project_at(ProjectState.IN_PROGRESS, cast)
    old.plan.pk, old.plan.year, old.plan.name = None, 2025, "去年的"
    old.plan.save(force_insert=True)
    Project.objects.filter(pk=old.pk).update(plan=old.plan)
    client.force_login(cast.leader)

    overview = client.get(reverse("desk")).context["overview"]

    assert (overview.figures.total, overview.plan.year) == (1, 2026)


def test_a_short_extension_waits_with_the_secretariat(client: CheckingClient, cast: Cast) -> None:
    row = project_at(ProjectState.IN_PROGRESS, cast)
    asked(row, cast, ChangeKind.EXTENSION, due(date(2026, 10, 9)))

    client.force_login(cast.secretariat)
    desk = client.get(reverse("desk"))
    groups = {group.kind: group for section in desk.context["sections"] for group in section.groups}
    client.force_login(cast.leader)

    assert groups["changes"].count == 1
    assert "第 1 天" in desk.content.decode()
    assert reverse("change", args=[groups["changes"].rows[0].change.pk]) in desk.content.decode()
    assert client.get(reverse("desk")).context["approvals"].count == 0


def test_a_long_extension_waits_for_an_opinion_and_for_the_leader(client: CheckingClient, cast: Cast) -> None:
    row = project_at(ProjectState.IN_PROGRESS, cast)
    asked(row, cast, ChangeKind.EXTENSION, due(date(2026, 12, 18)))

    client.force_login(cast.secretariat)
    sections = client.get(reverse("desk")).context["sections"]
    client.force_login(cast.leader)
    html = client.get(reverse("desk")).content.decode()
    client.force_login(cast.secretary_general)
    of_another = client.get(reverse("desk")).context["approvals"]

    assert [group.kind for section in sections for group in section.groups] == ["opinions"]
    assert "等我审批" in html
    assert "督办处还没有意见" in html
    assert of_another.count == 0  # the leader in charge decides


def test_a_division_sees_its_turn_and_no_figures_of_the_office(client: CheckingClient, cast: Cast) -> None:
    project_at(ProjectState.IN_PROGRESS, cast)
    client.force_login(cast.head)

    context = client.get(reverse("desk")).context

    assert context["overview"] is None
    assert "charts" not in context
