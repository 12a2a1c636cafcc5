"""This year's plan: 138 key tasks with projects in every state, light and part of the figures, as of today."""

from collections.abc import Callable
from datetime import date
from functools import partial

from tasks.actions.changes.lines import Wish
from tasks.enums import ChangeKind
from tasks.management.demo import words
from tasks.management.demo.courses import Days, close, do_step, spaced
from tasks.management.demo.line import Line
from tasks.management.demo.office import stand_in
from tasks.management.demo.outlines import THIS_YEAR, ProjectOutline, key_tasks_of
from tasks.management.demo.papers import adopt_plan
from tasks.management.demo.timetable import Act
from tasks.management.demo.year import Year

SHORTEST = 75  # working days that the year must have behind it; where it has fewer, it was begun in the year before


def begun_on(today: date, days: Days) -> date:
    """The day the plan was adopted."""
    usual = days.calendar.on_or_after(date(today.year, 1, 9))
    return min(usual, days(-SHORTEST))


class Stage:
    """Makes lines of one plan and sends them to their fates. Offsets are working days from today."""

    def __init__(self, year: Year, days: Days) -> None:
        self.year, self.days, self.chance = year, days, year.chance
        self.begin = days.offset(begun_on(days.today, days))

    def between(self, first: int, last: int) -> int:
        return self.chance.randrange(first, max(first, last) + 1)

    def line(
        self,
        outline: ProjectOutline,
        start: int,
        due: int | date,
        steps: list[int],
        *,
        with_number: bool = False,
        goals: int = 1,
        received: bool = True,
    ) -> Line:
        """Registered, decomposed, dispatched and received; the last step is due with the project."""
        due_on = due if isinstance(due, date) else self.days(due)
        line = Line(self.year, outline, start_on=self.days(start), due_on=due_on)
        line.evidence_required = self.chance.random() < 0.05
        with_number = with_number and outline.pattern.number is not None
        line.plan_steps([*map(self.days, steps[:-1]), due_on], with_number=with_number, goals=goals)
        line.register(self.days(start - self.between(1, 3)))
        line.dispatch(self.days(start))
        if received:
            line.receive(self.days(start + self.between(1, 2)))
        return line

    def start(self, before: int) -> int:
        """A day of dispatch: one of those on which the office sends its batches out."""
        batches = [self.begin + 6, self.begin + 12, *range(self.begin + 30, -10, 16)]
        fit = [offset for offset in batches if offset <= before]
        found: int = self.chance.choices(fit, [6, 5, *[1] * len(fit)][: len(fit)])[0]
        return found

    def share(self, line: Line, start: int, *, behind: int = 0) -> int:
        """How much of the number should be counted by today, less so many points."""
        planned = self.days.calendar.count(line.start_on, line.due_on)
        expected = min(1.0, -start / planned)
        return max(0, round(line.wanted * (expected - behind / 100)))


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


def _where_they_fit(fates: "list[Fate]", outlines: list[ProjectOutline]) -> "list[Fate]":
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
    asked = fates.index(extension_pending)
    shown = next(
        at for at, outline in enumerate(outlines) if outline.team.head.username == SHOWN_HEAD and fates[at] is on_pace
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


# ── finished ─────────────────────────────────────────────────────────────────


def _worked_through(scene: Stage, line: Line, start: int, steps: list[int], last: int) -> None:
    """Every step in time, the last one reported on that day."""
    wanted = line.wanted
    for place, due in enumerate(steps):
        on = last if place == len(steps) - 1 else max(start + 3, min(due - scene.between(0, 3), last - 2))
        counted = None
        if line.number is not None:
            done = wanted * (place + 1) // len(steps) - wanted * place // len(steps)
            counted = line.wanted if line.number.unit == "%" else done
        do_step(line, place, scene.days(on), counted=counted or None)


def _finished(
    scene: Stage, outline: ProjectOutline, due: int, asked: int, *, late: bool = False, accepted_by: int = -1
) -> Line:
    start = scene.start(due - 22)
    n = scene.chance.choices((2, 3, 4, 5), (30, 40, 20, 10))[0]
    steps = spaced(start + 4, due, n)
    line = scene.line(outline, start, due, steps, with_number=scene.chance.random() < 0.6, goals=2 if n > 3 else 1)
    _worked_through(scene, line, start, steps, asked - 3)
    close(line, scene.days(asked), accepted_by=scene.days(accepted_by), late=late)
    return line


def closed(scene: Stage, outline: ProjectOutline) -> None:
    due = scene.between(scene.begin + 36, -3)
    _finished(scene, outline, due, due - scene.between(0, 5))


def closed_late(scene: Stage, outline: ProjectOutline) -> None:
    due = scene.between(scene.begin + 36, -14)
    _finished(scene, outline, due, due + scene.between(3, 9), late=True)


def closed_after_return(scene: Stage, outline: ProjectOutline) -> None:
    """The first request was sent back, the second one accepted."""
    due = scene.between(scene.begin + 40, -8)
    start = scene.start(due - 26)
    steps = spaced(start + 4, due, 3)
    line = scene.line(outline, start, due, steps)
    _worked_through(scene, line, start, steps, due - 12)
    line.request(scene.days(due - 8))
    line.return_(scene.days(due - 6), mend_on=scene.days(due - 2))
    line.entry_after_return(scene.days(due - 3))
    close(line, scene.days(due - 2), accepted_by=scene.days(-1))


def closed_after_extension(scene: Stage, outline: ProjectOutline) -> None:
    due = scene.between(scene.begin + 40, -18)
    start = scene.start(due - 22)
    steps = spaced(start + 4, due, 3)
    line = scene.line(outline, start, due, steps)
    for place in range(2):
        do_step(line, place, scene.days(steps[place] - 1))
    line.ask(scene.days(due - 5), ChangeKind.EXTENSION, words.EXTENSIONS, due_on=scene.days(due + 8), moving=(2,))
    line.decide(scene.days(due - 3))
    do_step(line, 2, scene.days(due + 3))
    close(line, scene.days(due + 6), accepted_by=scene.days(-1))


def reopened(scene: Stage, outline: ProjectOutline) -> None:
    """撤销销号: what was closed did not last."""
    due = max(scene.begin + 36, -34)
    line = _finished(scene, outline, due, due - 1, accepted_by=due + 2)
    line.ask(
        scene.days(-12),
        ChangeKind.REOPENING,
        words.BACKSLIDES,
        due_on=scene.days.coming(16, least=6),
        rectify_on=scene.days.coming(12, least=5),
    )
    line.advise(scene.days(-11))
    line.decide(scene.days(-9))


def verifying(scene: Stage, outline: ProjectOutline) -> None:
    asked = -scene.between(1, 8)
    due = asked + scene.between(0, 12)
    start = scene.start(asked - 22)
    steps = [*spaced(start + 4, asked - 8, 2), due]
    line = scene.line(outline, start, due, steps, with_number=True)
    _worked_through(scene, line, start, steps, asked - 3)
    line.request(scene.days(asked))


def returned(scene: Stage, outline: ProjectOutline) -> None:
    """Sent back for mending, which is under way."""
    start = scene.start(-40)
    steps = spaced(start + 4, -14, 3)
    line = scene.line(outline, start, scene.days.coming(18, least=9), [*steps, 18])
    _worked_through(scene, line, start, [*steps, -12], -12)
    line.request(scene.days(-9))
    line.return_(scene.days(-6), mend_on=scene.days(7))
    line.entry_after_return(scene.days(-2))


# ── under way ────────────────────────────────────────────────────────────────


def _running(
    scene: Stage,
    outline: ProjectOutline,
    *,
    due: int | date,
    past: int,
    coming: int,
    first_coming: int = 10,
    with_number: bool = False,
    behind: int = 0,
    all_done: bool = True,
) -> Line:
    """So many steps behind us, so many to come. With a number, the count is as far as it should be, less `behind`."""
    due_on = due if isinstance(due, date) else scene.days(due)
    end = scene.days.offset(due_on)
    start = scene.start(-30)
    latest = min(-scene.between(4, 9), end - 3)
    steps = [*spaced(start + 5, latest, past), *spaced(min(first_coming, end), end, coming)]
    line = scene.line(outline, start, due_on, steps, with_number=with_number)
    if line.number is not None:
        line.wanted = max(line.wanted, 8)
    share = scene.share(line, start, behind=behind) if line.number is not None else 0
    for place in range(past if all_done else past - 1):
        counted = None
        if line.number is not None:
            counted = share if line.number.unit == "%" else share * (place + 1) // past - share * place // past
        do_step(line, place, scene.days(steps[place] - scene.between(0, 2)), counted=counted or None, talkative=0.7)
    if past and coming and scene.chance.random() < 0.5:
        line.entry(scene.days(-scene.between(1, 6)), past, typed_for=scene.chance.random() < 0.12)
    return line


def on_pace(scene: Stage, outline: ProjectOutline) -> None:
    due = scene.days.coming(scene.between(14, 70), least=12)
    _running(
        scene,
        outline,
        due=due,
        past=scene.between(1, 3),
        coming=scene.between(1, 3),
        with_number=scene.chance.random() < 0.5,
    )


def reported(scene: Stage, outline: ProjectOutline) -> None:
    """The last step behind us is reported and waits to be confirmed."""
    line = _running(
        scene, outline, due=scene.days.coming(scene.between(14, 50), least=12), past=2, coming=2, all_done=False
    )
    do_step(line, 1, scene.days(-scene.between(1, 7)), confirmed=False)


def awaiting_head(scene: Stage, outline: ProjectOutline) -> None:
    """Staff have reported, the head has not yet agreed."""
    line = _running(scene, outline, due=scene.days.coming(30, least=12), past=1, coming=2, first_coming=7)
    line.report(scene.days(-scene.between(1, 2)), 1, by_head=False)


def sent_back(scene: Stage, outline: ProjectOutline) -> None:
    """A report was returned with a reason; the step is being done again."""
    line = _running(scene, outline, due=scene.days.coming(40, least=14), past=1, coming=2, first_coming=9)
    line.report(scene.days(-4), 1)
    line.send_back(scene.days(-2), 1)


def ahead(scene: Stage, outline: ProjectOutline) -> None:
    past, coming = scene.between(1, 2), scene.between(2, 3)
    line = _running(scene, outline, due=scene.days.coming(scene.between(20, 60), least=13), past=past, coming=coming)
    do_step(line, past, scene.days(-scene.between(1, 5)))


def due_soon(scene: Stage, outline: ProjectOutline) -> None:
    line = _running(scene, outline, due=scene.between(1, 4), past=scene.between(1, 3), coming=1)
    if scene.chance.random() < 0.6:
        line.entry(scene.days(-1), len(line.flat) - 1)


def overdue(scene: Stage, outline: ProjectOutline) -> None:
    _running(scene, outline, due=-scene.chance.choice((1, 2, 3, 5, 8, 13)), past=scene.between(1, 3), coming=1)


def missed_step(scene: Stage, outline: ProjectOutline) -> None:
    """A milestone is overdue while the project itself has time."""
    line = _running(
        scene, outline, due=scene.days.coming(scene.between(15, 40), least=10), past=2, coming=scene.between(1, 3),
        all_done=False,
    )  # fmt: skip
    if scene.chance.random() < 0.7:
        line.entry(scene.days(-scene.between(1, 3)), 1)


def behind(scene: Stage, outline: ProjectOutline) -> None:
    _running(scene, outline, due=scene.between(20, 32), past=2, coming=1, with_number=True, behind=20)


def far_behind(scene: Stage, outline: ProjectOutline) -> None:
    _running(scene, outline, due=scene.between(10, 16), past=2, coming=1, with_number=True, behind=48)


# ── changed ──────────────────────────────────────────────────────────────────


def _ask_for_time(scene: Stage, line: Line, asked: int, until: int) -> None:
    last = len(line.flat) - 1
    line.ask(
        scene.days(asked), ChangeKind.EXTENSION, words.EXTENSIONS, due_on=scene.days(until), moving=(last,)
    )  # fmt: skip


def extension_pending(scene: Stage, outline: ProjectOutline) -> None:
    """Asked in time: 延期待批."""
    line = _running(scene, outline, due=scene.between(1, 3), past=2, coming=1)
    long = scene.chance.random() < 0.5 or outline.team.head.username == SHOWN_HEAD
    _ask_for_time(scene, line, -scene.between(1, 2), 20 if long else 9)
    if long:
        line.advise(scene.days(-1))


def extension_asked_late(scene: Stage, outline: ProjectOutline) -> None:
    line = _running(scene, outline, due=-5, past=2, coming=1)
    _ask_for_time(scene, line, -2, 14)
    line.advise(scene.days(-1))


def extension_declined(scene: Stage, outline: ProjectOutline) -> None:
    line = _running(scene, outline, due=-2, past=2, coming=1)
    _ask_for_time(scene, line, -7, 12)
    line.advise(scene.days(-6))
    line.decide(scene.days(-5), agree=False)


def extension_granted(scene: Stage, outline: ProjectOutline) -> None:
    line = _running(scene, outline, due=-3, past=2, coming=1)
    _ask_for_time(scene, line, -9, scene.chance.choice((6, 15)))
    line.advise(scene.days(-8))
    line.decide(scene.days(-6))


def suspended(scene: Stage, outline: ProjectOutline) -> None:
    line = _running(scene, outline, due=scene.days.coming(scene.between(20, 50), least=5), past=2, coming=2)
    _suspend(scene, line, -scene.between(2, 4))


def _suspend(scene: Stage, line: Line, decided: int) -> None:
    resume_on = Wish("project", "resume_on", scene.days(decided + 25).isoformat())
    line.ask(scene.days(decided - 2), ChangeKind.SUSPENSION, words.SUSPENSIONS, extra=[resume_on])
    line.advise(scene.days(decided - 1))
    line.decide(scene.days(decided))


def resumed(scene: Stage, outline: ProjectOutline) -> None:
    start = scene.start(-50)
    line = scene.line(outline, start, 16, [8, 16])
    _suspend(scene, line, -38)
    line.ask(
        scene.days(-14),
        ChangeKind.RESUMPTION,
        ("有关政策已经明确，申请恢复办理。",),
        due_on=scene.days(30),
        moving=(1,),
    )
    line.decide(scene.days(-13))
    line.entry(scene.days(-5), 0)


def cancelled(scene: Stage, outline: ProjectOutline) -> None:
    line = _running(scene, outline, due=scene.days.coming(scene.between(20, 50), least=5), past=1, coming=1)
    line.ask(scene.days(-3), ChangeKind.CANCELLATION, words.CANCELLATIONS)
    line.advise(scene.days(-2))
    line.decide(scene.days(-1))


# ── at the beginning ─────────────────────────────────────────────────────────


def _fresh(scene: Stage, outline: ProjectOutline, start: int) -> Line:
    end = scene.between(25, 60)
    n = scene.between(2, 6)
    return scene.line(
        outline, start, end, spaced(8, end, n), with_number=True, goals=3 if n > 5 else 2 if n > 3 else 1, received=False
    )  # fmt: skip


def just_dispatched(scene: Stage, outline: ProjectOutline) -> None:
    _fresh(scene, outline, -scene.between(1, 2))


def not_received(scene: Stage, outline: ProjectOutline) -> None:
    _fresh(scene, outline, -4)


def objected(scene: Stage, outline: ProjectOutline) -> None:
    line = _fresh(scene, outline, -5)
    others = [team for team in scene.year.office.teams.values() if team is not outline.team]
    line.object(scene.days(-3), scene.chance.choice(others))


def draft(scene: Stage, outline: ProjectOutline) -> None:
    end = scene.between(30, 60)
    line = Line(scene.year, outline, start_on=scene.days(2), due_on=scene.days(end))
    line.plan_steps([scene.days(offset) for offset in spaced(10, end, 3)], with_number=True)
    line.register(scene.days(-scene.between(1, 6)), bare=scene.chance.random() < 0.4)


Fate = Callable[[Stage, ProjectOutline], None]
FATES: tuple[tuple[Fate, int], ...] = (
    (closed, 55), (closed_late, 6), (closed_after_return, 3), (closed_after_extension, 4), (reopened, 1),
    (verifying, 8), (returned, 2), (on_pace, 25), (reported, 6), (awaiting_head, 3), (sent_back, 2), (ahead, 12),
    (due_soon, 10), (overdue, 6), (missed_step, 7), (behind, 5), (far_behind, 2), (extension_pending, 3),
    (extension_asked_late, 1), (extension_declined, 1), (extension_granted, 3), (suspended, 4), (resumed, 1),
    (cancelled, 2), (just_dispatched, 3), (not_received, 2), (objected, 1), (draft, 4),
)  # fmt: skip
BY_NUMBER = (behind, far_behind)
SHOWN_HEAD = "jingjichu"
