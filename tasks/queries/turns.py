"""Whose turn it is and since when: one computed notion, never stored."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from accounts.models import Division
from tasks.enums import ChangeState, ChangeTier, MilestoneState, ProjectState
from tasks.models import ChangeRequest, Milestone, Project
from tasks.queries.lights import Ground


@dataclass(frozen=True)
class Turn:
    """One thing somebody has to do. `limit` is in working days of that one's own clock, None where the due date rules."""

    kind: str
    doing: str  # the verb and its object: 核实“…”
    project: Project
    milestone: Milestone | None
    division: Division | None  # whose it is; None = the supervising side or a leader, see `whom`
    whom: str
    since: date | None
    due_on: date | None
    limit: int | None = None
    day: int | None = None

    @property
    def is_late(self) -> bool:
        return self.limit is not None and self.day is not None and self.day > self.limit


def turns_of(project: Project, ground: Ground) -> list[Turn]:
    """Everything open on this project, the most pressing first. Reads `milestones` as `for_lights` loads them."""
    return sorted(_turns(project, ground), key=_pressing)


def turn_on(milestone: Milestone, ground: Ground) -> Turn | None:
    """Whose turn one milestone of a running project is; None when it is settled. Reads its project and both divisions."""
    lead = milestone.project.lead_division
    verifier = "领导" if lead is not None and lead.supervises else "督办处"
    return next(iter(_milestone_turn(milestone.project, milestone, ground, verifier)), None)


def turn_of_change(request: ChangeRequest, ground: Ground) -> Turn:
    """Whose turn a change is that awaits a decision. Reads its project, leader and lead division."""
    project, what = request.project, f"{request.get_kind_display()}申请"
    if _needs_opinion(request, project):
        return _turn("opinion", f"对{what}提出意见", project, ground, whom="督办处", since=request.asked_on)
    whom = str(project.leader or "领导") if request.tier == ChangeTier.LEADER else "督办处"
    return _turn("decide", f"决定{what}", project, ground, whom=whom, since=request.asked_on)


def turn_of_state(project: Project, ground: Ground) -> Turn | None:
    """The most pressing of what the project's own state asks for; a pending change is left aside."""
    return min(_state_turns(project, ground), key=_pressing, default=None)


def _pressing(turn: Turn) -> tuple[int, date]:
    kinds = ("decide", "opinion", "accept", "confirm", "agree", "receive", "dispatch", "request_close_out", "work")
    return kinds.index(turn.kind), turn.due_on or date.max


def _turns(project: Project, ground: Ground) -> Iterable[Turn]:
    # From `change_requests` as loaded: a list that prefetches them asks once for all.
    pending = next((row for row in project.change_requests.all() if row.state == ChangeState.ASKED), None)
    if pending is not None:
        pending.project = project  # with what is loaded of it
        yield turn_of_change(pending, ground)
    yield from _state_turns(project, ground)


def _state_turns(project: Project, ground: Ground) -> Iterable[Turn]:
    lead = project.lead_division
    verifier = "领导" if lead is not None and lead.supervises else "督办处"
    if project.state == ProjectState.DRAFT:
        yield _turn("dispatch", "分解后交办", project, ground, whom="督办处", since=None)
    elif project.state == ProjectState.DISPATCHED:
        yield _turn(
            "receive",
            "签收",
            project,
            ground,
            division=lead,
            whom=str(lead),
            since=project.dispatched_on,
            limit=ground.policy.receive_days,
        )
    elif project.state == ProjectState.CLOSE_OUT_REQUESTED:
        since, limit = project.requested_on, ground.policy.verify_days
        yield _turn("accept", "验收销号", project, ground, whom=verifier, since=since, limit=limit)
    elif project.state == ProjectState.IN_PROGRESS:
        milestones = [m for m in project.milestones.all() if m.state != MilestoneState.CANCELLED]
        for milestone in milestones:
            yield from _milestone_turn(project, milestone, ground, verifier)
        if milestones and all(m.is_done for m in milestones):
            yield _turn("request_close_out", "申请销号", project, ground, division=lead, whom=str(lead), since=None)


def _needs_opinion(pending: ChangeRequest, project: Project) -> bool:
    own = project.lead_division is not None and project.lead_division.supervises
    return pending.tier == ChangeTier.LEADER and not pending.opinion and not own


def _milestone_turn(project: Project, milestone: Milestone, ground: Ground, verifier: str) -> Iterable[Turn]:
    division = milestone.division
    if milestone.state == MilestoneState.REPORTED:
        own = division is not None and division.supervises
        yield _turn(
            "confirm",
            f"核实“{milestone.title}”",
            project,
            ground,
            milestone=milestone,
            whom="领导" if own else verifier,
            since=milestone.reported_on,
            limit=ground.policy.verify_days,
        )
    elif milestone.state == MilestoneState.AWAITING_HEAD:
        doing = f"审核“{milestone.title}”"
        yield _turn("agree", doing, project, ground, milestone=milestone, division=division, whom=f"{division}负责人")
    elif milestone.state in (MilestoneState.PENDING, MilestoneState.IN_PROGRESS):
        doing = f"办理“{milestone.title}”"
        yield _turn("work", doing, project, ground, milestone=milestone, division=division, whom=str(division))


def _turn(
    kind: str,
    doing: str,
    project: Project,
    ground: Ground,
    *,
    whom: str,
    milestone: Milestone | None = None,
    division: Division | None = None,
    since: date | None = None,
    limit: int | None = None,
) -> Turn:
    day = ground.day_of_clock(since) if since is not None else None
    if limit is not None and since is not None:
        due_on: date | None = ground.calendar.add(since, limit)
    else:
        due_on = milestone.due_on if milestone is not None else project.due_on
    return Turn(kind, doing, project, milestone, division, whom, since, due_on, limit, day)
