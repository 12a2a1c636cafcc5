"""Naming a deputy and ending it."""

from datetime import date, datetime

from django.db import transaction

from accounts import rules
from accounts.actions.recording import record
from accounts.models import Deputy, Organization, User
from cppcc_office.lib.errors import Refused, Stale


@transaction.atomic
def name_deputy(
    deputy: User,
    *,
    organization: Organization,
    starts_on: date,
    ends_on: date,
    by: User,
    now: datetime,
    today: date,
    note: str = "",
) -> Deputy:
    """`by` is the one whose place is taken: nobody names a deputy for somebody else."""
    bars = rules.bar_to_name_deputy(
        by, deputy, organization_id=organization.pk, starts_on=starts_on, ends_on=ends_on, today=today
    )
    if bars:
        raise Refused(bars)
    row = Deputy.objects.create(
        organization=organization, principal=by, deputy=deputy, starts_on=starts_on, ends_on=ends_on, note=note
    )
    record(
        "name_deputy",
        f"{by.name}指定{deputy.name}代行，{starts_on} 至 {ends_on}{f'，{note}' if note else ''}",
        by=by,
        now=now,
        organization=organization,
        subject=row,
        after={"deputy": deputy.pk, "starts_on": str(starts_on), "ends_on": str(ends_on)},
    )
    return row


@transaction.atomic
def end_deputy(row: Deputy, *, by: User, now: datetime, today: date) -> None:
    """End it at once; of two presses one ends it."""
    if bars := rules.bar_to_end_deputy(by, row, today=today):
        raise Refused(bars)
    if not Deputy.objects.filter(pk=row.pk, ended_at=None).update(ended_at=now):
        raise Stale("这项代行")
    record(
        "end_deputy",
        f"{by.name}提前终止{row.deputy.name}的代行（原至 {row.ends_on}）",
        by=by,
        now=now,
        organization=row.organization_id,
        subject=row,
    )
