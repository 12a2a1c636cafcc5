"""Every address of the house tried by everybody: who finds it, who finds nothing there, and that looking changes nothing."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from uuid import UUID

import pytest
import time_machine
from django.apps import apps
from django.core.signals import request_finished
from django.db import close_old_connections
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from accounts.actions.calendar import confirm_year, correct_day
from accounts.actions.staff_import import open_staff_import
from accounts.actions.tokens import create_token
from accounts.middleware import PUBLIC_URL_NAMES
from accounts.models import ApiToken, CalendarException, ConfirmedYear, Deputy, Event, Membership, StaffImport
from supervision.cycles.actions.rules import ensure_rules
from supervision.cycles.models import CycleRun, LookBackItem
from supervision.inspections.models import Inspection
from supervision.notifications.actions.channels import set_up_channel, switch_channel
from supervision.notifications.actions.sending import send_channel
from supervision.notifications.actions.telling import Telling, tell
from supervision.notifications.enums import ChannelKind, Reason, RelayState
from supervision.notifications.models import ChannelWish, Delivery, EventRelay, Notification
from tasks.actions.entries import add_entry
from tasks.actions.exports import ask_export, claim_export
from tasks.actions.feeds import create_feed
from tasks.actions.intake.batches import create_import
from tasks.actions.plans import ensure_source_classes
from tasks.actions.results import add_result
from tasks.actions.views import save_view
from tasks.documents.exports import write_export
from tasks.enums import Bucket, MilestoneState, ProjectState, ResultKind, ViewScope
from tasks.models import (
    Attachment,
    CalendarFeed,
    ChangeRequest,
    Export,
    ImportBatch,
    ImportRow,
    Milestone,
    Project,
    Result,
    SavedView,
)
from tasks.rules.project import live_close_out
from tests.cast import NOW, TODAY
from tests.pages import CheckingClient
from tests.supervision.cycles.frozen_runs import first_quarter, frozen_with, the_year
from tests.supervision.cycles.looking_back import a_looked_back
from tests.supervision.cycles.monthly import written
from tests.supervision.cycles.weeks import a_week
from tests.supervision.inspections.inspecting import looked_into
from tests.tasks.changing import asked
from tests.tasks.company import Company, make_company, milestone_at
from tests.walks import a_draft, a_file, project_at

pytestmark = pytest.mark.django_db

# One of each kind; `co_head` assists, `outside_head` has no part, the foreign ones are of another organisation.
PEOPLE = (
    "secretariat",
    "supervising_head",
    "head",
    "staff",
    "head_deputy",
    "co_head",
    "outside_head",
    "leader",
    "leader_deputy",
    "assessor",
    "observer",
    "sysadmin",
    "auditor",
    "foreign_secretariat",
    "foreign_leader",
    "stranger",
)
EVERYBODY = frozenset(PEOPLE)
SECRETARIAT = frozenset({"secretariat", "supervising_head"})
LEADERS = frozenset({"leader", "leader_deputy"})
LEAD = frozenset({"head", "staff", "head_deputy"})
WHOLE = SECRETARIAT | LEAD | {"co_head", "leader", "leader_deputy", "assessor"}
MAIN_COLUMNS = WHOLE | {"outside_head"}
FOREIGN = frozenset({"foreign_secretariat", "foreign_leader"})
SYSADMIN = frozenset({"sysadmin"})
AUDITOR = frozenset({"auditor"})
BUSINESS = EVERYBODY - {"sysadmin", "auditor", "stranger"}  # each of them sees his own office's


@dataclass
class World:
    """One row of each kind that an address may name."""

    company: Company
    draft: Project
    project: Project
    requested: Project
    milestone: Milestone
    change: ChangeRequest
    attachment: Attachment
    batch: ImportBatch
    row: ImportRow
    staff_import: StaffImport
    deputy: Deputy
    token: ApiToken
    membership: Membership
    correction: CalendarException
    year: ConfirmedYear
    result: Result
    view: SavedView
    export: Export
    feed: CalendarFeed
    feed_secret: str
    month: CycleRun
    quarter: CycleRun
    week: CycleRun
    review: CycleRun
    look_back: LookBackItem
    inspection: Inspection
    message: Notification
    delivery: Delivery
    untold: EventRelay


def a_ready_export(company: Company) -> Export:
    ask_export(
        organization_id=company.office.pk,
        page="ledger",
        query="",
        name="督办台账",
        total=1,
        by=company.secretariat,
        today=TODAY,
        now=NOW,
    )
    export = claim_export(now=NOW)
    assert export is not None
    write_export(export, clock=lambda: NOW)
    return export


def an_undelivered_message(company: Company) -> Delivery:
    """By the office's mail server, to a secretariat without an address, who wished for it."""
    channel = set_up_channel(
        company.office,
        kind=ChannelKind.EMAIL,
        by=company.sysadmin,
        now=NOW,
        name="邮件",
        host="mail.test",
        sender="duban@mail.test",
    )
    switch_channel(channel, on=True, untested=True, version=channel.version, by=company.sysadmin, now=NOW)
    ChannelWish.objects.create(
        user=company.secretariat, reason=Reason.DEADLINE, channel_kind=ChannelKind.EMAIL, is_wanted=True
    )
    tell([Telling("cycle_coming", company.secretariat.pk, company.office.pk, "1", "每日巡查")], now=NOW)
    delivery = Delivery.objects.get(person=company.secretariat)
    send_channel(delivery.channel_id, clock=lambda: NOW)
    return delivery


def an_event_not_told(company: Company) -> EventRelay:
    event = Event.objects.filter(organization=company.office)[0]
    return EventRelay.objects.create(event=event, state=RelayState.FAILED, attempts=4)


def make_world() -> World:
    company = make_company()
    ensure_rules(company.office, now=NOW)
    ensure_source_classes(company.elsewhere)  # delivered at first use, which opening a form also is
    project = project_at(ProjectState.IN_PROGRESS, company)
    add_entry(project, by=company.staff, version=project.version, situation="进展", files=[a_file()], now=NOW)
    batch = create_import(
        company.office, by=company.secretariat, year=2026, name="要点", pasted="一、做好工作", now=NOW
    )
    delivery = an_undelivered_message(company)
    feed, feed_secret = create_feed(company.staff, now=NOW)
    return World(
        company=company,
        draft=a_draft(company, title="拟立项的"),
        project=project,
        requested=project_at(ProjectState.CLOSE_OUT_REQUESTED, company),
        milestone=milestone_at(MilestoneState.REPORTED, company),
        change=asked(project, company),
        attachment=Attachment.objects.get(project=project),
        batch=batch,
        row=ImportRow.objects.create(batch=batch, row=1, order=1),
        staff_import=open_staff_import(
            company.office, file_name="名册.xlsx", rows=[], left_out=[], by=company.sysadmin, now=NOW, today=TODAY
        ),
        deputy=Deputy.objects.get(principal=company.head),
        token=create_token(company.secretariat, name="办公平台", now=NOW),
        membership=Membership.objects.get(user=company.outsider),
        correction=correct_day(
            company.office, day=date(2027, 3, 3), is_workday=False, by=company.secretariat, now=NOW, today=TODAY
        ),
        year=confirm_year(company.office, year=2027, by=company.secretariat, now=NOW, today=TODAY),
        result=add_result(
            project, by=company.staff, version=project.version, kind=ResultKind.REPORT, title="报告", on=TODAY, now=NOW
        ),
        export=a_ready_export(company),
        view=save_view(
            by=company.secretariat, page="ledger", name="视图", query="state=open", scope=ViewScope.MINE, now=NOW
        ),
        feed=feed,
        feed_secret=feed_secret,
        month=written(company, now=NOW),
        week=a_week(company.office),
        quarter=frozen_with(first_quarter(company.office, now=NOW), project, bucket=Bucket.OVERDUE, now=NOW),
        review=frozen_with(the_year(company.office, now=NOW), project, bucket=Bucket.OVERDUE, now=NOW),
        look_back=a_looked_back(project),
        inspection=looked_into(company),
        message=delivery.notification,
        delivery=delivery,
        untold=an_event_not_told(company),
    )


Arguments = dict[str, int | str | UUID]


@dataclass(frozen=True)
class Door:
    """What an address needs, who finds a page there by GET, and whether it is for POST only."""

    found_by: frozenset[str]
    arguments: Callable[[World], Arguments] = lambda _: {}
    post_only: bool = False


def a_project(world: World) -> Arguments:
    return {"pk": world.project.pk}


def a_change(world: World) -> Arguments:
    return {"pk": world.change.pk}


def a_view(world: World) -> Arguments:
    return {"pk": world.view.pk}


def a_draft_of(world: World) -> Arguments:
    return {"pk": world.draft.pk}


def a_requested(world: World) -> Arguments:
    return {"pk": world.requested.pk}


def a_milestone(world: World) -> Arguments:
    return {"pk": world.milestone.pk}


def a_plan(world: World) -> Arguments:
    return {"pk": world.draft.plan_id}


def a_year_of_staff(world: World) -> Arguments:
    return {"pk": world.company.staff.pk, "year": 2026}


def a_key_task(world: World) -> Arguments:
    return {"pk": world.project.key_task_id}


def a_key_task_in_draft(world: World) -> Arguments:
    return {"pk": world.draft.key_task_id}


def a_batch(world: World) -> Arguments:
    return {"pk": world.batch.pk}


def a_row(world: World) -> Arguments:
    return {"pk": world.batch.pk, "row_pk": world.row.pk}


def a_person(world: World) -> Arguments:
    return {"pk": world.company.outsider.pk}


def a_post(world: World) -> Arguments:
    return {"pk": world.company.outsider.pk, "membership_pk": world.membership.pk}


def a_year(world: World) -> Arguments:
    return {"year": world.year.year}


def a_channel(world: World) -> Arguments:
    return {"pk": world.delivery.channel_id}


def a_message(world: World) -> Arguments:
    return {"pk": world.message.pk}


def a_staff_import(world: World) -> Arguments:
    return {"pk": world.staff_import.pk}


def a_month(world: World) -> Arguments:
    return {"pk": world.month.pk}


def a_quarter(world: World) -> Arguments:
    return {"pk": world.quarter.pk}


def a_review(world: World) -> Arguments:
    return {"pk": world.review.pk}


def a_look_back_of(world: World) -> Arguments:
    return {"pk": world.look_back.run_id}


def a_look_back_item(world: World) -> Arguments:
    return {"pk": world.look_back.pk}


def an_inspection(world: World) -> Arguments:
    return {"pk": world.inspection.pk}


def an_inspected(world: World) -> Arguments:
    return an_inspection(world) | {"object_pk": world.inspection.inspected.get(division=world.company.lead).pk}


def a_finding(world: World) -> Arguments:
    inspected = world.inspection.inspected.get(division=world.company.lead)
    return an_inspection(world) | {"finding_pk": inspected.findings.get().pk}


def a_week_of(world: World) -> Arguments:
    return {"pk": world.week.pk}


def a_weekly_rule(_: World) -> Arguments:
    return {"cycle": "weekly"}


def a_summary(world: World) -> Arguments:
    return {"pk": world.week.pk, "summary_pk": world.week.summaries.get(division=world.company.lead).pk}


def an_office_summary(world: World) -> Arguments:
    return {"pk": world.week.pk, "summary_pk": world.week.summaries.get(division=None).pk}


# Every address, by name. `found_by` of a POST-only door says who is let in to be judged by the action.
DOORS: dict[str, Door] = {
    "healthz": Door(EVERYBODY),
    "components": Door(EVERYBODY),
    "sign-in": Door(EVERYBODY),
    "sign-out": Door(EVERYBODY, post_only=True),
    "change-password": Door(EVERYBODY),
    "desk": Door(EVERYBODY),
    "desk-confirm": Door(EVERYBODY, post_only=True),
    "desk-pile": Door(SECRETARIAT | {"foreign_secretariat"}, lambda _: {"kind": "confirm"}),
    "dispatch": Door(SECRETARIAT | LEADERS | LEAD | {"co_head", "outside_head"}, a_month),
    "dispatch-sheets": Door(SECRETARIAT | LEADERS | LEAD | {"co_head", "outside_head"}, a_month),
    "dispatch-sheet": Door(
        SECRETARIAT | LEADERS | LEAD, lambda world: a_month(world) | {"division_pk": world.company.lead.pk}
    ),
    "dispatch-decide": Door(SECRETARIAT | LEADERS, a_month),
    "dispatch-meeting": Door(SECRETARIAT | LEADERS, a_month),
    "dispatch-item": Door(SECRETARIAT | LEADERS, lambda world: a_month(world) | {"place": 1}),
    "look-back": Door(SECRETARIAT | LEADERS | {"head", "head_deputy", "co_head", "outside_head"}, a_look_back_of),
    "look-back-sample": Door(SECRETARIAT | LEADERS, a_look_back_of),
    "look-back-report": Door(SECRETARIAT | LEADERS, a_look_back_of),
    "look-back-item": Door(SECRETARIAT | LEADERS | {"head", "head_deputy"}, a_look_back_item),
    "look-back-arrange": Door(SECRETARIAT | LEADERS | {"head", "head_deputy"}, a_look_back_item),
    "inspections": Door(BUSINESS - {"assessor", "observer"}),
    "inspection-new": Door(SECRETARIAT | {"foreign_secretariat"}),
    "inspection": Door(SECRETARIAT | LEADERS | LEAD | {"co_head"}, an_inspection),
    "inspection-edit": Door(SECRETARIAT, an_inspection),
    "inspection-begin": Door(SECRETARIAT, an_inspection, post_only=True),
    "inspection-finding": Door(SECRETARIAT, an_inspected),
    "inspection-correct": Door(SECRETARIAT, a_finding),
    "inspection-conclude": Door(SECRETARIAT, an_inspection),
    "inspection-cancel": Door(SECRETARIAT, an_inspection),
    "inspection-report": Door(SECRETARIAT | LEADERS, an_inspection),
    "quarter": Door(SECRETARIAT | LEADERS | {"assessor"}, a_quarter),
    "quarter-lines": Door(SECRETARIAT | LEADERS | {"assessor"}, a_quarter),
    "quarter-cut-off": Door(SECRETARIAT | LEADERS | {"assessor"}, a_quarter, post_only=True),
    "review": Door(SECRETARIAT | LEADERS | {"head", "head_deputy", "co_head", "outside_head"}, a_review),
    "review-lines": Door(SECRETARIAT | LEADERS, a_review),
    "review-cut-off": Door(SECRETARIAT, a_review, post_only=True),
    "review-reason": Door(
        SECRETARIAT | LEADERS | {"head", "head_deputy"},
        lambda world: a_review(world) | {"project_pk": world.project.pk},
    ),
    "review-plan": Door(SECRETARIAT, a_review, post_only=True),
    "review-carry-over": Door(SECRETARIAT, a_review),
    "watch": Door(BUSINESS),
    "weekly-now": Door(BUSINESS - {"assessor", "observer"}),
    "weekly": Door(BUSINESS - FOREIGN - {"assessor", "observer"}, a_week_of),
    "weekly-edit": Door(SECRETARIAT | LEADERS | LEAD, a_summary),
    "weekly-update": Door(SECRETARIAT | LEADERS, an_office_summary),
    "cycles": Door(BUSINESS - {"observer"}),
    "cycle-rule": Door(SECRETARIAT | LEADERS, a_weekly_rule),
    "cycle-run-now": Door(SECRETARIAT | LEADERS, a_weekly_rule, post_only=True),
    "cycle-runs": Door(SECRETARIAT | LEADERS | FOREIGN),
    "cycle-run": Door(SECRETARIAT | LEADERS, a_week_of),
    "cycle-rerun": Door(SECRETARIAT | LEADERS, a_week_of, post_only=True),
    "cycle-run-state": Door(SECRETARIAT | LEADERS, a_week_of),
    "cycle-close": Door(SECRETARIAT | LEADERS, a_week_of),
    "people": Door(SYSADMIN),
    "person-new": Door(SYSADMIN),
    "person": Door(SYSADMIN, a_person),
    "person-grant": Door(SYSADMIN, a_person, post_only=True),
    "person-end-post": Door(SYSADMIN, a_post, post_only=True),
    "person-reset-password": Door(SYSADMIN, a_person, post_only=True),
    "person-switch": Door(SYSADMIN, a_person, post_only=True),
    "staff-import": Door(SYSADMIN),
    "staff-import-passwords": Door(SYSADMIN, post_only=True),
    "staff-import-check": Door(SYSADMIN, a_staff_import),
    "staff-import-answer": Door(SYSADMIN, a_staff_import, post_only=True),
    "staff-import-drop": Door(SYSADMIN, a_staff_import, post_only=True),
    "divisions": Door(SYSADMIN),
    "division-new": Door(SYSADMIN),
    "division": Door(SYSADMIN, lambda world: {"pk": world.company.outside.pk}),
    "division-secretary-general": Door(SYSADMIN, post_only=True),
    "deputies": Door(EVERYBODY),
    "deputy-end": Door(frozenset({"head", "head_deputy"}), lambda world: {"pk": world.deputy.pk}, post_only=True),
    "calendar": Door(BUSINESS),
    "calendar-year": Door(BUSINESS, a_year),
    "calendar-notice": Door(SECRETARIAT | {"foreign_secretariat"}, a_year),
    "calendar-correct": Door(SECRETARIAT | {"foreign_secretariat"}, a_year, post_only=True),
    "calendar-withdraw": Door(SECRETARIAT, lambda world: {"pk": world.correction.pk}, post_only=True),
    "calendar-confirm": Door(SECRETARIAT | {"foreign_secretariat"}, a_year, post_only=True),
    "calendar-unconfirm": Door(SECRETARIAT, a_year, post_only=True),
    "policies": Door(BUSINESS),
    "policy": Door(BUSINESS, lambda _: {"key": "warn_days"}),
    "inbox": Door(EVERYBODY),
    "inbox-count": Door(EVERYBODY),
    "inbox-settings": Door(EVERYBODY),
    "inbox-open": Door(frozenset({"secretariat"}), a_message, post_only=True),
    "inbox-read": Door(frozenset({"secretariat"}), a_message, post_only=True),
    "inbox-read-all": Door(EVERYBODY, post_only=True),
    "channels": Door(SYSADMIN),
    "channel-new": Door(SYSADMIN),
    "channel": Door(SYSADMIN, a_channel),
    "channel-switch": Door(SYSADMIN, a_channel, post_only=True),
    "channel-test": Door(SYSADMIN, a_channel, post_only=True),
    "undelivered": Door(SECRETARIAT | SYSADMIN | {"foreign_secretariat"}),
    "undelivered-retry": Door(SECRETARIAT | SYSADMIN, lambda world: {"pk": world.delivery.pk}, post_only=True),
    "undelivered-retry-all": Door(SECRETARIAT | SYSADMIN | {"foreign_secretariat"}, post_only=True),
    "untold-retry": Door(SECRETARIAT | SYSADMIN, lambda world: {"pk": world.untold.pk}, post_only=True),
    "tokens": Door(EVERYBODY),
    "token-revoke": Door(frozenset({"secretariat"}), lambda world: {"pk": world.token.pk}, post_only=True),
    "audit": Door(AUDITOR),
    "audit-export": Door(AUDITOR, post_only=True),
    "ledger": Door(BUSINESS),
    "timeline": Door(BUSINESS),
    "dues": Door(BUSINESS),
    "feeds": Door(BUSINESS),
    "feed-revoke": Door(frozenset({"staff"}), lambda world: {"pk": world.feed.pk}, post_only=True),
    "feed": Door(EVERYBODY, lambda world: {"secret": world.feed_secret}),
    "ledger-view-save": Door(BUSINESS, post_only=True),
    "ledger-view-rename": Door(frozenset({"secretariat"}), a_view, post_only=True),
    "ledger-view-delete": Door(frozenset({"secretariat"}), a_view, post_only=True),
    "ledger-export": Door(BUSINESS),
    "close-outs-export": Door(BUSINESS),
    "exports": Door(BUSINESS),
    "exports-progress": Door(BUSINESS),
    "export-file": Door(frozenset({"secretariat"}), lambda world: {"pk": world.export.pk}),
    "figures": Door(BUSINESS - {"staff", "observer"}),
    "plans": Door(BUSINESS),
    "plan-new": Door(SECRETARIAT | {"foreign_secretariat"}),
    "plan": Door(BUSINESS - FOREIGN, a_plan),
    "plan-dispatch": Door(SECRETARIAT, a_plan),
    "plan-confirm": Door(SECRETARIAT, a_plan),
    "plan-backfill": Door(SECRETARIAT, a_plan),
    "key-task-new": Door(SECRETARIAT, a_plan),
    "key-task": Door(MAIN_COLUMNS, a_key_task),
    "key-task-edit": Door(SECRETARIAT, a_key_task_in_draft),
    "key-task-add-project": Door(SECRETARIAT, a_key_task, post_only=True),
    "project-decompose": Door(SECRETARIAT, a_draft_of),
    "project-delete": Door(SECRETARIAT, a_draft_of),
    "project-backfill-dispatch": Door(SECRETARIAT, a_draft_of),
    "imports": Door(SECRETARIAT | {"foreign_secretariat"}),
    "import-new": Door(SECRETARIAT | {"foreign_secretariat"}),
    "import-batch": Door(SECRETARIAT, a_batch),
    "import-progress": Door(SECRETARIAT, a_batch),
    "import-mapping": Door(SECRETARIAT, a_batch),
    "import-row": Door(SECRETARIAT, a_row),
    "import-answer": Door(SECRETARIAT, a_batch, post_only=True),
    "import-source": Door(SECRETARIAT, a_batch, post_only=True),
    "import-write": Door(SECRETARIAT, a_batch, post_only=True),
    "import-undo": Door(SECRETARIAT, a_batch, post_only=True),
    "import-abandon": Door(SECRETARIAT, a_batch, post_only=True),
    "import-annotated": Door(SECRETARIAT, a_batch),
    "project": Door(MAIN_COLUMNS, a_project),
    "project-dispatch": Door(WHOLE, a_project, post_only=True),
    "project-receive": Door(WHOLE, a_project, post_only=True),
    "project-object": Door(WHOLE, a_project),
    "project-recall": Door(WHOLE, a_project),
    "project-request-close-out": Door(WHOLE, a_project),
    "project-withdraw-close-out": Door(WHOLE, a_requested, post_only=True),
    "project-accept-close-out": Door(WHOLE, a_requested),
    "project-return-close-out": Door(WHOLE, a_requested),
    "entry-new": Door(WHOLE, a_project),
    "milestone-start": Door(WHOLE, a_milestone, post_only=True),
    "milestone-report": Door(WHOLE, a_milestone),
    "milestone-agree": Door(WHOLE, a_milestone, post_only=True),
    "milestone-send-back-by-head": Door(WHOLE, a_milestone),
    "milestone-confirm": Door(WHOLE, a_milestone, post_only=True),
    "milestone-send-back": Door(WHOLE, a_milestone),
    "attachment": Door(WHOLE, lambda world: {"key": world.attachment.key}),
    "changes": Door(BUSINESS),
    "change": Door(WHOLE, a_change),
    "change-agree": Door(WHOLE, a_change, post_only=True),
    "change-decline": Door(WHOLE, a_change, post_only=True),
    "change-opinion": Door(WHOLE, a_change, post_only=True),
    "change-withdraw": Door(WHOLE, a_change, post_only=True),
    "change-drop": Door(WHOLE, a_change, post_only=True),
    "change-take-up": Door(WHOLE, lambda world: a_change(world) | {"kind": "extension"}),
    "change-new": Door(WHOLE, a_project),
    "change-ask": Door(WHOLE, lambda world: a_project(world) | {"kind": "alteration"}),
    "milestone-reassign": Door(WHOLE, a_milestone),
    "close-outs": Door(BUSINESS),
    "my-year": Door(BUSINESS),
    "person-year": Door(SECRETARIAT | LEAD | {"leader", "leader_deputy", "assessor"}, a_year_of_staff),
    "person-year-export": Door(
        SECRETARIAT | LEAD | {"leader", "leader_deputy", "assessor"}, a_year_of_staff, post_only=True
    ),
    "plan-table": Door(BUSINESS - FOREIGN, a_plan),
    "plan-table-export": Door(BUSINESS - FOREIGN, a_plan, post_only=True),
    "hand-overs": Door(SECRETARIAT | {"head", "head_deputy", "co_head", "outside_head", "foreign_secretariat"}),
    "hand-over": Door(SECRETARIAT | {"head", "head_deputy"}, lambda world: {"pk": world.company.staff.pk}),
    "results": Door(BUSINESS),
    "results-export": Door(BUSINESS, post_only=True),
    "result-new": Door(WHOLE, a_project),
    "result-void": Door(WHOLE, lambda world: {"pk": world.result.pk}),
}
# These write down that somebody looked, which is their purpose.
RECORDS_LOOKING = {"attachment"}


def names(resolver: URLResolver | URLPattern) -> Iterator[str]:
    if isinstance(resolver, URLPattern):
        yield resolver.name or str(resolver.pattern)
    elif str(resolver.pattern) != "api/v1/":  # tests/api/test_api_access.py
        for row in resolver.url_patterns:
            yield from names(row)


def signed_in(world: World, who: str) -> CheckingClient:
    client = CheckingClient()
    client.force_login(getattr(world.company, who))
    return client


def stored() -> dict[str, int]:
    """How many rows there are of everything but sessions."""
    return {
        model.__name__: model._default_manager.count() for model in apps.get_models() if model.__name__ != "Session"
    }


@pytest.fixture
def world() -> Iterator[World]:
    with time_machine.travel(NOW):
        yield make_world()


def test_every_address_has_its_door_here() -> None:
    assert set(DOORS) == set(names(get_resolver("cppcc_office.urls")))


def looked_at(url: str, client: Client) -> int:
    reply = client.get(url)
    if reply.streaming:  # the file is held open until somebody has taken it
        request_finished.disconnect(close_old_connections)
        reply.close()
        request_finished.connect(close_old_connections)
    return int(reply.status_code)


SHARES = 4  # of the addresses, so that no test is much longer than the others and several workers take part


def addresses(world: World, share: int | None = None) -> dict[str, str]:
    names = list(DOORS) if share is None else list(DOORS)[share::SHARES]
    return {name: reverse(name, kwargs=DOORS[name].arguments(world)) for name in names}


@pytest.mark.parametrize("share", range(SHARES))
def test_a_page_is_found_by_those_it_is_for_and_looking_changes_nothing(world: World, share: int) -> None:
    clients = {who: signed_in(world, who) for who in PEOPLE}
    pages = {name: url for name, url in addresses(world, share).items() if not DOORS[name].post_only}
    before, versions = stored(), dict(Project.objects.values_list("pk", "version"))

    statuses = {name: {who: looked_at(url, client) for who, client in clients.items()} for name, url in pages.items()}

    wrong: dict[str, dict[str, str]] = {}
    for name, row in statuses.items():
        for who, status in row.items():
            if (status != 404) != (who in DOORS[name].found_by):
                wrong.setdefault(name, {})[who] = "finds it" if status != 404 else "does not find it"
    assert wrong == {}
    assert {status for row in statuses.values() for status in row.values()} <= {200, 302, 404, 409}
    looked = stored()
    assert looked.pop("Event") - before.pop("Event") == sum(
        len(DOORS[name].found_by) for name in RECORDS_LOOKING & pages.keys()
    )
    assert looked == before
    assert dict(Project.objects.values_list("pk", "version")) == versions


def test_a_door_for_writing_is_not_looked_through(world: World) -> None:
    client = signed_in(world, "secretariat")
    doors = {name: url for name, url in addresses(world).items() if DOORS[name].post_only}
    before = stored()

    statuses = {name: client.get(url).status_code for name, url in doors.items()}

    assert statuses == dict.fromkeys(doors, 405)
    assert stored() == before


@pytest.mark.parametrize("share", range(SHARES))
def test_who_may_not_see_a_thing_cannot_write_to_it_either(world: World, share: int) -> None:
    clients = {who: signed_in(world, who) for who in PEOPLE}
    before = stored()

    statuses = {
        (name, who): clients[who].post(url, {"version": "1", "note": "x", "summary": "x"}).status_code
        for name, url in addresses(world, share).items()
        for who in sorted(EVERYBODY - DOORS[name].found_by)
    }

    assert {door: status for door, status in statuses.items() if status not in {404, 405}} == {}
    assert stored() == before


def test_who_has_not_signed_in_is_asked_who_it_is(world: World, client: Client) -> None:
    private = {name: url for name, url in addresses(world).items() if name not in PUBLIC_URL_NAMES}
    before = stored()

    replies = {name: (client.get(url), client.post(url, {"version": "1"})) for name, url in private.items()}

    for name, both in replies.items():
        for reply in both:
            assert reply.headers.get("Location", "").startswith(reverse("sign-in")), name
    assert stored() == before


def test_who_lost_his_post_finds_nothing(world: World) -> None:
    client = signed_in(world, "staff")
    Membership.objects.filter(user=world.company.staff).update(ends_on=TODAY.replace(day=3))

    statuses = {
        name: client.get(reverse(name, kwargs=DOORS[name].arguments(world))).status_code
        for name in ("project", "attachment", "ledger", "milestone-report")
    }

    assert set(statuses.values()) == {404}


def test_who_must_change_the_password_reaches_nothing_else_first(world: World) -> None:
    client = signed_in(world, "secretariat")
    world.company.secretariat.must_change_password = True
    world.company.secretariat.save(update_fields=["must_change_password"])

    replies = {name: client.get(reverse(name)) for name in ("desk", "ledger", "plans", "deputies")}

    assert {reply.headers["Location"] for reply in replies.values()} == {reverse("change-password")}
    assert Event.objects.filter(by=world.company.secretariat, verb="change_password").count() == 0


def test_a_refused_move_by_the_right_reader_is_told_and_written_down(world: World) -> None:
    client = signed_in(world, "co_head")
    url = reverse("project-withdraw-close-out", kwargs=a_requested(world))

    reply = client.post(url, {"version": str(world.requested.version)})

    assert reply.status_code == 409
    assert Project.objects.get(pk=world.requested.pk).state == ProjectState.CLOSE_OUT_REQUESTED
    assert Event.objects.all()[0].outcome == "REFUSED"
    assert live_close_out(world.requested) is not None
