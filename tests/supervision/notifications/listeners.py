"""Real little servers on this machine: one that takes mail, one that takes JSON posts."""

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.header import decode_header, make_header
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import Envelope


@dataclass
class Mailbox:
    """What came in. `answer`: what the server says to each recipient."""

    port: int = 0
    answer: str = "250 OK"
    asks_passwords: bool = False
    mails: list[tuple[str, str, str]] = field(default_factory=list)  # to, subject, text

    async def handle_RCPT(self, *given: Any) -> str:  # noqa: N802 (the library's name)
        _, _, envelope, address, _ = given
        if self.answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.answer

    async def handle_DATA(self, *given: Any) -> str:  # noqa: N802 (the library's name)
        envelope: Envelope = given[2]
        mail = message_from_bytes(envelope.content if isinstance(envelope.content, bytes) else b"")
        subject = str(make_header(decode_header(mail["Subject"])))
        payload = mail.get_payload(decode=True)
        text = payload.decode().replace("\r\n", "\n") if isinstance(payload, bytes) else ""
        self.mails += [(address, subject, text) for address in envelope.rcpt_tos]
        return "250 OK"


@contextmanager
def mail_box(**fields: Any) -> Iterator[Mailbox]:
    box = Mailbox(**fields)
    with socket.create_server(("127.0.0.1", 0)) as free:
        box.port = free.getsockname()[1]
    controller = Controller(box, hostname="127.0.0.1", port=box.port, auth_require_tls=not box.asks_passwords)
    controller.start()
    try:
        yield box
    finally:
        controller.stop()


@dataclass
class Hook:
    """What was posted, and what it answers."""

    status: int = 200
    answer: Any = field(default_factory=lambda: {"errcode": 0, "code": 0})
    url: str = ""
    posts: list[tuple[str, Any]] = field(default_factory=list)  # path, body

    @property
    def texts(self) -> list[str]:
        return [
            body.get("text", {}).get("content") if isinstance(body.get("text"), dict) else "" for _, body in self.posts
        ]


@contextmanager
def hook(**fields: Any) -> Iterator[Hook]:
    told = Hook(**fields)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            told.posts.append((self.path, json.loads(body)))
            answer = told.answer if isinstance(told.answer, bytes) else json.dumps(told.answer).encode()
            self.send_response(told.status)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    told.url = f"http://127.0.0.1:{server.server_port}/cgi-bin/webhook/send?key=very-secret"
    try:
        yield told
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
