"""People, what they are in which division and when, and who stands in for whom."""

from datetime import date
from typing import ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import F, Q

from accounts.enums import GRANTED_ROLES
from accounts.models.organization import Division, Organization


class UserManager(BaseUserManager["User"]):
    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(username__iexact=username)


class User(AbstractBaseUser):
    """An account is a person; what the person may do comes from memberships, never from a flag here."""

    username = models.CharField("登录名", max_length=40, unique=True)
    name = models.CharField("姓名", max_length=40)
    pinyin = models.CharField("拼音", max_length=120, blank=True)
    initials = models.CharField("拼音首字母", max_length=20, blank=True, db_index=True)
    title = models.CharField("职务", max_length=60, blank=True)
    phone = models.CharField("手机", max_length=30, blank=True)
    email = models.EmailField("邮箱", blank=True)
    is_active = models.BooleanField("启用", default=True)
    must_change_password = models.BooleanField("下次登录须改密码", default=True)
    password_changed_at = models.DateTimeField("密码更改时间", null=True, blank=True)
    created_at = models.DateTimeField("建立时间", auto_now_add=True)

    objects: ClassVar[UserManager] = UserManager()
    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        verbose_name = verbose_name_plural = "人员"
        ordering = ("id",)

    def __str__(self) -> str:
        return self.name

    def get_full_name(self) -> str:
        return self.name

    def get_short_name(self) -> str:
        return self.name

    @property
    def mark(self) -> str:
        return self.name[:1]


class MembershipQuerySet(models.QuerySet["Membership"]):
    def on(self, day: date) -> "MembershipQuerySet":
        """Those that hold on that day."""
        return self.filter(Q(starts_on__lte=day) & (Q(ends_on=None) | Q(ends_on__gte=day)))


class Membership(models.Model):
    user = models.ForeignKey(User, models.PROTECT, related_name="memberships", verbose_name="人员")
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="memberships", verbose_name="政协机关")
    division = models.ForeignKey(
        Division, models.PROTECT, null=True, blank=True, related_name="memberships", verbose_name="处室"
    )
    role = models.CharField("角色", max_length=14, choices=[(r.value, r.label) for r in GRANTED_ROLES])
    starts_on = models.DateField("自", default=date(2000, 1, 1))
    ends_on = models.DateField("至", null=True, blank=True)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "任职"
        ordering = ("id",)
        constraints = [
            models.CheckConstraint(
                name="division_iff_division_role",
                condition=Q(role__in=["DIVISION_HEAD", "STAFF"], division__isnull=False)
                | (~Q(role__in=["DIVISION_HEAD", "STAFF"]) & Q(division__isnull=True)),
            ),
            models.CheckConstraint(
                name="membership_ends_after_start", condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on"))
            ),
            models.UniqueConstraint(
                fields=["user", "organization", "division", "role", "starts_on"], name="membership_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} {self.get_role_display()}"

    def holds_on(self, day: date) -> bool:
        return self.starts_on <= day and (self.ends_on is None or self.ends_on >= day)


class DeputyQuerySet(models.QuerySet["Deputy"]):
    def on(self, day: date) -> "DeputyQuerySet":
        """Those that hold on that day: not ended early, and of a principal who is still there."""
        return self.filter(starts_on__lte=day, ends_on__gte=day, ended_at=None, principal__is_active=True)


class Deputy(models.Model):
    """For some days `deputy` may do what `principal` may do as head or leader; such acts are shown as 代."""

    organization = models.ForeignKey(Organization, models.PROTECT, related_name="+", verbose_name="政协机关")
    principal = models.ForeignKey(User, models.PROTECT, related_name="deputies", verbose_name="本人")
    deputy = models.ForeignKey(User, models.PROTECT, related_name="deputising", verbose_name="代行人")
    starts_on = models.DateField("自")
    ends_on = models.DateField("至")
    note = models.CharField("说明", max_length=200, blank=True)
    ended_at = models.DateTimeField("提前终止", null=True, blank=True)

    objects = DeputyQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "代行"
        ordering = ("-starts_on", "id")
        constraints = [
            models.CheckConstraint(name="deputy_ends_after_start", condition=Q(ends_on__gte=F("starts_on"))),
            models.CheckConstraint(name="nobody_deputises_himself", condition=~Q(principal=F("deputy"))),
        ]

    def __str__(self) -> str:
        return f"{self.deputy} 代 {self.principal}"

    def state_on(self, day: date) -> str:
        """One word for the page."""
        if self.ended_at is not None:
            return "已提前终止"
        if self.ends_on < day:
            return "已到期"
        return "未开始" if self.starts_on > day else "代行中"


class SignInFailure(models.Model):
    """Counts wrong passwords of a log-in name, so that guessing is locked out (等保: 5 tries, 20 minutes)."""

    username = models.CharField(max_length=40, unique=True)
    failures = models.PositiveSmallIntegerField(default=0)
    last_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.username
