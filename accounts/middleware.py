"""The edge of the house: reads the clock, asks who it is, turns refusals into pages."""

from collections.abc import Callable
from typing import cast
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from accounts.actions.recording import coming_from
from accounts.http import ClockedRequest
from accounts.models import User
from accounts.refusals import record_refusal
from cppcc_office.lib.errors import Refused, Stale

GetResponse = Callable[[HttpRequest], HttpResponse]

# Pages for everybody; all others ask who it is (a test walks the URLs and compares).
PUBLIC_URL_NAMES = frozenset({"sign-in", "healthz", "feed"})
# What a person may still reach before the first password change.
BEFORE_PASSWORD_CHANGE = frozenset({"change-password", "sign-out", "healthz"})
SECRET_FIELDS = (
    "csrfmiddlewaretoken",
    "secret",
    "password",
    "old_password",
    "new_password1",
    "new_password2",
    "version",
)


_NOT_TYPED = ("csrfmiddlewaretoken", "version")


def typed_in(request: HttpRequest) -> list[tuple[str, str]]:
    """What a person filled in and posted, to be shown again."""
    pairs = ((key, value) for key, values in request.POST.lists() if key not in SECRET_FIELDS for value in values)
    return [(key, value) for key, value in pairs if value.strip()]


class ClockMiddleware:
    """`request.now` and `request.today`: one reading for the whole request; events inside carry the address."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        clocked = cast("ClockedRequest", request)
        clocked.now = timezone.now()
        clocked.today = timezone.localdate(clocked.now)
        with coming_from(request.META.get("REMOTE_ADDR", "")):
            return self.get_response(clocked)


class SignedInMiddleware:
    """Every page is private unless listed; a first log-in must change its password before anything else."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_: object) -> HttpResponse | None:
        name = request.resolver_match.url_name if request.resolver_match else None
        if name in PUBLIC_URL_NAMES or request.path.startswith("/api/"):  # the API asks for itself, and answers in JSON
            return None
        if not request.user.is_authenticated:
            if typed_in(request) and "HX-Request" not in request.headers:
                # The session ended while the form was being filled in: half an hour of writing must not be lost.
                back = urlsplit(request.META.get("HTTP_REFERER", "")).path or "/"
                context = {
                    "posted": typed_in(request),
                    "sign_in_url": f"{reverse('sign-in')}?{urlencode({'next': back})}",
                }
                return render(request, "errors/signed_out.html", context, status=403)
            response = redirect(settings.LOGIN_URL)
            if request.method == "GET" and request.path != "/":
                response["Location"] += "?" + urlencode({"next": request.get_full_path()})
            return response
        if isinstance(request.user, User) and request.user.must_change_password and name not in BEFORE_PASSWORD_CHANGE:
            return redirect("change-password")
        return None


class RefusalMiddleware:
    """Turns `Refused` and `Stale` into an answer of status 409 that keeps what was typed.

    The refusal is written down here, after the action's transaction has rolled back.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: ClockedRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, Refused | Stale):
            return None
        words = record_refusal(request, exception)
        context = {
            "posted": typed_in(request),
            "action_url": request.get_full_path(),
            "back_url": request.META.get("HTTP_REFERER", "/"),
        }
        if request.headers.get("Accept", "").startswith("application/json"):
            return JsonResponse({"reasons": [words]}, status=409)
        if isinstance(exception, Stale):
            context |= {
                "subject": exception.subject,
                "changes": exception.changes,
                "version": exception.version,
                "had_files": bool(request.FILES),
                "had_secrets": any(request.POST.get(name) for name in SECRET_FIELDS if name not in _NOT_TYPED),
            }
            return render(request, "errors/stale.html", context, status=409)
        return render(request, "errors/refused.html", context | {"reasons": exception.reasons}, status=409)
