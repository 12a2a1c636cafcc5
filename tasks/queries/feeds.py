"""What a person's calendar feed holds: own due dates, a head's also those of the division, seen anew each time."""

from dataclasses import dataclass
from datetime import date, timedelta
from itertools import chain

from django.db.models import Q

from accounts.enums import Role
from accounts.models import User
from accounts.standing import standing_of
from tasks.enums import MilestoneState, ProjectState
from tasks.models import CalendarFeed, Milestone, Project

BACK, AHEAD = timedelta(days=92), timedelta(days=400)
MOST = 2000


@dataclass(frozen=True)
class Due:
    """One date, in words that a calendar outside of the office may show: no progress texts, no 批示."""

    uid: str
    on: date
    title: str
    detail: str
    path: tuple[int, str]  # of the project, and the anchor on its page
    sequence: int


def live_feed(digest: str) -> CalendarFeed | None:
    """The feed behind a link that still holds, of somebody whose account does."""
    feeds = CalendarFeed.objects.filter(digest=digest, revoked_at=None, user__is_active=True)
    return feeds.select_related("user", "organization").first()


def dues_of(user: User, today: date) -> list[Due]:
    """Three queries, however many."""
    standing = standing_of(user, today=today)
    headed = {post.division_id for post in standing.as_role(Role.DIVISION_HEAD) if post.division_id}
    seen = Project.objects.visible_to(user, today).order_by()
    seen = seen.exclude(state__in=(ProjectState.DRAFT, ProjectState.CANCELLED))
    span = (today - BACK, today + AHEAD)
    answers = Q(person=user)
    projects = seen.filter(answers | Q(leader=user) | Q(lead_division__in=headed), due_on__range=span)
    nodes = Milestone.objects.filter(answers | Q(division__in=headed), project__in=seen.values("pk"))
    nodes = nodes.filter(due_on__range=span).exclude(state=MilestoneState.CANCELLED)
    return list(
        chain(
            map(_of_project, projects.select_related("lead_division", "organization").order_by("due_on", "pk")[:MOST]),
            map(
                _of_milestone,
                nodes.select_related("project", "division", "organization").order_by("due_on", "pk")[:MOST],
            ),
        )
    )


def _of_project(row: Project) -> Due:
    detail = f"{row.number} · {row.lead_division} · {row.get_state_display()}"
    title = f"【项目到期】{row.title}"
    return Due(
        _uid("project", row.pk, row.organization.code), _on(row.due_on), title, detail, (row.pk, ""), row.version
    )


def _of_milestone(row: Milestone) -> Due:
    project = row.project
    detail = f"{project.number} {project.title} · {row.division} · {row.get_state_display()}"
    anchor = f"#milestone-{row.pk}"
    uid = _uid("milestone", row.pk, row.organization.code)
    return Due(uid, _on(row.due_on), f"【节点到期】{row.title}", detail, (project.pk, anchor), project.version)


def _uid(kind: str, pk: int, office: str) -> str:
    return f"{kind}-{pk}@{office}.cppcc-office"


def _on(day: date | None) -> date:
    if day is None:  # the query asks for days
        raise ValueError("a due date without a day")
    return day
