"""What a revised table does to a duty that the plan already has."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder

from accounts.models import User
from tasks.actions.decomposition import MilestoneDraft, ProjectDraft, TargetDraft, draft_of, save_decomposition
from tasks.actions.recording import record_project
from tasks.enums import ChangeKind, ChangeState, ProjectState
from tasks.models import Category, ChangeLine, ChangeRequest, ImportBatch, ImportRow, KeyTask, Project
from tasks.models.plan import AD_HOC

_TREE_FIELDS = frozenset({"goal", "steps", "step_deadlines"})


@dataclass
class Revision:
    """What was done, so that it can be undone: drafts as they were, change requests made."""

    drafts: list[dict[str, Any]] = field(default_factory=list)
    changes: list[int] = field(default_factory=list)


def revise_project(
    project: Project,
    row: ImportRow,
    batch: ImportBatch,
    categories: Mapping[str, Category],
    *,
    by: User,
    now: datetime,
) -> Revision:
    """Alter the draft, or prepare a change request with every old → new; closed projects are left as they are."""
    changes = row.reading["revisions"]
    if project.state == ProjectState.DRAFT:
        before = draft_of(project)
        kept = {"project": project.pk, "category": project.key_task.category_id, "draft": as_json(before)}
        save_decomposition(project, _revised(draft_of(project), row), by=by, version=project.version, now=now)
        if any(change["field"] == "category" for change in changes):
            KeyTask.objects.filter(pk=project.key_task_id).update(
                category=categories[row.reading["category"] or AD_HOC]
            )
        return Revision(drafts=[kept])
    if not project.is_open:
        row.remarks = [f"项目{project.get_state_display()}，没有改动", *row.remarks]
        return Revision()
    only_date = [change["field"] for change in changes] == ["deadline"]
    later = project.due_on is not None and row.due_on is not None and row.due_on > project.due_on
    request = ChangeRequest.objects.create(
        organization_id=project.organization_id,
        project=project,
        kind=ChangeKind.EXTENSION if only_date and later else ChangeKind.ALTERATION,
        state=ChangeState.PREPARED,
        reason=f"修订的任务分解表“{batch.name}”第 {row.row} 行",
        asked_by=by,
        asked_at=now,
    )
    ChangeLine.objects.bulk_create(
        ChangeLine(
            request=request,
            subject_kind="project",
            subject_id=project.pk,
            field=change["field"],
            label=change["label"],
            old=change["old"],
            new=change["new"],
        )
        for change in changes
    )
    listed = "、".join(change["label"] for change in changes)
    words = f"按修订的“{batch.name}”拟出变更申请：{listed}"
    record_project(project, "prepare_change", words, by=by, now=now, subject=request)
    return Revision(changes=[request.pk])


def _revised(draft: ProjectDraft, row: ImportRow) -> ProjectDraft:
    reading = row.reading
    changed = {change["field"] for change in reading["revisions"]}
    nodes = [node for target in draft.targets for node in target.milestones]
    if changed & {"lead", "person"}:
        for node in nodes:
            if node.division_id == draft.lead_division_id:
                node.division_id = reading["lead_id"]
            if node.person_id == draft.person_id:
                node.person_id = reading["person_id"]
        draft.lead_division_id, draft.person_id = reading["lead_id"], reading["person_id"]
    if "co" in changed or "lead" in changed:
        draft.co_division_ids = list(reading["co_ids"])
    if "leader" in changed:
        draft.leader_id = reading["leader_id"]
    if "effect" in changed:
        draft.effect_standard = reading["effect_standard"]
    if "report_cycle" in changed:
        draft.report_cycle = reading["report_cycle"]
    if changed & {"remark", "extra"}:
        draft.remark = reading["remark"]
    old_due, old_kind = draft.due_on, draft.due_kind
    if "deadline" in changed:
        draft.due_on = date.fromisoformat(reading["due_on"])
        draft.due_kind, draft.due_text = reading["due_kind"], reading["due_text"]
        draft.start_on = min(filter(None, (draft.start_on, draft.due_on)))
    recurring = "date" not in (old_kind, reading["due_kind"]) or old_kind != reading["due_kind"]
    if changed & _TREE_FIELDS or ("deadline" in changed and recurring):
        draft.targets = _tree(reading)
    elif "deadline" in changed:
        suggested = {each["title"]: each["due_on"] for each in reading["milestones"]}
        for node in nodes:
            if node.due_on == old_due:
                node.due_on = draft.due_on
            elif not node.due_is_confirmed and suggested.get(node.title):
                node.due_on = date.fromisoformat(suggested[node.title])
    return draft


def _tree(reading: Mapping[str, Any]) -> list[TargetDraft]:
    targets = [
        TargetDraft(
            statement=each["statement"],
            metric=each["metric"],
            unit=each["unit"],
            target_value=Decimal(each["value"]) if each["value"] else None,
            quota_period=each["period"] or "year",
            rule=each["rule"],
            is_confirmed=each["is_confirmed"],
        )
        for each in reading["targets"]
    ]
    for each in reading["milestones"]:
        node = MilestoneDraft(
            title=each["title"],
            checklist=each["checklist"],
            division_id=reading["lead_id"],
            person_id=reading["person_id"],
            due_on=date.fromisoformat(each["due_on"]) if each["due_on"] else None,
            due_is_confirmed=each["confirmed"],
            is_recurring=each["recurring"],
        )
        targets[each["target"]].milestones.append(node)
    return targets


def as_json(draft: ProjectDraft) -> dict[str, Any]:
    plain: dict[str, Any] = json.loads(json.dumps(asdict(draft), cls=DjangoJSONEncoder))
    return plain


def from_json(kept: Mapping[str, Any]) -> ProjectDraft:
    values = dict(kept)
    targets = []
    for each in values.pop("targets"):
        nodes = [MilestoneDraft(**(node | {"due_on": _day(node["due_on"])})) for node in each["milestones"]]
        value = Decimal(each["target_value"]) if each["target_value"] is not None else None
        targets.append(TargetDraft(**(each | {"milestones": nodes, "target_value": value})))
    values |= {"start_on": _day(values["start_on"]), "due_on": _day(values["due_on"])}
    return ProjectDraft(**values, targets=targets)


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
