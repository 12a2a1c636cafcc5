"""Pages of 专项督查: the list, the plan, one inspection with its moves and findings, the report."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.enums import Role
from accounts.http import SignedInRequest
from accounts.models import Organization
from accounts.standing import standing_of
from supervision.inspections import rules
from supervision.inspections.actions import inspections as actions
from supervision.inspections.enums import InspectionState
from supervision.inspections.filters import InspectionFilter
from supervision.inspections.forms import FindingForm, PlanForm, WordsForm
from supervision.inspections.models import Finding, Inspection
from supervision.inspections.queries import (
    lines_of,
    means_words,
    object_rows,
    story_of,
    tally_of,
    why_cancelled,
    with_people,
)
from supervision.inspections.workflow import INSPECTION_MOVES
from tasks.queries.choices import choices_of
from tasks.views.drafts import typed_version

PER_PAGE = 30
READERS = (Role.SECRETARIAT, Role.LEADER, Role.DIVISION_HEAD, Role.STAFF)
PAGE_OF = {
    "alter": "inspection-edit",
    "begin": "inspection-begin",
    "conclude": "inspection-conclude",
    "cancel": "inspection-cancel",
}
SAID_WHOLE = {"conclude": "办结督查", "cancel": "取消督查"}  # on a button that stands alone
MOST_WORDS = {"conclude": 2000, "cancel": 200}


# ── finding ──────────────────────────────────────────────────────────────────


def _seen(request: SignedInRequest, pk: int, *, whole: bool = False) -> Inspection:
    seen = Inspection.objects
    rows = (seen.whole_for if whole else seen.visible_to)(request.user, request.today)
    return get_object_or_404(with_people(rows, request.user, request.today), pk=pk)


def _held(request: SignedInRequest, pk: int) -> Inspection:
    """One that this person's division holds; the actions say what bars."""
    offices = standing_of(request.user, today=request.today).organizations_as(Role.SECRETARIAT)
    return get_object_or_404(Inspection.objects.select_related("organization").filter(organization__in=offices), pk=pk)


# ── the list ─────────────────────────────────────────────────────────────────


@require_safe
def inspections(request: SignedInRequest) -> HttpResponse:
    standing = standing_of(request.user, today=request.today)
    if not standing.organizations_as(*READERS):
        raise Http404
    filtered = InspectionFilter(request.GET, queryset=Inspection.objects.visible_to(request.user, request.today))
    rows = with_people(filtered.qs, request.user, request.today)
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "filter": filtered,
        "page": page,
        "lines": lines_of(page.object_list),
        "is_secretariat": bool(standing.organizations_as(Role.SECRETARIAT)),
        "reads_all": bool(standing.organizations_as(Role.SECRETARIAT, Role.LEADER)),
    }
    return render(request, "inspections/inspections.html", context)


# ── the plan ─────────────────────────────────────────────────────────────────


@require_http_methods(["GET", "POST"])
def inspection_new(request: SignedInRequest) -> HttpResponse:
    offices = standing_of(request.user, today=request.today).organizations_as(Role.SECRETARIAT)
    organization = get_object_or_404(Organization, pk=min(offices, default=0))
    form = _plan_form(request, organization)
    if not form.is_bound or not form.is_valid():
        return _plan_page(request, form, {"back_url": reverse("inspections")})
    inspection = actions.plan_inspection(organization, form.draft(), by=request.user, now=request.now)
    messages.success(request, "已立项。方案可以修改，开始督查后处室才能看到。")
    return redirect("inspection", pk=inspection.pk)


@require_http_methods(["GET", "POST"])
def inspection_edit(request: SignedInRequest, pk: int) -> HttpResponse:
    inspection = _held(request, pk)
    bars = INSPECTION_MOVES["alter"].bars(request.user, inspection, request.today)
    form = _plan_form(request, inspection.organization, inspection)
    if not form.is_bound or not form.is_valid():
        version = typed_version(request.POST) if request.method == "POST" else inspection.version
        context = {"inspection": inspection, "bars": bars, "version": version}
        return _plan_page(request, form, context | {"back_url": reverse("inspection", args=[pk])})
    version = typed_version(request.POST)
    actions.alter_inspection(inspection, form.draft(), by=request.user, version=version, now=request.now)
    messages.success(request, "已修改督查方案。")
    return redirect("inspection", pk=pk)


def _plan_form(request: SignedInRequest, organization: Organization, inspection: Inspection | None = None) -> PlanForm:
    return PlanForm(
        request.POST if request.method == "POST" else None,
        saves=request.method == "POST" and not request.POST.get("op"),
        organization=organization,
        choices=choices_of(organization.pk, request.today),
        today=request.today,
        inspection=inspection,
    )


def _plan_page(request: SignedInRequest, form: PlanForm, context: dict[str, Any]) -> HttpResponse:
    template = "inspections/_plan_form.html" if request.htmx else "inspections/plan.html"
    context |= {"form": form, "action_url": request.path}
    return render(request, template, context, status=422 if form.is_bound else 200)


# ── one inspection ───────────────────────────────────────────────────────────


@require_safe
def inspection(request: SignedInRequest, pk: int) -> HttpResponse:
    row = _seen(request, pk)
    context = _shown(request, row)
    if context["is_secretariat"]:
        context["move_list"] = _buttons(request, row)
    return render(request, "inspections/inspection.html", context)


@require_safe
def inspection_report(request: SignedInRequest, pk: int) -> HttpResponse:
    return render(request, "inspections/report.html", _shown(request, _seen(request, pk, whole=True)))


def _shown(request: SignedInRequest, row: Inspection) -> dict[str, Any]:
    is_whole = Inspection.objects.whole_for(request.user, request.today).filter(pk=row.pk).exists()
    standing = standing_of(request.user, today=request.today)
    is_secretariat = standing.holds(Role.SECRETARIAT, row.organization_id)
    objects = object_rows(row, request.user, request.today)
    story = story_of(row, is_whole=is_whole)
    return {
        "inspection": row,
        "is_whole": is_whole,
        "is_secretariat": is_secretariat,
        "objects": objects,
        "tally": tally_of(objects),
        "rectified": [(each, found) for each in objects for found in each.findings if found.finding.follow_up],
        "means": means_words(row),
        "story": story,
        "why_cancelled": why_cancelled(story),
        "may_find": is_secretariat and row.state == InspectionState.UNDER_WAY,
    }


def _buttons(request: SignedInRequest, row: Inspection) -> list[dict[str, Any]]:
    """What its state allows, with what is still missing; findings are written beside their objects."""
    return [
        {
            "label": SAID_WHOLE.get(move.name, move.label),
            "icon": move.icon,
            "url": reverse(PAGE_OF[move.name], args=[row.pk]),
            "bars": move.bars(request.user, row, request.today),
            "is_primary": move.name in ("begin", "conclude"),
            "is_post": move.name == "begin",
            "fields": [("version", row.version)],
            "hint": "开始后督查对象能看到本次督查，方案不再修改" if move.name == "begin" else "",
        }
        for name in ("begin", "conclude", "alter", "cancel")
        if row.state in (move := INSPECTION_MOVES[name]).sources
    ]


# ── moves ────────────────────────────────────────────────────────────────────


@require_POST
def inspection_begin(request: SignedInRequest, pk: int) -> HttpResponse:
    row = _held(request, pk)
    actions.begin_inspection(row, by=request.user, version=typed_version(request.POST), now=request.now)
    messages.success(request, "已开始督查，督查对象可以看到本次督查。")
    return redirect("inspection", pk=pk)


@require_http_methods(["GET", "POST"])
def inspection_finding(request: SignedInRequest, pk: int, object_pk: int) -> HttpResponse:
    row = _held(request, pk)
    inspected = get_object_or_404(row.inspected.select_related("division", "inspection__organization"), pk=object_pk)
    choices = choices_of(row.organization_id, request.today)
    data = request.POST if request.method == "POST" else None
    form = FindingForm(data, inspected=inspected, choices=choices, today=request.today)
    if form.is_valid():
        version = typed_version(request.POST)
        finding = actions.record_finding(inspected, by=request.user, version=version, **form.found(), now=request.now)
        sent = "，整改已另立事项" if finding.follow_up else ""
        messages.success(request, f"已登记{inspected.division}的督查发现{sent}。")
        return redirect(reverse("inspection", args=[pk]) + f"#object-{object_pk}")
    bars = INSPECTION_MOVES["find"].bars(request.user, row, request.today)
    return _words_page(request, row, form, bars, heading="登记督查发现", submit="登记", inspected=inspected)


@require_http_methods(["GET", "POST"])
def inspection_correct(request: SignedInRequest, pk: int, finding_pk: int) -> HttpResponse:
    """更正: offered to who recorded it; the words before stay in the record."""
    row = _held(request, pk)
    found = Finding.objects.select_related("recorded_by", "inspected__division", "inspected__inspection__organization")
    finding = get_object_or_404(found, pk=finding_pk, inspected__inspection=row)
    inspected, choices = finding.inspected, choices_of(row.organization_id, request.today)
    data = request.POST if request.method == "POST" else None
    form = FindingForm(data, inspected=inspected, choices=choices, today=request.today, finding=finding)
    if form.is_valid():
        version = typed_version(request.POST)
        actions.correct_finding(finding, by=request.user, version=version, **form.found(), now=request.now)
        messages.success(request, f"已更正{inspected.division}的督查发现，原来的内容留在记录中。")
        return redirect(reverse("inspection", args=[pk]) + f"#object-{inspected.pk}")
    bars = [
        *INSPECTION_MOVES["correct"].bars(request.user, row, request.today),
        *rules.bar_to_correct(request.user, finding),
    ]
    more = {"inspected": inspected, "finding": finding}
    return _words_page(request, row, form, bars, heading="更正督查发现", submit="更正", **more)


@require_http_methods(["GET", "POST"])
def inspection_conclude(request: SignedInRequest, pk: int) -> HttpResponse:
    row = _held(request, pk)
    form = _words_form(request, "conclude")
    if form.is_valid():
        conclusion, version = form.cleaned_data["words"], typed_version(request.POST)
        actions.conclude_inspection(row, by=request.user, version=version, conclusion=conclusion, now=request.now)
        messages.success(request, "已办结，整改照常办理。")
        return redirect("inspection", pk=pk)
    bars = INSPECTION_MOVES["conclude"].bars(request.user, row, request.today)
    return _words_page(request, row, form, bars, heading="办结督查", submit="办结")


@require_http_methods(["GET", "POST"])
def inspection_cancel(request: SignedInRequest, pk: int) -> HttpResponse:
    row = _held(request, pk)
    form = _words_form(request, "cancel")
    if form.is_valid():
        note, version = form.cleaned_data["words"], typed_version(request.POST)
        actions.cancel_inspection(row, by=request.user, version=version, note=note, now=request.now)
        messages.success(request, "已取消；已登记的发现保留，已交办的整改照常办理。")
        return redirect("inspection", pk=pk)
    bars = INSPECTION_MOVES["cancel"].bars(request.user, row, request.today)
    return _words_page(request, row, form, bars, heading="取消督查", submit="取消督查")


def _words_form(request: SignedInRequest, name: str) -> WordsForm:
    data = request.POST if request.method == "POST" else None
    return WordsForm(data, move=INSPECTION_MOVES[name], most=MOST_WORDS[name])


def _words_page(
    request: SignedInRequest,
    row: Inspection,
    form: forms.Form,
    bars: Sequence[str],
    *,
    heading: str,
    submit: str,
    **more: Any,
) -> HttpResponse:
    """With everything typed, 422 where it has faults; what bars is said before anything is written."""
    version = typed_version(request.POST) if form.is_bound else row.version
    context = {"inspection": row, "form": form, "bars": bars, "heading": heading, "submit": submit, "version": version}
    return render(request, "inspections/move.html", context | more, status=422 if form.errors else 200)
