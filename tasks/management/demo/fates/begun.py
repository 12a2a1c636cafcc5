"""Fates of what has hardly begun: dispatched, not received, sent back, still a draft."""

from tasks.management.demo.courses import spaced
from tasks.management.demo.line import Line
from tasks.management.demo.outlines import ProjectOutline
from tasks.management.demo.stage import Stage


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
