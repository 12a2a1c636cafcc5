"""Importing a paper: upload, columns by hand, preview corrected in place, written, undone."""

from typing import Any

from django.contrib import messages
from django.core.files.storage import default_storage
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.enums import Role
from accounts.http import SignedInRequest
from accounts.models import Organization
from accounts.standing import standing_of
from tasks.actions.intake.batches import abandon_import, choose_columns, create_import, request_write
from tasks.actions.intake.correcting import answer_all, correct_row, mark_of, settle_source
from tasks.actions.intake.undoing import bar_to_undo, undo_import
from tasks.actions.plans import ensure_source_classes
from tasks.documents.annotated_import import annotated_workbook
from tasks.enums import ImportState
from tasks.forms.intake import UNREAD, ImportForm, MappingForm, SourceForm, answer_from, remembered_from
from tasks.intake.papers import sheets_to_map
from tasks.intake.values import CORRECTABLE, TITLES
from tasks.models import ImportBatch, ImportRow, Plan, SourceClass
from tasks.queries.import_preview import questions_of, row_views, rows_in, tabs_of, unread_columns

PER_PAGE = 50
WORKING = (
    ImportState.WAITING,
    ImportState.READING,
    ImportState.CHECKING,
    ImportState.TO_WRITE,
    ImportState.WRITING,
)
STEPS = ("上传", "对应列", "核对更正", "写入计划")


def _office(request: SignedInRequest) -> Organization:
    """The office whose 督办人员 this is; to others these pages do not exist."""
    offices = standing_of(request.user, today=request.today).organizations_as(Role.SECRETARIAT)
    office = Organization.objects.filter(pk__in=offices).first()
    if office is None:
        raise Http404
    return office


def _batch(request: SignedInRequest, pk: int) -> ImportBatch:
    seen = ImportBatch.objects.visible_to(request.user, request.today)
    return get_object_or_404(seen.select_related("organization", "plan", "by"), pk=pk)


def _version(request: SignedInRequest) -> int:
    text = request.POST.get("version", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


@require_GET
def imports(request: SignedInRequest) -> HttpResponse:
    _office(request)
    batches = ImportBatch.objects.visible_to(request.user, request.today).select_related("plan", "by")
    page = Paginator(batches, PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "tasks/imports/imports.html", {"page": page, "working": WORKING})


@require_http_methods(["GET", "POST"])
def import_new(request: SignedInRequest) -> HttpResponse:
    office = _office(request)
    ensure_source_classes(office)
    form = ImportForm(
        request.POST or None,
        request.FILES or None,
        plans=Plan.objects.filter(organization=office),
        source_classes=SourceClass.objects.filter(organization=office, is_active=True),
        initial={"year": request.today.year, "plan": request.GET.get("plan")},
    )
    if request.method == "POST" and form.is_valid():
        name, data = form.upload()
        given = {key: form.cleaned_data[key] for key in ("year", "plan", "pasted", "default_source", "source_class")}
        if name and not data:
            form.add_error("file", "文件是空的；请检查是否选对了文件")
        else:
            batch = create_import(office, by=request.user, name=name, data=data, now=request.now, **given)
            return redirect("import-batch", pk=batch.pk)
    return render(request, "tasks/imports/new.html", {"form": form}, status=422 if form.errors else 200)


@require_GET
def import_batch(request: SignedInRequest, pk: int) -> HttpResponse:
    batch = _batch(request, pk)
    if batch.state in WORKING:
        return render(request, "tasks/imports/working.html", _frame(batch))
    if batch.state == ImportState.MAPPING:
        return redirect("import-mapping", pk=pk)
    if batch.state != ImportState.READY:
        return render(request, "tasks/imports/result.html", _frame(batch) | {"bars": bar_to_undo(batch)})
    context = _preview(request, batch)
    return render(request, "tasks/imports/preview.html", context)


def _preview(request: SignedInRequest, batch: ImportBatch) -> dict[str, Any]:
    context = _frame(batch) | _sums(batch)
    asks = context["asks"]
    tab = request.GET.get("tab") or ("ask" if asks else "all")
    page = Paginator(rows_in(batch, tab), PER_PAGE).get_page(request.GET.get("page"))
    sources, for_all = questions_of(batch)
    return context | {
        "tab": tab,
        "page": page,
        "rows": row_views(page, {row.pk: mark_of(row) for row in page}),
        "sources": sources,
        "for_all": for_all,
        "classes": SourceClass.objects.filter(organization=batch.organization, is_active=True),
        "unread": unread_columns(batch),
        "back": request.get_full_path(),
    }


def _frame(batch: ImportBatch) -> dict[str, Any]:
    now = {ImportState.MAPPING: 1, ImportState.READY: 2}.get(ImportState(batch.state), 0)
    if batch.state in (ImportState.TO_WRITE, ImportState.WRITING, ImportState.WRITTEN):
        now = 3
    steps = [(number, label, number - 1 < now, number - 1 == now) for number, label in enumerate(STEPS, 1)]
    return {"batch": batch, "steps": steps}


def _sums(batch: ImportBatch) -> dict[str, Any]:
    tabs = tabs_of(batch)
    counts = {tab.key: tab.count for tab in tabs}
    return {"tabs": tabs, "asks": counts["ask"], "ready": counts["ok"], "written": counts.get("done", 0)}


@require_GET
def import_progress(request: SignedInRequest, pk: int) -> HttpResponse:
    """Asked every second: the bar, or the word to go on."""
    batch = _batch(request, pk)
    if batch.state in WORKING:
        return render(request, "tasks/imports/_progress.html", {"batch": batch})
    response = HttpResponse(status=204)
    response["HX-Redirect"] = reverse("import-batch", args=[pk])
    return response


@require_http_methods(["GET", "POST"])
def import_row(request: SignedInRequest, pk: int, row_pk: int) -> HttpResponse:
    batch = _batch(request, pk)
    row = get_object_or_404(ImportRow.objects.select_related("batch__organization", "project"), pk=row_pk, batch=batch)
    if request.method == "GET":
        return render(request, "tasks/imports/row.html", _whole_row(batch, row))
    answer = answer_from(request.POST)
    row = correct_row(
        row,
        by=request.user,
        seen=request.POST.get("seen", ""),
        fields=answer.fields,
        decision=answer.decision,
        now=request.now,
    )
    if not request.htmx:
        return _back(request, batch, f"#r{row.pk}")
    batch.refresh_from_db()
    view = row_views([row], {row.pk: mark_of(row)})[0]
    context = _frame(batch) | _sums(batch) | {"view": view, "swaps": True, "tab": request.POST.get("tab", "")}
    context["back"] = request.POST.get("back", "")
    return render(request, "tasks/imports/_answer.html", context)


def _whole_row(batch: ImportBatch, row: ImportRow) -> dict[str, Any]:
    asked = {problem["field"]: problem["words"] for problem in row.problems}
    fields = [
        {
            "name": name,
            "label": label,
            "value": row.values.get(name, ""),
            "original": row.original.get(name, ""),
            "words": asked.get(name, ""),
            "is_long": name in ("goal", "steps", "effect", "remark", "progress"),
        }
        for name, label in TITLES.items()
        if name in CORRECTABLE
    ]
    view = row_views([row], {row.pk: mark_of(row)})[0]
    return _frame(batch) | {"row": row, "fields": fields, "view": view}


def _back(request: SignedInRequest, batch: ImportBatch, mark: str = "") -> HttpResponseRedirect:
    """To the tab and page the answer came from; never to another site."""
    here = reverse("import-batch", args=[batch.pk])
    query = request.POST.get("back", "").partition("?")[2]
    return HttpResponseRedirect(f"{here}{'?' + query if query else ''}{mark}")


@require_POST
def import_answer(request: SignedInRequest, pk: int) -> HttpResponse:
    batch = _batch(request, pk)
    answer = answer_from(request.POST)
    count = answer_all(
        batch,
        by=request.user,
        code=request.POST.get("code", ""),
        fields=answer.fields,
        decision=answer.decision,
        now=request.now,
    )
    messages.success(request, f"{count} 行已同样处理。")
    return _back(request, batch)


@require_POST
def import_source(request: SignedInRequest, pk: int) -> HttpResponse:
    batch = _batch(request, pk)
    classes = SourceClass.objects.filter(organization=batch.organization, is_active=True)
    form = SourceForm(request.POST, source_classes=classes)
    if not form.is_valid():
        messages.warning(request, "请选择来源类别。")
        return _back(request, batch)
    count = settle_source(batch, by=request.user, now=request.now, **form.cleaned_data)
    words = f"“{form.cleaned_data['text']}”对应到“{form.cleaned_data['source_class']}”，{count} 行已复核，以后不再问。"
    messages.success(request, words)
    return _back(request, batch)


@require_http_methods(["GET", "POST"])
def import_mapping(request: SignedInRequest, pk: int) -> HttpResponse:
    batch = _batch(request, pk)
    if batch.state not in (ImportState.MAPPING, ImportState.READY) or not batch.stored_as:
        return redirect("import-batch", pk=pk)
    with default_storage.open(batch.stored_as) as file:
        sheets = sheets_to_map(file.read(), batch.name)
    asked = request.POST if request.method == "POST" else request.GET
    sheet = next((each for each in sheets if each["name"] == asked.get("sheet")), sheets[0])
    known = batch.columns.get(sheet["name"], {})
    header = _header_row(sheet, asked.get("header", ""), known)
    titles = {index: text for index, text in enumerate(header["texts"]) if text}
    chosen = (
        {int(i): name for i, name in known.get("columns", {}).items()}
        if header["number"] == known.get("last_row")
        else {}
    )
    form = MappingForm(request.POST if request.method == "POST" else None, titles=titles, chosen=chosen)
    if request.method == "POST" and form.is_valid():
        columns = form.columns()
        remember = remembered_from(titles, columns, [titles[i] for i in chosen if chosen[i] == columns.get(i)])
        chosen_columns = batch.columns | {sheet["name"]: _by_hand(header["number"], titles, columns)}
        choose_columns(
            batch,
            by=request.user,
            version=_version(request),
            columns=chosen_columns,
            remember=remember,
            now=request.now,
        )
        return redirect("import-batch", pk=pk)
    context = _frame(batch) | {"form": form, "sheets": sheets, "sheet": sheet, "header": header}
    return render(request, "tasks/imports/mapping.html", context, status=422 if form.errors else 200)


def _header_row(sheet: dict[str, Any], asked: str, known: dict[str, Any]) -> dict[str, Any]:
    """The row asked for, the one recognised, else the fullest of the first rows."""
    wanted = asked or str(known.get("last_row", ""))
    rows = sheet["rows"]
    found = next((row for row in rows if str(row["number"]) == wanted), None)
    fullest: dict[str, Any] = max(rows, key=lambda row: len({text for text in row["texts"] if text}))
    return found or fullest


def _by_hand(number: int, titles: dict[int, str], columns: dict[int, str]) -> dict[str, Any]:
    fields = {str(index): name for index, name in columns.items() if name and name != UNREAD}
    lead = next((titles[int(index)] for index, name in fields.items() if name == "lead"), "")
    return {
        "first_row": number,
        "last_row": number,
        "columns": fields,
        "titles": {str(index): title for index, title in titles.items()},
        "unmapped": [index for index, name in columns.items() if not name],
        "unread": [index for index, name in columns.items() if name == UNREAD],
        "first_leads": "责任" in lead and "co" not in fields.values(),
        "by_hand": True,
    }


@require_POST
def import_write(request: SignedInRequest, pk: int) -> HttpResponse:
    batch = _batch(request, pk)
    only_ok = bool(request.POST.get("only_ok"))
    request_write(batch, by=request.user, version=_version(request), only_ok=only_ok, now=request.now)
    return redirect("import-batch", pk=pk)


@require_POST
def import_undo(request: SignedInRequest, pk: int) -> HttpResponse:
    batch = undo_import(_batch(request, pk), by=request.user, version=_version(request), now=request.now)
    messages.success(request, f"已撤销导入“{batch.name}”，写入的内容已全部删去。")
    return redirect("import-batch", pk=pk)


@require_POST
def import_abandon(request: SignedInRequest, pk: int) -> HttpResponse:
    batch = abandon_import(_batch(request, pk), by=request.user, version=_version(request), now=request.now)
    messages.success(
        request, f"已放弃“{batch.name}”。" if batch.state == ImportState.ABANDONED else "其余的行不再导入。"
    )
    return redirect("imports")


@require_GET
def import_annotated(request: SignedInRequest, pk: int) -> FileResponse:
    batch = _batch(request, pk)
    file = annotated_workbook(batch.rows.order_by("order"))
    return FileResponse(file, as_attachment=True, filename=f"{batch.name.rpartition('.')[0] or batch.name}-核对.xlsx")
