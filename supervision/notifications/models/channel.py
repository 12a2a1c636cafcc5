"""A way out of the house: the mail server, a group's robot, a gateway. Set up by the SYSADMIN."""

from datetime import date

from django.db import models
from django.db.models import Q

from accounts.enums import Role
from accounts.models import Division, Organization, User
from accounts.standing import standing_of
from cppcc_office.lib.locked import LockedTextField, Unreadable
from supervision.notifications.enums import ChannelKind, Security


class ChannelQuerySet(models.QuerySet["Channel"]):
    def visible_to(self, user: User, today: date) -> "ChannelQuerySet":
        return self.filter(organization__in=standing_of(user, today=today).organizations_as(Role.SYSADMIN))


class Channel(models.Model):
    """E-mail and gateways write to a person, all others to a group: of one division, or of the whole office."""

    organization = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    kind = models.CharField("方式", max_length=8, choices=ChannelKind)
    name = models.CharField("名称", max_length=60)
    division = models.ForeignKey(Division, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="处室")
    reasons = models.JSONField("传送哪些消息", default=list)  # values of Reason; a robot's
    address = LockedTextField("地址", blank=True)  # the robot's webhook; secret, never shown whole
    host = models.CharField("邮件服务器", max_length=200, blank=True)
    port = models.PositiveIntegerField("端口", default=25)
    security = models.CharField("加密", max_length=8, choices=Security, default=Security.NONE)
    username = models.CharField("用户名", max_length=100, blank=True)
    secret = LockedTextField("密码", blank=True)
    sender = models.EmailField("发件人", blank=True)
    per_minute = models.PositiveSmallIntegerField("每分钟最多几条", default=20)
    is_on = models.BooleanField("启用", default=False)
    claimed_at = models.DateTimeField(
        null=True
    )  # when somebody began to write to it, or last showed that he still does
    tested_at = models.DateTimeField("最近测试", null=True)
    test_error = models.CharField("测试结果", max_length=300, blank=True)
    version = models.PositiveIntegerField(default=1)

    objects = ChannelQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "消息通道"
        ordering = ("organization", "kind", "id")
        constraints = [
            models.UniqueConstraint(fields=["organization", "name"], name="one_channel_per_name"),
            models.UniqueConstraint(
                fields=["organization"], name="one_mail_server", condition=Q(kind="EMAIL", is_on=True)
            ),
            models.CheckConstraint(
                name="channel_leads_somewhere",
                condition=Q(kind="EMAIL") & ~Q(host="") & ~Q(sender="") | ~Q(kind="EMAIL") & ~Q(address=""),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_personal(self) -> bool:
        """Writes to one person at a time, not to a group."""
        return self.kind in (ChannelKind.EMAIL, ChannelKind.WEBHOOK)

    @property
    def is_locked_out(self) -> bool:
        """Its address or password was locked with a key that is not known any more."""
        return any(isinstance(text, Unreadable) for text in (self.address, self.secret))

    @property
    def is_proven(self) -> bool:
        """As it is now, a test message has got through."""
        return self.tested_at is not None and not self.test_error
