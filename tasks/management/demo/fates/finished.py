"""Fates of what is done: closed, closed after a detour, or asked to be closed."""

from tasks.enums import ChangeKind
from tasks.management.demo import changing, words
from tasks.management.demo.courses import close, do_step, spaced
from tasks.management.demo.line import Line
from tasks.management.demo.outlines import ProjectOutline
from tasks.management.demo.stage import Stage


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
    changing.ask(
        line, scene.days(due - 5), ChangeKind.EXTENSION, words.EXTENSIONS, due_on=scene.days(due + 8), moving=(2,)
    )
    changing.decide(line, scene.days(due - 3))
    do_step(line, 2, scene.days(due + 3))
    close(line, scene.days(due + 6), accepted_by=scene.days(-1))


def reopened(scene: Stage, outline: ProjectOutline) -> None:
    """撤销销号: what was closed did not last."""
    due = max(scene.begin + 36, -34)
    line = _finished(scene, outline, due, due - 1, accepted_by=due + 2)
    changing.ask(
        line,
        scene.days(-12),
        ChangeKind.REOPENING,
        words.BACKSLIDES,
        due_on=scene.days.coming(16, least=6),
        rectify_on=scene.days.coming(12, least=5),
    )
    changing.advise(line, scene.days(-11))
    changing.decide(line, scene.days(-9))


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
