"""One immutable row per write: the history on the page and the audit trail."""

from typing import Any

from django.db import models
from django.db.models import Q

from accounts.enums import Outcome
from accounts.models.organization import Organization
from accounts.models.user import User
from accounts.verbs import verb_word


class Immutable(Exception):
    """Somebody tried to change or delete what is written for good."""


class EventQuerySet(models.QuerySet["Event"]):
    def update(self, **kwargs: Any) -> int:
        raise Immutable("events are never changed")

    def delete(self) -> tuple[int, dict[str, int]]:
        raise Immutable("events are never deleted")


class Event(models.Model):
    organization = models.ForeignKey(Organization, models.PROTECT, null=True, related_name="+")
    verb = models.CharField(max_length=40)
    outcome = models.CharField(max_length=8, choices=Outcome, default=Outcome.DONE)
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    principal = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")  # 代: in whose place
    entered_for = models.CharField(max_length=60, blank=True)  # 代填: for which division
    at = models.DateTimeField()
    effective_on = models.DateField(null=True)  # only a 补录 has one
    address = models.CharField(max_length=45, blank=True)
    subject_kind = models.CharField(max_length=30, blank=True)
    subject_id = models.BigIntegerField(null=True)
    project_id = models.BigIntegerField(null=True)
    words = models.TextField()
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)

    objects = EventQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "记录"
        ordering = ("-id",)
        indexes = [
            models.Index(fields=["project_id", "-id"], name="event_of_project", condition=Q(project_id__isnull=False)),
            models.Index(fields=["organization", "-at"], name="event_of_organization"),
            models.Index(fields=["subject_kind", "subject_id"], name="event_of_subject"),
            models.Index(fields=["by", "-at"], name="event_by_person"),
        ]

    def __str__(self) -> str:
        return self.words

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise Immutable("events are never changed")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        raise Immutable("events are never deleted")

    @property
    def verb_word(self) -> str:
        return verb_word(self.verb)


class EventSeal(models.Model):
    """Holds the digest of a run of events and of the seal before, so that no event can be changed unnoticed."""

    first_event_id = models.BigIntegerField(unique=True)
    last_event_id = models.BigIntegerField(unique=True)
    count = models.PositiveIntegerField()
    digest = models.CharField(max_length=64)
    previous_digest = models.CharField(max_length=64, blank=True)
    sealed_at = models.DateTimeField()

    class Meta:
        ordering = ("id",)

    def __str__(self) -> str:
        return f"{self.first_event_id}–{self.last_event_id}"
