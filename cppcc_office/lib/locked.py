"""Texts that lie encrypted in the database, so that whoever reads a dump of it learns none: passwords, secret addresses.

The key is derived from SECRET_KEY; texts of a former one are read with SECRET_KEY_FALLBACKS, as signatures are.
"""

import base64
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.db import models

if TYPE_CHECKING:
    TextField = models.TextField[str, str]
else:
    TextField = models.TextField  # takes no parameters when run

_PURPOSE = b"cppcc_office.lib.locked"  # another purpose gets another key from the same secret


class Unreadable(str):
    """Stands for a text that no key of today opens. It holds what is stored, so that saving it keeps it."""

    __slots__ = ()


class LockedTextField(TextField):
    """A text that is encrypted on its way into the database. The empty text stays empty: constraints may ask for that,
    and for nothing else, since the same text is stored differently each time."""

    def get_prep_value(self, value: Any) -> Any:
        value = super().get_prep_value(value)
        return lock(value) if value and not isinstance(value, Unreadable) else value

    def from_db_value(self, value: str | None, *_: Any) -> str | None:
        return unlock(value) if value else value


def lock(text: str) -> str:
    return _keys().encrypt(text.encode()).decode()


def unlock(stored: str) -> str:
    """The text; Unreadable where it was locked with a key that is not known any more."""
    try:
        return _keys().decrypt(stored.encode()).decode()
    except InvalidToken:
        return Unreadable(stored)


def _keys() -> MultiFernet:
    return _derived((settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS))


@lru_cache(maxsize=4)
def _derived(secrets: tuple[str, ...]) -> MultiFernet:
    """The first one locks, each unlocks."""
    derived = (HKDF(SHA256(), 32, salt=None, info=_PURPOSE).derive(secret.encode()) for secret in secrets)
    return MultiFernet([Fernet(base64.urlsafe_b64encode(key)) for key in derived])
