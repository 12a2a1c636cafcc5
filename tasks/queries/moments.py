"""Light and part of the figures as comparisons of dates, in SQL and in memory, on projects and on their revisions.

Both read only what `tasks.models.outlook` and the rows themselves keep, so a query set of `Project` tells today and
one of `ProjectRevision` any past day.
"""

from datetime import date

from django.db.models import Case, CharField, F, IntegerField, Q, Value, When
from django.db.models.functions import Coalesce

from tasks.enums import Bucket, ProjectState
from tasks.models.project import Project
from tasks.models.revision import ProjectRevision
from tasks.queries.outlook import is_extension_in_time

P = ProjectState
Line = Project | ProjectRevision

IN_TOTAL = ~Q(state__in=[P.DRAFT, P.CANCELLED])
_RUNNING = Q(state__in=[P.DISPATCHED, P.IN_PROGRESS])
_EXTENSION_IN_TIME = Q(extension_asked_on__isnull=False, extension_asked_on__lte=F("due_on"))
# 延期待批, asked for in time: whether the date holds is being decided (domain 4). Of projects and of milestones.
DATE_HOLDS = Q(extension_asked_on__isnull=True) | Q(extension_asked_on__gt=F("due_on"))
LIGHTS = ("red", "yellow", "blue", "green", "none", "done", "grey")  # trouble before waiting before normal


def _overdue(today: date) -> Q:
    """Own due date passed, no extension pending that was asked for in time."""
    return _RUNNING & Q(due_on__lt=today) & DATE_HOLDS


def _milestone_overdue(today: date) -> Q:
    return _RUNNING & Q(milestone_due_on__lt=today)


def _behind(today: date) -> Q:
    return Q(state=P.IN_PROGRESS, behind_on__lte=today)


def _due_soon(today: date) -> Q:
    return _RUNNING & (Q(warn_on__lte=today) | _EXTENSION_IN_TIME)


def bucket_case(today: date) -> Case:
    """The first part that fits; None for what belongs to no total (drafts and cancelled ones)."""
    closed_in_time = Q(due_on__gte=Coalesce("requested_on", "closed_on"))
    return Case(
        When(Q(state=P.CLOSED) & closed_in_time, then=Value(Bucket.ON_TIME.value)),
        When(state=P.CLOSED, then=Value(Bucket.LATE.value)),
        When(state=P.CARRIED_OVER, then=Value(Bucket.CARRIED_OVER.value)),
        When(state=P.SUSPENDED, then=Value(Bucket.SUSPENDED.value)),
        When(state=P.CLOSE_OUT_REQUESTED, then=Value(Bucket.VERIFYING.value)),
        When(~_RUNNING, then=Value(None)),
        When(_overdue(today), then=Value(Bucket.OVERDUE.value)),
        When(_milestone_overdue(today) | _behind(today), then=Value(Bucket.LAGGING.value)),
        When(_due_soon(today), then=Value(Bucket.DUE_SOON.value)),
        When(Q(state=P.IN_PROGRESS, on_pace_on__gt=today), then=Value(Bucket.AHEAD.value)),
        default=Value(Bucket.ON_PACE.value),
        output_field=CharField(null=True),
    )


def light_case(today: date) -> Case:
    return Case(
        When(state=P.DRAFT, then=Value("none")),
        When(state=P.CLOSED, then=Value("done")),
        When(state__in=[P.SUSPENDED, P.CANCELLED, P.CARRIED_OVER], then=Value("grey")),
        When(state=P.CLOSE_OUT_REQUESTED, then=Value("blue")),
        When(
            _overdue(today) | _milestone_overdue(today) | Q(state=P.IN_PROGRESS, far_behind_on__lte=today),
            then=Value("red"),
        ),
        When(
            _due_soon(today)
            | Q(milestone_warn_on__lte=today)
            | _behind(today)
            | Q(state=P.DISPATCHED, receive_by__lt=today),
            then=Value("yellow"),
        ),
        When(waits_since__isnull=False, then=Value("blue")),
        default=Value("green"),
        output_field=CharField(),
    )


def light_rank() -> Case:
    """To sort by, on top of an annotation `light`: the worst first."""
    whens = [When(light=code, then=Value(place)) for place, code in enumerate(LIGHTS)]
    return Case(*whens, output_field=IntegerField())


def bucket_of(line: Line, today: date) -> Bucket | None:
    """The same as `bucket_case` of a row in memory."""
    settled = {
        P.CARRIED_OVER: Bucket.CARRIED_OVER,
        P.SUSPENDED: Bucket.SUSPENDED,
        P.CLOSE_OUT_REQUESTED: Bucket.VERIFYING,
    }.get(P(line.state))
    if settled is not None:
        return settled
    if line.state == P.CLOSED:
        finished = line.requested_on or line.closed_on
        return Bucket.ON_TIME if line.due_on and finished and finished <= line.due_on else Bucket.LATE
    if line.state not in (P.DISPATCHED, P.IN_PROGRESS):
        return None
    runs = line.state == P.IN_PROGRESS
    in_time = is_extension_in_time(line)
    if line.due_on is not None and line.due_on < today and not in_time:
        return Bucket.OVERDUE
    if _came(line.milestone_due_on, today, strictly=True) or (runs and _came(line.behind_on, today)):
        return Bucket.LAGGING
    if in_time or _came(line.warn_on, today):
        return Bucket.DUE_SOON
    if runs and line.on_pace_on is not None and today < line.on_pace_on:
        return Bucket.AHEAD
    return Bucket.ON_PACE


def light_of(line: Line, today: date) -> str:
    """The same as `light_case` of a row in memory."""
    settled = {P.DRAFT: "none", P.CLOSED: "done", P.CLOSE_OUT_REQUESTED: "blue"}.get(P(line.state))
    if settled is None and line.state not in (P.DISPATCHED, P.IN_PROGRESS):
        settled = "grey"
    if settled is not None:
        return settled
    runs = line.state == P.IN_PROGRESS
    in_time = is_extension_in_time(line)
    if (
        (_came(line.due_on, today, strictly=True) and not in_time)
        or _came(line.milestone_due_on, today, strictly=True)
        or (runs and _came(line.far_behind_on, today))
    ):
        return "red"
    if (
        in_time
        or _came(line.warn_on, today)
        or _came(line.milestone_warn_on, today)
        or (runs and _came(line.behind_on, today))
        or (not runs and _came(line.receive_by, today, strictly=True))
    ):
        return "yellow"
    return "blue" if line.waits_since is not None else "green"


def _came(day: date | None, today: date, *, strictly: bool = False) -> bool:
    return day is not None and (day < today or (day == today and not strictly))
