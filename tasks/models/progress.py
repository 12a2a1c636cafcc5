"""进展 and what is attached: append-only."""

import uuid

from django.db import models
from django.db.models import Q

from accounts.models import Division, Organization, User
from tasks.models.close_out import CloseOut
from tasks.models.milestone import Milestone
from tasks.models.project import Project
from tasks.models.target import Target


class ProgressEntry(models.Model):
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    project = models.ForeignKey(Project, models.PROTECT, related_name="entries")
    milestone = models.ForeignKey(Milestone, models.PROTECT, null=True, blank=True, related_name="entries")
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    division = models.ForeignKey(Division, models.PROTECT, null=True, related_name="+")
    entered_for = models.BooleanField("代填", default=False)
    on = models.DateField("日期")
    situation = models.TextField("进展情况")
    problems = models.TextField("存在问题", blank=True)
    next_steps = models.TextField("下步打算", blank=True)
    needs_coordination = models.BooleanField("需协调", default=False)
    created_at = models.DateTimeField()
    is_backfilled = models.BooleanField("补录", default=False)

    class Meta:
        verbose_name = verbose_name_plural = "进展"
        ordering = ("-on", "-id")
        constraints = [models.CheckConstraint(name="entry_says_something", condition=~Q(situation=""))]
        indexes = [models.Index(fields=["project", "-on", "-id"], name="entry_of_project")]

    def __str__(self) -> str:
        return self.situation[:40]


class TargetCount(models.Model):
    """A count towards a quantitative target; of a percentage the latest row holds."""

    target = models.ForeignKey(Target, models.PROTECT, related_name="counts")
    entry = models.ForeignKey(ProgressEntry, models.PROTECT, null=True, related_name="counts")
    on = models.DateField("日期")
    value = models.DecimalField("数量", max_digits=12, decimal_places=2)
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()

    class Meta:
        ordering = ("on", "id")
        indexes = [models.Index(fields=["target", "on"], name="count_of_target")]

    def __str__(self) -> str:
        return str(self.value)


class Attachment(models.Model):
    """佐证材料, kept under a name of our own; `name` is only shown and given back on download."""

    organization = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    project = models.ForeignKey(Project, models.PROTECT, related_name="attachments")
    entry = models.ForeignKey(ProgressEntry, models.PROTECT, null=True, blank=True, related_name="attachments")
    close_out = models.ForeignKey(CloseOut, models.PROTECT, null=True, blank=True, related_name="attachments")
    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    stored_as = models.CharField(max_length=100, unique=True)
    name = models.CharField("文件名", max_length=200)
    size = models.PositiveBigIntegerField("大小")
    digest = models.CharField(max_length=64)
    uploaded_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField()

    class Meta:
        verbose_name = verbose_name_plural = "佐证材料"
        ordering = ("id",)

    def __str__(self) -> str:
        return self.name
