"""Key tasks: registered by hand, their page, corrected while all is draft, split into projects."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.http import SignedInRequest
from tasks.actions import key_tasks as actions
from tasks.actions.plans import ensure_source_classes
from tasks.enums import ProjectState
from tasks.forms.fields import pairs_in
from tasks.forms.plans import KeyTaskForm, NewProjectForm, typed_from_key_task, typed_from_plan
from tasks.models import KeyTask, Plan, Project
from tasks.queries.lights import for_lights, views_of
from tasks.queries.plans import key_tasks_visible_to
from tasks.views.drafts import office_of, plan_to_fill


@require_http_methods(["GET", "POST"])
def key_task_new(request: SignedInRequest, pk: int) -> HttpResponse:
    plan = plan_to_fill(request, pk)
    ensure_source_classes(plan.organization)
    saves = request.method == "POST" and not request.POST.get("op")
    data = request.POST if request.method == "POST" else typed_from_plan(plan)
    form = KeyTaskForm(data, plan=plan, office=office_of(plan, request), says_errors=saves)
    if not saves or not form.is_valid():
        return _form_page(request, form, {"plan": plan}, status=422 if saves else 200)
    given = form.task.value_of
    project = actions.create_key_task(
        plan,
        by=request.user,
        title=given("title"),
        number=given("number"),
        category=given("category"),
        papers=form.sources(),
        lead_division_id=given("lead_division"),
        person_id=given("person"),
        leader_id=given("leader"),
        now=request.now,
        **form.task.due(),
    )
    messages.success(request, f"已登记重点任务“{project.title}”，请接着分解。")
    return redirect("project-decompose", pk=project.pk)


@require_http_methods(["GET", "POST"])
def key_task_edit(request: SignedInRequest, pk: int) -> HttpResponse:
    key_task = _key_task_to_fill(request, pk)
    plan = key_task.plan
    saves = request.method == "POST" and not request.POST.get("op")
    data = request.POST if request.method == "POST" else typed_from_key_task(key_task)
    form = KeyTaskForm(data, plan=plan, office=office_of(plan, request), is_new=False, says_errors=saves)
    if not saves or not form.is_valid():
        versions = data.get("versions") or versions_shown(key_task)
        context = {"plan": plan, "key_task": key_task, "versions": versions}
        return _form_page(request, form, context, status=422 if saves else 200)
    given = form.task.value_of
    actions.alter_key_task(
        key_task,
        by=request.user,
        versions=dict(pairs_in(request.POST.get("versions", "").split())),
        title=given("title"),
        number=given("number"),
        category=given("category"),
        papers=form.sources(),
        now=request.now,
    )
    messages.success(request, f"已修改重点任务“{key_task.title}”。")
    return redirect("key-task", pk=pk)


def _form_page(request: SignedInRequest, form: KeyTaskForm, context: dict[str, object], *, status: int) -> HttpResponse:
    template = "tasks/plans/_key_task_form.html" if request.htmx else "tasks/plans/key_task_form.html"
    return render(request, template, {"form": form, **context}, status=status)


@require_GET
def key_task(request: SignedInRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(key_tasks_visible_to(request.user, request.today), pk=pk)
    projects = Project.objects.visible_to(request.user, request.today).filter(key_task=row)
    views = views_of(for_lights(projects).order_by("order", "id"), request.today)
    may_fill = Plan.objects.run_by(request.user, request.today).filter(pk=row.plan_id).exists()
    all_draft = all(view.project.state == ProjectState.DRAFT for view in views)
    context = {
        "key_task": row,
        "sources": row.sources.select_related("source_class").order_by("id"),
        "views": views,
        "may_fill": may_fill,
        "may_edit": may_fill and all_draft,
        "new_project": NewProjectForm(),
    }
    return render(request, "tasks/plans/key_task.html", context)


@require_POST
def key_task_add_project(request: SignedInRequest, pk: int) -> HttpResponse:
    row = _key_task_to_fill(request, pk)
    form = NewProjectForm(request.POST)
    if not form.is_valid():
        return render(request, "tasks/plans/add_project.html", {"key_task": row, "form": form}, status=422)
    project = actions.add_project(row, by=request.user, title=form.cleaned_data["title"], now=request.now)
    messages.success(request, f"已在“{row.title}”下增加项目“{project.title}”，请接着分解。")
    return redirect("project-decompose", pk=project.pk)


def _key_task_to_fill(request: SignedInRequest, pk: int) -> KeyTask:
    plans = Plan.objects.run_by(request.user, request.today)
    rows = KeyTask.objects.filter(plan__in=plans).select_related("plan__organization", "category")
    return get_object_or_404(rows, pk=pk)


def versions_shown(key_task: KeyTask) -> str:
    """Of all its projects, for the hidden field: `12:3 15:1`."""
    pairs = key_task.projects.order_by("order", "id").values_list("pk", "version")
    return " ".join(f"{pk}:{version}" for pk, version in pairs)
