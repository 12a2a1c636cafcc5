"""Half an hour without a person ends a session, also where a page left open asks the server by itself."""

from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers

# What a page asks again and again, whether anybody sits before it or not.
ASKED_BY_ITSELF = frozenset({"inbox-count", "exports-progress", "import-progress", "cycle-run-state"})


class IdleMiddleware(SessionMiddleware):
    """Django's own, with `SESSION_SAVE_EVERY_REQUEST`, except that such an answer puts off no end."""

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        match = request.resolver_match
        if match is not None and match.url_name in ASKED_BY_ITSELF and not request.session.modified:
            patch_vary_headers(response, ("Cookie",))
            return response
        return super().process_response(request, response)
