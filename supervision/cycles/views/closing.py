"""办结: closing the papers of a period, whichever they are. Nothing takes it back, so a page asks first."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from accounts.http import SignedInRequest
from supervision.cycles.actions.closing import UNFINISHED, close_run
from supervision.cycles.enums import Cycle
from supervision.cycles.models import CycleRun, Decision
from supervision.cycles.queries.papers import paper_url
from supervision.cycles.queries.review import late_ones
from supervision.cycles.queries.runs import name_of_run, period_of_run
from supervision.cycles.queries.unreported import unreported
from supervision.cycles.rules.weekly import bar_to_close
from tasks.views.drafts import typed_version

WHAT_ENDS = {
    Cycle.WEEKLY: "各处室和全机关的本周总结不再修改、不再重新汇集。",
    Cycle.MONTHLY: "不能再记录议定事项，调度单不再重新生成；已议定的照常办理。",
    Cycle.QUARTERLY: "数据截止和全部数字不再变动。",
    Cycle.HALF_YEARLY: "结论不再修改，已交办的整改照常办理。",
    Cycle.YEARLY: "全部数字和逾期原因不再修改；结转和下一年度计划照常办理。",
}


@require_http_methods(["GET", "POST"])
def cycle_close(request: SignedInRequest, pk: int) -> HttpResponse:
    seen = CycleRun.objects.visible_to(request.user, request.today)
    run = get_object_or_404(seen.select_related("organization"), pk=pk)
    if request.method == "POST":
        close_run(run, by=request.user, version=typed_version(request.POST), now=request.now)
        messages.success(request, "已办结，材料不再修改。")
        return redirect(paper_url(run))
    unfinished, still = UNFINISHED.get(Cycle(run.cycle)), STILL.get(Cycle(run.cycle))
    context = {
        "run": run,
        "name": name_of_run(run),
        "paper": paper_url(run),
        "bars": [*bar_to_close(request.user, run, request.today), *(unfinished(run) if unfinished else [])],
        "ends": WHAT_ENDS.get(Cycle(run.cycle), ""),
        "still": still(run) if still else "",
    }
    return render(request, "cycles/close.html", context)


def _silent(run: CycleRun) -> str:
    count = len(unreported(run.organization_id, period_of_run(run)))
    return f"还有 {count} 项到期或有变动的工作没有填报进展" if count else ""


def _decided(run: CycleRun) -> str:
    count = Decision.objects.filter(run=run).count()
    return f"已记录议定事项 {count} 件" if count else "还没有记录议定事项"


def _without_reason(run: CycleRun) -> str:
    count = sum(row.reason is None for row in late_ones(run, run.ends_on))
    return f"还有 {count} 项逾期的没有写原因" if count else ""


# What one would want to know before: it bars nothing.
STILL: dict[Cycle, Callable[[CycleRun], str]] = {
    Cycle.WEEKLY: _silent,
    Cycle.MONTHLY: _decided,
    Cycle.YEARLY: _without_reason,
}
