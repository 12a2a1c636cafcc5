"""Where the paper of a run is read."""

from django.urls import reverse

from supervision.cycles.enums import Cycle
from supervision.cycles.models import CycleRun

# The page that shows what a run left, by URL name; it takes the run's id.
PAPERS: dict[Cycle, str] = {
    Cycle.WEEKLY: "weekly",
    Cycle.MONTHLY: "dispatch",
    Cycle.QUARTERLY: "quarter",
    Cycle.HALF_YEARLY: "look-back",
    Cycle.YEARLY: "review",
}


def paper_url(run: CycleRun) -> str:
    """A watch left none: it leads to everybody's own lines of today."""
    cycle = Cycle(run.cycle)
    return reverse(PAPERS[cycle], args=[run.pk]) if cycle in PAPERS else reverse("watch")
