"""One coming round of a cycle: the period, how it went, and whether its papers are closed."""

from datetime import date

from django.db import models
from django.db.models import F, Q

from accounts.enums import Role
from accounts.models import Organization, User
from accounts.standing import standing_of
from cppcc_office.lib.counts import CountsField
from supervision.cycles.enums import Cycle, Origin, RunState
from supervision.cycles.models.rule import READERS


class CycleRunQuerySet(models.QuerySet["CycleRun"]):
    def visible_to(self, user: User, today: date) -> "CycleRunQuerySet":
        """The whole of a run; what divisions read and write of it has rules of its own."""
        return self.filter(organization__in=standing_of(user, today=today).organizations_as(*READERS))

    def of_divisions_of(self, user: User, today: date) -> "CycleRunQuerySet":
        """Runs of the offices this person works in, whose papers about the own division he may read."""
        roles = (*READERS, Role.DIVISION_HEAD, Role.STAFF)
        return self.filter(organization__in=standing_of(user, today=today).organizations_as(*roles))


class CycleRun(models.Model):
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="cycle_runs")
    cycle = models.CharField("周期", max_length=12, choices=Cycle)
    starts_on = models.DateField("期初")
    ends_on = models.DateField("期末")
    due_at = models.DateTimeField("应于")
    state = models.CharField("状态", max_length=8, choices=RunState, default=RunState.DUE)
    is_late = models.BooleanField("补运行", default=False)
    origin = models.CharField("由", max_length=8, choices=Origin, default=Origin.SCHEDULE)
    by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    attempts = models.PositiveSmallIntegerField("次数", default=0)
    claimed_at = models.DateTimeField(null=True)
    started_at = models.DateTimeField("开始", null=True)
    finished_at = models.DateTimeField("结束", null=True)
    counts = CountsField("数量", default=dict)  # label: number, as shown
    error = models.CharField("原因", max_length=300, blank=True)
    traceback = models.TextField(blank=True)
    sample_percent = models.PositiveSmallIntegerField("抽取比例", default=100)  # as the rule had it
    cut_off_at = models.DateTimeField("数据截止", null=True)  # what was recorded later does not count
    frozen_at = models.DateTimeField("数据固定", null=True)
    closed_at = models.DateTimeField("办结", null=True)  # its papers are not edited any more
    closed_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    version = models.PositiveIntegerField(default=1)

    objects = CycleRunQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "周期运行"
        ordering = ("-due_at", "-id")
        constraints = [
            models.UniqueConstraint(fields=["organization", "cycle", "starts_on"], name="one_run_per_period"),
            models.CheckConstraint(name="run_period_ends_later", condition=Q(ends_on__gte=F("starts_on"))),
            models.CheckConstraint(
                name="run_finished_iff_ended",
                condition=Q(state__in=["DONE", "FAILED", "MERGED"], finished_at__isnull=False)
                | Q(state__in=["DUE", "RUNNING"], finished_at=None),
            ),
            models.CheckConstraint(
                name="run_claimed_while_running", condition=~Q(state="RUNNING") | Q(claimed_at__isnull=False)
            ),
            models.CheckConstraint(
                name="run_by_a_person_iff_manual",
                condition=Q(origin="SCHEDULE", by=None) | Q(origin="PERSON", by__isnull=False),
            ),
            models.CheckConstraint(
                name="run_frozen_with_cut_off",
                condition=Q(frozen_at=None) | Q(cut_off_at__isnull=False),
            ),
        ]
        indexes = [
            models.Index(fields=["organization", "cycle", "-starts_on"], name="run_of_cycle"),
            models.Index(fields=["state", "due_at"], name="run_due"),
        ]

    def __str__(self) -> str:
        return f"{self.get_cycle_display()} {self.starts_on}"

    @property
    def is_closed(self) -> bool:
        return self.closed_at is not None
