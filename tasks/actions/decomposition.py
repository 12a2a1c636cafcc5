"""Decomposing drafts into targets, milestones and responsibilities: free until dispatch (domain 3)."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import ProtectedError

from accounts.models import User
from cppcc_office.lib.errors import Refused
from tasks.actions.numbers import take_numbers
from tasks.actions.project import BulkOutcome, dispatch_project
from tasks.actions.recording import bump, must_be_current, record_project, refuse_if, today_of
from tasks.enums import DueKind, ProjectState, QuotaPeriod, Series
from tasks.models import Milestone, MilestoneCoDivision, Project, ProjectCoDivision, ProjectRevision, Target
from tasks.rules.project import must_be_secretariat
from tasks.workflow import PROJECT_MOVES


@dataclass
class MilestoneDraft:
    """A milestone as typed on the decomposition page; `pk` of one that exists."""

    title: str
    pk: int | None = None
    deliverable: str = ""
    checklist: str = ""
    weight: int = 1
    division_id: int | None = None
    person_id: int | None = None
    co_division_ids: list[int] = field(default_factory=list)
    due_on: date | None = None
    due_is_confirmed: bool = True
    is_recurring: bool = False


@dataclass
class TargetDraft:
    statement: str
    pk: int | None = None
    weight: int = 1
    metric: str = ""
    unit: str = ""
    target_value: Decimal | None = None
    quota_period: str = QuotaPeriod.YEAR
    rule: str = ""
    is_confirmed: bool = True
    milestones: list[MilestoneDraft] = field(default_factory=list)


@dataclass
class ProjectDraft:
    """A whole draft as typed: what is not in it any more is deleted."""

    title: str
    lead_division_id: int | None
    co_division_ids: list[int]
    leader_id: int | None
    person_id: int | None
    start_on: date | None
    due_on: date | None
    effect_standard: str
    report_cycle: str
    evidence_required: bool
    remark: str
    targets: list[TargetDraft]
    due_kind: str = DueKind.DATE
    due_text: str = ""


def bar_to_edit_draft(user: User, project: Project, today: date) -> list[str]:
    bars = must_be_secretariat(user, project, today, "分解、修改拟立项项目")
    if project.state != ProjectState.DRAFT:
        bars.append(f"{project.get_state_display()}的项目不能直接修改，请提变更申请")
    return bars


@transaction.atomic
def save_decomposition(project: Project, draft: ProjectDraft, *, by: User, version: int, now: datetime) -> Project:
    """Write the whole tree of a draft as typed: rows with a pk are changed, others made, missing ones deleted.

    Raises Refused for what cannot be stored at all; what is merely missing is told by the completeness panel.
    """
    must_be_current(project, version)
    refuse_if(bar_to_edit_draft(by, project, today_of(now)))
    if not draft.title.strip():
        raise Refused("请写明项目名称")
    if draft.start_on and draft.due_on and draft.due_on < draft.start_on:
        raise Refused(f"完成时限 {draft.due_on:%Y-%m-%d} 早于开始日期 {draft.start_on:%Y-%m-%d}，请改其中一个")
    before = summary_of(project)
    bump(
        project,
        version=version,
        was=ProjectState.DRAFT,
        title=draft.title.strip(),
        lead_division_id=draft.lead_division_id,
        leader_id=draft.leader_id,
        person_id=draft.person_id,
        start_on=draft.start_on,
        due_on=draft.due_on,
        due_kind=draft.due_kind,
        due_text=draft.due_text.strip(),
        effect_standard=draft.effect_standard.strip(),
        report_cycle=draft.report_cycle.strip(),
        evidence_required=draft.evidence_required,
        remark=draft.remark.strip(),
    )
    ProjectCoDivision.objects.filter(project=project).delete()
    ProjectCoDivision.objects.bulk_create(
        ProjectCoDivision(project=project, division_id=division_id, order=order)
        for order, division_id in enumerate(dict.fromkeys(draft.co_division_ids))
        if division_id != draft.lead_division_id
    )
    _write_targets(project, draft.targets)
    project = Project.objects.get(pk=project.pk)
    record_project(
        project, "save_decomposition", "修改分解表", by=by, now=now, before=before, after=summary_of(project)
    )
    return project


@transaction.atomic
def save_and_dispatch(
    project: Project, draft: ProjectDraft, *, by: User, version: int, now: datetime
) -> tuple[Project, list[str]]:
    """Save the decomposition and 交办 it where it is complete; else it stays a draft, and the reasons come back."""
    project = save_decomposition(project, draft, by=by, version=version, now=now)
    bars = PROJECT_MOVES["dispatch"].bars(by, project, today_of(now))
    if not bars:
        dispatch_project(project, by=by, version=project.version, now=now)
    return project, bars


def _write_targets(project: Project, drafts: list[TargetDraft]) -> None:
    kept_targets = {row.pk: row for row in project.targets.all()}
    kept_milestones = {row.pk: row for row in Milestone.objects.filter(project=project)}
    seen_targets: set[int] = set()
    seen_milestones: set[int] = set()
    for order, draft in enumerate(drafts):
        if not draft.statement.strip():
            raise Refused(f"第 {order + 1} 个目标没有内容，请写明或删去")
        target = kept_targets.get(draft.pk or 0) or Target(project=project)
        target.order = order
        target.statement = draft.statement.strip()
        target.weight = max(1, draft.weight)
        target.metric = draft.metric.strip()
        target.unit = draft.unit.strip()
        target.target_value = draft.target_value
        target.quota_period = draft.quota_period
        target.rule = draft.rule
        target.is_confirmed = draft.is_confirmed
        target.save()
        seen_targets.add(target.pk)
        for place, node in enumerate(draft.milestones):
            milestone = kept_milestones.get(node.pk or 0) or Milestone(
                project=project, organization_id=project.organization_id
            )
            _write_milestone(milestone, target, node, place)
            seen_milestones.add(milestone.pk)
    if gone := kept_milestones.keys() - seen_milestones:
        Milestone.objects.filter(project=project, pk__in=gone).delete()
    if gone := kept_targets.keys() - seen_targets:
        Target.objects.filter(project=project, pk__in=gone).delete()


def _write_milestone(milestone: Milestone, target: Target, draft: MilestoneDraft, order: int) -> None:
    if not draft.title.strip():
        raise Refused(f"目标“{target.statement}”的第 {order + 1} 个节点没有内容，请写明或删去")
    is_new = milestone.pk is None
    milestone.target = target
    milestone.order = order
    milestone.title = draft.title.strip()
    milestone.deliverable = draft.deliverable.strip()
    milestone.checklist = draft.checklist.strip()
    milestone.weight = max(1, draft.weight)
    milestone.division_id = draft.division_id
    milestone.person_id = draft.person_id
    milestone.due_on = draft.due_on
    milestone.due_is_confirmed = draft.due_is_confirmed
    milestone.is_recurring = draft.is_recurring
    milestone.save()
    if not is_new:
        MilestoneCoDivision.objects.filter(milestone=milestone).delete()
    MilestoneCoDivision.objects.bulk_create(
        MilestoneCoDivision(milestone=milestone, division_id=division_id)
        for division_id in dict.fromkeys(draft.co_division_ids)
        if division_id != draft.division_id
    )


def summary_of(project: Project) -> dict[str, object]:
    """What the audit trail keeps of a draft before and after."""
    targets = []
    for target in project.targets.prefetch_related("milestones"):
        targets.append(
            {
                "statement": target.statement,
                "value": str(target.target_value or ""),
                "milestones": [
                    {
                        "title": m.title,
                        "due_on": m.due_on.isoformat() if m.due_on else "",
                        "division": m.division_id,
                        "person": m.person_id,
                    }
                    for m in target.milestones.all()
                ],
            }
        )
    return {
        "title": project.title,
        "lead_division": project.lead_division_id,
        "person": project.person_id,
        "leader": project.leader_id,
        "start_on": project.start_on.isoformat() if project.start_on else "",
        "due_on": project.due_on.isoformat() if project.due_on else "",
        "targets": targets,
    }


def draft_of(project: Project) -> ProjectDraft:
    """The draft as it stands, in the shape the page edits."""
    return ProjectDraft(
        title=project.title,
        lead_division_id=project.lead_division_id,
        co_division_ids=list(project.co_division_rows.values_list("division_id", flat=True)),
        leader_id=project.leader_id,
        person_id=project.person_id,
        start_on=project.start_on,
        due_on=project.due_on,
        due_kind=project.due_kind,
        due_text=project.due_text,
        effect_standard=project.effect_standard,
        report_cycle=project.report_cycle,
        evidence_required=project.evidence_required,
        remark=project.remark,
        targets=[_target_draft(target) for target in project.targets.prefetch_related("milestones__co_division_rows")],
    )


def _target_draft(target: Target) -> TargetDraft:
    return TargetDraft(
        pk=target.pk,
        statement=target.statement,
        weight=target.weight,
        metric=target.metric,
        unit=target.unit,
        target_value=target.target_value,
        quota_period=target.quota_period,
        rule=target.rule,
        is_confirmed=target.is_confirmed,
        milestones=[
            MilestoneDraft(
                pk=m.pk,
                title=m.title,
                deliverable=m.deliverable,
                checklist=m.checklist,
                weight=m.weight,
                division_id=m.division_id,
                person_id=m.person_id,
                co_division_ids=[row.division_id for row in m.co_division_rows.all()],
                due_on=m.due_on,
                due_is_confirmed=m.due_is_confirmed,
                is_recurring=m.is_recurring,
            )
            for m in target.milestones.all()
        ],
    )


def copied_from(earlier: Project, onto: Project) -> ProjectDraft:
    """Targets and milestones of an earlier year's project as a draft for `onto`: dates moved by the years between,
    to be confirmed again; divisions and persons kept."""
    draft = draft_of(onto)
    years = onto.plan.year - earlier.plan.year
    draft.targets = draft_of(earlier).targets
    for target in draft.targets:
        target.pk = None
        for node in target.milestones:
            node.pk = None
            node.due_is_confirmed = False
            node.due_on = moved_by_years(node.due_on, years) if node.due_on else None
    draft.effect_standard = draft.effect_standard or earlier.effect_standard
    return draft


def moved_by_years(day: date, years: int) -> date:
    """The same day so many years later; 29 February becomes the 28th where there is none."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)


@transaction.atomic
def confirm_suggestions(project: Project, *, by: User, version: int, now: datetime) -> Project:
    """Take every suggested date and recognised target of a draft as it stands."""
    must_be_current(project, version)
    refuse_if(bar_to_edit_draft(by, project, today_of(now)))
    bump(project, version=version, was=ProjectState.DRAFT)
    dates = Milestone.objects.filter(project=project, due_is_confirmed=False).update(due_is_confirmed=True)
    targets = Target.objects.filter(project=project, is_confirmed=False).update(is_confirmed=True)
    words = f"确认推算的节点时限 {dates} 个、识别的目标 {targets} 个"
    record_project(project, "confirm_suggestions", words, by=by, now=now)
    return project


@transaction.atomic
def confirm_suggestions_of(projects: Sequence[tuple[Project, int]], *, by: User, now: datetime) -> BulkOutcome:
    """Confirm every draft among these (project, version shown); the others are left and told why."""
    outcome = BulkOutcome()
    for project, version in projects:
        bars = bar_to_edit_draft(by, project, today_of(now))
        if project.version != version:
            bars = [*bars, "您打开此页后有人改过，请刷新后再确认"]
        if bars:
            outcome.left.append((project, bars))
        else:
            outcome.done.append(confirm_suggestions(project, by=by, version=version, now=now))
    return outcome


@transaction.atomic
def delete_draft(project: Project, *, by: User, version: int, now: datetime) -> None:
    """Delete a draft, and its key task with the last project.

    One that was dispatched and recalled is not deleted but 终止, under the number it had: the figures of the days on
    which it was dispatched stay true.
    """
    must_be_current(project, version)
    refuse_if(bar_to_edit_draft(by, project, today_of(now)))
    dispatched = was_dispatched(project)
    if dispatched is not None:
        _end_draft(project, dispatched, by=by, version=version, now=now)
        return
    bump(project, version=version, was=ProjectState.DRAFT)
    record_project(
        project, "delete_draft", f"删除拟立项项目“{project.title}”", by=by, now=now, before=summary_of(project)
    )
    key_task = project.key_task
    try:
        project.delete()
    except ProtectedError:
        raise Refused("此项目由会议议定、回头看或督查另立，那里还指着它，不能删除；请补全后交办，再申请终止") from None
    if not key_task.projects.exists():
        key_task.delete()


def was_dispatched(project: Project) -> ProjectRevision | None:
    """How the draft last stood while it was dispatched; None where it never was."""
    return project.revisions.exclude(state=ProjectState.DRAFT).order_by("-id").first()


def _end_draft(project: Project, dispatched: ProjectRevision, *, by: User, version: int, now: datetime) -> None:
    kept = take_numbers(project.organization_id, Series.PROJECT, [project.pk], year=project.plan.year, now=now)
    number = kept[project.pk]
    # What the draft lost since, or may have lost, is as it was dispatched: a numbered project is complete.
    bump(
        project,
        version=version,
        was=ProjectState.DRAFT,
        state=ProjectState.CANCELLED,
        number=number,
        lead_division_id=dispatched.lead_division_id,
        start_on=dispatched.start_on,
        due_on=dispatched.due_on,
        original_due_on=dispatched.due_on,
        warn_on=dispatched.warn_on,
        dispatched_on=dispatched.dispatched_on or dispatched.effective_on,
    )
    words = f"终止撤回后不再交办的项目“{project.title}”，编号 {number} 保留"
    record_project(project, "end_draft", words, by=by, now=now)
