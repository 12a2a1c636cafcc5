"""A staff table on its way in: what was read, what was answered, what became of it."""

from django.db import models
from django.db.models import Q

from accounts.enums import StaffImportState
from accounts.models.organization import Organization
from accounts.models.user import User


class StaffImport(models.Model):
    """`rows` hold the table as read; what they become is worked out anew each time it is looked at."""

    organization = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    file_name = models.CharField("文件", max_length=200)
    rows = models.JSONField()
    left_out = models.JSONField(default=list)
    answers = models.JSONField(default=dict)
    state = models.CharField("状态", max_length=8, choices=StaffImportState, default=StaffImportState.OPEN)
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    written_at = models.DateTimeField(null=True)
    created_count = models.PositiveIntegerField(default=0)
    updated_count = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = verbose_name_plural = "人员导入"
        ordering = ("-id",)
        constraints = [
            models.CheckConstraint(
                name="staff_written_iff_dated",
                condition=Q(state="WRITTEN", written_at__isnull=False)
                | (~Q(state="WRITTEN") & Q(written_at__isnull=True)),
            )
        ]

    def __str__(self) -> str:
        return self.file_name
