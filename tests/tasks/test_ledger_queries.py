"""How often the ledger asks the database: as often for one row as for many, and seldom for anybody."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Membership
from tasks.actions import entries
from tasks.enums import ProjectState
from tasks.models import ObserverScope, SourceClass
from tests.cast import NOW
from tests.pages import CheckingClient
from tests.remembered import remembered
from tests.tasks.company import Company, make_company
from tests.walks import a_plan, project_at

AT_MOST = 12
# What a transaction of the test adds around the session's own write.
MARKS = ("SAVEPOINT", "RELEASE")


@pytest.fixture
def company(db: None) -> Iterator[Company]:
    with time_machine.travel(NOW, tick=False):
        yield make_company()


def asked(client: CheckingClient, query: dict[str, str]) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert client.get(reverse("ledger"), query).status_code == 200
    return sum(1 for each in captured.captured_queries if not each["sql"].startswith(MARKS))


@remembered
def an_observed_source(company: Company) -> None:
    a_plan(company)
    party = SourceClass.objects.get(organization=company.office, name="党组工作要点")
    ObserverScope.objects.create(membership=Membership.objects.get(user=company.observer), source_class=party)


@remembered
def some_rows(company: Company, count: int) -> None:
    for _ in range(count):
        row = project_at(ProjectState.IN_PROGRESS, company)
        entries.add_entry(row, by=company.staff, version=row.version, situation="已开座谈会", files=[], now=NOW)
        project_at(ProjectState.CLOSE_OUT_REQUESTED, company)
        project_at(ProjectState.DISPATCHED, company, lead=company.assisting)


@pytest.mark.parametrize(
    ("who", "queries"),
    [
        ("secretariat", 11),
        ("head", 11),
        ("staff", 11),
        ("outsider", 11),
        ("leader", 11),
        ("assessor", 11),
        ("observer", 11),
        ("head_deputy", 12),
        ("leader_deputy", 12),
    ],
)
def test_everybody_gets_the_page_in_few_queries_however_many_rows(
    client: CheckingClient, company: Company, who: str, queries: int
) -> None:
    client.force_login(getattr(company, who))
    an_observed_source(company)
    some_rows(company, 1)
    client.get(reverse("ledger"))  # what a process asks once in its life

    few = asked(client, {})
    some_rows(company, 2)
    more = asked(client, {})
    for n in range(3):
        some_rows(company, 1 + n)
    many = asked(client, {})

    assert queries <= AT_MOST
    assert (few, more, many) == (queries, queries, queries)


@pytest.mark.parametrize(
    "query",
    [
        {"q": "zsc 推进", "sort": "light,-progress", "group": "division"},
        {"state": "open", "bucket": "on_pace", "light": "green", "pace": "on", "group": "key_task"},
        {"source": "FIVE,FOUR", "coordination": "1", "group": "none", "sort": "due_on"},
        {"as_of": (NOW - timedelta(days=1)).date().isoformat()},
        {"print": "1", "columns": "title,opinion,standard,problems"},
        {"page": "2"},
    ],
)
def test_filters_sorting_past_days_and_print_ask_no_more(
    client: CheckingClient, company: Company, query: dict[str, str]
) -> None:
    client.force_login(company.secretariat)
    some_rows(company, 2)
    client.get(reverse("ledger"), query)

    assert asked(client, query) <= AT_MOST - 1
