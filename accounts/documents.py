"""Files that accounts hands out."""

import csv
from collections.abc import Iterable, Iterator
from io import BytesIO

from django.utils import timezone
from openpyxl import Workbook
from openpyxl.styles import Font

from accounts.models import Event

PASSWORD_COLUMNS = ("姓名", "任职", "登录名", "初始密码")
AUDIT_COLUMNS = ("编号", "时间", "人员", "登录名", "代", "代填", "动作", "结果", "内容", "地址", "原值", "新值")


def passwords_workbook(lines: Iterable[Iterable[str]]) -> bytes:
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = "初始密码"
    for number, line in enumerate([PASSWORD_COLUMNS, *lines], start=1):
        for column, text in enumerate(line, start=1):
            cell = sheet.cell(number, column)
            cell.value = text
            cell.data_type = "s"  # what begins with = is a text as well
            cell.font = Font(bold=number == 1)
    for letter, width in zip("ABCD", (12, 30, 16, 20), strict=True):
        sheet.column_dimensions[letter].width = width
    sheet.freeze_panes = "A2"
    file = BytesIO()
    book.save(file)
    return file.getvalue()


class _Line:
    """What the csv writer writes to: it hands the line straight back."""

    def write(self, text: str) -> str:
        return text


def _harmless(text: object) -> str:
    """Spreadsheets run what begins like a formula; a quote before it makes it a text."""
    words = "" if text is None else str(text)
    return f"'{words}" if words.startswith(("=", "+", "-", "@", "\t", "\r")) else words


def audit_lines(events: Iterable[Event]) -> Iterator[str]:
    """The trail as csv, line by line; begins with the mark by which Excel knows UTF-8."""
    writer = csv.writer(_Line())
    yield "\ufeff" + str(writer.writerow(AUDIT_COLUMNS))
    for event in events:
        cells = (
            event.pk,
            f"{timezone.localtime(event.at):%Y-%m-%d %H:%M:%S}",
            event.by.name if event.by else "",
            event.by.username if event.by else "",
            event.principal.name if event.principal else "",
            event.entered_for,
            event.verb_word,
            event.get_outcome_display(),
            event.words,
            event.address,
            event.before or "",
            event.after or "",
        )
        yield str(writer.writerow([_harmless(cell) for cell in cells]))
