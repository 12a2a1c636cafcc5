"""未送达: what never got out of the house, for those who can see to it."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts.enums import Role
from accounts.http import SignedInRequest
from accounts.models import Organization
from accounts.standing import standing_of
from accounts.views.offices import office_of
from supervision.notifications.actions.relaying import retry_relay
from supervision.notifications.actions.sending import retry_all_deliveries, retry_delivery
from supervision.notifications.kinds.registry import all_kinds
from supervision.notifications.models import Delivery, EventRelay
from supervision.notifications.queries import undelivered as queries

PER_PAGE = 50
EVENTS_SHOWN = 50


def _deliveries(request: SignedInRequest) -> tuple[Organization, QuerySet[Delivery]]:
    organization = office_of(request, queries.LOOKS_AFTER)
    return organization, queries.undelivered([organization.pk])


@require_safe
def undelivered(request: SignedInRequest) -> HttpResponse:
    """The SYSADMIN sees who and what kind; what a matter says is none of his business."""
    organization, rows = _deliveries(request)
    standing = standing_of(request.user, today=request.today)
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    labels = {kind.code: kind.label for kind in all_kinds()}
    untold = queries.untold([organization.pk])
    context = {
        "organization": organization,
        "page_obj": page,
        "rows": [(row, labels.get(row.notification.kind, "消息")) for row in page],
        "untold": untold[:EVENTS_SHOWN],
        "untold_count": untold.count(),
        "outdated": queries.outdated([organization.pk], request.now),
        "undelivered": queries.undelivered_count([organization.pk]),
        "reads_words": standing.holds(Role.SECRETARIAT, organization.pk),
        "is_sysadmin": standing.holds(Role.SYSADMIN, organization.pk),
    }
    return render(request, "notifications/undelivered.html", context)


@require_POST
def retry(request: SignedInRequest, pk: int) -> HttpResponse:
    _, rows = _deliveries(request)
    row = get_object_or_404(rows, pk=pk)
    retry_delivery(row, by=request.user, now=request.now)
    to = row.person.name if row.channel.is_personal else f"“{row.channel.name}”的群"
    messages.success(request, f"已重新排队，将再次发给{to}。")
    return redirect("undelivered")


@require_POST
def retry_all(request: SignedInRequest) -> HttpResponse:
    organization, rows = _deliveries(request)
    count = retry_all_deliveries(organization, by=request.user, now=request.now)
    if count:
        messages.success(request, f"已将 {count} 条重新排队，稍后再次发送。")
    if left := rows.filter(channel__is_on=False).count():
        messages.warning(request, f"{left} 条没有重发：通道没有启用，请系统管理员先启用。")
    return redirect("undelivered")


@require_POST
def retry_untold(request: SignedInRequest, pk: int) -> HttpResponse:
    organization = office_of(request, queries.LOOKS_AFTER)
    row: EventRelay = get_object_or_404(queries.untold([organization.pk]), pk=pk)
    retry_relay(row, by=request.user, now=request.now)
    messages.success(request, "已重新排队，将再次生成消息。")
    return redirect("undelivered")
