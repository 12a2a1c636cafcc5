"""Texts that lie encrypted: no dump tells them, only a known key opens them, and an unknown one destroys nothing."""

from typing import Any

import pytest

from cppcc_office.lib.locked import LockedTextField, Unreadable, lock, unlock

SECRET = "https://chat.test/send?key=c0de 密码"
FIELD = LockedTextField()


def stored(text: str) -> str:
    return str(FIELD.get_prep_value(text))


def test_what_is_stored_does_not_tell_and_is_another_each_time() -> None:
    first, second = stored(SECRET), stored(SECRET)

    assert "c0de" not in first
    assert first != second
    assert FIELD.from_db_value(first) == FIELD.from_db_value(second) == SECRET


@pytest.mark.parametrize("nothing", ["", None])
def test_nothing_stays_nothing(nothing: str | None) -> None:
    assert FIELD.get_prep_value(nothing) == nothing
    assert FIELD.from_db_value(nothing) == nothing


def test_a_former_key_still_opens_and_the_new_one_locks(settings: Any) -> None:
    old = lock(SECRET)
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "new-key-" * 8
    opened, new = unlock(old), lock(SECRET)
    settings.SECRET_KEY_FALLBACKS = []

    assert opened == SECRET
    assert not isinstance(opened, Unreadable)
    assert unlock(new) == SECRET
    assert isinstance(unlock(old), Unreadable)


def test_what_cannot_be_read_is_saved_as_it_is_and_read_again_with_its_key(settings: Any) -> None:
    key, old = settings.SECRET_KEY, lock(SECRET)
    settings.SECRET_KEY = "new-key-" * 8
    lost = unlock(old)
    kept = stored(lost)
    settings.SECRET_KEY = key

    assert kept == old
    assert unlock(kept) == SECRET


@pytest.mark.parametrize("odd", ["plain text", "gAAAAA", "密码"])
def test_what_was_never_locked_is_unreadable_too(odd: str) -> None:
    assert isinstance(unlock(odd), Unreadable)
