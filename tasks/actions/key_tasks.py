"""Registering key tasks with their sources, splitting them into projects, correcting them while all is draft."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from accounts.models import User
from cppcc_office.lib.errors import Refused
from tasks.actions.plans import refuse_unless_secretariat
from tasks.actions.recording import bump, must_be_current, record_project, today_of
from tasks.enums import DueKind, ProjectState
from tasks.models import Category, KeyTask, Plan, Project, Source, SourceClass


@dataclass(frozen=True)
class Paper:
    """A source as typed: the class, and the paper, meeting or 批示 of that class."""

    source_class: SourceClass
    name: str = ""
    paper_number: str = ""
    dated_on: date | None = None


@transaction.atomic
def create_key_task(
    plan: Plan,
    *,
    by: User,
    title: str,
    category: Category,
    sources: Sequence[Source] = (),
    papers: Sequence[Paper] = (),
    number: str = "",
    due_on: date | None = None,
    due_kind: str = DueKind.DATE,
    due_text: str = "",
    lead_division_id: int | None = None,
    person_id: int | None = None,
    leader_id: int | None = None,
    now: datetime,
) -> Project:
    """A key task with its first project, a draft that is decomposed next."""
    refuse_unless_secretariat(by, plan.organization, today_of(now), "登记重点任务")
    if not title.strip():
        raise Refused("请写明重点任务")
    last = KeyTask.objects.filter(plan=plan).order_by("-order").values_list("order", flat=True).first()
    key_task = KeyTask.objects.create(
        organization=plan.organization,
        plan=plan,
        category=category,
        number=number.strip(),
        title=title.strip(),
        order=(last or 0) + 1,
    )
    key_task.sources.set([*sources, *_sources_of(papers)])
    project = _new_project(key_task, title=title, by=by, now=now, due_on=due_on)
    project.due_kind = due_kind
    project.due_text = due_text.strip()
    project.lead_division_id = lead_division_id
    project.person_id = person_id
    project.leader_id = leader_id
    project.save(update_fields=["due_kind", "due_text", "lead_division", "person", "leader"])
    record_project(project, "create_key_task", f"登记重点任务“{key_task.title}”", by=by, now=now, subject=key_task)
    return project


def _sources_of(papers: Iterable[Paper]) -> list[Source]:
    """The rows of these papers; one that the office has already is not made again."""
    return [
        Source.objects.get_or_create(
            organization_id=paper.source_class.organization_id,
            source_class=paper.source_class,
            name=paper.name.strip(),
            paper_number=paper.paper_number.strip(),
            dated_on=paper.dated_on,
        )[0]
        for paper in papers
    ]


def _new_project(key_task: KeyTask, *, title: str, by: User, now: datetime, due_on: date | None) -> Project:
    year = key_task.plan.year
    start_on = max(date(year, 1, 1), min(today_of(now), date(year, 12, 31)))
    return Project.objects.create(
        organization_id=key_task.organization_id,
        plan_id=key_task.plan_id,
        key_task=key_task,
        order=key_task.projects.count(),
        title=title.strip(),
        start_on=min(start_on, due_on) if due_on else start_on,
        due_on=due_on,
        created_by=by,
        created_at=now,
    )


@transaction.atomic
def add_project(key_task: KeyTask, *, by: User, title: str, now: datetime) -> Project:
    """Split a key task: one more project under it, led and dated as the first one is."""
    refuse_unless_secretariat(by, key_task.organization_id, today_of(now), "增加项目")
    if not title.strip():
        raise Refused("请写明项目名称")
    first = key_task.projects.order_by("order", "id").first()
    project = _new_project(key_task, title=title, by=by, now=now, due_on=first.due_on if first else None)
    if first is not None:
        project.lead_division_id = first.lead_division_id
        project.leader_id = first.leader_id
        project.person_id = first.person_id
        project.save(update_fields=["lead_division", "leader", "person"])
    record_project(project, "add_project", f"在“{key_task.title}”下增加项目“{project.title}”", by=by, now=now)
    return project


@transaction.atomic
def alter_key_task(
    key_task: KeyTask,
    *,
    by: User,
    versions: Mapping[int, int],
    title: str,
    number: str,
    category: Category,
    papers: Sequence[Paper],
    now: datetime,
) -> KeyTask:
    """Correct title, number, category and sources while every project of it is a draft.

    A key task has no version of its own: its projects are claimed, each against the version shown.
    A draft that bears the old title takes the new one.
    """
    refuse_unless_secretariat(by, key_task.organization_id, today_of(now), "修改重点任务")
    if not title.strip():
        raise Refused("请写明重点任务")
    projects = list(key_task.projects.order_by("order", "id"))
    for project in projects:
        must_be_current(project, versions.get(project.pk, 0))
        if project.state != ProjectState.DRAFT:
            raise Refused(f"项目“{project.title}”已交办，重点任务不能再改，请对项目提变更申请")
    before = _summary_of(key_task)
    for project in projects:
        renamed = title.strip() if project.title == key_task.title else project.title
        bump(project, version=project.version, was=ProjectState.DRAFT, title=renamed)
    key_task.title = title.strip()
    key_task.number = number.strip()
    key_task.category = category
    key_task.save(update_fields=["title", "number", "category"])
    key_task.sources.set(_sources_of(papers))
    after = _summary_of(key_task)
    for project in projects:
        words = f"修改重点任务“{key_task.title}”"
        record_project(project, "alter_key_task", words, by=by, now=now, before=before, after=after)
    return key_task


def _summary_of(key_task: KeyTask) -> dict[str, object]:
    return {
        "title": key_task.title,
        "number": key_task.number,
        "category": key_task.category.name,
        "sources": [f"{source.source_class.name} {source}" for source in _sources(key_task)],
    }


def _sources(key_task: KeyTask) -> Iterable[Source]:
    return key_task.sources.select_related("source_class").order_by("id")
