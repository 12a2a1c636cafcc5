"""Closing the papers of a period: from then on they are read, not written."""

from collections.abc import Callable
from datetime import datetime

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from accounts.actions.recording import record
from accounts.models import User
from cppcc_office.lib.errors import Refused
from supervision.cycles.actions.holding import held, must_be_seen, stale_run
from supervision.cycles.enums import Cycle
from supervision.cycles.models import CycleRun
from supervision.cycles.queries.runs import name_of_run
from supervision.cycles.rules.look_back import open_ends
from supervision.cycles.rules.weekly import bar_to_close

# What is still to be done before the papers of a cycle can be closed; empty where nothing is.
UNFINISHED: dict[Cycle, Callable[[CycleRun], list[str]]] = {Cycle.HALF_YEARLY: open_ends}


@transaction.atomic
def close_run(run: CycleRun, *, by: User, version: int, now: datetime) -> CycleRun:
    """办结, by the secretariat, of whichever cycle. Of two who press the button one closes it."""
    current = held(run)
    must_be_seen(current, version)
    unfinished = UNFINISHED.get(Cycle(current.cycle))
    bars = bar_to_close(by, current, timezone.localdate(now))
    if bars := [*bars, *(unfinished(current) if unfinished else [])]:
        raise Refused(bars)
    closed = CycleRun.objects.filter(pk=run.pk, version=version, closed_at=None)
    if not closed.update(closed_at=now, closed_by=by, version=F("version") + 1):
        raise stale_run(current)
    name = name_of_run(current)
    record("close_run", f"办结{name}", by=by, now=now, organization=current.organization_id, subject=current)
    current.refresh_from_db()
    return current
