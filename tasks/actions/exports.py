"""导出: a list too long to wait for, asked for by a person, written in the background, kept for some days."""

import uuid
from datetime import date, datetime, timedelta
from typing import IO, Any

from django.core.files.base import File
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Q

from accounts.actions.recording import record
from accounts.models import User
from cppcc_office.lib.errors import Refused
from tasks.enums import ExportState
from tasks.models import Export

KEPT_FOR = timedelta(days=7)
# Longer than any piece takes; one without progress for so long has lost its process.
LOST_AFTER = timedelta(minutes=3)
MOST_AT_ONCE = 3
UNDER_WAY = (ExportState.WAITING, ExportState.WRITING)


class TakenOver(Exception):
    """Another process writes this export now; whoever sees this stops and leaves it alone."""


@transaction.atomic
def ask_export(
    *, organization_id: int, page: str, query: str, name: str, total: int, by: User, today: date, now: datetime
) -> Export:
    """To be written by the next sweep, with what `by` may see then. One event, as for every table that leaves."""
    if Export.objects.filter(by=by, state__in=UNDER_WAY).count() >= MOST_AT_ONCE:
        raise Refused(f"您已有 {MOST_AT_ONCE} 份导出正在生成，请等其中一份完成后再导出")
    export = Export(
        organization_id=organization_id,
        page=page,
        query=query,
        name=name[:200],
        total=total,
        today=today,
        by=by,
        at=now,
    )
    export.save(force_insert=True)
    words = f"导出{name}（{total} 项）"
    record("export_table", words, by=by, now=now, organization=organization_id, subject=export, after={"query": query})
    return export


def claim_export(*, now: datetime) -> Export | None:
    """The next one that waits, or whose process died, claimed by one conditional update; None when there is none."""
    lost = Q(state=ExportState.WRITING, claimed_at__lt=now - LOST_AFTER)
    for export in Export.objects.filter(Q(state=ExportState.WAITING) | lost).order_by("pk"):
        unfinished = export.stored_as
        fields = {"state": ExportState.WRITING, "claimed_at": now, "stored_as": _new_place(now), "done": 0}
        if Export.objects.filter(pk=export.pk, state=export.state, claimed_at=export.claimed_at).update(**fields):
            if unfinished:
                default_storage.delete(unfinished)
            return Export.objects.select_related("by", "organization").get(pk=export.pk)
    return None


def keep_export(export: Export, *, now: datetime, **fields: Any) -> None:
    """Say that the work goes on, or how it ended. Raises TakenOver when somebody else has it."""
    mine = Export.objects.filter(pk=export.pk, state=ExportState.WRITING, claimed_at=export.claimed_at)
    if not mine.update(claimed_at=now, **fields):
        raise TakenOver
    export.claimed_at = now
    for name, value in fields.items():
        setattr(export, name, value)


def finish_export(export: Export, file: IO[bytes], *, done: int, now: datetime) -> None:
    """Keep the file where the claim says, then tell that it is there: never the other way round."""
    keep_export(export, now=now, done=done)
    stored_as = default_storage.save(export.stored_as, File(file))
    keep_export(export, now=now, state=ExportState.READY, stored_as=stored_as, total=done, finished_at=now)


def fail_export(export: Export, words: str, *, now: datetime) -> None:
    """`words` tell the person who asked what happened and what to do."""
    Export.objects.filter(pk=export.pk, state=ExportState.WRITING, claimed_at=export.claimed_at).update(
        state=ExportState.FAILED, error=words, finished_at=now
    )


@transaction.atomic
def forget_exports(*, now: datetime) -> int:
    """Remove what has been there for some days, with its files; a file that cannot be removed keeps its row."""
    old = Export.objects.filter(finished_at__lt=now - KEPT_FOR)
    for export in old:
        if export.stored_as:
            default_storage.delete(export.stored_as)
    count, _ = old.filter(pk__in=[export.pk for export in old]).delete()
    return count


def _new_place(now: datetime) -> str:
    return f"exports/{now:%Y/%m}/{uuid.uuid4().hex}.xlsx"
