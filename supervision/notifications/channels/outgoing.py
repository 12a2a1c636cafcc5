"""What is handed to a channel, and how it says that it could not be delivered."""

from collections.abc import Callable
from dataclasses import dataclass

MORE = "另有 {} 条，请登录查看"


@dataclass(frozen=True)
class Message:
    """One message, however many things it tells. `lines` are whole sentences."""

    subject: str
    lines: tuple[str, ...]
    link: str = ""  # the office's own address, where it is known
    mark: str = ""  # of this one sending: what came twice can be told from two messages


class DeliveryFailed(Exception):
    """`words` tell the office what went wrong, without any address or secret.

    `for_good`: trying again is no use. `of_recipient`: it says nothing of what would become of another's message.
    """

    def __init__(self, words: str, *, for_good: bool = False, of_recipient: bool = False) -> None:
        self.words = words
        self.for_good = for_good
        self.of_recipient = of_recipient
        super().__init__(words)


_BAD_REQUEST, _SERVER_ERROR = 400, 500
_MAY_BE_TRIED_AGAIN = (401, 403, 404, 408, 425, 429)  # set up wrong, or too much at once: it may come right


def answered(status: int) -> DeliveryFailed:
    """A status that does not say: taken."""
    for_good = _BAD_REQUEST <= status < _SERVER_ERROR and status not in _MAY_BE_TRIED_AGAIN
    return DeliveryFailed(f"对方答复 {status}", for_good=for_good, of_recipient=for_good)


def text_of(message: Message, *, fits: Callable[[str], bool]) -> str:
    """All of it, or as many lines as fit and how many more there are."""
    for shown in range(len(message.lines), -1, -1):
        left = len(message.lines) - shown
        tail = [MORE.format(left)] if left else []
        link = [message.link] if message.link else []
        text = "\n".join([message.subject, *message.lines[:shown], *tail, *link])
        if fits(text):
            return text
    return message.subject
