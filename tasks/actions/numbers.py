"""Giving out numbers without gap or double, also to many at once."""

from datetime import datetime

from django.db import transaction
from django.db.models import F

from accounts.models import Organization
from tasks.enums import Series
from tasks.models import IssuedNumber, NumberSeries


@transaction.atomic
def take_numbers(
    organization_id: int, series: Series, subject_ids: list[int], *, year: int, now: datetime
) -> dict[int, str]:
    """The next numbers of the series, one per subject, in the order given.

    The row of the series is the lock: the UPDATE holds it until this transaction ends, so a number is given
    only if what it was given for is committed, and no other can be given meanwhile.
    A subject that had a number of this series and year before (a recalled dispatch) gets it back.
    """
    kept = {
        row.subject_id: row.text
        for row in IssuedNumber.objects.filter(
            organization_id=organization_id, series=series, year=year, subject_id__in=subject_ids, voided_at=None
        )
    }
    fresh = [subject_id for subject_id in subject_ids if subject_id not in kept]
    if not fresh:
        return kept
    row, _ = NumberSeries.objects.get_or_create(organization_id=organization_id, series=series, year=year)
    NumberSeries.objects.filter(pk=row.pk).update(last=F("last") + len(fresh))
    last = NumberSeries.objects.values_list("last", flat=True).get(pk=row.pk)
    issued = [
        IssuedNumber(
            organization_id=organization_id,
            series=series,
            year=year,
            n=n,
            text=series.label.format(year=year, n=n),
            subject_id=subject_id,
            issued_at=now,
        )
        for n, subject_id in enumerate(fresh, last - len(fresh) + 1)
    ]
    IssuedNumber.objects.bulk_create(issued)
    return kept | {row.subject_id: row.text for row in issued}


def take_number(organization: Organization | int, series: Series, subject_id: int, *, year: int, now: datetime) -> str:
    """The next number of the series for one subject."""
    organization_id = organization if isinstance(organization, int) else organization.pk
    return take_numbers(organization_id, series, [subject_id], year=year, now=now)[subject_id]


def void_numbers(series: Series, subject_id: int, *, now: datetime) -> None:
    """Mark what was given to the subject as void; the numbers stay and are never given again."""
    IssuedNumber.objects.filter(series=series, subject_id=subject_id, voided_at=None).update(voided_at=now)
