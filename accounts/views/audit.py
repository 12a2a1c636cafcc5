"""The audit trail, for the auditor: read, filtered, exported, never changed."""

from collections.abc import Iterator

from django.core.paginator import Paginator
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from accounts.actions.audit import record_audit_export
from accounts.documents import audit_lines
from accounts.enums import Role
from accounts.filters import EventFilter
from accounts.http import SignedInRequest
from accounts.queries import events_visible_to
from accounts.views.offices import office_as

PER_PAGE = 50


def _filtered(request: SignedInRequest) -> EventFilter:
    events = events_visible_to(request.user, today=request.today).select_related("by", "principal")
    return EventFilter(request.GET, queryset=events)


@require_safe
def audit(request: SignedInRequest) -> HttpResponse:
    organization = office_as(request, Role.AUDITOR)
    filtered = _filtered(request)
    page = Paginator(filtered.qs, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "organization": organization,
        "filter": filtered,
        "page": page,
        "query": request.GET.urlencode(),
        "has_conditions": any(filtered.form[name].value() for name in filtered.form.fields),
    }
    return render(request, "accounts/audit.html", context)


@require_POST
def audit_export(request: SignedInRequest) -> StreamingHttpResponse:
    """Streamed: a year of an office is some hundred thousand lines. The conditions are those of the address."""
    organization = office_as(request, Role.AUDITOR)
    filtered = _filtered(request)
    # What is exported ends here, or the export would hold its own record.
    newest = filtered.qs.order_by("-id").values_list("id", flat=True).first() or 0
    events = filtered.qs.filter(id__lte=newest).order_by("id")
    record_audit_export(
        organization_id=organization.pk,
        conditions="，".join(_condition_words(filtered)),
        count=events.count(),
        by=request.user,
        now=request.now,
    )
    response = StreamingHttpResponse(
        audit_lines(events.iterator(chunk_size=2_000)), content_type="text/csv; charset=utf-8"
    )
    response["Content-Disposition"] = f'attachment; filename="audit-{request.today:%Y%m%d}.csv"'
    response["Cache-Control"] = "no-store"
    return response


def _condition_words(filtered: EventFilter) -> Iterator[str]:
    for name, value in filtered.form.cleaned_data.items():
        if value not in (None, ""):
            yield f"{filtered.form.fields[name].label}：{value}"
