"""周总结: the week before it is written, the week's summaries, writing one, bringing the office's up to the divisions'."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from accounts.enums import Role
from accounts.http import SignedInRequest
from accounts.standing import standing_of
from supervision.cycles.actions.weekly import edit_weekly, update_from_divisions
from supervision.cycles.forms.weekly import WeeklyForm
from supervision.cycles.models import CycleRun, WeeklySummary
from supervision.cycles.queries.runs import labels_of, name_of_run, period_of_run
from supervision.cycles.queries.unreported import by_division, unreported
from supervision.cycles.queries.weekly import PARTS, changes_from_divisions, texts_of
from supervision.cycles.queries.weekly_pages import (
    gathered,
    neighbours,
    own_unreported,
    reads_all,
    sheets_for,
    summaries_of,
    weeks_for,
)
from supervision.cycles.rules.weekly import bar_to_close, bar_to_edit_weekly
from tasks.views.drafts import typed_version

READERS = {Role.SECRETARIAT, Role.LEADER, Role.DIVISION_HEAD, Role.STAFF}
WEEKS_LISTED = 12


@require_GET
def weekly_now(request: SignedInRequest) -> HttpResponse:
    """This week, while it is not written yet, and the weeks that are."""
    standing = standing_of(request.user, today=request.today)
    offices = standing.organizations_as(*READERS)
    if not offices:
        raise Http404
    week, matters = own_unreported(request.user, request.today)
    label = labels_of(min(offices))["WEEKLY"]
    context = {
        "week": week,
        "label": label,
        "silent": by_division(matters),
        "writes": bool(standing.division_ids()),
        "weeks": [(run, period_of_run(run)) for run in weeks_for(request.user, request.today)[:WEEKS_LISTED]],
    }
    return render(request, "cycles/weekly/now.html", context)


@require_GET
def weekly(request: SignedInRequest, pk: int) -> HttpResponse:
    user, today = request.user, request.today
    run = get_object_or_404(weeks_for(user, today), pk=pk)
    sheets = sheets_for(run, user, today, lambda row: bar_to_edit_weekly(user, row, run, today))
    is_secretariat = standing_of(user, today=today).holds(Role.SECRETARIAT, run.organization_id)
    before, after = neighbours(run)
    context = {
        "run": run,
        "name": name_of_run(run),
        "period": period_of_run(run),
        "label": labels_of(run.organization_id)[run.cycle],
        "sheets": sheets,
        "before": before,
        "after": after,
        "reads_all": reads_all(run, user, today),
        "is_secretariat": is_secretariat,
        "may_close": not bar_to_close(user, run, today),
        # Nothing is kept of who was silent: once the week is closed, the question is.
        "silent": by_division(unreported(run.organization_id, period_of_run(run)))
        if is_secretariat and not run.is_closed
        else [],
    }
    return render(request, "cycles/weekly/weekly.html", context)


@require_http_methods(["GET", "POST"])
def weekly_edit(request: SignedInRequest, pk: int, summary_pk: int) -> HttpResponse:
    run, summary = _found(request, pk, summary_pk)
    bars = bar_to_edit_weekly(request.user, summary, run, request.today)
    if bars and request.method == "GET":
        messages.warning(request, bars[0])
        return redirect("weekly", pk=run.pk)
    form = WeeklyForm(request.POST or None, initial=texts_of(summary))
    if request.method == "POST" and form.is_valid():
        version = typed_version(request.POST)
        edit_weekly(summary, by=request.user, version=version, texts=form.texts, now=request.now)
        messages.success(request, "周总结已保存。")
        return redirect("weekly", pk=run.pk)
    hints = gathered(summary, run)
    context = {
        "run": run,
        "summary": summary,
        "name": name_of_run(run),
        "form": form,
        "version": typed_version(request.POST) if form.is_bound else summary.version,
        "fields": [(form[part], hints[part].splitlines()) for part in PARTS],
        "is_for": summary.division_id
        and not standing_of(request.user, today=request.today).belongs_to(summary.division_id),
    }
    return render(request, "cycles/weekly/edit.html", context, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "POST"])
def weekly_update(request: SignedInRequest, pk: int, summary_pk: int) -> HttpResponse:
    """What 从处室更新 would change, and doing it."""
    run, summary = _found(request, pk, summary_pk)
    if summary.division_id is not None:
        raise Http404
    if request.method == "POST":
        anew = request.POST.get("anew") == "1"
        update_from_divisions(summary, by=request.user, version=typed_version(request.POST), anew=anew, now=request.now)
        messages.success(request, "全机关总结已按处室更新。")
        return redirect("weekly", pk=run.pk)
    changes = changes_from_divisions(summary, summaries_of(run))
    context = {
        "run": run,
        "summary": summary,
        "name": name_of_run(run),
        "changes": changes,
        "adds": any(change.added for change in changes),
        "drops": any(change.only_here for change in changes),
        "bars": bar_to_edit_weekly(request.user, summary, run, request.today),
    }
    return render(request, "cycles/weekly/update.html", context)


def _found(request: SignedInRequest, pk: int, summary_pk: int) -> tuple[CycleRun, WeeklySummary]:
    run = get_object_or_404(weeks_for(request.user, request.today), pk=pk)
    seen = WeeklySummary.objects.visible_to(request.user, request.today)
    summary = get_object_or_404(seen.select_related("division", "edited_by"), pk=summary_pk, run=run)
    summary.run = run
    return run, summary
