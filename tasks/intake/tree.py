"""From goal, steps and deadline to the proposed tree: targets, and milestones with dates to confirm."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from cppcc_office.lib.workdays import WorkCalendar
from tasks.deadlines import Deadline, DeadlineKind, parse_deadline
from tasks.intake.metrics import Metric, targets_in
from tasks.spreading import spread_dates

_QUARTERS = {3: "一季度", 6: "二季度", 9: "三季度", 12: "四季度"}
_LONGEST_TITLE = 300
_LONGEST_STATEMENT = 500


@dataclass
class Tree:
    """As JSON values, ready to be stored with the row; a milestone names its target by place."""

    targets: list[dict[str, Any]] = field(default_factory=list)
    milestones: list[dict[str, Any]] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)


def propose_tree(
    *,
    title: str,
    goal: str,
    steps: Sequence[str],
    step_deadlines: Sequence[str],
    deadline: Deadline,
    start: date,
    calendar: WorkCalendar,
    year: int,
) -> Tree:
    """One target per metric, one milestone per step, or per occurrence with the steps as its checklist."""
    tree = Tree()
    tree.targets = [_target(metric) for metric in targets_in(goal)] or [_stand_in(title)]
    if not goal:
        tree.remarks.append("没有写工作目标，暂以任务名称为目标，分解时请确认")
    elif any(not target["is_confirmed"] for target in tree.targets):
        shown = "；".join(target["statement"] for target in tree.targets)
        tree.remarks.append(f"识别出 {len(tree.targets)} 个目标：{shown}") if len(tree.targets) > 1 else None
    if deadline.kind in (DeadlineKind.RECURRING, DeadlineKind.STANDING):
        _recurring(tree, title, steps, deadline, start)
    elif steps:
        _single(tree, steps, step_deadlines, deadline, start, calendar, year)
    else:
        tree.remarks.append("没有写举措（节点），写入后请在分解页补上")
    return tree


def _target(metric: Metric) -> dict[str, Any]:
    return {
        "statement": metric.statement[:_LONGEST_STATEMENT],
        "metric": metric.metric[:100],
        "unit": metric.unit[:10],
        "value": str(metric.value) if metric.value else "",
        "period": str(metric.period) or "year",
        "rule": "",
        # A quantity is proposed, the paper's own sentence needs nobody's confirmation.
        "is_confirmed": not metric.value,
    }


def _stand_in(title: str) -> dict[str, Any]:
    return {
        "statement": title,
        "metric": "",
        "unit": "",
        "value": "",
        "period": "year",
        "rule": "",
        "is_confirmed": False,
    }


def _milestone(title: str, due_on: date | None, **more: Any) -> dict[str, Any]:
    return {
        "target": 0,
        "title": title[:_LONGEST_TITLE],
        "due_on": due_on.isoformat() if due_on else "",
        "confirmed": True,
        "checklist": "",
        "recurring": False,
    } | more


def _recurring(tree: Tree, title: str, steps: Sequence[str], deadline: Deadline, start: date) -> None:
    coming = [day for day in deadline.occurrences if day >= start]
    past = len(deadline.occurrences) - len(coming)
    standing = deadline.kind == DeadlineKind.STANDING
    tree.milestones = [
        _milestone(
            f"{_period_of(day, deadline)}{'检查' if standing else ''}：{title}",
            day,
            checklist="\n".join(steps),
            recurring=True,
        )
        for day in coming
    ]
    # The first target carries the occurrences; each other one takes one of the last, so that none is without.
    spare = max(len(coming) - len(tree.targets) + 1, 1)
    for place, milestone in enumerate(tree.milestones):
        milestone["target"] = max(0, min(place - spare + 1, len(tree.targets) - 1))
    if deadline.rule:
        tree.targets[0]["rule"] = deadline.rule
    listed = "、".join(f"{day:%m-%d}" for day in coming)
    word = "按季检查" if standing else "周期任务"
    tree.remarks.append(f"{word}，列 {len(coming)} 个节点（{listed}）" if coming else f"{word}，今年已没有未到期的节点")
    if past:
        tree.remarks.append(f"{start:%Y-%m-%d} 以前的 {past} 个周期节点不再列入")


def _period_of(day: date, deadline: Deadline) -> str:
    months = {each.month for each in deadline.occurrences}
    if months == set(_QUARTERS):
        return _QUARTERS[day.month]
    return f"{day.month}月"


def _single(
    tree: Tree,
    steps: Sequence[str],
    step_deadlines: Sequence[str],
    deadline: Deadline,
    start: date,
    calendar: WorkCalendar,
    year: int,
) -> None:
    """The last step takes the due date; the others the paper's own date, else an even spread to be confirmed."""
    due = deadline.due_on
    suggested = spread_dates(start, due, len(steps), calendar) if due else [None] * len(steps)
    written = list(step_deadlines) if len(step_deadlines) == len(steps) else [""] * len(steps)
    unread = []
    for place, (step, day, text) in enumerate(zip(steps, suggested, written, strict=True)):
        own = parse_deadline(text, year=year) if text else None
        if own and own.kind == DeadlineKind.DATE:
            tree.milestones.append(_milestone(step, own.due_on))
            continue
        if own:
            unread.append(text)
        is_last = place == len(steps) - 1
        tree.milestones.append(_milestone(step, day, confirmed=is_last and day is not None))
    if unread:
        tree.remarks.append(f"举措的时限“{'、'.join(unread)}”没有识别，已按推算，分解时请确认")
    late = [each for each in tree.milestones if due and each["due_on"] > due.isoformat()]
    if late:
        tree.remarks.append(f"有 {len(late)} 个节点的时限晚于完成时限，分解时请改正")
    for milestone, target in zip(tree.milestones, _shared_out(steps, tree.targets), strict=True):
        milestone["target"] = target
    if len(tree.targets) > len(steps):
        tree.remarks.append("目标多于举措，多出的目标还没有节点，分解时请补上")


def _shared_out(steps: Sequence[str], targets: Sequence[dict[str, Any]]) -> list[int]:
    """The target of each step: runs in the paper's order, each target at least one, the last with the last step.

    Where the runs are cut, the words shared by steps and targets decide.
    """
    count, wanted = len(steps), min(len(targets), len(steps))
    words = [_pairs(target["statement"]) for target in targets]
    likeness = [[len(_pairs(step) & words[k]) for k in range(wanted)] for step in steps]
    # best[i][k]: the most shared words when step i is the last so far and belongs to target k.
    best = [[-1] * wanted for _ in steps]
    came_from = [[0] * wanted for _ in steps]
    best[0][0] = likeness[0][0]
    for i in range(1, count):
        for k in range(wanted):
            stay = best[i - 1][k]
            move = best[i - 1][k - 1] if k else -1
            if max(stay, move) < 0:
                continue
            came_from[i][k] = k if stay >= move else k - 1
            best[i][k] = max(stay, move) + likeness[i][k]
    shares = [wanted - 1]
    for i in range(count - 1, 0, -1):
        shares.append(came_from[i][shares[-1]])
    return shares[::-1]


def _pairs(text: str) -> set[str]:
    return {text[at : at + 2] for at in range(len(text) - 1)}
