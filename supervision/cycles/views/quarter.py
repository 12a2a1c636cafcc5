"""季通报: the quarter's frozen figures on one plain page, the lines behind them, and their data cut-off."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_POST, require_safe

from accounts.http import SignedInRequest
from supervision.cycles.actions.freezing import TOTAL
from supervision.cycles.forms.frozen import WITHIN, CutOffForm
from supervision.cycles.models import CycleRun, FrozenLine
from supervision.cycles.queries.frozen import FrozenReport, Narrowing, quarter_before, quarters_of, report_of
from supervision.cycles.queries.runs import labels_of
from supervision.cycles.views.frozen_parts import (
    Links,
    figures_of,
    freeze_anew,
    lines_page,
    links_of,
    name_of,
    paper_of,
    rows_of,
)
from tasks.enums import Bucket

SHOWN = 20  # of each list; the others stand behind the link


@dataclass(frozen=True)
class Compared:
    """One figure beside that of the quarter before."""

    label: str
    now: Decimal | int | None
    before: Decimal | int | None
    url: str = ""
    url_before: str = ""
    is_rate: bool = False

    @property
    def change(self) -> str:
        """+3, −2, 持平; — where one of the two has nothing to divide by."""
        if self.now is None or self.before is None:
            return "—"
        difference = self.now - self.before
        if not difference:
            return "持平"
        return f"{'+' if difference > 0 else '−'}{abs(difference)}{' 个百分点' if self.is_rate else ''}"


@require_safe
def quarter(request: SignedInRequest, pk: int) -> HttpResponse:
    return _page(request, _found(request, pk))


def _found(request: SignedInRequest, pk: int) -> CycleRun:
    runs = quarters_of(request.user, request.today).select_related("organization", "closed_by")
    return get_object_or_404(runs, pk=pk)


def _page(request: SignedInRequest, run: CycleRun, form: CutOffForm | None = None) -> HttpResponse:
    report, links, before = report_of(run), links_of(run), quarter_before(run)
    context = {
        "run": run,
        "name": name_of(run),
        "label": labels_of(run.organization_id)[run.cycle],
        "lists": _lists(run, report, links, request) if run.frozen_at else [],
        "before": before and {"name": name_of(before), "rows": _compared(report, links, before)},
        "form": form or CutOffForm(initial={"cut_off_at": run.cut_off_at}),
    } | figures_of(request, run, report, ("closed", "not_yet", WITHIN))
    return render(request, "cycles/quarter/quarter.html", context, status=422 if form and form.errors else 200)


def _lists(run: CycleRun, report: FrozenReport, links: Links, request: SignedInRequest) -> list[dict[str, Any]]:
    """What was closed in the quarter, what is overdue, what lags: of each the first lines and how many there are."""
    of_part = ("-workdays_overdue", "due_on", "order")
    wanted: tuple[tuple[str, str, Narrowing, int, tuple[str, ...], str], ...] = (
        (
            paper_of(run).within,
            WITHIN,
            Narrowing(closed_within=(run.starts_on, run.ends_on)),
            report.closed_within,
            ("-closed_on", "order"),
            "本季度没有销号的项目。",
        ),
        *(
            (
                part.label,
                part.value,
                Narrowing(buckets=(part,)),
                report.whole[part],
                of_part,
                f"季末没有{part.label}的项目。",
            )
            for part in (Bucket.OVERDUE, Bucket.LAGGING)
        ),
    )
    lists = []
    for title, code, narrowing, count, order, nothing in wanted:
        found = narrowing.of_frozen(FrozenLine.objects.filter(run=run)).order_by(*order)[:SHOWN]
        lists.append(
            {
                "title": title,
                "code": code,
                "count": count,
                "rows": rows_of(found, request.today) if count else [],
                "url": links.to(code),
                "nothing": nothing,
            }
        )
    return lists


def _compared(report: FrozenReport, links: Links, before: CycleRun) -> list[Compared]:
    """Both from their own frozen lines; nothing is worked out anew."""
    earlier, earlier_links = report_of(before), links_of(before)
    now, then = report.whole, earlier.whole

    def linked(label: str, code: str, count: int, count_before: int) -> Compared:
        return Compared(label, count, count_before, links.to(code), earlier_links.to(code))

    return [
        linked(TOTAL, "", now.total, then.total),
        linked("已销号", "closed", now.closed, then.closed),
        linked("当季销号", WITHIN, report.closed_within, earlier.closed_within),
        linked("逾期", "overdue", now[Bucket.OVERDUE], then[Bucket.OVERDUE]),
        linked("滞后", "lagging", now[Bucket.LAGGING], then[Bucket.LAGGING]),
        Compared("办结率", now.closed_rate, then.closed_rate, is_rate=True),
        Compared("按期办结率", now.on_time_rate, then.on_time_rate, is_rate=True),
    ]


@require_safe
def quarter_lines(request: SignedInRequest, pk: int) -> HttpResponse:
    run = _found(request, pk)
    if run.frozen_at is None:
        raise Http404
    return lines_page(request, run, report_of(run))


@require_POST
def quarter_cut_off(request: SignedInRequest, pk: int) -> HttpResponse:
    return freeze_anew(request, _found(request, pk), _page)
