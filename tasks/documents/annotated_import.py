"""The table of an import with a column of remarks, to be sent back to whoever wrote it."""

import tempfile
from collections.abc import Iterable
from typing import IO, Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

from tasks.intake.values import TITLES
from tasks.models import ImportRow

_WIDE = frozenset({"key_task", "project", "goal", "steps"})


def annotated_workbook(rows: Iterable[ImportRow]) -> IO[bytes]:
    """Rows as the paper wrote them, what was corrected, and what is asked; written row by row to a temporary file."""
    rows = list(rows)
    fields = [name for name in TITLES if any(row.original.get(name) or row.values.get(name) for row in rows)]
    workbook = Workbook(write_only=True)
    sheet = workbook.create_sheet("导入核对")
    sheet.freeze_panes = "B2"
    titles = ["行", *(TITLES[name] for name in fields), "识别的时限", "情况", "更正与说明"]
    for place, name in enumerate(["", *fields, "", "", "_words"], 1):
        width = 60 if name == "_words" else 32 if name in _WIDE else 16 if place > 1 else 6
        sheet.column_dimensions[get_column_letter(place)].width = width
    sheet.append([_cell(sheet, title, bold=True) for title in titles])
    for row in rows:
        texts = [str(row.row), *(row.original.get(name, "") for name in fields)]
        texts += [row.due_on.isoformat() if row.due_on else "", row.get_status_display(), _words(row, fields)]
        sheet.append([_cell(sheet, text) for text in texts])
    file: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 (the response closes it)
    workbook.save(file)
    file.seek(0)
    return file


def _words(row: ImportRow, fields: Iterable[str]) -> str:
    words = [problem["words"] for problem in row.problems]
    words += [
        f"{TITLES[name]}已更正为“{row.values.get(name, '')}”"
        for name in fields
        if row.values.get(name, "") != row.original.get(name, "")
    ]
    return "\n".join([*words, *row.remarks])


def _cell(sheet: Any, text: str, *, bold: bool = False) -> Any:
    cell = WriteOnlyCell(sheet, text)
    cell.data_type = "s"  # a text that begins with = stays a text
    cell.alignment = Alignment(wrap_text=True, vertical="top")
    if bold:
        cell.font = Font(bold=True)
    return cell
