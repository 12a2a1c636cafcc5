"""The moves as tables of data: the guard, the buttons, the reason on a barred one, the diagram in the docs."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Generic, TypeVar

from accounts.models import User
from tasks.enums import ChangeKind as K
from tasks.enums import ChangeState as C
from tasks.enums import MilestoneState as M
from tasks.enums import ProjectState as P
from tasks.models import ChangeRequest, Milestone, Project
from tasks.rules import changes as change
from tasks.rules import milestone as node
from tasks.rules import project as rule

MoveT = TypeVar("MoveT")
SubjectT = TypeVar("SubjectT")


@dataclass(frozen=True)
class ProjectMove:
    name: str
    label: str
    icon: str
    sources: tuple[P, ...]
    target: P
    who: Callable[[User, Project, date], list[str]]
    when: Callable[[User, Project, date], list[str]]
    needs_words: str = ""  # what must be written, as the form asks for it

    def bars(self, user: User, project: Project, today: date) -> list[str]:
        if project.state not in self.sources:
            return [*self.who(user, project, today), f"{project.get_state_display()}的项目不能{self.label}"]
        return [*self.who(user, project, today), *self.when(user, project, today)]


@dataclass(frozen=True)
class MilestoneMove:
    name: str
    label: str
    icon: str
    sources: tuple[M, ...]
    target: M
    who: Callable[[User, Milestone, date], list[str]]
    when: Callable[[User, Milestone, date], list[str]]
    needs_words: str = ""

    def bars(self, user: User, milestone: Milestone, today: date) -> list[str]:
        if milestone.state not in self.sources:
            return [
                *self.who(user, milestone, today),
                f"{milestone.get_state_display()}的节点不能{self.label}",
            ]
        return [*self.who(user, milestone, today), *self.when(user, milestone, today)]


@dataclass(frozen=True)
class ProjectAsk:
    """A change that is asked for and takes effect when it is agreed to: the project is then at `target`."""

    kind: K
    label: str
    icon: str
    hint: str
    sources: tuple[P, ...]
    target: P | None  # None: where it was
    who: Callable[[User, Project, date], list[str]] = change.who_asks
    when: Callable[[User, Project, date], list[str]] = change.when_none_is_pending

    def bars(self, user: User, project: Project, today: date) -> list[str]:
        if project.state not in self.sources:
            return [*self.who(user, project, today), f"{project.get_state_display()}的项目不能{self.label}"]
        return [*self.who(user, project, today), *self.when(user, project, today)]


@dataclass(frozen=True)
class RequestMove:
    """A move of a change request itself."""

    name: str
    label: str
    icon: str
    sources: tuple[C, ...]
    target: C
    who: Callable[[User, ChangeRequest, date], list[str]]
    when: Callable[[User, ChangeRequest, date], list[str]] = change.always
    needs_words: str = ""

    def bars(self, user: User, request: ChangeRequest, today: date) -> list[str]:
        if request.state not in self.sources:
            return [*self.who(user, request, today), f"{request.get_state_display()}的申请不能{self.label}"]
        return [*self.who(user, request, today), *self.when(user, request, today)]


PROJECT_MOVES = {
    move.name: move
    for move in (
        ProjectMove("dispatch", "交办", "send", (P.DRAFT,), P.DISPATCHED, rule.who_dispatches, rule.when_dispatched),
        ProjectMove("receive", "签收", "inbox", (P.DISPATCHED,), P.IN_PROGRESS, rule.who_receives, rule.always),
        ProjectMove(
            "object", "退回", "reply", (P.DISPATCHED,), P.DRAFT, rule.who_objects, rule.when_objected, "退回理由"
        ),
        ProjectMove(
            "recall", "撤回交办", "arrow-counterclockwise", (P.DISPATCHED,), P.DRAFT, rule.who_recalls, rule.always
        ),
        ProjectMove(
            "request_close_out",
            "申请销号",
            "flag",
            (P.IN_PROGRESS,),
            P.CLOSE_OUT_REQUESTED,
            rule.who_requests_close_out,
            rule.when_close_out_requested,
            "完成情况",
        ),
        ProjectMove(
            "withdraw_close_out",
            "撤回销号申请",
            "arrow-counterclockwise",
            (P.CLOSE_OUT_REQUESTED,),
            P.IN_PROGRESS,
            rule.who_withdraws_close_out,
            rule.always,
        ),
        ProjectMove(
            "accept_close_out",
            "验收销号",
            "patch-check",
            (P.CLOSE_OUT_REQUESTED,),
            P.CLOSED,
            rule.who_verifies_close_out,
            rule.always,
        ),
        ProjectMove(
            "return_close_out",
            "退回整改",
            "reply",
            (P.CLOSE_OUT_REQUESTED,),
            P.IN_PROGRESS,
            rule.who_verifies_close_out,
            rule.always,
            "退回理由",
        ),
    )
}

MILESTONE_MOVES = {
    move.name: move
    for move in (
        MilestoneMove("start", "开始办理", "play", (M.PENDING,), M.IN_PROGRESS, node.who_works, node.when_project_runs),
        MilestoneMove(
            "report",
            "报完成",
            "check2",
            (M.PENDING, M.IN_PROGRESS),
            M.AWAITING_HEAD,
            node.who_works,
            node.when_project_runs,
            "完成情况",
        ),
        MilestoneMove(
            "agree",
            "同意报送",
            "check2-all",
            (M.AWAITING_HEAD,),
            M.REPORTED,
            node.who_agrees,
            node.when_project_runs,
        ),
        MilestoneMove(
            "send_back_by_head",
            "退回经办人",
            "reply",
            (M.AWAITING_HEAD,),
            M.IN_PROGRESS,
            node.who_agrees,
            node.when_project_runs,
            "退回理由",
        ),
        MilestoneMove(
            "confirm",
            "核实",
            "check2-circle",
            (M.REPORTED,),
            M.DONE,
            node.who_confirms,
            node.when_project_runs,
        ),
        MilestoneMove(
            "send_back",
            "退回",
            "reply",
            (M.REPORTED,),
            M.IN_PROGRESS,
            node.who_confirms,
            node.when_project_runs,
            "退回理由",
        ),
    )
}

_RUNNING = (P.DISPATCHED, P.IN_PROGRESS)
CHANGE_ASKS = {
    ask.kind: ask
    for ask in (
        ProjectAsk(
            K.EXTENSION,
            "申请延期",
            "calendar-plus",
            "推迟项目完成时限，节点可一并顺延；原定时限保留，延期次数计入",
            _RUNNING,
            None,
            when=change.when_extension_asked,
        ),
        ProjectAsk(
            K.ALTERATION,
            "申请调整",
            "sliders",
            "节点时限、权重、目标值、责任人和处室，增加或取消节点；不推迟项目完成时限",
            _RUNNING,
            None,
        ),
        ProjectAsk(K.SUSPENSION, "申请暂缓", "pause-circle", "写明预计恢复日期；暂缓期间不计时", _RUNNING, P.SUSPENDED),
        ProjectAsk(
            K.RESUMPTION,
            "申请恢复",
            "play-circle",
            "按暂缓的工作日顺延时限，不算延期",
            (P.SUSPENDED,),
            P.IN_PROGRESS,
        ),
        ProjectAsk(
            K.CANCELLATION,
            "申请终止",
            "x-octagon",
            "不再办理，编号保留，不再计入总数",
            (*_RUNNING, P.SUSPENDED),
            P.CANCELLED,
        ),
        ProjectAsk(
            K.REOPENING,
            "申请撤销销号",
            "arrow-counterclockwise",
            "回头看反弹或销号有误：定整改节点和新的时限，原销号编号作废保留",
            (P.CLOSED,),
            P.IN_PROGRESS,
        ),
    )
}
CARRY_OVER = ProjectMove(
    "carry_over",
    "结转",
    "box-arrow-right",
    (*_RUNNING, P.SUSPENDED),
    P.CARRIED_OVER,
    change.who_carries_over,
    change.when_carried_over,
)

REQUEST_MOVES = {
    move.name: move
    for move in (
        RequestMove("take_up", "提出", "send", (C.PREPARED,), C.ASKED, change.who_takes_up, needs_words="理由"),
        RequestMove("drop", "放弃", "trash3", (C.PREPARED,), C.WITHDRAWN, change.who_drops),
        RequestMove("withdraw", "撤回", "arrow-counterclockwise", (C.ASKED,), C.WITHDRAWN, change.who_withdraws),
        RequestMove(
            "opinion",
            "写督办处意见",
            "chat-left-text",
            (C.ASKED,),
            C.ASKED,
            change.who_gives_opinion,
            change.when_opinion_given,
            "督办处意见",
        ),
        RequestMove("agree", "同意", "check2-circle", (C.ASKED,), C.AGREED, change.who_decides, change.when_agreed),
        RequestMove(
            "decline", "不同意", "x-circle", (C.ASKED,), C.DECLINED, change.who_decides, needs_words="不同意的理由"
        ),
    )
}

# Which barred moves are worth showing before their state is reached: the next gate on the way.
_AHEAD: dict[P, tuple[str, ...]] = {
    P.DRAFT: (),
    P.DISPATCHED: ("request_close_out",),
    P.IN_PROGRESS: ("accept_close_out", "recall"),
}


@dataclass(frozen=True)
class Offer(Generic[MoveT, SubjectT]):
    """A move offered to one person: open when `bars` is empty."""

    move: MoveT
    subject: SubjectT
    bars: list[str]

    @property
    def is_open(self) -> bool:
        return not self.bars


def project_offers(project: Project, user: User, today: date) -> list[Offer[ProjectMove, Project]]:
    """Each move of this state, with what bars this user; and the next gates, for those whose gates they are."""
    offers = [
        Offer(move, project, move.bars(user, project, today))
        for move in PROJECT_MOVES.values()
        if project.state in move.sources
    ]
    for name in _AHEAD.get(P(project.state), ()):
        move = PROJECT_MOVES[name]
        if not move.who(user, project, today):
            offers.append(Offer(move, project, move.bars(user, project, today)))
    return offers


def change_offers(project: Project, user: User, today: date) -> list[Offer[ProjectAsk, Project]]:
    """Every kind of change, with what bars this user; those of other states only where nothing else is open."""
    return [Offer(ask, project, ask.bars(user, project, today)) for ask in CHANGE_ASKS.values()]


def milestone_offers(milestone: Milestone, user: User, today: date) -> list[Offer[MilestoneMove, Milestone]]:
    """Each move of this state, with what bars this user."""
    return [
        Offer(move, milestone, move.bars(user, milestone, today))
        for move in MILESTONE_MOVES.values()
        if milestone.state in move.sources
    ]
