"""An office whose cycles have run since late September, on a working Friday after 国庆, and how its pages are asked for."""

import re

from django.urls import reverse

from accounts.models import User
from tests.pages import CheckingClient
from tests.supervision.cycles.turning import moment

SINCE = moment("2026-09-21T07:00")
NOW = moment("2026-10-09T10:00")  # before a worked Saturday
WEEKLY = {"label": "", "is_on": "on", "anchor": "FROM_END", "nth": "1", "at": "16:00", "lead_days": "1", "version": "1"}


def page(client: CheckingClient, user: User, name: str, *args: object, **query: str) -> str:
    client.force_login(user)
    reply = client.get(reverse(name, args=args), query)
    assert reply.status_code == 200
    return reply.content.decode()


def text_of(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))
