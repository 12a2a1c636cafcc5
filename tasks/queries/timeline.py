"""经过: what happened to a project, told in plain Chinese from its events."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Q

from accounts.enums import Outcome
from accounts.models import Event
from tasks.models import Milestone, Project
from tasks.queries.as_of import Moment

# What somebody reads first who wants the story only: the moves of the project and what was verified.
KEY_VERBS = frozenset(
    {
        "dispatch_project",
        "receive_project",
        "receive_by_lapse",
        "object_to_project",
        "recall_project",
        "confirm_milestone",
        "send_back_milestone",
        "request_close_out",
        "withdraw_close_out",
        "accept_close_out",
        "return_close_out",
        "backfill_receive",
        "backfill_milestones_done",
        "backfill_close_out",
        "backfill_extensions",
        "ask_change",
        "agree_change",
        "decline_change",
        "carry_over_project",
        "carry_in",
        "end_draft",
    }
)


@dataclass(frozen=True)
class Happening:
    """One line of the timeline. `words` begin with who did it; the tags are 代, 代填 and 补录."""

    at: datetime
    words: str
    is_key: bool
    tags: tuple[str, ...] = ()
    effective_on: date | None = None  # of a 补录


def timeline_of(
    project: Project, *, most: int | None = None, moment: Moment | None = None
) -> tuple[list[Happening], int]:
    """The latest first, at most so many, and how many there are; up to a past day, what had taken effect by then."""
    events = Event.objects.filter(project_id=project.pk, outcome=Outcome.DONE).select_related("by", "principal")
    if moment is not None:
        backfilled = Q(effective_on__isnull=False, effective_on__lte=moment.day)
        events = events.filter(backfilled | Q(effective_on=None, at__lte=moment.ends_at))
        events = events.filter(at__lte=moment.known_by) if moment.known_by else events
    rows = [_told(row) for row in (events if most is None else events[:most])]
    return rows, len(rows) if most is None else events.count()


def _told(row: Event) -> Happening:
    tags = []
    who = row.by.name if row.by else ""
    if row.principal:
        tags.append("代")
        who = f"{who}代{row.principal.name}"
    if row.entered_for:
        tags.append("代填")
        who = f"{who}代{row.entered_for}"
    if row.effective_on is not None:
        tags.append("补录")
    return Happening(row.at, f"{who}{row.words}", _is_key(row), tuple(tags), row.effective_on)


def _is_key(row: Event) -> bool:
    return row.verb in KEY_VERBS or (row.verb == "add_entry" and row.words.endswith("（需协调）"))


def reports_of(milestones: Iterable[Milestone]) -> dict[int, str]:
    """What was written with the latest report of each of these: what 核实 is about. Reports without words are left out."""
    ids = [milestone.pk for milestone in milestones]
    if not ids:
        return {}
    events = Event.objects.filter(subject_kind="milestone", subject_id__in=ids, verb="report_milestone")
    return {
        row.subject_id: row.after["note"] for row in events.order_by("id") if row.subject_id and "note" in row.after
    }
