"""Saved views of the ledger: who keeps which for whom, who finds them, and the ledger of a past day."""

from typing import Any

import pytest
from django.urls import reverse

from accounts.models import Event, User
from cppcc_office.lib.errors import Refused
from tasks.actions import project
from tasks.actions.views import save_view
from tasks.enums import ProjectState, ViewScope
from tasks.models import Project, SavedView
from tasks.queries.as_of import Moment
from tasks.queries.figures import figures, lines_of
from tasks.rules.views import MOST_VIEWS
from tests.cast import NOW, TODAY, Cast, make_cast
from tests.pages import CheckingClient
from tests.walks import a_draft, project_at

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast(time_machine: Any) -> Cast:
    time_machine.move_to(NOW, tick=False)
    return make_cast()


def page(client: CheckingClient, user: User, **query: str) -> Any:
    client.force_login(user)
    return client.get(reverse("ledger"), query)


def tabs(client: CheckingClient, user: User, **query: str) -> dict[str, bool]:
    return {tab.name: tab.is_current for tab in page(client, user, **query).context["tabs"]}


def keep(client: CheckingClient, user: User, **given: str) -> Any:
    client.force_login(user)
    fields = {"name": "调度会用", "query": "state=open&sort=due_on", "scope": "MINE"} | given
    return client.post(reverse("ledger-view-save"), fields)


def test_a_view_is_kept_found_again_and_told(client: CheckingClient, cast: Cast) -> None:
    reply = keep(client, cast.head)

    view = SavedView.objects.get()
    assert reply.headers["Location"] == "/ledger/?state=open&sort=due_on"
    assert (view.owner, view.scope, view.organization) == (cast.head, ViewScope.MINE, cast.office)
    assert Event.objects.filter(verb="save_view", by=cast.head).count() == 1
    assert tabs(client, cast.head, sort="due_on", state="open")["调度会用"] is True
    assert tabs(client, cast.head, state="open")["调度会用"] is False


def test_the_same_name_replaces_the_earlier_view(client: CheckingClient, cast: Cast) -> None:
    keep(client, cast.head)
    keep(client, cast.head, query="light=red")

    assert [view.query for view in SavedView.objects.all()] == ["light=red"]


@pytest.mark.parametrize(
    ("owner", "scope", "found_by"),
    [
        ("head", "MINE", {"head"}),
        ("head", "DIVISION", {"head", "staff"}),
        ("secretariat", "DIVISION", {"secretariat", "second_secretariat", "supervising_head"}),
        (
            "secretariat",
            "OFFICE",
            {
                "secretariat", "second_secretariat", "supervising_head", "head", "staff", "co_head", "co_staff",
                "outsider", "leader", "secretary_general", "assessor", "observer",
            },
        ),
    ],
)  # fmt: skip
def test_a_view_is_found_by_those_it_is_for(
    client: CheckingClient, cast: Cast, owner: str, scope: str, found_by: set[str]
) -> None:
    keep(client, getattr(cast, owner), scope=scope)

    readers = set(cast.everyone()) - {"sysadmin", "auditor", "stranger"}
    assert {who for who in readers if "调度会用" in tabs(client, getattr(cast, who))} == found_by


@pytest.mark.parametrize(
    ("who", "scope", "why"),
    [("head", "OFFICE", "由督办处保存"), ("leader", "OFFICE", "由督办处保存"), ("leader", "DIVISION", "不在处室任职")],
)
def test_a_view_is_shared_only_by_those_who_may(
    client: CheckingClient, cast: Cast, who: str, scope: str, why: str
) -> None:
    reply = keep(client, getattr(cast, who), scope=scope)

    assert reply.status_code == 409
    assert why in reply.content.decode()
    assert not SavedView.objects.exists()


def test_a_person_keeps_no_more_than_fit_above_the_list(cast: Cast) -> None:
    for n in range(MOST_VIEWS):
        save_view(by=cast.head, page="ledger", name=f"视图{n}", query="", scope=ViewScope.MINE, now=NOW)

    with pytest.raises(Refused):
        save_view(by=cast.head, page="ledger", name="再一个", query="", scope=ViewScope.MINE, now=NOW)


@pytest.mark.parametrize("given", [{"name": ""}, {"name": "长" * 21}, {"scope": "EVERYBODY"}])
def test_what_is_no_view_is_not_kept_and_said(client: CheckingClient, cast: Cast, given: dict[str, str]) -> None:
    reply = keep(client, cast.head, **given)

    assert reply.status_code == 302
    assert "视图没有保存" in client.get(reply.headers["Location"]).content.decode()
    assert not SavedView.objects.exists()


def test_only_the_owner_renames_and_deletes(client: CheckingClient, cast: Cast) -> None:
    keep(client, cast.secretariat, scope="OFFICE")
    view = SavedView.objects.get()
    addresses = [reverse(f"ledger-view-{verb}", args=[view.pk]) for verb in ("rename", "delete")]

    client.force_login(cast.second_secretariat)
    assert [client.post(url, {"name": "别的"}).status_code for url in addresses] == [404, 404]
    client.force_login(cast.secretariat)
    client.post(addresses[0], {"name": "月调度会"})
    view.refresh_from_db()
    assert view.name == "月调度会"
    client.post(addresses[1])
    assert not SavedView.objects.exists()
    assert set(Event.objects.filter(subject_kind="savedview").values_list("verb", flat=True)) == {
        "save_view",
        "rename_view",
        "delete_view",
    }


def test_a_name_is_not_taken_twice(client: CheckingClient, cast: Cast) -> None:
    keep(client, cast.head)
    keep(client, cast.head, name="另一个")
    other = SavedView.objects.get(name="另一个")

    reply = client.post(reverse("ledger-view-rename", args=[other.pk]), {"name": "调度会用"})

    assert reply.status_code == 409
    assert "您已有名为" in reply.content.decode()


# ── As of a past day ─────────────────────────────────────────────────────────


def rows(response: Any) -> list[Any]:
    return [row for group in response.context["groups"] for row in group.rows]


@pytest.fixture
def later(cast: Cast, time_machine: Any) -> Project:
    """Dispatched in March, received and reported in April; today is in July, when it is overdue."""
    draft = a_draft(cast, title="养老服务协商")
    row = project.dispatch_project(draft, by=cast.secretariat, version=draft.version, now=NOW)
    received = NOW.replace(month=4, day=7)
    time_machine.move_to(received, tick=False)
    project.receive_project(row, by=cast.head, version=row.version, now=received)
    time_machine.move_to(NOW.replace(month=7, day=8), tick=False)
    return row


@pytest.mark.parametrize(
    ("day", "state", "light"),
    [
        ("2026-03-04", ProjectState.DISPATCHED, "green"),
        ("2026-03-31", ProjectState.DISPATCHED, "yellow"),
        ("2026-04-08", ProjectState.IN_PROGRESS, "green"),
        ("2026-05-06", ProjectState.IN_PROGRESS, "red"),
    ],
)
def test_a_past_day_is_shown_as_it_stood(
    client: CheckingClient, cast: Cast, later: Project, day: str, state: str, light: str
) -> None:
    response = page(client, cast.leader, as_of=day)

    (row,) = rows(response)
    assert (row.pk, row.state, row.light.code) == (later.pk, state, light)
    assert titles_found(page(client, cast.leader, as_of=day, state=state, light=light)) == ["养老服务协商"]
    assert f'href="/projects/{later.pk}/?as_of={day}"' in response.content.decode()


def titles_found(response: Any) -> list[str]:
    return [row.title for row in rows(response)]


def test_before_it_was_dispatched_it_is_not_there(client: CheckingClient, cast: Cast, later: Project) -> None:
    assert rows(page(client, cast.secretariat, as_of="2026-03-03")) == []
    assert rows(page(client, cast.secretariat, as_of="2026-07-07")) != []


def test_nobody_takes_a_past_day_for_today(client: CheckingClient, cast: Cast, later: Project) -> None:
    html = page(client, cast.secretariat, as_of="2026-03-31", state="open").content.decode()

    assert "2026年3月31日" in html
    assert "不是今天" in html
    assert 'href="?state=open"' in html  # back to today
    assert 'name="chosen"' not in html
    assert "轮到谁办" not in html.split("<thead>")[1].split("</thead>")[0]
    assert "历史台账" in page(client, cast.secretariat, as_of="2026-03-31", print="1").content.decode()


def test_totals_of_a_past_day_are_its_figures(client: CheckingClient, cast: Cast, time_machine: Any) -> None:
    for state in (ProjectState.DISPATCHED, ProjectState.IN_PROGRESS, ProjectState.CLOSE_OUT_REQUESTED):
        project_at(state, cast)
    time_machine.move_to(NOW.replace(month=7, day=8), tick=False)
    seen = Project.objects.visible_to(cast.leader, TODAY)

    response = page(client, cast.leader, as_of="2026-05-06")

    moment = Moment(TODAY.replace(month=5, day=6))
    assert response.context["tally"].figures == figures(lines_of(seen, TODAY, moment))
    assert response.context["tally"].figures.total == 3


@pytest.mark.parametrize("day", ["2026-07-09", "2026-02-30", "gestern"])
def test_a_day_that_is_none_shows_today_and_says_so(
    client: CheckingClient, cast: Cast, later: Project, day: str
) -> None:
    response = page(client, cast.leader, as_of=day)

    assert response.status_code == 200
    assert "下面是今天的情况" in response.content.decode()
    assert response.context["moment"] is None


def test_a_view_opened_on_a_past_day_stays_there(client: CheckingClient, cast: Cast, later: Project) -> None:
    keep(client, cast.leader, query="state=open")

    response = page(client, cast.leader, as_of="2026-03-31")

    urls = {tab.name: tab.url for tab in response.context["tabs"]}
    assert urls["调度会用"] == "?state=open&as_of=2026-03-31"
    assert "as_of=2026-03-31" in urls["红黄灯"]
    assert page(client, cast.leader, as_of="2026-03-31", state="open").context["filter"].query_to_keep == "state=open"
