"""消息: one row per person and matter, in the inbox, whatever other ways it goes."""

from django.db import models
from django.db.models import Q

from accounts.models import Event, Organization, User
from cppcc_office.lib.counts import CountsField
from supervision.notifications.enums import Reason
from tasks.models import Project


class NotificationQuerySet(models.QuerySet["Notification"]):
    def visible_to(self, user: User) -> "NotificationQuerySet":
        """Everybody's own inbox, nobody else's."""
        return self.filter(person=user)

    def unread(self) -> "NotificationQuerySet":
        return self.filter(read_at=None)


class Notification(models.Model):
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    person = models.ForeignKey(User, models.PROTECT, related_name="notifications")
    kind = models.CharField("种类", max_length=40)
    reason = models.CharField("归类", max_length=8, choices=Reason)
    key = models.CharField(max_length=80)  # what of this kind a person is told once
    words = models.CharField("内容", max_length=300)
    url = models.CharField("去处", max_length=200, blank=True)
    event = models.ForeignKey(Event, models.PROTECT, null=True, related_name="+")
    project = models.ForeignKey(Project, models.CASCADE, null=True, related_name="+")  # only a draft can vanish
    subject_id = models.BigIntegerField(null=True)  # of what the kind speaks of, where it is no project
    counts = CountsField(default=dict)  # of a digest
    is_urgent = models.BooleanField("特急", default=False)
    on = models.DateField("日期")
    created_at = models.DateTimeField("时间")
    read_at = models.DateTimeField("阅读时间", null=True)  # or when it waited for nobody any more

    objects = NotificationQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "消息"
        ordering = ("-created_at", "-id")
        constraints = [
            models.UniqueConstraint(fields=["person", "kind", "key", "organization"], name="told_once"),
            models.CheckConstraint(name="notification_says_something", condition=~Q(words="")),
        ]
        indexes = [
            models.Index(fields=["person", "-created_at"], name="notification_of_person"),
            models.Index(fields=["person", "reason"], name="notification_unread", condition=Q(read_at=None)),
        ]

    def __str__(self) -> str:
        return self.words
