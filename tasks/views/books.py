"""Handing out a table as .xlsx: recorded, and never kept by what stands between."""

from collections.abc import Iterable
from urllib.parse import quote

from django.http import FileResponse

from accounts.http import SignedInRequest
from cppcc_office.lib.sheets.writing import Layout, Line, book_file
from tasks.actions.handing_out import record_table_export

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def book_response(
    request: SignedInRequest, layout: Layout, lines: Iterable[Line], *, name: str, organization_id: int
) -> FileResponse:
    """The book as an attachment under this name; the trail says who took it."""
    record_table_export(name, organization_id=organization_id, by=request.user, now=request.now)
    return as_attachment(FileResponse(book_file(layout, lines), content_type=XLSX), name)


def as_attachment(response: FileResponse, name: str) -> FileResponse:
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}.xlsx"
    response["Cache-Control"] = "private, no-store"
    return response
