"""Tokens of the API: made for oneself, shown once, ended by hand, by time, or with the password they stood for."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from knox.models import get_digest_token

from accounts.actions.recording import record
from accounts.models import ApiToken, User
from accounts.rules import bar_to_create_token
from accounts.standing import standing_of
from cppcc_office.lib.errors import Refused, Stale

LASTS = timedelta(days=90)  # as long as a password


@transaction.atomic
def create_token(user: User, *, name: str, now: datetime) -> ApiToken:
    """A new token of one's own; its `text` is kept nowhere in clear."""
    # Held, so that two made at once are not one too many.
    user = User.objects.select_for_update().get(pk=user.pk)
    ApiToken.objects.filter(user=user, expiry__lte=now).delete()
    if bars := bar_to_create_token(user):
        raise Refused(bars)
    digest, text = get_digest_token()
    token = ApiToken(user=user, name=name.strip() or "接口", digest=digest, token_key=text[:15])
    token.created, token.expiry = now, now + LASTS
    token.save(force_insert=True)
    token.text = text
    words = f"{user.name}建立接口令牌“{token.name}”（{token.token_key}…），{timezone.localdate(token.expiry)} 到期"
    _record("create_token", words, token, now=now)
    return token


@transaction.atomic
def revoke_token(token: ApiToken, *, now: datetime) -> None:
    """End it at once; of two presses one ends it."""
    if not ApiToken.objects.filter(pk=token.pk).delete()[0]:
        raise Stale("这个令牌")
    _record("revoke_token", f"{token.user.name}撤销接口令牌“{token.name}”（{token.token_key}…）", token, now=now)


def revoke_tokens_of(user: User) -> None:
    """With a new password, or without the account, what was handed out under the old one is void. The event is that of
    the act itself."""
    ApiToken.objects.filter(user=user).delete()


def _record(verb: str, words: str, token: ApiToken, *, now: datetime) -> None:
    home = standing_of(token.user, today=timezone.localdate(now)).home_id
    record(verb, words, by=token.user, now=now, organization=home, subject=token)
