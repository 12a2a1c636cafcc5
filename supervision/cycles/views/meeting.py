"""The meeting on the projector: one item at a time, in a layout of its own."""

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.http import SignedInRequest
from supervision.cycles.forms.dispatching import ResolutionForm
from supervision.cycles.models import CycleRun
from supervision.cycles.queries import dispatching as query
from supervision.cycles.queries.runs import name_of_run
from supervision.cycles.rules.decisions import bar_to_decide, is_made
from supervision.cycles.views.resolving import resolution_form


@require_safe
def dispatch_meeting(request: SignedInRequest, pk: int) -> HttpResponse:
    """From the first item."""
    run = get_object_or_404(query.months_of(request.user, request.today), pk=pk)
    return show_place(request, run, 1)


@require_safe
def dispatch_item(request: SignedInRequest, pk: int, place: int) -> HttpResponse:
    run = get_object_or_404(query.months_of(request.user, request.today), pk=pk)
    return show_place(request, run, place)


def show_place(
    request: SignedInRequest, run: CycleRun, place: int, *, form: ResolutionForm | None = None, said: str = ""
) -> HttpResponse:
    """One item, or after the last what the meeting decided; for htmx only what changes. A form with faults is kept."""
    last = query.length_of(run)
    decided = query.decisions_of(run, request.user, request.today)
    shown = query.meeting_item(run, place, decided, request.today) if place <= last else None
    if place < 1 or place > last + 1:
        raise Http404
    context: dict[str, Any] = {
        "run": run,
        "run_name": name_of_run(run),
        "shown": shown,
        "is_made": is_made(run),
        "place": place,
        "last": last,
        "decided": decided,
        "said": said,
        "previous_url": _address(run, place - 1) if place > 1 else "",
        "next_url": _address(run, place + 1) if place <= last else "",
        "first_url": _address(run, 1),
        "last_url": _address(run, max(1, last)),
        "summary_url": _address(run, last + 1),
    }
    if not bar_to_decide(request.user, run, request.today):
        project = shown.view.project if shown is not None else None
        item = shown.item if shown is not None else None
        context["form"] = form or resolution_form(request, run, project, item=item)
    status = 422 if form is not None and form.errors else 200
    name = "cycles/dispatch/_place.html" if request.htmx else "cycles/dispatch/meeting.html"
    return render(request, name, context, status=status)


def _address(run: CycleRun, place: int) -> str:
    return reverse("dispatch-item", args=[run.pk, place])
