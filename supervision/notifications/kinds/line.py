"""What happened on the line from 交办 to 销号, and whom it concerns."""

from collections.abc import Callable, Iterable
from datetime import date

from accounts.models import Event
from accounts.queries import secretariat_of
from supervision.notifications.enums import Reason
from supervision.notifications.kinds.holding import (
    change_is_asked,
    milestone_is,
    milestone_is_his,
    opinion_is_wanted,
    project_is,
    project_is_open,
)
from supervision.notifications.kinds.matter import (
    asked_before,
    change_of,
    given_by,
    handed_to,
    milestone_of,
    needs_coordination,
    project_of,
    reporter_before,
    state_after,
)
from supervision.notifications.kinds.registry import NO_CHANNEL, Kind, register_kinds
from supervision.notifications.queries.people import (
    accepting,
    advising,
    confirming,
    deciding,
    heads_of,
    members_of,
)
from tasks.enums import ChangeTier, MilestoneState, ProjectState

People = Iterable[int | None]


def _lead(event: Event, today: date) -> People:
    """All of the lead division, and the person in charge."""
    project = project_of(event)
    return members_of([project.lead_division_id], today) | {project.person_id}


def _lead_heads(event: Event, today: date) -> People:
    project = project_of(event)
    return heads_of([project.lead_division_id], today) | {project.person_id}


def _helping(event: Event, today: date) -> People:
    """The heads of divisions that assist or have a milestone, and the persons of the milestones."""
    project = project_of(event)
    nodes = list(project.milestones.values_list("division", "person"))
    divisions = {*project.co_division_rows.values_list("division", flat=True), *(division for division, _ in nodes)}
    return heads_of(divisions, today) | {person for _, person in nodes}


def _secretariat(event: Event, today: date) -> People:
    people = secretariat_of(event.organization_id or 0, today=today)
    return people.values_list("pk", flat=True)


def _secretariat_and_lead(event: Event, today: date) -> People:
    return {*_secretariat(event, today), *_lead_heads(event, today)}


def _agreeing(event: Event, today: date) -> People:
    milestone = milestone_of(event)
    return heads_of([milestone.division_id], today) if state_after(event) == MilestoneState.AWAITING_HEAD else ()


def _confirming(event: Event, today: date) -> People:
    milestone = milestone_of(event)
    return confirming(milestone, today) if state_after(event) == MilestoneState.REPORTED else ()


def _reporting(event: Event, today: date) -> People:
    """Who reported it, and whose it is."""
    return {reporter_before(event), milestone_of(event).person_id}


def _reporting_and_head(event: Event, today: date) -> People:
    return {*_reporting(event, today), *heads_of([milestone_of(event).division_id], today)}


def _accepting(event: Event, today: date) -> People:
    return accepting(project_of(event), today)


def _deciding(event: Event, today: date) -> People:
    return deciding(change_of(event), today)


def _advising(event: Event, today: date) -> People:
    request = change_of(event)
    division = request.project.lead_division
    is_wanted = request.tier == ChangeTier.LEADER and not (division is not None and division.supervises)
    return advising(request, today) if is_wanted else ()


def _asking(event: Event, today: date) -> People:
    request = change_of(event)
    own = {request.asked_by_id, request.asked_principal_id, request.project.person_id}
    return own | heads_of([request.project.lead_division_id], today)


def _given(event: Event, today: date) -> People:
    """Who has a milestone or the project by the change, and the heads of a division that now leads."""
    request = change_of(event)
    leads_now = request.lines.filter(subject_kind="project", field="lead_division").exists()
    return given_by(request) | (heads_of([request.project.lead_division_id], today) if leads_now else set())


def _waited_for(*kinds: str) -> Callable[[Event, date], People]:
    return lambda event, _: asked_before(event, *kinds)


def _new_person(event: Event, today: date) -> People:
    return {milestone_of(event).person_id}


def _handed_to(event: Event, today: date) -> People:
    return handed_to(event)


def _coordinating(event: Event, today: date) -> People:
    return _secretariat(event, today) if needs_coordination(event) else ()


# In this order: whoever is concerned by two kinds of one event is told the first.
KINDS = (
    Kind(
        "project_dispatched",
        "交办待签收",
        Reason.TURN,
        verbs=("dispatch_project",),
        concerned=_lead,
        still_true=project_is(ProjectState.DISPATCHED),
    ),
    Kind(
        "project_dispatched_co",
        "协办交办",
        Reason.NEWS,
        verbs=("dispatch_project",),
        concerned=_helping,
        may_be_muted=True,
        channels=NO_CHANNEL,
    ),
    Kind(
        "project_received",
        "已签收",
        Reason.NEWS,
        verbs=("receive_project",),
        concerned=_secretariat,
        may_be_muted=True,
        channels=NO_CHANNEL,
    ),
    Kind(
        "project_lapsed",
        "逾期视为签收",
        Reason.OUTCOME,
        verbs=("receive_by_lapse",),
        concerned=_secretariat_and_lead,
        may_be_muted=True,
    ),
    Kind(
        "project_objected",
        "退回交办",
        Reason.TURN,
        verbs=("object_to_project",),
        concerned=_secretariat,
        still_true=project_is(ProjectState.DRAFT),
    ),
    Kind(
        "project_recalled",
        "撤回交办",
        Reason.OUTCOME,
        verbs=("recall_project",),
        concerned=_lead,
        still_true=project_is(ProjectState.DRAFT),
        may_be_muted=True,
        is_for_all_concerned=True,
    ),
    Kind(
        "coordination_wanted",
        "需协调",
        Reason.TURN,
        verbs=("add_entry",),
        concerned=_coordinating,
        still_true=project_is_open,
    ),
    Kind(
        "milestone_to_agree",
        "节点待审核",
        Reason.TURN,
        verbs=("report_milestone",),
        concerned=_agreeing,
        still_true=milestone_is(MilestoneState.AWAITING_HEAD),
    ),
    Kind(
        "milestone_to_confirm",
        "节点待核实",
        Reason.TURN,
        verbs=("report_milestone", "agree_milestone"),
        concerned=_confirming,
        still_true=milestone_is(MilestoneState.REPORTED),
    ),
    Kind(
        "milestone_agreed",
        "处室已审核",
        Reason.OUTCOME,
        verbs=("agree_milestone",),
        concerned=_reporting,
        may_be_muted=True,
    ),
    Kind(
        "milestone_sent_back",
        "节点退回",
        Reason.TURN,
        verbs=("send_back_by_head",),
        concerned=_reporting,
        still_true=milestone_is(MilestoneState.IN_PROGRESS),
    ),
    Kind(
        "milestone_returned",
        "节点退回处室",
        Reason.TURN,
        verbs=("send_back_milestone",),
        concerned=_reporting_and_head,
        still_true=milestone_is(MilestoneState.IN_PROGRESS),
    ),
    Kind(
        "milestone_confirmed",
        "节点已核实",
        Reason.OUTCOME,
        verbs=("confirm_milestone",),
        concerned=_reporting,
        may_be_muted=True,
    ),
    Kind(
        "milestone_reassigned",
        "节点移交",
        Reason.TURN,
        verbs=("reassign_milestone",),
        concerned=_new_person,
        still_true=milestone_is_his,
    ),
    Kind(
        "duties_handed_over",
        "责任移交",
        Reason.TURN,
        verbs=("hand_over",),
        concerned=_handed_to,
        still_true=project_is_open,
    ),
    Kind(
        "close_out_requested",
        "销号待验收",
        Reason.TURN,
        verbs=("request_close_out",),
        concerned=_accepting,
        still_true=project_is(ProjectState.CLOSE_OUT_REQUESTED),
    ),
    Kind(
        "close_out_withdrawn",
        "销号申请已撤回",
        Reason.NEWS,
        verbs=("withdraw_close_out",),
        concerned=_waited_for("close_out_requested"),
        may_be_muted=True,
        channels=NO_CHANNEL,
    ),
    Kind(
        "project_closed",
        "已销号",
        Reason.OUTCOME,
        verbs=("accept_close_out",),
        concerned=_lead_heads,
        still_true=project_is(ProjectState.CLOSED),
        may_be_muted=True,
    ),
    Kind(
        "close_out_returned",
        "退回整改",
        Reason.TURN,
        verbs=("return_close_out",),
        concerned=_lead_heads,
        still_true=project_is(ProjectState.IN_PROGRESS),
    ),
    Kind(
        "change_to_decide",
        "变更待决定",
        Reason.TURN,
        verbs=("ask_change",),
        concerned=_deciding,
        still_true=change_is_asked,
    ),
    Kind(
        "opinion_wanted",
        "变更待提意见",
        Reason.TURN,
        verbs=("ask_change",),
        concerned=_advising,
        still_true=opinion_is_wanted,
    ),
    Kind(
        "opinion_given",
        "督办处已提意见",
        Reason.NEWS,
        verbs=("give_opinion",),
        concerned=_deciding,
        may_be_muted=True,
        channels=NO_CHANNEL,
    ),
    Kind(
        "change_withdrawn",
        "变更申请已撤回",
        Reason.NEWS,
        verbs=("withdraw_change",),
        concerned=_waited_for("change_to_decide", "opinion_wanted"),
        may_be_muted=True,
        channels=NO_CHANNEL,
    ),
    Kind(
        "change_gives_duty",
        "变更交付责任",
        Reason.TURN,
        verbs=("agree_change",),
        concerned=_given,
        still_true=project_is_open,
    ),
    Kind("change_agreed", "变更已同意", Reason.OUTCOME, verbs=("agree_change",), concerned=_asking, may_be_muted=True),
    Kind(
        "change_agreed_co",
        "参与项目的变更",
        Reason.NEWS,
        verbs=("agree_change",),
        concerned=_helping,
        may_be_muted=True,
        channels=NO_CHANNEL,
    ),
    Kind(
        "change_declined", "变更未同意", Reason.OUTCOME, verbs=("decline_change",), concerned=_asking, may_be_muted=True
    ),
    Kind(
        "project_carried_over",
        "结转",
        Reason.OUTCOME,
        verbs=("carry_over_project",),
        concerned=_lead_heads,
        may_be_muted=True,
    ),
)

register_kinds(*KINDS)
