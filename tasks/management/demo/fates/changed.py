"""Fates that a change request had a hand in: put off, suspended, resumed, cancelled."""

from tasks.actions.changes.lines import Wish
from tasks.enums import ChangeKind
from tasks.management.demo import changing, words
from tasks.management.demo.fates.running import running
from tasks.management.demo.line import Line
from tasks.management.demo.outlines import ProjectOutline
from tasks.management.demo.stage import Stage

SHOWN_HEAD = "jingjichu"  # whose account is shown


def _ask_for_time(scene: Stage, line: Line, asked: int, until: int) -> None:
    last = len(line.flat) - 1
    due_on = scene.days(until)
    changing.ask(line, scene.days(asked), ChangeKind.EXTENSION, words.EXTENSIONS, due_on=due_on, moving=(last,))


def extension_pending(scene: Stage, outline: ProjectOutline) -> None:
    """Asked in time: 延期待批."""
    line = running(scene, outline, due=scene.between(1, 3), past=2, coming=1)
    long = scene.chance.random() < 0.5 or outline.team.head.username == SHOWN_HEAD
    _ask_for_time(scene, line, -scene.between(1, 2), 20 if long else 9)
    if long:
        changing.advise(line, scene.days(-1))


def extension_asked_late(scene: Stage, outline: ProjectOutline) -> None:
    line = running(scene, outline, due=-5, past=2, coming=1)
    _ask_for_time(scene, line, -2, 14)
    changing.advise(line, scene.days(-1))


def extension_declined(scene: Stage, outline: ProjectOutline) -> None:
    line = running(scene, outline, due=-2, past=2, coming=1)
    _ask_for_time(scene, line, -7, 12)
    changing.advise(line, scene.days(-6))
    changing.decide(line, scene.days(-5), agree=False)


def extension_granted(scene: Stage, outline: ProjectOutline) -> None:
    line = running(scene, outline, due=-3, past=2, coming=1)
    _ask_for_time(scene, line, -9, scene.chance.choice((6, 15)))
    changing.advise(line, scene.days(-8))
    changing.decide(line, scene.days(-6))


def suspended(scene: Stage, outline: ProjectOutline) -> None:
    line = running(scene, outline, due=scene.days.coming(scene.between(20, 50), least=5), past=2, coming=2)
    _suspend(scene, line, -scene.between(2, 4))


def _suspend(scene: Stage, line: Line, decided: int) -> None:
    resume_on = Wish("project", "resume_on", scene.days(decided + 25).isoformat())
    changing.ask(line, scene.days(decided - 2), ChangeKind.SUSPENSION, words.SUSPENSIONS, extra=[resume_on])
    changing.advise(line, scene.days(decided - 1))
    changing.decide(line, scene.days(decided))


def resumed(scene: Stage, outline: ProjectOutline) -> None:
    start = scene.start(-50)
    line = scene.line(outline, start, 16, [8, 16])
    _suspend(scene, line, -38)
    changing.ask(
        line,
        scene.days(-14),
        ChangeKind.RESUMPTION,
        ("有关政策已经明确，申请恢复办理。",),
        due_on=scene.days(30),
        moving=(1,),
    )
    changing.decide(line, scene.days(-13))
    line.entry(scene.days(-5), 0)


def cancelled(scene: Stage, outline: ProjectOutline) -> None:
    line = running(scene, outline, due=scene.days.coming(scene.between(20, 50), least=5), past=1, coming=1)
    changing.ask(line, scene.days(-3), ChangeKind.CANCELLATION, words.CANCELLATIONS)
    changing.advise(line, scene.days(-2))
    changing.decide(line, scene.days(-1))
