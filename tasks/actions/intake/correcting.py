"""Correcting rows of an import before they are written: one row, all rows with the same question, a source name."""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.db.models import F

from accounts.models import User
from cppcc_office.lib.errors import Change, Refused, Stale
from tasks.actions.intake.batches import stale_batch
from tasks.actions.intake.checking import recheck_rows
from tasks.actions.plans import refuse_unless_secretariat
from tasks.actions.recording import today_of
from tasks.actions.remember import remember_source
from tasks.enums import ImportState, RowDecision
from tasks.intake.values import CORRECTABLE, LONGEST_TEXT
from tasks.models import ImportBatch, ImportRow, SourceClass


def mark_of(row: ImportRow) -> str:
    """What of the row a correction builds on; a page hands it back so that nobody overwrites unseen words."""
    text = json.dumps([row.values, row.decision, row.project_id], ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


@transaction.atomic
def correct_row(
    row: ImportRow,
    *,
    by: User,
    seen: str,
    fields: Mapping[str, str],
    decision: RowDecision | None = None,
    now: datetime,
) -> ImportRow:
    """Put other words into the row, or decide about it, and check it again. The paper's own words stay beside them.

    Raises Stale with what is there now when somebody corrected the row since it was shown.
    """
    refuse_unless_secretariat(by, row.batch.organization_id, today_of(now), "更正导入的行")
    _hold(row.batch)
    current = ImportRow.objects.get(pk=row.pk)
    if mark_of(current) != seen:
        raise Stale(
            f"第 {row.row} 行",
            [
                Change(name, text, current.values.get(name, ""))
                for name, text in fields.items()
                if current.values.get(name, "") != text
            ],
        )
    _apply(current, fields, decision)
    recheck_rows(row.batch, [current], today=today_of(now))
    return current


@transaction.atomic
def answer_all(
    batch: ImportBatch, *, by: User, code: str, fields: Mapping[str, str], decision: RowDecision | None, now: datetime
) -> int:
    """Give every row with this question the same answer. Returns how many."""
    refuse_unless_secretariat(by, batch.organization_id, today_of(now), "更正导入的行")
    _hold(batch)
    rows = [row for row in batch.rows.filter(project=None) if any(problem["code"] == code for problem in row.problems)]
    for row in rows:
        _apply(row, fields, decision)
    recheck_rows(batch, rows, today=today_of(now))
    return len(rows)


@transaction.atomic
def settle_source(batch: ImportBatch, *, by: User, text: str, source_class: SourceClass, now: datetime) -> int:
    """对应并记住: the name belongs to that class, in this paper and every later one. Returns how many rows it settles."""
    remember_source(batch.organization, text=text, source_class=source_class, by=by, now=now)
    _hold(batch)
    rows = [
        row
        for row in batch.rows.filter(project=None)
        if any(problem["code"] == "source-unknown" and problem["about"] == text for problem in row.problems)
    ]
    recheck_rows(batch, rows, today=today_of(now))
    return len(rows)


def _hold(batch: ImportBatch) -> None:
    """Only while the batch is being corrected; the UPDATE keeps a write from starting meanwhile."""
    if not ImportBatch.objects.filter(pk=batch.pk, state=ImportState.READY).update(version=F("version") + 1):
        raise stale_batch(batch)
    batch.version += 1


def _apply(row: ImportRow, fields: Mapping[str, str], decision: RowDecision | None) -> None:
    if row.project_id is not None:
        raise Refused(f"第 {row.row} 行已经写入，请到项目页修改")
    for name, text in fields.items():
        if name not in CORRECTABLE:
            raise Refused("这一栏不能更正")
        if len(text) > LONGEST_TEXT:
            raise Refused(f"文字超过 {LONGEST_TEXT} 个字，请缩短")
        row.values[name] = text.replace("\r\n", "\n").strip()
        row.is_corrected = True
    if decision is not None:
        row.decision = decision
