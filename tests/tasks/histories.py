"""Random histories of a few projects by the real actions, and a recount of any day that reads no revision."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from accounts.models import User
from cppcc_office.lib.errors import Refused
from cppcc_office.lib.workdays import WorkCalendar
from tasks.actions import backfill, close_out, milestone, project
from tasks.actions.changes.asking import ask_change, withdraw_change
from tasks.actions.changes.deciding import agree_change, decline_change
from tasks.actions.changes.lines import Wish
from tasks.actions.entries import add_entry
from tasks.enums import Bucket, ChangeKind, ChangeState, ChangeTier, Effect, MilestoneState, ProjectState
from tasks.models import ChangeRequest, CloseOut, Milestone, Project, Target, TargetCount
from tasks.pace import MilestoneFigure, TargetFigure, as_reported, lag, progress, time_progress
from tests.cast import SHANGHAI, Cast
from tests.tasks.changing import a_step
from tests.walks import a_draft

START = date(2026, 3, 2)
CALENDAR = WorkCalendar()
Facts = dict[tuple[str, int, str], Any]

PROJECT_FACTS = ("state", "due_on", "warn_on", "start_on", "closed_on", "extension_asked_on")
MILESTONE_FACTS = ("state", "due_on", "warn_on", "weight", "target_id", "extension_asked_on")


@dataclass(frozen=True)
class Act:
    """What one act changed, when it was recorded, and from which day it had effect."""

    recorded_at: datetime
    effective_on: date
    changed: Facts


@dataclass
class History:
    """A project living from 2 March on: each act at its own minute, so that a cut-off can fall between any two."""

    cast: Cast
    project: Project
    now: datetime
    acts: list[Act] = field(default_factory=list)
    known: Facts = field(default_factory=dict)
    counts: list[tuple[datetime, date, int, Decimal]] = field(default_factory=list)

    def fresh(self) -> Project:
        return Project.objects.select_related("lead_division", "plan").get(pk=self.project.pk)

    def nodes(self) -> list[Milestone]:
        return list(Milestone.objects.filter(project=self.project).select_related("project__lead_division", "division"))

    def do(self, act: Callable[["History"], date | None]) -> None:
        """Refused acts leave no trace; the others are noted by what they changed."""
        self.now += timedelta(minutes=7)
        try:
            effective_on = act(self)
        except Refused:
            return
        after = facts_of(self.project.pk)
        changed = {key: value for key, value in after.items() if self.known.get(key, "nothing") != value}
        self.acts.append(Act(self.now, effective_on or self.now.date(), changed))
        self.known = after

    def sleep(self, days: int) -> None:
        self.now = datetime.combine(self.now.date() + timedelta(days=days), time(9), SHANGHAI)


def begin(cast: Cast) -> History:
    """Three milestones and a number to reach, dispatched on the first day."""
    now = datetime.combine(START, time(9), SHANGHAI)
    row = a_draft(cast, due_on=date(2026, 5, 29), milestones=3, now=now)
    quota = Target.objects.create(
        project=row, statement="开展调研4次", metric="调研", unit="次", target_value=4, weight=1, order=2
    )
    step = row.milestones.last()
    assert step is not None
    Milestone.objects.filter(pk=step.pk).update(target=quota)  # a target needs a milestone to be dispatched
    history = History(cast, row, now)
    history.do(dispatch)
    assert history.acts, "the walk begins with a dispatch"
    return history


def facts_of(pk: int) -> Facts:
    row = Project.objects.values(*PROJECT_FACTS).get(pk=pk)
    facts: Facts = {("project", pk, name): value for name, value in row.items()}
    live = CloseOut.objects.filter(project=pk, state__in=["REQUESTED", "ACCEPTED"]).values_list(
        "requested_on", flat=True
    )
    facts["project", pk, "requested_on"] = live.first()
    for node in Milestone.objects.filter(project=pk).values("pk", *MILESTONE_FACTS):
        facts |= {("milestone", node["pk"], name): node[name] for name in MILESTONE_FACTS}
    return facts


# ── acts ─────────────────────────────────────────────────────────────────────


def dispatch(history: History) -> None:
    row = history.fresh()
    project.dispatch_project(row, by=user(history.cast.secretariat), version=row.version, now=history.now)


def receive(history: History) -> None:
    row = history.fresh()
    project.receive_project(row, by=user(history.cast.head), version=row.version, now=history.now)


def recall(history: History) -> None:
    row = history.fresh()
    project.recall_project(row, by=user(history.cast.secretariat), version=row.version, now=history.now)


def count(history: History) -> None:
    row = history.fresh()
    target = Target.objects.get(project=row, metric="调研")
    by = user(history.cast.staff)
    add_entry(
        row, by=by, version=row.version, situation="调研一次", counts={target: Decimal(1)}, files=[], now=history.now
    )
    counted = TargetCount.objects.filter(target=target).latest("pk")
    history.counts.append((history.now, counted.on, target.pk, counted.value))


def on_node(name: str, place: int) -> Callable[[History], None]:
    def act(history: History) -> None:
        node = history.nodes()[place]
        version, now, cast = node.project.version, history.now, history.cast
        if name == "report":
            milestone.report_milestone(node, by=user(cast.staff), version=version, note="已办", now=now)
        elif name == "agree":
            milestone.agree_milestone(node, by=user(cast.head), version=version, now=now)
        elif name == "confirm":
            milestone.confirm_milestone(node, by=user(cast.second_secretariat), version=version, now=now)
        else:
            milestone.send_back_milestone(node, by=user(cast.second_secretariat), version=version, note="请补", now=now)

    return act


def request(history: History) -> None:
    row = history.fresh()
    by = user(history.cast.head)
    close_out.request_close_out(row, by=by, version=row.version, summary="完成", files=[], now=history.now)


def accept(history: History) -> None:
    row = history.fresh()
    by = user(history.cast.second_secretariat)
    close_out.accept_close_out(row, by=by, version=row.version, effect=Effect.GOOD, now=history.now)


def give_back(history: History) -> None:
    row = history.fresh()
    by = user(history.cast.second_secretariat)
    mend_on = history.now.date() + timedelta(days=9)
    close_out.return_close_out(row, by=by, version=row.version, note="补材料", mend_on=mend_on, now=history.now)


def backfill_done(days_ago: int) -> Callable[[History], date]:
    def act(history: History) -> date:
        row, on = history.fresh(), history.now.date() - timedelta(days=days_ago)
        by = user(history.cast.second_secretariat)
        backfill.backfill_milestones_done(
            row, by=by, version=row.version, effective_on=on, reason="补记", now=history.now
        )
        return on

    return act


def backfill_closed(days_ago: int) -> Callable[[History], date]:
    def act(history: History) -> date:
        row, on = history.fresh(), history.now.date() - timedelta(days=days_ago)
        backfill.backfill_close_out(
            row,
            by=user(history.cast.second_secretariat),
            version=row.version,
            effective_on=on,
            effect=Effect.GOOD,
            summary="已办结",
            reason="补记",
            now=history.now,
        )
        return on

    return act


def ask(kind: ChangeKind, days: int) -> Callable[[History], None]:
    """An extension, a resumption or a reopening moves the date; of an extension the last open milestone moves along."""

    def act(history: History) -> None:
        row = history.fresh()
        day = CALENDAR.add(max(row.due_on or START, history.now.date()), days).isoformat()
        wishes = [Wish("project", "due_on", day)]
        still = [node for node in history.nodes() if node.is_open]
        if kind == ChangeKind.EXTENSION and still:
            wishes.append(Wish("milestone", "due_on", day, still[-1].pk))
        if kind == ChangeKind.REOPENING:
            wishes.append(a_step(row, history.cast, due_on=date.fromisoformat(day)))
        if kind == ChangeKind.SUSPENSION:
            wishes = [Wish("project", "resume_on", day)]
        by = user(history.cast.head if kind != ChangeKind.REOPENING else history.cast.secretariat)
        ask_change(row, kind=kind, by=by, version=row.version, reason="情况有变", wishes=wishes, now=history.now)

    return act


def decide(agrees: bool) -> Callable[[History], None]:
    def act(history: History) -> None:
        pending = ChangeRequest.objects.select_related("project__lead_division", "project__plan").get(
            project=history.project, state=ChangeState.ASKED
        )
        version, now, cast = pending.project.version, history.now, history.cast
        by = user(cast.leader if pending.tier == ChangeTier.LEADER else cast.second_secretariat)
        if agrees:
            agree_change(pending, by=by, version=version, now=now)
        else:
            decline_change(pending, by=by, version=version, note="不同意", now=now)

    return act


def withdraw(history: History) -> None:
    pending = ChangeRequest.objects.select_related("project__lead_division").get(
        project=history.project, state=ChangeState.ASKED
    )
    withdraw_change(pending, by=user(pending.asked_by), version=pending.project.version, now=history.now)


def user(person: User) -> User:
    """Without what an instance remembers of another day."""
    return User.objects.get(pk=person.pk)


def possible(history: History) -> list[Callable[[History], date | None]]:
    """What somebody might do next; those that are still refused leave no trace."""
    row = history.fresh()
    if ChangeRequest.objects.filter(project=row, state=ChangeState.ASKED).exists():
        return [decide(True), decide(True), decide(False), withdraw, *_at_work(history)[:2]]
    if row.state == ProjectState.IN_PROGRESS:
        return _at_work(history)
    others: dict[str, list[Callable[[History], date | None]]] = {
        ProjectState.DRAFT: [dispatch],
        ProjectState.DISPATCHED: [receive, receive, recall],
        ProjectState.CLOSE_OUT_REQUESTED: [accept, accept, give_back],
        ProjectState.SUSPENDED: [ask(ChangeKind.RESUMPTION, 6)],
        ProjectState.CLOSED: [ask(ChangeKind.REOPENING, 12)],
    }
    return others[row.state]


def _at_work(history: History) -> list[Callable[[History], date | None]]:
    following = {"AWAITING_HEAD": ["agree"], "REPORTED": ["confirm", "confirm", "send_back"], "DONE": []}
    nodes = [
        on_node(name, place)
        for place, node in enumerate(history.nodes())
        for name in following.get(node.state, ["report"])
    ]
    changes = [ask(ChangeKind.EXTENSION, 7), ask(ChangeKind.EXTENSION, 20), ask(ChangeKind.SUSPENSION, 15)]
    if nodes:
        return [*nodes, *nodes, count, *changes, backfill_done(3), backfill_done(12)]
    return [request, request, request, request, *changes[:2], backfill_closed(2), backfill_closed(15)]


# ── the recount ──────────────────────────────────────────────────────────────


def recount(history: History, day: date, known_by: datetime) -> tuple[Bucket | None, Decimal | None]:
    """Part of the figures and progress: what had effect by the day and was recorded by then, in the order recorded."""
    facts: Facts = {}
    for act in history.acts:
        if act.recorded_at <= known_by and act.effective_on <= day:
            facts |= act.changed
    pk = history.project.pk
    own = {name: facts.get(("project", pk, name)) for name in (*PROJECT_FACTS, "requested_on")}
    if own["state"] in (None, ProjectState.DRAFT):
        return None, None
    nodes = nodes_of(facts)
    figures = figures_of(history, own, nodes, day, known_by)
    return bucket_of(own, nodes, figures, day), shown(progress(figures))


def nodes_of(facts: Facts) -> list[dict[str, Any]]:
    found: dict[int, dict[str, Any]] = {}
    for (kind, pk, name), value in facts.items():
        if kind == "milestone":
            found.setdefault(pk, {})[name] = value
    # A step added later was not there yet, though a 补录 may say of it that it was done before.
    there = [node for node in found.values() if "target_id" in node]
    return [node for node in there if node["state"] != MilestoneState.CANCELLED]


def figures_of(
    history: History, own: dict[str, Any], nodes: Iterable[dict[str, Any]], day: date, known_by: datetime
) -> list[TargetFigure]:
    nodes = list(nodes)
    figures = []
    for target in Target.objects.filter(project=history.project).order_by("order"):
        if target.target_value is not None:
            counted = [v for at, on, pk, v in history.counts if pk == target.pk and at <= known_by and on <= day]
            figures.append(
                TargetFigure(
                    weight=target.weight,
                    target_value=target.target_value,
                    actual=sum(counted, Decimal(0)),
                    start_on=own["start_on"],
                    due_on=own["due_on"],
                )
            )
            continue
        milestones = [
            MilestoneFigure(
                weight=node["weight"],
                due_on=node["due_on"],
                is_done=node["state"] == MilestoneState.DONE,
                is_reported=node["state"] == MilestoneState.REPORTED,
            )
            for node in nodes
            if node["target_id"] == target.pk
        ]
        figures.append(TargetFigure(weight=target.weight, milestones=milestones))
    return figures


def bucket_of(
    own: dict[str, Any], nodes: Iterable[dict[str, Any]], figures: list[TargetFigure], day: date
) -> Bucket | None:
    """Domain 8, read out word by word."""
    state = own["state"]
    if state == ProjectState.CLOSED:
        return Bucket.ON_TIME if own["requested_on"] <= own["due_on"] else Bucket.LATE
    if state == ProjectState.CLOSE_OUT_REQUESTED:
        return Bucket.VERIFYING
    if state == ProjectState.SUSPENDED:
        return Bucket.SUSPENDED
    if own["due_on"] < day and not in_time(own):
        return Bucket.OVERDUE
    points = lag(progress(map(as_reported, figures)), time_progress(figures, day, CALENDAR))
    running = (MilestoneState.PENDING, MilestoneState.IN_PROGRESS, MilestoneState.AWAITING_HEAD)
    missed = any(node["state"] in running and node["due_on"] < day and not in_time(node) for node in nodes)
    paced = points if state == ProjectState.IN_PROGRESS and points is not None else Fraction(0)
    if missed or paced > 10:
        return Bucket.LAGGING
    if own["warn_on"] <= day or in_time(own):
        return Bucket.DUE_SOON
    return Bucket.AHEAD if paced < -10 else Bucket.ON_PACE


def in_time(row: dict[str, Any]) -> bool:
    """延期待批: asked for by the due date."""
    return row["extension_asked_on"] is not None and bool(row["extension_asked_on"] <= row["due_on"])


def shown(share: Any) -> Decimal | None:
    return None if share is None else Decimal(int(share * 1000 + Fraction(1, 2))) / 10
