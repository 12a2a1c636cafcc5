"""The request as the middleware hands it on."""

from datetime import date, datetime

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

from accounts.models import User


class ClockedRequest(HttpRequest):
    """Every request: when it came, read off the clock once, by ClockMiddleware."""

    now: datetime
    today: date


class SignedInRequest(ClockedRequest):
    """Whom it is from, too."""

    user: User  # SignedInMiddleware lets nobody else pass
    htmx: HtmxDetails
