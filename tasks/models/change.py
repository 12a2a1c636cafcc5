"""变更申请: every old → new of a dispatched project that is not plain progress."""

from django.db import models

from accounts.models import Organization, User
from tasks.enums import ChangeKind, ChangeState
from tasks.models.project import Project


class ChangeRequest(models.Model):
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="change_requests")
    project = models.ForeignKey(Project, models.PROTECT, related_name="change_requests")
    kind = models.CharField("类型", max_length=12, choices=ChangeKind)
    state = models.CharField("状态", max_length=10, choices=ChangeState, default=ChangeState.PREPARED)
    reason = models.TextField("理由")
    asked_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    decision_words = models.TextField("决定意见", blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "变更申请"
        ordering = ("-id",)
        indexes = [models.Index(fields=["organization", "state"], name="changes_by_state")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}：{self.project}"


class ChangeLine(models.Model):
    request = models.ForeignKey(ChangeRequest, models.CASCADE, related_name="lines")
    subject_kind = models.CharField(max_length=20)
    subject_id = models.BigIntegerField(null=True)
    field = models.CharField(max_length=30)
    label = models.CharField("内容", max_length=100)
    old = models.TextField("原", blank=True)
    new = models.TextField("改为", blank=True)

    class Meta:
        ordering = ("id",)

    def __str__(self) -> str:
        return f"{self.label}：{self.old} → {self.new}"
