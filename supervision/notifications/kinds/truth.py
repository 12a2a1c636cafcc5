"""What is about to leave the house and no longer tells the truth."""

from collections.abc import Container, Iterable
from datetime import date

from accounts.models import User
from supervision.notifications.enums import Reason
from supervision.notifications.kinds.registry import kind_of
from supervision.notifications.models import Channel, Delivery
from tasks.enums import ENDED_STATES, ProjectState
from tasks.models import Project

OVER = (ProjectState.CLOSED, *ENDED_STATES)


def untrue(deliveries: Iterable[Delivery], channel: Channel, today: date) -> dict[int, str]:
    """Which of these are not to be sent any more, and why."""
    rows = list(deliveries)
    people: dict[int, User] = {}
    for row in rows:  # one object each, so that what a person is today is asked once
        row.notification.person = row.person = people.setdefault(row.person_id, row.person)
    readable = _readable(rows, people, today)
    reasons = {row.pk: _why_not(row, channel, readable, today) for row in rows}
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


def _why_not(delivery: Delivery, channel: Channel, readable: Container[tuple[int, int]], today: date) -> str:
    notification, person = delivery.notification, delivery.person
    kind, project = kind_of(notification.kind), notification.project
    if not channel.is_on:
        return "通道已停用"
    if channel.is_personal and notification.read_at is not None:
        return "已在系统内阅读"
    if not person.is_active:
        return "人员已停用"
    if project is not None and kind.reason in (Reason.TURN, Reason.DEADLINE) and project.state in OVER:
        return "项目已办结"
    if kind.still_true is not None and not kind.still_true(notification, today):
        return "事项已办理或已变更"
    may_read = kind.is_for_all_concerned or project is None or (person.pk, project.pk) in readable
    return "" if may_read else "已无权查看该项目"
