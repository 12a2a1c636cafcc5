"""今日提醒: a person's own lines of the watch, as they stand now."""

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from accounts.http import SignedInRequest
from supervision.cycles.queries.own_watch import watch_of
from tasks.queries.ledger.grounds import Grounds, reads_ledger


@require_GET
def watch(request: SignedInRequest) -> HttpResponse:
    if not reads_ledger(request.user, request.today):
        raise Http404
    groups = watch_of(request.user, Grounds(request.today))
    return render(request, "cycles/watch/watch.html", {"groups": groups, "today": request.today})
