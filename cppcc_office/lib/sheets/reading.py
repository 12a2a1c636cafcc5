"""The two doors of the package: a file and its name in, tables or paragraphs out."""

import zipfile
from dataclasses import replace
from pathlib import Path, PurePath
from typing import BinaryIO

from cppcc_office.lib.sheets.archives import BROKEN, LOCKED, open_archive, told_when_broken
from cppcc_office.lib.sheets.documents import read_document_tables, read_document_text
from cppcc_office.lib.sheets.open_documents import read_open_document
from cppcc_office.lib.sheets.separated import decode, read_separated
from cppcc_office.lib.sheets.tables import MAX_FILE_BYTES, Sheet, Unreadable, clean
from cppcc_office.lib.sheets.workbooks import read_workbook

OLE = bytes.fromhex("d0cf11e0a1b11ae1")
TABLES = "请上传 .xlsx、.xls、.ods、.csv 文件，或含有表格的 .docx 文件。"
TEXTS = "请上传 .docx 或 .txt 文件，或把文字粘贴进来。"
SAVE_AS_XLSX = "请在 WPS 或 Excel 中打开，另存为 .xlsx 后再上传。"
SAVE_AS_DOCX = "请在 WPS 或 Word 中打开，另存为 .docx 后再上传。"
SAVE_AS = {
    **dict.fromkeys((".et", ".ett", ".xlsb", ".numbers", ".dif", ".prn"), SAVE_AS_XLSX),
    **dict.fromkeys((".doc", ".dot", ".wps", ".wpt", ".rtf", ".odt", ".pages"), SAVE_AS_DOCX),
}
SUFFIXES = {
    ".xlsx": "xlsx",
    ".xlsm": "xlsx",  # a workbook with macros; they are neither read nor run
    ".xltx": "xlsx",
    ".xls": "xls",
    ".xlt": "xls",
    ".ods": "ods",
    ".csv": "csv",
    ".tsv": "csv",
    ".txt": "csv",
    ".docx": "docx",
    ".docm": "docx",
}


def read_tables(file: BinaryIO | Path, name: str) -> list[Sheet]:
    """All tables with content, in the file's order; raises `Unreadable` with one sentence.

    The content decides the kind; where the name says something else, the first sheet's notes tell it.
    At most 20,000 rows with content in all sheets together, 200 columns, 20 MB.
    """
    data = _bytes(file)
    kind, archive = _kind(data, name)
    if kind == "csv":
        sheets = read_separated(data)
    elif kind in ("xls", "xlsx"):
        sheets = read_workbook(data, old=kind == "xls")
    elif kind == "ods" and archive:
        sheets = read_open_document(archive)
    elif kind == "docx" and archive:
        sheets = read_document_tables(archive)
        if not sheets:
            raise Unreadable("文档里没有表格；如果任务写在正文里，请按“正文”导入。")
    else:
        raise Unreadable(f"“{name}”不是能读的表格；{TABLES}")
    filled = [sheet for sheet in sheets if sheet.rows]
    if not filled:
        raise Unreadable("表格里没有内容；请检查是否选对了文件。")
    suffix = PurePath(name).suffix.lower()
    if SUFFIXES.get(suffix) != kind:
        said = f"文件名以 {suffix} 结尾" if suffix else "文件名没有扩展名"
        note = f"{said}，内容其实是 .{kind}，已按 .{kind} 读取。"
        filled[0] = replace(filled[0], notes=(note, *filled[0].notes))
    return filled


def read_paragraphs(file: BinaryIO | Path, name: str) -> list[str]:
    """The running text of a .docx or .txt, one line each, automatic numbering written out; raises `Unreadable`."""
    data = _bytes(file)
    kind, archive = _kind(data, name)
    if kind == "docx" and archive:
        lines = read_document_text(archive)
    elif kind == "csv":
        lines = [line for line in clean(decode(data)).split("\n") if line]
    else:
        raise Unreadable(f"“{name}”不是文字材料；{TEXTS}")
    if not lines:
        raise Unreadable("文档里没有文字；请检查是否选对了文件，扫描件请先转成文字。")
    return lines


def _bytes(file: BinaryIO | Path) -> bytes:
    if isinstance(file, Path):
        with file.open("rb") as opened:
            data = opened.read(MAX_FILE_BYTES + 1)
    else:
        data = file.read(MAX_FILE_BYTES + 1)
    if not data:
        raise Unreadable("文件是空的；请检查是否选对了文件。")
    if len(data) > MAX_FILE_BYTES:
        raise Unreadable(f"文件超过 {MAX_FILE_BYTES // 1024 // 1024} MB，没有读取；请删去图片等无关内容后再上传。")
    return data


def _kind(data: bytes, name: str) -> tuple[str, zipfile.ZipFile | None]:
    """What the bytes are; '' for nothing we read. Raises `Unreadable` where another kind of file needs other words."""
    suffix = PurePath(name).suffix.lower()
    if suffix in SAVE_AS:
        raise Unreadable(f"{suffix} 文件不能直接读取；{SAVE_AS[suffix]}")
    if data.startswith(OLE):
        return _kind_of_ole(data), None
    if data.startswith(b"PK"):
        archive = open_archive(data)
        with told_when_broken():
            return _kind_of_archive(archive), archive
    if SUFFIXES.get(suffix) == "csv" and not data.startswith((b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"Rar!", b"GIF8")):
        return "csv", None
    head = data[:1000].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if head.startswith(b"<") and suffix in SUFFIXES:
        raise Unreadable(f"文件名以 {suffix} 结尾，内容其实是网页；{SAVE_AS_XLSX}")
    if suffix in SUFFIXES:
        raise Unreadable(f"文件名以 {suffix} 结尾，内容却不是这种文件，或者已损坏；请重新保存后再上传。")
    return "", None


def _kind_of_ole(data: bytes) -> str:
    """The old container holds streams whose names stand in its directory as UTF-16."""

    def holds(stream: str) -> bool:
        return stream.encode("utf-16-le") in data

    if holds("EncryptedPackage"):
        raise Unreadable(LOCKED)
    if holds("WordDocument"):
        raise Unreadable(f"这是旧格式的文字文档；{SAVE_AS_DOCX}")
    if holds("Workbook") or holds("Book"):
        return "xls"
    raise Unreadable(BROKEN)


def _kind_of_archive(archive: zipfile.ZipFile) -> str:
    names = archive.namelist()
    if "xl/workbook.bin" in names:
        raise Unreadable(f".xlsb 文件不能直接读取；{SAVE_AS_XLSX}")
    if "xl/workbook.xml" in names:
        return "xlsx"
    if "word/document.xml" in names:
        return "docx"
    if "mimetype" in names:
        with archive.open("mimetype") as part:
            kind = part.read(100)
        if kind.startswith(b"application/vnd.oasis.opendocument.spreadsheet"):
            return "ods"
        if kind.startswith(b"application/vnd.oasis.opendocument.text"):
            raise Unreadable(f".odt 文件不能直接读取；{SAVE_AS_DOCX}")
    return ""
