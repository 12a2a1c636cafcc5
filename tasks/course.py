"""序时: how far work should be on any day, as a course fixed by dates and weights; asks neither clock nor database."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from cppcc_office.lib.workdays import WorkCalendar
from tasks.pace import PaceBounds, TargetFigure, as_reported, progress_of_target, spread

_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Course:
    """What is expected by each day, from 0 to 1, beside what the division has reported.

    `steps` add a share from a day on (milestones fall due); `spans` spread a share over the working days from a start
    to a due date (quantitative targets). What is expected never shrinks from one day to the next, so that each bound
    of lag is crossed once.
    """

    reported: Fraction
    steps: tuple[tuple[date, Fraction], ...] = ()
    spans: tuple[tuple[Fraction, date, date], ...] = ()

    def expected(self, today: date, calendar: WorkCalendar) -> Fraction:
        stepped = sum((share for day, share in self.steps if day <= today), Fraction())
        return stepped + sum(
            (share * spread(start, due, today, calendar) for share, start, due in self.spans), Fraction()
        )

    def lag(self, today: date, calendar: WorkCalendar) -> Fraction:
        """Time progress − progress in points; positive is behind."""
        return (self.expected(today, calendar) - self.reported) * 100

    def first_day(self, holds: Callable[[Fraction], bool], calendar: WorkCalendar) -> date | None:
        """The first day whose lag fits, where every later one does too; None: no day, or every day there is."""
        days = [day for day, _ in self.steps] + [day for _, start, due in self.spans for day in (start, due)]
        if not days:
            return None
        before, last = min(days) - _ONE_DAY, max(days)
        if holds(self.lag(before, calendar)) or not holds(self.lag(last, calendar)):
            return None
        if not self.spans:
            return next(day for day, _ in self.steps if holds(self.lag(day, calendar)))
        while (last - before).days > 1:
            middle = before + (last - before) // 2
            before, last = (before, middle) if holds(self.lag(middle, calendar)) else (middle, last)
        return last

    def as_json(self) -> dict[str, Any]:
        return {
            "reported": str(self.reported),
            "steps": [[day.isoformat(), str(share)] for day, share in self.steps],
            "spans": [[str(share), start.isoformat(), due.isoformat()] for share, start, due in self.spans],
        }

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> "Course":
        return cls(
            Fraction(kept["reported"]),
            tuple((date.fromisoformat(day), Fraction(share)) for day, share in kept["steps"]),
            tuple(
                (Fraction(share), date.fromisoformat(start), date.fromisoformat(due))
                for share, start, due in kept["spans"]
            ),
        )


@dataclass(frozen=True)
class Turnings:
    """When the pace of a course changes; see `tasks.models.outlook`."""

    on_pace_on: date | None = None
    behind_on: date | None = None
    far_behind_on: date | None = None


def course_of(targets: Sequence[TargetFigure]) -> Course | None:
    """None where there is nothing to divide by, or a quantitative target has no dates yet (drafts)."""
    counted = [target for target in targets if progress_of_target(target) is not None]
    whole = sum((Fraction(target.weight) for target in counted), Fraction())
    if whole == 0:
        return None
    steps: dict[date, Fraction] = {}
    spans: list[tuple[Fraction, date, date]] = []
    reported = Fraction()
    for target in counted:
        share = Fraction(target.weight) / whole
        reported += share * (progress_of_target(as_reported(target)) or 0)
        if target.target_value is not None:
            if target.start_on is None or target.due_on is None:
                return None
            spans.append((share, target.start_on, target.due_on))
            continue
        milestones = [m for m in target.milestones if not m.is_cancelled]
        weights = sum((Fraction(m.weight) for m in milestones), Fraction())
        for milestone in milestones:
            if milestone.due_on is not None:
                part = share * Fraction(milestone.weight) / weights
                steps[milestone.due_on] = steps.get(milestone.due_on, Fraction()) + part
    return Course(reported, tuple(sorted(steps.items())), tuple(spans))


def turnings(course: Course | None, bounds: PaceBounds, calendar: WorkCalendar) -> Turnings:
    if course is None:
        return Turnings()
    return Turnings(
        on_pace_on=course.first_day(lambda lag: lag >= -bounds.ahead, calendar),
        behind_on=course.first_day(lambda lag: lag > bounds.behind, calendar),
        far_behind_on=course.first_day(lambda lag: lag > bounds.far, calendar),
    )
