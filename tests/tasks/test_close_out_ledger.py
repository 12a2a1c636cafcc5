"""销号台账: what stands in it, for whom, and its sums over the whole list."""

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
import time_machine
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from accounts.models import Division
from tasks.actions import close_out
from tasks.enums import Effect, ProjectState
from tasks.models import CloseOut, Project
from tests.cast import NOW, Cast, make_cast
from tests.pages import CheckingClient
from tests.walks import project_at

OPINION = "材料齐全，成效明显"


@pytest.fixture
def cast(db: None) -> Cast:
    return make_cast()


@pytest.fixture(autouse=True)
def _at_the_day_of_the_walks() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


def closed(
    cast: Cast, *, effect: Effect = Effect.GOOD, lead: Division | None = None, days_late: int = 0, title: str = ""
) -> CloseOut:
    """An accepted close-out; a late one was asked for so many days after its due date."""
    project = project_at(ProjectState.CLOSE_OUT_REQUESTED, cast, lead=lead)
    changed = {"title": title or project.title}
    Project.objects.filter(pk=project.pk).update(**changed)
    if days_late:
        project.close_outs.update(due_on=NOW.date() - timedelta(days=days_late))
    return close_out.accept_close_out(
        project, by=cast.second_secretariat, version=project.version, effect=effect, note=OPINION, now=NOW
    )


def ledger(client: CheckingClient, cast: Cast, who: str, query: str = "") -> str:
    client.force_login(getattr(cast, who))
    response = client.get(reverse("close-outs") + query)
    assert response.status_code == 200
    return str(response.content.decode())


def rows_in(page: str) -> int:
    return page.count('class="t-title"')


def test_an_accepted_close_out_stands_with_number_rating_and_opinion(client: CheckingClient, cast: Cast) -> None:
    row = closed(cast, effect=Effect.EXCELLENT)
    project_at(ProjectState.CLOSE_OUT_REQUESTED, cast)

    page = ledger(client, cast, "secretariat")

    assert rows_in(page) == 1
    for words in (row.number, row.project.number, "经济委办公室", "按期", "优", "郑科员", OPINION):
        assert words in page


def test_who_takes_no_part_sees_the_line_without_the_opinion(client: CheckingClient, cast: Cast) -> None:
    row = closed(cast)

    page = ledger(client, cast, "outsider")

    assert row.number in page
    assert OPINION not in page


@pytest.mark.parametrize("who", ["foreign_secretariat", "foreign_leader", "observer"])
def test_strangers_see_an_empty_ledger(client: CheckingClient, cast: Cast, who: str) -> None:
    closed(cast)

    page = ledger(client, cast, who)

    assert rows_in(page) == 0
    assert "还没有销号的项目" in page


@pytest.mark.parametrize("who", ["sysadmin", "auditor", "stranger"])
def test_who_has_no_business_finds_no_ledger(client: CheckingClient, cast: Cast, who: str) -> None:
    closed(cast)
    client.force_login(getattr(cast, who))

    assert client.get("/close-outs/").status_code == 404


@pytest.mark.parametrize(
    ("query", "titles"),
    [
        ("?timing=late", ["逾期的"]),
        ("?timing=in-time", ["研究室的", "按期的"]),
        ("?effect=POOR", ["逾期的"]),
        ("?q=研究", ["研究室的"]),
        ("?q=销〔2026〕1号", ["按期的"]),
        ("?q=zheng", []),
        ("?year=2026", ["研究室的", "逾期的", "按期的"]),
        ("?year=1999", ["研究室的", "逾期的", "按期的"]),
    ],
)
def test_the_ledger_is_filtered_from_the_address(
    client: CheckingClient, cast: Cast, query: str, titles: list[str]
) -> None:
    closed(cast, title="按期的")
    closed(cast, title="逾期的", days_late=3, effect=Effect.POOR)
    closed(cast, title="研究室的", lead=cast.assisting)

    page = ledger(client, cast, "secretariat", query)

    assert [title for title in ("研究室的", "逾期的", "按期的") if title + "</a>" in page] == titles


def test_a_division_is_chosen_from_those_that_have_closed(client: CheckingClient, cast: Cast) -> None:
    closed(cast, title="按期的")
    closed(cast, title="研究室的", lead=cast.assisting)

    page = ledger(client, cast, "secretariat", f"?division={cast.assisting.pk}")

    assert "研究室的</a>" in page
    assert "按期的</a>" not in page
    assert f'<option value="{cast.outside.pk}"' not in page


def test_the_sums_are_of_the_whole_list_and_not_of_its_page(
    client: CheckingClient, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tasks.views.close_outs.PER_PAGE", 1)
    closed(cast)
    closed(cast, days_late=3, effect=Effect.POOR)

    page = ledger(client, cast, "secretariat", "?q=推进")

    assert rows_in(page) == 1
    for words in ("合计<b>2</b>", "按期<b>1</b>", "逾期<b>1</b>", "良<b>1</b>", "差<b>1</b>", "优<b>0</b>"):
        assert words in page
    assert "q=%E6%8E%A8%E8%BF%9B&amp;page=2" in page


def test_nothing_found_offers_to_loosen_the_filter(client: CheckingClient, cast: Cast) -> None:
    closed(cast)

    page = ledger(client, cast, "secretariat", "?q=没有这样的项目")

    assert "没有符合条件的销号" in page


def test_lateness_is_measured_by_the_request_and_the_date_of_then(client: CheckingClient, cast: Cast) -> None:
    row = closed(cast, days_late=3)
    Project.objects.filter(pk=row.project_id).update(due_on=date(2027, 1, 1))

    page = ledger(client, cast, "secretariat")

    assert "逾期 3 天" in page


@pytest.mark.parametrize("count", [1, 3])
def test_the_ledger_asks_no_more_for_more_rows(
    client: CheckingClient, cast: Cast, django_assert_num_queries: DjangoAssertNumQueries, count: int
) -> None:
    for _ in range(count):
        closed(cast)
    client.force_login(cast.head)

    with django_assert_num_queries(15):
        client.get(reverse("close-outs"))


@pytest.mark.parametrize(
    ("sort", "titles"),
    [
        ("effect", ["甲", "乙", "丙"]),
        ("-effect", ["丙", "乙", "甲"]),
        ("lead", ["甲", "丙", "乙"]),
        ("number", ["丙", "乙", "甲"]),
        ("password", ["甲", "乙", "丙"]),
    ],
)
def test_the_ledger_is_sorted_from_the_address(
    client: CheckingClient, cast: Cast, sort: str, titles: list[str]
) -> None:
    closed(cast, title="丙", effect=Effect.POOR)
    closed(cast, title="乙", effect=Effect.GOOD, lead=cast.assisting)
    closed(cast, title="甲", effect=Effect.EXCELLENT)

    page = ledger(client, cast, "secretariat", f"?sort={sort}")

    assert sorted("甲乙丙", key=lambda title: page.index(f"{title}</a>")) == titles


def test_print_shows_every_row_of_the_filter(
    client: CheckingClient, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tasks.views.close_outs.PER_PAGE", 1)
    closed(cast)
    closed(cast)

    assert rows_in(ledger(client, cast, "secretariat", "?print=1")) == 2
