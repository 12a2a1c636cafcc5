"""Giving attachments back: only to those who read the project whole, always as a file and never as a page."""

from uuid import UUID

from django.core.files.storage import default_storage
from django.http import FileResponse, Http404
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from accounts.http import SignedInRequest
from tasks.actions.attachments import record_download
from tasks.models import Attachment, Project


@require_safe
def attachment(request: SignedInRequest, key: UUID) -> FileResponse:
    readable = Project.objects.whole_for(request.user, request.today).order_by()
    row = get_object_or_404(Attachment.objects.filter(project__in=readable), key=key)
    if not default_storage.exists(row.stored_as):
        raise Http404("the stored file is gone")
    if request.method == "GET":
        record_download(row, by=request.user, now=request.now)
    response = FileResponse(
        default_storage.open(row.stored_as),
        as_attachment=True,
        filename=row.name,
        content_type="application/octet-stream",  # whatever it says it is, a browser is to keep it, not to show it
    )
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response
