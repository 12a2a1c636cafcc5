"""The ledger page: rows, filters, sums, and who sees what."""

import re
from datetime import date, timedelta
from typing import Any

import pytest
from django.urls import reverse

from accounts.actions.policies import set_policy
from accounts.models import User
from tasks.actions import entries, project
from tasks.enums import ProjectState
from tasks.models import Project
from tests.cast import NOW, TODAY, Cast, make_cast
from tests.pages import CheckingClient
from tests.remembered import remembered
from tests.walks import a_draft, project_at

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast(time_machine: Any) -> Cast:
    time_machine.move_to(NOW, tick=False)
    return make_cast()


def page(client: CheckingClient, user: User, **query: str) -> Any:
    client.force_login(user)
    return client.get(reverse("ledger"), query)


def titles(response: Any) -> list[str]:
    return [row.title for group in response.context["groups"] for row in group.rows]


@remembered
def a_project(cast: Cast, title: str, **given: Any) -> Project:
    draft = a_draft(cast, title=title, **given)
    return project.dispatch_project(draft, by=cast.secretariat, version=draft.version, now=NOW)


def test_a_row_says_what_where_when_and_whose_turn(client: CheckingClient, cast: Cast) -> None:
    row = project_at(ProjectState.DISPATCHED, cast)

    html = page(client, cast.secretariat).content.decode()

    assert row.title in html
    assert "经济委办公室" in html
    assert "协办 研究室" in html
    assert "党组工作要点" in html
    assert "9月30日" in html
    assert "签收" in html
    assert reverse("project", args=[row.pk]) in html


def test_drafts_are_shown_to_the_secretariat_only(client: CheckingClient, cast: Cast) -> None:
    a_draft(cast, title="尚未交办的事")

    shown = {name: titles(page(client, getattr(cast, name))) for name in ("secretariat", "leader", "head", "assessor")}

    assert shown == {"secretariat": ["尚未交办的事"], "leader": [], "head": [], "assessor": []}


def test_another_office_sees_nothing_of_it(client: CheckingClient, cast: Cast) -> None:
    a_project(cast, "本机关的事")

    shown = titles(page(client, cast.foreign_secretariat, plan="all"))

    assert shown == []


@pytest.mark.parametrize("who", ["sysadmin", "auditor", "stranger"])
def test_who_has_no_business_here_gets_404(client: CheckingClient, cast: Cast, who: str) -> None:
    assert page(client, getattr(cast, who)).status_code == 404


def test_other_divisions_see_the_main_columns_and_no_progress_text(client: CheckingClient, cast: Cast) -> None:
    row = project_at(ProjectState.IN_PROGRESS, cast)
    entries.add_entry(row, by=cast.staff, version=row.version, situation="已开座谈会三次", files=[], now=NOW)

    outside = page(client, cast.outsider).content.decode()
    inside = page(client, cast.staff).content.decode()

    assert row.title in outside
    assert "已开座谈会三次" not in outside
    assert "已开座谈会三次" in inside


def test_other_divisions_find_no_milestones_remarks_or_what_entries_ask_for(client: CheckingClient, cast: Cast) -> None:
    row = project_at(ProjectState.IN_PROGRESS, cast)
    Project.objects.filter(pk=row.pk).update(remark="领导另有交代")
    entries.add_entry(
        row, by=cast.staff, version=row.version, situation="待协调", needs_coordination=True, files=[], now=NOW
    )

    columns = "turn,remark"
    inside, outside = (page(client, user, columns=columns).content.decode() for user in (cast.staff, cast.outsider))

    assert [words in inside for words in ("办理“第1步”", "领导另有交代")] == [True, True]
    assert [words in outside for words in ("第1步", "领导另有交代", "办理节点")] == [False, False, True]
    found = {user.name: titles(page(client, user, coordination="1")) for user in (cast.staff, cast.outsider)}
    assert found == {cast.staff.name: [row.title], cast.outsider.name: []}


def test_a_past_day_tells_no_later_close_out(client: CheckingClient, cast: Cast, time_machine: Any) -> None:
    row = project_at(ProjectState.CLOSED, cast)
    earlier = row.revisions.exclude(state=ProjectState.CLOSED).latest("pk")
    row.revisions.filter(state=ProjectState.CLOSED).update(effective_on=NOW.date() + timedelta(days=5))
    assert earlier.effective_on == NOW.date()
    time_machine.move_to(NOW + timedelta(days=9), tick=False)

    then = page(client, cast.leader, as_of=NOW.date().isoformat(), columns="closed_by,opinion").content.decode()
    now = page(client, cast.leader, columns="closed_by,opinion").content.decode()

    closer = str(row.closed_by)
    assert closer in now
    assert closer not in then.split("<tbody")[1]


def test_with_the_policy_off_other_divisions_see_nothing(client: CheckingClient, cast: Cast) -> None:
    a_project(cast, "与行政处无关的事")
    set_policy(cast.office, key="others_see_main_columns", value=False, by=cast.secretariat, now=NOW, today=TODAY)

    assert titles(page(client, cast.outsider)) == []
    assert titles(page(client, cast.co_staff)) == ["与行政处无关的事"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"q": "视察"}, ["委员视察"]),
        ({"q": "002"}, ["提案督办"]),
        ({"q": "吴科员"}, ["委员视察"]),
        ({"q": "wky"}, ["委员视察"]),
        ({"q": "研究室"}, ["提案督办"]),
        ({"q": "研究室 视察"}, []),
        ({"state": "DISPATCHED"}, ["委员视察", "提案督办"]),
        ({"state": "open"}, ["委员视察", "提案督办"]),
        ({"state": "CLOSED"}, []),
        ({"light": "green"}, ["委员视察", "提案督办"]),
        ({"light": "red"}, []),
        ({"light": "lit"}, []),
        ({"category": "临时交办"}, ["委员视察", "提案督办"]),
        ({"plan": "all"}, ["委员视察", "提案督办"]),
    ],
)
def test_filters_leave_what_they_say(
    client: CheckingClient, cast: Cast, query: dict[str, str], found: list[str]
) -> None:
    User.objects.filter(pk=cast.staff.pk).update(initials="wky", pinyin="wukeyuan")
    a_project(cast, "委员视察")
    a_project(cast, "提案督办", lead=cast.assisting)

    assert titles(page(client, cast.secretariat, **query)) == found


def test_a_division_finds_what_it_leads_and_with_co_what_it_assists(client: CheckingClient, cast: Cast) -> None:
    a_project(cast, "委员视察")
    a_project(cast, "提案督办", lead=cast.assisting)
    research = str(cast.assisting.pk)

    led = titles(page(client, cast.leader, division=research))
    both = titles(page(client, cast.leader, division=research, co="1"))
    assisted = titles(page(client, cast.leader, assists=research))

    assert (led, both, assisted) == (["提案督办"], ["委员视察", "提案督办"], ["委员视察"])


def test_leaders_find_what_they_are_in_charge_of(client: CheckingClient, cast: Cast) -> None:
    a_project(cast, "委员视察")

    assert titles(page(client, cast.leader, leader="mine")) == ["委员视察"]
    assert titles(page(client, cast.secretary_general, leader="mine")) == []


def test_an_overdue_project_is_red_and_found_by_it(client: CheckingClient, cast: Cast, time_machine: Any) -> None:
    a_project(cast, "委员视察", due_on=date(2026, 6, 30))
    time_machine.move_to(NOW.replace(month=7, day=8), tick=False)

    response = page(client, cast.leader, light="red")

    assert titles(response) == ["委员视察"]
    assert "红灯" in response.content.decode()
    assert titles(page(client, cast.leader, light="green")) == []


def test_an_unknown_filter_value_is_said_and_left_out(client: CheckingClient, cast: Cast) -> None:
    a_project(cast, "委员视察")

    response = page(client, cast.secretariat, state="NO_SUCH", division="x' OR 1=1")

    assert response.status_code == 200
    assert "有的筛选条件认不出来" in response.content.decode()
    assert titles(response) == ["委员视察"]


def test_sums_are_of_the_whole_filter_and_paging_keeps_it(client: CheckingClient, cast: Cast) -> None:
    for n in range(53):
        a_project(cast, f"第{n + 1}项")

    first = page(client, cast.secretariat, q="项", state="open")
    second = page(client, cast.secretariat, q="项", state="open", page="2")

    html = first.content.decode()
    assert len(titles(first)) == 50
    assert titles(second) == ["第51项", "第52项", "第53项"]
    assert [(part.label, part.count) for part in first.context["totals"]] == [("按序时", 53)]
    assert [(g.tally.lines, g.continues) for g in second.context["groups"]] == [(53, True)]
    onward = re.search(r'href="(\?[^"]*)" rel="next"', html)
    assert onward is not None
    assert "state=open" in onward[1]
    assert "page=2" in onward[1]


def test_nothing_there_and_nothing_found_say_so(client: CheckingClient, cast: Cast) -> None:
    empty = page(client, cast.secretariat).content.decode()
    a_project(cast, "委员视察")
    none = page(client, cast.secretariat, q="没有这样的词").content.decode()

    assert "台账还是空的" in empty
    assert "没有符合条件的项目" in none


def test_the_default_is_the_annual_plan_of_this_year(client: CheckingClient, cast: Cast) -> None:
    a_project(cast, "今年的事")

    response = page(client, cast.head)

    assert response.context["filter"].plan.year == TODAY.year
    assert titles(response) == ["今年的事"]
