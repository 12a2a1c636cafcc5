"""Background jobs of accounts."""

import logging

from celery import shared_task
from django.utils import timezone

from accounts.actions import seals

logger = logging.getLogger(__name__)


@shared_task(acks_late=True)
def seal_events() -> None:
    for seal in seals.seal_events(now=timezone.now()):
        # The log is a second place: whoever rewrites the table would have to rewrite it too.
        logger.info("sealed events %s to %s: %s", seal.first_event_id, seal.last_event_id, seal.digest)
