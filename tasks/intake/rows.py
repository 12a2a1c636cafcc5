"""The rows under a header as plan lines, and what was left out and why."""

import datetime
import re
from collections.abc import Iterable
from dataclasses import replace

from cppcc_office.lib.sheets import Cell, Row, Sheet
from tasks.intake.columns import LABELS, QUARTERS, Field, Header
from tasks.intake.lines import LeftOut, PlanLine
from tasks.intake.splitting import (
    bare_heading,
    join_lines,
    same_texts,
    split_duty,
    split_outside_brackets,
    split_people,
    split_steps,
)

TOTAL = "合计行，不是任务"
NOTE = "表下的说明，不是任务"
HEADER_AGAIN = "重复的表头"
HEADING = "分类标题，用作下面各行的类别"
CONTINUED = "是第 {row} 行的续行，举措已并入那一行"

_TOTAL = re.compile(r"(?:合|总|小|共)\s*计.{0,30}")
_NOTE = re.compile(
    r"(?:备?注|说明|填表说明|填报说明|附注|制表|填表|填报|审核|审签|联系)(?:人|单位|处室|日期|时间|电话)?\s*\d?\s*[：:].*",
    re.S,
)
_ERRORS = ("#REF!", "#N/A", "#NAME?", "#VALUE!", "#DIV/0!", "#NULL!", "#NUM!")


def plan_lines(sheet: Sheet, header: Header) -> tuple[list[PlanLine], list[LeftOut]]:
    """Every row under the header is either a line or left out with a reason; empty rows are neither."""
    reader = _Rows(sheet, header)
    for row in sheet.rows:
        if row.number > header.last_row:
            reader.take(row)
    return reader.lines, reader.left_out


class _Rows:
    """Walks down the sheet, remembering what is written once for several rows."""

    def __init__(self, sheet: Sheet, header: Header) -> None:
        self.sheet, self.header = sheet, header
        self.index_of = {field: index for index, field in header.columns.items()}
        self.lines: list[PlanLine] = []
        self.left_out: list[LeftOut] = []
        self.category = self.key_task = ""
        self.heading = ""
        self.header_texts = [row.texts for row in sheet.rows if header.first_row <= row.number <= header.last_row]
        mapped = [row for row in sheet.rows if row.number > header.last_row and self._has_duty(row)]
        self.last_duty = mapped[-1].number if mapped else header.last_row

    def cell(self, row: Row, field: Field) -> Cell:
        index = self.index_of.get(field)
        return row.cells[index] if index is not None and index < len(row.cells) else Cell()

    def text(self, row: Row, field: Field) -> str:
        return self.cell(row, field).text

    def _has_duty(self, row: Row) -> bool:
        own = _own(row)
        return len(own) > 1 and not _TOTAL.fullmatch(own[0]) and not _NOTE.fullmatch(own[0])

    def take(self, row: Row) -> None:
        why = self._why_not(row)
        if why:
            self._leave_out(row, why)
        elif self._continues(row):
            self._append_steps(row)
        else:
            self.lines.append(self._line(row))

    def _why_not(self, row: Row) -> str:
        own = _own(row)
        if any(same_texts(row.texts, texts) for texts in self.header_texts):
            return HEADER_AGAIN
        if any(_TOTAL.fullmatch(text) for text in own[:2]):
            return TOTAL
        if _NOTE.fullmatch(own[0]) and not self._names_duty(row):
            return NOTE
        if len(own) == 1 and not self._is_lone_duty(row, own[0]):
            if row.number > self.last_duty:
                return NOTE
            self.heading = self.category = bare_heading(own[0])
            self.key_task = ""
            return HEADING
        return ""

    def _names_duty(self, row: Row) -> bool:
        """Whether the note-like beginning stands beside a duty of its own in another cell."""
        return len(_own(row)) > 2

    def _is_lone_duty(self, row: Row, text: str) -> bool:
        """A row with nothing but its title is a duty still to be filled in; a heading stands in the first column,
        spans the table, or carries a heading's ordinal."""
        index = next(
            at for at, cell in enumerate(row.cells) if cell.own_text or (cell.formula and not cell.merged_from)
        )
        spans = sum(cell.merged_from == (row.number, index) for cell in row.cells)
        titles = {self.index_of.get(Field.KEY_TASK), self.index_of.get(Field.PROJECT)}
        steps = {self.index_of.get(field) for field in (Field.STEPS, *QUARTERS)}
        return not spans and ((index in titles and bare_heading(text) == text) or index in steps)

    def _leave_out(self, row: Row, why: str) -> None:
        self.left_out.append(LeftOut(row.number, why, text=" ".join(_own(row))[:80], sheet=self.sheet.name))

    def _continues(self, row: Row) -> bool:
        """Whether the row only adds steps to the line above: its title is merged from there, or blank."""
        if not self.lines or not self._steps(row):
            return False
        if self.cell(row, Field.PROJECT).own_text or self.cell(row, Field.KEY_TASK).own_text:
            return False
        if self.cell(row, Field.NUMBER).own_text:
            return False
        steps = self.index_of.get(Field.STEPS)
        return steps is None or bool(row.cells[steps].own_text)

    def _append_steps(self, row: Row) -> None:
        last = self.lines[-1]
        steps = self._steps(row)
        due = self.cell(row, Field.DEADLINE)
        deadlines = [*last.step_deadlines]
        if due.own_text and len(deadlines) == len(last.steps) and not any(deadlines) and isinstance(last.deadline, str):
            # The first row's date was that of its own steps; the project ends with the last of them.
            deadlines = [last.deadline] * len(last.steps)
        deadlines += [due.own_text] * len(steps)
        problems = list(last.problems)
        for field in (Field.GOAL, Field.LEAD, Field.CO, Field.PERSON):
            if self.cell(row, field).own_text:
                problems.append(f"第 {row.number} 行并入本行，但另写了{LABELS[field]}“{self.text(row, field)}”，请核对")
        self.lines[-1] = replace(
            last,
            steps=(*last.steps, *steps),
            step_deadlines=tuple(deadlines),
            deadline=_date_or_text(due) if due.own_text else last.deadline,
            problems=tuple(problems),
        )
        self._leave_out(row, CONTINUED.format(row=last.row))

    def _steps(self, row: Row) -> list[str]:
        steps = split_steps(self.text(row, Field.STEPS))
        return steps + [step for quarter in QUARTERS for step in split_steps(self.text(row, quarter))]

    def _line(self, row: Row) -> PlanLine:
        if category := self.text(row, Field.CATEGORY):
            self.category = bare_heading(category)
        own_task, project = self.text(row, Field.KEY_TASK), self.text(row, Field.PROJECT)
        if own_task:
            self.key_task = join_lines(own_task)
        # Only beside a project may the key task be written once for several rows.
        key_task = self.key_task if own_task or project else ""
        lead, co = split_duty(self.text(row, Field.LEAD), first_leads=self.header.first_leads)
        more_co = [name for name in _assisting(self.text(row, Field.CO)) if name not in co]
        problems = list(self._problems(row))
        if not key_task and not project:
            problems.append("这一行没有写重点任务，请补上或删去这一行")
        return PlanLine(
            sheet=self.sheet.name,
            row=row.number,
            number=self.text(row, Field.NUMBER),
            category=self.category,
            key_task=key_task or join_lines(project),
            project=join_lines(project),
            sources=tuple(split_outside_brackets(self.text(row, Field.SOURCE), "、；;\n，,/")),
            goal=self.text(row, Field.GOAL),
            steps=tuple(self._steps(row)),
            step_deadlines=tuple(self._step_deadlines(row)),
            leader_texts=tuple(split_people(self.text(row, Field.LEADER))),
            lead_texts=tuple(lead),
            co_texts=tuple(co + more_co),
            person_texts=tuple(split_people(self.text(row, Field.PERSON))),
            deadline=_date_or_text(self.cell(row, Field.DEADLINE)),
            effect=self.text(row, Field.EFFECT),
            report_cycle=self.text(row, Field.REPORT_CYCLE),
            remark=self.text(row, Field.REMARK),
            progress=self.text(row, Field.PROGRESS),
            completion=self.text(row, Field.COMPLETION),
            closed_on=_date_or_text(self.cell(row, Field.CLOSED_ON)),
            extensions=self.text(row, Field.EXTENSIONS),
            dispatched_on=_date_or_text(self.cell(row, Field.DISPATCHED_ON)),
            project_number=self.text(row, Field.PROJECT_NUMBER),
            formula_cells=tuple(self._formula_cells(row)),
            problems=tuple(problems),
        )

    def _step_deadlines(self, row: Row) -> list[str]:
        deadlines = [""] * len(split_steps(self.text(row, Field.STEPS)))
        for quarter, ordinal in zip(QUARTERS, "一二三四", strict=True):
            deadlines += [f"第{ordinal}季度末"] * len(split_steps(self.text(row, quarter)))
        return deadlines

    def _formula_cells(self, row: Row) -> Iterable[str]:
        return (LABELS[field] for index, field in self.header.columns.items() if _at(row, index).formula)

    def _problems(self, row: Row) -> Iterable[str]:
        for index, field in self.header.columns.items():
            cell, label = _at(row, index), LABELS[field]
            if cell.text in _ERRORS:
                yield f"“{label}”一格是错误值 {cell.text}，请改成文字或日期"
            elif cell.formula and not cell.text:
                yield f"“{label}”一格是公式，文件里没有存它的值，请填写"
            # A numbered column made with =ROW()-3 needs nobody's attention.
            elif cell.formula and field != Field.NUMBER:
                yield f"“{label}”一格是公式，已按上次保存的值“{cell.text}”读取，请核对"


def _own(row: Row) -> list[str]:
    """The texts the row does not share with a row above; a formula without value counts as one."""
    return [
        cell.own_text or cell.formula for cell in row.cells if cell.own_text or (cell.formula and not cell.merged_from)
    ]


def _at(row: Row, index: int) -> Cell:
    return row.cells[index] if index < len(row.cells) else Cell()


def _date_or_text(cell: Cell) -> str | datetime.date:
    return cell.date or join_lines(cell.text)


def _assisting(text: str) -> list[str]:
    lead, co = split_duty(text, first_leads=False)
    return [name for name in dict.fromkeys([*lead, *co]) if name not in ("无", "/", "-", "—")]
