"""督办台账: every project that one may see, filtered by the address bar, today or as of a past day."""

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.http import SignedInRequest
from tasks.filters import LedgerFilter
from tasks.queries.ledger.grounds import reads_ledger
from tasks.queries.ledger.rows import ledger_rows
from tasks.queries.ledger.sums import sums_of_lines
from tasks.views.ledger_parts import frame_of, groups_of

PER_PAGE = 50
MOST_PRINTED = 2000


@require_safe
def ledger(request: SignedInRequest) -> HttpResponse:
    if not reads_ledger(request.user, request.today):
        raise Http404
    narrowing = LedgerFilter(request.GET, user=request.user, today=request.today)
    lines = narrowing.lines
    sums = sums_of_lines(lines, narrowing.group_key(lines))
    count = sums.whole.lines
    is_print = request.GET.get("print") == "1"
    page = Paginator(range(count), PER_PAGE).get_page(request.GET.get("page"))
    start, stop = (0, min(count, MOST_PRINTED)) if is_print else (page.start_index() - 1, page.end_index())
    # One row more: whether the first group goes on from the page before.
    before = 1 if start > 0 else 0
    chosen = narrowing.page(lines, start - before, stop, count) if count else lines.rows.none()
    rows = (
        ledger_rows(
            lines,
            chosen,
            user=request.user,
            today=request.today,
            grounds=narrowing.grounds,
            moment=narrowing.moment,
            first=start - before + 1,
        )
        if count and not (is_print and count > MOST_PRINTED)
        else []
    )
    context = frame_of(request, narrowing, sums) | {
        "groups": groups_of(rows, sums, narrowing, before=before),
        "page_obj": page,
        "is_print": is_print,
        "most_printed": MOST_PRINTED,
    }
    return render(request, "tasks/ledger/ledger.html", context)
