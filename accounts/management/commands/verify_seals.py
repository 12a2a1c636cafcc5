"""`manage.py verify_seals`: works every seal out anew and fails at the first that does not hold."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.actions.seals import first_fault
from accounts.models import Event, EventSeal


class Command(BaseCommand):
    help = "Verifies the seals of the audit trail."

    def handle(self, *_: Any, **__: Any) -> None:
        fault = first_fault()
        if fault is not None:
            raise CommandError(fault.sentence)
        last = EventSeal.objects.order_by("-id").first()
        waiting = Event.objects.filter(id__gt=last.last_event_id if last else 0).count()
        self.stdout.write(f"{EventSeal.objects.count()} 个封条全部相符；另有 {waiting} 条新记录待封存。")
