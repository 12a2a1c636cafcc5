"""督办台账: every project that one may see, filtered by the address bar."""

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from accounts.http import SignedInRequest
from tasks.filters import LedgerFilter
from tasks.queries.ledger import Grounds, groups_of, ledger_views, reads_ledger, sums_of

PER_PAGE = 50


@require_GET
def ledger(request: SignedInRequest) -> HttpResponse:
    if not reads_ledger(request.user, request.today):
        raise Http404
    narrowing = LedgerFilter(request.GET, user=request.user, today=request.today)
    grounds = Grounds(request.today)
    views = narrowing.narrow(ledger_views(narrowing.qs, grounds))
    page = Paginator(views, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "filter": narrowing,
        "form": narrowing.form,
        "groups": groups_of(list(page), views, request.user, grounds),
        "sums": sums_of(views),
        "page_obj": page,
        "today": request.today,
    }
    return render(request, "tasks/ledger/ledger.html", context)
