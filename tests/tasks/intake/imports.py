"""Steps that tests of the import share: a paper taken in, read, answered, written."""

import io
from collections.abc import Sequence
from datetime import datetime

from openpyxl import Workbook

from tasks.actions.intake.batches import create_import, request_write
from tasks.actions.intake.checking import claim_import, read_import
from tasks.actions.intake.correcting import correct_row, mark_of, settle_source
from tasks.actions.intake.writing import write_import
from tasks.enums import RowDecision
from tasks.models import ImportBatch, ImportRow, SourceClass
from tests.tasks.intake.conftest import DATA, FEBRUARY, SampleOffice

HEADER = (
    "序号",
    "类别",
    "重点任务",
    "任务来源",
    "工作目标",
    "工作举措",
    "牵头领导",
    "牵头处室",
    "协办处室",
    "责任人",
    "完成时限",
)
GOOD = ("1", "机关建设", "开展保密检查", "党组工作要点", "形成检查报告1篇", "1.部署\n2.检查", "张志强", "督办处", "人事处", "徐伟东", "9月底前")  # fmt: skip


def table(*rows: Sequence[object], header: Sequence[str] = HEADER) -> bytes:
    """An .xlsx with one header row."""
    workbook = Workbook()
    sheet = workbook.active
    assert sheet is not None
    for row in (header, *rows):
        sheet.append(list(row))
    file = io.BytesIO()
    workbook.save(file)
    return file.getvalue()


def changed(row: Sequence[str], **fields: str) -> tuple[str, ...]:
    """The row with other words in some columns, named by their place's English word."""
    places = dict(
        zip(
            ("number", "category", "key_task", "source", "goal", "steps", "leader", "lead", "co", "person", "deadline"),
            range(11),
            strict=True,
        )
    )
    cells = list(row)
    for name, text in fields.items():
        cells[places[name]] = text
    return tuple(cells)


def take_in(
    office: SampleOffice,
    data: bytes = b"",
    *,
    name: str = "任务分解表.xlsx",
    pasted: str = "",
    year: int = 2026,
    source: str = "",
    now: datetime = FEBRUARY,
) -> ImportBatch:
    """Uploaded, read and checked as the background does it."""
    create_import(
        office.organization,
        by=office.secretariat,
        year=year,
        name=name,
        data=data,
        pasted=pasted,
        default_source=source,
        now=now,
    )
    batch = claim_import(now=now)
    assert batch is not None
    read_import(batch, clock=lambda: now)
    return batch


def sample_paper(name: str) -> bytes:
    return (DATA / name).read_bytes()


def settle(office: SampleOffice, batch: ImportBatch, text: str, source_class: str, now: datetime = FEBRUARY) -> int:
    found = SourceClass.objects.get(organization=office.organization, name=source_class)
    return settle_source(batch, by=office.secretariat, text=text, source_class=found, now=now)


def answer(
    office: SampleOffice, row: ImportRow, now: datetime = FEBRUARY, decision: RowDecision | None = None, **fields: str
) -> ImportRow:
    row = ImportRow.objects.select_related("batch__organization").get(pk=row.pk)
    return correct_row(row, by=office.secretariat, seen=mark_of(row), fields=fields, decision=decision, now=now)


def write(office: SampleOffice, batch: ImportBatch, *, only_ok: bool = False, now: datetime = FEBRUARY) -> ImportBatch:
    """Asked for and done as the background does it."""
    batch.refresh_from_db()
    request_write(batch, by=office.secretariat, version=batch.version, only_ok=only_ok, now=now)
    claimed = claim_import(now=now)
    assert claimed is not None
    write_import(claimed, clock=lambda: now)
    return claimed


def imported(office: SampleOffice, data: bytes, now: datetime = FEBRUARY) -> ImportBatch:
    """A table without questions, written."""
    return write(office, take_in(office, data, now=now), now=now)


def codes(row: ImportRow) -> set[str]:
    return {problem["code"] for problem in row.problems}


def labels(row: ImportRow, code: str) -> list[str]:
    """The answers offered to a question."""
    return [pick["label"] for problem in row.problems if problem["code"] == code for pick in problem["picks"]]
