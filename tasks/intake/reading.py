"""One row of a paper, understood: who, what, by when; what is to be asked; what to take note of."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from tasks.deadlines import Deadline, DeadlineKind, parse_deadline, suggestions
from tasks.intake.columns import LABELS
from tasks.intake.ledger import has_begun, read_ledger
from tasks.intake.matching import DivisionBook, match_co, match_lead, match_leaders, match_people
from tasks.intake.office import OfficeWords, PersonName, ReadingTerms
from tasks.intake.problems import Pick, Problem, pick_of
from tasks.intake.tree import propose_tree
from tasks.intake.values import LONGEST, LONGEST_TEXT, TITLES, Values, sources_in, steps_in, title_of

_LABELLED = {label: field.value for field, label in LABELS.items()}


@dataclass
class RowReading:
    """`reading` is stored with the row as JSON and is all that writing needs."""

    title: str
    due_on: date | None
    reading: dict[str, Any]
    problems: list[Problem] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)

    @property
    def is_error(self) -> bool:
        return any(problem.is_error for problem in self.problems)


class RowReader:
    """Reads rows of one paper with one office's words; asks neither clock nor database."""

    def __init__(self, office: OfficeWords, terms: ReadingTerms) -> None:
        self.office, self.terms = office, terms
        self.book = DivisionBook(office)

    def read(self, values: Values, original: Values, said: Sequence[str] = (), hint: str = "") -> RowReading:
        """`said` are the sentences of the file's reader about this row, `hint` a deadline its words suggest."""
        row = RowReading(title_of(values), None, {})
        self._told_by_file(row, values, original, said)
        self._lengths(row, values)
        if not row.title:
            row.problems.append(Problem("key_task", "title-missing", "没有写重点任务，请填写，或跳过这一行"))
        who = self._who(row, values)
        sources = self._sources(row, values)
        deadline = self._deadline(row, values, hint)
        ledger = read_ledger(values, deadline, self.terms)
        row.problems += ledger.problems
        row.remarks += ledger.remarks
        start = self._start(values, deadline, ledger.backfill.get("dispatched_on", ""))
        is_open = not values.get("accept_past") and not ledger.backfill.get("closed_on")
        steps = steps_in(values.get("steps", ""))
        tree = propose_tree(
            title=row.title,
            goal=values.get("goal", ""),
            steps=steps,
            step_deadlines=values.get("step_deadlines", "").split("\n") if values.get("step_deadlines") else (),
            deadline=deadline,
            # What is still to do is spread from now on, also where the work began earlier.
            start=max(start, self.terms.starts_on) if is_open else start,
            calendar=self.office.calendar,
            year=self.terms.year,
        )
        row.remarks += tree.remarks
        row.due_on = deadline.due_on
        row.reading = {
            "category": values.get("category", ""),
            "key_task": values.get("key_task", "") or row.title,
            "title": row.title,
            "number": values.get("number", ""),
            "sources": sources,
            **who,
            "due_kind": str(deadline.kind) if deadline.due_on else "",
            "due_on": deadline.due_on.isoformat() if deadline.due_on else "",
            "due_text": values.get("deadline", ""),
            "start_on": start.isoformat(),
            "targets": tree.targets,
            "milestones": tree.milestones,
            "backfill": ledger.backfill,
        }
        return row

    def _told_by_file(self, row: RowReading, values: Values, original: Values, said: Sequence[str]) -> None:
        """What the reader of the file said, unless the cell has been corrected since."""
        for sentence in said:
            label = re.match("“(.+?)”一格", sentence)
            name = _LABELLED.get(label[1], "") if label else ""
            if name and values.get(name, "") != original.get(name, ""):
                continue
            if "错误值" in sentence:
                row.problems.append(Problem(name or "key_task", "cell-error", sentence, is_error=True))
            elif "没有存它的值" in sentence:
                row.problems.append(Problem(name or "key_task", "formula-empty", sentence))
            elif "没有写重点任务" not in sentence:  # asked for by this reader itself
                row.remarks.append(sentence)

    def _lengths(self, row: RowReading, values: Values) -> None:
        for name, text in values.items():
            longest = LONGEST.get(name, LONGEST_TEXT)
            if len(text) > longest:
                words = f"{TITLES.get(name, name)}超过 {longest} 个字，请缩短"
                row.problems.append(Problem(name, "too-long", words))

    def _who(self, row: RowReading, values: Values) -> dict[str, Any]:
        office, book = self.office, self.book
        lead = match_lead(values.get("lead", ""), values.get("co", ""), book, office)
        lead_id = lead.ids[0] if lead.ids else None
        co = match_co(values.get("co", ""), lead_id, book, office)
        people = match_people(values.get("person", ""), lead_id, book, office)
        leaders = match_leaders(values.get("leader", ""), office)
        row.problems += [*lead.problems, *co.problems, *leaders.problems, *people.problems]
        row.remarks += [*lead.remarks, *co.remarks]
        if not values.get("person"):
            row.remarks.append("没有写责任人，分解时补上")
        also = []
        for ids, word, known in ((people.ids, "责任人", office.people), (leaders.ids, "牵头领导", office.leaders)):
            if len(ids) > 1:
                others = "、".join(_person(known, each).name for each in ids[1:])
                row.remarks.append(f"{word}写了 {len(ids)} 位，以第一位为准，其余记入备注")
                also.append(f"其他{word}：{others}")
        person = _person(office.people, people.ids[0]) if people.ids else None
        if person and lead_id not in person.division_ids:
            row.remarks.append(f"责任人{person.name}不在牵头处室")
        leader = _person(office.leaders, leaders.ids[0]) if leaders.ids else None
        also += [each for each in (values.get("remark", ""), values.get("extra", "")) if each]
        if values.get("project_number"):
            also.append(f"原编号：{values['project_number']}")
        return {
            "lead_id": lead_id,
            "lead": office.division(lead_id).name if lead_id else "",
            "co_ids": co.ids,
            "co": [office.division(division_id).name for division_id in co.ids],
            "person_id": person.id if person else None,
            "person": person.name if person else "",
            "leader_id": leader.id if leader else None,
            "leader": leader.name if leader else "",
            "effect_standard": values.get("effect", ""),
            "report_cycle": values.get("report_cycle", ""),
            "remark": "\n".join(also),
        }

    def _sources(self, row: RowReading, values: Values) -> list[dict[str, Any]]:
        names = sources_in(values.get("source", "")) or sources_in(self.terms.default_source)
        if not names:
            words = "没有写任务来源，请填写"
            row.problems.append(Problem("source", "source-missing", words))
        found = []
        for name in names:
            class_id = self.office.source_terms.get(name) or self.office.source_classes.get(name)
            if class_id is None:
                words = f"来源“{name}”第一次出现，请对应到来源类别"
                row.problems.append(Problem("source", "source-unknown", words, about=name))
            found.append({"name": name[:200], "class_id": class_id})
        return found

    def _deadline(self, row: RowReading, values: Values, hint: str) -> Deadline:
        text = values.get("deadline", "")
        deadline = parse_deadline(text, year=self.terms.year)
        if deadline.kind == DeadlineKind.UNKNOWN or deadline.due_on is None:
            offered = [hint] if hint and not text else suggestions(text, year=self.terms.year)
            picks = tuple(pick_of("deadline", each) for each in offered)
            code = "deadline-unknown" if text else "deadline-missing"
            # A cell that holds an error or an empty formula has been told of already.
            if not any(problem.field == "deadline" for problem in row.problems):
                row.problems.append(Problem("deadline", code, deadline.why.rstrip("。"), picks))
            return deadline
        self._notes_on_day(row, deadline)
        today = self.terms.today
        if deadline.due_on < today and not has_begun(values):
            if values.get("accept_past"):
                row.remarks.append(f"时限 {deadline.due_on:%Y-%m-%d} 已过，按原时限补录")
            else:
                row.problems.append(self._past(deadline.due_on))
        return deadline

    def _past(self, due_on: date) -> Problem:
        days = [day for day in (date(self.terms.year, 12, 31),) if day >= self.terms.today]
        picks = (
            *(pick_of("deadline", day.isoformat(), f"改为 {day:%Y-%m-%d}") for day in days),
            Pick("按原时限补录", {"accept_past": "1"}),
        )
        words = f"时限 {due_on:%Y-%m-%d} 已过，请改期，或按原时限补录"
        return Problem("deadline", "deadline-past", words, picks)

    def _notes_on_day(self, row: RowReading, deadline: Deadline) -> None:
        calendar, due_on = self.office.calendar, deadline.due_on
        if due_on is None:
            return
        if deadline.kind == DeadlineKind.DATE and not calendar.is_workday(due_on):
            before = calendar.on_or_before(due_on)
            why = calendar.name_of(due_on) or "周末"
            row.remarks.append(f"时限 {due_on:%m-%d} 是{why}，按 {before:%m-%d} 提醒")
        if not calendar.is_known(due_on.year):
            row.remarks.append(f"{due_on.year} 年的放假安排尚未公布，工作日按推算")
        if due_on.year != self.terms.year:
            row.remarks.append(f"时限在 {due_on.year} 年，不是计划年度 {self.terms.year} 年，请核对")

    def _start(self, values: Values, deadline: Deadline, dispatched_on: str) -> date:
        start = self.terms.starts_on
        if dispatched_on:
            start = date.fromisoformat(dispatched_on)
        elif values.get("accept_past") or has_begun(values):
            start = date(self.terms.year, 1, 1)
        if deadline.due_on and deadline.due_on < start:
            return min(deadline.due_on, date(self.terms.year, 1, 1))
        return start


def _person(people: Sequence[PersonName], person_id: int) -> PersonName:
    return next(person for person in people if person.id == person_id)
