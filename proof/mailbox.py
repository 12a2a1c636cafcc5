"""A mail server that takes its time and remembers what it accepted, and from whom."""

import asyncio
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from typing import Any

from aiosmtpd.controller import Controller

from tests.machine import free_port

_MARK = re.compile(r"([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})@")


@dataclass(frozen=True)
class Mail:
    to: str
    batch: str  # which claim it was sent for, from its Message-ID
    subject: str


@dataclass
class Mailbox:
    """`before_answer` is called with the sender's port while a message lies here and is not yet answered."""

    seconds: float = 0.0
    mails: list[Mail] = field(default_factory=list)
    before_answer: Callable[[int], None] | None = None

    def __post_init__(self) -> None:
        self.port = free_port()
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port)
        self._lock = threading.Lock()

    def start(self) -> None:
        self._controller.start()

    def stop(self) -> None:
        self._controller.stop()

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: ARG002, N802 (the library's name and call)
        message = message_from_bytes(envelope.content, policy=policy.default)
        found = _MARK.search(str(message["Message-ID"]))
        mail = Mail(envelope.rcpt_tos[0], found.group(1) if found else "", str(message["Subject"]))
        with self._lock:  # accepted: whoever does not hear the answer any more has sent it all the same
            self.mails.append(mail)
            told, self.before_answer = self.before_answer, None
        if told is not None:
            told(int(session.peer[1]))
        await asyncio.sleep(self.seconds)
        return "250 OK"
