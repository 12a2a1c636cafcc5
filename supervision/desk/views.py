"""工作台: what waits for this person, by role."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from accounts.enums import Role
from accounts.http import SignedInRequest
from accounts.standing import standing_of
from supervision.desk import forms, queries
from supervision.desk.figures import figures_for
from tasks.actions.milestone import confirm_milestones
from tasks.models import Milestone, Project
from tasks.queries.ledger import Grounds, reads_ledger

# Those who see no business data begin where their work is.
BEGINS_AT = ((Role.SYSADMIN, "people"), (Role.AUDITOR, "audit"))
SHOWN_AT_MOST = 10


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
    sections = queries.sections_of(user, grounds)
    drafts = queries.drafts_waiting(user, today)
    waiting = sum(section.count for section in sections)
    figures = figures_for(user, grounds)
    context = {
        "today": today,
        "figures": figures,
        "sections": sections,
        "is_leader": Role.LEADER in roles,
        "drafts": drafts,
        "waiting": waiting,
        "begins": Role.SECRETARIAT in roles and (figures is None or figures.plan is None),
        "top": next((group for section in sections for group in section.groups), None),  # whose first button is solid
        "next_due": None if waiting or drafts else queries.next_due(user, today),
    }
    return render(request, "desk/desk.html", context)


@require_GET
def pile(request: SignedInRequest, kind: str) -> HttpResponse:
    grounds = Grounds(request.today)
    piles = {pile.kind: pile for _, piles in queries.piles_of(request.user, grounds) for pile in piles}
    if kind not in piles:
        raise Http404
    chosen = piles[kind]
    page = Paginator(queries.loaded(chosen.rows), queries.PER_PAGE).get_page(request.GET.get("page"))
    rows = queries.rows_of(list(page), chosen, request.user, grounds)
    group = queries.Group(chosen, page.paginator.count, rows)
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
