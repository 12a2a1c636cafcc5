"""Rules for passwords beyond Django's own (等保2.0), and passwords for a first log-in."""

import secrets

from django.contrib.auth.hashers import PBKDF2PasswordHasher, get_hasher
from django.core.exceptions import ValidationError

from accounts.models import User


class MixedKindsValidator:
    """At least three of: capitals, small letters, digits, other signs."""

    def validate(self, password: str, user: User | None = None) -> None:  # noqa: ARG002 (Django's signature)
        kinds = (
            any(c.isupper() for c in password),
            any(c.islower() for c in password),
            any(c.isdigit() for c in password),
            any(not c.isalnum() for c in password),
        )
        if sum(kinds) < 3:
            raise ValidationError(self.get_help_text(), code="too_few_kinds")

    def get_help_text(self) -> str:
        return "密码须含大写字母、小写字母、数字、符号中的三种。"


class NotOwnNameValidator:
    """A password does not hold the log-in name."""

    def validate(self, password: str, user: User | None = None) -> None:
        if user is not None and len(user.username) >= 3 and user.username.lower() in password.lower():
            raise ValidationError(self.get_help_text(), code="holds_own_name")

    def get_help_text(self) -> str:
        return "密码不能包含登录名。"


# Without the signs that look alike on paper: these passwords are read out and copied by hand.
_CAPITALS = "ABCDEFGHJKLMNPQRSTUVWXYZ"
_SMALL = "abcdefghijkmnpqrstuvwxyz"
_DIGITS = "23456789"


def temporary_password() -> str:
    """Twelve random signs in three groups, for the first log-in only: about 68 bits."""
    while True:
        signs = [secrets.choice(_CAPITALS + _SMALL + _DIGITS) for _ in range(12)]
        if all(any(sign in kind for sign in signs) for kind in (_CAPITALS, _SMALL, _DIGITS)):
            return "-".join("".join(signs[i : i + 4]) for i in (0, 4, 8))


def encode_temporary(password: str) -> str:
    """The stored form of a temporary password.

    What is random needs no slow hash, and a list of some hundred people would take minutes with one;
    the first log-in encodes it anew, and the forced change replaces it.
    """
    hasher = get_hasher()
    if isinstance(hasher, PBKDF2PasswordHasher):
        return hasher.encode(password, hasher.salt(), iterations=20_000)
    return hasher.encode(password, hasher.salt())
