"""办结: closing the papers of a period, whichever they are."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from accounts.http import SignedInRequest
from supervision.cycles.actions.closing import close_run
from supervision.cycles.models import CycleRun
from supervision.cycles.queries.papers import paper_url
from tasks.views.drafts import typed_version


@require_POST
def cycle_close(request: SignedInRequest, pk: int) -> HttpResponse:
    run = get_object_or_404(CycleRun.objects.visible_to(request.user, request.today), pk=pk)
    close_run(run, by=request.user, version=typed_version(request.POST), now=request.now)
    messages.success(request, "已办结，材料不再修改。")
    return redirect(paper_url(run))
