"""Rows from plain values lie in the table as the ORM would have laid them."""

from datetime import date
from typing import Any

import pytest

from cppcc_office.lib.inserting import insert_new
from supervision.notifications.models import MutedKind, Notification
from tests.cast import NOW, Cast, make_cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast() -> Cast:
    return make_cast()


def row(cast: Cast, key: str, **changed: Any) -> dict[str, Any]:
    values = {
        "organization_id": cast.office.pk,
        "person_id": cast.head.pk,
        "kind": "news",
        "reason": "TURN",
        "key": key,
        "words": "100%“逾期”\\ 的 'x'",
        "url": "",
        "event_id": None,
        "project_id": None,
        "subject_id": 2**40,
        "counts": {"逾期": 2, "列表": [1, None]},
        "is_urgent": True,
        "on": date(2024, 2, 29),
        "created_at": NOW,
        "read_at": None,
    }
    return values | changed


def test_every_kind_of_value_lies_there_as_the_orm_would_lay_it(cast: Cast) -> None:
    rows = [row(cast, "1"), row(cast, "2", read_at=NOW, counts={}, subject_id=None, is_urgent=False)]

    Notification.objects.bulk_create(Notification(**{**each, "kind": "orm"}) for each in rows)
    insert_new(Notification, rows)

    of_kind = Notification.objects.order_by("key").defer("id", "kind")
    laid, wanted = (list(of_kind.filter(kind=kind).values(*rows[0])) for kind in ("news", "orm"))
    assert [each | {"kind": ""} for each in laid] == [each | {"kind": ""} for each in wanted]
    assert laid == rows


def test_a_row_that_is_there_stays_as_it_is(cast: Cast) -> None:
    insert_new(Notification, [row(cast, "1")])

    insert_new(Notification, [row(cast, "1", words="再说一遍"), row(cast, "2", words="另一件")])

    told = Notification.objects.order_by("key").values_list("words", flat=True)
    assert list(told) == [row(cast, "1")["words"], "另一件"]


def test_any_number_of_rows_from_any_iterable(cast: Cast) -> None:
    insert_new(MutedKind, ({"user_id": cast.head.pk, "kind": f"kind-{n}"} for n in range(6_001)))

    assert MutedKind.objects.count() == 6_001


def test_no_rows_are_no_statement(cast: Cast, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        insert_new(MutedKind, [])


@pytest.mark.parametrize("wrong", [{"kind": "news"}, {"user_id": 1, "kind": "news", "note": ""}])
def test_a_row_with_other_columns_is_an_error(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="MutedKind"):
        insert_new(MutedKind, [wrong])
