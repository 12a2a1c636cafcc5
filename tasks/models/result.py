"""成果: what came of a project, counted by kind and year."""

from django.db import models
from django.db.models import Q

from accounts.models import Organization, User
from tasks.enums import ResultKind
from tasks.models.project import Project


class Result(models.Model):
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="results")
    project = models.ForeignKey(Project, models.PROTECT, related_name="results")
    kind = models.CharField("类别", max_length=11, choices=ResultKind)
    title = models.CharField("名称", max_length=200)
    paper = models.CharField("文号或载体", max_length=200, blank=True)
    on = models.DateField("日期")
    count = models.PositiveIntegerField("数量", default=1)
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    entered_for = models.BooleanField("代填", default=False)
    recorded_at = models.DateTimeField()
    voided_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    voided_at = models.DateTimeField(null=True)
    void_reason = models.CharField("作废理由", max_length=200, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "成果"
        ordering = ("-on", "-id")
        constraints = [
            models.CheckConstraint(name="result_counts_something", condition=Q(count__gt=0)),
            models.CheckConstraint(name="result_has_a_title", condition=~Q(title="")),
            models.CheckConstraint(
                name="result_voided_with_reason",
                condition=Q(voided_at=None, voided_by=None, void_reason="")
                | (Q(voided_at__isnull=False, voided_by__isnull=False) & ~Q(void_reason="")),
            ),
        ]
        indexes = [models.Index(fields=["organization", "kind", "on"], name="results_by_kind")]

    def __str__(self) -> str:
        return self.title
