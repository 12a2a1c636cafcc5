"""One notification on its way through one channel."""

from django.db import models
from django.db.models import Q

from accounts.models import Organization, User
from supervision.notifications.enums import DeliveryState
from supervision.notifications.models.channel import Channel
from supervision.notifications.models.notification import Notification


class Delivery(models.Model):
    """Claimed, sent, then recorded. What is due for one person (or one group) at a time goes as one message: a batch."""

    organization = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    notification = models.ForeignKey(Notification, models.CASCADE, related_name="deliveries")
    channel = models.ForeignKey(Channel, models.PROTECT, related_name="deliveries")
    person = models.ForeignKey(User, models.PROTECT, related_name="+")
    state = models.CharField("状态", max_length=9, choices=DeliveryState, default=DeliveryState.QUEUED)
    due_at = models.DateTimeField("不早于")
    attempts = models.PositiveSmallIntegerField("次数", default=0)
    batch = models.UUIDField(null=True)
    claimed_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField("发送时间", null=True)
    ended_at = models.DateTimeField(null=True)  # when it failed for good or was withdrawn
    error = models.CharField("原因", max_length=300, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "发送"
        ordering = ("id",)
        constraints = [
            models.UniqueConstraint(fields=["notification", "channel"], name="one_delivery_per_channel"),
            models.CheckConstraint(
                name="delivery_sent_pair",
                condition=Q(state="SENT", sent_at__isnull=False) | ~Q(state="SENT") & Q(sent_at=None),
            ),
            models.CheckConstraint(
                name="delivery_claimed_with_batch",
                condition=~Q(state="SENDING") | Q(claimed_at__isnull=False, batch__isnull=False),
            ),
        ]
        indexes = [
            models.Index(fields=["state", "due_at"], name="delivery_due"),
            models.Index(fields=["channel", "person", "state"], name="delivery_of_person"),
            models.Index(fields=["batch"], name="delivery_batch", condition=Q(batch__isnull=False)),
            models.Index(fields=["organization", "-ended_at"], name="delivery_failed", condition=Q(state="FAILED")),
        ]

    def __str__(self) -> str:
        return f"{self.notification_id} {self.get_state_display()}"
