"""年度检查复盘: who reads it, who writes why a project was late, and until when."""

from datetime import date

from django.db.models import QuerySet

from accounts.enums import Role
from accounts.models import User
from accounts.standing import standing_of
from supervision.cycles.enums import Cycle
from supervision.cycles.models import CycleRun, FrozenLine
from supervision.cycles.models.rule import READERS
from tasks.models import Project


def reviews_of(user: User, today: date) -> QuerySet[CycleRun]:
    """Those this person reads whole, and those of which a head reads what his division was late with."""
    offices = standing_of(user, today=today).organizations_as(*READERS, Role.DIVISION_HEAD)
    return CycleRun.objects.filter(organization__in=offices, cycle=Cycle.YEARLY)


def reads_whole(user: User, run: CycleRun, today: date) -> bool:
    return run.organization_id in standing_of(user, today=today).organizations_as(*READERS)


def headed_divisions(user: User, today: date) -> set[int]:
    posts = standing_of(user, today=today).as_role(Role.DIVISION_HEAD)
    return {post.division_id for post in posts if post.division_id is not None}


def who_writes_reason(user: User, organization_id: int, lead_division_id: int | None, today: date) -> list[str]:
    """The head of the division whose line it is, or the secretariat."""
    standing = standing_of(user, today=today)
    if standing.holds(Role.SECRETARIAT, organization_id) or standing.heads(lead_division_id):
        return []
    return ["只有牵头处室负责人或督办人员可以写逾期原因"]


def bars_to_write_reason(user: User, run: CycleRun, project: Project, today: date) -> list[str]:
    """Once the year is frozen it is asked of who led the project then: the figures count it there."""
    frozen = FrozenLine.objects.filter(run=run, project=project).values_list("division", flat=True).first()
    bars = who_writes_reason(user, run.organization_id, frozen or project.lead_division_id, today)
    return [*bars, "本年度复盘已办结，不再修改"] if run.is_closed else bars
