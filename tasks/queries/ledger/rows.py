"""The lines of a ledger as plain rows, each with what its cells need: today's, or those of a past day."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, cast

from django.db.models import (
    Exists,
    F,
    OuterRef,
    QuerySet,
    Subquery,
)
from django.db.models.functions import JSONObject

from accounts.models import User
from tasks.course import Course
from tasks.enums import Bucket, ChangeTier, CloseOutState, MilestoneState, ProjectState
from tasks.models import CloseOut, ProgressEntry, Project
from tasks.pace import one_decimal, points_of
from tasks.queries.as_of import Moment
from tasks.queries.figures import Lines
from tasks.queries.ledger.beside import Node, Pending, SourceWords, beside_of
from tasks.queries.ledger.grounds import Grounds
from tasks.queries.lights import LABELS, Ground, Light
from tasks.queries.moments import Line, bucket_of, light_of

P = ProjectState
REASONS_SHOWN = 2
NARROW = 20  # digits that stand beside each other under a light; a Chinese character takes two

# What a revision keeps under the same name, and what only the project itself tells.
_KEPT = (
    "organization_id",
    "state",
    "lead_division_id",
    "lead_division__name",
    "lead_division__short_name",
    "lead_division__supervises",
    "leader__name",
    "person__name",
    "due_on",
    "warn_on",
    "dispatched_on",
    "closed_on",
    "extension_count",
    "progress",
    "milestones_done",
    "milestones_counted",
    "pace",
    "on_pace_on",
    "behind_on",
    "far_behind_on",
    "milestone_due_on",
    "milestone_warn_on",
    "waits_since",
    "receive_by",
    "requested_on",
    "extension_asked_on",
)
_OF_PROJECT = (
    "pk",
    "number",
    "title",
    "original_due_on",
    "effect_standard",
    "report_cycle",
    "remark",
    "is_backfilled",
    "closed_by__name",
    "plan_id",
    "plan__name",
    "key_task_id",
    "key_task__title",
    "key_task__category_id",
    "key_task__category__name",
)
_ADDED = ("is_whole", "news", "opinion")


@dataclass(frozen=True, slots=True)
class RowTurn:
    whom: str
    brief: str
    doing: str


@dataclass(slots=True)
class Row:
    """One line. The fields stand in the order in which they are read; what follows is worked out from them."""

    organization_id: int
    state: str
    lead_division_id: int | None
    lead_name: str | None
    lead_short_name: str | None
    lead_supervises: bool | None
    leader: str | None
    person: str | None
    due_on: date | None
    warn_on: date | None
    dispatched_on: date | None
    closed_on: date | None
    extension_count: int
    progress: Decimal | None
    milestones_done: int
    milestones_counted: int
    pace: dict[str, Any] | None
    on_pace_on: date | None
    behind_on: date | None
    far_behind_on: date | None
    milestone_due_on: date | None
    milestone_warn_on: date | None
    waits_since: date | None
    receive_by: date | None
    requested_on: date | None
    extension_asked_on: date | None
    pk: int
    number: str
    title: str
    original_due_on: date | None
    effect_standard: str
    report_cycle: str
    remark: str
    is_backfilled: bool
    closed_by: str | None
    plan_id: int
    plan_name: str
    key_task_id: int
    key_task: str
    category_id: int
    category: str
    is_whole: bool
    entry: dict[str, Any] | None
    opinion: str | None

    place: int = 0  # 序号 in the whole list
    measured_on: date | None = None
    why: str = ""  # every reason for the light
    light: Light = field(default_factory=lambda: Light("none", ""))
    bucket: Bucket | None = None
    time_progress: float | None = None
    lag: float | None = None
    workdays_left: int | None = None
    sources: list[SourceWords] = field(default_factory=list)
    co_names: list[str] = field(default_factory=list)
    co_briefs: list[str] = field(default_factory=list)
    turn: RowTurn | None = None

    @property
    def is_draft(self) -> bool:
        return self.state == P.DRAFT

    @property
    def state_word(self) -> str:
        return P(self.state).label

    @property
    def lead_brief(self) -> str:
        return self.lead_short_name or self.lead_name or ""

    @property
    def is_extended(self) -> bool:
        return self.extension_count > 0

    @property
    def news(self) -> str:
        return str(self.entry["situation"]) if self.entry else ""

    @property
    def news_on(self) -> date | None:
        return date.fromisoformat(self.entry["on"]) if self.entry else None

    @property
    def problems(self) -> str:
        return str(self.entry["problems"]) if self.entry else ""

    @property
    def needs_coordination(self) -> bool:
        return bool(self.entry and self.entry["coordination"])

    @property
    def lag_class(self) -> str:
        """How the gap between progress and time progress is drawn: as the light tells it."""
        if self.state != P.IN_PROGRESS or self.behind_on is None or self.measured_on is None:
            return ""
        if self.far_behind_on is not None and self.far_behind_on <= self.measured_on:
            return "red"
        return "amber" if self.behind_on <= self.measured_on else ""

    @property
    def is_past_due(self) -> bool:
        running = self.state in (P.DISPATCHED, P.IN_PROGRESS)
        return running and self.due_on is not None and self.measured_on is not None and self.due_on < self.measured_on

    @property
    def short_number(self) -> str:
        """019: the year stands in the plan."""
        return self.number[6:9] if self.number[6:9].isdecimal() else self.number

    @property
    def finished_on(self) -> date | None:
        """办结: the day the division's clock stopped, of what has been closed out."""
        return (self.requested_on or self.closed_on) if self.state == P.CLOSED else None


def ledger_rows(
    lines: Lines,
    chosen: QuerySet[Any],
    *,
    user: User,
    today: date,
    grounds: Grounds,
    moment: Moment | None = None,
    first: int = 1,
) -> list[Row]:
    """The chosen rows of `lines` in their order, in two queries however many they are."""
    rows = [Row(*values) for values in _values(lines, chosen, user, today, moment)]
    _finish(rows, grounds, moment, first)
    return rows


def _values(
    lines: Lines, chosen: QuerySet[Any], user: User, today: date, moment: Moment | None
) -> QuerySet[Any, tuple[Any, ...]]:
    own = OuterRef(lines.path("pk"))
    entries = ProgressEntry.objects.filter(project=own)
    close_outs = CloseOut.objects.filter(project=own, state=CloseOutState.ACCEPTED)
    if moment is not None:
        entries = entries.filter(on__lte=moment.day)
        if moment.known_by is not None:
            entries = entries.filter(created_at__lte=moment.known_by)
        close_outs = close_outs.filter(closed_on__lte=moment.day)
    latest = entries.order_by("-on", "-id").values(
        said=JSONObject(on="on", situation="situation", problems="problems", coordination=F("needs_coordination"))
    )
    whole = Project.objects.whole_for(user, today).filter(pk=own).order_by()
    return cast(
        "QuerySet[Any, tuple[Any, ...]]",
        chosen.annotate(
            is_whole=Exists(whole),
            news=Subquery(latest[:1]),
            opinion=Subquery(close_outs.values("opinion")[:1]),
        ).values_list(*_KEPT, *(lines.path(name) for name in _OF_PROJECT), *_ADDED),
    )


def _finish(rows: Sequence[Row], grounds: Grounds, moment: Moment | None, first: int) -> None:
    beside = beside_of(
        ids=[row.pk for row in rows],
        key_tasks={row.key_task_id for row in rows},
        running=[row.pk for row in rows if moment is None and row.state == P.IN_PROGRESS],
        is_today=moment is None,
    )
    for place, row in enumerate(rows, first):
        ground = grounds.of(row.organization_id)
        row.place = place
        if not row.is_whole:  # texts only for those who read the project whole (domain 1)
            row.entry = row.opinion = None
            row.remark = ""
        if row.state != P.CLOSED:  # it may have been closed out after the day that is shown
            row.opinion = row.closed_by = None
        _measure(row, ground)
        row.sources = beside.sources.get(row.key_task_id, [])
        row.co_names, row.co_briefs = beside.assisting.get(row.pk, ([], []))
        if moment is None:
            row.turn = turn_of_row(row, beside.nodes.get(row.pk, []), beside.changes.get(row.pk))


def _measure(row: Row, ground: Ground) -> None:
    """Light, part of the figures, time progress: from the row alone."""
    line = cast("Line", row)
    row.measured_on = ground.today
    row.bucket = bucket_of(line, ground.today)
    if row.pace is not None and row.state != P.DRAFT:
        course = Course.from_json(row.pace)
        expected = course.expected(ground.today, ground.calendar)
        row.time_progress = points_of(expected)
        row.lag = one_decimal((expected - course.reported) * 100)
    code = light_of(line, ground.today)
    reasons = _why(row, code, ground)
    row.light = Light(code, _label(row, code), _in_short(reasons))
    row.why = "，".join(words + unit for words, unit in reasons)
    if row.due_on is not None and row.state in (P.DISPATCHED, P.IN_PROGRESS) and row.due_on >= ground.today:
        row.workdays_left = ground.workdays_left(row.due_on)


def _label(row: Row, code: str) -> str:
    if row.state in (P.DRAFT, P.CANCELLED, P.CARRIED_OVER, P.CLOSE_OUT_REQUESTED):
        return row.state_word
    return LABELS[code]


def _why(row: Row, code: str, ground: Ground) -> list[tuple[str, str]]:
    """Words and unit of each reason for this light."""
    if row.state == P.CLOSED:
        finished = row.requested_on or row.closed_on
        days = (finished - row.due_on).days if finished and row.due_on else 0
        return [(f"逾期 {days} 天完成", "")] if days > 0 else []
    return [(words, unit) for light, words, unit in _reasons(row, ground) if light == code]


def _in_short(reasons: Sequence[tuple[str, str]]) -> str:
    """As many as a narrow column holds: the first with its unit, or the first two without."""
    if not reasons:
        return ""
    two = " · ".join(words for words, _ in reasons[:REASONS_SHOWN])
    room = sum(1 if character.isascii() else 2 for character in two)
    return two if len(reasons) > 1 and room <= NARROW else "".join(reasons[0])


def _reasons(row: Row, ground: Ground) -> Iterator[tuple[str, str, str]]:
    """Light, words and the unit that a narrow column leaves out; the project's own date first; the project page tells rule and date of each."""
    today = ground.today
    if row.state == P.CLOSE_OUT_REQUESTED:
        if row.requested_on is not None:
            yield "blue", f"第 {ground.day_of_clock(row.requested_on)} 天", ""
        return
    if row.state not in (P.DISPATCHED, P.IN_PROGRESS) or row.due_on is None:
        return
    if row.extension_asked_on is not None and row.extension_asked_on <= row.due_on:
        yield "yellow", "延期待批", ""
    elif row.due_on < today:
        yield "red", f"逾期 {ground.workdays_since(row.due_on)}", " 个工作日"
    elif row.warn_on is not None and row.warn_on <= today:
        left = ground.workdays_left(row.due_on)
        yield ("yellow", "今日到期", "") if row.due_on == today else ("yellow", f"临期 {left}", " 个工作日")
    if row.milestone_due_on is not None and row.milestone_due_on < today:
        yield "red", f"节点逾期 {ground.workdays_since(row.milestone_due_on)}", " 个工作日"
    elif row.milestone_warn_on is not None and row.milestone_warn_on <= today:
        yield "yellow", "节点临期", ""
    if row.state == P.IN_PROGRESS and row.behind_on is not None and row.behind_on <= today and row.lag is not None:
        far = row.far_behind_on is not None and row.far_behind_on <= today
        yield "red" if far else "yellow", f"欠序时 {row.lag:g}", ""
    if row.state == P.DISPATCHED and row.receive_by is not None and row.receive_by < today:
        yield "yellow", "未签收", ""
    if row.waits_since is not None:
        yield "blue", f"第 {ground.day_of_clock(row.waits_since)} 天", ""


def turn_of_row(row: Row, nodes: Sequence[Node], pending: Pending | None = None) -> RowTurn | None:
    """The most pressing turn, the same as `turns_of` finds with everything loaded."""
    if pending is not None:
        return _turn_of_change(row, pending)
    verifier = "领导" if row.lead_supervises else "督办处"
    lead = RowTurn(row.lead_name or "", row.lead_brief, "")
    if row.state == P.DRAFT:
        return RowTurn("督办处", "督办处", "分解后交办")
    if row.state == P.DISPATCHED:
        return RowTurn(lead.whom, lead.brief, "签收")
    if row.state == P.CLOSE_OUT_REQUESTED:
        return RowTurn(verifier, verifier, "验收销号")
    if row.state != P.IN_PROGRESS:
        return None
    if not nodes:
        return RowTurn(lead.whom, lead.brief, "申请销号") if row.milestones_counted else None
    reported = [node for node in nodes if node.state == MilestoneState.REPORTED]
    if reported:
        node = min(reported, key=lambda node: node.reported_on or date.max)
        whom = "领导" if node.supervises else verifier
        return RowTurn(whom, whom, f"核实{_named(row, node)}")
    agreeing = [node for node in nodes if node.state == MilestoneState.AWAITING_HEAD]
    node = min(agreeing or nodes, key=lambda node: node.due_on or date.max)
    if agreeing:
        return RowTurn(f"{node.division}负责人", node.division_brief, f"审核{_named(row, node)}")
    return RowTurn(node.division, node.division_brief, f"办理{_named(row, node)}")


def _named(row: Row, node: Node) -> str:
    """Milestones are shown to those who read the project whole."""
    return f"“{node.title}”" if row.is_whole else "节点"


def _turn_of_change(row: Row, pending: Pending) -> RowTurn:
    what = f"{pending.kind.label}申请"
    if pending.tier == ChangeTier.SECRETARIAT:
        return RowTurn("督办处", "督办处", f"决定{what}")
    if not pending.has_opinion and not row.lead_supervises:
        return RowTurn("督办处", "督办处", f"对{what}提出意见")
    whom = pending.leader or "领导"
    return RowTurn(whom, whom, f"决定{what}")
