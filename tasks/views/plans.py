"""Plans: the list, a new one, and the page of one with its categories, key tasks and projects."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from accounts.enums import Role
from accounts.http import SignedInRequest
from accounts.models import Division, Organization
from accounts.standing import standing_of
from tasks.actions import plans as actions
from tasks.enums import ProjectState
from tasks.forms.plans import PlanFilter, PlanForm
from tasks.models import Plan, Project
from tasks.queries.completeness import gaps_before_dispatch
from tasks.queries.ledger.grounds import reads_ledger
from tasks.queries.lights import views_of
from tasks.queries.plans import category_counts, in_plan_order, plans_with_counts

PER_PAGE = 100


@require_GET
def plans(request: SignedInRequest) -> HttpResponse:
    if not reads_ledger(request.user, request.today):
        raise Http404
    seen = Plan.objects.visible_to(request.user, request.today)
    standing = standing_of(request.user, today=request.today)
    context = {
        "plans": plans_with_counts(seen, request.user, request.today),
        "may_fill": Role.SECRETARIAT in standing.roles(),
    }
    return render(request, "tasks/plans/plans.html", context)


@require_http_methods(["GET", "POST"])
def plan_new(request: SignedInRequest) -> HttpResponse:
    standing = standing_of(request.user, today=request.today)
    organization = Organization.objects.filter(pk__in=standing.organizations_as(Role.SECRETARIAT)).first()
    if organization is None:
        raise Http404
    # In the last weeks of a year it is the next year's plan that is made.
    year = request.today.year + (request.today.month >= 11)
    form = PlanForm(request.POST or None, initial={"year": year, "name": f"{year}年度重点任务", "kind": "ANNUAL"})
    if request.method == "POST" and form.is_valid():
        plan = actions.create_plan(organization, by=request.user, now=request.now, **form.cleaned_data)
        messages.success(request, f"已建立“{plan.name}”。可以导入任务分解表，也可以逐项登记重点任务。")
        return redirect("plan", pk=plan.pk)
    return render(request, "tasks/plans/plan_new.html", {"form": form}, status=422 if form.errors else 200)


@require_GET
def plan(request: SignedInRequest, pk: int) -> HttpResponse:
    plan = get_object_or_404(Plan.objects.visible_to(request.user, request.today), pk=pk)
    everything = Project.objects.visible_to(request.user, request.today).filter(plan=plan)
    led = Division.objects.filter(projects_led__plan=plan).distinct().values_list("pk", "name")
    narrowing = PlanFilter(request.GET, plan=plan, divisions=list(led))
    counts = category_counts(plan, everything)
    projects = Paginator(in_plan_order(narrowing.narrow(everything)), PER_PAGE).get_page(request.GET.get("page"))
    rows = [
        (view, gaps_before_dispatch(view.project, on=request.today) if _is_draft(view.project) else [])
        for view in views_of(projects, request.today)
    ]
    context = {
        "plan": plan,
        "filter": narrowing,
        "chosen": narrowing.chosen(),
        "counts": counts,
        "total": sum(row.projects for row in counts),
        "drafts": sum(row.drafts for row in counts),
        "page": projects,
        "rows": rows,
        "may_fill": Plan.objects.run_by(request.user, request.today).filter(pk=pk).exists(),
    }
    return render(request, "tasks/plans/plan.html", context)


def _is_draft(project: Project) -> bool:
    return project.state == ProjectState.DRAFT
