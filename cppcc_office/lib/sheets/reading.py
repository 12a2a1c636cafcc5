"""The two doors of the package: a file and its name in, tables or paragraphs out."""

from pathlib import Path
from typing import BinaryIO

from cppcc_office.lib.sheets.tables import Sheet


def read_tables(file: BinaryIO | Path, name: str) -> list[Sheet]:
    """All tables of the file, in its order; raises `Unreadable` with one sentence."""
    raise NotImplementedError


def read_paragraphs(file: BinaryIO | Path, name: str) -> list[str]:
    """The running text of a .docx or .txt, one line each, automatic numbering written out; raises `Unreadable`."""
    raise NotImplementedError
