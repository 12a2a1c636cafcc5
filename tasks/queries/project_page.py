"""What the project page shows beside its lights: steps, whose turn, tree, close-outs; all read, nothing decided."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from django.db.models import Prefetch, QuerySet
from django.utils import timezone

from accounts.models import User
from cppcc_office.lib.numerals import chinese
from tasks.enums import ChangeState, CloseOutState, MilestoneState, ProjectState, QuotaPeriod
from tasks.models import ChangeRequest, CloseOut, Milestone, ProgressEntry, Project, Source, Target
from tasks.models.project import ProjectQuerySet
from tasks.queries.lights import Ground, Light, ProjectView, for_lights
from tasks.queries.turns import Turn, turns_of


def for_page(projects: ProjectQuerySet) -> ProjectQuerySet:
    """With everything the page reads of the project itself, in a constant number of queries."""
    return (
        for_lights(projects)
        .select_related("organization", "dispatched_by", "received_by", "carried_from")
        .prefetch_related(
            Prefetch("key_task__sources", Source.objects.select_related("source_class")),
            Prefetch("change_requests", ChangeRequest.objects.filter(state=ChangeState.ASKED)),
            "milestones__co_divisions",
        )
    )


def carried_links(project: Project, user: User, today: date) -> dict[str, Project]:
    """结转: where it came from and where it went on, as far as this person finds them; asks only where there is any."""
    ends = {"carried_from": getattr(project, "carried_from", None), "carried_into": project.carried_into_id}
    ids = {name: getattr(end, "pk", end) for name, end in ends.items() if end}
    if not ids:
        return {}
    seen = Project.objects.visible_to(user, today).select_related("plan").in_bulk(ids.values())
    return {name: seen[pk] for name, pk in ids.items() if pk in seen}


def day_words(day: date | None, today: date) -> str:
    """10月16日, with the year if it is not this one; — where there is none."""
    if day is None:
        return "—"
    words = f"{day.month}月{day.day}日"
    return words if day.year == today.year else f"{day.year}年{words}"


# ── where it stands ──────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Step:
    label: str
    detail: str
    state: str  # done, now or ""


_PLACES = {
    ProjectState.DRAFT: 0,
    ProjectState.DISPATCHED: 1,
    ProjectState.IN_PROGRESS: 2,
    ProjectState.SUSPENDED: 2,
    ProjectState.CLOSE_OUT_REQUESTED: 3,
    ProjectState.CLOSED: 4,
    ProjectState.CANCELLED: 4,
    ProjectState.CARRIED_OVER: 4,
}


def steps_of(view: ProjectView, close_out: CloseOut | None, today: date) -> list[Step]:
    """拟立项 … 已销号 with the day of each; `close_out` is the request that is live or was accepted."""
    project = view.project
    place = _PLACES[ProjectState(project.state)]
    asked_on = close_out.requested_on if close_out else None
    steps = [
        ("拟立项", day_words(timezone.localdate(project.created_at), today)),
        ("已交办", _dispatched(project, today)),
        ("暂缓" if project.state == ProjectState.SUSPENDED else "办理中", _running(view) if place >= 2 else ""),
        ("待验收", f"{day_words(asked_on, today)}申请" if asked_on else f"时限 {day_words(project.due_on, today)}"),
        (project.get_state_display() if place == 4 else "已销号", _closed(project, close_out, today)),
    ]
    return [
        Step(label, detail, "done" if number < place or place == 4 == number else "now" if number == place else "")
        for number, (label, detail) in enumerate(steps)
    ]


def _dispatched(project: Project, today: date) -> str:
    if project.dispatched_on is None:
        return ""
    words = day_words(project.dispatched_on, today)
    if project.is_backfilled:
        return f"{words} · 补录"
    if project.received_at is None:
        return f"{words} · 未签收" if project.state == ProjectState.DISPATCHED else words
    received = "视为签收" if project.received_by_lapse else "签收"
    return f"{words} · {day_words(timezone.localdate(project.received_at), today)}{received}"


def _running(view: ProjectView) -> str:
    words = f"节点 {view.done}/{view.counted}"
    return words if view.progress is None else f"{words}，进度 {view.progress:g}%"


def _closed(project: Project, close_out: CloseOut | None, today: date) -> str:
    if project.closed_on is None:
        return ""
    number = f" · {close_out.number}" if close_out and close_out.number else ""
    return f"{day_words(project.closed_on, today)}{number}"


def why_words(light: Light) -> str:
    """The line beside the light: the reasons of its colour, three of them at most; of a closed project how late it was."""
    if light.code == "done":
        return light.why
    labels = list(dict.fromkeys(reason.label for reason in light.reasons if reason.code == light.code))
    return "，".join(labels[:3]) + (f"，等 {len(labels)} 条" if len(labels) > 3 else "")


# ── whose turn ───────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Whose:
    """现在轮到: the most pressing turn in words; `doing` is empty where nobody has one."""

    heading: str
    doing: str
    detail: str
    is_late: bool = False


def whose_turn(project: Project, close_out: CloseOut | None, ground: Ground) -> Whose:
    turns = turns_of(project, ground)
    if not turns:
        return _settled(project, close_out, ground.today)
    first, rest = turns[0], turns[1:]
    return Whose("现在轮到", f"{first.whom} {first.doing}", _by_when(first, ground) + _others(rest), first.is_late)


def _by_when(turn: Turn, ground: Ground) -> str:
    due = day_words(turn.due_on, ground.today)
    if turn.kind in ("decide", "opinion"):
        return f"{day_words(turn.since, ground.today)}申请"
    if turn.limit is not None and turn.day is not None:
        if turn.is_late:
            return f"第 {turn.day} 天，已超 {turn.day - turn.limit} 天，应于 {due} 前办理"
        return f"第 {turn.day} 天，限 {turn.limit} 天，须于 {due} 前办理"
    return f"时限 {due}" if turn.due_on else "没有时限"


def _others(turns: list[Turn]) -> str:
    counts: dict[str, int] = {}
    for turn in turns:
        word = {"work": "在办", "agree": "待处室审核", "confirm": "待核实"}.get(turn.kind)
        if word:
            counts[word] = counts.get(word, 0) + 1
    return "".join(f" · 另有 {count} 个节点{word}" for word, count in counts.items())


def _settled(project: Project, close_out: CloseOut | None, today: date) -> Whose:
    if project.state == ProjectState.CLOSED and close_out is not None:
        words = f"{close_out.number} · 成效评价 {close_out.get_effect_display()}"
        return Whose("已办结", words, f"{day_words(project.closed_on, today)} 验收销号")
    return Whose("现在没有轮到谁", project.get_state_display(), "")


# ── the tree ─────────────────────────────────────────────────────────────────


@dataclass
class Node:
    milestone: Milestone
    light: Light
    due_notes: list[str]
    is_assisting: bool  # 主办 is not the lead division
    report: str = ""  # what was written with the report that waits for 审核 or 核实
    moves: list[object] = field(default_factory=list)  # of the person who looks, set by the view


@dataclass
class Goal:
    number: str
    target: Target
    reached: str  # 3/4 节点, or 3/5 次
    progress: float | None
    time_progress: float | None
    lag_class: str
    nodes: list[Node]


def goals_of(view: ProjectView, reports: Mapping[int, str], ground: Ground) -> list[Goal]:
    project = view.project
    milestones = list(project.milestones.all())
    goals = []
    for place, target in enumerate(project.targets.all(), start=1):
        own = [milestone for milestone in milestones if milestone.target_id == target.pk]
        share = view.targets[target.pk]
        goals.append(
            Goal(
                number=chinese(place) if place < 100 else str(place),
                target=target,
                reached=_reached(view, target, own),
                progress=share.progress,
                time_progress=share.time_progress,
                lag_class=_lag_class(project, share.lag, ground),
                nodes=[
                    Node(
                        milestone=milestone,
                        light=view.milestone_lights[milestone.pk],
                        due_notes=_due_notes_of_milestone(milestone, ground),
                        is_assisting=milestone.division_id not in (None, project.lead_division_id),
                        report=reports.get(milestone.pk, ""),
                    )
                    for milestone in own
                ],
            )
        )
    return goals


def _reached(view: ProjectView, target: Target, own: list[Milestone]) -> str:
    counted = [milestone for milestone in own if milestone.state != MilestoneState.CANCELLED]
    steps = f"{sum(1 for milestone in counted if milestone.is_done)}/{len(counted)} 节点"
    if not target.is_quantitative:
        return steps
    amount = view.counted_of[target.pk]
    return f"{plain(amount.actual)} / {plain(amount.wanted)}{target.unit}{quota_words(target)} · {steps}"


def quota_words(target: Target) -> str:
    """（每月 1次）, where the quota is wanted in each period."""
    if QuotaPeriod(target.quota_period).months >= 12:
        return ""
    return f"（{target.get_quota_period_display()} {target.value_text}）"


def plain(value: Decimal) -> str:
    """A count without trailing zeros: 3, 2.5, 100."""
    return f"{value.quantize(Decimal('0.01')):f}".rstrip("0").rstrip(".")


def _lag_class(project: Project, lag: float | None, ground: Ground) -> str:
    if project.state != ProjectState.IN_PROGRESS or lag is None:
        return ""
    return "red" if lag > ground.policy.pace_far else "amber" if lag > ground.policy.pace_behind else ""


def _due_notes_of_milestone(milestone: Milestone, ground: Ground) -> list[str]:
    notes = due_notes(milestone.due_on, milestone.original_due_on, ground, is_open=milestone.is_open)
    if milestone.state == MilestoneState.DONE and milestone.finished_on:
        notes.append(f"{day_words(milestone.finished_on, ground.today)}完成")
    elif milestone.state == MilestoneState.REPORTED and milestone.reported_on:
        notes.append(f"{day_words(milestone.reported_on, ground.today)}报送")
    return notes


def due_notes(due_on: date | None, original: date | None, ground: Ground, *, is_open: bool) -> list[str]:
    """What is said beside a due date: the original one, the working day before a holiday, that a year is not known yet."""
    notes: list[str] = []
    if due_on is None:
        return notes
    if original and original != due_on:
        notes.append(f"原 {day_words(original, ground.today)}")
    if is_open and not ground.calendar.is_workday(due_on):
        before = ground.calendar.on_or_before(due_on)
        guessed = "" if ground.calendar.is_known(due_on.year) else "（按推算）"
        notes.append(f"休息日，前一工作日 {day_words(before, ground.today)}{guessed}")
    return notes


# ── what was written ─────────────────────────────────────────────────────────


def entries_of(project: Project) -> QuerySet[ProgressEntry]:
    return (
        ProgressEntry.objects.filter(project=project)
        .select_related("by", "division", "milestone")
        .prefetch_related("attachments", "counts__target")
    )


def close_outs_of(project: Project) -> list[CloseOut]:
    """Every request, the latest first, with its papers."""
    rows = CloseOut.objects.filter(project=project).select_related("requested_by", "decided_by")
    return list(rows.prefetch_related("attachments"))


def standing_close_out(rows: list[CloseOut]) -> CloseOut | None:
    """The one that is waiting or was accepted."""
    return next((row for row in rows if row.state in (CloseOutState.REQUESTED, CloseOutState.ACCEPTED)), None)
