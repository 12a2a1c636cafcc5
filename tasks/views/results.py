"""成果: recorded and voided on the project, counted per year on a page of their own."""

from django.core.paginator import Paginator
from django.db.models import Sum
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.http import SignedInRequest
from accounts.standing import standing_of
from cppcc_office.lib.sheets.writing import Layout
from tasks.actions import results as actions
from tasks.enums import ResultKind
from tasks.forms.results import ResultFilter, ResultForm, VoidForm
from tasks.models import Project, Result
from tasks.queries.ledger.grounds import reads_ledger
from tasks.queries.results import Across, counters_of, results_for
from tasks.rules.results import bar_to_add_result, bar_to_void_result, types_for_them
from tasks.tables.results import COLUMNS, PAPER, result_lines
from tasks.views.after import done
from tasks.views.books import book_response
from tasks.views.drafts import typed_version
from tasks.views.found import project_to_act_on
from tasks.views.move_page import show_move, typed

PER_PAGE = 50
HERE = "results"


@require_http_methods(["GET", "POST"])
def result_new(request: SignedInRequest, pk: int) -> HttpResponse:
    project = project_to_act_on(request, pk)
    form = ResultForm(**typed(request), today=request.today)
    if form.is_valid():
        data = form.cleaned_data | {"kind": ResultKind(form.cleaned_data["kind"])}
        version = typed_version(request.POST)
        actions.add_result(project, by=request.user, version=version, now=request.now, **data)
        return done(request, f"已登记成果“{data['title']}”。", project, here=HERE)
    bars = bar_to_add_result(request.user, project, request.today)
    hint = f"您代{project.lead_division}登记，页面上会标明“代填”；登记后您不能再验收此项目。"
    hints = [hint] if not bars and types_for_them(request.user, project, request.today) else []
    return show_move(request, project, form, heading="登记成果", submit="登记成果", bars=bars, hints=hints)


@require_http_methods(["GET", "POST"])
def result_void(request: SignedInRequest, pk: int) -> HttpResponse:
    projects = Project.objects.whole_for(request.user, request.today).order_by()
    results = Result.objects.select_related("project__lead_division", "project__plan", "voided_by")
    result = get_object_or_404(results, pk=pk, project__in=projects)
    form = VoidForm(**typed(request))
    if form.is_valid():
        version = typed_version(request.POST)
        actions.void_result(result, by=request.user, version=version, now=request.now, **form.cleaned_data)
        return done(request, f"已作废成果“{result.title}”。", result.project, here=HERE)
    bars = bar_to_void_result(request.user, result, request.today)
    heading = f"作废成果“{result.title}”"
    return show_move(request, result.project, form, heading=heading, submit="作废", bars=bars)


def _filtered(request: SignedInRequest) -> ResultFilter:
    """As the address says; the year is this one where it says nothing."""
    if not reads_ledger(request.user, request.today):
        raise Http404
    asked = request.GET.copy()
    asked.setdefault("year", str(request.today.year))
    return ResultFilter(asked, queryset=results_for(request.user, request.today), today=request.today)


@require_safe
def results(request: SignedInRequest) -> HttpResponse:
    """Counters of the year, each a link to its list below."""
    filtered = _filtered(request)
    across = Across(request.GET["by"]) if request.GET.get("by") in list(Across) else Across.DIVISION
    chosen = filtered.form.cleaned_data if filtered.form.is_valid() else {}
    year = chosen.get("year") or ""
    of_year = filtered.queryset.filter(on__year=year) if year else filtered.queryset
    listed = filtered.qs.select_related("project__lead_division", "project__key_task__category")
    page = Paginator(listed, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "filter": filtered,
        "across": across,
        "all_across": list(Across),
        "kinds": list(ResultKind),
        "year": year,
        "counters": counters_of(of_year, across),
        "page": page,
        "pieces": filtered.qs.order_by().aggregate(pieces=Sum("count"))["pieces"] or 0,
        "is_narrowed": any(chosen.get(name) for name in ("kind", "division", "category", "q")),
    }
    return render(request, "tasks/results/results.html", context)


@require_POST
def results_export(request: SignedInRequest) -> FileResponse:
    filtered = _filtered(request)
    rows = filtered.qs.select_related("project__lead_division")
    year = filtered.form.cleaned_data.get("year") or ""
    name = f"{year}年成果清单" if year else "成果清单"
    notes = (name, f"共 {rows.count()} 条，{request.today:%Y-%m-%d} 导出")
    layout = Layout("成果", COLUMNS, titles=notes, paper=PAPER, frozen=3)
    organization_id = standing_of(request.user, today=request.today).home_id or 0
    return book_response(
        request, layout, result_lines(rows.iterator(2_000)), name=name, organization_id=organization_id
    )
