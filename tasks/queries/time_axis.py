"""时间轴: lines of the ledger laid on an axis of days, with what their milestones promise and how they stand."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum

from tasks.enums import MilestoneState
from tasks.models import Milestone, Project
from tasks.queries.ledger.grounds import Grounds
from tasks.queries.ledger.rows import Row
from tasks.queries.lights import milestone_light

_DAY = timedelta(days=1)


class Scale(StrEnum):
    MONTH = "month"  # a year in months
    WEEK = "week"  # a quarter in weeks

    @property
    def label(self) -> str:
        return {"month": "按月", "week": "按周"}[self.value]


@dataclass(frozen=True)
class Tick:
    """One month or week: where it begins and what it is called."""

    x: str
    label: str
    label_x: str


@dataclass(frozen=True)
class Mark:
    """A milestone: its date, and the shape and colour of its light."""

    x: str
    code: str
    pk: int
    words: str


@dataclass
class AxisRow:
    row: Row
    x: str = ""  # of the bar; empty: nothing of it falls on this axis
    width: str = ""
    done: str = ""  # how much of the bar the progress fills
    over_x: str = ""  # from the due date to today, of what is overdue
    over_width: str = ""
    original_x: str = ""  # where the due date stood first
    due_x: str = ""
    marks: list[Mark] = field(default_factory=list)

    @property
    def words(self) -> str:
        """For those who do not see the axis."""
        if not self.row.is_whole:
            return "本处室未参与此项目，不显示节点"
        return "；".join(mark.words for mark in self.marks) or "这一段没有节点"


@dataclass(frozen=True)
class Axis:
    scale: Scale
    first: date
    last: date

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    def holds(self, day: date | None) -> bool:
        return day is not None and self.first <= day <= self.last

    def share(self, day: date) -> float:
        """From the left, in percent; what lies outside stands at the edge."""
        return min(max((day - self.first).days, 0), self.days) * 100 / self.days

    def at(self, day: date, *, middle: bool = False) -> str:
        share = self.share(day) + (50 / self.days if middle else 0)
        return f"{share:.2f}%"

    @property
    def ticks(self) -> list[Tick]:
        starts = list(_months(self.first, self.last) if self.scale == Scale.MONTH else _weeks(self.first, self.last))
        ends = [*(start - _DAY for start in starts[1:]), self.last]
        named = [f"{day.month}月" if self.scale == Scale.MONTH else f"{day.month}.{day.day}" for day in starts]
        return [
            Tick(self.at(start), label, f"{(self.share(start) + self.share(end + _DAY)) / 2:.2f}%")
            for start, end, label in zip(starts, ends, named, strict=True)
        ]

    @property
    def words(self) -> str:
        if self.scale == Scale.MONTH:
            return f"{self.first.year}年"
        middle = self.first + timedelta(days=45)
        return f"{middle.year}年第{(middle.month - 1) // 3 + 1}季度"

    @property
    def before(self) -> date:
        return (
            _quarter_start(self.first - timedelta(days=40))
            if self.scale == Scale.WEEK
            else date(max(self.first.year - 1, 1900), 1, 1)
        )

    @property
    def after(self) -> date:
        return self.last + timedelta(days=8) if self.scale == Scale.WEEK else date(self.first.year + 1, 1, 1)


def axis_of(scale: Scale, day: date) -> Axis:
    """The year of the day in months, or its quarter in whole weeks."""
    if scale == Scale.MONTH:
        return Axis(scale, date(day.year, 1, 1), date(day.year, 12, 31))
    start = _quarter_start(day)
    end = date(start.year + (start.month + 3) // 13, (start.month + 2) % 12 + 1, 1) - _DAY
    return Axis(scale, start - timedelta(days=start.weekday()), end + timedelta(days=6 - end.weekday()))


def axis_rows(rows: Sequence[Row], axis: Axis, grounds: Grounds) -> list[AxisRow]:
    """Two queries, however many rows. Milestones only of what this person reads whole (domain 1)."""
    ids = [row.pk for row in rows]
    starts = dict(Project.objects.filter(pk__in=ids).order_by().values_list("pk", "start_on"))
    nodes: dict[int, list[Milestone]] = {}
    whole = [row.pk for row in rows if row.is_whole]
    counted = Milestone.objects.filter(project__in=whole).exclude(state=MilestoneState.CANCELLED)
    for node in counted.order_by("due_on", "pk"):
        nodes.setdefault(node.project_id, []).append(node)
    return [_axis_row(row, starts.get(row.pk), nodes.get(row.pk, ()), axis, grounds) for row in rows]


def _axis_row(row: Row, start_on: date | None, nodes: Iterable[Milestone], axis: Axis, grounds: Grounds) -> AxisRow:
    laid = AxisRow(row)
    begins, ends = start_on or row.dispatched_on, row.due_on
    if begins is not None and ends is not None and begins <= axis.last and ends >= axis.first:
        left, right = axis.share(begins), axis.share(ends + _DAY)
        laid.x, laid.width = f"{left:.2f}%", f"{max(right - left, 0.3):.2f}%"
        # Of the whole span, not of the part that is seen.
        reached = begins + (ends + _DAY - begins) * (float(row.progress or 0) / 100)
        laid.done = f"{max(axis.share(reached) - left, 0):.2f}%"
    if ends is not None and row.is_past_due:
        left, right = axis.share(ends + _DAY), axis.share(grounds.today + _DAY)
        laid.over_x, laid.over_width = f"{left:.2f}%", f"{right - left:.2f}%"
    if axis.holds(ends) and ends is not None:
        laid.due_x = axis.at(ends, middle=True)
    if row.original_due_on is not None and row.original_due_on != ends and axis.holds(row.original_due_on):
        laid.original_x = axis.at(row.original_due_on, middle=True)
    ground = grounds.of(row.organization_id)
    for node in nodes:
        if axis.holds(node.due_on) and node.due_on is not None:
            light = milestone_light(node, row.state, ground)
            moved = node.original_due_on is not None and node.original_due_on != node.due_on
            was = f"，原定 {node.original_due_on:%Y-%m-%d}" if moved else ""
            words = f"{node.title}：{node.due_on:%Y-%m-%d}{was}，{light.label}"
            laid.marks.append(Mark(axis.at(node.due_on, middle=True), light.code, node.pk, words))
    return laid


def _months(first: date, last: date) -> Iterable[date]:
    return (date(first.year, month, 1) for month in range(first.month, last.month + 1))


def _weeks(first: date, last: date) -> Iterable[date]:
    return (first + timedelta(days=days) for days in range(0, (last - first).days, 7))


def _quarter_start(day: date) -> date:
    return date(day.year, (day.month - 1) // 3 * 3 + 1, 1)
