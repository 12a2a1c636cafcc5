"""申请变更: choosing the kind, filling it in with a preview, taking up what a revised paper has prepared."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from accounts.enums import Role
from accounts.http import SignedInRequest
from accounts.policies import calendar_of
from accounts.standing import standing_of
from cppcc_office.lib.errors import Refused
from tasks.actions.changes.asking import Draft, ask_change, ask_prepared, draft_change
from tasks.actions.changes.lines import Tree, tree_of
from tasks.deadlines import parse_deadline
from tasks.enums import ChangeKind, ChangeTier
from tasks.forms.changes.asking import WITH_DATES, AskForm, moved_along
from tasks.models import ChangeRequest, Project
from tasks.queries.changes import differences_of
from tasks.rules.changes import resumed_due_on, suspended_since
from tasks.views.changes.found import ask_named, change_to_act_on
from tasks.views.drafts import typed_version
from tasks.views.found import project_to_act_on
from tasks.workflow import ProjectAsk, change_offers


@require_safe
def change_new(request: SignedInRequest, pk: int) -> HttpResponse:
    """Which kind of change: those that are open, the others with their reason."""
    project = project_to_act_on(request, pk)
    offers = change_offers(project, request.user, request.today)
    return render(request, "tasks/changes/new.html", {"project": project, "offers": offers})


@require_http_methods(["GET", "POST"])
def change_ask(request: SignedInRequest, pk: int, kind: str) -> HttpResponse:
    return _ask_page(request, project_to_act_on(request, pk), ask_named(kind), None)


@require_http_methods(["GET", "POST"])
def change_take_up(request: SignedInRequest, pk: int, kind: str) -> HttpResponse:
    prepared = change_to_act_on(request, pk)
    return _ask_page(request, prepared.project, ask_named(kind), prepared)


def _ask_page(
    request: SignedInRequest, project: Project, ask: ProjectAsk, prepared: ChangeRequest | None
) -> HttpResponse:
    tree = tree_of(project, request.today)
    form = _form(request, tree, ask.kind, prepared)
    draft = _draft(form, project, ask.kind, request.today) if form.is_bound and form.is_valid() else None
    if draft is not None and not form.data.get("op"):
        done = _ask(request, project, ask.kind, form, prepared)
        whom = "牵头领导" if done.tier == ChangeTier.LEADER else "督办处"
        messages.success(request, f"已提出{ask.kind.label}申请，由{whom}决定。")
        return redirect("change", pk=done.pk)
    context = {
        "project": project,
        "ask": ask,
        "form": form,
        "draft": draft,
        "differences": differences_of(draft.lines, request.today) if draft else [],
        "prepared": prepared,
        "prepared_differences": differences_of(prepared.lines.all(), request.today) if prepared else [],
        "bars": ask.bars(request.user, project, request.today),
        "shifts": ask.kind in WITH_DATES,
        "version": typed_version(request.POST) if form.is_bound else project.version,
    }
    return render(request, "tasks/changes/ask.html", context, status=422 if form.errors else 200)


def _form(request: SignedInRequest, tree: Tree, kind: ChangeKind, prepared: ChangeRequest | None) -> AskForm:
    standing = standing_of(request.user, today=request.today)
    project = tree.project
    arguments: dict[str, Any] = {
        "kind": kind,
        "tree": tree,
        "types_for_lead": standing.holds(Role.SECRETARIAT, project.organization_id)
        and not standing.heads(project.lead_division_id),
    }
    if request.method != "POST":
        dates = _resumed_dates(tree, request.today) if kind == ChangeKind.RESUMPTION else None
        values = _prepared_values(prepared, tree) if prepared else None
        return AskForm(**arguments, dates=dates, values=values)
    data: QueryDict = request.POST
    if data.get("op") == "shift":
        data = _shifted(data, AskForm(data, **arguments), request.today)
    return AskForm(data, **arguments)


def _resumed_dates(tree: Tree, today: date) -> Mapping[int | None, date]:
    """The old dates and as many working days as the pause lasted."""
    project, since = tree.project, suspended_since(tree.project)
    if project.due_on is None or since is None:
        return {}
    calendar = calendar_of(project.organization_id)
    last = resumed_due_on(project.due_on, since, today, calendar)
    days = max(0, calendar.count(since, today))
    milestones = [milestone for milestone in tree.milestones.values() if milestone.is_open]
    return {None: last, **moved_along(project, milestones, days, last, today, calendar)}


def _shifted(data: QueryDict, form: AskForm, today: date) -> QueryDict:
    """What was typed, with every open milestone moved by as many working days as the project's date."""
    form.is_valid()
    project, last = form.tree.project, form.cleaned_data.get("due_on")
    filled = data.copy()
    if last is not None and project.due_on is not None:
        calendar = calendar_of(project.organization_id)
        days = max(0, calendar.count(project.due_on, last))
        for pk, day in moved_along(project, form.open_milestones(), days, last, today, calendar).items():
            filled[f"m-{pk}-due_on"] = day.isoformat()
    return filled


def _draft(form: AskForm, project: Project, kind: ChangeKind, today: date) -> Draft | None:
    """The lines as they would be asked for; what makes no sense becomes a fault of the form, with everything typed."""
    try:
        return draft_change(project, kind, form.wishes(), today=today)
    except Refused as refusal:
        for reason in refusal.reasons:
            form.add_error(None, reason)
        return None


def _ask(
    request: SignedInRequest, project: Project, kind: ChangeKind, form: AskForm, prepared: ChangeRequest | None
) -> ChangeRequest:
    arguments: dict[str, Any] = {
        "kind": kind,
        "by": request.user,
        "version": typed_version(request.POST),
        "reason": form.cleaned_data["reason"],
        "wishes": form.wishes(),
        "for_lead": bool(form.cleaned_data.get("for_lead")),
        "now": request.now,
    }
    if prepared is not None:
        return ask_prepared(prepared, **arguments)
    return ask_change(project, **arguments)


# What the columns of a revised paper are called in a change.
_COLUMNS = {"effect": "effect_standard", "report_cycle": "report_cycle", "remark": "remark"}


def _prepared_values(prepared: ChangeRequest, tree: Tree) -> dict[str, Any]:
    """Of a revised paper's words those that can only mean one thing; the others are shown beside, to be typed."""
    values: dict[str, Any] = {}
    ids = {
        "lead": ("lead_division", {name: pk for pk, name in tree.choices.division_names.items()}),
        "person": ("person", {name: pk for pk, name in tree.choices.person_names.items()}),
        "leader": ("leader", {leader.name: leader.pk for leader in tree.choices.leaders}),
    }
    for line in prepared.lines.all():
        if line.field == "deadline":
            values["due_on"] = parse_deadline(line.new, year=prepared.project.plan.year).due_on
        elif line.field in _COLUMNS:
            values[_COLUMNS[line.field]] = line.new
        elif line.field in ids and line.new in ids[line.field][1]:
            values[ids[line.field][0]] = ids[line.field][1][line.new]
    return {name: value for name, value in values.items() if value}
