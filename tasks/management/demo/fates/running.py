"""Fates of what is under way: on its pace, ahead, behind, due, overdue."""

from datetime import date

from tasks.management.demo.courses import do_step, spaced
from tasks.management.demo.line import Line
from tasks.management.demo.outlines import ProjectOutline
from tasks.management.demo.stage import Stage


def running(
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
    running(
        scene,
        outline,
        due=due,
        past=scene.between(1, 3),
        coming=scene.between(1, 3),
        with_number=scene.chance.random() < 0.5,
    )


def reported(scene: Stage, outline: ProjectOutline) -> None:
    """The last step behind us is reported and waits to be confirmed."""
    line = running(
        scene, outline, due=scene.days.coming(scene.between(14, 50), least=12), past=2, coming=2, all_done=False
    )
    do_step(line, 1, scene.days(-scene.between(1, 7)), confirmed=False)


def awaiting_head(scene: Stage, outline: ProjectOutline) -> None:
    """Staff have reported, the head has not yet agreed."""
    line = running(scene, outline, due=scene.days.coming(30, least=12), past=1, coming=2, first_coming=7)
    line.report(scene.days(-scene.between(1, 2)), 1, by_head=False)


def sent_back(scene: Stage, outline: ProjectOutline) -> None:
    """A report was returned with a reason; the step is being done again."""
    line = running(scene, outline, due=scene.days.coming(40, least=14), past=1, coming=2, first_coming=9)
    line.report(scene.days(-4), 1)
    line.send_back(scene.days(-2), 1)


def ahead(scene: Stage, outline: ProjectOutline) -> None:
    past, coming = scene.between(1, 2), scene.between(2, 3)
    line = running(scene, outline, due=scene.days.coming(scene.between(20, 60), least=13), past=past, coming=coming)
    do_step(line, past, scene.days(-scene.between(1, 5)))


def due_soon(scene: Stage, outline: ProjectOutline) -> None:
    line = running(scene, outline, due=scene.between(1, 4), past=scene.between(1, 3), coming=1)
    if scene.chance.random() < 0.6:
        line.entry(scene.days(-1), len(line.flat) - 1)


def overdue(scene: Stage, outline: ProjectOutline) -> None:
    running(scene, outline, due=-scene.chance.choice((1, 2, 3, 5, 8, 13)), past=scene.between(1, 3), coming=1)


def missed_step(scene: Stage, outline: ProjectOutline) -> None:
    """A milestone is overdue while the project itself has time."""
    line = running(
        scene, outline, due=scene.days.coming(scene.between(15, 40), least=10), past=2, coming=scene.between(1, 3),
        all_done=False,
    )  # fmt: skip
    if scene.chance.random() < 0.7:
        line.entry(scene.days(-scene.between(1, 3)), 1)


def behind(scene: Stage, outline: ProjectOutline) -> None:
    running(scene, outline, due=scene.between(20, 32), past=2, coming=1, with_number=True, behind=20)


def far_behind(scene: Stage, outline: ProjectOutline) -> None:
    running(scene, outline, due=scene.between(10, 16), past=2, coming=1, with_number=True, behind=48)
