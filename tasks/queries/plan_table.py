"""The projects of a plan as 重点任务分解表 shows them, in its order."""

from datetime import date
from enum import StrEnum

from django.db.models import Prefetch

from accounts.models import User
from tasks.enums import MilestoneState
from tasks.models import Milestone, Plan, Project, ProjectCoDivision, Source, Target
from tasks.models.project import ProjectQuerySet


class GroupedBy(StrEnum):
    CATEGORY = "category"
    DIVISION = "division"

    @property
    def label(self) -> str:
        return {"category": "类别", "division": "牵头处室"}[self.value]


_INSIDE = ("key_task__category__order", "key_task__category", "key_task__order", "key_task", "order", "id")
ORDER = {
    GroupedBy.CATEGORY: _INSIDE,
    GroupedBy.DIVISION: ("lead_division__order", "lead_division", *_INSIDE),
}


def projects_of_table(plan: Plan, user: User, today: date) -> ProjectQuerySet:
    """What this person sees of the plan, to be laid in one of `ORDER`; `with_tree` loads what the table reads."""
    return Project.objects.visible_to(user, today).filter(plan=plan)


def with_tree(projects: ProjectQuerySet) -> ProjectQuerySet:
    """With everything that the table reads, in a constant number of queries (per chunk, where they are streamed)."""
    kept = Milestone.objects.exclude(state=MilestoneState.CANCELLED).select_related("division", "person")
    return (
        projects.select_related("key_task__category", "lead_division", "leader", "person")
        .defer("remark", "pace")
        .prefetch_related(
            Prefetch("co_division_rows", ProjectCoDivision.objects.select_related("division")),
            Prefetch("key_task__sources", Source.objects.select_related("source_class")),
            Prefetch("targets", Target.objects.prefetch_related(Prefetch("milestones", kept.order_by("order", "id")))),
        )
    )


def read_whole(projects: ProjectQuerySet, user: User, today: date) -> set[int]:
    """Those whose targets and milestones are shown; of the others only what the ledger's main columns tell."""
    whole = Project.objects.whole_for(user, today).filter(pk__in=projects.order_by().values("pk"))
    return set(whole.order_by().values_list("pk", flat=True))
