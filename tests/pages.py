"""A net under the pages: a test client that reads every HTML reply as a strict browser would."""

import re
from functools import lru_cache
from html.parser import HTMLParser
from typing import Any

from django.http.response import HttpResponse, HttpResponseBase
from django.test import Client
from django.urls import Resolver404

# Elements whose text is what somebody typed.
TYPED = {"textarea", "pre", "code"}
# Against forged requests, another one in every reply.
TOKEN = re.compile(r"\b[A-Za-z0-9]{64}\b")


class PageReader(HTMLParser):
    """Collects what no page of ours may contain."""

    def __init__(self) -> None:
        super().__init__()
        self.faults: list[str] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.open.append(tag)
        if tag == "html" and not given.get("lang"):
            self.faults.append("<html> without lang")
        if tag == "style":
            self.faults.append("inline <style>")
        if tag == "script" and "src" not in given and given.get("type") != "application/json":
            self.faults.append("inline <script>")
        if tag == "img" and given.get("alt") is None:
            self.faults.append(f"<img src={given.get('src')}> without alt")
        for name, value in attrs:
            if name == "style":
                self.faults.append(f"<{tag} style={value!r}>")
            if name.startswith("on"):
                self.faults.append(f"handler {name} in <{tag}>")
            if (value or "").strip().lower().startswith("javascript:"):
                self.faults.append(f"javascript: in <{tag} {name}>")
            if name != "value":
                self.look_for_template_marks(value or "", f"<{tag} {name}>")

    def handle_endtag(self, tag: str) -> None:
        while tag in self.open and self.open.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] in TYPED:
            return
        self.look_for_template_marks(data, f"<{self.open[-1] if self.open else ''}>")
        if data.strip() == "None":
            self.faults.append(f"the word None in <{self.open[-1] if self.open else ''}>")

    def look_for_template_marks(self, text: str, where: str) -> None:
        if "{{" in text or "{%" in text:
            self.faults.append(f"unrendered template mark in {where}: {text.strip()[:60]!r}")


def faults_of(html: str) -> list[str]:
    return [*faults_of_words(TOKEN.sub("", html))]


@lru_cache(maxsize=128)
def faults_of_words(html: str) -> tuple[str, ...]:
    """Remembers the last pages: that there is nothing here is told in the same words a thousand times."""
    reader = PageReader()
    reader.feed(html)
    reader.close()
    return tuple(reader.faults)


def is_of_admin(response: Any) -> bool:
    try:
        return bool(response.resolver_match) and "admin" in response.resolver_match.app_names
    except Resolver404:  # Django looks the address up only now; the page for a wrong one is ours
        return False


class CheckingClient(Client):
    """Django's test client; any HTML reply outside the admin must be clean, whatever its status."""

    def request(self, **request: Any) -> Any:
        response: HttpResponseBase = super().request(**request)
        is_page = response.headers.get("Content-Type", "").startswith("text/html")
        if is_page and isinstance(response, HttpResponse) and not is_of_admin(response):
            faults = faults_of(response.content.decode())
            assert not faults, f"{request.get('PATH_INFO')}: {'; '.join(faults)}"
        return response
