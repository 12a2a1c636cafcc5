"""Background jobs of tasks: each finds rows and calls actions, decides nothing and may run twice."""

import logging

from celery import shared_task
from django.utils import timezone

from accounts.models import Organization
from tasks.actions import dates, project
from tasks.actions.exports import TakenOver, claim_export, fail_export, forget_exports
from tasks.actions.intake.checking import Superseded, claim_import, fail_import, read_import
from tasks.actions.intake.writing import write_import
from tasks.documents.exports import write_export
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


@shared_task(acks_late=True)
def sweep_exports() -> None:
    """Write whatever exports wait for it, one after another; several sweeps share them out."""
    while export := claim_export(now=timezone.now()):
        try:
            write_export(export, clock=timezone.now)
        except TakenOver:
            logger.info("export %s was taken over by another process", export.pk)
        except Exception:  # the outermost loop: one broken list holds up no other, and its owner is told
            logger.exception("export %s failed", export.pk)
            fail_export(export, "生成表格时出错，已记入日志；请重新导出，再不成请告诉系统管理员。", now=timezone.now())


@shared_task(acks_late=True)
def sweep_old_exports() -> None:
    forget_exports(now=timezone.now())
