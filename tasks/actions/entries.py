"""进展: written once by the division (or for it), never changed."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction

from accounts.enums import Role
from accounts.models import Division, User
from accounts.standing import standing_of
from cppcc_office.lib.errors import Refused
from tasks.actions.attachments import NewFile, attach_files
from tasks.actions.recording import bump, hand_of, must_be_current, record_project, refuse_if, today_of
from tasks.enums import MilestoneState
from tasks.models import Milestone, ProgressEntry, Project, Target, TargetCount
from tasks.rules.entries import bar_to_add_entry
from tasks.workflow import MILESTONE_MOVES


@transaction.atomic
def add_entry(
    project: Project,
    *,
    by: User,
    version: int,
    situation: str,
    problems: str = "",
    next_steps: str = "",
    needs_coordination: bool = False,
    milestone: Milestone | None = None,
    counts: Mapping[Target, Decimal] | None = None,
    files: list[NewFile],
    now: datetime,
) -> ProgressEntry:
    """Add an entry with its counts and attachments. The first one by 主办's people, or for them, starts the milestone;
    what others write about it does not, nor does anything while the project rests."""
    today = today_of(now)
    must_be_current(project, version)
    refuse_if(bar_to_add_entry(by, project, milestone, today))
    if not situation.strip():
        raise Refused("请写明进展情况")
    starts = milestone is not None and not MILESTONE_MOVES["start"].bars(by, milestone, today)
    bump(project, version=version)
    division = division_for_entry(by, project, milestone, today)
    hand = hand_of(by, today, division=division)
    entry = ProgressEntry.objects.create(
        organization_id=project.organization_id,
        project=project,
        milestone=milestone,
        by=by,
        division=division,
        entered_for=bool(hand.entered_for),
        on=today,
        situation=situation.strip(),
        problems=problems.strip(),
        next_steps=next_steps.strip(),
        needs_coordination=needs_coordination,
        created_at=now,
    )
    add_counts(project, counts or {}, by=by, on=today, now=now, entry=entry)
    attach_files(project, files, by=by, now=now, entry=entry)
    touched = []
    if milestone is not None and starts:
        milestone.state = MilestoneState.IN_PROGRESS
        milestone.started_at = now
        milestone.save(update_fields=["state", "started_at"])
        touched.append(milestone)
    where = f"节点“{milestone.title}”" if milestone else "项目"
    words = f"填报{where}进展：{entry.situation}" + ("（需协调）" if needs_coordination else "")
    subject = milestone if milestone is not None else entry
    record_project(project, "add_entry", words, by=by, now=now, subject=subject, hand=hand, milestones=touched)
    return entry


def add_counts(
    project: Project,
    counts: Mapping[Target, Decimal],
    *,
    by: User,
    on: date,
    now: datetime,
    entry: ProgressEntry | None = None,
) -> str:
    """Counts towards the project's quantitative targets, of an entry, a report or a request; in words for the timeline."""
    rows = []
    for target, value in counts.items():
        if target.project_id != project.pk or not target.is_quantitative:
            raise Refused(f"“{target.statement}”不是本项目的计数目标")
        if value < 0:
            raise Refused(f"“{target.statement}”的数量不能为负")
        rows.append(TargetCount(target=target, entry=entry, on=on, value=value, by=by, recorded_at=now))
    TargetCount.objects.bulk_create(rows)
    listed = "、".join(f"{row.target.metric or row.target.statement} {row.value:f}{row.target.unit}" for row in rows)
    return f"（计数：{listed}）" if listed else ""


def division_for_entry(by: User, project: Project, milestone: Milestone | None, today: date) -> Division | None:
    """Whose entry it is: the person's own division if it takes part, else the one it is typed for."""
    divisions = [milestone.division] if milestone is not None else []
    if project.lead_division:
        divisions.append(project.lead_division)
    divisions += list(project.co_divisions.all())
    # Those that assist single steps come last: who is both writes for the larger part.
    steps = (
        Milestone.objects.filter(project=project) if milestone is None else Milestone.objects.filter(pk=milestone.pk)
    )
    divisions += list(Division.objects.filter(pk__in=steps.values_list("division", flat=True)))
    divisions += list(Division.objects.filter(pk__in=steps.values_list("co_divisions", flat=True)))
    standing = standing_of(by, today=today)
    for division in divisions:
        if division is not None and standing.belongs_to(division.pk):
            return division
    if standing.holds(Role.SECRETARIAT, project.organization_id):
        return next((division for division in divisions if division is not None), None)
    return None
