"""Rules for passwords beyond Django's own (等保2.0, practice.md 9.1)."""

from django.core.exceptions import ValidationError

from accounts.models import User


class MixedKindsValidator:
    """At least three of: capitals, small letters, digits, other signs."""

    def validate(self, password: str, user: User | None = None) -> None:
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
