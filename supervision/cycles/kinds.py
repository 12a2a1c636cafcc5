"""What the cycles tell people; found and imported when the notifications start."""

from datetime import date

from supervision.cycles.enums import Cycle
from supervision.cycles.models import CycleRule, CycleRun
from supervision.cycles.periods import period_of
from supervision.cycles.queries.own_watch import has_lines
from supervision.cycles.queries.rules import latest_periods
from supervision.cycles.queries.unreported import audience, matters_to_remind_of
from supervision.notifications.enums import Reason
from supervision.notifications.kinds.registry import Kind, register_kinds
from supervision.notifications.models import Notification
from tasks.queries.ledger.grounds import Grounds

DAILY_WATCH = "daily_watch"
CYCLE_COMING = "cycle_coming"
RUN_FAILED = "run_failed"
YEAR_REVIEW = "year_review"
WEEKLY_REMINDER = "weekly_reminder"


def _watch_holds(notification: Notification, today: date) -> bool:
    """Something of it is still open, and no later digest has taken its place."""
    later = Notification.objects.filter(person=notification.person_id, kind=DAILY_WATCH, on__gt=notification.on)
    return not later.exists() and has_lines(notification.person, Grounds(today))


def _still_unwritten(notification: Notification, today: date) -> bool:
    """The week goes on, its summary is not written yet, and some of the person's work still has no entry."""
    if today > period_of(Cycle.WEEKLY, notification.on).ends_on:
        return False
    if _has_come(notification.organization_id, Cycle.WEEKLY, notification.key):
        return False
    matters = matters_to_remind_of(
        notification.organization_id, period_of(Cycle.WEEKLY, date.fromisoformat(notification.key))
    )
    return notification.person_id in audience(notification.organization_id, matters, today)


def _still_coming(notification: Notification, today: date) -> bool:  # noqa: ARG001 (as every kind is asked)
    """Its rule is on, and the period has no run yet."""
    cycle, _, starts_on = notification.key.partition("-")
    office = notification.organization_id
    is_off = CycleRule.objects.filter(organization=office, cycle=cycle, is_on=False).exists()
    return not is_off and not _has_come(office, cycle, starts_on)


def _has_come(organization_id: int, cycle: str, starts_on: str) -> bool:
    latest = latest_periods(organization_id).get(cycle)
    return latest is not None and latest.isoformat() >= starts_on


def _still_fails(notification: Notification, today: date) -> bool:  # noqa: ARG001 (as every kind is asked)
    return CycleRun.objects.filter(pk=notification.subject_id or 0).exclude(error="").exists()


def _still_open(notification: Notification, today: date) -> bool:  # noqa: ARG001 (as every kind is asked)
    return CycleRun.objects.filter(pk=notification.subject_id or 0, closed_at=None).exists()


register_kinds(
    Kind(DAILY_WATCH, "每日巡查", Reason.DEADLINE, still_true=_watch_holds),
    Kind(CYCLE_COMING, "周期将至", Reason.DEADLINE, still_true=_still_coming),
    Kind(RUN_FAILED, "周期未能完成", Reason.TURN, still_true=_still_fails),
    Kind(WEEKLY_REMINDER, "周总结提醒", Reason.DEADLINE, still_true=_still_unwritten),
    Kind(YEAR_REVIEW, "年度检查复盘", Reason.DEADLINE, still_true=_still_open),
)
