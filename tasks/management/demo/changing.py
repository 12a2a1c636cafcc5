"""Changes to a line: asked for by its head, advised on, decided by those whose decisions they are."""

from collections.abc import Sequence
from datetime import date, datetime

from tasks.actions.changes import asking, deciding
from tasks.actions.changes.carrying import carry_over_project
from tasks.actions.changes.lines import Wish
from tasks.enums import ChangeKind, ChangeTier
from tasks.management.demo import words
from tasks.management.demo.line import Line
from tasks.management.demo.year import Year
from tasks.models import ChangeRequest


def ask(
    line: Line,
    day: date,
    kind: ChangeKind,
    reasons: tuple[str, ...],
    *,
    due_on: date | None = None,
    moving: Sequence[int] = (),
    extra: Sequence[Wish] = (),
    rectify_on: date | None = None,
) -> None:
    """Ask for a change; with a new due date for the project and these of its steps."""
    reason = line.say(reasons, step=line.flat[-1].title, paper=line.flat[-1].paper)

    def act(now: datetime) -> None:
        wishes = list(extra)
        if due_on is not None:
            wishes.append(Wish("project", "due_on", due_on.isoformat()))
            wishes += [Wish("milestone", "due_on", due_on.isoformat(), line.node(place).pk) for place in moving]
        if rectify_on is not None:
            rectification = {
                "title": "整改反弹问题并报送整改报告",
                "deliverable": "整改报告",
                "target": line.node(0).target_id,
                "due_on": rectify_on.isoformat(),
                "division": line.team.division.pk,
                "person": line.person.pk,
            }
            wishes.append(Wish("milestone", "added", rectification))
        line.change = asking.ask_change(
            line.project,
            kind=kind,
            by=line.team.head_on(day),
            version=line.project.version,
            reason=reason,
            wishes=wishes,
            now=now,
        )
        line.look_again()

    line.put(day, act)


def advise(line: Line, day: date) -> None:
    """督办处意见, where a leader is to decide on the work of another division."""
    note = line.say(words.SECRETARIAT_OPINIONS)

    def act(now: datetime) -> None:
        request = _asked(line)
        if request.tier == ChangeTier.LEADER and not line.team.division.supervises:
            deciding.give_opinion(request, by=line.verifier, version=line.project.version, note=note, now=now)

    line.put(day, act)


def decide(line: Line, day: date, *, agree: bool = True) -> None:
    note = line.say(words.EXTENSION_GRANTS if agree else words.EXTENSION_DECLINES)
    leader_note = line.say(words.LEADER_WORDS) if agree else note

    def act(now: datetime) -> None:
        request = _asked(line)
        for_leader = request.tier == ChangeTier.LEADER
        by = line.team.leader if for_leader else line.office.supervising.head
        decide = deciding.agree_change if agree else deciding.decline_change
        decide(request, by=by, version=line.project.version, note=leader_note if for_leader else note, now=now)
        line.look_again()

    line.put(day, act)


def carry_over(line: Line, day: date, into: Year, due_on: date) -> None:
    """From then on this line is the successor, with the step that was left: number −1 of either."""

    def act(now: datetime) -> None:
        assert into.plan is not None
        successor = carry_over_project(
            line.project, into=into.plan, by=line.clerk, version=line.project.version, due_on=due_on, now=now
        )
        successor.lead_division = line.team.division
        line.go_on_as(successor)

    line.put(day, act)


def _asked(line: Line) -> ChangeRequest:
    assert line.change is not None
    return line.change
