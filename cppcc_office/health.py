"""What a load balancer or a supervisor asks: is the database there, and does the background work go on."""

from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse
from django.utils import timezone

# Six ticks missed. A busy worker may be late by one or two.
LATE_AFTER = timedelta(seconds=60)


def healthz(_request: HttpRequest) -> JsonResponse:
    """Status 503 only without a database: pages can be read while the background process is down."""
    database = database_answers()
    return JsonResponse(
        {"database": "ok" if database else "unreachable", "background": background_state(timezone.now())},
        status=200 if database else 503,
        headers={"Cache-Control": "no-store"},
    )


def database_answers() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return False
    return True


def background_state(now: datetime) -> str:
    try:
        ticked_at = datetime.fromtimestamp(settings.HEARTBEAT_FILE.stat().st_mtime, tz=UTC)
    except FileNotFoundError:
        return "never"
    return "ok" if now - ticked_at <= LATE_AFTER else "late"
