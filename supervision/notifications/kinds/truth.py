"""What no longer tells the truth: it leaves the house no more, and waits for nobody in the inbox."""

from collections.abc import Container, Iterable
from dataclasses import dataclass
from datetime import date

from accounts.models import User
from supervision.notifications.enums import Reason
from supervision.notifications.kinds.registry import kind_of
from supervision.notifications.models import Channel, ChannelWish, Delivery, MutedKind, Notification
from tasks.enums import ENDED_STATES, ProjectState
from tasks.models import Project

OVER = (ProjectState.CLOSED, *ENDED_STATES)


@dataclass(frozen=True)
class _Wishes:
    """What the people wish of this channel, and the office of it, now: either may have changed since it was queued."""

    channel: Channel
    ways: dict[tuple[int, str], bool]  # person, reason
    muted: frozenset[tuple[int, str]]  # person, kind

    def why_not(self, row: Notification) -> str:
        kind, reason = kind_of(row.kind), Reason(row.reason)
        if kind.may_be_muted and (row.person_id, kind.code) in self.muted:
            return "本人已设为不提醒"
        if not self.channel.is_personal:
            return "" if reason in self.channel.reasons else "通道已不传送这类消息"
        is_wanted = self.ways.get((row.person_id, reason.value), self.channel.kind in kind.channels)
        return "" if is_wanted else "本人已不要由此发送"


def _wishes(rows: Iterable[Delivery], channel: Channel) -> _Wishes:
    people = {row.person_id for row in rows} if channel.is_personal else set()
    mutable = {row.person_id for row in rows if kind_of(row.notification.kind).may_be_muted}
    ways = ChannelWish.objects.filter(user__in=people, channel_kind=channel.kind)
    muted = MutedKind.objects.filter(user__in=mutable)
    return _Wishes(
        channel,
        {(user, reason): wanted for user, reason, wanted in ways.values_list("user", "reason", "is_wanted")},
        frozenset(muted.values_list("user", "kind")),
    )


def untrue(deliveries: Iterable[Delivery], channel: Channel, today: date) -> dict[int, str]:
    """Which of these are not to be sent any more, and why."""
    rows = list(deliveries)
    people: dict[int, User] = {}
    for row in rows:  # one object each, so that what a person is today is asked once
        row.notification.person = row.person = people.setdefault(row.person_id, row.person)
    readable, wishes = _readable(rows, people, today), _wishes(rows, channel)
    reasons = {row.pk: _why_not(row, channel, readable, today) or wishes.why_not(row.notification) for row in rows}
    return {pk: reason for pk, reason in reasons.items() if reason}


def _readable(rows: Iterable[Delivery], people: dict[int, User], today: date) -> set[tuple[int, int]]:
    """Which of these may read which projects: (person, project). One question per person."""
    asked: dict[int, set[int]] = {}
    for row in rows:
        if row.notification.project_id is not None:
            asked.setdefault(row.person_id, set()).add(row.notification.project_id)
    return {
        (person_id, project_id)
        for person_id, ids in asked.items()
        for project_id in Project.objects.filter(pk__in=ids)
        .whole_for(people[person_id], today)
        .order_by()
        .values_list("pk", flat=True)
    }


def why_settled(notification: Notification, today: date) -> str:
    """What has become of what it told, '' while it holds."""
    kind, project = kind_of(notification.kind), notification.project
    if project is not None and kind.reason in (Reason.TURN, Reason.DEADLINE) and project.state in OVER:
        return "项目已办结"
    if kind.still_true is not None and not kind.still_true(notification, today):
        return "事项已办理或已变更"
    return ""


def _why_not(delivery: Delivery, channel: Channel, readable: Container[tuple[int, int]], today: date) -> str:
    notification, person = delivery.notification, delivery.person
    kind, project = kind_of(notification.kind), notification.project
    if not channel.is_on:
        return "通道已停用"
    if not person.is_active:
        return "人员已停用"
    if settled := why_settled(notification, today):
        return settled
    if channel.is_personal and notification.read_at is not None:
        return "已在系统内阅读"
    may_read = kind.is_for_all_concerned or project is None or (person.pk, project.pk) in readable
    return "" if may_read else "已无权查看该项目"
