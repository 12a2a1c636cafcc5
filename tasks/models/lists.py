"""What people keep of the lists: saved views, exports under way, calendar feeds."""

from django.db import models
from django.db.models import Q

from accounts.models import Division, Organization, User
from tasks.enums import ExportState, ViewScope


class SavedView(models.Model):
    """A list's address under a name: filters, order, groups and columns as the address bar holds them."""

    organization = models.ForeignKey(Organization, models.CASCADE, related_name="saved_views")
    page = models.CharField(max_length=30)  # the list's URL name
    name = models.CharField("名称", max_length=20)
    query = models.TextField(blank=True)
    scope = models.CharField("谁可见", max_length=8, choices=ViewScope, default=ViewScope.MINE)
    division = models.ForeignKey(Division, models.CASCADE, null=True, related_name="+")
    owner = models.ForeignKey(User, models.CASCADE, related_name="saved_views")
    created_at = models.DateTimeField()

    class Meta:
        verbose_name = verbose_name_plural = "视图"
        ordering = ("scope", "name", "id")
        constraints = [
            models.UniqueConstraint(fields=["owner", "page", "name"], name="one_view_per_name"),
            models.CheckConstraint(
                name="division_view_has_division",
                condition=Q(scope="DIVISION", division__isnull=False) | (~Q(scope="DIVISION") & Q(division=None)),
            ),
        ]
        indexes = [models.Index(fields=["organization", "page", "scope"], name="views_by_scope")]

    def __str__(self) -> str:
        return self.name


class Export(models.Model):
    """A list too long to wait for: asked for on a page, written by a sweep, fetched by who asked."""

    organization = models.ForeignKey(Organization, models.PROTECT, related_name="exports")
    page = models.CharField(max_length=30)
    query = models.TextField(blank=True)
    name = models.CharField("文件名", max_length=200)
    state = models.CharField("状态", max_length=7, choices=ExportState, default=ExportState.WAITING)
    done = models.PositiveIntegerField("已写", default=0)
    total = models.PositiveIntegerField("共", default=0)
    stored_as = models.CharField(max_length=100, blank=True)
    error = models.TextField(blank=True)
    today = models.DateField()  # the day whose lights it shows: the day it was asked for
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    claimed_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = verbose_name_plural = "导出"
        ordering = ("-id",)
        indexes = [models.Index(fields=["state", "claimed_at"], name="exports_by_state")]

    def __str__(self) -> str:
        return self.name


class CalendarFeed(models.Model):
    """A person's due dates for a calendar program, behind a secret link; only the link's digest is kept."""

    user = models.ForeignKey(User, models.CASCADE, related_name="calendar_feeds")
    organization = models.ForeignKey(Organization, models.CASCADE, related_name="+")
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = verbose_name_plural = "日程订阅"
        constraints = [
            models.UniqueConstraint(fields=["user", "organization"], name="one_live_feed", condition=Q(revoked_at=None))
        ]

    def __str__(self) -> str:
        return f"{self.user}"


class DatesBasis(models.Model):
    """Which calendar and policy an office's warn dates and outlooks were last worked out from."""

    organization = models.OneToOneField(Organization, models.CASCADE, related_name="dates_basis")
    fingerprint = models.CharField(max_length=64)
    brought_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.organization} {self.brought_at}"
