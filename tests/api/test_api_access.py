"""Every address of the API tried by everybody, as `tests/test_access.py` tries every page."""

from collections.abc import Iterator

import pytest
import time_machine
from django.core.cache import cache
from django.core.signals import request_finished
from django.db import close_old_connections
from django.urls import get_resolver, reverse

from accounts.models import Membership
from tests.api.conftest import JsonClient
from tests.cast import NOW, TODAY
from tests.test_access import (
    BUSINESS,
    EVERYBODY,
    MAIN_COLUMNS,
    PEOPLE,
    WHOLE,
    Door,
    World,
    a_change,
    a_message,
    a_milestone,
    a_project,
    a_requested,
    make_world,
    names,
    stored,
)

pytestmark = pytest.mark.django_db

ON_REQUESTED = ("withdraw-close-out", "accept-close-out", "return-close-out")
DOORS: dict[str, Door] = {
    "api-schema": Door(EVERYBODY),
    "api-me": Door(EVERYBODY),
    "api-tokens": Door(EVERYBODY),
    "api-token": Door(frozenset({"secretariat"}), lambda world: {"pk": world.token.pk}, post_only=True),
    "api-ledger": Door(BUSINESS),
    "api-plans": Door(BUSINESS),
    "api-figures": Door(BUSINESS),
    "api-milestones": Door(BUSINESS),
    "api-milestone": Door(WHOLE, a_milestone),
    "api-milestone-moves": Door(WHOLE, a_milestone),
    "api-project": Door(MAIN_COLUMNS, a_project),
    "api-project-timeline": Door(WHOLE, a_project),
    "api-project-entries": Door(WHOLE, a_project),
    "api-project-moves": Door(WHOLE, a_project),
    "api-attachment": Door(WHOLE, lambda world: {"key": world.attachment.key}),
    **{
        f"api-project-{move}": Door(WHOLE, a_requested if move in ON_REQUESTED else a_project, post_only=True)
        for move in ("dispatch", "receive", "object", "recall", "request-close-out", *ON_REQUESTED)
    },
    **{
        f"api-milestone-{move}": Door(WHOLE, a_milestone, post_only=True)
        for move in ("start", "report", "agree", "send-back-by-head", "confirm", "send-back")
    },
    "api-notifications": Door(EVERYBODY),
    "api-notification-read": Door(frozenset({"secretariat"}), a_message, post_only=True),
    "api-changes": Door(BUSINESS),
    "api-change": Door(WHOLE, a_change),
    "api-change-moves": Door(WHOLE, a_change),
    "api-change-ask": Door(WHOLE, a_project, post_only=True),
    **{
        f"api-change-{move}": Door(WHOLE, a_change, post_only=True)
        for move in ("take-up", "drop", "withdraw", "opinion", "agree", "decline")
    },
}
RECORDS_LOOKING = {"api-attachment"}


@pytest.fixture
def world() -> Iterator[World]:
    cache.clear()
    with time_machine.travel(NOW):
        yield make_world()


def addresses(world: World) -> dict[str, str]:
    return {name: reverse(name, kwargs=door.arguments(world)) for name, door in DOORS.items()}


def as_everybody(world: World) -> dict[str, JsonClient]:
    return {who: JsonClient(getattr(world.company, who)) for who in PEOPLE}


def looked_at(url: str, client: JsonClient) -> int:
    reply = client.get(url)
    if reply.streaming:
        request_finished.disconnect(close_old_connections)
        reply.close()
        request_finished.connect(close_old_connections)
    return int(reply.status_code)


def test_every_address_of_the_api_has_its_door_here() -> None:
    api = get_resolver("cppcc_office.api")

    assert set(DOORS) == set(names(api))


def test_an_answer_is_found_by_those_it_is_for_and_looking_changes_nothing(world: World) -> None:
    clients = as_everybody(world)
    answers = {name: url for name, url in addresses(world).items() if not DOORS[name].post_only}
    before = stored()

    statuses = {(name, who): looked_at(url, clients[who]) for name, url in answers.items() for who in PEOPLE}

    expected = {(name, who): 200 if who in DOORS[name].found_by else 404 for name in answers for who in PEOPLE}
    assert {door: status for door, status in statuses.items() if status != expected[door]} == {}
    looked = stored()
    assert looked.pop("Event") - before.pop("Event") == sum(len(DOORS[name].found_by) for name in RECORDS_LOOKING)
    assert looked == before


def test_a_door_for_writing_is_not_looked_through(world: World) -> None:
    client = JsonClient(world.company.secretariat)
    doors = {name: url for name, url in addresses(world).items() if DOORS[name].post_only}
    before = stored()

    statuses = {name: client.get(url).status_code for name, url in doors.items()}

    assert statuses == dict.fromkeys(doors, 405)
    assert stored() == before


def test_who_may_not_see_a_thing_cannot_write_to_it_either(world: World) -> None:
    clients = as_everybody(world)
    before = stored()

    statuses = {
        (name, who): (
            clients[who].post(url, version=1, note="x", summary="x", situation="x").status_code,
            clients[who].delete(url).status_code,
        )
        for name, url in addresses(world).items()
        for who in sorted(EVERYBODY - DOORS[name].found_by)
    }

    assert {door: both for door, both in statuses.items() if not set(both) <= {404, 405}} == {}
    assert stored() == before


def test_who_is_nobody_is_told_so_in_json(world: World) -> None:
    client = JsonClient()
    before = stored()

    for name, url in addresses(world).items():
        for reply in (client.get(url), client.post(url, version=1), client.delete(url)):
            if name == "api-tokens" and reply.status_code == 400:
                continue  # a sign-in without name and password
            assert (reply.status_code, reply["Content-Type"]) == (401, "application/json"), name
            assert reply["WWW-Authenticate"] == "Token"

    assert stored() == before


def test_who_lost_his_post_finds_nothing(world: World) -> None:
    client = JsonClient(world.company.staff)
    Membership.objects.filter(user=world.company.staff).update(ends_on=TODAY.replace(day=3))
    urls = addresses(world)

    statuses = {name: client.get(urls[name]).status_code for name in ("api-project", "api-ledger", "api-attachment")}

    assert set(statuses.values()) == {404}


def test_who_must_change_the_password_gets_nothing_first(world: World) -> None:
    client = JsonClient(world.company.secretariat)
    world.company.secretariat.must_change_password = True
    world.company.secretariat.save(update_fields=["must_change_password"])

    replies = [client.get(url) for name, url in addresses(world).items() if not DOORS[name].post_only]

    assert {reply.status_code for reply in replies} == {403}
    assert {reply.json()["detail"] for reply in replies} == {"请先登录网页修改密码，再使用接口。"}
