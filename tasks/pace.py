"""How far work is and how far it should be by a day: progress, time progress, lag and pace, exact until shown."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
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
    is_reported: bool = False  # waits for 核实


@dataclass(frozen=True, kw_only=True)
class TargetFigure:
    """A target; quantitative where it has a target value. Drafts may still lack dates."""

    weight: Number
    milestones: Sequence[MilestoneFigure] = ()
    target_value: Number | None = None
    actual: Number | None = None
    start_on: date | None = None
    due_on: date | None = None


@dataclass(frozen=True)
class Counted:
    """Towards a quantitative target: what has been counted, and what is to be reached by the due date."""

    actual: Decimal
    wanted: Decimal

    @property
    def short(self) -> Decimal:
        return max(Decimal(0), self.wanted - self.actual)


def counted(
    rows: Sequence[tuple[date, Decimal]],
    *,
    quota: Decimal,
    months: int,
    start_on: date | None,
    due_on: date | None,
    latest_counts: bool,
) -> Counted:
    """Counts by day, in order. A quota of a period shorter than the year is wanted in each that the project touches,
    and more in one makes up for nothing in another; of shares (`latest_counts`) the latest of a period holds, and the
    mean of the periods is what has been reached."""
    if months >= 12 or start_on is None or due_on is None:
        return Counted(_amount([value for _, value in rows], latest_counts), quota)
    in_period: dict[int, list[Decimal]] = {number: [] for number in _periods(start_on, due_on, months)}
    for day, value in rows:
        if (number := _period(day, months)) in in_period:
            in_period[number].append(value)
    amounts = [min(quota, _amount(values, latest_counts)) for values in in_period.values()]
    whole = Counted(sum(amounts, Decimal(0)), quota * len(amounts))
    return Counted(whole.actual / len(amounts), quota) if latest_counts else whole


def _period(day: date, months: int) -> int:
    return (day.year * 12 + day.month - 1) // months


def _periods(start_on: date, due_on: date, months: int) -> range:
    return range(_period(start_on, months), _period(due_on, months) + 1)


def _amount(values: Sequence[Decimal], latest_counts: bool) -> Decimal:
    if not values:
        return Decimal(0)
    return values[-1] if latest_counts else sum(values, Decimal(0))


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


def as_reported(target: TargetFigure) -> TargetFigure:
    """As the division left it: its clock stopped at the report, so what waits for 核实 is not its lag."""
    return replace(target, milestones=[replace(m, is_done=m.is_done or m.is_reported) for m in target.milestones])


def progress_of_target(target: TargetFigure) -> Fraction | None:
    """From 0 to 1; None where there is nothing to divide by."""
    if target.target_value is not None:
        if target.target_value <= 0:
            return None
        return within_one(Fraction(target.actual or 0) / Fraction(target.target_value))
    return _share_of_milestones(target, lambda milestone: milestone.is_done)


def time_progress_of_target(target: TargetFigure, today: date, calendar: WorkCalendar) -> Fraction | None:
    """How far the target should be by the end of the day; None where progress would be, or where dates are missing."""
    if target.target_value is None:
        return _share_of_milestones(target, lambda m: m.due_on is not None and m.due_on <= today)
    if target.target_value <= 0 or target.start_on is None or target.due_on is None:
        return None
    return spread(target.start_on, target.due_on, today, calendar)


def spread(start: date, due: date, today: date, calendar: WorkCalendar) -> Fraction:
    """Working days gone ÷ working days planned, from 0 to 1."""
    if today >= due:
        return Fraction(1)
    planned = calendar.count(start, due)
    if planned <= 0:
        return Fraction(0)
    return within_one(Fraction(calendar.count(start, today), planned))


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


def points_of(share: Fraction | None) -> float | None:
    """Percentage points as shown: one decimal, half up."""
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


def within_one(share: Fraction) -> Fraction:
    return min(Fraction(1), max(Fraction(0), share))
