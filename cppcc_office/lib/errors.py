"""How an action says no. Outer handlers turn these into a page or a JSON answer of status 409."""

from collections.abc import Sequence
from dataclasses import dataclass


class Refused(Exception):
    """The action may not be done. `reasons` are whole Chinese sentences for the person who asked."""

    def __init__(self, reasons: Sequence[str] | str) -> None:
        self.reasons = [reasons] if isinstance(reasons, str) else list(reasons)
        super().__init__("；".join(self.reasons))


@dataclass(frozen=True)
class Change:
    """One thing somebody else changed meanwhile."""

    what: str
    old: str
    new: str
    by: str = ""
    at: str = ""


class Stale(Exception):
    """Somebody acted first. `changes` tell what is different from what the page showed; nothing was written.

    `version` is the one to act against after having read them; None when there is nothing left to act on.
    """

    def __init__(self, subject: str, changes: Sequence[Change] = (), *, version: int | None = None) -> None:
        self.subject = subject
        self.changes = list(changes)
        self.version = version
        super().__init__(f"{subject}已被他人改动")
