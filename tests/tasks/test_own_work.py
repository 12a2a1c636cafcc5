"""Nobody verifies their own work, through any door: by division, by hand, 代填, as deputy, in bulk, after moving."""

from datetime import date, timedelta

import pytest

from accounts.actions.policies import set_policy
from accounts.enums import Role
from accounts.models import Event, Membership, User
from cppcc_office.lib.errors import Refused
from tasks.actions import close_out, milestone
from tasks.actions.entries import add_entry
from tasks.enums import MilestoneState, ProjectState
from tasks.models import CloseOut, Milestone, Project
from tests.cast import NOW, TODAY, Cast, joins, make_cast, person
from tests.tasks.company import (
    MILESTONE_ACTS,
    PROJECT_ACTS,
    YES,
    advance,
    answer_to,
    deputises,
    finished,
    fresh,
    make_company,
    milestone_at,
    node_of,
)
from tests.walks import project_at

pytestmark = pytest.mark.django_db

OWN_DIVISION = "您在牵头处室任职或代行其负责人，不能验收本处室的项目"
ONCE_THERE = "项目办理期间您曾在牵头处室任职，不能验收，请由其他督办人员办理"
OWN_HAND = "您填报、审核或代填过本项目，不能再由您验收，请由其他督办人员办理"
NODE_OWN_DIVISION = "您在主办处室任职或代行其负责人，不能核实本处室的节点"
NODE_ONCE_THERE = "项目办理期间您曾在主办处室任职，不能核实，请由其他督办人员办理"
NODE_OWN_HAND = "您填报、审核或代填过此节点，不能再由您核实，请由其他督办人员办理"
LEADER_CONFIRMS = "督办处自己承办的节点由领导核实"
LEADER_ACCEPTS = "督办处自己牵头的项目由领导验收"


def told_of_close_out(row: Project, by: User) -> tuple[str, str]:
    """What the person is told who would accept it, and who would return it."""

    def attempt(name: str) -> str:
        again = Project.objects.get(pk=row.pk)
        return answer_to(lambda: PROJECT_ACTS[name].do(again, fresh(by), again.version, NOW))

    return attempt("accept_close_out"), attempt("return_close_out")


def told_of_node(node: Milestone, by: User) -> tuple[str, str, str]:
    """What the person is told who would confirm it, confirm it in bulk, and send it back."""

    def attempt(name: str) -> str:
        again = node_of(node.pk)
        return answer_to(lambda: MILESTONE_ACTS[name].do(again, fresh(by), again.project.version, NOW))

    def in_bulk() -> None:
        again = node_of(node.pk)
        outcome = milestone.confirm_milestones([(again, again.project.version)], by=fresh(by), now=NOW)
        for _, bars in outcome.left:
            raise Refused(bars)

    return attempt("confirm"), answer_to(in_bulk), attempt("send_back")


def asked_by(row: Project, by: User) -> Project:
    close_out.request_close_out(row, by=by, version=row.version, summary="全部完成", files=[], now=NOW)
    return row


# ── the own division ─────────────────────────────────────────────────────────


@pytest.mark.parametrize("role", [Role.STAFF, Role.DIVISION_HEAD])
def test_who_also_works_in_the_lead_division_verifies_nothing_of_it(role: Role) -> None:
    cast = make_cast()
    joins(cast.secretariat, cast.office, role, cast.lead)
    row = project_at(ProjectState.CLOSE_OUT_REQUESTED, cast)
    node = milestone_at(MilestoneState.REPORTED, cast)

    assert told_of_close_out(row, cast.secretariat) == (OWN_DIVISION,) * 2
    assert told_of_node(node, cast.secretariat) == (NODE_OWN_DIVISION,) * 3


def test_who_stands_in_for_the_leads_head_verifies_nothing_of_it() -> None:
    cast = make_cast()
    row = project_at(ProjectState.CLOSE_OUT_REQUESTED, cast)
    node = milestone_at(MilestoneState.REPORTED, cast)
    deputises(cast.secretariat, cast.head, cast.office)

    assert told_of_close_out(row, cast.secretariat) == (OWN_DIVISION,) * 2
    assert told_of_node(node, cast.secretariat) == (NODE_OWN_DIVISION,) * 3


def test_who_has_left_the_lead_division_since_verifies_nothing_of_that_time() -> None:
    cast = make_cast()
    mover = person("hu", "胡科员")
    old = joins(mover, cast.office, Role.STAFF, cast.lead)
    row = project_at(ProjectState.CLOSE_OUT_REQUESTED, cast)
    node = milestone_at(MilestoneState.REPORTED, cast)
    Membership.objects.filter(pk=old.pk).update(ends_on=TODAY)
    Membership.objects.create(
        user=mover, organization=cast.office, role=Role.STAFF, division=cast.supervising, starts_on=TODAY
    )
    later = NOW + timedelta(days=30)

    def attempt(name: str) -> str:
        again = Project.objects.get(pk=row.pk)
        return answer_to(lambda: PROJECT_ACTS[name].do(again, fresh(mover), again.version, later))

    def attempt_on_node() -> str:
        again = node_of(node.pk)
        return answer_to(lambda: MILESTONE_ACTS["confirm"].do(again, fresh(mover), again.project.version, later))

    assert (attempt("accept_close_out"), attempt("return_close_out")) == (ONCE_THERE,) * 2
    assert attempt_on_node() == NODE_ONCE_THERE


def test_who_left_the_lead_division_before_the_dispatch_verifies() -> None:
    cast = make_cast()
    mover = person("hu", "胡科员")
    old = joins(mover, cast.office, Role.STAFF, cast.lead)
    Membership.objects.filter(pk=old.pk).update(ends_on=date(2026, 3, 3))
    joins(mover, cast.office, Role.STAFF, cast.supervising)
    row = project_at(ProjectState.CLOSE_OUT_REQUESTED, cast)
    node = milestone_at(MilestoneState.REPORTED, cast)

    assert told_of_close_out(row, mover) == (YES,) * 2
    assert told_of_node(node, mover) == (YES,) * 3


# ── the own hand ─────────────────────────────────────────────────────────────


def test_who_typed_the_report_for_the_division_does_not_verify_it() -> None:
    cast = make_cast()
    node = advance(milestone_at(MilestoneState.PENDING, cast), "report", cast.secretariat)
    assert node.entered_for
    assert Event.objects.filter(verb="report_milestone")[0].entered_for == cast.lead.name

    node = advance(node, "agree", cast.head)

    assert told_of_node(node, cast.secretariat) == (NODE_OWN_HAND,) * 3
    assert told_of_node(node, cast.second_secretariat) == (YES,) * 3


def test_who_typed_one_report_does_not_accept_the_whole() -> None:
    cast = make_cast()
    row = project_at(ProjectState.IN_PROGRESS, cast)
    for place, pk in enumerate(row.milestones.values_list("pk", flat=True)):
        node = advance(node_of(pk), "report", cast.secretariat if place == 0 else cast.staff)
        advance(advance(node, "agree", cast.head), "confirm", cast.second_secretariat)
    asked_by(row := Project.objects.get(pk=row.pk), cast.head)

    assert told_of_close_out(row, cast.secretariat) == (OWN_HAND,) * 2
    assert told_of_close_out(row, cast.second_secretariat) == (YES,) * 2


def test_a_report_sent_back_still_counts_as_a_hand() -> None:
    cast = make_cast()
    node = advance(milestone_at(MilestoneState.PENDING, cast), "report", cast.secretariat)
    node = advance(advance(node, "send_back_by_head", cast.head), "report", cast.staff)

    node = advance(node, "agree", cast.head)

    assert node.reported_by == cast.staff
    assert told_of_node(node, cast.secretariat) == (NODE_OWN_HAND,) * 3


def test_who_only_started_a_milestone_for_the_division_does_not_verify_it() -> None:
    cast = make_cast()
    node = advance(milestone_at(MilestoneState.PENDING, cast), "start", cast.secretariat)

    node = advance(advance(node, "report", cast.staff), "agree", cast.head)

    assert told_of_node(node, cast.secretariat) == (NODE_OWN_HAND,) * 3


def test_who_typed_an_entry_for_the_division_does_not_verify_what_it_is_about() -> None:
    cast = make_cast()
    node = milestone_at(MilestoneState.IN_PROGRESS, cast)
    entry = add_entry(
        node.project,
        by=cast.secretariat,
        version=node.project.version,
        situation="已召开座谈会",
        milestone=node,
        files=[],
        now=NOW,
    )
    assert (entry.entered_for, entry.division) == (True, cast.lead)

    node = advance(advance(node, "report", cast.staff), "agree", cast.head)

    assert told_of_node(node, cast.secretariat) == (NODE_OWN_HAND,) * 3


def test_who_typed_an_entry_on_the_project_does_not_accept_it() -> None:
    cast = make_cast()
    row = finished(cast)
    add_entry(row, by=cast.secretariat, version=row.version, situation="进展顺利", files=[], now=NOW)
    asked_by(row, cast.head)

    assert told_of_close_out(row, cast.secretariat) == (OWN_HAND,) * 2


def test_who_typed_the_request_does_not_accept_it() -> None:
    cast = make_cast()
    row = asked_by(finished(cast), cast.secretariat)

    assert CloseOut.objects.filter(project=row)[0].entered_for
    assert told_of_close_out(row, cast.secretariat) == (OWN_HAND,) * 2
    assert told_of_close_out(row, cast.second_secretariat) == (YES,) * 2


def test_who_typed_a_request_that_was_withdrawn_does_not_accept_the_next() -> None:
    cast = make_cast()
    row = asked_by(finished(cast), cast.secretariat)
    close_out.withdraw_close_out(row, by=cast.secretariat, version=row.version, now=NOW)
    asked_by(row, cast.head)

    assert told_of_close_out(row, cast.secretariat) == (OWN_HAND,) * 2


def test_verifying_is_no_hand_in_the_work() -> None:
    cast = make_cast()
    row = project_at(ProjectState.CLOSE_OUT_REQUESTED, cast)  # second_secretariat confirmed every milestone

    assert told_of_close_out(row, cast.second_secretariat) == (YES,) * 2


# ── as deputy ────────────────────────────────────────────────────────────────


def test_what_a_deputy_did_is_in_the_hands_of_both() -> None:
    cast = make_cast()
    row = finished(cast)
    deputises(cast.secretariat, cast.head, cast.office)
    asked_by(row, fresh(cast.secretariat))
    event = Event.objects.filter(verb="request_close_out")[0]
    assert (event.by, event.principal, event.entered_for) == (cast.secretariat, cast.head, "")
    cast.secretariat.deputising.update(ended_at=NOW)

    assert told_of_close_out(row, cast.secretariat) == (OWN_HAND,) * 2


def test_a_former_principal_has_a_hand_in_what_his_deputy_did() -> None:
    """The head moves to the 督办处 the day after his deputy reported for him."""
    cast = make_cast()
    row = finished(cast)
    deputises(cast.outsider, cast.head, cast.office)
    asked_by(row, fresh(cast.outsider))
    Membership.objects.filter(user=cast.head).update(division=cast.supervising, role=Role.STAFF)

    assert told_of_close_out(row, cast.head) == (OWN_HAND,) * 2


def test_the_deputy_of_a_leader_with_a_hand_in_it_does_not_verify() -> None:
    cast = make_cast()
    row = finished_by_supervising(cast)
    deputises(cast.leader, cast.supervising_head, cast.office)
    asked_by(row, fresh(cast.leader))  # the leader, standing in for the head, asks
    cast.leader.deputising.update(ended_at=NOW)
    deputises(cast.outsider, fresh(cast.leader), cast.office)

    assert told_of_close_out(row, cast.leader) == (OWN_HAND,) * 2
    assert told_of_close_out(row, cast.outsider) == (OWN_HAND,) * 2
    assert told_of_close_out(row, cast.secretary_general) == (YES,) * 2


def test_staff_who_stand_in_for_their_own_head_act_as_deputy() -> None:
    cast = make_cast()
    deputises(cast.staff, cast.head, cast.office)
    node = advance(milestone_at(MilestoneState.IN_PROGRESS, cast), "report", fresh(cast.staff))

    event = Event.objects.filter(verb="report_milestone")[0]

    assert node.state == MilestoneState.REPORTED
    assert (event.by, event.principal) == (cast.staff, cast.head)


@pytest.mark.parametrize("name", ["agree", "send_back_by_head"])
def test_staff_who_review_for_their_own_head_act_as_deputy(name: str) -> None:
    cast = make_cast()
    node = milestone_at(MilestoneState.AWAITING_HEAD, cast)
    deputises(cast.staff, cast.head, cast.office)

    advance(node, name, fresh(cast.staff))

    event = Event.objects.filter(verb=MILESTONE_ACTS[name].verb)[0]
    assert (event.by, event.principal) == (cast.staff, cast.head)


# ── the supervising division itself ──────────────────────────────────────────


def finished_by_supervising(cast: Cast) -> Project:
    row = project_at(ProjectState.CLOSE_OUT_REQUESTED, cast, lead=cast.supervising)
    close_out.withdraw_close_out(row, by=cast.supervising_head, version=row.version, now=NOW)
    return row


def test_what_the_supervising_division_leads_is_accepted_by_a_leader() -> None:
    cast = make_cast()
    row = project_at(ProjectState.CLOSE_OUT_REQUESTED, cast, lead=cast.supervising)

    for member in (cast.secretariat, cast.second_secretariat, cast.supervising_head):
        assert told_of_close_out(row, member) == (LEADER_ACCEPTS,) * 2
    for leader in (cast.leader, cast.secretary_general):
        assert told_of_close_out(row, leader) == (YES,) * 2
    assert told_of_close_out(row, cast.foreign_leader) == (LEADER_ACCEPTS,) * 2


def test_its_milestones_are_confirmed_by_a_leader() -> None:
    cast = make_cast()
    row = project_at(ProjectState.IN_PROGRESS, cast, lead=cast.supervising)
    node = advance(node_of(row.milestones.all()[0].pk), "report", cast.supervising_head)

    assert told_of_node(node, cast.second_secretariat) == (LEADER_CONFIRMS,) * 3
    assert told_of_node(node, cast.leader) == (YES,) * 3


def test_anothers_milestone_in_a_project_it_leads_is_confirmed_by_a_leader() -> None:
    cast = make_cast()
    row = project_at(ProjectState.IN_PROGRESS, cast, lead=cast.supervising)
    Milestone.objects.filter(project=row).update(division=cast.assisting, person=cast.co_staff)
    node = advance(node_of(row.milestones.all()[0].pk), "report", cast.co_head)

    assert told_of_node(node, cast.second_secretariat) == (LEADER_CONFIRMS,) * 3
    assert told_of_node(node, cast.leader) == (YES,) * 3


def test_its_milestone_in_anothers_project_is_confirmed_by_a_leader() -> None:
    cast = make_cast()
    row = project_at(ProjectState.IN_PROGRESS, cast)
    Milestone.objects.filter(project=row).update(division=cast.supervising, person=cast.secretariat)
    node = advance(node_of(row.milestones.all()[0].pk), "report", cast.supervising_head)

    assert told_of_node(node, cast.second_secretariat) == (LEADER_CONFIRMS,) * 3
    assert told_of_node(node, cast.secretary_general) == (YES,) * 3


def test_only_its_head_asks_for_the_close_out_of_what_it_leads() -> None:
    cast = make_cast()
    row = finished_by_supervising(cast)

    def told(by: User) -> str:
        again = Project.objects.get(pk=row.pk)
        return answer_to(lambda: PROJECT_ACTS["request_close_out"].do(again, by, again.version, NOW))

    assert told(cast.secretariat) == "只有牵头处室（督办处）负责人可以申请销号"
    assert told(cast.supervising_head) == YES


def test_a_leaders_deputy_from_the_supervising_division_does_not_verify_its_work() -> None:
    cast = make_cast()
    row = project_at(ProjectState.CLOSE_OUT_REQUESTED, cast, lead=cast.supervising)
    deputises(cast.second_secretariat, cast.leader, cast.office)

    assert told_of_close_out(row, cast.second_secretariat) == (OWN_DIVISION,) * 2


def test_a_leaders_deputy_from_elsewhere_verifies_as_deputy() -> None:
    company = make_company()
    row = project_at(ProjectState.CLOSE_OUT_REQUESTED, company, lead=company.supervising)

    PROJECT_ACTS["accept_close_out"].do(row, company.leader_deputy, row.version, NOW)

    event = Event.objects.filter(verb="accept_close_out")[0]
    assert (event.by, event.principal) == (company.leader_deputy, company.leader)


def test_a_leader_who_heads_the_supervising_division_does_not_verify_its_work() -> None:
    cast = make_cast()
    joins(cast.leader, cast.office, Role.DIVISION_HEAD, cast.supervising)
    row = project_at(ProjectState.IN_PROGRESS, cast, lead=cast.supervising)
    node = advance(node_of(row.milestones.all()[0].pk), "report", cast.supervising_head)

    assert told_of_node(node, cast.leader) == (NODE_OWN_DIVISION,) * 3


def test_its_heads_agreement_never_counts_as_verified() -> None:
    """Where the policy lets agreement count, the supervising division would else verify itself."""
    cast = make_cast()
    set_policy(cast.office, key="head_agreement_counts", value=True, by=cast.secretariat, now=NOW, today=TODAY)
    row = project_at(ProjectState.IN_PROGRESS, cast, lead=cast.supervising)
    node = advance(node_of(row.milestones.all()[0].pk), "report", cast.secretariat)

    node = advance(node, "agree", cast.supervising_head)

    assert node.state == MilestoneState.REPORTED
    assert told_of_node(node, cast.leader) == (YES,) * 3


def test_in_bulk_the_own_ones_are_left_and_the_others_confirmed() -> None:
    cast = make_cast()
    own = advance(milestone_at(MilestoneState.PENDING, cast), "report", cast.secretariat)
    own = advance(own, "agree", cast.head)
    others = milestone_at(MilestoneState.REPORTED, cast)
    shown = [(node_of(node.pk), node_of(node.pk).project.version) for node in (own, others)]

    outcome = milestone.confirm_milestones(shown, by=cast.secretariat, now=NOW)

    assert [node.pk for node in outcome.done] == [others.pk]
    assert [(node.pk, bars) for node, bars in outcome.left] == [(own.pk, [NODE_OWN_HAND])]
    assert node_of(own.pk).state == MilestoneState.REPORTED
