"""日程订阅: one's own due dates in a calendar program, by a secret link."""

from datetime import UTC
from hashlib import sha256

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.cache import get_conditional_response
from django.utils.http import quote_etag
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.http import ClockedRequest, SignedInRequest
from tasks.actions import feeds as actions
from tasks.documents.feed import calendar_file
from tasks.models import CalendarFeed
from tasks.queries.feeds import Due, dues_of, live_feed
from tasks.queries.ledger.grounds import reads_ledger

LONGEST_SECRET = 100


@require_http_methods(["GET", "HEAD", "POST"])
def feeds(request: SignedInRequest) -> HttpResponse:
    if not reads_ledger(request.user, request.today):
        raise Http404
    url = ""
    if request.method == "POST":
        _, secret = actions.create_feed(request.user, now=request.now)
        url = request.build_absolute_uri(reverse("feed", args=[secret]))
    live = CalendarFeed.objects.filter(user=request.user, revoked_at=None).first()
    response = render(request, "tasks/feeds/feeds.html", {"live": live, "url": url})
    if url:
        response["Cache-Control"] = "no-store"  # shown once, also to whoever comes back to this screen
    return response


@require_POST
def feed_revoke(request: SignedInRequest, pk: int) -> HttpResponse:
    feed = get_object_or_404(CalendarFeed.objects.select_related("user"), user=request.user, pk=pk)
    actions.revoke_feed(feed, now=request.now)
    messages.success(request, "已撤销订阅链接，日历程序不能再取到您的到期事项。")
    return redirect("feeds")


@require_safe
def feed(request: ClockedRequest, secret: str) -> HttpResponse:
    """For whoever has the link: nothing tells a wrong one from a revoked one."""
    found = live_feed(actions.digest_of(secret)) if len(secret) <= LONGEST_SECRET else None
    if found is None:
        raise Http404

    def url_of(due: Due) -> str:
        pk, anchor = due.path
        return request.build_absolute_uri(reverse("project", args=[pk])) + anchor

    name = f"{found.user.name}的督办到期"
    stamped = found.created_at.astimezone(UTC)
    content = calendar_file(name, dues_of(found.user, request.today), stamped=stamped, url_of=url_of)
    etag = quote_etag(sha256(content).hexdigest())
    response = HttpResponse(content, content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = 'inline; filename="dues.ics"'
    response["Cache-Control"] = "private, no-cache"
    response["Referrer-Policy"] = "no-referrer"
    response["ETag"] = etag
    return get_conditional_response(request, etag=etag, response=response) or response
