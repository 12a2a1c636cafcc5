"""Consecutive numbers per organisation, year and series."""

from django.db import models

from accounts.models import Organization
from tasks.enums import Series


class NumberSeries(models.Model):
    """Where a series stands; the row is the lock."""

    organization = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    series = models.CharField(max_length=9, choices=Series)
    year = models.PositiveSmallIntegerField()
    last = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organization", "series", "year"], name="one_row_per_series_and_year")
        ]

    def __str__(self) -> str:
        return f"{self.series} {self.year}: {self.last}"


class IssuedNumber(models.Model):
    """A number once given stays; it is marked void when what it stood for is gone."""

    organization = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    series = models.CharField(max_length=9, choices=Series)
    year = models.PositiveSmallIntegerField()
    n = models.PositiveIntegerField()
    text = models.CharField(max_length=20)
    subject_id = models.BigIntegerField()
    issued_at = models.DateTimeField()
    voided_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organization", "series", "year", "n"], name="number_issued_once")
        ]
        indexes = [models.Index(fields=["series", "subject_id"], name="number_of_subject")]

    def __str__(self) -> str:
        return self.text
