"""What is asked for, value by value: read into lines that show old → new and hold what is written when it is agreed."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from cppcc_office.lib.errors import Refused
from tasks.enums import MilestoneState
from tasks.models import ChangeLine, Milestone, Project, Target
from tasks.queries.choices import Choices, choices_of

MOST_WEIGHT = 1000
ADDED = "added"
CANCELLED = "cancelled"
DUTY = "duty"
DUE = "due_on"
RESUME = "resume_on"
STATE = "state"


@dataclass(frozen=True)
class Wish:
    """One value as it should become. Values are plain: dates as ISO text, people and divisions as ids."""

    subject: str  # project, target, milestone
    field: str
    value: Any
    pk: int | None = None


@dataclass(frozen=True)
class Tree:
    """The project with its parts, and whom and what the office offers."""

    project: Project
    targets: Mapping[int, Target]
    milestones: Mapping[int, Milestone]
    choices: Choices

    def name_of(self, person_id: int | None) -> str:
        return self.choices.person_names.get(person_id or 0, "")

    def division(self, division_id: int | None) -> str:
        return self.choices.division_names.get(division_id or 0, "")


def tree_of(project: Project, today: date) -> Tree:
    milestones = Milestone.objects.filter(project=project).select_related("target", "division", "person")
    return Tree(
        project,
        {target.pk: target for target in project.targets.all()},
        {milestone.pk: milestone for milestone in milestones},
        choices_of(project.organization_id, today),
    )


@dataclass(frozen=True)
class Value:
    """How one field is named, read as it stands, read as wished, and told in words."""

    label: str
    now: Callable[[Any], Any]
    read: Callable[[Any, Tree], Any]
    words: Callable[[Any, Tree], str]


def _day(value: Any, tree: Tree) -> str:  # noqa: ARG001 (every reader gets the tree)
    try:
        return date.fromisoformat(str(value)).isoformat()
    except ValueError:
        raise Refused(f"“{value}”不是日期，请写成 2026-06-30 的样子") from None


def _text(value: Any, tree: Tree) -> str:  # noqa: ARG001 (every reader gets the tree)
    return str(value or "").strip()


def _statement(value: Any, tree: Tree) -> str:
    if not (text := _text(value, tree)):
        raise Refused("目标的内容不能为空")
    return text


def _weight(value: Any, tree: Tree) -> int:  # noqa: ARG001 (every reader gets the tree)
    text = str(value)
    if not text.isdecimal() or not 1 <= int(text) <= MOST_WEIGHT:
        raise Refused(f"权重写 1 至 {MOST_WEIGHT} 的整数")
    return int(text)


def _amount(value: Any, tree: Tree) -> str:  # noqa: ARG001 (every reader gets the tree)
    try:
        amount = Decimal(str(value))
    except InvalidOperation:
        raise Refused(f"目标值“{value}”不是数") from None
    if not 0 < amount < 10**10:
        raise Refused("目标值要大于零")
    return plain(amount)


def _person(value: Any, tree: Tree) -> int:
    if not (isinstance(value, int) and tree.name_of(value)):
        raise Refused("责任人不是本机关在职的人员，请重新选择")
    return value


def _leader(value: Any, tree: Tree) -> int | None:
    if value is not None and value not in {leader.pk for leader in tree.choices.leaders}:
        raise Refused("牵头领导不是本机关的领导，请重新选择")
    return None if value is None else int(value)


def _division(value: Any, tree: Tree) -> int:
    if not (isinstance(value, int) and tree.division(value)):
        raise Refused("处室不是本机关在用的处室，请重新选择")
    return value


def _divisions(value: Any, tree: Tree) -> list[int]:
    return sorted({_division(each, tree) for each in value})


def _duty(value: Any, tree: Tree) -> dict[str, int]:
    division, person = _division(value.get("division"), tree), _person(value.get("person"), tree)
    if not tree.choices.works_in(person, division):
        raise Refused(f"{tree.name_of(person)}不在{tree.division(division)}任职，请重新选择")
    return {"division": division, "person": person}


def plain(amount: Decimal) -> str:
    """1200, 2.5: without trailing zeros, never as 1E+3."""
    text = f"{amount:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def iso(day: date | None) -> str:
    return day.isoformat() if day else ""


def _as_is(value: Any, tree: Tree) -> str:  # noqa: ARG001 (all words get the tree)
    return "" if value is None else str(value)


def _names(value: Any, tree: Tree) -> str:
    return "、".join(tree.division(each) for each in value or ())


def _duty_words(value: Any, tree: Tree) -> str:
    return f"{tree.division(value['division'])} {tree.name_of(value['person'])}".strip()


PROJECT_VALUES = {
    DUE: Value("项目完成时限", lambda row: iso(row.due_on), _day, _as_is),
    "lead_division": Value("牵头处室", lambda row: row.lead_division_id, _division, lambda v, tree: tree.division(v)),
    "person": Value("项目责任人", lambda row: row.person_id, _person, lambda v, tree: tree.name_of(v)),
    "leader": Value("牵头领导", lambda row: row.leader_id, _leader, lambda v, tree: tree.name_of(v)),
    "co_divisions": Value(
        "协办处室",
        lambda row: sorted(row.co_division_rows.values_list("division_id", flat=True)),
        _divisions,
        _names,
    ),
    "effect_standard": Value("成效标准", lambda row: row.effect_standard, _text, _as_is),
    "report_cycle": Value("反馈周期", lambda row: row.report_cycle, _text, _as_is),
    "remark": Value("备注", lambda row: row.remark, _text, _as_is),
    RESUME: Value("预计恢复日期", lambda _: "", _day, _as_is),
}
TARGET_VALUES = {
    "statement": Value("目标“{}”", lambda row: row.statement, _statement, _as_is),
    "weight": Value("目标“{}”的权重", lambda row: row.weight, _weight, _as_is),
    "target_value": Value(
        "目标“{}”的目标值",
        lambda row: plain(row.target_value) if row.target_value is not None else "",
        _amount,
        _as_is,
    ),
}
MILESTONE_VALUES = {
    DUE: Value("节点“{}”", lambda row: iso(row.due_on), _day, _as_is),
    "weight": Value("节点“{}”的权重", lambda row: row.weight, _weight, _as_is),
    DUTY: Value(
        "节点“{}”的主办",
        lambda row: {"division": row.division_id, "person": row.person_id},
        _duty,
        _duty_words,
    ),
    CANCELLED: Value(
        "节点“{}”", lambda _: False, lambda value, _: bool(value), lambda value, _: "取消" if value else ""
    ),
}
_TABLES: dict[str, Mapping[str, Value]] = {
    "project": PROJECT_VALUES,
    "target": TARGET_VALUES,
    "milestone": MILESTONE_VALUES,
}


def lines_of(tree: Tree, wishes: Iterable[Wish]) -> list[ChangeLine]:
    """One unsaved line per value that differs from what stands. Raises Refused with everything that cannot be read."""
    lines, faults = [], []
    for wish in wishes:
        try:
            line = _added(tree, wish) if wish.field == ADDED else _line(tree, wish)
        except Refused as refusal:
            faults += refusal.reasons
            continue
        if line is not None:
            lines.append(line)
    if faults:
        raise Refused(list(dict.fromkeys(faults)))
    return lines


def _line(tree: Tree, wish: Wish) -> ChangeLine | None:
    subject, title = _subject(tree, wish)
    table = _TABLES.get(wish.subject, {})
    if wish.field not in table:
        raise Refused(f"“{wish.field}”不能通过变更申请修改")
    value = table[wish.field]
    try:
        old, new = value.now(subject), value.read(wish.value, tree)
    except Refused as refusal:
        raise Refused([f"{value.label.format(title)}：{reason}" for reason in refusal.reasons]) from None
    if old == new:
        return None
    if isinstance(subject, Milestone):
        _must_be_open(subject, wish.field)
    return ChangeLine(
        subject_kind=wish.subject,
        subject_id=subject.pk,
        field=wish.field,
        label=value.label.format(title),
        old=_old_words(value, subject, old, tree),
        new=value.words(new, tree),
        value=new,
    )


def _old_words(value: Value, subject: Any, old: Any, tree: Tree) -> str:
    """Also of people and divisions that the office no longer offers."""
    if value.words is _duty_words:
        return f"{subject.division or ''} {subject.person or ''}".strip()
    words = value.words(old, tree)
    if not words and old and isinstance(subject, Project):
        named = {"项目责任人": subject.person, "牵头领导": subject.leader, "牵头处室": subject.lead_division}
        return str(named.get(value.label) or "")
    if value.label.startswith("节点") and value is MILESTONE_VALUES[CANCELLED]:
        return f"{subject.get_state_display()}，{iso(subject.due_on)}"
    return words


def _must_be_open(milestone: Milestone, field: str) -> None:
    if not milestone.is_open:
        raise Refused(f"节点“{milestone.title}”{milestone.get_state_display()}，不能再改")
    if milestone.state == MilestoneState.REPORTED and field == DUE:
        raise Refused(f"节点“{milestone.title}”已报送待核实，处室计时已停，时限不用再改")


def _subject(tree: Tree, wish: Wish) -> tuple[Project | Target | Milestone, str]:
    if wish.subject == "project":
        return tree.project, ""
    if wish.subject == "target" and (target := tree.targets.get(wish.pk or 0)):
        return target, target.statement
    if wish.subject == "milestone" and (milestone := tree.milestones.get(wish.pk or 0)):
        return milestone, milestone.title
    raise Refused("要改的目标或节点不在这个项目里，请刷新后重新填写")


def _added(tree: Tree, wish: Wish) -> ChangeLine:
    given = wish.value
    title = _text(given.get("title"), tree)
    if not title:
        raise Refused("增加的节点没有写名称")
    try:
        value = {
            "title": title,
            "deliverable": _text(given.get("deliverable"), tree),
            "weight": _weight(given.get("weight", 1), tree),
            DUE: _day(given.get(DUE) or "", tree),
            "target": given.get("target"),
            **_duty(given, tree),
        }
    except Refused as refusal:
        raise Refused([f"增加的节点“{title}”：{reason}" for reason in refusal.reasons]) from None
    if value["target"] not in tree.targets:
        raise Refused(f"增加的节点“{title}”没有写属于哪个目标")
    deliverable = f"，{value['deliverable']}" if value["deliverable"] else ""
    weight = f"，权重 {value['weight']}" if value["weight"] != 1 else ""
    return ChangeLine(
        subject_kind="milestone",
        field=ADDED,
        label=f"增加节点“{title}”",
        new=f"{value[DUE]}，{_duty_words(value, tree)}{deliverable}{weight}",
        value=value,
    )


def told(lines: Sequence[ChangeLine]) -> str:
    """The lines as one sentence for the timeline: “项目完成时限由 2026-06-30 改为 2026-07-15；…”."""
    return "；".join(_told(line) for line in lines)


def _told(line: ChangeLine) -> str:
    if line.field == ADDED:
        return f"{line.label}（{line.new}）"
    if line.field == CANCELLED:
        return f"取消{line.label}"
    if not line.old:
        return f"{line.label} {line.new}"
    return f"{line.label}由 {line.old} 改为 {line.new or '空'}"


def value_in(lines: Iterable[ChangeLine], field: str) -> Any:
    """What the project's own field becomes; None where no line says."""
    return next((line.value for line in lines if line.subject_kind == "project" and line.field == field), None)


def day_in(lines: Iterable[ChangeLine], field: str) -> date | None:
    value = value_in(lines, field)
    return date.fromisoformat(value) if value else None
