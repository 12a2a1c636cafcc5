"""This year's plan: 138 key tasks with projects in every state, light and part of the figures, as of today."""

from collections.abc import Callable
from functools import partial

from tasks.management.demo.courses import Days
from tasks.management.demo.fates import begun, changed, finished, running
from tasks.management.demo.office import stand_in
from tasks.management.demo.outlines import THIS_YEAR, ProjectOutline, key_tasks_of
from tasks.management.demo.papers import adopt_plan
from tasks.management.demo.stage import Stage
from tasks.management.demo.timetable import Act
from tasks.management.demo.year import Year

Fate = Callable[[Stage, ProjectOutline], None]
# How many projects meet which; shuffled from this order.
FATES: tuple[tuple[Fate, int], ...] = (
    (finished.closed, 55), (finished.closed_late, 6), (finished.closed_after_return, 3),
    (finished.closed_after_extension, 4), (finished.reopened, 1), (finished.verifying, 8), (finished.returned, 2),
    (running.on_pace, 25), (running.reported, 6), (running.awaiting_head, 3), (running.sent_back, 2),
    (running.ahead, 12), (running.due_soon, 10), (running.overdue, 6), (running.missed_step, 7), (running.behind, 5),
    (running.far_behind, 2), (changed.extension_pending, 3), (changed.extension_asked_late, 1),
    (changed.extension_declined, 1), (changed.extension_granted, 3), (changed.suspended, 4), (changed.resumed, 1),
    (changed.cancelled, 2), (begun.just_dispatched, 3), (begun.not_received, 2), (begun.objected, 1), (begun.draft, 4),
)  # fmt: skip
BY_NUMBER = (running.behind, running.far_behind)


def stage(year: Year, days: Days) -> None:
    scene = Stage(year, days)
    year.timetable.put(year.timetable.moment(days(scene.begin)), partial(adopt_plan, year))
    _deputies(year, days)
    outlines = [
        outline for key_task in key_tasks_of(THIS_YEAR, year.office, year.chance) for outline in key_task.projects
    ]
    fates = [fate for fate, n in FATES for _ in range(n)]
    assert len(fates) == len(outlines), (len(fates), len(outlines))
    year.chance.shuffle(fates)
    fates = _where_they_fit(fates, outlines)
    for fate, outline in zip(fates, outlines, strict=True):
        fate(scene, outline)
    year.dispatch_all()


def _where_they_fit(fates: list[Fate], outlines: list[ProjectOutline]) -> list[Fate]:
    """A lag of numbers needs a project that has one: such fates change places with others."""
    for place, outline in enumerate(outlines):
        if fates[place] in BY_NUMBER and outline.pattern.number is None:
            other = next(
                at
                for at, candidate in enumerate(outlines)
                if candidate.pattern.number is not None and fates[at] not in BY_NUMBER
            )
            fates[place], fates[other] = fates[other], fates[place]
    # The head and the leader whose accounts are shown have a request between them that waits for the leader.
    asked = fates.index(changed.extension_pending)
    shown = next(
        at
        for at, outline in enumerate(outlines)
        if outline.team.head.username == changed.SHOWN_HEAD and fates[at] is running.on_pace
    )
    fates[asked], fates[shown] = fates[shown], fates[asked]
    return fates


def _deputies(year: Year, days: Days) -> None:
    """Two heads were or are away; their deputies sign for them."""
    for key, first, last, note in (("economy", -26, -20, "外出学习"), ("law", -2, 4, "带队赴外省考察")):
        named_on = days(first - 2)
        act = partial(stand_in, year.office, key, first=days(first), last=days(last), note=note, today=named_on)
        year.timetable.put(year.timetable.moment(named_on), _named(act))
        year.office.teams[key].away.append((days(first), days(last)))


def _named(act: "partial[None]") -> Act:
    return lambda now: act(now=now)
