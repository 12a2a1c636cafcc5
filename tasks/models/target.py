"""目标: a statement, with a number to reach where the paper names one."""

from decimal import Decimal

from django.db import models
from django.db.models import Q

from tasks.enums import QuotaPeriod


class Target(models.Model):
    project = models.ForeignKey("tasks.Project", models.CASCADE, related_name="targets")
    order = models.PositiveSmallIntegerField("次序", default=0)
    statement = models.CharField("目标", max_length=500)
    weight = models.PositiveSmallIntegerField("权重", default=1)
    metric = models.CharField("指标", max_length=100, blank=True)
    unit = models.CharField("单位", max_length=10, blank=True)
    target_value = models.DecimalField("目标值", max_digits=12, decimal_places=2, null=True, blank=True)
    quota_period = models.CharField("计数周期", max_length=8, choices=QuotaPeriod, default=QuotaPeriod.YEAR)
    rule = models.CharField("周期规则", max_length=200, blank=True)  # RFC 5545, makes the milestones of recurring work
    is_confirmed = models.BooleanField("已确认", default=True)

    class Meta:
        verbose_name = verbose_name_plural = "目标"
        ordering = ("order", "id")
        constraints = [
            models.CheckConstraint(
                name="target_value_positive", condition=Q(target_value=None) | Q(target_value__gt=0)
            ),
            models.CheckConstraint(name="target_has_a_statement", condition=~Q(statement="")),
            models.CheckConstraint(name="target_weight_positive", condition=Q(weight__gt=0)),
        ]

    def __str__(self) -> str:
        return self.statement

    @property
    def is_quantitative(self) -> bool:
        return self.target_value is not None

    @property
    def is_share(self) -> bool:
        """A percentage: its latest value counts, counts of other units add up."""
        return self.unit in {"%", "％"}

    @property
    def value_text(self) -> str:
        if self.target_value is None:
            return ""
        value = self.target_value.normalize()
        return f"{value:f}{self.unit}" if value != Decimal(0) else f"0{self.unit}"
