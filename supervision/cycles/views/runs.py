"""The runs of an office: the list, one run, and setting one going."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from accounts.enums import Role
from accounts.http import SignedInRequest
from accounts.standing import standing_of
from supervision.cycles.actions.running import rerun, run_now
from supervision.cycles.enums import RunState
from supervision.cycles.filters import RunFilter
from supervision.cycles.models import CycleRun
from supervision.cycles.models.rule import READERS
from supervision.cycles.queries.hub import CLOSABLE
from supervision.cycles.queries.papers import paper_url
from supervision.cycles.queries.runs import is_outdone, labels_of, name_of_run, run_rows
from supervision.cycles.rules.running import bar_to_rerun
from supervision.cycles.views.rules import rule_seen

PER_PAGE = 50


@require_GET
def cycle_runs(request: SignedInRequest) -> HttpResponse:
    offices = standing_of(request.user, today=request.today).organizations_as(*READERS)
    if not offices:
        raise Http404
    runs = CycleRun.objects.filter(organization=min(offices)).select_related("by")
    filtered = RunFilter(request.GET, queryset=runs)
    labels = labels_of(min(offices))
    filtered.form.fields["cycle"].choices = [("", "全部周期"), *labels.items()]
    page = Paginator(filtered.qs, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "filter": filtered,
        "page": page,
        "rows": run_rows(page, labels),
        "is_filtered": any(filtered.form[name].value() for name in filtered.form.fields),
    }
    return render(request, "cycles/runs/runs.html", context)


@require_GET
def cycle_run(request: SignedInRequest, pk: int) -> HttpResponse:
    run = _found(request, pk)
    move = {
        "label": "重新运行",
        "icon": "arrow-repeat",
        "url": reverse("cycle-rerun", args=[run.pk]),
        "is_post": True,
        "fields": [("version", run.version)],
        "bars": bar_to_rerun(request.user, run, is_outdone=is_outdone(run), today=request.today),
        "hint": "按现在的数据重新生成；没有办结的材料才能重新运行。",
    }
    return render(request, "cycles/runs/run.html", _state_of(request, run) | {"move_list": [move]})


@require_GET
def cycle_run_state(request: SignedInRequest, pk: int) -> HttpResponse:
    """What the page asks for again and again while the run waits: by an address that keeps no session alive."""
    context = _state_of(request, _found(request, pk))
    reply = render(request, "cycles/runs/_state.html", context)
    if not context["is_waiting"]:
        reply["HX-Refresh"] = "true"  # what may be done with it is another now
    return reply


def _found(request: SignedInRequest, pk: int) -> CycleRun:
    seen = CycleRun.objects.visible_to(request.user, request.today)
    return get_object_or_404(seen.select_related("organization", "by", "closed_by"), pk=pk)


def _state_of(request: SignedInRequest, run: CycleRun) -> dict[str, Any]:
    return {
        "run": run,
        "name": name_of_run(run),
        "paper": paper_url(run),
        "is_closable": run.cycle in CLOSABLE,
        "is_waiting": run.state in (RunState.DUE, RunState.RUNNING),
        "is_secretariat": standing_of(request.user, today=request.today).holds(Role.SECRETARIAT, run.organization_id),
    }


@require_POST
def cycle_rerun(request: SignedInRequest, pk: int) -> HttpResponse:
    run = get_object_or_404(CycleRun.objects.visible_to(request.user, request.today), pk=pk)
    version = request.POST.get("version", "")
    if not version.isdecimal():
        raise Http404
    rerun(run, version=int(version), by=request.user, now=request.now, today=request.today)
    messages.success(request, "已列入运行，几秒后完成。")
    return redirect("cycle-run", pk=run.pk)


@require_POST
def cycle_run_now(request: SignedInRequest, cycle: str) -> HttpResponse:
    rule = rule_seen(request, cycle)
    run = run_now(rule, by=request.user, now=request.now, today=request.today)
    messages.success(request, "已列入运行，几秒后完成。")
    return redirect("cycle-run", pk=run.pk)
