"""What of the latest papers is a division's own, and what of it waits for somebody there."""

from dataclasses import dataclass
from datetime import date

from django.urls import reverse

from accounts.models import User
from accounts.standing import standing_of
from supervision.cycles.enums import Cycle, Verdict
from supervision.cycles.models import CycleRun, LookBackItem
from supervision.cycles.queries.dispatching import counts_by_division
from supervision.cycles.queries.look_back_rows import tally_of
from supervision.cycles.queries.review import late_ones
from supervision.cycles.queries.weekly_pages import own_unreported


@dataclass(frozen=True)
class Own:
    """In words, where it is seen, and whether something is to be done."""

    words: str
    url: str
    waits: bool = False


def own_of(run: CycleRun, paper: str, user: User, today: date, *, headed: set[int]) -> Own | None:
    """`headed`: the divisions whose late reasons this person writes. None where the paper has no part of a division."""
    match Cycle(run.cycle):
        case Cycle.WEEKLY:
            return _of_week(user, today)
        case Cycle.MONTHLY:
            own, counts = standing_of(user, today=today).division_ids(), counts_by_division(run)
            count = sum(counts.get(pk, 0) for pk in own)
            return Own(f"调度单上有 {count} 件" if count else "没有要调度的", paper)
        case Cycle.HALF_YEARLY:
            return _of_look_back(run, paper, user, today)
        case Cycle.YEARLY:
            return _of_review(run, paper, today, headed)
    return None


def _of_week(user: User, today: date) -> Own:
    _, silent = own_unreported(user, today)
    if silent:
        return Own(f"本周 {len(silent)} 项还没有填报进展", reverse("weekly-now"), waits=True)
    return Own("本周到期和有变动的都有进展", reverse("weekly-now"))


def _of_look_back(run: CycleRun, paper: str, user: User, today: date) -> Own:
    tally = tally_of(LookBackItem.objects.filter(run=run).visible_to(user, today))
    if not tally.total:
        return Own("没有列入的", paper)
    told = [(verdict.label, tally.of_verdict(verdict)) for verdict in (Verdict.RECTIFY, Verdict.REBOUND)]
    parts = [f"{label} {count} 项" for label, count in [*told, ("未作结论", tally.left)] if count]
    return Own(f"列入 {tally.total} 项，{'、'.join(parts) or '结论都是巩固'}", paper)


def _of_review(run: CycleRun, paper: str, today: date, headed: set[int]) -> Own:
    late = late_ones(run, today, divisions=headed)
    left = sum(row.reason is None for row in late)
    if left and not run.is_closed:
        return Own(f"{left} 项要写逾期原因", f"{paper}#late", waits=True)
    return Own(f"逾期 {len(late)} 项" if late else "没有逾期的", f"{paper}#late")
