"""Background jobs of the top: the sign of life that the health page reads."""

from celery import shared_task
from django.conf import settings


@shared_task
def tick() -> None:
    """Leave the time on a file: it shows that the clock ticks and a worker works, and costs the database nothing."""
    settings.HEARTBEAT_FILE.parent.mkdir(parents=True, exist_ok=True)
    settings.HEARTBEAT_FILE.touch()
