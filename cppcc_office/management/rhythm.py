"""The rhythm of the demonstration: what came round of late, left as an office would have left it."""

from datetime import datetime, time, timedelta

from django.db import transaction
from django.db.models import Max, OuterRef, Subquery
from django.utils import timezone

from accounts.models import Division, Event, Organization, User
from accounts.policies import calendar_of
from cppcc_office.lib.errors import Refused
from supervision.cycles.actions.closing import close_run
from supervision.cycles.actions.look_back import judge_item
from supervision.cycles.actions.rules import ensure_rules, switch_rule
from supervision.cycles.actions.running import bring_cycles_up_to, run_now, run_waiting
from supervision.cycles.enums import Cycle, Verdict
from supervision.cycles.models import CycleRule, CycleRun, LookBackItem
from supervision.inspections.actions.inspections import (
    InspectionDraft,
    begin_inspection,
    plan_inspection,
    record_finding,
)
from supervision.inspections.enums import Means
from supervision.notifications.actions.relaying import THE_MARK, bring_relays_up_to
from supervision.notifications.models import Notification, RelayMark
from tasks.models import KeyTask

SECRETARIAT, LEADER = "duban", "mishuzhang"  # whose log-in the demonstration shows
FROZEN_SINCE = timedelta(days=150)  # figures of past days are as they were, so these papers may be made afterwards
WEEKS_SINCE = timedelta(days=28)
DAYS_SINCE = timedelta(days=4)  # whatever day it is, there is a working day among them, but for long holidays
TOLD_SINCE = timedelta(days=6)
JUDGED = 0.6  # of the look-back
# Those that show how things stand today are made today.
OF_TODAY = (Cycle.MONTHLY, Cycle.YEARLY)


@transaction.atomic
def play_rhythm(organization: Organization, *, now: datetime) -> None:
    """Runs, their papers, an inspection and the messages of the last days. Changes no line of the ledger."""
    secretariat = User.objects.get(username=SECRETARIAT)
    _tell_from(now - TOLD_SINCE)
    for other in Organization.objects.exclude(pk=organization.pk):
        ensure_rules(other, now=now)  # its cycles begin now: it has no past to tell of
    switch_on(organization, by=secretariat, now=now)
    day = now - FROZEN_SINCE
    while day < now:
        evening = timezone.make_aware(datetime.combine(timezone.localdate(day), time(17, 0)))
        bring_cycles_up_to(min(evening, now))
        day += timedelta(days=1)
    for cycle in (Cycle.WEEKLY, Cycle.MONTHLY):
        _run_early(organization, cycle, by=secretariat, now=now)
    bring_cycles_up_to(now)
    _close_weeks(organization, by=secretariat, now=now)
    _look_back(organization, by=secretariat, now=now)
    _inspect(organization, by=secretariat, now=now)
    bring_relays_up_to(now)
    _told_when_it_happened()


def _told_when_it_happened() -> None:
    """As if the background had been there: each message bears the time of its event."""
    at = Event.objects.filter(pk=OuterRef("event")).values("at")[:1]
    Notification.objects.filter(event__isnull=False).update(created_at=Subquery(at))


def _tell_from(moment: datetime) -> None:
    """What happened before is history, not news."""
    last = Event.objects.filter(at__lt=moment).aggregate(id=Max("pk"))["id"] or 0
    RelayMark.objects.update_or_create(pk=THE_MARK, defaults={"event_id": last})


def switch_on(organization: Organization, *, by: User, now: datetime) -> None:
    since = dict.fromkeys(OF_TODAY, now) | {Cycle.WEEKLY: now - WEEKS_SINCE, Cycle.DAILY: now - DAYS_SINCE}
    for rule in ensure_rules(organization, now=now - FROZEN_SINCE):
        later = since.get(Cycle(rule.cycle))
        if later is not None:
            _switch(rule, is_on=False, by=by, now=now - FROZEN_SINCE)
            _switch(rule, is_on=True, by=by, now=later)


def _switch(rule: CycleRule, *, is_on: bool, by: User, now: datetime) -> None:
    rule.refresh_from_db()  # the action saves a row of its own: the one held here is a version behind after a switch
    switch_rule(rule, is_on=is_on, version=rule.version, by=by, now=now, today=timezone.localdate(now))


def _run_early(organization: Organization, cycle: Cycle, *, by: User, now: datetime) -> None:
    rule = CycleRule.objects.get(organization=organization, cycle=cycle)
    try:
        run_now(rule, by=by, now=now, today=timezone.localdate(now))
    except Refused:  # it came by itself today
        return
    run_waiting(now)


def _close_weeks(organization: Organization, *, by: User, now: datetime) -> None:
    """All but the last two."""
    weeks = CycleRun.objects.filter(organization=organization, cycle=Cycle.WEEKLY, closed_at=None).order_by(
        "-starts_on"
    )
    for run in weeks[2:]:
        close_run(run, by=by, version=run.version, now=now)


def _look_back(organization: Organization, *, by: User, now: datetime) -> None:
    items = list(LookBackItem.objects.filter(organization=organization, verdict="").order_by("order", "id"))
    for item in items[: int(len(items) * JUDGED)]:
        try:
            with transaction.atomic():
                judge_item(item, verdict=Verdict.CONSOLIDATE, by=by, version=item.version, now=now)
        except Refused:  # his own hand was in it: a leader judges
            continue


def _inspect(organization: Organization, *, by: User, now: datetime) -> None:
    """One under way with a first finding, and one that is planned."""
    today = timezone.localdate(now)
    calendar = calendar_of(organization)
    divisions = list(Division.objects.filter(organization=organization, supervises=False).order_by("order")[:5])
    key_task = KeyTask.objects.filter(organization=organization, plan__year=today.year).order_by("order").first()
    head = User.objects.get(username=LEADER)

    def drafted(title: str, start: int, days: int, **fields: object) -> InspectionDraft:
        begins = calendar.add(today, start)
        return InspectionDraft(
            title=title,
            basis="秘书长办公会议",
            starts_on=begins,
            ends_on=calendar.add(begins, days),
            members=[head, by],
            head=head,
            **fields,  # type: ignore[arg-type]  # the rest of the draft, by name
        )

    first = drafted(
        "年度重点任务落实情况专项督查",
        -3,
        10,
        divisions=divisions[:3],
        key_task=key_task,
        means=[Means.REPORT, Means.PAPERS],
        plan="听取处室汇报，调阅进展和佐证材料，抽查两个节点的完成情况。",
    )
    inspection = plan_inspection(organization, first, by=by, now=now)
    begin_inspection(inspection, by=by, version=inspection.version, now=now)
    inspected = inspection.inspected.first()
    if inspected is not None:
        words = "节点按期推进，佐证材料齐全，未发现问题。"
        record_finding(inspected, by=by, version=inspection.version, words=words, now=now)
    second = drafted(
        "委员联系点建设专项督查", 8, 5, divisions=divisions[3:5], matter="委员联系点建设", means=[Means.VISIT]
    )
    plan_inspection(organization, second, by=by, now=now)
