"""The request as views of signed-in people get it."""

from datetime import date, datetime

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

from accounts.models import User


class SignedInRequest(HttpRequest):
    """Whom it is from and when: the clock is read once, by the middleware."""

    user: User  # SignedInMiddleware lets nobody else pass
    today: date
    now: datetime
    htmx: HtmxDetails
