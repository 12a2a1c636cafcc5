"""The ledger's filters, order, groups and totals: what each leaves, and that the parts add up."""

from datetime import date
from typing import Any

import pytest
from django.urls import reverse

from accounts.models import User
from tasks.actions import entries, project
from tasks.actions.changes.deciding import give_opinion
from tasks.enums import ChangeKind, ProjectState
from tasks.models import Project
from tasks.queries.figures import Dimension, figures, figures_by, lines_of
from tasks.queries.lights import for_lights, ground_of, view_of
from tasks.queries.turns import turns_of
from tasks.tables.ledger import BY_KEY, COLUMNS
from tasks.templatetags.ledger_cells import CELLS
from tests.cast import NOW, TODAY, Cast, make_cast
from tests.pages import CheckingClient
from tests.remembered import remembered
from tests.tasks.changing import asked, due
from tests.walks import a_draft, a_source, project_at

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast(time_machine: Any) -> Cast:
    time_machine.move_to(NOW, tick=False)
    return make_cast()


def page(client: CheckingClient, user: User, **query: Any) -> Any:
    client.force_login(user)
    response = client.get(reverse("ledger"), query)
    assert response.status_code == 200
    return response


def titles(response: Any) -> list[str]:
    return [row.title for group in response.context["groups"] for row in group.rows]


@remembered
def a_project(cast: Cast, title: str, **given: Any) -> Project:
    draft = a_draft(cast, title=title, **given)
    return project.dispatch_project(draft, by=cast.secretariat, version=draft.version, now=NOW)


@remembered
def three(cast: Cast) -> list[Project]:
    """One due in June, one in September, one of the research office in December, in that order of the plan."""
    return [
        a_project(cast, "养老服务协商", due_on=date(2026, 6, 30)),
        a_project(cast, "水源地监督", due_on=date(2026, 9, 30)),
        a_project(cast, "提案办理", due_on=date(2026, 12, 31), lead=cast.assisting),
    ]


JUNE, SEPTEMBER, DECEMBER = "养老服务协商", "水源地监督", "提案办理"


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"q": "ylfw"}, [JUNE]),  # initials of the title
        ({"q": "zsc"}, [SEPTEMBER]),  # initials of a person
        ({"q": "zhengsc"}, [SEPTEMBER]),  # the beginning of a person's pinyin
        ({"q": "zsc 水源"}, [SEPTEMBER]),
        ({"q": "zsc 养老"}, []),
        ({"q": "%"}, []),
        ({"state": ["IN_PROGRESS", "CLOSED"]}, [JUNE]),
        ({"state": "DISPATCHED,CLOSED"}, [SEPTEMBER, DECEMBER]),
        ({"state": "SUSPENDED"}, []),
        ({"bucket": "on_pace"}, [JUNE, SEPTEMBER, DECEMBER]),
        ({"bucket": "total"}, [JUNE, SEPTEMBER, DECEMBER]),
        ({"bucket": "overdue,lagging"}, []),
        ({"light": ["green", "red"]}, [JUNE, SEPTEMBER, DECEMBER]),
        ({"due_from": "2026-07-01"}, [SEPTEMBER, DECEMBER]),
        ({"due_from": "2026-07-01", "due_to": "2026-09-30"}, [SEPTEMBER]),
        ({"due": "year"}, [JUNE, SEPTEMBER, DECEMBER]),
        ({"due": "month"}, []),
        ({"source": "FOUR"}, [JUNE, SEPTEMBER, DECEMBER]),
        ({"source": "FIVE"}, []),
        ({"waiting": "confirm"}, []),
        ({"coordination": "1"}, [JUNE]),
        ({"sort": "-due_on"}, [DECEMBER, SEPTEMBER, JUNE]),
        ({"sort": "lead,-due_on"}, [SEPTEMBER, JUNE, DECEMBER]),
        ({"sort": "person", "group": "none"}, [JUNE, DECEMBER, SEPTEMBER]),
        ({"sort": "light,progress,number"}, [JUNE, SEPTEMBER, DECEMBER]),
        ({"group": "division", "sort": "-due_on"}, [SEPTEMBER, JUNE, DECEMBER]),
    ],
)
def test_filters_and_orders_leave_what_they_say(
    client: CheckingClient, cast: Cast, query: dict[str, Any], found: list[str]
) -> None:
    first, second, third = three(cast)
    for row, name, pinyin, initials in (
        (first, "安某", "anmou", "am"),
        (second, "郑世昌", "zhengshichang", "zsc"),
        (third, "白某", "baimou", "bm"),
    ):
        someone = User.objects.create(username=initials, name=name, pinyin=pinyin, initials=initials)
        Project.objects.filter(pk=row.pk).update(person=someone)
    User.objects.filter(initials="zsc").update(pinyin="zhengsc")
    first.refresh_from_db()
    project.receive_project(first, by=cast.head, version=first.version, now=NOW)
    entries.add_entry(
        first, by=cast.staff, version=first.version, situation="待协调", needs_coordination=True, files=[], now=NOW
    )
    project_at(ProjectState.DRAFT, cast)

    assert titles(page(client, cast.leader, **query)) == found


def test_people_are_chosen_by_name_and_as_oneself(client: CheckingClient, cast: Cast) -> None:
    three(cast)

    assert titles(page(client, cast.leader, leader="mine")) == [JUNE, SEPTEMBER, DECEMBER]
    assert titles(page(client, cast.leader, leader=str(cast.secretary_general.pk))) == []
    assert titles(page(client, cast.leader, person=str(cast.co_staff.pk))) == [DECEMBER]
    assert titles(page(client, cast.staff, person="mine")) == [JUNE, SEPTEMBER]


def test_source_classes_are_chosen_one_by_one(client: CheckingClient, cast: Cast) -> None:
    three(cast)
    party = a_source(cast).source_class

    response = page(client, cast.leader, source=str(party.pk))

    assert titles(response) == [JUNE, SEPTEMBER, DECEMBER]
    assert [tab.name for tab in response.context["class_tabs"] if tab.is_current] == [party.name]


def test_rows_are_grouped_with_sums_over_the_whole_filter(
    client: CheckingClient, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tasks.views.ledger.PER_PAGE", 2)
    three(cast)

    def groups(**query: str) -> list[tuple[str, int, bool]]:
        response = page(client, cast.leader, **query)
        return [(g.name, g.tally.lines, g.continues) for g in response.context["groups"]]

    assert groups(group="division") == [("经济委办公室", 2, False)]
    assert groups(group="division", page="2") == [("研究室", 1, False)]
    assert groups(page="2") == [("临时交办", 3, True)]
    assert groups(group="key_task") == [(JUNE, 1, False), (SEPTEMBER, 1, False)]
    assert groups(group="none") == [("", 3, False)]


def test_every_page_holds_its_rows_also_from_behind(
    client: CheckingClient, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tasks.views.ledger.PER_PAGE", 2)
    for n in range(7):
        a_project(cast, f"第{n + 1}项")

    pages = [titles(page(client, cast.leader, page=str(n), sort="-number")) for n in (1, 2, 3, 4)]

    assert pages == [["第7项", "第6项"], ["第5项", "第4项"], ["第3项", "第2项"], ["第1项"]]


def test_totals_are_the_figures_and_each_opens_to_its_lines(
    client: CheckingClient, cast: Cast, time_machine: Any
) -> None:
    for state in (ProjectState.IN_PROGRESS, ProjectState.CLOSE_OUT_REQUESTED, ProjectState.CLOSED, ProjectState.DRAFT):
        project_at(state, cast)
    three(cast)
    time_machine.move_to(NOW.replace(month=7, day=8), tick=False)
    today = date(2026, 7, 8)
    whole = figures(lines_of(Project.objects.visible_to(cast.secretariat, today), today))

    response = page(client, cast.secretariat)

    assert response.context["tally"].figures == whole
    assert {part.label: part.count for part in response.context["totals"]} == {b.label: n for b, n in whole.parts}
    assert response.context["tally"].aside_parts == [(ProjectState.DRAFT, 1)]
    for part in response.context["totals"]:
        opened = client.get(reverse("ledger") + part.url)
        assert opened.context["tally"].lines == part.count, part.label
    by_division = {
        part.key: part.figures
        for part in figures_by(lines_of(Project.objects.visible_to(cast.secretariat, today), today), Dimension.DIVISION)
    }
    grouped = page(client, cast.secretariat, group="division")
    assert {group.rows[0].lead_division_id: group.tally.figures for group in grouped.context["groups"]} == by_division


def test_a_row_tells_light_progress_and_turn_as_the_project_page_does(
    client: CheckingClient, cast: Cast, time_machine: Any
) -> None:
    for state in (
        ProjectState.DRAFT,
        ProjectState.DISPATCHED,
        ProjectState.IN_PROGRESS,
        ProjectState.CLOSE_OUT_REQUESTED,
        ProjectState.CLOSED,
    ):
        project_at(state, cast)
    three(cast)
    time_machine.move_to(NOW.replace(month=5, day=6), tick=False)
    today = date(2026, 5, 6)

    rows = [row for group in page(client, cast.secretariat).context["groups"] for row in group.rows]

    assert len(rows) == 8
    for row in rows:
        loaded = for_lights(Project.objects.filter(pk=row.pk)).get()
        ground = ground_of(loaded.organization_id, today)
        view = view_of(loaded, ground)
        assert (row.light.code, row.light.label) == (view.light.code, view.light.label)
        assert (row.milestones_done, row.milestones_counted) == (view.done, view.counted)
        assert None if row.progress is None else float(row.progress) == view.progress
        if row.state != ProjectState.DRAFT:
            assert row.time_progress == view.time_progress
        turn = next(iter(turns_of(loaded, ground)), None)
        assert (row.turn and (row.turn.whom, row.turn.doing)) == (turn and (turn.whom, turn.doing))


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ({"plan": "x"}, "计划"),
        ({"state": "NO_SUCH"}, "状态"),
        ({"division": "x' OR 1=1"}, "牵头处室"),
        ({"bucket": "NONE"}, "统计口径"),
        ({"pace": "%00"}, "序时"),
        ({"light": "violet"}, "亮灯"),
        ({"due_from": "2026-02-30"}, "时限自"),
        ({"due_to": "tomorrow"}, "时限至"),
        ({"sort": "password"}, "排序"),
        ({"group": "x"}, "分组"),
        ({"columns": "version"}, "列"),
        ({"chosen": "1;drop"}, "所选"),
        ({"coordination": "maybe"}, "需协调"),
        ({"source": "99999999999999999999"}, "来源"),
        ({"person": "-1"}, "责任人"),
    ],
)
def test_what_nobody_knows_is_named_and_left_out(
    client: CheckingClient, cast: Cast, query: dict[str, str], named: str
) -> None:
    a_project(cast, "委员视察")

    response = page(client, cast.secretariat, **query)

    assert response.context["filter"].unknown == [named]
    assert named in response.content.decode()
    assert titles(response) == ["委员视察"]


@pytest.mark.parametrize("query", [{"page": "x"}, {"page": "-7"}, {"page": "99999"}, {"q": "\x00"}, {"q": "x" * 5000}])
def test_odd_pages_and_words_are_no_error(client: CheckingClient, cast: Cast, query: dict[str, str]) -> None:
    a_project(cast, "委员视察")

    assert page(client, cast.secretariat, **query).context["filter"].unknown == []


def test_a_head_sorts_up_then_down_then_no_more_and_keeps_the_key_before(client: CheckingClient, cast: Cast) -> None:
    three(cast)

    def head(key: str, **query: str) -> Any:
        heads = page(client, cast.leader, **query).context["heads"]
        return next(head for head in heads if head.column.key == key)

    assert "sort=due_on" in head("due_on").url
    assert "sort=-due_on" in head("due_on", sort="due_on").url
    assert "sort" not in head("due_on", sort="-due_on").url
    assert "sort=lead%2Cdue_on" in head("lead", sort="due_on").url
    assert head("due_on", sort="-due_on").direction == "descending"
    assert 'aria-sort="descending"' in page(client, cast.leader, sort="-due_on").content.decode()


def test_columns_are_chosen_in_the_address(client: CheckingClient, cast: Cast) -> None:
    a_project(cast, "委员视察")

    html = page(client, cast.leader, columns=["category", "opinion"]).content.decode()

    assert "核查意见" in html
    assert 'scope="col" class="c-who">责任人' not in html


def test_print_shows_every_line_of_the_filter_in_its_order(
    client: CheckingClient, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tasks.views.ledger.PER_PAGE", 1)
    rows = three(cast)

    printed = page(client, cast.leader, print="1", sort="-due_on")
    chosen = page(client, cast.leader, print="1", chosen=[str(rows[0].pk), str(rows[2].pk)])

    assert titles(printed) == [DECEMBER, SEPTEMBER, JUNE]
    assert 'name="chosen"' not in printed.content.decode()
    assert titles(chosen) == [JUNE, DECEMBER]
    assert "所选 2 项" in chosen.content.decode()


def test_too_many_lines_are_not_printed_but_exported(
    client: CheckingClient, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tasks.views.ledger.MOST_PRINTED", 2)
    three(cast)

    html = page(client, cast.leader, print="1").content.decode()

    assert "行数太多" in html
    assert JUNE not in html


def test_every_column_is_drawn_and_no_text_is_markup(client: CheckingClient, cast: Cast) -> None:
    row = a_project(cast, '<b>粗</b>与"引号"')
    Project.objects.filter(pk=row.pk).update(remark="<script>", effect_standard="a & b", report_cycle="'月'")

    html = page(client, cast.leader, columns=",".join(BY_KEY)).content.decode()

    assert list(CELLS) == [column.key for column in COLUMNS]
    assert "<b>粗" not in html
    assert "&lt;b&gt;粗" in html
    assert "<script>" not in html.split("data-rows")[1]
    assert "a &amp; b" in html


@pytest.mark.parametrize(
    ("day", "opinion", "whom"),
    [
        (date(2026, 10, 15), "", "督办处"),  # a short extension: the secretariat decides
        (date(2026, 12, 20), "", "督办处"),  # a long one: it gives its opinion first
        (date(2026, 12, 20), "情况属实", "周副主席"),
    ],
)
def test_a_pending_change_is_told_as_whose_turn_it_is(
    client: CheckingClient, cast: Cast, day: date, opinion: str, whom: str
) -> None:
    row = project_at(ProjectState.IN_PROGRESS, cast)
    request = asked(row, cast, ChangeKind.EXTENSION, due(day))
    if opinion:
        give_opinion(request, by=cast.secretariat, version=row.version, note=opinion, now=NOW)
    loaded = for_lights(Project.objects.filter(pk=row.pk)).get()
    expected = turns_of(loaded, ground_of(loaded.organization_id, TODAY))[0]

    (shown,) = [row for group in page(client, cast.secretariat).context["groups"] for row in group.rows]

    assert (shown.turn.whom, shown.turn.doing) == (expected.whom, expected.doing)
    assert shown.turn.whom == whom
