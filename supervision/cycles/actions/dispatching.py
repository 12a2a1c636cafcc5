"""月调度: writing the lines of the sheets and of the agenda."""

from collections import Counter
from datetime import datetime

from django.db import transaction

from supervision.cycles.enums import Cycle, Ground
from supervision.cycles.models import CycleRun, DispatchLine
from supervision.cycles.periods import Period
from supervision.cycles.queries.grounds import AgendaEntry, agenda_for
from tasks.actions.recording import today_of

PIECE = 500


@transaction.atomic
def write_dispatch(run: CycleRun, now: datetime) -> dict[str, int]:
    """The lines as things stand now, in place of those of an earlier run; what was decided stays.

    下期到期 reaches from today to the end of the next month, so that nothing falls between two sheets.
    """
    until = Period(Cycle.MONTHLY, run.starts_on, run.ends_on).next.ends_on
    entries = agenda_for(run, today=today_of(now), until=until)
    DispatchLine.objects.filter(run=run).delete()
    lines = [line for order, entry in enumerate(entries, 1) for line in _lines_of(run, entry, order)]
    DispatchLine.objects.bulk_create(lines, batch_size=PIECE)
    told = Counter(ground for entry in entries for ground in {row.ground for row in entry.brought})
    return {"调度项目": len(entries)} | {ground.label: told[ground] for ground in Ground}


def _lines_of(run: CycleRun, entry: AgendaEntry, order: int) -> list[DispatchLine]:
    return [
        DispatchLine(
            organization_id=run.organization_id,
            run=run,
            project=entry.project,
            milestone=row.milestone,
            milestone_title=row.milestone.title if row.milestone else "",
            division_id=row.division_id,
            ground=row.ground,
            light=row.light,
            due_on=row.due_on,
            words=row.words,
            order=order,
        )
        for row in entry.brought
    ]
