"""What a change must hold, beyond who asks: dates in order, something left to do, the right kind for what is wanted."""

from collections.abc import Iterable, Sequence
from datetime import date

from tasks.actions.changes.lines import ADDED, CANCELLED, DUE, RESUME, Tree, day_in
from tasks.enums import ChangeKind, MilestoneState
from tasks.models import ChangeLine

# What each kind may touch; the rest is asked for as 调整.
_DATES = {("project", DUE), ("milestone", DUE)}
ALLOWED: dict[ChangeKind, set[tuple[str, str]] | None] = {
    ChangeKind.EXTENSION: _DATES,
    ChangeKind.ALTERATION: None,
    ChangeKind.SUSPENSION: {("project", RESUME)},
    ChangeKind.RESUMPTION: _DATES,
    ChangeKind.CANCELLATION: set(),
    ChangeKind.REOPENING: {("project", DUE), ("milestone", ADDED)},
}


def faults_of(
    kind: ChangeKind, tree: Tree, lines: Sequence[ChangeLine], new_due_on: date | None, today: date
) -> list[str]:
    """Everything wrong at once; empty where it may be asked for."""
    faults = [*_of_kind(kind, tree, lines, new_due_on, today), *_of_dates(kind, tree, lines, new_due_on, today)]
    allowed = ALLOWED[kind]
    if allowed is not None and any((line.subject_kind, line.field) not in allowed for line in lines):
        faults.append(f"{kind.label}申请只能改时限，其他内容请用“调整”")
    if kind == ChangeKind.ALTERATION and any(line.field == RESUME for line in lines):
        faults.append("预计恢复日期只在暂缓申请里写")
    return faults


def _of_kind(
    kind: ChangeKind, tree: Tree, lines: Sequence[ChangeLine], new_due_on: date | None, today: date
) -> Iterable[str]:
    due_on = tree.project.due_on
    if kind == ChangeKind.EXTENSION and (new_due_on is None or due_on is None or new_due_on <= due_on):
        yield "延期要写晚于现在的项目完成时限；只改节点时限的请用“调整”"
    if kind == ChangeKind.ALTERATION:
        if not lines:
            yield "没有任何改动，请先修改再提交"
        if new_due_on is not None and due_on is not None and new_due_on > due_on:
            yield "推迟项目完成时限请用“延期”"
        yield from _of_what_is_left(tree, lines)
    if kind == ChangeKind.SUSPENSION:
        resume_on = day_in(lines, RESUME)
        if resume_on is None:
            yield "请写预计恢复日期"
        elif resume_on <= today:
            yield f"预计恢复日期 {resume_on:%Y-%m-%d} 要在今天以后"
    if kind in (ChangeKind.RESUMPTION, ChangeKind.REOPENING) and new_due_on is None:
        yield "请写新的项目完成时限"
    if kind == ChangeKind.REOPENING and not any(line.field == ADDED for line in lines):
        yield "请写整改节点：做什么、谁负责、何时完成"


def _of_what_is_left(tree: Tree, lines: Sequence[ChangeLine]) -> Iterable[str]:
    gone = {line.subject_id for line in lines if line.field == CANCELLED}
    stays = [m for m in tree.milestones.values() if m.state != MilestoneState.CANCELLED and m.pk not in gone]
    if gone and not stays and not any(line.field == ADDED for line in lines):
        yield "节点不能全部取消；整个项目不再办理的，请申请终止"


def _of_dates(
    kind: ChangeKind, tree: Tree, lines: Sequence[ChangeLine], new_due_on: date | None, today: date
) -> Iterable[str]:
    project = tree.project
    last = new_due_on or project.due_on
    if new_due_on is not None and new_due_on < today:
        yield f"新的项目完成时限 {new_due_on:%Y-%m-%d} 已过，请写今天或以后的日期"
    if kind in (ChangeKind.SUSPENSION, ChangeKind.CANCELLATION):
        return
    gone = {line.subject_id for line in lines if line.field == CANCELLED}
    moved = {line.subject_id: line for line in lines if line.field == DUE and line.subject_kind == "milestone"}
    named = [(line.label, date.fromisoformat(line.value)) for line in moved.values()]
    added = [(line.label, date.fromisoformat(line.value[DUE])) for line in lines if line.field == ADDED]
    # A step to mend what is overdue has a date of its own; the project stays overdue, as after 退回整改 (domain 4).
    mends = kind == ChangeKind.ALTERATION and last is not None and last < today
    for label, day in named + added:
        if last is not None and day > last and not (mends and (label, day) in added):
            yield f"{label}的时限 {day:%Y-%m-%d} 晚于项目完成时限 {last:%Y-%m-%d}"
        elif day < today:
            yield f"{label}的时限 {day:%Y-%m-%d} 已过，请写今天或以后的日期"
        elif project.start_on is not None and day < project.start_on:
            yield f"{label}的时限 {day:%Y-%m-%d} 早于项目开始日期 {project.start_on:%Y-%m-%d}"
    if last is None or project.due_on is None or last >= project.due_on:
        return
    for milestone in tree.milestones.values():
        stays = milestone.is_open and milestone.pk not in gone and milestone.pk not in moved
        if stays and milestone.due_on is not None and milestone.due_on > last:
            yield f"节点“{milestone.title}”的时限 {milestone.due_on:%Y-%m-%d} 晚于新的项目完成时限，请一并提前"
