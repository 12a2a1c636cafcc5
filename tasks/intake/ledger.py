"""A ledger already in use: what its 进展, 完成情况, 办结日期, 延期次数 and 交办日期 say happened before (补录)."""

import re
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from tasks.deadlines import Deadline, DeadlineKind, parse_deadline
from tasks.enums import Effect
from tasks.intake.office import ReadingTerms
from tasks.intake.problems import Pick, Problem, pick_of
from tasks.intake.values import TITLES, Values

LEDGER_FIELDS = ("progress", "completion", "closed_on", "extensions", "dispatched_on")
NO_BACKFILL = "no"

_DONE = re.compile(
    "(?:已|全部|均已|已经|已全部|按期|按时|如期)*(?:完成|办结|销号|结束|落实)(?:任务|销号|办结)?|是|(?:已?完成)?100%|√|✓|✔|完毕"
)
_OPEN = re.compile(
    "(?:尚?未|没有|暂未)(?:全部)?(?:完成|办结|销号|启动|开始|结束|落实)|否|×|(?:正在|持续|有序|正常)?(?:推进|办理|进行|实施)中?"
    "|(?:已?完成)?\\d{1,2}(?:\\.\\d+)?%|部分完成|基本完成|跨年度?|未到期|无|/|-|—"
)
_EFFECTS = {label: value for value, label in Effect.choices}


@dataclass
class LedgerReading:
    """`backfill` is empty for a row that has not begun; else as JSON what to record and as of when."""

    backfill: dict[str, Any] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)


def has_begun(values: Values) -> bool:
    """Whether the paper says that the row was dispatched before the system knew."""
    return values.get("backfill") != NO_BACKFILL and any(values.get(name) for name in LEDGER_FIELDS)


def read_ledger(values: Values, deadline: Deadline, terms: ReadingTerms) -> LedgerReading:
    found = LedgerReading()
    if not has_begun(values):
        return found
    dispatched_on = _day(values, "dispatched_on", terms, found)
    closed_on = _day(values, "closed_on", terms, found)
    if not values.get("dispatched_on"):
        new_year = date(terms.year, 1, 1)
        answers = (
            Pick(f"按 {new_year:%Y-%m-%d} 交办补录", {"dispatched_on": new_year.isoformat()}),
            Pick("不补录，按拟立项导入", {"backfill": NO_BACKFILL}),
        )
        words = "已有办理情况，但没有交办日期，请填写，或选不补录"
        found.problems.append(Problem("dispatched_on", "dispatched-missing", words, answers))
    done = _is_done(values, closed_on, found)
    if done and closed_on is None and not values.get("closed_on"):
        picks = tuple(
            pick_of("closed_on", day.isoformat())
            for day in (deadline.due_on,)
            if day is not None and day <= terms.today and deadline.kind == DeadlineKind.DATE
        )
        found.problems.append(Problem("closed_on", "closed-missing", "已完成，但没有办结日期，请填写", picks))
    if done and values.get("rating", "") not in _EFFECTS:
        picks = tuple(pick_of("rating", label) for label in _EFFECTS)
        found.problems.append(Problem("rating", "rating-missing", "已销号的项目要有成效评价，请选择", picks))
    if dispatched_on and closed_on and closed_on < dispatched_on:
        words = f"办结日期 {closed_on:%Y-%m-%d} 早于交办日期 {dispatched_on:%Y-%m-%d}，请改正"
        found.problems.append(Problem("closed_on", "closed-before", words))
    if dispatched_on and deadline.due_on and deadline.due_on < dispatched_on:
        words = f"交办日期 {dispatched_on:%Y-%m-%d} 晚于完成时限 {deadline.due_on:%Y-%m-%d}，请改正其中一个"
        found.problems.append(Problem("dispatched_on", "dispatched-late", words))
    found.backfill = {
        "dispatched_on": dispatched_on.isoformat() if dispatched_on else "",
        "closed_on": closed_on.isoformat() if closed_on and done else "",
        "effect": _EFFECTS.get(values.get("rating", ""), ""),
        "extensions": _extensions(values, found),
        "progress": "\n".join(filter(None, (values.get("progress", ""), _words_of_completion(values)))),
    }
    if found.backfill["dispatched_on"]:
        closed = f"、销号 {closed_on:%Y-%m-%d}" if done and closed_on else ""
        found.remarks.append(f"补录：交办 {found.backfill['dispatched_on']}{closed}")
    return found


def _day(values: Values, name: str, terms: ReadingTerms, found: LedgerReading) -> date | None:
    text = values.get(name, "")
    if not text:
        return None
    read = parse_deadline(text, year=terms.year)
    if read.kind != DeadlineKind.DATE or read.due_on is None:
        words = f"{TITLES[name]}“{text}”读不出日期，请写成 2026-03-01 这样的日期"
        found.problems.append(Problem(name, f"{name}-unread", words))
        return None
    if read.due_on > terms.today:
        words = f"{TITLES[name]} {read.due_on:%Y-%m-%d} 还没有到，请改正"
        found.problems.append(Problem(name, f"{name}-ahead", words))
        return None
    return read.due_on


def _is_done(values: Values, closed_on: date | None, found: LedgerReading) -> bool:
    text = re.sub(r"[\s。；;！!]", "", values.get("completion", ""))
    if _DONE.fullmatch(text):
        return True
    if not text:
        return bool(closed_on or values.get("closed_on"))
    if _OPEN.fullmatch(text):
        if closed_on:
            words = f"完成情况写“{text}”，却有办结日期，请改正其中一个"
            picks = (pick_of("completion", "已完成"), Pick("未办结，去掉日期", {"closed_on": ""}))
            found.problems.append(Problem("completion", "completion-contradicts", words, picks))
        return False
    if values.get("closed_on"):
        return True
    picks = (pick_of("completion", "已完成"), pick_of("completion", "办理中"))
    words = f"完成情况“{text[:30]}”看不出是否已办结，请选择"
    found.problems.append(Problem("completion", "completion-unread", words, picks))
    return False


def _words_of_completion(values: Values) -> str:
    """What the completion says beyond yes and no belongs to the progress."""
    text = values.get("completion", "").strip()
    bare = re.sub(r"[\s。；;！!]", "", text)
    return "" if not text or _DONE.fullmatch(bare) or _OPEN.fullmatch(bare) else f"完成情况：{text}"


def _extensions(values: Values, found: LedgerReading) -> int:
    text = re.sub(r"[\s次]", "", values.get("extensions", ""))
    if text in ("", "无", "否", "-", "—", "/"):
        return 0
    if re.fullmatch(r"\d{1,2}", text):
        return int(text)
    if re.fullmatch("[一二两三四五六七八九]", text):
        return "一二三四五六七八九".index(text.replace("两", "二")) + 1
    words = f"延期次数“{values['extensions'][:20]}”不是数字，请改成次数，没有延期写 0"
    found.problems.append(Problem("extensions", "extensions-unread", words))
    return 0
