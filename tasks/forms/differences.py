"""What of a draft differs between what is stored now and what somebody typed on an older version."""

from collections.abc import Iterable, Iterator
from datetime import date

from cppcc_office.lib.errors import Change
from tasks.actions.decomposition import MilestoneDraft, ProjectDraft
from tasks.queries.choices import Choices


def differences(stored: ProjectDraft, typed: ProjectDraft, choices: Choices) -> list[Change]:
    """`old` is what is stored, `new` what was typed. New rows of the typer's own are no difference worth telling."""
    return [
        *_of_project(stored, typed, choices),
        *_of_targets(stored, typed),
        *_of_milestones(stored, typed, choices),
    ]


def _of_project(stored: ProjectDraft, typed: ProjectDraft, choices: Choices) -> Iterator[Change]:
    divisions, people = choices.division_names, choices.person_names
    pairs = (
        ("项目名称", stored.title, typed.title),
        ("牵头处室", divisions.get(stored.lead_division_id or 0, ""), divisions.get(typed.lead_division_id or 0, "")),
        ("责任人", people.get(stored.person_id or 0, ""), people.get(typed.person_id or 0, "")),
        ("牵头领导", people.get(stored.leader_id or 0, ""), people.get(typed.leader_id or 0, "")),
        ("协办处室", _names(stored.co_division_ids, divisions), _names(typed.co_division_ids, divisions)),
        ("开始日期", _day(stored.start_on), _day(typed.start_on)),
        ("完成时限", _day(stored.due_on), _day(typed.due_on)),
        ("成效标准", stored.effect_standard, typed.effect_standard),
        ("反馈周期", stored.report_cycle, typed.report_cycle),
        ("备注", stored.remark, typed.remark),
    )
    return (Change(what, old, new) for what, old, new in pairs if old.split() != new.split())


def _of_targets(stored: ProjectDraft, typed: ProjectDraft) -> Iterator[Change]:
    mine = {target.pk: target.statement for target in typed.targets if target.pk}
    for target in stored.targets:
        new = mine.get(target.pk or 0)
        if new is None:
            yield Change(f"目标“{target.statement}”", "在分解表中", "您的页面上没有，提交后删去")
        elif new.strip() != target.statement:
            yield Change("目标", target.statement, new)


def _of_milestones(stored: ProjectDraft, typed: ProjectDraft, choices: Choices) -> Iterator[Change]:
    mine = {node.pk: node for node in _nodes(typed) if node.pk}
    for node in _nodes(stored):
        other = mine.get(node.pk or 0)
        if other is None:
            yield Change(f"节点“{node.title}”", "在分解表中", "您的页面上没有，提交后删去")
            continue
        pairs = (
            ("名称", node.title, other.title),
            ("完成时限", _day(node.due_on), _day(other.due_on)),
            ("成果形式", node.deliverable, other.deliverable),
            (
                "主办处室",
                _name(node.division_id, choices.division_names),
                _name(other.division_id, choices.division_names),
            ),
            ("责任人", _name(node.person_id, choices.person_names), _name(other.person_id, choices.person_names)),
        )
        for what, old, new in pairs:
            if old.strip() != new.strip():
                yield Change(f"节点“{node.title}”{what}", old, new)


def _nodes(draft: ProjectDraft) -> Iterable[MilestoneDraft]:
    return (node for target in draft.targets for node in target.milestones)


def _name(pk: int | None, names: dict[int, str]) -> str:
    return names.get(pk or 0, "")


def _names(pks: list[int], names: dict[int, str]) -> str:
    return "、".join(names.get(pk, "") for pk in sorted(pks))


def _day(day: date | None) -> str:
    return day.isoformat() if day else ""
