"""工作台: what waits for this person, by role, and for those who look at the whole the office at a glance."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from accounts.enums import Role
from accounts.http import SignedInRequest
from accounts.standing import standing_of
from supervision.desk import forms
from supervision.desk.charts import LedgerLinks, cells_of, charts_of
from supervision.desk.queries.overview import overview_for
from supervision.desk.queries.piles import loaded, piles_of
from supervision.desk.queries.rows import Group, next_due, page_rows, sections_of, waiting_changes
from tasks.actions.milestone import confirm_milestones
from tasks.models import Milestone, Project
from tasks.queries.ledger.grounds import Grounds, reads_ledger

# Those who see no business data begin where their work is.
BEGINS_AT = ((Role.SYSADMIN, "people"), (Role.AUDITOR, "audit"))
SHOWN_AT_MOST = 10
PER_PAGE = 50
WEEK = "week"


@require_GET
def desk(request: SignedInRequest) -> HttpResponse:
    user, today = request.user, request.today
    roles = standing_of(user, today=today).roles()
    if not reads_ledger(user, today):
        for role, name in BEGINS_AT:
            if role in roles:
                return redirect(name)
        return render(request, "desk/no_post.html")
    grounds = Grounds(today)
    is_leader = Role.LEADER in roles
    sections, changes = sections_of(user, grounds), waiting_changes(user, grounds)
    for section in sections:  # what the secretariat decides stands with its other piles
        if section.title == "督办":
            section.groups += [group for group in (changes.to_decide, changes.for_opinion) if group.count]
    waiting = sum(section.count for section in sections)
    by_week = request.GET.get("closed") == WEEK
    only_looks = is_leader or not sections
    overview = overview_for(user, grounds, by_week=by_week, with_lists=only_looks)
    drafts = overview.drafts if overview and Role.SECRETARIAT in roles else 0
    context: dict[str, Any] = {
        "today": today,
        "overview": overview,
        "sections": [section for section in sections if section.count],
        "approvals": changes.approvals,
        "is_leader": is_leader,
        "only_looks": only_looks,
        "drafts": drafts,
        "waiting": waiting,
        "begins": Role.SECRETARIAT in roles and (overview is None or overview.plan is None),
        "top": next((group for section in sections for group in section.groups), None),  # whose first button is solid
        "next_due": None if waiting or drafts or changes.approvals.count else next_due(user, today),
    }
    if overview is not None:
        links = LedgerLinks(overview.plan_code)
        context |= {
            "charts": charts_of(overview, links),
            "cells": cells_of(overview.figures, links),
            "whole_url": links.to(),
            "open_url": links.to(state="open"),
            "red_url": links.to(light="red"),
            "mine_url": links.to(leader="mine", state="open"),
            "is_secretariat": Role.SECRETARIAT in roles,
        }
    return render(request, "desk/desk.html", context)


@require_GET
def pile(request: SignedInRequest, kind: str) -> HttpResponse:
    grounds = Grounds(request.today)
    piles = {pile.kind: pile for _, piles in piles_of(request.user, grounds) for pile in piles}
    if kind not in piles:
        raise Http404
    chosen = piles[kind]
    page = Paginator(loaded(chosen.rows(request.user)), PER_PAGE).get_page(request.GET.get("page"))
    rows = page_rows(list(page), chosen, request.user, grounds)
    group = Group(
        chosen.kind, chosen.title, chosen.button, chosen.hint, page.paginator.count, rows, is_bulk=chosen.is_bulk
    )
    return render(request, "desk/pile.html", {"group": group, "page_obj": page})


@require_POST
def confirm(request: SignedInRequest) -> HttpResponse:
    form = forms.ConfirmForm(request.POST)
    back = redirect("desk-pile", kind="confirm") if request.POST.get("from") == "pile" else redirect("desk")
    if not form.is_valid():
        messages.warning(request, "一个节点也没有勾选，请先勾选要核实的节点。")
        return back
    versions = form.cleaned_data["milestone"]
    seen = Project.objects.visible_to(request.user, request.today).order_by()
    found = Milestone.objects.filter(pk__in=versions, project__in=seen).select_related(
        "project__lead_division", "division"
    )
    chosen = [(milestone, versions[milestone.pk]) for milestone in found]
    outcome = confirm_milestones(chosen, by=request.user, now=request.now)
    if outcome.done:
        messages.success(request, f"已核实 {len(outcome.done)} 个节点。")
    if outcome.left:
        left = "；".join(f"“{m.title}”：{'，'.join(bars)}" for m, bars in outcome.left[:SHOWN_AT_MOST])
        more = f"；另有 {len(outcome.left) - SHOWN_AT_MOST} 个" if len(outcome.left) > SHOWN_AT_MOST else ""
        messages.warning(request, f"{len(outcome.left)} 个没有核实——{left}{more}。")
    return back
