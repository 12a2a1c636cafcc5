"""Background jobs of the notifications: each finds rows and calls actions, decides nothing and may run twice."""

from celery import shared_task
from django.utils import timezone

from supervision.notifications.actions import sending
from supervision.notifications.actions.relaying import bring_relays_up_to
from supervision.notifications.queries.delivery import due_batches

EVERY = 15  # seconds between two sweeps of deliveries: what a worker has not begun by then is sent round again


@shared_task(acks_late=True)
def relay_events() -> None:
    bring_relays_up_to(timezone.now())


@shared_task(acks_late=True)
def sweep_deliveries() -> None:
    """One job for each person and channel: a server that does not answer holds up nobody else."""
    for channel_id, person_id in due_batches(timezone.now()):
        send_message.apply_async(args=(channel_id, person_id), expires=EVERY)


@shared_task(acks_late=True)
def send_message(channel_id: int, person_id: int | None) -> None:
    sending.send_batch(channel_id, person_id, now=timezone.now())


@shared_task(acks_late=True)
def rescue_deliveries() -> None:
    sending.rescue_deliveries(now=timezone.now())
