"""收件箱: what a person was told, by reason; a message is read by opening its matter, or by saying so."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.http import SignedInRequest
from accounts.standing import standing_of
from supervision.notifications.actions import reading
from supervision.notifications.enums import Reason
from supervision.notifications.forms.inbox import ReadAllForm
from supervision.notifications.models import Notification
from supervision.notifications.queries.inbox import (
    Group,
    inbox_of,
    newest_of_each_reason,
    tallies_of,
    unread_count,
)
from supervision.notifications.queries.undelivered import LOOKS_AFTER, undelivered_count

PER_GROUP = 10
PER_PAGE = 50
ADDRESS = ("show", "reason", "page")  # what the address of the page says


@never_cache  # whoever comes back from the matter sees that the message is read
@require_safe
def inbox(request: SignedInRequest) -> HttpResponse:
    rows, tallies = inbox_of(request.user), tallies_of(request.user)
    shows_all = request.GET.get("show") == "all"
    asked = request.GET.get("reason", "")
    chosen = Reason(asked) if asked in Reason.values else None
    if not shows_all:
        rows = rows.filter(read_at=None)
    counts = {reason: tally.total if shows_all else tally.unread for reason, tally in tallies.items()}
    page = None
    if chosen is None:
        newest = newest_of_each_reason(rows, most=PER_GROUP)
        groups = [Group(reason, tallies[reason], counts[reason], newest[reason]) for reason in Reason if counts[reason]]
    else:
        page = Paginator(rows.filter(reason=chosen), PER_PAGE).get_page(request.GET.get("page"))
        groups = [Group(chosen, tallies[chosen], counts[chosen], list(page))] if page.object_list else []
    looked_after = standing_of(request.user, today=request.today).organizations_as(*LOOKS_AFTER)
    context: dict[str, Any] = {
        "groups": groups,
        "page_obj": page,
        "shows_all": shows_all,
        "chosen": chosen,
        "reasons": [(reason, counts[reason]) for reason in Reason],
        "shown": sum(counts.values()),
        "unread": sum(tally.unread for tally in tallies.values()),
        "total": sum(tally.total for tally in tallies.values()),
        "until": max(tally.latest for tally in tallies.values()),
        "today": request.today,
        "looks_after": bool(looked_after),
        "undelivered": undelivered_count(looked_after) if looked_after else 0,
        "back": _address(request.GET),
    }
    return render(request, "notifications/inbox.html", context)


def _address(asked: QueryDict) -> str:
    return urlencode({name: asked[name] for name in ADDRESS if asked.get(name)})


def _back(request: SignedInRequest) -> HttpResponse:
    address = _address(QueryDict(request.POST.get("back", "")))
    return redirect(f"{reverse('inbox')}?{address}" if address else "inbox")


@never_cache
@require_safe
def count(request: SignedInRequest) -> HttpResponse:
    """The bell alone, for the page that asks once a minute."""
    return render(request, "components/bell.html", {"unread": unread_count(request.user)})


@require_POST
def open_message(request: SignedInRequest, pk: int) -> HttpResponse:
    """By POST, because it changes something: whoever only looks has not read it."""
    row = get_object_or_404(Notification.objects.visible_to(request.user), pk=pk)
    reading.mark_read(row, by=request.user, now=request.now)
    return redirect(row.url or "inbox")


@require_POST
def read(request: SignedInRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(Notification.objects.visible_to(request.user), pk=pk)
    reading.mark_read(row, by=request.user, now=request.now)
    return _back(request)


@require_POST
def read_all(request: SignedInRequest) -> HttpResponse:
    form = ReadAllForm(request.POST)
    if form.is_valid():
        done = reading.mark_all_read(by=request.user, now=request.now, **form.cleaned_data)
        messages.success(request, f"已将 {done} 条消息标为已读。")
    else:
        messages.warning(request, "没有标为已读：页面已经过时，请刷新后再试。")
    return _back(request)
