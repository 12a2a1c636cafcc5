"""The moves of a project and its milestones as buttons: what this person may do, the rest with its reason."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.urls import reverse

from accounts.enums import Role
from accounts.models import User
from accounts.standing import Standing, standing_of
from tasks.enums import MilestoneState, ProjectState
from tasks.models import Milestone, Project
from tasks.queries.changes import pending_of
from tasks.queries.lights import Ground
from tasks.queries.project_page import day_words
from tasks.rules.changes import bar_to_reassign
from tasks.rules.entries import bar_to_add_entry
from tasks.workflow import (
    CHANGE_ASKS,
    REQUEST_MOVES,
    MilestoneMove,
    Offer,
    ProjectMove,
    milestone_offers,
    project_offers,
)

# Done at once from the button; the others have a page for their words, or that asks once more.
AT_ONCE = frozenset({"dispatch", "receive", "withdraw_close_out", "start", "agree", "confirm"})
# From the most pressing to what is rarely wanted; typing for a division comes after what is one's own.
ORDER = (
    "decide", "opinion", "accept_close_out", "return_close_out", "confirm", "send_back", "agree", "send_back_by_head", "receive", "object",
    "dispatch", "request_close_out", "report", "start", "entry", "decompose", "change", "reassign", "withdraw_close_out", "recall",
)  # fmt: skip
NEVER_PRIMARY = frozenset(
    {
        "return_close_out",
        "send_back",
        "send_back_by_head",
        "object",
        "start",
        "entry",
        "withdraw_close_out",
        "recall",
        "change",
        "reassign",
    }
)
MILESTONES_IN_PANEL = 3  # of one kind of move; the rest stand in the tree beside their milestones


@dataclass
class Button:
    """One move as the `moves` component draws it."""

    name: str
    label: str
    icon: str
    url: str
    bars: list[str] = field(default_factory=list)
    hint: str = ""
    is_post: bool = False
    fields: tuple[tuple[str, Any], ...] = ()
    is_typed_for: bool = False
    due_on: date | None = None
    word: str = ""  # the verb alone, where the subject stands beside it

    @property
    def is_primary(self) -> bool:
        return self.name not in NEVER_PRIMARY and not self.is_typed_for


def buttons_of_milestones(
    project: Project, milestones: Iterable[Milestone], user: User, ground: Ground
) -> dict[int, list[Button]]:
    """Per milestone what its state allows, barred or not."""
    return {
        milestone.pk: [
            *(
                _milestone_button(offer, project, user, ground)
                for offer in milestone_offers(milestone, user, ground.today)
            ),
            *_reassign_button(milestone, user, ground.today),
        ]
        for milestone in milestones
    }


def panel_of(project: Project, user: User, ground: Ground, by_milestone: dict[int, list[Button]]) -> list[Button]:
    """Everything for the side panel, in the order of need. Who takes no part has no buttons at all."""
    standing = standing_of(user, today=ground.today)
    if not _takes_part(project, standing):
        return []
    buttons = [_project_button(offer, standing, ground) for offer in project_offers(project, user, ground.today)]
    buttons += _entry_button(project, user, standing, ground.today)
    buttons += _change_buttons(project, user, ground.today)
    if project.state == ProjectState.DRAFT and standing.holds(Role.SECRETARIAT, project.organization_id):
        buttons.append(Button("decompose", "分解、修改", "diagram-3", reverse("project-decompose", args=[project.pk])))
    taken: dict[tuple[str, bool], int] = {}
    of_milestones = [button for buttons in by_milestone.values() for button in buttons]
    for button in sorted(of_milestones, key=lambda button: button.due_on or date.max):
        kind = (button.name, bool(button.bars))
        if not _belongs_in_panel(button) or taken.get(kind, 0) >= MILESTONES_IN_PANEL:
            continue
        taken[kind] = taken.get(kind, 0) + 1
        buttons.append(button)
    return sorted(buttons, key=lambda button: (button.is_typed_for, ORDER.index(button.name)))


def _takes_part(project: Project, standing: Standing) -> bool:
    organization_id = project.organization_id
    if standing.holds(Role.SECRETARIAT, organization_id) or standing.holds(Role.LEADER, organization_id):
        return True
    own = standing.division_ids()
    return bool(own & _divisions_of(project))


def _divisions_of(project: Project) -> set[int | None]:
    """Those that lead, assist or are named on a milestone."""
    divisions = {project.lead_division_id} | {row.division_id for row in project.co_division_rows.all()}
    for milestone in project.milestones.all():
        divisions |= {milestone.division_id} | {division.pk for division in milestone.co_divisions.all()}
    return divisions


def _belongs_in_panel(button: Button) -> bool:
    """`start` follows from the first entry and is rarely clicked; of barred ones only those that are due now are told."""
    if button.bars:
        return button.name in ("confirm", "agree")
    return button.name not in ("start", "reassign") and not (button.is_typed_for and button.name == "report")


def _project_button(offer: Offer[ProjectMove, Project], standing: Standing, ground: Ground) -> Button:
    project, move = offer.subject, offer.move
    typed_for = move.name == "request_close_out" and not standing.belongs_to(project.lead_division_id)
    return Button(
        name=move.name,
        label=f"代填{move.label}" if typed_for else move.label,
        icon=move.icon,
        url=reverse(f"project-{move.name.replace('_', '-')}", args=[project.pk]),
        bars=offer.bars,
        hint=_hint(project, move.name, ground, typed_for=typed_for),
        is_post=move.name in AT_ONCE,
        fields=(("version", project.version),),
        is_typed_for=typed_for,
        due_on=project.due_on,
    )


def _hint(project: Project, name: str, ground: Ground, *, typed_for: bool) -> str:
    policy = ground.policy
    if name == "receive" and project.dispatched_on:
        last = ground.calendar.add(project.dispatched_on, policy.receive_days)
        return f"交办后 {policy.receive_days} 个工作日内，即 {day_words(last, ground.today)} 前"
    if name == "object" and project.dispatched_on:
        last = ground.calendar.add(project.dispatched_on, policy.object_days)
        return f"不属本处室职责时，{day_words(last, ground.today)} 前可退回"
    if name == "request_close_out":
        papers = "须附佐证材料" if project.evidence_required else ""
        return "；".join(words for words in ("填写后您不能再验收" if typed_for else "", papers) if words)
    return ""


def _entry_button(project: Project, user: User, standing: Standing, today: date) -> list[Button]:
    if project.state == ProjectState.DRAFT:
        return []
    own = standing.division_ids()
    typed_for = not own & _divisions_of(project)
    if typed_for and not standing.holds(Role.SECRETARIAT, project.organization_id):
        return []
    bars = bar_to_add_entry(user, project, None, today)
    if bars and project.state not in (ProjectState.DISPATCHED,):
        return []
    label, hint = ("代填进展", "填写后您不能再验收此项目") if typed_for else ("填报进展", "")
    url = reverse("entry-new", args=[project.pk])
    return [Button("entry", label, "pencil", url, bars, hint, is_typed_for=typed_for)]


def _change_buttons(project: Project, user: User, today: date) -> list[Button]:
    """申请变更 for those who ask; what waits for this person's decision or opinion."""
    buttons = []
    pending = pending_of(list(project.change_requests.all()))
    if pending is not None:
        pending.project = project
        what, url = f"{pending.get_kind_display()}申请", reverse("change", args=[pending.pk])
        if not REQUEST_MOVES["agree"].who(user, pending, today):
            buttons.append(Button("decide", f"决定{what}", "check2-square", url))
        elif not pending.opinion and not REQUEST_MOVES["opinion"].bars(user, pending, today):
            buttons.append(Button("opinion", "写督办处意见", "chat-left-text", url, hint=f"{what}待领导决定"))
    asks = [ask for ask in CHANGE_ASKS.values() if project.state in ask.sources]
    if asks and not asks[0].who(user, project, today):
        bars = [f"已有待决定的{pending.get_kind_display()}申请"] if pending is not None else []
        hint = "、".join(ask.kind.label for ask in asks)
        buttons.append(
            Button("change", "申请变更", "pencil-square", reverse("change-new", args=[project.pk]), bars, hint)
        )
    return buttons


def _reassign_button(milestone: Milestone, user: User, today: date) -> list[Button]:
    if bar_to_reassign(user, milestone, today):
        return []
    url = reverse("milestone-reassign", args=[milestone.pk])
    return [Button("reassign", f"移交“{milestone.title}”", "person-lines-fill", url, word="移交")]


def _milestone_button(offer: Offer[MilestoneMove, Milestone], project: Project, user: User, ground: Ground) -> Button:
    milestone, move = offer.subject, offer.move
    standing = standing_of(user, today=ground.today)
    typed_for = move.name in ("start", "report") and not standing.belongs_to(milestone.division_id)
    word = f"代填{move.label}" if typed_for else move.label
    return Button(
        name=move.name,
        label=f"{word}“{milestone.title}”",
        icon=move.icon,
        url=reverse(f"milestone-{move.name.replace('_', '-')}", args=[milestone.pk]),
        bars=offer.bars,
        hint=_milestone_hint(milestone, move.name, ground),
        is_post=move.name in AT_ONCE,
        fields=(("version", project.version),),
        is_typed_for=typed_for,
        due_on=milestone.due_on,
        word=word,
    )


def _milestone_hint(milestone: Milestone, name: str, ground: Ground) -> str:
    if name == "confirm" and milestone.state == MilestoneState.REPORTED and milestone.reported_on:
        last = ground.calendar.add(milestone.reported_on, ground.policy.verify_days)
        return f"{day_words(milestone.reported_on, ground.today)}报送，限 {day_words(last, ground.today)} 前核实"
    if name == "report" and milestone.due_on:
        return f"时限 {day_words(milestone.due_on, ground.today)}"
    return ""


def open_only(buttons: Sequence[Button]) -> list[Button]:
    return [button for button in buttons if not button.bars]
