"""Writing what was agreed: each line into its row, warn dates anew, original dates never."""

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import Max

from tasks.actions.changes.lines import ADDED, CANCELLED, DUE, DUTY, RESUME, STATE
from tasks.actions.milestone import CLEARED_REPORT
from tasks.actions.numbers import void_numbers
from tasks.actions.project import WarnDate, warning_of
from tasks.actions.recording import bump
from tasks.enums import ChangeKind, CloseOutState, MilestoneState, ProjectState, Series
from tasks.models import ChangeLine, ChangeRequest, CloseOut, Milestone, Project, ProjectCoDivision, Target
from tasks.workflow import CHANGE_ASKS

_PROJECT_COLUMNS = {"lead_division": "lead_division_id", "person": "person_id", "leader": "leader_id"}


@dataclass
class Applied:
    """What was touched, for the revision rows; `notes` tell what could no longer be done."""

    milestones: dict[int, Milestone] = field(default_factory=dict)
    targets: dict[int, Target] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


def apply_change(request: ChangeRequest, lines: list[ChangeLine], *, version: int, now: datetime) -> Applied:
    """Write the lines of an agreed request. The checks are the caller's; the project is claimed here."""
    project, kind = request.project, ChangeKind(request.kind)
    warning = warning_of(project.organization_id)
    bump(project, version=version, was=project.state, **_project_fields(project, kind, lines, warning))
    # The instance may hold the related rows of before.
    for name in ("lead_division", "person", "leader"):
        project._state.fields_cache.pop(name, None)
    applied = Applied()
    for line in lines:
        if line.subject_kind == "project":
            _write_beside(project, line)
        elif line.subject_kind == "target":
            _write_target(line, applied)
        elif line.field == ADDED:
            _add_milestone(project, line.value, warning, applied)
        else:
            _write_milestone(project, line, warning, applied)
    if kind == ChangeKind.REOPENING:
        _void_close_out(project, now=now)
    return applied


def _project_fields(project: Project, kind: ChangeKind, lines: list[ChangeLine], warning: WarnDate) -> dict[str, Any]:
    fields: dict[str, Any] = {"extension_asked_on": None}
    for line in lines:
        if line.subject_kind != "project" or line.field in (STATE, RESUME, "co_divisions"):
            continue
        if line.field == DUE:
            fields["due_on"] = date.fromisoformat(line.value)
        else:
            fields[_PROJECT_COLUMNS.get(line.field, line.field)] = line.value
    if "due_on" in fields and project.start_on is not None:
        fields["warn_on"] = warning(project.start_on, fields["due_on"])
    if kind == ChangeKind.EXTENSION:
        fields["extension_count"] = project.extension_count + 1
    target = CHANGE_ASKS[kind].target
    if target is not None:
        fields["state"] = target
    if kind == ChangeKind.RESUMPTION and project.received_at is None:
        fields["state"] = ProjectState.DISPATCHED  # as it was before the pause: nobody has taken it yet
    if kind == ChangeKind.REOPENING:
        fields |= {"closed_at": None, "closed_by": None, "closed_on": None, "mend_on": None}
    return fields


def _write_beside(project: Project, line: ChangeLine) -> None:
    if line.field != "co_divisions":
        return
    ProjectCoDivision.objects.filter(project=project).delete()
    ProjectCoDivision.objects.bulk_create(
        ProjectCoDivision(project=project, division_id=division_id, order=order)
        for order, division_id in enumerate(line.value)
        if division_id != project.lead_division_id
    )


def _write_target(line: ChangeLine, applied: Applied) -> None:
    target = applied.targets.get(line.subject_id or 0) or Target.objects.get(pk=line.subject_id or 0)
    setattr(target, line.field, Decimal(line.value) if line.field == "target_value" else line.value)
    target.save(update_fields=[line.field])
    applied.targets[target.pk] = target


def _write_milestone(project: Project, line: ChangeLine, warning: WarnDate, applied: Applied) -> None:
    milestone = applied.milestones.get(line.subject_id or 0) or Milestone.objects.get(pk=line.subject_id or 0)
    if not milestone.is_open or (line.field == DUE and milestone.state == MilestoneState.REPORTED):
        # It was finished while the request waited; what is done, or reported too late, stays as it was done.
        applied.notes.append(f"节点“{milestone.title}”{milestone.get_state_display()}，没有改动")
        return
    fields: dict[str, Any] = {line.field: line.value}
    if line.field == DUE:
        due_on = date.fromisoformat(line.value)
        fields = {"due_on": due_on, "due_is_confirmed": True}
        if project.start_on is not None:
            fields["warn_on"] = warning(project.start_on, due_on)
    elif line.field == DUTY:
        fields = {"division_id": line.value["division"], "person_id": line.value["person"]}
    elif line.field == CANCELLED:
        fields = CLEARED_REPORT | {"state": MilestoneState.CANCELLED}
    for name, value in fields.items():
        setattr(milestone, name, value)
    milestone.save(update_fields=[name.removesuffix("_id") for name in fields])
    applied.milestones[milestone.pk] = milestone


def _add_milestone(project: Project, value: dict[str, Any], warning: WarnDate, applied: Applied) -> None:
    due_on = date.fromisoformat(value[DUE])
    siblings = Milestone.objects.filter(target=value["target"])
    last = siblings.aggregate(last=Max("order"))["last"]
    milestone = Milestone.objects.create(
        organization_id=project.organization_id,
        project=project,
        target_id=value["target"],
        order=(last if last is not None else -1) + 1,
        title=value["title"],
        deliverable=value["deliverable"],
        weight=value["weight"],
        division_id=value["division"],
        person_id=value["person"],
        due_on=due_on,
        original_due_on=due_on,
        warn_on=warning(project.start_on, due_on) if project.start_on is not None else None,
    )
    applied.milestones[milestone.pk] = milestone


def _void_close_out(project: Project, *, now: datetime) -> None:
    """The accepted close-out stays with its number, void; the next one gets the next number."""
    for close_out in CloseOut.objects.filter(project=project, state=CloseOutState.ACCEPTED):
        close_out.state = CloseOutState.VOID
        close_out.save(update_fields=["state"])
        void_numbers(Series.CLOSE_OUT, close_out.pk, now=now)
