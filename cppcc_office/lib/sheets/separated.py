"""Reading .csv and other plain text: which encoding, which separator, which rows."""

import codecs
import csv
import io
import statistics

from cppcc_office.lib.sheets.tables import Cell, Limits, Sheet, Unreadable, clean, sheet_of

WRONG_ENCODING = "读不出文件的文字编码，可能会成乱码；请另存为“CSV UTF-8”或 .xlsx 后再上传。"
SEPARATORS = ",;\t，；"


def decode(data: bytes) -> str:
    """The text in UTF-8 (with or without mark), UTF-16 or GB18030; raises `Unreadable` rather than show 乱码."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encodings = ["utf-16"]
    elif b"\x00" in data[:2000]:
        # Only UTF-16 has zero bytes in a text: on the odd places for little-endian, on the even ones for big-endian.
        odd, even = data[1:2000:2].count(0), data[:2000:2].count(0)
        encodings = ["utf-16-le" if odd >= even else "utf-16-be"]
    else:
        encodings = ["utf-8-sig", "gb18030"]
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if _reads_like_text(text):
            return text
    raise Unreadable(WRONG_ENCODING)


def _reads_like_text(text: str) -> bool:
    """Bytes of another encoding also decode as GB18030, into characters that no paper uses."""
    sample = text[:20_000]
    odd = sum(not _is_common(character) for character in sample)
    return odd * 50 <= len(sample)


def _is_common(character: str) -> bool:
    if character in "\t\r\n" or " " <= character <= "~":
        return True
    if "一" <= character <= "\u9fff":
        # GB2312 holds the characters of ordinary papers; the rest of the block is where 乱码 comes from.
        return len(_bytes_in_gb2312(character)) == 2
    return (
        character in "·×÷°±§—–‘’“”…‰※℃№→←↑↓√〇¥"
        or "\u2160" <= character <= "\u249b"
        or "\u25a0" <= character <= "\u2612"
        or "\u3000" <= character <= "\u303f"
        or "\u3220" <= character <= "\u3229"
        or "\uff01" <= character <= "\uffe5"
    )


def _bytes_in_gb2312(character: str) -> bytes:
    return character.encode("gb2312", errors="ignore")


def read_separated(data: bytes) -> list[Sheet]:
    """The one table of the text; a row's number is that of the record, as a spreadsheet shows it."""
    text = decode(data)
    separator = _separator(text)
    limits = Limits()
    cells: dict[int, dict[int, Cell]] = {}
    try:
        for number, values in enumerate(csv.reader(io.StringIO(text, newline=""), delimiter=separator), start=1):
            row = {index: Cell(cleaned) for index, value in enumerate(values) if (cleaned := clean(value))}
            if row:
                limits.add_row()
                limits.see_width(max(row) + 1)
                cells[number] = row
    except csv.Error as error:
        raise Unreadable("文件里的引号或换行不成对，读不出表格；请另存为 .xlsx 后再上传。") from error
    return [sheet_of("CSV", cells)]


def _separator(text: str) -> str:
    """The separator that cuts most of the first rows into the most cells."""

    def width(separator: str) -> float:
        head = io.StringIO("".join(text[:50_000].splitlines(keepends=True)[:40]), newline="")
        try:
            return statistics.median([len(row) for row in csv.reader(head, delimiter=separator) if row] or [0])
        except csv.Error:
            return 0

    return max(SEPARATORS, key=width)
