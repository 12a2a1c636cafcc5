"""Reading and checking a paper in the background: claimed, done in pieces, taken up again after a crash."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from pathlib import PurePath
from typing import Any

from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import F, Q

from cppcc_office.lib.errors import Refused
from tasks.actions.intake.comparing import COMPARED_FIELDS, compare_rows, kept_values, settle_known
from tasks.actions.recording import today_of
from tasks.enums import ImportState, RowStatus
from tasks.intake.office import ReadingTerms
from tasks.intake.papers import Entry, Paper, read_file, read_text
from tasks.intake.reading import RowReader
from tasks.intake.values import Values
from tasks.models import ImportBatch, ImportRow
from tasks.queries.intake import known_duties, office_words, remembered_columns
from tasks.queries.plans import annual_plan

PIECE = 200
# Longer than any piece takes; a batch without progress for so long has lost its process.
READING_LOST_AFTER = timedelta(minutes=2)
WRITING_LOST_AFTER = timedelta(minutes=10)
CHECKED_FIELDS = [
    "values",
    "reading",
    "problems",
    "remarks",
    "status",
    "decision",
    "match",
    "match_row",
    "title",
    "due_on",
]
NOT_VALUES = ("said", "hint")

Clock = Callable[[], datetime]


class Superseded(Exception):
    """Another process has taken the batch over; whoever sees this stops and leaves it alone."""


def claim_import(*, now: datetime) -> ImportBatch | None:
    """The next batch that waits to be read or written, claimed by one conditional update; None when there is none."""
    lost = Q(state__in=[ImportState.READING, ImportState.CHECKING], claimed_at__lt=now - READING_LOST_AFTER)
    lost |= Q(state=ImportState.WRITING, claimed_at__lt=now - WRITING_LOST_AFTER)
    waiting = Q(state__in=[ImportState.WAITING, ImportState.TO_WRITE])
    for batch in ImportBatch.objects.filter(waiting | lost).order_by("pk").select_related("organization", "by", "plan"):
        writes = batch.state in (ImportState.TO_WRITE, ImportState.WRITING)
        state = ImportState.WRITING if writes else ImportState.READING
        seen = ImportBatch.objects.filter(pk=batch.pk, state=batch.state, claimed_at=batch.claimed_at)
        if seen.update(state=state, claimed_at=now, version=F("version") + 1):
            batch.refresh_from_db()
            return batch
    return None


def claim_import_now(batch: ImportBatch, *, state: ImportState, now: datetime) -> None:
    """Claim this very batch, for work done at once."""
    batch.state, batch.claimed_at = state, now
    batch.version += 1
    batch.save(update_fields=["state", "claimed_at", "version"])


def keep_claim(batch: ImportBatch, *, now: datetime, **fields: Any) -> None:
    """Say that the work goes on. Raises Superseded when somebody else has it."""
    mine = ImportBatch.objects.filter(pk=batch.pk, state=batch.state, claimed_at=batch.claimed_at)
    if not mine.update(claimed_at=now, version=F("version") + 1, **fields):
        raise Superseded
    batch.claimed_at = now
    batch.version += 1
    for name, value in fields.items():
        setattr(batch, name, value)


def read_import(batch: ImportBatch, *, clock: Clock, data: bytes | None = None, today: date | None = None) -> None:
    """Read and check a claimed batch to READY, or MAPPING where columns are unknown, or FAILED with a sentence.

    May be called again for a batch whose process died: it starts anew, nothing is there twice.
    """
    try:
        paper = _paper_of(batch, data)
    except Refused as refused:
        keep_claim(batch, now=clock(), state=ImportState.FAILED, error="；".join(refused.reasons))
        return
    # The year's plan may have been made by another import since this one was uploaded.
    plan = batch.plan or annual_plan(batch.organization_id, batch.year)
    fields: dict[str, Any] = {"kind": paper.kind, "columns": paper.columns, "left_out": paper.left_out, "plan": plan}
    if paper.needs_mapping:
        keep_claim(batch, now=clock(), state=ImportState.MAPPING, **fields)
        return
    if not paper.entries:
        words = "表头下面没有任务；请检查是否选对了文件或工作表"
        keep_claim(batch, now=clock(), state=ImportState.FAILED, error=words, **fields)
        return
    if not batch.default_source and not any(entry.texts.get("source") for entry in paper.entries):
        # Where no row names a source, the paper is the source; which class it is of gets asked.
        fields["default_source"] = (paper.title or PurePath(batch.name).stem)[:200]
    before = {(row.sheet, row.row): row for row in batch.rows.all()}
    with transaction.atomic():
        keep_claim(batch, now=clock(), state=ImportState.CHECKING, total=len(paper.entries), done=0, **fields)
        batch.rows.all().delete()
    _check_all(batch, paper, before, today=today or today_of(clock()), clock=clock)


def _paper_of(batch: ImportBatch, data: bytes | None) -> Paper:
    if batch.pasted:
        return read_text(batch.pasted)
    if data is None:
        with default_storage.open(batch.stored_as) as file:
            data = file.read()
    return read_file(data, batch.name, remembered=remembered_columns(batch.organization), chosen=batch.columns)


def _check_all(
    batch: ImportBatch, paper: Paper, before: dict[tuple[str, int], ImportRow], *, today: date, clock: Clock
) -> None:
    known = known_duties(batch.plan)
    for start in range(0, len(paper.entries), PIECE):
        with transaction.atomic():
            reader = reader_of(batch, today=today)
            rows = list(_rows(batch, paper.entries[start : start + PIECE], start, before, known, reader))
            ImportRow.objects.bulk_create(rows)
            keep_claim(batch, now=clock(), done=start + len(rows))
    with transaction.atomic():
        # The rows found to be known or alike are fewer than all, and asking is by the whole file.
        changed = compare_rows(batch, list(batch.rows.all()), whole_file=True)
        ImportRow.objects.bulk_update(changed, COMPARED_FIELDS, batch_size=PIECE)
        keep_claim(batch, now=clock(), state=ImportState.READY)


def _rows(
    batch: ImportBatch,
    entries: Sequence[Entry],
    start: int,
    before: dict[tuple[str, int], ImportRow],
    known: dict[Any, Any],
    reader: RowReader,
) -> Iterator[ImportRow]:
    for order, entry in enumerate(entries, start):
        row = ImportRow(batch=batch, sheet=entry.sheet[:100], row=entry.row, order=order, original=dict(entry.texts))
        earlier = before.get((row.sheet, row.row))
        row.values = {name: text for name, text in entry.texts.items() if name not in NOT_VALUES}
        row.values |= kept_values(row.original, earlier, known)
        if earlier is not None and earlier.original == row.original:
            row.decision = earlier.decision
        row.is_corrected = any(
            row.values.get(name, "") != text for name, text in row.original.items() if name not in NOT_VALUES
        )
        check_row(row, reader)
        settle_known(row, known)
        yield row


def reader_of(batch: ImportBatch, *, today: date) -> RowReader:
    terms = ReadingTerms(batch.year, today, batch.default_source)
    return RowReader(office_words(batch.organization, on=today), terms)


def check_row(row: ImportRow, reader: RowReader) -> None:
    """Read the row's values anew; what resembles it is looked for by `compare_rows`."""
    original: Values = row.original
    said = original.get("said", "").split("\n") if original.get("said") else []
    found = reader.read(row.values, original, said, original.get("hint", ""))
    row.title = found.title[:300]
    row.due_on = found.due_on
    row.reading = found.reading
    row.problems = [problem.as_json() for problem in found.problems]
    row.remarks = found.remarks
    row.match = row.match_row = None
    row.status = status_of(row.problems)


def status_of(problems: Iterable[dict[str, Any]]) -> RowStatus:
    problems = list(problems)
    if any(problem["is_error"] for problem in problems):
        return RowStatus.ERROR
    return RowStatus.ASK if problems else RowStatus.OK


def recheck_rows(batch: ImportBatch, rows: Sequence[ImportRow], *, today: date) -> None:
    """Check some rows again after a correction; inside the caller's transaction."""
    reader = reader_of(batch, today=today)
    known = known_duties(batch.plan)
    for row in rows:
        check_row(row, reader)
        settle_known(row, known)
    compare_rows(batch, rows, whole_file=False)
    ImportRow.objects.bulk_update(rows, [*CHECKED_FIELDS, "is_corrected"], batch_size=PIECE)


def fail_import(batch: ImportBatch) -> None:
    """Something unforeseen: a paper that was being read is given back as unreadable, one being written as not written."""
    writing = batch.state == ImportState.WRITING
    state = ImportState.READY if writing else ImportState.FAILED
    words = "写入时出错，什么也没有写入，请重试" if writing else "读取时出错，请把文件另存为 .xlsx 后重新上传"
    mine = ImportBatch.objects.filter(pk=batch.pk, state=batch.state, claimed_at=batch.claimed_at)
    mine.update(state=state, error=f"{words}；仍不行请联系系统管理员。", version=F("version") + 1)
