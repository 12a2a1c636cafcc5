"""Background jobs of tasks: each finds rows and calls actions, decides nothing and may run twice."""

import logging

from celery import shared_task
from django.utils import timezone

from accounts.models import Organization
from tasks.actions import dates, project
from tasks.actions.intake.checking import Superseded, claim_import, fail_import, read_import
from tasks.actions.intake.writing import write_import
from tasks.enums import ImportState
from tasks.models import ImportBatch

logger = logging.getLogger(__name__)


@shared_task(acks_late=True)
def sweep_imports() -> None:
    """Read, check and write whatever imports wait for it, one after another; several sweeps share them out."""
    while batch := claim_import(now=timezone.now()):
        try:
            advance(batch)
        except Superseded:
            logger.info("import %s was taken over by another process", batch.pk)
        except Exception:  # the outermost loop: one broken paper holds up no other, and its owner is told
            logger.exception("import %s failed", batch.pk)
            fail_import(batch)


def advance(batch: ImportBatch) -> None:
    if batch.state == ImportState.WRITING:
        write_import(batch, clock=timezone.now)
    else:
        read_import(batch, clock=timezone.now)


@shared_task(acks_late=True)
def bring_dates_up_to() -> None:
    """Warn dates and outlooks of every office whose calendar or policy has changed."""
    for organization in Organization.objects.all():
        now = timezone.now()
        dates.bring_dates_up_to(organization, now=now, today=timezone.localdate(now))


@shared_task(acks_late=True)
def receive_by_lapse() -> None:
    """Count as received what nobody received or returned in time, in every office."""
    for organization in Organization.objects.all():
        project.receive_by_lapse(organization, now=timezone.now())
