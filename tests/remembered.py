"""What many tests begin with is made once by the real actions; later tests find the very rows put back.

A walk of `tests/walks.py` asks the database some hundred times, and most tests begin with the same few. The first
walk from a known content of the database is a real one, and what it changed is written down. The same walk from the
same content then puts exactly these rows back. Any other statement that writes makes the content unknown, and from
there on every walk is real; so is each where rows are truly committed (several threads, a browser).
"""

import io
import pickle
import re
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from datetime import date
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from django.apps import apps
from django.db import connection
from django.db.models import Model
from django.utils import timezone

from accounts import policies

P = ParamSpec("P")
R = TypeVar("R")
Row = tuple[Any, ...]
Content = dict[str, dict[Any, Row]]  # table → primary key → all columns

# Django fills these itself and no walk writes to them.
LEFT_OUT = {"django_content_type", "auth_permission", "django_session"}
HARMLESS = ("SELECT ", "(SELECT ", "BEGIN", "RELEASE SAVEPOINT ")
# Somebody signs in and looks at pages: no walk depends on it, and no content tells of it.
LOOKING = re.compile(
    r'(INSERT INTO|UPDATE|DELETE FROM) "django_session" |UPDATE "accounts_user" SET "last_login" = %s WHERE '
)
EMPTY = 0
UNKNOWN = -1


class Unkept(Exception):
    """Something that cannot be named in a key."""


@dataclass(frozen=True)
class Table:
    name: str
    key: str
    columns: tuple[str, ...]

    def rows(self) -> dict[Any, Row]:
        quoted = connection.ops.quote_name
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {', '.join(map(quoted, self.columns))} FROM {quoted(self.name)}")
            place = self.columns.index(self.key)
            return {row[place]: tuple(row) for row in cursor.fetchall()}

    def insert(self, rows: list[Row]) -> None:
        quoted = connection.ops.quote_name
        one = f"({', '.join(['%s'] * len(self.columns))})"
        most = max(1, 900 // len(self.columns))  # SQLite takes so many values at least
        into = f"INSERT INTO {quoted(self.name)} ({', '.join(map(quoted, self.columns))}) VALUES "
        with connection.cursor() as cursor:
            for start in range(0, len(rows), most):
                piece = rows[start : start + most]
                cursor.execute(into + ", ".join([one] * len(piece)), [value for row in piece for value in row])

    def update(self, rows: list[Row]) -> None:
        quoted = connection.ops.quote_name
        to = ", ".join(f"{quoted(column)} = %s" for column in self.columns)
        place = self.columns.index(self.key)
        with connection.cursor() as cursor:
            for row in rows:
                cursor.execute(f"UPDATE {quoted(self.name)} SET {to} WHERE {quoted(self.key)} = %s", [*row, row[place]])

    def delete(self, keys: list[Any]) -> None:
        quoted = connection.ops.quote_name
        with connection.cursor() as cursor:
            for key in keys:
                cursor.execute(f"DELETE FROM {quoted(self.name)} WHERE {quoted(self.key)} = %s", [key])


@dataclass(frozen=True)
class Change:
    """What a walk did to one table."""

    table: Table
    deleted: list[Any]
    updated: list[Row]
    inserted: list[Row]


@dataclass(frozen=True)
class Walked:
    """A walk as it was written down: what it changed, what it gave back, and the content it led to."""

    changes: list[Change]
    result: bytes
    to: int


class Memory:
    """What is known of the content of the database, and the walks that were written down. One per process."""

    def __init__(self) -> None:
        self.at = UNKNOWN
        self.savepoints: dict[str, int] = {}
        self.walked: dict[Hashable, Walked] = {}
        self.contents: dict[int, Content] = {}
        self.is_busy = False

    def begin_test(self) -> None:
        """Whatever the test before wrote has been rolled back, or was committed and is found by `knows`."""
        self.at = EMPTY
        self.savepoints.clear()
        self.is_busy = False
        if self.watch not in connection.execute_wrappers:
            connection.execute_wrappers.append(self.watch)

    def watch(self, execute: Callable[..., Any], statement: Any, values: Any, many: bool, context: Any) -> Any:
        if not self.is_busy:
            self.see(str(statement))
        return execute(statement, values, many, context)

    def see(self, statement: str) -> None:
        if statement.startswith("SAVEPOINT "):
            self.savepoints[statement.split()[-1]] = self.at
        elif statement.startswith("ROLLBACK TO SAVEPOINT "):
            self.at = self.savepoints.get(statement.split()[-1], UNKNOWN)
        elif not statement.startswith(HARMLESS) and not LOOKING.match(statement):
            self.at = UNKNOWN

    def knows(self) -> bool:
        """Whether the content is known; an empty database may have been filled for a whole module."""
        if self.at == UNKNOWN or self.is_busy or not connection.in_atomic_block:
            return False
        if self.at == EMPTY:
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1 FROM accounts_organization")
                if cursor.fetchone():
                    self.at = UNKNOWN
        return self.at != UNKNOWN


memory = Memory()


def remembered(walk: Callable[P, R]) -> Callable[P, R]:
    """Decorates what writes rows by the real actions and depends on nothing but its arguments and the rows there are."""

    @wraps(walk)
    def walk_or_put_back(*args: P.args, **kwargs: P.kwargs) -> R:
        if not memory.knows():
            return walk(*args, **kwargs)
        known = people_in([*args, *kwargs.values()])
        try:
            named = (
                tuple(key_of(value) for value in args),
                tuple((name, key_of(kwargs[name])) for name in sorted(kwargs)),
            )
        except Unkept:
            return walk(*args, **kwargs)
        key = (walk.__module__, walk.__qualname__, memory.at, timezone.localdate(), named)
        written = memory.walked.get(key)
        memory.is_busy = True
        try:
            if written is None:
                written = memory.walked[key] = write_down(known, lambda: walk(*args, **kwargs))
            else:
                memory.at = UNKNOWN
                for change in written.changes:
                    change.table.delete(change.deleted)
                    change.table.update(change.updated)
                    change.table.insert(change.inserted)
            memory.at = written.to
            result: R = Reader(io.BytesIO(written.result), known).load()
            return result
        finally:
            memory.is_busy = False

    return walk_or_put_back


def write_down(known: dict[str, object], walk: Callable[[], object]) -> Walked:
    """Walks. Afterwards this process remembers of it no more than when rows are put back, lest the order of tests tell."""
    before = memory.contents.get(memory.at)
    if before is None:
        before = memory.contents[memory.at] = content()
    memory.at = UNKNOWN  # for good, should the walk fail
    rows = [value for value in known.values() if isinstance(value, Model)]
    columns = [(dict(vars(row)), dict(row._state.fields_cache)) for row in rows]
    result = walk()
    after = content()
    kept = io.BytesIO()
    Writer(kept, known).dump(result)
    for row, (values, related) in zip(rows, columns, strict=True):
        vars(row).clear()
        vars(row).update(values)
        row._state.fields_cache = related
    policies.forget()
    changes = [
        Change(
            table,
            deleted=[pk for pk in before[table.name] if pk not in after[table.name]],
            updated=[row for pk, row in after[table.name].items() if before[table.name].get(pk, row) != row],
            inserted=[row for pk, row in after[table.name].items() if pk not in before[table.name]],
        )
        for table in tables()
        if before[table.name] != after[table.name]
    ]
    to = len(memory.contents) + 1
    memory.contents[to] = before | {change.table.name: after[change.table.name] for change in changes}
    return Walked(changes, kept.getvalue(), to)


def content() -> Content:
    return {table.name: table.rows() for table in tables()}


def tables() -> list[Table]:
    return [
        Table(
            model._meta.db_table,
            model._meta.pk.column,
            tuple(field.column for field in model._meta.local_concrete_fields if field.name != "last_login"),
        )
        for model in apps.get_models(include_auto_created=True)
        if model._meta.managed and not model._meta.proxy and model._meta.db_table not in LEFT_OUT
    ]


def key_of(value: object) -> Hashable:
    """Names a plain value, a row, or a company of rows."""
    if isinstance(value, Model):
        return value._meta.label, value.pk
    if is_cast(value):
        return type(value).__name__, tuple((name, key_of(each)) for name, each in vars(value).items())
    if value is None or isinstance(value, str | int | date):
        return type(value).__name__, value
    raise Unkept


def is_cast(value: object) -> bool:
    return hasattr(value, "everyone")


def people_in(values: list[object]) -> dict[str, object]:
    """The objects of the caller by name: what a walk gives back holds them, not copies."""
    known: dict[str, object] = {}
    for value in values:
        if is_cast(value):
            known |= {"": value, **vars(value)}
    return known


class Writer(pickle.Pickler):
    def __init__(self, file: io.BytesIO, known: dict[str, object]) -> None:
        super().__init__(file)
        self.names = {id(value): name for name, value in known.items()}

    def persistent_id(self, value: object) -> str | None:
        return self.names.get(id(value))


class Reader(pickle.Unpickler):
    def __init__(self, file: io.BytesIO, known: dict[str, object]) -> None:
        super().__init__(file)
        self.known = known

    def persistent_load(self, name: str) -> object:
        return self.known[name]
