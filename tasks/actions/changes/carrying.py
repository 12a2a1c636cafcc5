"""结转: what is still open after the year goes on as a project of a later plan."""

from datetime import date, datetime
from decimal import Decimal

from django.db import transaction

from accounts.enums import Role
from accounts.models import User
from cppcc_office.lib.errors import Refused
from tasks.actions.changes.pending import drop_pending
from tasks.actions.project import dispatch_project
from tasks.actions.recording import bump, hand_of, must_be_current, record_project, refuse_if, today_of
from tasks.enums import DueKind, MilestoneState, QuotaPeriod
from tasks.models import Category, KeyTask, Milestone, MilestoneCoDivision, Plan, Project, ProjectCoDivision, Target
from tasks.models.plan import AD_HOC
from tasks.queries.outlook import counted
from tasks.rules.changes import bar_to_carry_into
from tasks.workflow import CARRY_OVER, PROJECT_MOVES


@transaction.atomic
def carry_over_project(project: Project, *, into: Plan, by: User, version: int, due_on: date, now: datetime) -> Project:
    """A successor in the later plan with what is left to do, dispatched where it is complete, else a draft.

    The old project is 已结转 and the two name each other. Returns the successor.
    """
    today = today_of(now)
    must_be_current(project, version)
    refuse_if(CARRY_OVER.bars(by, project, today) or bar_to_carry_into(project, into))
    if due_on < today or due_on.year < into.year:
        raise Refused(f"新的完成时限 {due_on:%Y-%m-%d} 要在今天以后、{into.year} 年以内或更晚")
    successor = _successor(project, into, by=by, due_on=due_on, today=today, now=now)
    dropped, milestones = drop_pending(project)
    bump(
        project,
        version=version,
        was=project.state,
        state=CARRY_OVER.target,
        carried_into=successor,
        extension_asked_on=None,
    )
    hand = hand_of(by, today, role=Role.SECRETARIAT)
    words = f"自 {project.number} 结转立项，完成时限 {due_on:%Y-%m-%d}"
    record_project(successor, "carry_in", words, by=by, now=now, hand=hand)
    if not PROJECT_MOVES["dispatch"].bars(by, successor, today):
        dispatch_project(successor, by=by, version=successor.version, now=now)
    number = successor.number or "（待交办）"
    words = f"结转到“{into.name}”，编号 {number}，完成时限 {due_on:%Y-%m-%d}{dropped}"
    record_project(
        project,
        "carry_over_project",
        words,
        by=by,
        now=now,
        hand=hand,
        after={"successor": successor.pk},
        milestones=milestones,
    )
    return successor


def _successor(project: Project, into: Plan, *, by: User, due_on: date, today: date, now: datetime) -> Project:
    key_task = _key_task_in(project, into)
    start_on = max(today, date(into.year, 1, 1))
    successor = Project.objects.create(
        organization_id=project.organization_id,
        plan=into,
        key_task=key_task,
        order=key_task.projects.count(),
        title=project.title,
        lead_division_id=project.lead_division_id,
        leader_id=project.leader_id,
        person_id=project.person_id,
        start_on=min(start_on, due_on),
        due_on=due_on,
        due_kind=DueKind.DATE,
        effect_standard=project.effect_standard,
        report_cycle=project.report_cycle,
        evidence_required=project.evidence_required,
        remark=project.remark,
        created_by=by,
        created_at=now,
    )
    ProjectCoDivision.objects.bulk_create(
        ProjectCoDivision(project=successor, division_id=row.division_id, order=row.order)
        for row in project.co_division_rows.all()
    )
    for target in project.targets.prefetch_related("counts"):
        _carry_target(target, successor, project)
    return successor


def _key_task_in(project: Project, into: Plan) -> KeyTask:
    """One for all projects of the old key task that are carried over."""
    old = project.key_task
    known = KeyTask.objects.filter(plan=into, projects__carried_from__key_task=old).first()
    if known is not None:
        return known
    category = Category.objects.filter(plan=into, name=old.category.name).first()
    last = KeyTask.objects.filter(plan=into).order_by("-order").values_list("order", flat=True).first()
    key_task = KeyTask.objects.create(
        organization_id=old.organization_id,
        plan=into,
        category=category or Category.objects.get(plan=into, name=AD_HOC),
        title=old.title,
        order=(last or 0) + 1,
    )
    key_task.sources.set(old.sources.all())
    return key_task


def _carry_target(old: Target, successor: Project, project: Project) -> None:
    """With the milestones that are left; of a number to reach in all, what is missing."""
    left = [m for m in project.milestones.filter(target=old) if m.is_open]
    value = _still_wanted(old, project)
    if not left and (value is None or value <= 0):
        return
    target = Target.objects.create(
        project=successor,
        order=old.order,
        statement=old.statement,
        weight=old.weight,
        metric=old.metric,
        unit=old.unit,
        target_value=value if value is None or value > 0 else None,
        quota_period=old.quota_period,
    )
    for milestone in left:
        _carry_milestone(milestone, target, successor)


def _still_wanted(target: Target, project: Project) -> Decimal | None:
    if target.target_value is None:
        return None
    if target.is_share or target.quota_period != QuotaPeriod.YEAR:
        return target.target_value  # a share, or so many per month: wanted anew
    return target.target_value - counted(target, project).actual


def _carry_milestone(old: Milestone, target: Target, successor: Project) -> None:
    """A date that the new time does not hold becomes the new due date; what was reported is reported anew."""
    inside = (
        old.due_on is not None
        and successor.start_on is not None
        and successor.due_on is not None
        and successor.start_on <= old.due_on <= successor.due_on
    )
    milestone = Milestone.objects.create(
        organization_id=successor.organization_id,
        project=successor,
        target=target,
        order=old.order,
        title=old.title,
        deliverable=old.deliverable,
        checklist=old.checklist,
        weight=old.weight,
        state=MilestoneState.PENDING,
        division_id=old.division_id,
        person_id=old.person_id,
        due_on=old.due_on if inside else successor.due_on,
    )
    MilestoneCoDivision.objects.bulk_create(
        MilestoneCoDivision(milestone=milestone, division_id=row.division_id) for row in old.co_division_rows.all()
    )
