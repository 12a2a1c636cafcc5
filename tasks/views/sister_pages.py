"""What the pages beside the ledger share: the same lines, shown on an axis or in a calendar."""

from typing import Any

from django.http import QueryDict
from django.urls import reverse

from tasks.filters import MANNERS, LedgerFilter

CHIPS = ("state", "light", "division")


def of_today(data: QueryDict) -> QueryDict:
    """What is to come is shown as it stands today: a past day belongs to the ledger."""
    kept = data.copy()
    for name in ("as_of", "known_by"):
        kept.pop(name, None)
    return kept


def frame_of_sister(narrowing: LedgerFilter, own: tuple[str, ...]) -> dict[str, Any]:
    """`own` are the parameters of the page itself, which a filter keeps and the ledger does not know."""
    pairs = [(name, value) for name, values in narrowing.data.lists() for value in values if value != ""]
    shown = {"q", "plan", "page", *CHIPS}
    to_ledger = narrowing.address(**dict.fromkeys(own))
    return {
        "filter": narrowing,
        "chips": [narrowing.chip(name) for name in CHIPS],
        "keep": [(name, value) for name, value in pairs if name not in shown],
        "clear_url": narrowing.address(
            **{name: None for name, _ in pairs if name not in {"plan", *own} and name not in MANNERS}
        ),
        "ledger_url": reverse("ledger") + to_ledger,
        "axis_url": reverse("timeline") + to_ledger,
        "dues_url": reverse("dues") + to_ledger,
    }
