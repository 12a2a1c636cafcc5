"""How far work is and how far it should be by a day: progress, time progress, lag and pace, exact until shown."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from math import floor

from cppcc_office.lib.workdays import WorkCalendar

Number = int | Decimal | Fraction


@dataclass(frozen=True, kw_only=True)
class MilestoneFigure:
    weight: Number
    due_on: date | None
    is_done: bool
    is_cancelled: bool = False


@dataclass(frozen=True, kw_only=True)
class TargetFigure:
    """A target; quantitative where it has a target value. Drafts may still lack dates."""

    weight: Number
    milestones: Sequence[MilestoneFigure] = ()
    target_value: Number | None = None
    actual: Number | None = None
    start_on: date | None = None
    due_on: date | None = None


class Pace(StrEnum):
    AHEAD = "ahead"
    ON = "on"
    BEHIND = "behind"
    FAR_BEHIND = "far_behind"

    @property
    def label(self) -> str:
        return {"ahead": "超序时", "on": "达序时", "behind": "欠序时", "far_behind": "严重欠序时"}[self.value]

    @property
    def light(self) -> str:
        """The colour it gives a project: green, yellow or red."""
        return {"behind": "yellow", "far_behind": "red"}.get(self.value, "green")


@dataclass(frozen=True)
class PaceBounds:
    """In points of lag: below −ahead is ahead, up to behind on pace, above far it is red."""

    ahead: Number = 10
    behind: Number = 10
    far: Number = 30


def progress_of_target(target: TargetFigure) -> Fraction | None:
    """From 0 to 1; None where there is nothing to divide by."""
    if target.target_value is not None:
        if target.target_value <= 0:
            return None
        return _within_one(Fraction(target.actual or 0) / Fraction(target.target_value))
    return _share_of_milestones(target, lambda milestone: milestone.is_done)


def time_progress_of_target(target: TargetFigure, today: date, calendar: WorkCalendar) -> Fraction | None:
    """How far the target should be by the end of the day; None where progress would be, or where dates are missing."""
    if target.target_value is None:
        return _share_of_milestones(target, lambda m: m.due_on is not None and m.due_on <= today)
    if target.target_value <= 0 or target.start_on is None or target.due_on is None:
        return None
    if today >= target.due_on:
        return Fraction(1)
    planned = calendar.count(target.start_on, target.due_on)
    if planned <= 0:
        return Fraction(0)
    return _within_one(Fraction(calendar.count(target.start_on, today), planned))


def progress(targets: Iterable[TargetFigure]) -> Fraction | None:
    """The weighted mean of the targets that have a progress."""
    return _weighted_mean((target.weight, progress_of_target(target)) for target in targets)


def time_progress(targets: Iterable[TargetFigure], today: date, calendar: WorkCalendar) -> Fraction | None:
    return _weighted_mean((target.weight, time_progress_of_target(target, today, calendar)) for target in targets)


def lag(done: Fraction | None, expected: Fraction | None) -> Fraction | None:
    """Time progress − progress, in points; positive is behind."""
    return None if done is None or expected is None else (expected - done) * 100


def pace_of(points: Fraction | None, bounds: PaceBounds = PaceBounds()) -> Pace | None:
    """The bounds themselves still belong to the better side: 10 is on pace, 30 is not yet red."""
    if points is None:
        return None
    if points > bounds.far:
        return Pace.FAR_BEHIND
    if points > bounds.behind:
        return Pace.BEHIND
    return Pace.AHEAD if points < -bounds.ahead else Pace.ON


def percent(share: Fraction | None) -> float | None:
    """As shown: one decimal, half up."""
    return None if share is None else one_decimal(share * 100)


def one_decimal(points: Fraction) -> float:
    """Rounded half up; below zero half away from zero, so that −2.25 is shown as 2.25 is."""
    tenths = floor(abs(points) * 10 + Fraction(1, 2))
    return (-tenths if points < 0 else tenths) / 10


def _share_of_milestones(target: TargetFigure, counts: Callable[[MilestoneFigure], bool]) -> Fraction | None:
    open_to_count = [milestone for milestone in target.milestones if not milestone.is_cancelled]
    whole = sum((Fraction(milestone.weight) for milestone in open_to_count), Fraction())
    if whole == 0:
        return None
    return sum((Fraction(milestone.weight) for milestone in open_to_count if counts(milestone)), Fraction()) / whole


def _weighted_mean(rows: Iterable[tuple[Number, Fraction | None]]) -> Fraction | None:
    counted = [(Fraction(weight), share) for weight, share in rows if share is not None]
    whole = sum((weight for weight, _ in counted), Fraction())
    if whole == 0:
        return None
    return sum((weight * share for weight, share in counted), Fraction()) / whole


def _within_one(share: Fraction) -> Fraction:
    return min(Fraction(1), max(Fraction(0), share))
