"""节点: one step with a date, a 主办 division and a person."""

from datetime import date

from django.db import models
from django.db.models import F, Q

from accounts.models import Division, Organization, User
from tasks.enums import OPEN_MILESTONE_STATES, MilestoneState
from tasks.models.target import Target


class MilestoneQuerySet(models.QuerySet["Milestone"]):
    def open(self) -> "MilestoneQuerySet":
        return self.filter(state__in=OPEN_MILESTONE_STATES)

    def overdue(self, today: date) -> "MilestoneQuerySet":
        """Due date passed and not yet reported: a report stops the division's clock (domain 4)."""
        running = (MilestoneState.PENDING, MilestoneState.IN_PROGRESS, MilestoneState.AWAITING_HEAD)
        return self.filter(state__in=running, due_on__lt=today)


class Milestone(models.Model):
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    project = models.ForeignKey("tasks.Project", models.CASCADE, related_name="milestones")
    target = models.ForeignKey(Target, models.CASCADE, related_name="milestones")
    order = models.PositiveSmallIntegerField("次序", default=0)
    title = models.CharField("节点", max_length=300)
    deliverable = models.CharField("成果形式", max_length=200, blank=True)
    checklist = models.TextField("检查清单", blank=True)  # one step a line: the steps of recurring work
    weight = models.PositiveSmallIntegerField("权重", default=1)
    state = models.CharField("状态", max_length=14, choices=MilestoneState, default=MilestoneState.PENDING)
    is_recurring = models.BooleanField("周期节点", default=False)

    division = models.ForeignKey(
        Division, models.PROTECT, null=True, blank=True, related_name="milestones", verbose_name="主办处室"
    )
    person = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="milestones", verbose_name="责任人"
    )
    co_divisions: "models.ManyToManyField[Division, MilestoneCoDivision]" = models.ManyToManyField(
        Division, through="MilestoneCoDivision", related_name="+", verbose_name="协办处室"
    )

    due_on = models.DateField("完成时限", null=True, blank=True)
    original_due_on = models.DateField("原定时限", null=True, blank=True)
    warn_on = models.DateField("预警日", null=True, blank=True)
    due_is_confirmed = models.BooleanField("时限已确认", default=True)
    extension_asked_on = models.DateField("申请延期日期", null=True, blank=True)  # of the pending request that moves it

    started_at = models.DateTimeField(null=True, blank=True)
    reported_at = models.DateTimeField(null=True, blank=True)
    reported_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    entered_for = models.BooleanField("代填", default=False)
    agreed_at = models.DateTimeField(null=True, blank=True)
    agreed_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    reported_on = models.DateField("报送日期", null=True, blank=True)  # the day the division's clock stopped
    done_at = models.DateTimeField(null=True, blank=True)
    done_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    done_on = models.DateField("完成日期", null=True, blank=True)
    return_count = models.PositiveSmallIntegerField("退回次数", default=0)
    is_backfilled = models.BooleanField("补录", default=False)

    objects = MilestoneQuerySet.as_manager()
    known_hands: set[int] | None = None  # who had a hand in it, where a page has asked for many at once

    class Meta:
        verbose_name = verbose_name_plural = "节点"
        ordering = ("target__order", "order", "id")
        constraints = [
            models.CheckConstraint(name="milestone_has_a_title", condition=~Q(title="")),
            models.CheckConstraint(name="milestone_weight_positive", condition=Q(weight__gt=0)),
            models.CheckConstraint(
                name="milestone_done_pair",
                condition=Q(state="DONE", done_at__isnull=False, done_by__isnull=False, done_on__isnull=False)
                | (~Q(state="DONE") & Q(done_at=None, done_by=None, done_on=None)),
            ),
            models.CheckConstraint(
                name="milestone_reported_pair",
                condition=Q(reported_at=None, reported_by=None)
                | Q(reported_at__isnull=False, reported_by__isnull=False),
            ),
            models.CheckConstraint(
                name="reported_milestone_has_day",
                condition=~Q(state="REPORTED") | Q(reported_on__isnull=False, reported_at__isnull=False),
            ),
            models.CheckConstraint(
                name="milestone_warned_before_due",
                condition=Q(warn_on=None) | Q(due_on=None) | Q(warn_on__lte=F("due_on")),
            ),
        ]
        indexes = [
            models.Index(fields=["division", "state", "due_on"], name="milestone_by_division"),
            models.Index(fields=["person", "state"], name="milestone_by_person"),
            models.Index(fields=["organization", "state", "due_on"], name="milestone_by_due"),
            models.Index(fields=["organization", "state", "warn_on"], name="milestone_by_warn"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_done(self) -> bool:
        return self.state == MilestoneState.DONE

    @property
    def is_open(self) -> bool:
        return self.state in OPEN_MILESTONE_STATES

    @property
    def finished_on(self) -> date | None:
        """The day that decides whether it was in time: the report, else the completion."""
        return self.reported_on or self.done_on

    @property
    def steps(self) -> list[str]:
        return [line for line in self.checklist.splitlines() if line.strip()]


class MilestoneCoDivision(models.Model):
    milestone = models.ForeignKey(Milestone, models.CASCADE, related_name="co_division_rows")
    division = models.ForeignKey(Division, models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["milestone", "division"], name="milestone_co_division_once")]

    def __str__(self) -> str:
        return str(self.division)
