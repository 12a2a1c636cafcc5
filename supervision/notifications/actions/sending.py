"""Sending: claim, send, record. A worker that dies between leaves the rows 正在发送, and the rescue queues them again:
a message may arrive twice and never gets lost, which for a reminder is the right way round."""

import time
import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from accounts.actions.recording import record
from accounts.models import Organization, User
from cppcc_office.lib.errors import Refused
from supervision.notifications.channels.outgoing import DeliveryFailed, Message
from supervision.notifications.channels.sending import send
from supervision.notifications.channels.words import message_for
from supervision.notifications.enums import DeliveryState
from supervision.notifications.hours import decent_moment
from supervision.notifications.kinds.truth import untrue
from supervision.notifications.models import Channel, Delivery
from supervision.notifications.queries.delivery import due_of, people_due
from supervision.notifications.queries.hours import hours_of
from supervision.notifications.rules import bar_to_retry, bar_to_set_up

AT_ONCE = 100  # deliveries in one message; more go with the next, so that a claim never lasts near LOST_AFTER
RETRY_AFTER = (timedelta(minutes=1), timedelta(minutes=10), timedelta(hours=1))
LOST_AFTER = timedelta(minutes=2)  # longer than any sending may take, waiting for the database included
ENOUGH = timedelta(minutes=5)  # of one job, well within a job's time limit; the next sweep goes on
PATIENCE = (1, 2, 5, 10, 20)  # seconds between the attempts to record what was sent
# A minute as a platform counts it, and the time that a message may have been under way to it.
A_MINUTE = timedelta(seconds=70)


def send_channel(channel_id: int, *, clock: Callable[[], datetime]) -> int:
    """Send what is due through this channel, a message for each person or one for its group; how many deliveries that were.

    A channel speaks with one voice: of the workers that come for it one sends, a message after another, so that whoever
    kills it doubles at most one. A server that fails is left alone until the next sweep.
    """
    channel = Channel.objects.get(pk=channel_id)
    floor = _Floor(channel.pk)
    sent, began = 0, clock()
    try:
        for person_id in people_due(channel, began):
            now = clock()
            if now - began > ENOUGH or not floor.is_kept(now):
                break
            if not channel.is_personal and _has_said_enough(channel, now):
                break
            try:
                sent += _send(channel, person_id, now)
            except DeliveryFailed as failure:
                if not failure.of_recipient:  # the next message would fare no better
                    break
    finally:
        floor.leave()
    return sent


class _Floor:
    """The right to write to a channel, taken by conditional update and kept from message to message."""

    def __init__(self, channel_id: int) -> None:
        self._channel = Channel.objects.filter(pk=channel_id)
        self._since: datetime | None = None

    def is_kept(self, now: datetime) -> bool:
        """Take it, or show that we are still alive; not if somebody else has it. One that died loses it after LOST_AFTER."""
        mine = Q(claimed_at=self._since) if self._since else Q(claimed_at=None) | Q(claimed_at__lt=now - LOST_AFTER)
        self._since = now if self._channel.filter(mine).update(claimed_at=now) else None
        return self._since is not None

    def leave(self) -> None:
        if self._since:
            self._channel.filter(claimed_at=self._since).update(claimed_at=None)


def _has_said_enough(channel: Channel, now: datetime) -> bool:
    """Failed messages count too: they were sent."""
    lately = Delivery.objects.filter(channel=channel, claimed_at__gt=now - A_MINUTE, batch__isnull=False)
    return lately.order_by().values("batch").distinct().count() >= channel.per_minute


def _send(channel: Channel, person_id: int | None, now: datetime) -> int:
    """Claimed first, so that what breaks here is not begun anew for ever, but given up and shown.

    Raises DeliveryFailed, once that is recorded.
    """
    taken = _claim(due_of(channel, person_id, now, most=AT_ONCE), now)
    gone = untrue(taken, channel, timezone.localdate(now))
    for reason in set(gone.values()):
        rows = _mine(taken).filter(pk__in=[pk for pk, why in gone.items() if why == reason])
        rows.update(state=DeliveryState.WITHDRAWN, batch=None, ended_at=now, error=reason)
    claimed = [row for row in taken if row.pk not in gone]
    if not claimed:
        return 0
    person = claimed[0].person if channel.is_personal else None
    message = replace(message_for(channel, claimed), mark=str(claimed[0].batch))
    try:
        send(channel, person, message, now=now)
    except DeliveryFailed as failure:
        _record_failure(channel, claimed, failure, now)
        raise
    return _record_sent(claimed, now)


def _record_sent(claimed: list[Delivery], now: datetime) -> int:
    """It has left: a database that is away for a moment is waited for, or it would be sent again."""
    for seconds in PATIENCE:
        try:
            return _mine(claimed).update(state=DeliveryState.SENT, sent_at=now, error="")
        except (OperationalError, InterfaceError):
            connection.close()
            time.sleep(seconds)
    return _mine(claimed).update(state=DeliveryState.SENT, sent_at=now, error="")


def _claim(ids: list[int], now: datetime) -> list[Delivery]:
    """Those that nobody else has taken in the meantime."""
    batch = uuid.uuid4()
    Delivery.objects.filter(pk__in=ids, state=DeliveryState.QUEUED).update(
        state=DeliveryState.SENDING, batch=batch, claimed_at=now, attempts=F("attempts") + 1
    )
    rows = Delivery.objects.filter(batch=batch, state=DeliveryState.SENDING)
    return list(rows.select_related("notification__project", "person").order_by("id"))


def _mine(claimed: list[Delivery]) -> "QuerySet[Delivery]":
    """Still ours: the rescue may have given them to another, should the sending have taken very long."""
    return Delivery.objects.filter(batch=claimed[0].batch, state=DeliveryState.SENDING)


def _record_failure(channel: Channel, claimed: list[Delivery], failure: DeliveryFailed, now: datetime) -> None:
    """Try again later, at a decent hour; the fourth failure, or one for good, is for people to look at."""
    hours = hours_of(channel.organization_id)
    for attempts in {row.attempts for row in claimed}:
        rows = _mine(claimed).filter(attempts=attempts)
        if failure.for_good or attempts > len(RETRY_AFTER):
            rows.update(state=DeliveryState.FAILED, ended_at=now, error=failure.words)
            continue
        later = now + RETRY_AFTER[attempts - 1]
        decent = decent_moment(later, hours.calendar, hours.begins, hours.ends)
        urgent = rows.filter(notification__is_urgent=True).values_list("pk", flat=True)
        Delivery.objects.filter(pk__in=list(urgent)).update(
            state=DeliveryState.QUEUED, due_at=later, error=failure.words
        )
        rows.update(state=DeliveryState.QUEUED, due_at=decent, error=failure.words)


@transaction.atomic
def rescue_deliveries(*, now: datetime) -> int:
    """Queue again what a worker that died had claimed; what was lost four times is for people to look at."""
    lost = Delivery.objects.filter(state=DeliveryState.SENDING, claimed_at__lt=now - LOST_AFTER)
    given_up = lost.filter(attempts__gt=len(RETRY_AFTER)).update(
        state=DeliveryState.FAILED, ended_at=now, error="发送多次中断"
    )
    return given_up + lost.update(state=DeliveryState.QUEUED, due_at=now, error="发送中断，重新排队")


@transaction.atomic
def retry_delivery(delivery: Delivery, *, by: User, now: datetime) -> None:
    """Once more from the start: four attempts, at a decent hour."""
    if bars := bar_to_retry(by, delivery.organization_id, timezone.localdate(now)):
        raise Refused(bars)
    if not delivery.channel.is_on:
        raise Refused(f"通道“{delivery.channel.name}”没有启用，重发也发不出去。请系统管理员先启用。")
    if not _requeue(Delivery.objects.filter(pk=delivery.pk), now):
        raise Refused("这条消息已重新排队或已送达，请刷新页面。")
    words = f"将发给{delivery.person.name}的消息重新排队（{delivery.channel.name}）"
    record("retry_delivery", words, by=by, now=now, organization=delivery.organization_id, subject=delivery)


@transaction.atomic
def retry_all_deliveries(organization: Organization, *, by: User, now: datetime) -> int:
    """How many; not those of channels that are off, which would only be withdrawn."""
    if bars := bar_to_retry(by, organization.pk, timezone.localdate(now)):
        raise Refused(bars)
    count = _requeue(Delivery.objects.filter(organization=organization), now)
    if count:
        record("retry_delivery", f"将 {count} 条未送达的消息重新排队", by=by, now=now, organization=organization)
    return count


def _requeue(deliveries: "QuerySet[Delivery]", now: datetime) -> int:
    failed = deliveries.filter(state=DeliveryState.FAILED, channel__is_on=True)
    return failed.update(state=DeliveryState.QUEUED, attempts=0, due_at=now, ended_at=None, error="")


def test_channel(channel: Channel, *, by: User, now: datetime) -> str:
    """Send a word to the group, or to the SYSADMIN himself; '' or what went wrong. Waits for the answer, so that no
    transaction may be open meanwhile."""
    if bars := bar_to_set_up(by, channel.organization_id, timezone.localdate(now)):
        raise Refused(bars)
    try:
        send(channel, by, Message("【督查督办】通道测试", (f"这是一条测试消息，由{by.name}发出。",)), now=now)
        error = ""
    except DeliveryFailed as failure:
        error = failure.words
    _record_test(channel, error, by=by, now=now)
    return error


@transaction.atomic
def _record_test(channel: Channel, error: str, *, by: User, now: datetime) -> None:
    Channel.objects.filter(pk=channel.pk).update(tested_at=now, test_error=error)
    words = f"测试消息通道“{channel.name}”：{error or '成功'}"
    record("test_channel", words, by=by, now=now, organization=channel.organization_id, subject=channel)
