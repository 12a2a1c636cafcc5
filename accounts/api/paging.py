"""Long lists a page at a time."""

from dataclasses import dataclass
from typing import Any, TypeVar

from django.db.models import Model, QuerySet
from drf_spectacular.utils import inline_serializer
from rest_framework import serializers

from accounts.api.signing_in import ApiRequest

RowT = TypeVar("RowT", bound=Model)
PAGE_SIZE = 50
MOST = 200


class PageQuery(serializers.Serializer[Any]):
    page = serializers.IntegerField(min_value=1, max_value=1_000_000, default=1, help_text="第几页")
    page_size = serializers.IntegerField(min_value=1, max_value=MOST, default=PAGE_SIZE, help_text="每页多少条")


@dataclass(frozen=True)
class Page:
    start: int
    stop: int
    around: dict[str, int]


def asked_page(request: ApiRequest, count: int) -> Page:
    """Which rows of so many. Past the last page there are none, which is no fault."""
    query = PageQuery(data=request.query_params)
    query.is_valid(raise_exception=True)
    page, size = query.validated_data["page"], query.validated_data["page_size"]
    start = min((page - 1) * size, count)
    around = {"count": count, "page": page, "page_size": size, "pages": max(1, -(-count // size))}
    return Page(start, min(start + size, count), around)


def page_of(request: ApiRequest, rows: QuerySet[RowT]) -> tuple[list[RowT], dict[str, int]]:
    """The rows asked for, and what stands around them."""
    page = asked_page(request, rows.count())
    return list(rows[page.start : page.stop]), page.around


def paged(row: type[serializers.Serializer[Any]]) -> Any:
    """How the schema describes a page of such rows."""
    name = row.__name__.removesuffix("Serializer")
    numbers = {key: serializers.IntegerField() for key in ("count", "page", "page_size", "pages")}
    return inline_serializer(name=f"{name}Page", fields={**numbers, "results": row(many=True)})
