"""Makers of odd files, as offices and others send them."""

import io
import zipfile
from collections.abc import Callable, Sequence

from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

OLE = bytes.fromhex("d0cf11e0a1b11ae1")
HEADER = ("序号", "重点任务", "牵头处室", "完成时限")
BILLION_LAUGHS = (
    '<!DOCTYPE lolz [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">'
    '<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]><worksheet><sheetData><row><c><v>&c;</v></c></row></sheetData></worksheet>'
)


def workbook(rows: Sequence[Sequence[object]], arrange: Callable[[Worksheet], object] | None = None) -> io.BytesIO:
    """An .xlsx with these rows in one sheet; `arrange` may merge, hide and format."""
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = "分解表"
    for row in rows:
        sheet.append(list(row))
    if arrange:
        arrange(sheet)
    file = io.BytesIO()
    book.save(file)
    file.seek(0)
    return file


def repacked(file: io.BytesIO, replaced: dict[str, bytes]) -> io.BytesIO:
    """The zip file with some parts put in or exchanged."""
    out = io.BytesIO()
    with zipfile.ZipFile(file) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            if name not in replaced:
                target.writestr(name, source.read(name))
        for name, data in replaced.items():
            target.writestr(name, data)
    out.seek(0)
    return out


def open_document(table: str, manifest: str = "<manifest/>") -> io.BytesIO:
    """An .ods of these table elements, without its namespaces' prefixes declared twice."""
    spaces = " ".join(
        f'xmlns:{prefix}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for prefix, name in (("office", "office"), ("table", "table"), ("text", "text"), ("style", "style"))
    )
    content = f"<office:document-content {spaces}>{table}</office:document-content>"
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", content)
        archive.writestr("META-INF/manifest.xml", manifest)
    out.seek(0)
    return out
