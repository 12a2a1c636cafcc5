"""销号申请: asked for by one, decided by another."""

from django.db import models
from django.db.models import F, Q

from accounts.models import Organization, User
from tasks.enums import CloseOutState, Effect
from tasks.models.project import Project


class CloseOut(models.Model):
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="close_outs")
    project = models.ForeignKey(Project, models.PROTECT, related_name="close_outs")
    state = models.CharField("状态", max_length=10, choices=CloseOutState, default=CloseOutState.REQUESTED)
    summary = models.TextField("完成情况")
    requested_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    requested_at = models.DateTimeField()
    requested_on = models.DateField("申请日期")
    entered_for = models.BooleanField("代填", default=False)
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    opinion = models.TextField("核查意见", blank=True)
    effect = models.CharField("成效评价", max_length=9, choices=Effect, blank=True)
    number = models.CharField("销号编号", max_length=20, blank=True)
    closed_on = models.DateField("销号日期", null=True)
    due_on = models.DateField("销号时的时限", null=True)  # frozen: what in time was measured against
    mend_on = models.DateField("整改时限", null=True)
    is_backfilled = models.BooleanField("补录", default=False)

    class Meta:
        verbose_name = verbose_name_plural = "销号申请"
        ordering = ("-id",)
        constraints = [
            models.UniqueConstraint(
                fields=["project"], name="one_live_close_out", condition=Q(state__in=["REQUESTED", "ACCEPTED"])
            ),
            models.UniqueConstraint(
                fields=["organization", "number"], name="one_close_out_per_number", condition=~Q(number="")
            ),
            models.CheckConstraint(
                name="close_out_number_iff_accepted",
                condition=(
                    Q(state__in=["ACCEPTED", "VOID"]) & ~Q(number="") & ~Q(effect="") & Q(closed_on__isnull=False)
                )
                | (~Q(state__in=["ACCEPTED", "VOID"]) & Q(number="", effect="", closed_on=None)),
            ),
            models.CheckConstraint(
                name="close_out_decided_pair",
                condition=Q(decided_at=None, decided_by=None) | Q(decided_at__isnull=False, decided_by__isnull=False),
            ),
            models.CheckConstraint(
                name="nobody_accepts_his_own",
                condition=~Q(state="ACCEPTED") | Q(is_backfilled=True) | ~Q(decided_by=F("requested_by")),
            ),
        ]
        indexes = [
            models.Index(fields=["organization", "state", "-closed_on"], name="close_outs_by_day"),
            models.Index(fields=["project", "state"], name="close_out_of_project"),
        ]

    def __str__(self) -> str:
        return self.number or self.get_state_display()

    @property
    def days_late(self) -> int:
        """Calendar days the request came after the due date; the division's clock stops at its request."""
        if self.due_on is None:
            return 0
        return max(0, (self.requested_on - self.due_on).days)
