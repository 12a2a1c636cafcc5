"""Many rows into one table from plain values, where making an object of each costs more than the database's own work."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import connection
from django.db.models import Field, JSONField, Model
from django.db.models.constants import OnConflict

from cppcc_office.lib.batches import batches

PARAMETERS = 10_000  # of one statement, where the database sets no limit


def insert_new(model: type[Model], rows: Iterable[Mapping[str, Any]]) -> None:
    """What `bulk_create(…, ignore_conflicts=True)` writes; each row has a value for every column but the key.

    `bulk_create` makes an object and placeholders of each row and prepares each of its values anew: on SQLite more than
    half of a daily watch of 10,000 people. The words are those that Django's backend has for it, whichever it is.
    """
    fields = [field for field in model._meta.concrete_fields if not field.primary_key]
    names = {field.attname for field in fields}
    quote = connection.ops.quote_name
    columns = ", ".join(quote(field.column) for field in fields)
    begins = f"{connection.ops.insert_statement(OnConflict.IGNORE)} {quote(model._meta.db_table)} ({columns}) VALUES "
    ends = connection.ops.on_conflict_suffix_sql(fields, OnConflict.IGNORE, (), ())
    place = f"({', '.join(['%s'] * len(fields))})"
    with connection.cursor() as cursor:
        for piece in batches(rows, (connection.features.max_query_params or PARAMETERS) // len(fields)):
            if any(row.keys() != names for row in piece):
                raise ValueError(f"a row of {model.__name__} has other columns than the table")
            ready = zip(*(_prepared(field, [row[field.attname] for row in piece]) for field in fields), strict=True)
            places = ", ".join([place] * len(piece))
            cursor.execute(f"{begins}{places} {ends}", [value for row in ready for value in row])


def _prepared(field: "Field[Any, Any]", values: Sequence[Any]) -> list[Any]:
    """As the database takes them; what many rows have in common is prepared once."""
    if isinstance(field, JSONField):  # lists and objects are no keys
        return [field.get_db_prep_save(value, connection) for value in values]
    ready = {value: field.get_db_prep_save(value, connection) for value in set(values)}
    return [ready[value] for value in values]
