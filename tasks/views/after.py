"""What a page says after a move: what was done, and the next thing of the same kind that waits for this person."""

from collections.abc import Callable, Iterable
from datetime import date

from django.conf import settings
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.html import format_html

from accounts.enums import Role
from accounts.http import SignedInRequest
from accounts.models import User
from accounts.standing import standing_of
from tasks.enums import MilestoneState, ProjectState
from tasks.models import Milestone, Project
from tasks.workflow import MILESTONE_MOVES, PROJECT_MOVES

CANDIDATES = 5  # the oldest few are asked whether they are barred; a next item is an offer, not a promise

Next = tuple[str, str]  # words and address


def done(
    request: SignedInRequest, words: str, project: Project | None, *, then: str = "", here: str = ""
) -> HttpResponse:
    """Back to the project's page (None: home) with a sentence; `then` names the kind of the next item that is
    offered, `here` the place on the page."""
    following = NEXT[then](request.user, request.today) if then else None
    if following is not None:
        words = format_html('{}<a class="note-next" href="{}">下一件：{}</a>', words, following[1], following[0])
    messages.success(request, words)
    if project is None:
        return redirect(settings.LOGIN_REDIRECT_URL)
    return redirect(reverse("project", args=[project.pk]) + (f"#{here}" if here else ""))


def _address(project_id: int, milestone: Milestone | None = None) -> str:
    place = f"#milestone-{milestone.pk}" if milestone is not None else ""
    return reverse("project", args=[project_id]) + place


def _first_project(name: str) -> Callable[[User, date], Next | None]:
    def following(user: User, today: date) -> Next | None:
        move = PROJECT_MOVES[name]
        waiting = Project.objects.whole_for(user, today).filter(state__in=move.sources)
        if name == "receive":
            waiting = waiting.filter(lead_division__in=standing_of(user, today=today).division_ids())
        for project in waiting.select_related("lead_division").order_by("due_on", "id")[:CANDIDATES]:
            if not move.bars(user, project, today):
                return project.title, _address(project.pk)
        return None

    return following


def _open_one(milestones: Iterable[Milestone], name: str, user: User, today: date) -> Next | None:
    for milestone in milestones:
        if not MILESTONE_MOVES[name].bars(user, milestone, today):
            return milestone.title, _address(milestone.project_id, milestone)
    return None


def _running() -> QuerySet[Milestone]:
    running = Milestone.objects.filter(project__state=ProjectState.IN_PROGRESS)
    return running.select_related("division", "project__lead_division")


def _first_to_confirm(user: User, today: date) -> Next | None:
    offices = standing_of(user, today=today).organizations_as(Role.SECRETARIAT, Role.LEADER)
    waiting = _running().filter(state=MilestoneState.REPORTED, organization__in=offices)
    return _open_one(waiting.order_by("reported_on", "id")[:CANDIDATES], "confirm", user, today)


def _first_to_agree(user: User, today: date) -> Next | None:
    divisions = standing_of(user, today=today).division_ids()
    waiting = _running().filter(state=MilestoneState.AWAITING_HEAD, division__in=divisions)
    return _open_one(waiting.order_by("reported_at", "id")[:CANDIDATES], "agree", user, today)


def _first_to_report(user: User, today: date) -> Next | None:
    waiting = _running().filter(state__in=MILESTONE_MOVES["report"].sources, person=user)
    return _open_one(waiting.order_by("due_on", "id")[:CANDIDATES], "report", user, today)


NEXT: dict[str, Callable[[User, date], Next | None]] = {
    "receive": _first_project("receive"),
    "accept_close_out": _first_project("accept_close_out"),
    "confirm": _first_to_confirm,
    "agree": _first_to_agree,
    "report": _first_to_report,
}
