"""Calendar feeds: a secret link for oneself, shown once, ended by hand; only its digest is kept."""

from datetime import datetime
from hashlib import sha256
from secrets import token_urlsafe

from django.db import transaction
from django.utils import timezone

from accounts.actions.recording import record
from accounts.models import Organization, User
from accounts.standing import standing_of
from cppcc_office.lib.errors import Refused, Stale
from tasks.models import CalendarFeed


def digest_of(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()


@transaction.atomic
def create_feed(user: User, *, now: datetime) -> tuple[CalendarFeed, str]:
    """A new link, and its secret, which is kept nowhere in clear. The link before it ends: one is enough, and one who
    asks for another may have lost the first."""
    user = User.objects.select_for_update().get(pk=user.pk)  # held, so that two made at once are not one too many
    home = standing_of(user, today=timezone.localdate(now)).home_id
    if home is None:
        raise Refused(["您现在没有任职，没有可以订阅的到期事项"])
    CalendarFeed.objects.filter(user=user, revoked_at=None).update(revoked_at=now)
    secret = token_urlsafe(32)
    organization = Organization.objects.get(pk=home)
    feed = CalendarFeed(user=user, organization=organization, digest=digest_of(secret), created_at=now)
    feed.save(force_insert=True)
    record("create_feed", f"{user.name}建立日程订阅链接", by=user, now=now, organization=home, subject=feed)
    return feed, secret


@transaction.atomic
def revoke_feed(feed: CalendarFeed, *, now: datetime) -> None:
    """End it at once; of two presses one ends it."""
    if not CalendarFeed.objects.filter(pk=feed.pk, revoked_at=None).update(revoked_at=now):
        raise Stale("日程订阅链接")
    feed.revoked_at = now
    words = f"{feed.user.name}撤销日程订阅链接"
    record("revoke_feed", words, by=feed.user, now=now, organization=feed.organization_id, subject=feed)
