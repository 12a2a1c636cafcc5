"""What leaves the house, in words: never those of an instruction, and by robots and gateways nothing but numbers."""

from collections import Counter
from collections.abc import Iterable, Sequence

from django.conf import settings
from django.urls import reverse

from supervision.notifications.channels.outgoing import Message
from supervision.notifications.enums import ChannelKind, Reason
from supervision.notifications.kinds.registry import kind_of
from supervision.notifications.models import Channel, Delivery, Notification
from tasks.models import Project
from tasks.models.plan import INSTRUCTION

_REASONS = list(Reason)


def message_for(channel: Channel, deliveries: Sequence[Delivery]) -> Message:
    """All of these in one message, what waits for somebody first."""
    rows = sorted(
        (row.notification for row in deliveries), key=lambda row: (_REASONS.index(Reason(row.reason)), row.pk)
    )
    if channel.kind == ChannelKind.EMAIL:
        guarded = instructed(row.project_id for row in rows)
        lines = [_bare(row) if row.project_id in guarded else row.words for row in rows]
    elif channel.is_personal:
        lines = [_bare(row) for row in rows]
    else:
        lines = _of_a_group(rows)
    link = f"{settings.SITE_URL}{reverse('inbox')}" if settings.SITE_URL else ""
    return Message(_subject(rows), tuple(lines), link)


def instructed(project_ids: Iterable[int | None]) -> set[int]:
    """Those of the projects that follow from an instruction."""
    ids = {pk for pk in project_ids if pk is not None}
    classes = {"key_task__sources__source_class__name__contains": INSTRUCTION}
    return set(Project.objects.filter(pk__in=ids, **classes).order_by().values_list("pk", flat=True))


def _subject(rows: Sequence[Notification]) -> str:
    counted = Counter(Reason(row.reason) for row in rows)
    words = "、".join(f"{reason.label} {counted[reason]} 条" for reason in Reason if counted[reason])
    return f"【督查督办】{'【特急】' if any(row.is_urgent for row in rows) else ''}{words}"


def _bare(row: Notification) -> str:
    """Kind, number and counts."""
    number = f" {row.project.number}" if row.project and row.project.number else ""
    counts = "、".join(f"{label} {count}" for label, count in row.counts.items())
    return f"{kind_of(row.kind).label}{number}{'：' if counts else ''}{counts}"


def _of_a_group(rows: Sequence[Notification]) -> list[str]:
    """Each matter once, however many of the group were told; of what belongs to each alone, how many were told."""
    matters = dict.fromkeys((row.kind, row.project_id) for row in rows if row.project_id)
    numbers = {row.project_id: row.project.number for row in rows if row.project}
    lines = [f"{kind_of(kind).label} {numbers[project_id]}".strip() for kind, project_id in matters if project_id]
    alone = Counter(row.kind for row in rows if not row.project_id)
    return lines + [f"{kind_of(kind).label}：已告知 {count} 人" for kind, count in alone.items()]
