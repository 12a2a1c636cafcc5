"""A plan's year, and what all its lines share."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time
from functools import partial

from tasks.actions.key_tasks import Paper
from tasks.actions.project import dispatch_projects
from tasks.management.demo.office import Office
from tasks.management.demo.outlines import KeyTaskOutline
from tasks.management.demo.timetable import SHANGHAI, Deck, Timetable
from tasks.models import KeyTask, Plan, Project

DISPATCHED_AT = time(16, 0)


@dataclass(eq=False)
class Year:
    plan_year: int
    office: Office
    timetable: Timetable
    chance: random.Random
    deck: Deck
    papers: list[Paper] = field(default_factory=list)
    plan: Plan | None = None
    key_tasks: dict[KeyTaskOutline, KeyTask] = field(default_factory=dict)
    batches: dict[date, list[Callable[[], Project]]] = field(default_factory=dict)

    def dispatch_on(self, day: date, project: Callable[[], Project]) -> datetime:
        """With everything else that goes out that day. Returns the moment."""
        self.batches.setdefault(day, []).append(project)
        return datetime.combine(day, DISPATCHED_AT, SHANGHAI)

    def dispatch_all(self) -> None:
        """Once every line is planned."""
        for day, projects in self.batches.items():
            self.timetable.put(datetime.combine(day, DISPATCHED_AT, SHANGHAI), partial(self._dispatch, projects))

    def _dispatch(self, projects: list[Callable[[], Project]], now: datetime) -> None:
        rows = [(project(), project().version) for project in projects]
        outcome = dispatch_projects(rows, by=self.office.supervising.head, now=now)
        assert not outcome.left, outcome.left
