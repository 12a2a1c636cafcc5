"""Finding what somebody may act on: projects read whole; of others not even what changed meanwhile is told."""

from django.shortcuts import get_object_or_404

from accounts.http import SignedInRequest
from tasks.models import Milestone, Project


def project_to_act_on(request: SignedInRequest, pk: int) -> Project:
    projects = Project.objects.whole_for(request.user, request.today)
    return get_object_or_404(projects.select_related("organization", "plan", "key_task", "lead_division"), pk=pk)


def milestone_to_act_on(request: SignedInRequest, pk: int) -> Milestone:
    projects = Project.objects.whole_for(request.user, request.today)
    milestones = Milestone.objects.filter(project__in=projects.order_by()).select_related(
        "division", "person", "target", "project__lead_division", "project__plan", "project__organization"
    )
    return get_object_or_404(milestones, pk=pk)
