"""A whole paper, table or running text, as entries of texts with what was left out; says when columns must be mapped by hand."""

import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from cppcc_office.lib.sheets import Row, Sheet, Unreadable, read_paragraphs, read_tables
from tasks.enums import ImportKind
from tasks.intake.columns import Field, Header, Unmapped, find_header
from tasks.intake.lines import LeftOut, PlanLine
from tasks.intake.rows import plan_lines
from tasks.intake.running_text import items_in
from tasks.intake.values import Values, values_of

NO_HEADER = "这张工作表没有找到表头，没有读入"
# Without these columns every row would have to be asked about.
WANTED = (Field.LEAD, Field.DEADLINE)
SHOWN_FOR_MAPPING = 12

Columns = dict[str, dict[str, Any]]
"""Per sheet, as JSON: `first_row`, `last_row`, `columns` (index as text → field), `titles`, `unmapped`, `first_leads`."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One row to be. `texts` also hold what the reader said (`said`, one sentence a line) and a `hint` of a deadline."""

    sheet: str
    row: int
    texts: Values


@dataclass
class Paper:
    kind: ImportKind
    entries: list[Entry] = field(default_factory=list)
    left_out: list[dict[str, Any]] = field(default_factory=list)
    columns: Columns = field(default_factory=dict)
    needs_mapping: bool = False
    title: str = ""


def read_text(text: str) -> Paper:
    """Pasted running text."""
    return _of_paragraphs([line.strip() for line in text.splitlines() if line.strip()])


def read_file(data: bytes, name: str, *, remembered: Mapping[str, str], chosen: Columns) -> Paper:
    """A file. Tables first; a .docx without a table of duties, and .txt, as running text. Raises `Unreadable`."""
    is_document = name.lower().endswith((".docx", ".docm", ".txt"))
    if not is_document:
        return _of_sheets(read_tables(io.BytesIO(data), name), remembered, chosen)
    if not name.lower().endswith(".txt"):
        try:
            paper = _of_sheets(read_tables(io.BytesIO(data), name), remembered, chosen)
        except Unreadable as unreadable:
            if "没有表格" not in unreadable.sentence:
                raise
        else:
            if not paper.needs_mapping:
                return paper
    return _of_paragraphs(read_paragraphs(io.BytesIO(data), name))


def sheets_to_map(data: bytes, name: str) -> list[dict[str, Any]]:
    """The first rows of each sheet with their numbers, for the page where columns are mapped."""
    return [
        {
            "name": sheet.name,
            "rows": [{"number": row.number, "texts": list(row.texts)} for row in sheet.rows[:SHOWN_FOR_MAPPING]],
        }
        for sheet in read_tables(io.BytesIO(data), name)
    ]


def _of_sheets(sheets: Iterable[Sheet], remembered: Mapping[str, str], chosen: Columns) -> Paper:
    paper = Paper(ImportKind.TABLE)
    lacking = False
    for sheet in sheets:
        paper.left_out += [{"sheet": sheet.name, "row": 0, "why": note, "text": ""} for note in sheet.notes]
        by_hand = sheet.name in chosen and bool(chosen[sheet.name].get("by_hand"))
        header = _chosen_header(chosen[sheet.name]) if by_hand else find_header(sheet, remembered)
        if header is None:
            first = " ".join(text for row in sheet.rows[:1] for text in row.texts if text)[:80]
            paper.left_out.append({"sheet": sheet.name, "row": 0, "why": NO_HEADER, "text": first})
            continue
        paper.title = paper.title or next(iter(header.title_lines), "")
        paper.columns[sheet.name] = _as_json(header, by_hand=by_hand)
        lacking = lacking or (not by_hand and not set(WANTED) <= set(header.columns.values()))
        lines, left_out = plan_lines(sheet, header)
        rows = {row.number: row for row in sheet.rows}
        paper.entries += [_entry(line, _extra(rows.get(line.row), header)) for line in lines]
        paper.left_out += map(_left_out, left_out)
    paper.needs_mapping = not paper.columns or lacking
    return paper


def _of_paragraphs(paragraphs: list[str]) -> Paper:
    lines, left_out = items_in(paragraphs)
    if not lines:
        raise Unreadable("正文里没有找到编了号、写明责任处室的任务；请检查内容，或改用任务分解表导入。")
    above = [each.text for each in left_out if each.row < lines[0].row]
    entries = [_entry(line, "") for line in lines]
    return Paper(ImportKind.TEXT, entries, list(map(_left_out, left_out)), title=next(iter(above), ""))


def _entry(line: PlanLine, extra: str) -> Entry:
    texts = values_of(line)
    more = {"said": "\n".join(line.problems), "hint": line.deadline_hint, "extra": extra}
    return Entry(line.sheet, line.row, texts | {name: text for name, text in more.items() if text})


def _extra(row: Row | None, header: Header) -> str:
    """What stands in columns that nothing answers to goes into the remark: nothing of the paper is lost."""
    if row is None:
        return ""
    cells = {column.index: row.cells[column.index].text for column in header.unmapped if column.index < len(row.cells)}
    return "；".join(f"{header.titles[index]}：{text}" for index, text in cells.items() if text)


def _left_out(each: LeftOut) -> dict[str, Any]:
    return {"sheet": each.sheet, "row": each.row, "why": each.why, "text": each.text}


def _as_json(header: Header, *, by_hand: bool) -> dict[str, Any]:
    return {
        "first_row": header.first_row,
        "last_row": header.last_row,
        "columns": {str(index): str(each) for index, each in header.columns.items()},
        "titles": {str(index): title for index, title in header.titles.items()},
        "unmapped": [each.index for each in header.unmapped],
        "first_leads": header.first_leads,
        "by_hand": by_hand,
    }


def _chosen_header(chosen: Mapping[str, Any]) -> Header:
    titles = {int(index): str(title) for index, title in chosen["titles"].items()}
    columns = {int(index): Field(name) for index, name in chosen["columns"].items() if name}
    unread = {int(index) for index in chosen.get("unread", ())}
    return Header(
        first_row=int(chosen["first_row"]),
        last_row=int(chosen["last_row"]),
        columns=columns,
        titles=titles,
        unmapped=tuple(
            Unmapped(index, title) for index, title in titles.items() if index not in columns and index not in unread
        ),
        first_leads=bool(chosen.get("first_leads")),
    )
