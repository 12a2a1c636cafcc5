"""The numbers an office may set for itself, each change a new row."""

from django.db import models

from accounts.models.organization import Organization
from accounts.models.user import User


class Policy(models.Model):
    """One value of one setting, in force from `set_at` until a later row of the same key."""

    organization = models.ForeignKey(Organization, models.PROTECT, related_name="policies")
    key = models.CharField("项目", max_length=40)
    value = models.JSONField("值")
    set_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    set_at = models.DateTimeField()
    note = models.CharField("说明", max_length=200, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "规则"
        ordering = ("organization", "key", "-set_at", "-id")
        indexes = [models.Index(fields=["organization", "key", "-set_at"], name="policy_latest")]

    def __str__(self) -> str:
        return f"{self.key}={self.value}"
