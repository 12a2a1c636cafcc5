"""After every act the latest revision tells what the rows themselves tell: pages of today and of a past day agree."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine

from accounts.actions.policies import set_policy
from tasks.actions import backfill, project
from tasks.actions.changes.asking import withdraw_change
from tasks.actions.changes.carrying import carry_over_project
from tasks.actions.changes.deciding import agree_change, decline_change
from tasks.actions.changes.reassigning import reassign_milestone
from tasks.actions.dates import bring_dates_up_to
from tasks.actions.milestone import confirm_milestones
from tasks.actions.revisions import MILESTONE_FIELDS, OUTLOOK_FIELDS, PROJECT_FIELDS
from tasks.enums import ChangeKind, ChangeTier, Effect, MilestoneState, ProjectState
from tasks.models import ChangeRequest, Milestone, MilestoneRevision, Project, ProjectRevision
from tests.cast import NOW, TODAY
from tests.tasks.changing import asked
from tests.tasks.company import (
    MILESTONE_ACTS,
    PROJECT_ACTS,
    Company,
    fresh,
    make_company,
    milestone_at,
    node_of,
    ready_for,
)
from tests.walks import a_draft, a_plan, project_at


@pytest.fixture
def company(db: None) -> Company:
    return make_company()


@pytest.fixture(autouse=True)
def _at_the_day_of_the_walks() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


def differing() -> dict[str, dict[str, tuple[Any, Any]]]:
    """What the latest revisions of dispatched projects and their milestones tell otherwise than the rows."""
    found: dict[str, dict[str, tuple[Any, Any]]] = {}

    def compare(row: Any, revision: Any, names: tuple[str, ...]) -> None:
        if revision is None:
            found[str(row)] = {"revision": (None, None)}
            return
        values = {name: (getattr(revision, name), getattr(row, name)) for name in names}
        if wrong := {name: pair for name, pair in values.items() if pair[0] != pair[1]}:
            found[str(row)] = wrong

    for row in Project.objects.exclude(number=""):
        last = ProjectRevision.objects.filter(project=row).order_by("effective_on", "pk").last()
        compare(row, last, (*PROJECT_FIELDS, *OUTLOOK_FIELDS))
        for node in Milestone.objects.filter(project=row):
            kept = MilestoneRevision.objects.filter(milestone=node).order_by("effective_on", "pk").last()
            compare(node, kept, MILESTONE_FIELDS)
    return found


@pytest.mark.parametrize("name", PROJECT_ACTS)
def test_after_every_move_of_a_project(company: Company, name: str) -> None:
    row, act = ready_for(name, company), PROJECT_ACTS[name]

    act.do(row, getattr(company, act.by if act.by != "secretariat" else "second_secretariat"), row.version, NOW)

    assert differing() == {}


@pytest.mark.parametrize("name", MILESTONE_ACTS)
def test_after_every_move_of_a_milestone(company: Company, name: str) -> None:
    act = MILESTONE_ACTS[name]
    node = milestone_at(act.at, company)

    act.do(
        node,
        {"secretariat": company.second_secretariat}.get(act.by) or getattr(company, act.by),
        node.project.version,
        NOW,
    )

    assert differing() == {}


def decide(request: ChangeRequest, company: Company, *, agreed: bool = True) -> None:
    found = ChangeRequest.objects.select_related("project").get(pk=request.pk)
    by = fresh(company.leader if found.tier == ChangeTier.LEADER else company.secretariat)
    version = found.project.version
    if agreed:
        agree_change(found, by=by, version=version, note="同意", now=NOW)
    else:
        decline_change(found, by=by, version=version, note="按期完成", now=NOW)


@pytest.mark.parametrize("kind", list(ChangeKind))
def test_after_every_change(company: Company, kind: ChangeKind) -> None:
    state = ProjectState.CLOSED if kind == ChangeKind.REOPENING else ProjectState.IN_PROGRESS
    row = project_at(state, company)
    if kind == ChangeKind.RESUMPTION:
        decide(asked(row, company, ChangeKind.SUSPENSION), company)
        row = Project.objects.get(pk=row.pk)

    request = asked(row, company, kind)
    while_pending = differing()
    decide(request, company)

    assert while_pending == {}
    assert differing() == {}


def test_after_a_change_that_comes_to_nothing(company: Company) -> None:
    first, second = (project_at(ProjectState.IN_PROGRESS, company) for _ in range(2))
    request = asked(first, company)
    withdraw_change(request, by=company.head, version=Project.objects.get(pk=first.pk).version, now=NOW)
    decide(asked(second, company), company, agreed=False)

    assert differing() == {}


def test_after_what_was_recorded_later(company: Company) -> None:
    rows = [project_at(ProjectState.IN_PROGRESS, company) for _ in range(3)]
    before: dict[str, Any] = {"effective_on": TODAY, "reason": "系统上线前", "now": NOW + timedelta(days=5)}
    with time_machine.travel(NOW + timedelta(days=5), tick=False):
        by = company.second_secretariat
        backfill.backfill_extensions(rows[0], by=by, version=rows[0].version, count=2, **before)
        backfill.backfill_milestones_done(rows[1], by=by, version=rows[1].version, **before)
        backfill.backfill_close_out(
            rows[2], by=by, version=rows[2].version, effect=Effect.GOOD, summary="已完成", **before
        )
        draft = a_draft(company, now=NOW + timedelta(days=5))
        backfill.backfill_dispatch(draft, by=by, version=draft.version, **before)

        assert differing() == {}


def test_after_acts_on_many_at_once(company: Company) -> None:
    drafts = [a_draft(company) for _ in range(3)]
    project.dispatch_projects([(row, row.version) for row in drafts], by=company.secretariat, now=NOW)
    nodes = [milestone_at(MilestoneState.REPORTED, company) for _ in range(2)]
    confirm_milestones([(node, node.project.version) for node in nodes], by=company.second_secretariat, now=NOW)
    after_lapse = NOW + timedelta(days=14)
    with time_machine.travel(after_lapse, tick=False):
        project.receive_by_lapse(company.office, now=after_lapse)

    assert differing() == {}


def test_after_a_milestone_changed_hands_and_a_project_its_year(company: Company) -> None:
    row = project_at(ProjectState.IN_PROGRESS, company)
    node = node_of(row.milestones.all()[0].pk)
    reassign_milestone(node, by=company.head, version=row.version, person=company.second_head, now=NOW)
    next_year = NOW.replace(year=2027, month=1, day=5)
    with time_machine.travel(next_year, tick=False):
        into = a_plan(company, year=2027, now=next_year)
        version = Project.objects.get(pk=row.pk).version
        found = Project.objects.select_related("plan", "lead_division").get(pk=row.pk)
        carry_over_project(
            found, into=into, by=company.secretariat, version=version, due_on=date(2027, 6, 30), now=next_year
        )

        assert differing() == {}


def test_after_the_rules_changed(company: Company) -> None:
    for state in (ProjectState.DISPATCHED, ProjectState.IN_PROGRESS, ProjectState.CLOSED):
        project_at(state, company)
    set_policy(company.office, by=company.secretariat, key="warn_days", value=12, now=NOW, today=TODAY)

    warned = dict(Project.objects.values_list("pk", "warn_on"))

    bring_dates_up_to(company.office, now=NOW, today=TODAY)

    assert dict(Project.objects.values_list("pk", "warn_on")) != warned
    assert differing() == {}


def test_a_revision_that_differs_is_found(company: Company) -> None:
    row = project_at(ProjectState.IN_PROGRESS, company)
    Project.objects.filter(pk=row.pk).update(due_on=date(2026, 12, 31))

    assert set(differing()[str(row)]) == {"due_on"}
