"""Whom each event of the line is told to, and in which words."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.template import Engine

from accounts.enums import Role
from accounts.models import Event, User
from accounts.verbs import VERBS
from supervision.notifications.actions.relaying import bring_relays_up_to
from supervision.notifications.enums import Reason
from supervision.notifications.kinds.line import KINDS
from supervision.notifications.kinds.registry import Kind, all_kinds, register_kinds
from supervision.notifications.models import Notification
from tasks.actions import project
from tasks.actions.changes.asking import withdraw_change
from tasks.actions.changes.carrying import carry_over_project
from tasks.actions.changes.deciding import agree_change, decline_change, give_opinion
from tasks.actions.changes.lines import Wish
from tasks.actions.changes.reassigning import reassign_milestone
from tasks.actions.close_out import withdraw_close_out
from tasks.actions.entries import add_entry
from tasks.actions.hand_over import Choice, hand_over
from tasks.enums import ChangeKind, MilestoneState, ProjectState
from tasks.models import ChangeRequest, Project
from tasks.queries.hand_over import holdings_of
from tests.cast import NOW, joins
from tests.tasks.changing import asked, due
from tests.tasks.company import (
    MILESTONE_ACTS,
    PROJECT_ACTS,
    Company,
    advance,
    deputises,
    fresh,
    make_company,
    milestone_at,
    node_of,
    ready_for,
)
from tests.walks import a_plan, project_at

HEADS = {"head", "second_head", "head_deputy", "standing_in"}
LEAD = HEADS | {"staff"}
SUPERVISING = {"secretariat", "second_secretariat", "supervising_head", "standing_in"}
UNBIASED = SUPERVISING - {"standing_in"}  # who stands in for a head of the lead decides nothing of it
LEADERS = {"leader", "leader_deputy"}

Told = dict[str, set[str]]


@pytest.fixture
def company(db: None, time_machine: Any) -> Company:
    time_machine.move_to(NOW, tick=False)
    return make_company()


def moved(name: str, by: str) -> Callable[[Company], object]:
    def act(company: Company) -> object:
        row = ready_for(name, company)
        return PROJECT_ACTS[name].do(row, getattr(company, by), row.version, NOW)

    return act


def stepped(name: str, by: str) -> Callable[[Company], object]:
    return lambda company: advance(milestone_at(MILESTONE_ACTS[name].at, company), name, getattr(company, by))


def own_close_out(company: Company) -> object:
    return project_at(ProjectState.CLOSE_OUT_REQUESTED, company, lead=company.supervising)


def own_report(company: Company) -> object:
    """A milestone of the 督办处 itself, reported by its head."""
    row = project_at(ProjectState.IN_PROGRESS, company, lead=company.supervising)
    return advance(node_of(row.milestones.all()[0].pk), "report", company.supervising_head)


def lapsed(company: Company) -> object:
    project_at(ProjectState.DISPATCHED, company)
    return project.receive_by_lapse(company.office, now=NOW + timedelta(days=14))


def entered(company: Company) -> object:
    row = project_at(ProjectState.IN_PROGRESS, company)
    return add_entry(
        row, by=company.staff, version=row.version, situation="道路不通", needs_coordination=True, files=[], now=NOW
    )


def change(kind: ChangeKind) -> Callable[[Company], ChangeRequest]:
    def act(company: Company) -> ChangeRequest:
        row = project_at(ProjectState.IN_PROGRESS, company)
        return asked(row, company, kind, *([due(date(2026, 10, 9))] if kind == ChangeKind.EXTENSION else []))

    return act


def withdrawn(kind: ChangeKind) -> Callable[[Company], object]:
    """Asked in the morning, told, and taken back at noon."""

    def act(company: Company) -> object:
        request = change(kind)(company)
        bring_relays_up_to(NOW)
        return withdraw_change(request, by=company.head, version=request.project.version, now=NOW)

    return act


def close_out_withdrawn(company: Company) -> object:
    row = project_at(ProjectState.CLOSE_OUT_REQUESTED, company)
    bring_relays_up_to(NOW)
    by = User.objects.get(pk=Event.objects.get(verb="request_close_out").by_id or 0)
    return withdraw_close_out(row, by=by, version=row.version, now=NOW)


def duty_given(company: Company) -> object:
    """A step more, for somebody of the division that assists."""
    row = project_at(ProjectState.IN_PROGRESS, company)
    value = {
        "title": "联合调研",
        "target": row.targets.all()[0].pk,
        "division": company.assisting.pk,
        "person": company.co_staff.pk,
        "due_on": "2026-09-09",
    }
    request = asked(row, company, ChangeKind.ALTERATION, Wish("milestone", "added", value))
    return agree_change(request, by=company.secretariat, version=request.project.version, now=NOW)


def decided(do: Any, by: str, kind: ChangeKind, **words: str) -> Callable[[Company], object]:
    def act(company: Company) -> object:
        request = change(kind)(company)
        return do(request, by=getattr(company, by), version=request.project.version, now=NOW, **words)

    return act


def reassigned(company: Company) -> object:
    node = milestone_at(MilestoneState.PENDING, company)
    version = node.project.version
    return reassign_milestone(node, by=company.head, version=version, person=company.second_head, now=NOW)


def handed_over(company: Company) -> object:
    project_at(ProjectState.IN_PROGRESS, company)
    held = holdings_of(company.staff, [company.office.pk])
    choices = [Choice(row.key, row.project.version, company.second_head.pk) for row in held]
    return hand_over(company.staff, by=company.head, choices=choices, reason="调离", now=NOW)


def carried_over(company: Company) -> object:
    row = project_at(ProjectState.IN_PROGRESS, company)
    january = NOW.replace(year=2027, month=1, day=6)
    into = a_plan(company, year=2027, now=january)
    by = User.objects.get(pk=company.secretariat.pk)
    return carry_over_project(row, into=into, by=by, version=row.version, due_on=date(2027, 6, 30), now=january)


# What is done, the verb of its event, and who is told what.
ACTS: dict[str, tuple[Callable[[Company], object], str, Told]] = {
    "dispatch": (
        moved("dispatch", "secretariat"),
        "dispatch_project",
        {"project_dispatched": LEAD, "project_dispatched_co": {"co_head"}},
    ),
    "receive": (moved("receive", "staff"), "receive_project", {"project_received": SUPERVISING}),
    "lapse": (lapsed, "receive_by_lapse", {"project_lapsed": SUPERVISING | LEAD}),
    "object": (moved("object", "head"), "object_to_project", {"project_objected": SUPERVISING}),
    "recall": (moved("recall", "secretariat"), "recall_project", {"project_recalled": LEAD}),
    "coordination": (entered, "add_entry", {"coordination_wanted": SUPERVISING}),
    "report": (stepped("report", "staff"), "report_milestone", {"milestone_to_agree": HEADS}),
    "report by the head": (stepped("report", "head"), "report_milestone", {"milestone_to_confirm": UNBIASED}),
    "report by the secretariat's own": (own_report, "report_milestone", {"milestone_to_confirm": LEADERS}),
    "agree": (
        stepped("agree", "head"),
        "agree_milestone",
        {"milestone_to_confirm": UNBIASED, "milestone_agreed": {"staff"}},
    ),
    "send back by head": (
        stepped("send_back_by_head", "head"),
        "send_back_by_head",
        {"milestone_sent_back": {"staff"}},
    ),
    "confirm": (stepped("confirm", "secretariat"), "confirm_milestone", {"milestone_confirmed": {"staff"}}),
    "send back": (stepped("send_back", "secretariat"), "send_back_milestone", {"milestone_returned": LEAD}),
    "reassign": (reassigned, "reassign_milestone", {"milestone_reassigned": {"second_head"}}),
    "hand over": (handed_over, "hand_over", {"duties_handed_over": {"second_head"}}),
    "request close-out": (moved("request_close_out", "head"), "request_close_out", {"close_out_requested": UNBIASED}),
    "request own close-out": (own_close_out, "request_close_out", {"close_out_requested": LEADERS}),
    "accept": (moved("accept_close_out", "secretariat"), "accept_close_out", {"project_closed": LEAD}),
    "return": (moved("return_close_out", "secretariat"), "return_close_out", {"close_out_returned": LEAD}),
    "ask": (change(ChangeKind.EXTENSION), "ask_change", {"change_to_decide": UNBIASED}),
    "ask a leader": (
        change(ChangeKind.CANCELLATION),
        "ask_change",
        {"change_to_decide": LEADERS, "opinion_wanted": UNBIASED},
    ),
    "opinion": (
        decided(give_opinion, "secretariat", ChangeKind.CANCELLATION, note="属实"),
        "give_opinion",
        {"opinion_given": LEADERS},
    ),
    "agree change": (
        decided(agree_change, "secretariat", ChangeKind.EXTENSION),
        "agree_change",
        {"change_agreed": LEAD, "change_agreed_co": {"co_head"}},
    ),
    "agree to a new duty": (
        duty_given,
        "agree_change",
        {"change_gives_duty": {"co_staff"}, "change_agreed": LEAD, "change_agreed_co": {"co_head"}},
    ),
    "withdraw change": (
        withdrawn(ChangeKind.CANCELLATION),
        "withdraw_change",
        {"change_withdrawn": LEADERS | UNBIASED},
    ),
    "withdraw close-out": (close_out_withdrawn, "withdraw_close_out", {"close_out_withdrawn": UNBIASED}),
    "decline change": (
        decided(decline_change, "leader", ChangeKind.CANCELLATION, note="继续推进"),
        "decline_change",
        {"change_declined": LEAD},
    ),
    # Nobody stands in for anybody any more in January.
    "carry over": (carried_over, "carry_over_project", {"project_carried_over": {"head", "second_head", "staff"}}),
}


@pytest.mark.parametrize("name", ACTS)
def test_whoever_is_concerned_is_told_and_the_actor_is_not(name: str, company: Company) -> None:
    act, verb, expected = ACTS[name]
    act(company)
    event = Event.objects.filter(verb=verb).order_by("-pk")[0]

    bring_relays_up_to(max(event.at, NOW))

    names = {user.pk: key for key, user in company.everyone().items()}
    told: Told = {}
    for row in Notification.objects.filter(event=event):
        told.setdefault(row.kind, set()).add(names[row.person_id])
        assert 0 < len(row.words) <= 120
        assert "None" not in row.words
        assert "“”" not in row.words
    actor = {names[event.by_id]} if event.by_id else set()
    assert told == {kind: people - actor for kind, people in expected.items()}


def test_every_kind_of_the_line_is_tried_above() -> None:
    assert {kind for _, _, told in ACTS.values() for kind in told} == {kind.code for kind in KINDS}


def test_every_kind_has_its_words_and_every_verb_exists() -> None:
    missing = {verb for kind in KINDS for verb in kind.verbs} - set(VERBS)

    for kind in KINDS:
        Engine.get_default().get_template(kind.template)

    assert missing == set()


def test_what_waits_for_somebody_cannot_be_muted() -> None:
    assert {kind.may_be_muted for kind in KINDS if kind.reason == Reason.TURN} == {False}
    assert {kind.may_be_muted for kind in KINDS if kind.reason in (Reason.OUTCOME, Reason.NEWS)} == {True}
    with pytest.raises(ValueError, match="nobody mutes"):
        Kind("x", "x", Reason.DEADLINE, may_be_muted=True)


def test_kinds_of_one_reason_go_the_same_ways() -> None:
    """A person wishes by reason: were they mixed, a box would be ticked for what goes nowhere, and no wish would help."""
    ways = {(kind.reason, kind.channels) for kind in all_kinds()}

    assert len(ways) == len(Reason)


def test_one_code_stands_for_one_kind() -> None:
    with pytest.raises(ValueError, match="two kinds"):
        register_kinds(Kind(KINDS[0].code, "另一种", Reason.NEWS))


@pytest.mark.parametrize("who", ["stranger", "outsider"])
def test_nobody_is_told_of_what_he_may_not_read(company: Company, who: str) -> None:
    """The outsider finds the project in the ledger; its steps and changes are not for him."""
    row = project_at(ProjectState.DISPATCHED, company)
    Project.objects.filter(pk=row.pk).update(person=getattr(company, who))

    bring_relays_up_to(NOW)

    assert not Notification.objects.filter(person=getattr(company, who)).exists()


def test_who_stands_in_for_somebody_in_another_office_is_not_told(company: Company) -> None:
    """A recall is told to all of the lead division, also to whoever may read the project no more."""
    joins(company.head, company.elsewhere, Role.LEADER)
    deputises(company.foreign_leader, fresh(company.head), company.elsewhere)
    row = project_at(ProjectState.DISPATCHED, company)
    project.recall_project(row, by=company.secretariat, version=row.version, now=NOW)

    bring_relays_up_to(NOW)

    told = set(Notification.objects.filter(kind="project_recalled").values_list("person", flat=True))
    assert {company.head.pk, company.head_deputy.pk} <= told
    assert company.foreign_leader.pk not in told


def test_long_titles_are_cut(company: Company) -> None:
    row = project_at(ProjectState.DISPATCHED, company)
    Project.objects.filter(pk=row.pk).update(title="很长的题目" * 40)

    bring_relays_up_to(NOW)

    assert max(len(words) for words in Notification.objects.values_list("words", flat=True)) <= 120
