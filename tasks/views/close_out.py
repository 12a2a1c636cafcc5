"""申请销号 and its verification."""

from django.http import HttpResponse
from django.views.decorators.http import require_http_methods, require_POST

from accounts.http import SignedInRequest
from accounts.standing import standing_of
from tasks.actions import close_out as actions
from tasks.enums import Effect
from tasks.forms.close_out import AcceptForm, RequestCloseOutForm, ReturnForm
from tasks.queries.counts import Shortage, shortages_of
from tasks.rules.project import live_close_out
from tasks.views.after import done
from tasks.views.drafts import typed_version
from tasks.views.found import project_to_act_on
from tasks.views.move_page import show_move, typed
from tasks.workflow import PROJECT_MOVES


@require_http_methods(["GET", "POST"])
def project_request_close_out(request: SignedInRequest, pk: int) -> HttpResponse:
    project = project_to_act_on(request, pk)
    shortages = shortages_of(project)
    form = RequestCloseOutForm(**typed(request), project=project, shortages=shortages)
    if form.is_valid():
        version = typed_version(request.POST)
        summary, files = form.cleaned_data["summary"], form.cleaned_data["papers"]
        actions.request_close_out(
            project,
            by=request.user,
            version=version,
            summary=summary,
            counts=form.counts(),
            files=files,
            now=request.now,
        )
        return done(request, "已申请销号，处室计时已停，等待验收。", project)
    own = standing_of(request.user, today=request.today).belongs_to(project.lead_division_id)
    submit = "申请销号" if own else "代填申请销号"
    hints = _told(shortages, "请补填，确实没有达到的写明原因。")
    if not own:
        hints.append(f"您代{project.lead_division}填写，页面上会标明“代填”；填写后您不能再验收此项目。")
    bars = PROJECT_MOVES["request_close_out"].bars(request.user, project, request.today)
    return show_move(request, project, form, heading=submit, submit=submit, bars=bars, hints=hints, busy="正在上传")


def _told(shortages: list[Shortage], then: str) -> list[str]:
    return [f"计数目标还没有达到：{'；'.join(row.words for row in shortages)}。{then}"] if shortages else []


@require_POST
def project_withdraw_close_out(request: SignedInRequest, pk: int) -> HttpResponse:
    project = project_to_act_on(request, pk)
    actions.withdraw_close_out(project, by=request.user, version=typed_version(request.POST), now=request.now)
    return done(request, "已撤回销号申请，项目继续办理。", project)


@require_http_methods(["GET", "POST"])
def project_accept_close_out(request: SignedInRequest, pk: int) -> HttpResponse:
    project = project_to_act_on(request, pk)
    form = AcceptForm(**typed(request))
    if form.is_valid():
        effect, note = Effect(form.cleaned_data["effect"]), form.cleaned_data["opinion"]
        version = typed_version(request.POST)
        row = actions.accept_close_out(
            project, by=request.user, version=version, effect=effect, note=note, now=request.now
        )
        words = f"已验收销号，编号 {row.number}，成效评价“{effect.label}”。"
        return done(request, words, project, then="accept_close_out")
    bars = PROJECT_MOVES["accept_close_out"].bars(request.user, project, request.today)
    return show_move(
        request,
        project,
        form,
        heading="验收销号",
        submit="验收销号",
        bars=bars,
        close_out=live_close_out(project),
        hints=_told(shortages_of(project), "请据此核查、评定成效。"),
    )


@require_http_methods(["GET", "POST"])
def project_return_close_out(request: SignedInRequest, pk: int) -> HttpResponse:
    project = project_to_act_on(request, pk)
    form = ReturnForm(**typed(request), today=request.today)
    if form.is_valid():
        note, mend_on = form.cleaned_data["reason"], form.cleaned_data["mend_on"]
        version = typed_version(request.POST)
        actions.return_close_out(project, by=request.user, version=version, note=note, mend_on=mend_on, now=request.now)
        words = f"已退回整改，整改时限 {mend_on:%Y-%m-%d}；完成时限不变，处室计时继续。"
        return done(request, words, project, then="accept_close_out")
    bars = PROJECT_MOVES["return_close_out"].bars(request.user, project, request.today)
    return show_move(
        request, project, form, heading="退回整改", submit="退回整改", bars=bars, close_out=live_close_out(project)
    )
