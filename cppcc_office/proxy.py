"""Whom a request comes from when a proxy of ours stands in front."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse


class ProxyMiddleware:
    """With BEHIND_PROXY=1 the sender is who the nearest proxy says; else nobody may claim another address."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        forwarded = request.headers.get("X-Forwarded-For", "")
        if settings.BEHIND_PROXY and forwarded:
            # The last one was added by our proxy; those before it are the sender's own words.
            request.META["REMOTE_ADDR"] = forwarded.rsplit(",", 1)[-1].strip()
        return self.get_response(request)
