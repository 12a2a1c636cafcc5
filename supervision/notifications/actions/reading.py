"""Reading one's messages, and how one wishes to be told. No event: work is recorded, never the use of the program."""

from collections.abc import Collection, Mapping
from datetime import datetime, time

from django.db import transaction

from accounts.models import User
from cppcc_office.lib.errors import Refused
from supervision.notifications.enums import ChannelKind, Reason
from supervision.notifications.kinds.registry import all_kinds
from supervision.notifications.kinds.ways import goes_by_default
from supervision.notifications.models import ChannelWish, DigestTime, MutedKind, Notification


@transaction.atomic
def mark_read(notification: Notification, *, by: User, now: datetime) -> None:
    """Once: the moment of the first reading stays."""
    Notification.objects.filter(pk=notification.pk, person=by, read_at=None).update(read_at=now)


@transaction.atomic
def mark_all_read(*, by: User, until: int, now: datetime, reason: Reason | None = None) -> int:
    """All up to the newest that the page showed; what came in meanwhile stays unread."""
    rows = Notification.objects.filter(person=by, read_at=None, pk__lte=until)
    if reason is not None:
        rows = rows.filter(reason=reason)
    return rows.update(read_at=now)


@transaction.atomic
def set_wishes(
    *, by: User, ways: Mapping[tuple[Reason, ChannelKind], bool], muted: Collection[str], digest_at: time | None
) -> None:
    """What is the same as declared is no wish: the person then follows the declaration, also where it changes."""
    if set(muted) - {kind.code for kind in all_kinds() if kind.may_be_muted}:
        raise Refused("等我办理和期限提醒不能关闭，请只选列出的种类。")
    for (reason, way), is_wanted in ways.items():
        wish = ChannelWish.objects.filter(user=by, reason=reason, channel_kind=way)
        if is_wanted == goes_by_default(reason, way):
            wish.delete()
        else:
            ChannelWish.objects.update_or_create(
                user=by, reason=reason, channel_kind=way, defaults={"is_wanted": is_wanted}
            )
    MutedKind.objects.filter(user=by).exclude(kind__in=muted).delete()
    MutedKind.objects.bulk_create([MutedKind(user=by, kind=code) for code in sorted(muted)], ignore_conflicts=True)
    if digest_at is None:
        DigestTime.objects.filter(user=by).delete()
    else:
        DigestTime.objects.update_or_create(user=by, defaults={"at": digest_at})
