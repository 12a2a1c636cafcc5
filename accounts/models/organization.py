"""政协机关 and its 处室."""

from django.db import models
from django.db.models import Q

from accounts.enums import DivisionKind, Level


class Organization(models.Model):
    code = models.SlugField("代码", max_length=30, unique=True)
    name = models.CharField("名称", max_length=100)
    short_name = models.CharField("简称", max_length=40, blank=True)
    level = models.CharField("层级", max_length=10, choices=Level, default=Level.PROVINCE)
    parent = models.ForeignKey(
        "self", models.PROTECT, verbose_name="上级", null=True, blank=True, related_name="children"
    )
    secretary_general = models.ForeignKey(
        "accounts.User", models.PROTECT, verbose_name="秘书长", null=True, blank=True, related_name="+"
    )

    class Meta:
        verbose_name = verbose_name_plural = "政协机关"
        ordering = ("code",)

    def __str__(self) -> str:
        return self.name


class Division(models.Model):
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="divisions", verbose_name="政协机关")
    name = models.CharField("名称", max_length=60)
    short_name = models.CharField("简称", max_length=20, blank=True)
    kind = models.CharField("类别", max_length=10, choices=DivisionKind, default=DivisionKind.OFFICE)
    leader = models.ForeignKey(
        "accounts.User", models.PROTECT, verbose_name="分管领导", null=True, blank=True, related_name="divisions_led"
    )
    supervises = models.BooleanField("负责督办", default=False)
    order = models.PositiveSmallIntegerField("次序", default=0)
    is_active = models.BooleanField("在用", default=True)

    class Meta:
        verbose_name = verbose_name_plural = "处室"
        ordering = ("organization", "order", "id")
        constraints = [
            models.UniqueConstraint(fields=["organization", "name"], name="one_division_per_name"),
            models.CheckConstraint(name="division_has_a_name", condition=~Q(name="")),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def brief(self) -> str:
        return self.short_name or self.name
