"""Background jobs of the cycles: a tick says “make it so up to now”, so it may come twice or late."""

from celery import shared_task
from django.utils import timezone

from supervision.cycles.actions import running


@shared_task(acks_late=True)
def bring_cycles_up_to() -> None:
    """Whatever is due in any office and has not been done."""
    running.bring_cycles_up_to(timezone.now(), clock=timezone.now)


@shared_task(acks_late=True)
def sweep_runs() -> None:
    """Runs that somebody has just asked for, and those whose turn to be tried again has come."""
    running.run_waiting(timezone.now(), clock=timezone.now)
