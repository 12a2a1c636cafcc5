"""Taking a list along as .xlsx: at once where it is short, else written in the background and fetched from a page."""

from django.contrib import messages
from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from accounts.http import SignedInRequest
from accounts.standing import standing_of
from tasks.actions.exports import KEPT_FOR, UNDER_WAY, ask_export
from tasks.documents.exports import Book, LedgerBook, book_of
from tasks.enums import ExportState
from tasks.models import Export
from tasks.queries.ledger.grounds import reads_ledger
from tasks.views.books import XLSX, as_attachment, book_response

AT_ONCE = 2_000  # items; more than that nobody should wait for
SHOWN = 50
OPTIONS = ("per", "which", "paper")


@require_http_methods(["GET", "POST"])
def list_export(request: SignedInRequest, page: str) -> HttpResponse | FileResponse:
    """How it is to be written, then the book: exactly what the address of the list leaves, in the same order."""
    if not reads_ledger(request.user, request.today):
        raise Http404
    data = _asked(request)
    book = book_of(page, data, user=request.user, today=request.today)
    if request.method != "POST":
        context = {"book": book, "has_rows": isinstance(book, LedgerBook), "is_long": book.count > AT_ONCE}
        back = f"{reverse(page)}?{_without_options(data).urlencode()}"
        return render(request, "tasks/exports/new.html", context | {"back_url": back})
    organization_id = standing_of(request.user, today=request.today).home_id or 0
    if book.count <= AT_ONCE:
        layout = book.layout(now=request.now)
        return book_response(request, layout, book.lines(), name=book.name, organization_id=organization_id)
    _ask(request, book, page, data, organization_id)
    return redirect("exports")


def _ask(request: SignedInRequest, book: Book, page: str, data: QueryDict, organization_id: int) -> None:
    ask_export(
        organization_id=organization_id,
        page=page,
        query=data.urlencode(),
        name=book.name,
        total=book.count,
        by=request.user,
        today=request.today,
        now=request.now,
    )
    messages.success(request, f"共 {book.count} 项，正在后台生成；可以先离开，完成后在这里下载。")


def _asked(request: SignedInRequest) -> QueryDict:
    """The list's own address with the options of the form; the page of the list plays no part."""
    data = request.GET.copy()
    data.pop("page", None)
    for name in OPTIONS:
        if name in request.POST:
            data[name] = request.POST[name]
    return data


def _without_options(data: QueryDict) -> QueryDict:
    kept = data.copy()
    for name in OPTIONS:
        kept.pop(name, None)
    return kept


@require_safe
def exports(request: SignedInRequest) -> HttpResponse:
    """What this person has asked for in the last days."""
    return render(request, "tasks/exports/exports.html", _own(request))


@require_safe
def exports_progress(request: SignedInRequest) -> HttpResponse:
    """Asked every second while something is under way: the table anew."""
    return render(request, "tasks/exports/_exports.html", _own(request))


def _own(request: SignedInRequest) -> dict[str, object]:
    if not reads_ledger(request.user, request.today):
        raise Http404
    rows = list(Export.objects.filter(by=request.user)[:SHOWN])
    again = {row.pk: f"{reverse(f'{row.page}-export')}?{row.query}" for row in rows if row.state == ExportState.FAILED}
    return {
        "rows": [(row, again.get(row.pk, "")) for row in rows],
        "is_under_way": any(row.state in UNDER_WAY for row in rows),
        "days": KEPT_FOR.days,
    }


@require_safe
def export_file(request: SignedInRequest, pk: int) -> FileResponse:
    """To nobody but who asked; what one may see was judged when it was written, whether one still may is judged now."""
    if not reads_ledger(request.user, request.today):
        raise Http404
    export = get_object_or_404(Export, pk=pk, by=request.user, state=ExportState.READY)
    if not default_storage.exists(export.stored_as):
        raise Http404
    return as_attachment(FileResponse(default_storage.open(export.stored_as), content_type=XLSX), export.name)
