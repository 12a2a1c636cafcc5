"""The lines behind a period's figures, copied when they were frozen: the figures are counts of them, so they add up."""

from django.db import models
from django.db.models import Q

from accounts.models import Division, Organization, User
from supervision.cycles.models.run import CycleRun
from tasks.enums import Bucket
from tasks.models import Project


class FrozenLine(models.Model):
    """One project of the total at the end of a period, with the names it bore then."""

    organization = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    run = models.ForeignKey(CycleRun, models.CASCADE, related_name="frozen_lines")
    project = models.ForeignKey(Project, models.PROTECT, related_name="+")
    order = models.PositiveIntegerField(default=0)
    number = models.CharField(max_length=20)
    title = models.CharField(max_length=300)
    category = models.CharField(max_length=60)
    category_order = models.PositiveSmallIntegerField(default=0)
    division = models.ForeignKey(Division, models.PROTECT, related_name="+")
    division_name = models.CharField(max_length=60)
    person_name = models.CharField(max_length=40, blank=True)
    leader_name = models.CharField(max_length=40, blank=True)
    source_classes = models.JSONField(default=list)  # their names
    bucket = models.CharField(max_length=12, choices=Bucket)
    light = models.CharField(max_length=6)
    state = models.CharField(max_length=20)
    due_on = models.DateField()
    original_due_on = models.DateField()
    extension_count = models.PositiveSmallIntegerField(default=0)
    closed_on = models.DateField(null=True)
    # Days are calendar days unless it says working days (domain): what was done late is told in days, what is overdue in
    # working days, as its light tells it.
    days_late = models.PositiveIntegerField(default=0)  # of what was closed late, as `CloseOut.days_late`
    workdays_overdue = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ("category_order", "order", "id")
        constraints = [models.UniqueConstraint(fields=["run", "project"], name="frozen_once")]
        indexes = [
            models.Index(fields=["run", "bucket"], name="frozen_by_bucket"),
            models.Index(fields=["run", "division"], name="frozen_by_division"),
        ]

    def __str__(self) -> str:
        return f"{self.number}{self.title}"

    @property
    def lateness(self) -> str:
        """With its unit; empty for what is neither overdue nor was closed late."""
        if self.workdays_overdue:
            return f"逾期 {self.workdays_overdue} 个工作日"
        return f"逾期 {self.days_late} 天" if self.days_late else ""


class LateReason(models.Model):
    """年度复盘: why a project was late, in the lead's or the secretariat's words."""

    organization = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    run = models.ForeignKey(CycleRun, models.PROTECT, related_name="late_reasons")
    project = models.ForeignKey(Project, models.PROTECT, related_name="+")
    words = models.CharField("逾期原因", max_length=500)
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    entered_for = models.BooleanField("代填", default=False)
    at = models.DateTimeField()

    class Meta:
        verbose_name = verbose_name_plural = "逾期原因"
        ordering = ("id",)
        constraints = [
            models.UniqueConstraint(fields=["run", "project"], name="one_reason_per_project"),
            models.CheckConstraint(name="late_reason_says_something", condition=~Q(words="")),
        ]

    def __str__(self) -> str:
        return self.words
