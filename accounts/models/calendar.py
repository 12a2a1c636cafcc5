"""Where an office's calendar differs from the statutory one as the package knows it."""

from django.db import models

from accounts.models.organization import Organization
from accounts.models.user import User


class CalendarException(models.Model):
    """One day the office puts otherwise. Rows are added and withdrawn, never changed: see `accounts.policies`."""

    organization = models.ForeignKey(Organization, models.PROTECT, related_name="calendar_exceptions")
    day = models.DateField("日期")
    is_workday = models.BooleanField("上班")
    name = models.CharField("说明", max_length=40, blank=True)
    source = models.CharField("依据", max_length=200, blank=True)
    set_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    set_at = models.DateTimeField()

    class Meta:
        verbose_name = verbose_name_plural = "日历更正"
        ordering = ("day",)
        constraints = [models.UniqueConstraint(fields=["organization", "day"], name="one_exception_per_day")]

    def __str__(self) -> str:
        return f"{self.day} {'上班' if self.is_workday else '放假'}"


class ConfirmedYear(models.Model):
    """A year whose calendar the office has confirmed though the package does not know its 调休."""

    organization = models.ForeignKey(Organization, models.PROTECT, related_name="confirmed_years")
    year = models.PositiveSmallIntegerField()
    confirmed_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    confirmed_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organization", "year"], name="one_confirmation_per_year")]

    def __str__(self) -> str:
        return str(self.year)
