"""变更申请: every old → new of a dispatched project that is not plain progress."""

from datetime import date
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models import Organization, User
from tasks.enums import ChangeKind, ChangeState, ChangeTier
from tasks.models.project import Project


class ChangeRequest(models.Model):
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="change_requests")
    project = models.ForeignKey(Project, models.PROTECT, related_name="change_requests")
    kind = models.CharField("类型", max_length=12, choices=ChangeKind)
    state = models.CharField("状态", max_length=10, choices=ChangeState, default=ChangeState.PREPARED)
    tier = models.CharField("由谁决定", max_length=11, choices=ChangeTier, default=ChangeTier.SECRETARIAT)
    reason = models.TextField("理由")
    asked_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    asked_principal = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+"
    )  # in whose place: never decides
    asked_at = models.DateTimeField()
    asked_on = models.DateField("申请日期", null=True)
    entered_for = models.BooleanField("代填", default=False)
    due_on = models.DateField("申请时的时限", null=True)  # frozen: in time or late is measured against it
    new_due_on = models.DateField("改后时限", null=True)
    days = models.IntegerField("顺延工作日", null=True)
    opinion = models.TextField("督办处意见", blank=True)
    opinion_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    opinion_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    decision_words = models.TextField("决定意见", blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "变更申请"
        ordering = ("-id",)
        constraints = [
            models.UniqueConstraint(fields=["project"], name="one_pending_change", condition=Q(state="ASKED")),
            models.CheckConstraint(
                name="change_decided_pair",
                condition=Q(decided_at=None, decided_by=None, state__in=["PREPARED", "ASKED", "WITHDRAWN"])
                | Q(decided_at__isnull=False, decided_by__isnull=False, state__in=["AGREED", "DECLINED"]),
            ),
            models.CheckConstraint(
                name="asked_change_has_day",
                condition=Q(state__in=["PREPARED", "WITHDRAWN"]) | Q(asked_on__isnull=False),
            ),
        ]
        indexes = [
            models.Index(fields=["organization", "state"], name="changes_by_state"),
            models.Index(fields=["project", "state"], name="changes_of_project"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}：{self.project}"

    @property
    def decided_on(self) -> date | None:
        return timezone.localdate(self.decided_at) if self.decided_at is not None else None

    @property
    def is_in_time(self) -> bool:
        """An extension asked for by the due date keeps the project 延期待批; a later one does not (domain 4)."""
        asked: date | None = self.asked_on
        return asked is not None and self.due_on is not None and asked <= self.due_on


class ChangeLine(models.Model):
    request = models.ForeignKey(ChangeRequest, models.CASCADE, related_name="lines")
    subject_kind = models.CharField(max_length=20)
    subject_id = models.BigIntegerField(null=True)
    field = models.CharField(max_length=30)
    label = models.CharField("内容", max_length=600)  # holds a whole title
    old = models.TextField("原", blank=True)
    new = models.TextField("改为", blank=True)
    value: "models.Field[Any, Any]" = models.JSONField(
        null=True
    )  # what is written when agreed; None where `new` only tells

    class Meta:
        ordering = ("id",)

    def __str__(self) -> str:
        return f"{self.label}：{self.old} → {self.new}"
