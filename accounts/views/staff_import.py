"""Taking in a staff table: upload, check, write; for the system administrator."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import content_disposition_header
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts import forms
from accounts.actions import staff_import as actions
from accounts.documents import passwords_workbook
from accounts.enums import Role, StaffImportState
from accounts.http import SignedInRequest
from accounts.intake.plans import StaffPlan
from accounts.intake.sheet import staff_rows
from accounts.models import StaffImport
from accounts.views.offices import office_as
from accounts.views.people import show_passwords
from cppcc_office.lib.errors import Refused
from cppcc_office.lib.sheets import read_tables

VIEWS = (("", "需处理"), ("new", "新建"), ("update", "更新"), ("same", "不变"), ("all", "全部"))


@require_http_methods(["GET", "POST"])
def staff_import(request: SignedInRequest) -> HttpResponse:
    organization = office_as(request, Role.SYSADMIN)
    form = forms.StaffFileForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            rows, left_out = staff_rows(read_tables(file, file.name))
        except Refused as refused:
            form.add_error("file", refused.reasons)
        else:
            batch = actions.open_staff_import(
                organization,
                file_name=file.name,
                rows=rows,
                left_out=left_out,
                by=request.user,
                now=request.now,
                today=request.today,
            )
            return redirect("staff-import-check", pk=batch.pk)
    batches = StaffImport.objects.filter(organization=organization).select_related("by").defer("rows")[:20]
    context = {"organization": organization, "form": form, "batches": batches}
    return render(request, "accounts/staff_import.html", context, status=422 if form.errors else 200)


def _batch_or_404(request: SignedInRequest, pk: int) -> StaffImport:
    organization = office_as(request, Role.SYSADMIN)
    return get_object_or_404(StaffImport.objects.select_related("organization"), pk=pk, organization=organization)


def staff_import_check(request: SignedInRequest, pk: int) -> HttpResponse:
    batch = _batch_or_404(request, pk)
    is_open = batch.state == StaffImportState.OPEN
    plan = actions.plan_of(batch, today=request.today) if is_open else None
    context: dict[str, object] = {"organization": batch.organization, "batch": batch, "plan": plan}
    if plan is not None:
        context |= {"view": _view_of(request, plan), "views": _views(plan), "counts": _counts(plan)}
        context["rows"] = [row for row in plan.rows if _is_shown(row.status, str(context["view"]))]
    return render(request, "accounts/staff_import_check.html", context)


def _is_shown(status: str, view: str) -> bool:
    return view == "all" or status == view or (not view and status in {"error", "ask"})


def _counts(plan: StaffPlan) -> dict[str, int]:
    return {status: plan.count(status) for status in ("error", "ask", "new", "update", "same")}


def _views(plan: StaffPlan) -> list[tuple[str, str, int]]:
    return [(key, word, sum(1 for row in plan.rows if _is_shown(row.status, key))) for key, word in VIEWS]


def _view_of(request: SignedInRequest, plan: StaffPlan) -> str:
    """What was asked for; else what needs doing, else everything."""
    asked = request.GET.get("view")
    if asked in {key for key, _ in VIEWS}:
        return str(asked)
    return "" if any(row.status in {"error", "ask"} for row in plan.rows) else "all"


@never_cache
@require_POST
def staff_import_answer(request: SignedInRequest, pk: int) -> HttpResponse:
    """The form of the check page: keeps the answers, and with its second button writes the table."""
    batch = _batch_or_404(request, pk)
    answers = {key: str(value) for key, value in request.POST.items() if ":" in key or key in actions.SINGLE_QUESTIONS}
    actions.answer_staff_import(batch, answers=answers, by=request.user, now=request.now, today=request.today)
    if "write" not in request.POST:
        return redirect("staff-import-check", pk=pk)
    plan = actions.plan_of(batch, today=request.today)
    if plan.bars:
        messages.warning(request, f"还有 {len(plan.bars)} 处要处理，处理后才能写入。")
        return redirect("staff-import-check", pk=pk)
    accounts = actions.write_staff_import(batch, by=request.user, now=request.now, today=request.today)
    if not accounts:
        messages.success(request, f"已写入：更新 {batch.updated_count} 人，没有新建账号。")
        return redirect("people")
    messages.success(request, f"已写入：新建 {batch.created_count} 人，更新 {batch.updated_count} 人。")
    return show_passwords(request, accounts)


@require_POST
def staff_import_drop(request: SignedInRequest, pk: int) -> HttpResponse:
    batch = _batch_or_404(request, pk)
    actions.drop_staff_import(batch, by=request.user, now=request.now, today=request.today)
    messages.success(request, f"已放弃人员表“{batch.file_name}”，没有写入任何内容。")
    return redirect("staff-import")


@never_cache
@require_POST
def staff_import_passwords(request: SignedInRequest) -> HttpResponse:
    """The list just shown, as a file. It comes back with the request, because nothing here keeps it."""
    office_as(request, Role.SYSADMIN)
    columns = [request.POST.getlist(name) for name in ("name", "where", "username", "password")]
    response = HttpResponse(
        passwords_workbook(zip(*columns, strict=False)),
        content_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    )
    response["Content-Disposition"] = content_disposition_header(True, f"初始密码-{request.today}.xlsx") or ""
    return response
