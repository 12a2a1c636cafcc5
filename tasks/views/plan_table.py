"""重点任务分解表 of a plan, by category or by division, on paper A3 or A4."""

from django.core.paginator import Paginator
from django.http import FileResponse, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_POST, require_safe

from accounts.http import SignedInRequest
from accounts.models import Division
from cppcc_office.lib.sheets.writing import Paper
from tasks.forms.plan_table import PlanTableForm
from tasks.models import Plan
from tasks.models.project import ProjectQuerySet
from tasks.queries.plan_table import ORDER, projects_of_table, read_whole, with_tree
from tasks.tables.merging import merged_rows
from tasks.tables.plan_table import COLUMNS, LINKED, layout_of_table, table_lines
from tasks.views.books import book_response

PER_PAGE = 100
ALL_AT_ONCE = 1_000  # on one page, to be printed as a whole
CHUNK = 500


def _plan(request: SignedInRequest, pk: int) -> Plan:
    return get_object_or_404(Plan.objects.visible_to(request.user, request.today), pk=pk)


def _narrowed(request: SignedInRequest, plan: Plan) -> tuple[PlanTableForm, ProjectQuerySet]:
    projects = projects_of_table(plan, request.user, request.today)
    led = Division.objects.filter(pk__in=projects.order_by().values("lead_division"))
    form = PlanTableForm(request.GET, plan=plan, divisions=led)
    return form, form.narrow(projects.order_by(*ORDER[form.grouped_by]))


@require_safe
def plan_table(request: SignedInRequest, pk: int) -> HttpResponse:
    plan = _plan(request, pk)
    form, projects = _narrowed(request, plan)
    per_page = ALL_AT_ONCE if "all" in request.GET else PER_PAGE
    page = Paginator(with_tree(projects), per_page).get_page(request.GET.get("page"))
    shown = list(page.object_list)
    whole = read_whole(projects.filter(pk__in=[project.pk for project in shown]), request.user, request.today)
    lines = table_lines(shown, whole, form.grouped_by, begin=page.start_index() or 1)
    context = {
        "plan": plan,
        "form": form,
        "columns": COLUMNS,
        "linked": LINKED,
        "rows": merged_rows(COLUMNS, lines),
        "page": page,
        "is_narrowed": form.is_narrowed,
    }
    return render(request, "tasks/plans/plan_table.html", context)


@require_POST
def plan_table_export(request: SignedInRequest, pk: int) -> FileResponse:
    """Everything that is filtered, however long, in the order of the page."""
    plan = _plan(request, pk)
    form, projects = _narrowed(request, plan)
    whole = read_whole(projects, request.user, request.today)
    lines = table_lines(with_tree(projects).iterator(CHUNK), whole, form.grouped_by)
    name = f"{plan.name}分解表"
    titles = (name, f"按{form.grouped_by.label}，共 {projects.count()} 项，{request.today:%Y-%m-%d}")
    layout = layout_of_table(plan, titles, Paper[form.paper_code.upper()])
    return book_response(request, layout, lines, name=name, organization_id=plan.organization_id)
