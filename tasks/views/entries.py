"""填报进展: by the divisions that take part, or 代填 by the secretariat."""

from django.http import HttpResponse
from django.views.decorators.http import require_http_methods

from accounts.http import SignedInRequest
from tasks.actions.entries import add_entry, division_for_entry
from tasks.actions.recording import hand_of
from tasks.forms.entries import EntryForm
from tasks.rules.entries import bar_to_add_entry
from tasks.views.after import done
from tasks.views.drafts import typed_version
from tasks.views.found import project_to_act_on
from tasks.views.move_page import show_move, typed

WRITTEN = ("milestone", "situation", "problems", "next_steps", "needs_coordination")


@require_http_methods(["GET", "POST"])
def entry_new(request: SignedInRequest, pk: int) -> HttpResponse:
    project = project_to_act_on(request, pk)
    form = EntryForm(**typed(request), project=project, initial={"milestone": request.GET.get("milestone")})
    if form.is_valid():
        written = {name: form.cleaned_data[name] for name in WRITTEN}
        version = typed_version(request.POST)
        files, counts = form.cleaned_data["papers"], form.counts()
        add_entry(project, by=request.user, version=version, counts=counts, files=files, now=request.now, **written)
        return done(request, "已填报进展。", project, here="entries")
    division = division_for_entry(request.user, project, None, request.today)
    typed_for = hand_of(request.user, request.today, division=division).entered_for if division else ""
    submit = "代填进展" if typed_for else "填报进展"
    hint = f"您代{typed_for}填写，页面上会标明“代填”；填写后您不能再验收此项目。"
    bars = bar_to_add_entry(request.user, project, None, request.today)
    return show_move(
        request,
        project,
        form,
        heading=submit,
        submit=submit,
        bars=bars,
        hints=[hint] if typed_for else [],
        busy="正在上传",
    )
