"""Copies of the measured office under other names, row for row."""

from datetime import datetime

from django.core.management.color import no_style
from django.db import connection, transaction
from django.db.models import Model

from accounts.models import Division, Membership, Organization, User
from accounts.policies import fingerprint_of
from bench.seed import SHANGHAI
from tasks.models import (
    Category,
    CloseOut,
    DatesBasis,
    IssuedNumber,
    KeyTask,
    Milestone,
    MilestoneRevision,
    NumberSeries,
    Plan,
    ProgressEntry,
    Project,
    ProjectCoDivision,
    ProjectRevision,
    Source,
    SourceClass,
    Target,
    TargetRevision,
)

STEP = 10_000_000  # between the ids of one office and those of its copy
# Every table that an office has rows in, and which of its columns lead to other rows of the office.
COPIED: tuple[type[Model], ...] = (
    Organization,
    User,
    Division,
    Membership,
    SourceClass,
    Source,
    Plan,
    Category,
    KeyTask,
    KeyTask.sources.through,
    Project,
    ProjectCoDivision,
    Target,
    Milestone,
    CloseOut,
    NumberSeries,
    IssuedNumber,
    ProgressEntry,
    ProjectRevision,
    MilestoneRevision,
    TargetRevision,
)
_BARE_IDS = {"subject_id"}


def copy_office(number: int) -> None:
    """The whole office once more, with ids `number` steps higher: one INSERT … SELECT per table."""
    by = number * STEP
    with transaction.atomic(), connection.cursor() as cursor:
        for model in COPIED:
            quoted, selected = _columns(model, by, number)
            table = connection.ops.quote_name(model._meta.db_table)
            cursor.execute(f"INSERT INTO {table} ({quoted}) SELECT {selected} FROM {table} WHERE id < {STEP}")
    office = Organization.objects.get(code=f"bench-{number}")
    DatesBasis.objects.create(
        organization=office, fingerprint=fingerprint_of(office.pk), brought_at=datetime.now(SHANGHAI)
    )


def _columns(model: type[Model], by: int, number: int) -> tuple[str, str]:
    names, values = [], []
    for column in model._meta.local_concrete_fields:
        name = connection.ops.quote_name(column.column)
        names.append(name)
        if column.primary_key or column.is_relation or column.column in _BARE_IDS:
            values.append(f"{name} + {by}")
        elif (model, column.name) in {(Organization, "code"), (User, "username")}:
            values.append(f"{name} || '-{number}'")
        else:
            values.append(name)
    return ", ".join(names), ", ".join(values)


def settle() -> None:
    """After bulk inserts: next ids above all copies, and statistics for the planner."""
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), list(COPIED)):
            cursor.execute(statement)
        cursor.execute("ANALYZE")
