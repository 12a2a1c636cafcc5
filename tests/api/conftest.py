"""What tests of the API ask for: a small office at work, and clients that speak JSON."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import time_machine
from django.core.cache import cache
from django.test import Client

from accounts.actions.tokens import create_token
from accounts.models import User
from tests.cast import NOW
from tests.tasks.company import Company, make_company


@dataclass
class JsonClient:
    """Somebody's program: a token, JSON in, JSON out."""

    user: User | None = None
    client: Any = None
    headers: dict[str, str] | None = None

    def __post_init__(self) -> None:
        self.client = Client()
        self.headers = {}
        if self.user is not None:
            token = create_token(self.user, name="办公平台", now=NOW)
            self.headers = {"Authorization": f"Token {token.text}"}

    def get(self, url: str, **query: Any) -> Any:
        return self.client.get(url, query, headers=self.headers)

    def post(self, url: str, **body: Any) -> Any:
        return self.client.post(url, body, content_type="application/json", headers=self.headers)

    def delete(self, url: str) -> Any:
        return self.client.delete(url, headers=self.headers)


@pytest.fixture
def company(db: None) -> Iterator[Company]:
    cache.clear()  # how often somebody tried is remembered there
    with time_machine.travel(NOW):
        yield make_company()
