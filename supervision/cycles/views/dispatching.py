"""月调度: the agenda, the sheets of the divisions, recording what was decided."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from accounts.http import SignedInRequest
from supervision.cycles.actions.decisions import bars_to_record, record_decision
from supervision.cycles.forms.dispatching import ResolutionForm
from supervision.cycles.models import CycleRun, Decision
from supervision.cycles.queries import dispatching as query
from supervision.cycles.queries.runs import name_of_run
from supervision.cycles.rules.decisions import bar_to_decide, is_made
from supervision.cycles.rules.weekly import bar_to_close
from supervision.cycles.views.meeting import show_place
from supervision.cycles.views.resolving import resolution_form
from tasks.actions.recording import refuse_if
from tasks.models import Project


@require_safe
def dispatch(request: SignedInRequest, pk: int) -> HttpResponse:
    """The agenda for secretariat and leaders; who works in a division is led to its sheet."""
    run = get_object_or_404(query.months_with_own_sheet(request.user, request.today), pk=pk)
    if not query.reads_whole(run, request.user, request.today):
        return redirect("dispatch-sheets", run.pk)
    decided = query.decisions_of(run, request.user, request.today)
    items = query.agenda_of(query.lines_to_show(run), decided)
    counts = query.counts_by_division(run)
    divisions = query.divisions_to_read(run, request.user, request.today)
    context = {
        "run": run,
        "run_name": name_of_run(run),
        "items": items,
        "is_made": is_made(run),
        "sums": query.sums_of(items),
        "decided": decided,
        "divisions": [(each, counts[each.pk]) for each in divisions if each.pk in counts],
        "bars": bar_to_decide(request.user, run, request.today),
        "may_close": not bar_to_close(request.user, run, request.today),
        "is_secretariat": query.is_secretariat(run, request.user, request.today),
    }
    return render(request, "cycles/dispatch/dispatch.html", context)


@require_safe
def dispatch_sheets(request: SignedInRequest, pk: int) -> HttpResponse:
    """Every sheet that this person reads, for one print; of the whole office those with something on them."""
    run = get_object_or_404(query.months_with_own_sheet(request.user, request.today), pk=pk)
    divisions = list(query.divisions_to_read(run, request.user, request.today))
    sheets = query.sheets_of(run, divisions, request.user, request.today)
    if query.reads_whole(run, request.user, request.today):
        sheets = [sheet for sheet in sheets if sheet.items or sheet.decisions]
    return _show_sheets(request, run, sheets)


@require_safe
def dispatch_sheet(request: SignedInRequest, pk: int, division_pk: int) -> HttpResponse:
    run = get_object_or_404(query.months_with_own_sheet(request.user, request.today), pk=pk)
    division = get_object_or_404(query.divisions_to_read(run, request.user, request.today), pk=division_pk)
    return _show_sheets(request, run, query.sheets_of(run, [division], request.user, request.today))


def _show_sheets(request: SignedInRequest, run: CycleRun, sheets: list[query.Sheet]) -> HttpResponse:
    context = {
        "run": run,
        "run_name": name_of_run(run),
        "sheets": sheets,
        "is_made": is_made(run),
        "reads_whole": query.reads_whole(run, request.user, request.today),
    }
    return render(request, "cycles/dispatch/sheets.html", context)


@require_http_methods(["GET", "POST"])
def dispatch_decide(request: SignedInRequest, pk: int) -> HttpResponse:
    """Typed in at the meeting (then `place` says beside which item it is shown again) or on a page of its own."""
    run = get_object_or_404(query.months_of(request.user, request.today), pk=pk)
    given = request.POST if request.method == "POST" else request.GET
    project = _spoken_of(request, run, given)
    if request.method != "POST":
        return _show_form(request, run, resolution_form(request, run, project))
    refuse_if(bar_to_decide(request.user, run, request.today))
    # The agenda may have been made anew meanwhile and be shorter: what was typed is shown with what was decided.
    place = min(_number(given, "place"), query.length_of(run) + 1)
    form = resolution_form(request, run, project, data=given)
    if form.is_valid():
        resolution = form.resolution()
        for bar in bars_to_record(run, resolution, user=request.user, today=request.today):
            form.add_error(None, bar)
    if form.errors:
        return show_place(request, run, place, form=form) if place else _show_form(request, run, form)
    decision, left = record_decision(run, form.resolution(), by=request.user, now=request.now)
    said = _told(decision, left)
    if place and request.htmx:
        return show_place(request, run, place, said=said)
    messages.success(request, said)
    return redirect("dispatch-item", run.pk, place) if place else redirect("dispatch", run.pk)


def _spoken_of(request: SignedInRequest, run: CycleRun, given: QueryDict) -> Project | None:
    number = _number(given, "project")
    if not number:
        return None
    projects = Project.objects.whole_for(request.user, request.today).filter(organization=run.organization_id)
    return get_object_or_404(projects.select_related("lead_division", "plan", "organization"), pk=number)


def _number(given: QueryDict, name: str) -> int:
    text = given.get(name) or ""
    return int(text) if text.isdecimal() and len(text) < 10 else 0


def _told(decision: Decision, left: list[str]) -> str:
    """What was recorded and what comes next of it."""
    if decision.follow_up is not None and left:
        return f"已记录议定事项；另立的事项还不能交办：{'；'.join(left)}"
    if decision.follow_up is not None:
        return f"已记录议定事项，并交办{decision.division}：{decision.follow_up.number}"
    return "已记录议定事项，并申请在项目中增加节点，待督办处其他人员或领导决定"


def _show_form(request: SignedInRequest, run: CycleRun, form: ResolutionForm) -> HttpResponse:
    context: dict[str, Any] = {
        "run": run,
        "run_name": name_of_run(run),
        "form": form,
        "bars": bar_to_decide(request.user, run, request.today),
    }
    return render(request, "cycles/dispatch/decide.html", context, status=422 if form.errors else 200)
