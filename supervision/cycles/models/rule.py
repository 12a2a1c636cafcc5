"""When a cycle falls due in an office, in terms of working days."""

from datetime import date

from django.db import models
from django.db.models import Q

from accounts.enums import Role
from accounts.models import Organization, User
from accounts.standing import standing_of
from supervision.cycles.enums import Anchor, Cycle

READERS = (Role.SECRETARIAT, Role.LEADER)


class CycleRuleQuerySet(models.QuerySet["CycleRule"]):
    def visible_to(self, user: User, today: date) -> "CycleRuleQuerySet":
        return self.filter(organization__in=standing_of(user, today=today).organizations_as(*READERS))


class CycleRule(models.Model):
    """Delivered switched on; every period whose due moment is `active_from` or later is run once."""

    organization = models.ForeignKey(Organization, models.PROTECT, related_name="cycle_rules")
    cycle = models.CharField("周期", max_length=12, choices=Cycle)
    label = models.CharField("名称", max_length=20, blank=True)  # the office's own word: 周点评, 月小结
    is_on = models.BooleanField("启用", default=True)
    active_from = models.DateTimeField("自")  # since when it is on without a break
    anchor = models.CharField("计算方式", max_length=10, choices=Anchor)
    nth = models.PositiveSmallIntegerField("第几个工作日")
    at = models.TimeField("时间")
    lead_days = models.PositiveSmallIntegerField("提前几个工作日提醒", default=0)  # 0: no reminder
    sample_percent = models.PositiveSmallIntegerField("抽取比例", default=100)  # of the look-back
    version = models.PositiveIntegerField(default=1)

    objects = CycleRuleQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "周期规则"
        ordering = ("organization", "id")
        constraints = [
            models.UniqueConstraint(fields=["organization", "cycle"], name="one_rule_per_cycle"),
            models.CheckConstraint(name="cycle_counts_from_one", condition=Q(nth__gte=1)),
            models.CheckConstraint(
                name="sample_is_a_share", condition=Q(sample_percent__gte=1, sample_percent__lte=100)
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        return self.label or Cycle(self.cycle).label


class CycleReminder(models.Model):
    """That the reminder before one period was sent: claimed in the transaction that sends it."""

    organization = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    cycle = models.CharField(max_length=12, choices=Cycle)
    starts_on = models.DateField()
    sent_at = models.DateTimeField()
    told = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organization", "cycle", "starts_on"], name="one_reminder_per_period")
        ]

    def __str__(self) -> str:
        return f"{self.get_cycle_display()} {self.starts_on}"
