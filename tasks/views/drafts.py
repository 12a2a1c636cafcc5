"""Finding what the secretariat may fill: plans and projects of its own offices; everybody else gets 404."""

from django.http import QueryDict
from django.shortcuts import get_object_or_404

from accounts.enums import Role
from accounts.http import SignedInRequest
from accounts.policies import calendar_of
from accounts.standing import standing_of
from tasks.forms.parts import Office
from tasks.models import Plan, Project
from tasks.queries.choices import choices_of


def plan_to_fill(request: SignedInRequest, pk: int) -> Plan:
    plans = Plan.objects.run_by(request.user, request.today).select_related("organization")
    return get_object_or_404(plans, pk=pk)


def project_to_fill(request: SignedInRequest, pk: int) -> Project:
    """Of any state: an action says what is barred once it is dispatched."""
    standing = standing_of(request.user, today=request.today)
    projects = Project.objects.visible_to(request.user, request.today).filter(
        organization__in=standing.organizations_as(Role.SECRETARIAT)
    )
    return get_object_or_404(projects.select_related("plan", "key_task", "lead_division"), pk=pk)


def office_of(plan: Plan, request: SignedInRequest) -> Office:
    return Office(choices_of(plan.organization_id, request.today), calendar_of(plan.organization_id), plan.year)


def typed_version(data: QueryDict) -> int:
    """The version the page showed; 0, which no project has, where the form was tampered with."""
    text = data.get("version") or ""
    return int(text) if text.isdecimal() and len(text) < 10 else 0
