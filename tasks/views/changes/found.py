"""Finding a change request that somebody may act on: of a project he reads whole; everybody else gets 404."""

from django.http import Http404
from django.shortcuts import get_object_or_404

from accounts.http import SignedInRequest
from tasks.enums import ChangeKind
from tasks.models import ChangeRequest, Project
from tasks.queries.changes import with_people
from tasks.workflow import CHANGE_ASKS, ProjectAsk


def change_to_act_on(request: SignedInRequest, pk: int) -> ChangeRequest:
    projects = Project.objects.whole_for(request.user, request.today)
    return get_object_or_404(with_people(ChangeRequest.objects.filter(project__in=projects.order_by())), pk=pk)


def ask_named(name: str) -> ProjectAsk:
    """The kind that an address names: extension, alteration, …"""
    kind = name.upper()
    if kind not in ChangeKind.values:
        raise Http404
    return CHANGE_ASKS[ChangeKind(kind)]
