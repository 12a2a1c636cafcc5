"""Nets under every test: no network beyond this machine, checked pages, and each half runs what is meant for it."""

import gc
import ipaddress
import os
import socket
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from django.db import connection
from django.db.backends.postgresql.operations import DatabaseOperations
from pytest_django.plugin import DjangoDbBlocker

from accounts import policies
from tests.pages import CheckingClient
from tests.remembered import memory

connect_anywhere = socket.socket.connect


def connect_at_home(self: socket.socket, address: Any) -> None:
    """`socket.connect` for this machine only."""
    if self.family in {socket.AF_INET, socket.AF_INET6} and not is_at_home(address[0]):
        raise AssertionError(f"A test tried to reach {address[0]}: tests stay on this machine.")
    connect_anywhere(self, address)


def is_at_home(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def pytest_configure() -> None:
    socket.socket.connect = connect_at_home  # type: ignore[method-assign, assignment]  # the net is a patch


# Whoever asks for none of these is kept from the database by pytest-django.
ASK_THE_DATABASE = {"db", "transactional_db", "live_server"}


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what belongs to the other half of the run (see `make test`), before anything is counted."""
    half = "servers" if os.environ.get("REDIS_URL") else "embedded"
    here = [item for item in items if half in halves_of(item)]
    if len(here) < len(items):
        config.hook.pytest_deselected(items=[item for item in items if half not in halves_of(item)])
    # Workers take from the end of each other's lists: what begins the run is not torn apart.
    items[:] = sorted(here, key=lambda item: item.get_closest_marker("together") is None)


def halves_of(item: pytest.Item) -> tuple[str, ...]:
    """What neither asks a database nor starts processes is the same in both halves, and runs in the first."""
    if (mark := item.get_closest_marker("only_with")) is not None:
        return mark.args
    asks = {mark.name for mark in item.iter_markers()} & {"django_db", "processes", "browser"}
    asks |= ASK_THE_DATABASE.intersection(getattr(item, "fixturenames", ()))
    return ("embedded", "servers") if asks else ("embedded",)


def pytest_collection_finish() -> None:
    """Modules and tests stay to the end: the collector need not walk over them again and again, nor come so often."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Files make no names: their bytes hold the time they were made, and both workers must find the same tests."""
    return argname if isinstance(val, bytes) else None


@pytest.fixture(scope="session", autouse=True)
def no_session_left_behind(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """PostgreSQL drops no database in use, and a browser's last request may still stand in a thread of the server."""
    yield
    with django_db_blocker.unblock():
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )
        connection.close()


@pytest.fixture(scope="session", autouse=True)
def tables_emptied_by_deleting() -> Iterator[None]:
    """TRUNCATE makes the files of each table and index anew and waits for the disk, for the few rows of one test."""
    truncating = DatabaseOperations.sql_flush

    def deleting(self: DatabaseOperations, style: Any, tables: Sequence[str], **options: bool) -> list[str]:
        if options.get("reset_sequences"):
            return truncating(self, style, tables, **options)
        return [f"DELETE FROM {self.quote_name(table)}" for table in tables]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(DatabaseOperations, "sql_flush", deleting)
        yield


@pytest.fixture(autouse=True)
def nothing_remembered() -> None:
    """What an earlier test read of an office's rules was rolled back with it, and its ids are given out again."""
    policies.forget()
    memory.begin_test()


@pytest.fixture
def client() -> CheckingClient:
    return CheckingClient()


@pytest.fixture
def new_client() -> type[CheckingClient]:
    """For tests with several people: `new_client()` each."""
    return CheckingClient
