"""后续事项: what a meeting, a look-back or an inspection asks for, as a matter of its own under 临时交办."""

from datetime import date, datetime

from django.db import transaction

from accounts.models import Division, Organization, User
from cppcc_office.lib.errors import Refused
from tasks.actions.decomposition import MilestoneDraft, TargetDraft, draft_of, save_and_dispatch
from tasks.actions.key_tasks import Paper, create_key_task
from tasks.actions.plans import ensure_source_classes
from tasks.actions.recording import today_of
from tasks.models import Category, KeyTask, Project, Source, SourceClass, Target
from tasks.models.plan import AD_HOC, INSTRUCTION
from tasks.queries.plans import annual_plan


@transaction.atomic
def register_follow_up(
    organization: Organization,
    *,
    by: User,
    title: str,
    source_class: str,
    paper: str,
    dated_on: date,
    division: Division,
    person: User,
    due_on: date,
    deliverable: str = "",
    follows: KeyTask | None = None,
    now: datetime,
) -> tuple[Project, list[str]]:
    """A key task with one project, one target and one milestone, 交办 where nothing bars it; else a draft, and why.

    It goes into the annual plan of the year. Raises Refused where the office has none, or the date is past. What follows
    from an instruction bears it as a source too: its words are guarded like those of the instruction.
    """
    today = today_of(now)
    plan = annual_plan(organization.pk, today.year)
    if plan is None:
        raise Refused(f"{today.year} 年还没有年度任务计划，请先建立，再登记后续事项")
    if due_on < today:
        raise Refused(f"完成时限 {due_on:%Y-%m-%d} 已过，请改为今天或以后")
    project = create_key_task(
        plan,
        by=by,
        title=title,
        category=Category.objects.get(plan=plan, name=AD_HOC),
        sources=_instructions_of(follows) if follows is not None else (),
        papers=[Paper(_source_class(organization, source_class), name=paper, dated_on=dated_on)],
        due_on=due_on,
        lead_division_id=division.pk,
        person_id=person.pk,
        leader_id=division.leader_id,
        now=now,
    )
    draft = draft_of(project)
    step = MilestoneDraft(
        title=title.strip(), deliverable=deliverable, division_id=division.pk, person_id=person.pk, due_on=due_on
    )
    draft.targets = [TargetDraft(statement=title.strip(), milestones=[step])]
    return save_and_dispatch(project, draft, by=by, version=project.version, now=now)


def target_of_a_step(project: Project) -> int | None:
    """Where a step is added to a project: the first target measured by its milestones, for no number is reached by one."""
    targets = sorted(Target.objects.filter(project=project), key=lambda row: (row.is_quantitative, row.order, row.pk))
    return targets[0].pk if targets else None


def _instructions_of(key_task: KeyTask) -> list[Source]:
    return list(key_task.sources.filter(source_class__name__contains=INSTRUCTION))


def _source_class(organization: Organization, name: str) -> SourceClass:
    """Of this name, else the last the office has: an office may have renamed or dropped the delivered ones."""
    classes = ensure_source_classes(organization)
    return next((row for row in classes if row.name == name), classes[-1])
