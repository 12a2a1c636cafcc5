"""How a person wants to be told; whoever wishes nothing gets what the kinds declare."""

from django.db import models

from accounts.models import User
from supervision.notifications.enums import ChannelKind, Reason


class DigestTime(models.Model):
    """All messages of a day in one, at this time of a working day. No row: each as it comes."""

    user = models.OneToOneField(User, models.CASCADE, related_name="digest_time")
    at = models.TimeField("每日汇总时间")

    def __str__(self) -> str:
        return f"{self.at:%H:%M}"


class ChannelWish(models.Model):
    user = models.ForeignKey(User, models.CASCADE, related_name="channel_wishes")
    reason = models.CharField(max_length=8, choices=Reason)
    channel_kind = models.CharField(max_length=8, choices=ChannelKind)
    is_wanted = models.BooleanField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "reason", "channel_kind"], name="one_wish_per_channel")]

    def __str__(self) -> str:
        return f"{self.get_reason_display()} {self.get_channel_kind_display()} {self.is_wanted}"


class MutedKind(models.Model):
    """Of a kind that may be muted: it lies in the inbox as read, and goes nowhere else."""

    user = models.ForeignKey(User, models.CASCADE, related_name="muted_kinds")
    kind = models.CharField(max_length=40)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "kind"], name="muted_once")]

    def __str__(self) -> str:
        return self.kind
