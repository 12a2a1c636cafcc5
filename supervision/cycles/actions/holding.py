"""A run held while its papers are written: as it is now, or word of who came first."""

from accounts.actions.recording import as_changes, done_to
from cppcc_office.lib.errors import Stale
from supervision.cycles.models import CycleRun
from supervision.cycles.queries.runs import name_of_run


def held(run: CycleRun) -> CycleRun:
    """As it is now; nobody else closes, runs or writes it until the transaction ends."""
    return CycleRun.objects.select_for_update(of=("self",)).select_related("organization").get(pk=run.pk)


def must_be_seen(run: CycleRun, version: int) -> None:
    """Somebody who acts on an older page is told what came between, not what is barred by now."""
    if run.version != version:
        raise stale_run(run)


def stale_run(run: CycleRun) -> Stale:
    """The last that was done to it: run once more, frozen anew, closed."""
    current = CycleRun.objects.filter(pk=run.pk).values_list("version", flat=True).first()
    return Stale(name_of_run(run), as_changes(done_to(run)[:1]), version=current)
