"""周总结: what a division did this week, and what the office did."""

from datetime import date

from django.db import models
from django.db.models import Q

from accounts.models import Division, Organization, User
from accounts.standing import standing_of
from supervision.cycles.models.rule import READERS
from supervision.cycles.models.run import CycleRun


class WeeklySummaryQuerySet(models.QuerySet["WeeklySummary"]):
    def visible_to(self, user: User, today: date) -> "WeeklySummaryQuerySet":
        """Secretariat and leaders all of their office, a division its own: the office's holds others' progress texts."""
        standing = standing_of(user, today=today)
        everything = Q(organization__in=standing.organizations_as(*READERS))
        return self.filter(everything | Q(division__in=standing.division_ids()))


class WeeklySummary(models.Model):
    """Compiled from entries, edited until the week is closed. Without a division it is the office's."""

    organization = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    run = models.ForeignKey(CycleRun, models.PROTECT, related_name="summaries")
    division = models.ForeignKey(Division, models.PROTECT, null=True, blank=True, related_name="+")
    done = models.TextField("本周完成", blank=True)
    under_way = models.TextField("正在推进", blank=True)
    next_week = models.TextField("下周安排", blank=True)
    coordination = models.TextField("需协调", blank=True)
    edited_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    entered_for = models.BooleanField("代填", default=False)  # the last edit was the secretariat's, for the division
    edited_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)

    objects = WeeklySummaryQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "周总结"
        ordering = ("run", "division__order", "id")
        constraints = [
            models.UniqueConstraint(fields=["run", "division"], name="one_summary_per_division"),
            models.UniqueConstraint(fields=["run"], name="one_summary_of_the_office", condition=Q(division=None)),
            models.CheckConstraint(
                name="summary_edited_pair",
                condition=Q(edited_at=None, edited_by=None) | Q(edited_at__isnull=False, edited_by__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.division or '全机关'} {self.run.starts_on}"
