"""季通报: the quarter's figures, frozen as of its end."""

from datetime import datetime

from supervision.cycles.actions.freezing import chosen_cut_off, freeze_lines
from supervision.cycles.models import CycleRun


def freeze_quarter(run: CycleRun, now: datetime) -> dict[str, int]:
    """With what was recorded until the secretariat's cut-off, if it set one, else until now."""
    return freeze_lines(run, day=run.ends_on, cut_off_at=chosen_cut_off(run) or now, now=now)
