"""The 销号台账: accepted close-outs and their sums."""

from datetime import date

from django.db.models import Count, F, Q, QuerySet

from accounts.models import User
from tasks.enums import CloseOutState, Effect
from tasks.models import CloseOut, Project

LATE = Q(due_on__isnull=False, requested_on__gt=F("due_on"))  # as `CloseOut.days_late`: the clock stops at the request


def close_outs_for(user: User, today: date) -> QuerySet[CloseOut]:
    """The accepted ones of the projects this person finds in the ledger, the latest first."""
    seen = Project.objects.visible_to(user, today).order_by()
    return (
        CloseOut.objects.filter(state=CloseOutState.ACCEPTED, project__in=seen)
        .select_related("project__key_task__category", "project__lead_division", "decided_by")
        .order_by("-closed_on", "-id")
    )


def totals_of(close_outs: QuerySet[CloseOut]) -> dict[str, int]:
    """`total`, `in_time`, `late` and one count per effect, over the whole list and not only its page."""
    effects = {effect.value: Count("id", filter=Q(effect=effect)) for effect in Effect}
    counts: dict[str, int] = close_outs.order_by().aggregate(
        total=Count("id"), late=Count("id", filter=LATE), **effects
    )
    return counts | {"in_time": counts["total"] - counts["late"]}


def years_of(close_outs: QuerySet[CloseOut]) -> list[int]:
    return [day.year for day in close_outs.order_by().dates("closed_on", "year", order="DESC")]
