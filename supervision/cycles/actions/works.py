"""What each cycle does when it falls due, before, and while its papers are open: one row per cycle and paper."""

from collections.abc import Callable
from datetime import datetime

from supervision.cycles.actions.dispatching import write_dispatch
from supervision.cycles.actions.look_back import list_look_back
from supervision.cycles.actions.quarter import freeze_quarter
from supervision.cycles.actions.reminding import remind_weekly
from supervision.cycles.actions.review import advance_review, open_review
from supervision.cycles.actions.watch import watch
from supervision.cycles.actions.weekly import write_weekly
from supervision.cycles.enums import Cycle
from supervision.cycles.models import CycleRule, CycleRun
from supervision.cycles.periods import Due

# Writes the papers of a run inside its transaction and answers how many of what, in the words of the page. May come
# again for the same run while that is not closed. A cycle without a row is not run.
WORK: dict[Cycle, Callable[[CycleRun, datetime], dict[str, int]]] = {
    Cycle.DAILY: watch,
    Cycle.WEEKLY: write_weekly,
    Cycle.MONTHLY: write_dispatch,
    Cycle.QUARTERLY: freeze_quarter,
    Cycle.HALF_YEARLY: list_look_back,
    Cycle.YEARLY: open_review,
}

# Tells those concerned before a period falls due, inside the transaction that claims the reminder; answers how many
# were told. Of cycles without a row the secretariat is told that they come.
REMIND: dict[Cycle, Callable[[CycleRule, Due, datetime], int]] = {
    Cycle.WEEKLY: remind_weekly,
}

# Later steps of a run that is done and not closed (freezing at the year's end, closing by itself): looked at at every
# tick, in a transaction that holds the run. Must find out by itself, cheaply, that nothing is to be done.
ADVANCE: dict[Cycle, Callable[[CycleRun, datetime], object]] = {
    Cycle.YEARLY: advance_review,
}
