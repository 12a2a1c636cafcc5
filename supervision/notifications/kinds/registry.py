"""What there is to be told: each kind is declared once, by the app it comes from, and registered when that app starts."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date

from accounts.models import Event
from supervision.notifications.enums import ChannelKind, Reason
from supervision.notifications.models import Notification

BY_EMAIL = frozenset({ChannelKind.EMAIL})
NO_CHANNEL: frozenset[ChannelKind] = frozenset()
_NEVER_MUTED = (Reason.TURN, Reason.DEADLINE)


@dataclass(frozen=True)
class Kind:
    """`channels` are the ways to a person who wishes nothing else; the inbox always has it, robots take what their row says.

    A kind with `verbs` is told by the relay of events: `concerned` names who, of those that may see, is told on that day,
    and `templates/notifications/kinds/<code>.txt` says it. Any other kind is told by the app that declares it, with `tell`.
    `still_true` is asked before anything leaves the house; what no longer holds is withdrawn.
    """

    code: str
    label: str
    reason: Reason
    may_be_muted: bool = False
    channels: frozenset[ChannelKind] = BY_EMAIL
    verbs: tuple[str, ...] = ()
    concerned: Callable[[Event, date], Iterable[int | None]] | None = None
    is_for_all_concerned: bool = False  # also for those who may no longer see the project; then without a link
    still_true: Callable[[Notification, date], bool] | None = None

    def __post_init__(self) -> None:
        if self.may_be_muted and self.reason in _NEVER_MUTED:
            raise ValueError(f"{self.code}: nobody mutes what waits for him")
        if bool(self.verbs) != (self.concerned is not None):
            raise ValueError(f"{self.code}: verbs and whom they concern go together")

    @property
    def template(self) -> str:
        return f"notifications/kinds/{self.code}.txt"


_kinds: dict[str, Kind] = {}


def register_kinds(*kinds: Kind) -> None:
    """Called at the end of an app's module `kinds`, which is loaded when the app starts; told twice it is one."""
    for kind in kinds:
        if _kinds.setdefault(kind.code, kind) != kind:
            raise ValueError(f"two kinds are called {kind.code}")


def kind_of(code: str) -> Kind:
    return _kinds[code]


def all_kinds() -> list[Kind]:
    """In the order in which they were declared."""
    return list(_kinds.values())


def kinds_for(verb: str) -> list[Kind]:
    return [kind for kind in _kinds.values() if verb in kind.verbs]


def told_verbs() -> set[str]:
    """Those that some kind answers to."""
    return {verb for kind in _kinds.values() for verb in kind.verbs}
