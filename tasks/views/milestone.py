"""The moves of a milestone: one address each, the plain ones done at once, the others with a page for the words."""

from django import forms
from django.http import HttpResponse
from django.views.decorators.http import require_http_methods, require_POST

from accounts.http import SignedInRequest
from accounts.standing import standing_of
from tasks.actions import milestone as actions
from tasks.enums import MilestoneState
from tasks.forms.milestone import ReportForm, SendBackForm
from tasks.models import Milestone
from tasks.queries.counts import shortages_of
from tasks.views.after import done
from tasks.views.drafts import typed_version
from tasks.views.found import milestone_to_act_on
from tasks.views.move_page import show_move, typed
from tasks.workflow import MILESTONE_MOVES


@require_POST
def milestone_start(request: SignedInRequest, pk: int) -> HttpResponse:
    milestone = milestone_to_act_on(request, pk)
    actions.start_milestone(milestone, by=request.user, version=typed_version(request.POST), now=request.now)
    return done(request, f"节点“{milestone.title}”已开始办理。", milestone.project, here=_place(milestone))


@require_http_methods(["GET", "POST"])
def milestone_report(request: SignedInRequest, pk: int) -> HttpResponse:
    milestone = milestone_to_act_on(request, pk)
    shortages = shortages_of(milestone.project, [milestone.target])
    form = ReportForm(**typed(request), targets=[row.target for row in shortages])
    form.tell_shortages(shortages)
    if form.is_valid():
        note, version = form.cleaned_data["summary"], typed_version(request.POST)
        actions.report_milestone(
            milestone, by=request.user, version=version, note=note, counts=form.counts(), now=request.now
        )
        to = "督办处核实" if milestone.state == MilestoneState.REPORTED else "处室负责人审核"
        words = f"节点“{milestone.title}”已报完成，送{to}。"
        return done(request, words, milestone.project, then="report", here=_place(milestone))
    return _page(request, milestone, form, "report", submit=_entered_for(request, milestone) + "报完成")


@require_POST
def milestone_agree(request: SignedInRequest, pk: int) -> HttpResponse:
    milestone = milestone_to_act_on(request, pk)
    actions.agree_milestone(milestone, by=request.user, version=typed_version(request.POST), now=request.now)
    then = "已完成" if milestone.state == MilestoneState.DONE else "送督办处核实"
    words = f"已同意节点“{milestone.title}”报完成，{then}。"
    return done(request, words, milestone.project, then="agree", here=_place(milestone))


@require_http_methods(["GET", "POST"])
def milestone_send_back_by_head(request: SignedInRequest, pk: int) -> HttpResponse:
    milestone = milestone_to_act_on(request, pk)
    form = SendBackForm(**typed(request))
    if form.is_valid():
        note, version = form.cleaned_data["reason"], typed_version(request.POST)
        actions.send_back_by_head(milestone, by=request.user, version=version, note=note, now=request.now)
        words = f"节点“{milestone.title}”已退回经办人。"
        return done(request, words, milestone.project, then="agree", here=_place(milestone))
    return _page(request, milestone, form, "send_back_by_head")


@require_POST
def milestone_confirm(request: SignedInRequest, pk: int) -> HttpResponse:
    milestone = milestone_to_act_on(request, pk)
    actions.confirm_milestone(milestone, by=request.user, version=typed_version(request.POST), now=request.now)
    words = f"已核实节点“{milestone.title}”完成。"
    return done(request, words, milestone.project, then="confirm", here=_place(milestone))


@require_http_methods(["GET", "POST"])
def milestone_send_back(request: SignedInRequest, pk: int) -> HttpResponse:
    milestone = milestone_to_act_on(request, pk)
    form = SendBackForm(**typed(request))
    if form.is_valid():
        note, version = form.cleaned_data["reason"], typed_version(request.POST)
        actions.send_back_milestone(milestone, by=request.user, version=version, note=note, now=request.now)
        words = f"节点“{milestone.title}”已退回{milestone.division}，处室计时继续。"
        return done(request, words, milestone.project, then="confirm", here=_place(milestone))
    return _page(request, milestone, form, "send_back")


def _place(milestone: Milestone) -> str:
    return f"milestone-{milestone.pk}"


def _entered_for(request: SignedInRequest, milestone: Milestone) -> str:
    return "" if standing_of(request.user, today=request.today).belongs_to(milestone.division_id) else "代填"


def _page(
    request: SignedInRequest, milestone: Milestone, form: forms.Form, name: str, *, submit: str = ""
) -> HttpResponse:
    move = MILESTONE_MOVES[name]
    submit = submit or move.label
    hints = []
    if submit.startswith("代填"):
        hints.append(f"您代{milestone.division}填写，页面上会标明“代填”；填写后您不能再核实此节点、验收此项目。")
    return show_move(
        request,
        milestone.project,
        form,
        heading=f"{submit}：{milestone.title}",
        submit=submit,
        bars=move.bars(request.user, milestone, request.today),
        milestone=milestone,
        hints=hints,
    )
