"""The decomposition page: one form for the whole tree, rearranged by ops, written only by 保存."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from accounts.http import SignedInRequest
from accounts.refusals import record_refusal
from cppcc_office.lib.errors import Stale
from tasks.actions.decomposition import copied_from, draft_of, save_and_dispatch, save_decomposition
from tasks.enums import ProjectState
from tasks.forms.decompose import Decomposition
from tasks.forms.decompose_tree import Ground, TypedTree, apply_op, typed_from
from tasks.forms.differences import differences
from tasks.models import Project
from tasks.queries.plans import earlier_like, earlier_projects
from tasks.views.drafts import office_of, project_to_fill, typed_version

SAVING = ("save", "dispatch")


@require_http_methods(["GET", "POST"])
def project_decompose(request: SignedInRequest, pk: int) -> HttpResponse:
    project = project_to_fill(request, pk)
    if request.method == "GET":
        return _first_page(request, project)
    tree = TypedTree(request.POST)
    tree.check_size()
    office = office_of(project.plan, request)
    op = request.POST.get("op") or "save"
    if op not in SAVING:
        focus = apply_op(tree, op, Ground(office.year, request.today, office.calendar))
        form = Decomposition(tree, stored=project, office=office)
        return _page(request, project, form, version=typed_version(request.POST), is_unsaved=True, focus=focus)
    form = Decomposition(tree, stored=project, office=office, says_errors=True)
    if not form.is_valid():
        version = typed_version(request.POST)
        return _page(request, project, form, version=version, is_unsaved=True, status=422)
    return _save(request, project, form, dispatches=op == "dispatch")


def _first_page(request: SignedInRequest, project: Project) -> HttpResponse:
    if project.state != ProjectState.DRAFT:
        messages.info(request, f"项目{project.get_state_display()}，分解表不能直接修改，请提变更申请。")
        return redirect("project", pk=project.pk)
    office = office_of(project.plan, request)
    draft, earlier = draft_of(project), None
    if (chosen := request.GET.get("copy", "")).isdecimal():
        earlier = get_object_or_404(earlier_projects(project, request.user, request.today), pk=int(chosen))
        draft = copied_from(earlier, project)
    tree = TypedTree(typed_from(draft, year=office.year))
    form = Decomposition(tree, stored=project, office=office)
    return _page(request, project, form, version=project.version, is_unsaved=earlier is not None, earlier=earlier)


def _save(request: SignedInRequest, project: Project, form: Decomposition, *, dispatches: bool) -> HttpResponse:
    draft, version = form.draft(), typed_version(request.POST)
    try:
        if dispatches:
            project, bars = save_and_dispatch(project, draft, by=request.user, version=version, now=request.now)
        else:
            project = save_decomposition(project, draft, by=request.user, version=version, now=request.now)
    except Stale as stale:
        return _stale_page(request, project, form, stale)
    if not dispatches:
        messages.success(request, "分解表已保存。")
    elif bars:
        messages.warning(request, f"分解表已保存，没有交办：还有 {len(bars)} 处不完整，见“交办前还缺”。")
    else:
        messages.success(request, f"已交办“{project.title}”，编号 {project.number}。")
        return redirect("plan", pk=project.plan_id)
    return redirect("project-decompose", pk=project.pk)


def _stale_page(request: SignedInRequest, project: Project, form: Decomposition, stale: Stale) -> HttpResponse:
    """The form itself, with everything typed and the new version: this page holds too much to be copied by hand."""
    current = Project.objects.get(pk=project.pk)
    if current.state != ProjectState.DRAFT:
        raise stale
    record_refusal(request, stale)
    changes = differences(draft_of(current), form.draft(), form.office.choices)
    return _page(
        request,
        current,
        form,
        version=current.version,
        is_unsaved=True,
        stale=stale,
        differences=changes,
        status=409,
    )


def _page(
    request: SignedInRequest,
    project: Project,
    form: Decomposition,
    *,
    version: int,
    is_unsaved: bool,
    focus: str = "",
    status: int = 200,
    **more: Any,
) -> HttpResponse:
    words = request.GET.get("q", "").strip()
    context = {
        "project": project,
        "form": form,
        "gaps": form.gaps(request.today),
        "version": version,
        "is_unsaved": is_unsaved,
        "focus": focus,
        "words": words,
        **more,
    }
    if request.htmx:
        return render(request, "tasks/decompose/_form.html", context, status=status)
    context["alike"] = earlier_like(project, words, request.user, request.today)
    return render(request, "tasks/decompose/decompose.html", context, status=status)
