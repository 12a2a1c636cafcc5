"""Which events still have to be told: the queue that notifications are made from."""

from django.db import models

from accounts.models import Event
from supervision.notifications.enums import RelayState


class EventRelay(models.Model):
    """One per event that some kind answers to; made by the sweep, so that no write has to know who listens."""

    event = models.OneToOneField(Event, models.PROTECT, related_name="+")
    state = models.CharField(max_length=8, choices=RelayState, default=RelayState.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    retry_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)  # when it was found too old to be news
    made = models.PositiveIntegerField(default=0)  # notifications
    error = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ("event_id",)
        indexes = [models.Index(fields=["state", "event"], name="relay_waiting")]

    def __str__(self) -> str:
        return f"{self.event_id} {self.get_state_display()}"


class RelayMark(models.Model):
    """The one row that says up to which event everything has been looked through, so that a sweep reads few events.

    It moves to what had been seen a day before: an event's id is older than its commit, and a long act may still be writing.
    """

    event_id = models.BigIntegerField(default=0)
    seen_id = models.BigIntegerField(default=0)  # the highest there was at `seen_at`
    seen_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return str(self.event_id)
