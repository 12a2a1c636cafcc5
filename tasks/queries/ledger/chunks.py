"""A ledger of any length read in pieces, and the milestones that print under its lines."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import QuerySet

from accounts.models import User
from tasks.enums import MilestoneState
from tasks.models import Milestone, MilestoneRevision
from tasks.queries.as_of import Moment
from tasks.queries.figures import Lines
from tasks.queries.ledger.grounds import Grounds
from tasks.queries.ledger.rows import Row, ledger_rows

PIECE = 500


def rows_in_pieces(
    lines: Lines, ordered: QuerySet[Any], *, user: User, today: date, grounds: Grounds, moment: Moment | None = None
) -> Iterator[list[Row]]:
    """The order is read once, as ids; what the rows show is read piece by piece, no transaction staying open between.

    So every line comes once and in its place whatever is changed meanwhile; one that is no longer there is left out.
    """
    ids = list(ordered.values_list("pk", lines.path("pk")))
    number = 0
    for start in range(0, len(ids), PIECE):
        piece = ids[start : start + PIECE]
        places = {project: place for place, (_, project) in enumerate(piece)}
        chosen = lines.rows.filter(pk__in=[row for row, _ in piece]).order_by()
        rows = ledger_rows(lines, chosen, user=user, today=today, grounds=grounds, moment=moment)
        rows.sort(key=lambda row: places[row.pk])
        for row in rows:
            number += 1
            row.place = number
        yield rows


@dataclass(frozen=True, slots=True)
class NodeLine:
    """One milestone as it prints under its project."""

    target_id: int
    target: str
    title: str
    deliverable: str
    division: str
    person: str
    due_on: date | None
    original_due_on: date | None
    state: str
    finished_on: date | None

    @property
    def state_word(self) -> str:
        return MilestoneState(self.state).label


_KEPT = ("project_id", "state", "division__name", "person__name", "due_on", "reported_on", "done_on")
_OF_MILESTONE = ("pk", "target_id", "target__statement", "title", "deliverable", "original_due_on")


def nodes_of(project_ids: Collection[int], moment: Moment | None = None) -> dict[int, list[NodeLine]]:
    """The milestones of these projects in the order of the tree, today or as they stood; one query."""
    if moment is None:
        rows: QuerySet[Any] = Milestone.objects.filter(project__in=project_ids)
        names: tuple[str, ...] = _OF_MILESTONE
        order: tuple[str, ...] = ("target__order", "target_id", "order", "pk")
    else:
        rows = moment.of(MilestoneRevision.objects.filter(project__in=project_ids))
        names = tuple(f"milestone__{name}" for name in _OF_MILESTONE)
        order = ("milestone__target__order", "milestone__target", "milestone__order", "milestone", "effective_on", "pk")
    # Of several revisions of a milestone the last to be read counts, in the place of the first.
    latest: dict[int, tuple[Any, ...]] = {}
    for values in rows.order_by(*order).values_list(*_KEPT, *names):
        latest[values[len(_KEPT)]] = values
    found: dict[int, list[NodeLine]] = {}
    for values in latest.values():
        project, state, division, person, due_on, reported_on, done_on = values[: len(_KEPT)]
        target_id, target, title, deliverable, original = values[len(_KEPT) + 1 :]
        finished = (reported_on or done_on) if state == MilestoneState.DONE else None
        words = (target, title, deliverable, division or "", person or "")
        found.setdefault(project, []).append(NodeLine(target_id, *words, due_on, original, state, finished))
    return found
