"""Writing down what was refused, after the action's transaction has rolled back."""

import json

from accounts.actions.recording import record
from accounts.enums import Outcome
from accounts.http import ClockedRequest
from accounts.models import User
from accounts.standing import standing_of
from cppcc_office.lib.errors import Refused, Stale


def record_refusal(request: ClockedRequest, exception: Refused | Stale) -> str:
    """One event of what was tried and why it was not done; returns the words."""
    name = request.resolver_match.url_name if request.resolver_match else ""
    kwargs = request.resolver_match.kwargs if request.resolver_match else {}
    words = "；".join(exception.reasons) if isinstance(exception, Refused) else str(exception)
    user = request.user if isinstance(request.user, User) else None
    record(
        str(name or "")[:40],
        words,
        by=user,
        now=request.now,
        organization=standing_of(user, today=request.today).home_id if user else None,
        outcome=Outcome.REFUSED,
        after={"url": json.loads(json.dumps(kwargs, default=str))},
    )
    return words
