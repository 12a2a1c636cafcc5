"""销号台账: what has been accepted, filtered and sorted by the address bar."""

from dataclasses import dataclass

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.http import SignedInRequest
from tasks.forms.close_out_filter import CloseOutFilter
from tasks.models import Project
from tasks.queries.close_outs import close_outs_for, totals_of
from tasks.queries.ledger.grounds import reads_ledger

PER_PAGE = 50
MOST_PRINTED = 2000
HEADS = (
    ("销号编号", "c-src", "number"),
    ("项目", "", "title"),
    ("牵头处室", "c-div", "lead"),
    ("完成时限", "c-due", "due_on"),
    ("申请 / 销号", "c-due", "closed_on"),
    ("时限", "c-light", ""),
    ("成效", "c-ms", "effect"),
    ("核查人 / 意见", "c-opinion", ""),
)


@dataclass(frozen=True)
class Head:
    label: str
    css: str
    url: str
    direction: str


@require_safe
def close_outs(request: SignedInRequest) -> HttpResponse:
    """What of a project is only for those who read it whole, is left out for the others."""
    if not reads_ledger(request.user, request.today):
        raise Http404
    filtered = CloseOutFilter(request.GET, queryset=close_outs_for(request.user, request.today))
    is_print = request.GET.get("print") == "1"
    page = Paginator(filtered.qs, MOST_PRINTED if is_print else PER_PAGE).get_page(request.GET.get("page"))
    rows = list(page.object_list)
    whole = Project.objects.whole_for(request.user, request.today).filter(pk__in=[row.project_id for row in rows])
    context = {
        "filter": filtered,
        "page": page,
        "rows": rows,
        "heads": heads_of(request.GET),
        "is_print": is_print,
        "whole": set(whole.order_by().values_list("pk", flat=True)),
        "totals": totals_of(filtered.qs),
        "is_filtered": any(request.GET.get(name) for name in filtered.filters if name != "sort"),
    }
    return render(request, "tasks/close_outs/close_outs.html", context)


def heads_of(asked: QueryDict) -> list[Head]:
    """A click sorts up, the next one down, a third as the list has it."""
    now = asked.get("sort") or ""
    heads = []
    for label, css, key in HEADS:
        following = {key: f"-{key}", f"-{key}": ""}.get(now, key)
        query = asked.copy()
        for name in ("sort", "page"):
            query.pop(name, None)
        if following:
            query["sort"] = following
        direction = {key: "ascending", f"-{key}": "descending"}.get(now, "") if key else ""
        heads.append(Head(label, css, f"?{query.urlencode()}" if key else "", direction))
    return heads
