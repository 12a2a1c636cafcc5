"""议定事项: recording what the monthly meeting decided, and making a matter or a milestone of it at once."""

from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any

from django.db import transaction

from accounts.actions.recording import record
from accounts.enums import Role
from accounts.models import Division, User
from cppcc_office.lib.errors import Refused
from supervision.cycles.actions.holding import held
from supervision.cycles.enums import DecisionForm
from supervision.cycles.models import CycleRun, Decision
from supervision.cycles.models.look_back import UNDONE
from supervision.cycles.queries.runs import name_of_run
from supervision.cycles.rules.decisions import bar_to_decide
from tasks.actions.changes.asking import ask_change, draft_change
from tasks.actions.changes.lines import ADDED, DUE, Wish
from tasks.actions.follow_ups import register_follow_up, target_of_a_step
from tasks.actions.recording import bump, hand_of, record_project, refuse_if, today_of
from tasks.enums import ChangeKind, ProjectState
from tasks.models import ChangeRequest, Project
from tasks.queries.choices import choices_of
from tasks.queries.plans import annual_plan
from tasks.workflow import CHANGE_ASKS

SOURCE_CLASS = "重要会议议定事项"
MOST_WORDS = 300


@dataclass(frozen=True)
class Resolution:
    """What was decided, as typed. `project` is the one spoken of; a milestone is added to it."""

    words: str
    division: Division
    person: User
    due_on: date
    form: DecisionForm
    project: Project | None = None

    @property
    def values(self) -> dict[str, Any]:
        """As the decision keeps them."""
        return {field.name: getattr(self, field.name) for field in fields(self)} | {"words": self.words.strip()}


def meeting_name(run: CycleRun) -> str:
    """2026年11月调度会: the paper that a follow-up names as its source, in the office's own word."""
    return f"{name_of_run(run)}会"


def bars_to_record(run: CycleRun, resolution: Resolution, *, user: User, today: date) -> list[str]:
    """Everything that stands against it, at once; empty where it may be recorded. Writes nothing."""
    bars = bar_to_decide(user, run, today)
    if not resolution.words.strip():
        bars.append("请写明议定事项")
    elif len(resolution.words.strip()) > MOST_WORDS:
        bars.append(f"议定事项最多 {MOST_WORDS} 字，现有 {len(resolution.words.strip())} 字")
    if not choices_of(run.organization_id, today).works_in(resolution.person.pk, resolution.division.pk):
        bars.append(f"{resolution.person}不在{resolution.division}任职，请重新选择责任人")
    if _is_recorded(run, resolution):
        bars.append("本次会议已记录过同样的议定事项，不用再记")
    if resolution.form == DecisionForm.MATTER:
        return [*bars, *_bars_to_register(run, resolution, today)]
    return [*bars, *_bars_to_add(run, resolution, user, today)]


def _is_recorded(run: CycleRun, resolution: Resolution) -> bool:
    """The same once more, unless the first has been cancelled since."""
    same = Decision.objects.filter(run=run, **resolution.values)
    return same.exclude(change__state__in=UNDONE).exclude(follow_up__state=ProjectState.CANCELLED).exists()


def _bars_to_register(run: CycleRun, resolution: Resolution, today: date) -> list[str]:
    bars = []
    if resolution.due_on < today:
        bars.append(f"完成时限 {resolution.due_on:%Y-%m-%d} 已过，请改为今天或以后")
    if annual_plan(run.organization_id, today.year) is None:
        bars.append(f"{today.year} 年还没有年度任务计划，不能另立事项，请先建立")
    return bars


def _bars_to_add(run: CycleRun, resolution: Resolution, by: User, today: date) -> list[str]:
    project = resolution.project
    if project is None or project.organization_id != run.organization_id:
        return ["增加节点要写明是哪个项目；不属于现有项目的，请另立事项交办"]
    ask = CHANGE_ASKS[ChangeKind.ALTERATION]
    bars = list(ask.bars(by, project, today))
    if project.state not in ask.sources:
        return bars
    try:
        draft_change(project, ChangeKind.ALTERATION, [_added(resolution, project)], today=today)
    except Refused as refusal:
        bars += refusal.reasons
    return bars


def _added(resolution: Resolution, project: Project) -> Wish:
    value = {
        "title": resolution.words.strip(),
        "target": target_of_a_step(project),
        "division": resolution.division.pk,
        "person": resolution.person.pk,
        DUE: resolution.due_on.isoformat(),
    }
    return Wish("milestone", ADDED, value)


@transaction.atomic
def record_decision(run: CycleRun, resolution: Resolution, *, by: User, now: datetime) -> tuple[Decision, list[str]]:
    """Recorded, and made a matter or asked for as a milestone in one go; the reasons where a matter stays a draft.

    Not compared with what a page showed: the meeting adds to a project whatever happened to it meanwhile.
    """
    today = today_of(now)
    run = held(run)
    if resolution.project is not None:
        resolution.project.refresh_from_db(fields=["version", "state"])
    refuse_if(bars_to_record(run, resolution, user=by, today=today))
    left: list[str] = []
    follow_up: Project | None = None
    change: ChangeRequest | None = None
    if resolution.form == DecisionForm.MATTER:
        follow_up, left = register_follow_up(
            run.organization,
            by=by,
            title=resolution.words,
            source_class=SOURCE_CLASS,
            paper=meeting_name(run),
            dated_on=today,
            division=resolution.division,
            person=resolution.person,
            due_on=resolution.due_on,
            follows=resolution.project.key_task if resolution.project is not None else None,
            now=now,
        )
    elif resolution.project is not None:
        project = resolution.project
        change = ask_change(
            project,
            kind=ChangeKind.ALTERATION,
            by=by,
            version=project.version,
            reason=f"{meeting_name(run)}议定：{resolution.words.strip()}",
            wishes=[_added(resolution, project)],
            now=now,
        )
    decision = Decision.objects.create(
        organization_id=run.organization_id,
        run=run,
        **resolution.values,
        follow_up=follow_up,
        change=change,
        recorded_by=by,
        recorded_at=now,
    )
    _record(decision, by=by, now=now)
    return decision, left


def _record(decision: Decision, *, by: User, now: datetime) -> None:
    """On the timeline of the project spoken of, too."""
    words = (
        f"记录{meeting_name(decision.run)}议定事项“{decision.words}”"
        f"（{decision.division} {decision.person}，{decision.due_on:%Y-%m-%d}前；{decision.get_form_display()}）"
    )
    after = {"form": decision.form, "follow_up": decision.follow_up_id, "change": decision.change_id}
    hand = hand_of(by, today_of(now), role=Role.SECRETARIAT)
    if decision.project is None:
        record(
            "record_decision",
            words,
            by=by,
            now=now,
            organization=decision.organization_id,
            subject=decision,
            principal_id=hand.principal_id,
            after=after,
        )
        return
    if decision.form == DecisionForm.MATTER:  # asking for a milestone has claimed the project already
        bump(decision.project, version=None)
    record_project(decision.project, "record_decision", words, by=by, now=now, subject=decision, hand=hand, after=after)
