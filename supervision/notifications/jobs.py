"""Background jobs of the notifications: each finds rows and calls actions, decides nothing and may run twice."""

from celery import shared_task
from django.utils import timezone

from supervision.notifications.actions import sending
from supervision.notifications.actions.relaying import bring_relays_up_to
from supervision.notifications.queries.delivery import channels_due

EVERY = 15  # seconds between two sweeps of deliveries: what a worker has not begun by then is sent round again


@shared_task(acks_late=True)
def relay_events() -> None:
    bring_relays_up_to(timezone.now())


@shared_task(acks_late=True)
def sweep_deliveries() -> None:
    """One job for each channel: a server that does not answer holds up no other."""
    for channel_id in channels_due(timezone.now()):
        send_messages.apply_async(args=(channel_id,), expires=EVERY)


@shared_task(acks_late=True)
def send_messages(channel_id: int) -> None:
    sending.send_channel(channel_id, clock=timezone.now)


@shared_task(acks_late=True)
def rescue_deliveries() -> None:
    sending.rescue_deliveries(now=timezone.now())
