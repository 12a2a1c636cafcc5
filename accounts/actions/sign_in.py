"""Coming in, going out, and changing one's own password."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.auth import authenticate
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from accounts.actions.recording import record
from accounts.actions.tokens import revoke_tokens_of
from accounts.enums import Outcome
from accounts.models import SignInFailure, User
from accounts.names import login_name
from accounts.standing import standing_of
from cppcc_office.lib.errors import Refused, Stale

# 等保2.0, 身份鉴别: limited tries, regular change.
TRIES = 5
LOCKED_FOR = timedelta(minutes=20)
PASSWORD_LASTS = timedelta(days=90)


@dataclass(frozen=True)
class SignInAnswer:
    """Who came in, or the sentence for whoever did not."""

    user: User | None
    sentence: str = ""


def sign_in(username: str, *, password: str, now: datetime) -> SignInAnswer:
    """Check name and password; five wrong ones in a row lock the name for 20 minutes, known or unknown alike.

    The answer is returned, not raised, and this is no single transaction: a refusal must not undo its own count.
    """
    name = login_name(username)[:40]
    # The try is counted before the password is looked at, so that a hundred guesses at once are five guesses.
    if not _claim_a_try(name, now=now):
        sentence = _locked_sentence(name, now=now)
        _record_refusal(name, f"登录名“{name}”已锁定，登录被拒绝", now=now)
        return SignInAnswer(None, sentence)
    user = authenticate(username=name, password=password)
    if not isinstance(user, User):
        _record_refusal(name, f"以登录名“{name}”登录，密码或登录名不对", now=now)
        left = TRIES - SignInFailure.objects.filter(username=name).values_list("failures", flat=True)[0]
        if left <= 0:
            return SignInAnswer(None, _locked_sentence(name, now=now))
        return SignInAnswer(None, f"登录名或密码不对，请重新输入；再错 {left} 次将锁定 20 分钟。")
    _let_in(user, name, now=now)
    return SignInAnswer(user)


def _claim_a_try(name: str, *, now: datetime) -> bool:
    rows = SignInFailure.objects.filter(username=name)
    if rows.filter(last_at__lte=now - LOCKED_FOR).update(failures=1, last_at=now):
        return True
    if rows.filter(failures__lt=TRIES).update(failures=F("failures") + 1, last_at=now):
        return True
    _, created = SignInFailure.objects.get_or_create(username=name, defaults={"failures": 1, "last_at": now})
    # Not created: either locked, or somebody else's first try came between the two looks.
    return created or bool(rows.filter(failures__lt=TRIES).update(failures=F("failures") + 1, last_at=now))


def _locked_sentence(name: str, *, now: datetime) -> str:
    row = SignInFailure.objects.filter(username=name).first()
    until = timezone.localtime((row.last_at if row else now) + LOCKED_FOR)
    return f"连续输错 {TRIES} 次，此登录名已锁定，请于 {until:%H:%M} 后再试，或请系统管理员重置密码。"


def _record_refusal(name: str, words: str, *, now: datetime) -> None:
    known = User.objects.filter(username=name).first()
    home = standing_of(known, today=timezone.localdate(now)).home_id if known else None
    # `by` stays empty: who typed this is just what is not known.
    record("sign_in", words, by=None, now=now, organization=home, subject=known, outcome=Outcome.REFUSED)


@transaction.atomic
def _let_in(user: User, name: str, *, now: datetime) -> None:
    SignInFailure.objects.filter(username=name).delete()
    # Names that nobody has guessed at for long need not be remembered.
    SignInFailure.objects.filter(last_at__lt=now - timedelta(days=1)).delete()
    changed_at = user.password_changed_at or user.created_at
    if not user.must_change_password and now - changed_at > PASSWORD_LASTS:
        user.must_change_password = True
        user.save(update_fields=["must_change_password"])
    home = standing_of(user, today=timezone.localdate(now)).home_id
    record("sign_in", f"{user.name}登录", by=user, now=now, organization=home, subject=user)


@transaction.atomic
def sign_out(user: User, *, now: datetime) -> None:
    home = standing_of(user, today=timezone.localdate(now)).home_id
    record("sign_out", f"{user.name}退出", by=user, now=now, organization=home, subject=user)


@transaction.atomic
def change_password(user: User, *, old: str, new: str, now: datetime) -> None:
    """Set one's own password; other browsers signed in with the old one are out, and its tokens are void."""
    if not user.check_password(old):
        raise Refused("原密码不对，请重新输入。")
    if old == new:
        raise Refused("新密码不能与原密码相同，请另设一个。")
    try:
        validate_password(new, user)
    except ValidationError as error:
        raise Refused(error.messages) from error
    seen = user.password
    user.set_password(new)
    changed = User.objects.filter(pk=user.pk, password=seen).update(
        password=user.password, must_change_password=False, password_changed_at=now
    )
    if not changed:
        raise Stale("您的密码")
    user.must_change_password = False
    user.password_changed_at = now
    revoke_tokens_of(user)
    home = standing_of(user, today=timezone.localdate(now)).home_id
    record("change_password", f"{user.name}修改密码", by=user, now=now, organization=home, subject=user)
