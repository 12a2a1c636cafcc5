"""时间轴: the ledger's lines with their milestones on an axis of days, filtered like the ledger."""

from datetime import date
from itertools import groupby

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.http import SignedInRequest
from tasks.filters import LedgerFilter
from tasks.queries.ledger.grounds import Grounds, reads_ledger
from tasks.queries.ledger.rows import ledger_rows
from tasks.queries.lights import LABELS
from tasks.queries.time_axis import Scale, axis_of, axis_rows
from tasks.views.sister_pages import frame_of_sister, of_today

PER_PAGE = 100
KEY = [*((code, LABELS[code]) for code in ("red", "yellow", "blue", "green", "none")), ("done", "已完成")]
EARLIEST, LATEST = date(2000, 1, 1), date(2099, 12, 31)


@require_safe
def time_axis(request: SignedInRequest) -> HttpResponse:
    if not reads_ledger(request.user, request.today):
        raise Http404
    narrowing = LedgerFilter(of_today(request.GET), user=request.user, today=request.today)
    lines, grounds = narrowing.lines, Grounds(request.today)
    count = lines.rows.count()
    page = Paginator(range(count), PER_PAGE).get_page(request.GET.get("page"))
    chosen = narrowing.page(lines, page.start_index() - 1, page.end_index(), count) if count else lines.rows.none()
    rows = ledger_rows(lines, chosen, user=request.user, today=request.today, grounds=grounds) if count else []
    scale = Scale.WEEK if request.GET.get("scale") == Scale.WEEK else Scale.MONTH
    year = narrowing.plan.year if narrowing.plan else request.today.year
    default = request.today if request.today.year == year else date(year, 1, 1)
    axis = axis_of(scale, day_asked(request.GET.get("on"), default))
    by_division = narrowing.group == "division"
    laid = groupby(
        axis_rows(rows, axis, grounds), key=lambda each: each.row.lead_name if by_division else each.row.category
    )
    context = frame_of_sister(narrowing, ("scale", "on")) | {
        "key": KEY,
        "group_url": narrowing.address(group="category" if by_division else "division"),
        "axis": axis,
        "scales": [(each, narrowing.address(scale=each, on=None)) for each in Scale],
        "before_url": narrowing.address(on=axis.before.isoformat()) if axis.before > EARLIEST else "",
        "after_url": narrowing.address(on=axis.after.isoformat()) if axis.after < LATEST else "",
        "today_x": axis.at(request.today, middle=True) if axis.holds(request.today) else "",
        "groups": [(name or "未定牵头处室", list(own)) for name, own in laid],
        "by_division": by_division,
        "count": count,
        "page_obj": page,
    }
    return render(request, "tasks/axis/time_axis.html", context)


def day_asked(text: str | None, default: date) -> date:
    """Rubbish and years out of reach are no fault: the page shows where it would begin."""
    try:
        day = date.fromisoformat(text or "")
    except ValueError:
        return default
    return day if EARLIEST <= day <= LATEST else default
