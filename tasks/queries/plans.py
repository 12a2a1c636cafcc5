"""What a plan holds: its categories with counts, its key tasks, last year's likeness of a duty."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Exists, OuterRef, Prefetch, Q, QuerySet
from rapidfuzz import fuzz, process

from accounts.models import User
from tasks.enums import ENDED_STATES, OPEN_STATES, PlanKind, ProjectState
from tasks.models import Category, KeyTask, Plan, Project, Source
from tasks.models.project import ProjectQuerySet
from tasks.queries.lights import for_lights

MOST_ALIKE = 5


@dataclass(frozen=True)
class CategoryCount:
    category: Category
    projects: int
    drafts: int


def plans_with_counts(plans: QuerySet[Plan], user: User, today: date) -> QuerySet[Plan]:
    """Each with `key_task_count`, `project_count`, `draft_count`, `open_count`, `closed_count` and
    `ended_count` (结转、终止) of what this person sees; the last four add up to the projects."""
    seen = Q(projects__in=Project.objects.visible_to(user, today).order_by())
    return plans.annotate(
        key_task_count=Count("projects__key_task", filter=seen, distinct=True),
        project_count=Count("projects", filter=seen),
        draft_count=Count("projects", filter=seen & Q(projects__state=ProjectState.DRAFT)),
        open_count=Count("projects", filter=seen & Q(projects__state__in=OPEN_STATES)),
        closed_count=Count("projects", filter=seen & Q(projects__state=ProjectState.CLOSED)),
        ended_count=Count("projects", filter=seen & Q(projects__state__in=ENDED_STATES)),
    ).order_by("-year", "kind", "id")  # a counted query forgets the order of the model


def category_counts(plan: Plan, projects: ProjectQuerySet) -> list[CategoryCount]:
    """Every category of the plan in its order, also empty ones."""
    counted = {
        row["key_task__category"]: row
        for row in projects.order_by()
        .values("key_task__category")
        .annotate(projects=Count("pk"), drafts=Count("pk", filter=Q(state=ProjectState.DRAFT)))
    }
    nothing = {"projects": 0, "drafts": 0}
    return [
        CategoryCount(category, row["projects"], row["drafts"])
        for category in plan.categories.all()
        for row in [counted.get(category.pk, nothing)]
    ]


def in_plan_order(projects: ProjectQuerySet) -> ProjectQuerySet:
    """By category, key task, project; with what rows, lights and completeness read."""
    sources = Prefetch("key_task__sources", Source.objects.select_related("source_class"))
    return (
        for_lights(projects)
        .prefetch_related(sources)
        .order_by("key_task__category__order", "key_task__category", "key_task__order", "order", "id")
    )


def key_tasks_visible_to(user: User, today: date) -> QuerySet[KeyTask]:
    """A key task is seen by whoever sees one of its projects."""
    seen = Project.objects.visible_to(user, today).filter(key_task=OuterRef("pk"))
    return KeyTask.objects.filter(Exists(seen)).select_related("plan__organization", "category")


def earlier_projects(project: Project, user: User, today: date) -> ProjectQuerySet:
    """Projects of earlier years in the same office, to decompose after."""
    return Project.objects.visible_to(user, today).filter(
        organization=project.organization_id, plan__year__lt=project.plan.year
    )


def earlier_like(project: Project, words: str, user: User, today: date) -> Sequence[Project]:
    """Those whose title holds these words; without words, those whose title is most like this one's."""
    earlier = earlier_projects(project, user, today)
    if words:
        found = earlier.filter(title__icontains=words)
    else:
        titles = dict(earlier.values_list("pk", "title"))
        alike = process.extract(project.title, titles, scorer=fuzz.ratio, limit=MOST_ALIKE, score_cutoff=60)
        found = earlier.filter(pk__in=[pk for _, _, pk in alike])
    counted = found.select_related("plan", "lead_division").annotate(node_count=Count("milestones"))
    return list(counted.order_by("-plan__year", "title")[:20])


def annual_plan(organization_id: int, year: int) -> Plan | None:
    """Where a paper goes that names no plan, and what a meeting or a look-back asks for; one per office and year."""
    return Plan.objects.filter(organization=organization_id, year=year, kind=PlanKind.ANNUAL).first()
