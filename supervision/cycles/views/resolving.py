"""The form for 议定事项, wherever it is shown: at the meeting beside its item, and on a page of its own."""

from typing import Any

from django.http import QueryDict

from accounts.http import SignedInRequest
from accounts.policies import calendar_of
from supervision.cycles.enums import DecisionForm
from supervision.cycles.forms.dispatching import ResolutionForm
from supervision.cycles.models import CycleRun
from supervision.cycles.queries.dispatching import AgendaItem
from tasks.enums import ChangeKind
from tasks.models import Project
from tasks.queries.choices import choices_of
from tasks.workflow import CHANGE_ASKS


def resolution_form(
    request: SignedInRequest,
    run: CycleRun,
    project: Project | None,
    *,
    data: QueryDict | None = None,
    item: AgendaItem | None = None,
) -> ResolutionForm:
    """Filled with who answers for the first line of the item, else for the project."""
    bars: list[str] = []
    initial: dict[str, Any] = {"becomes": DecisionForm.MATTER}
    if project is not None:
        bars = CHANGE_ASKS[ChangeKind.ALTERATION].bars(request.user, project, request.today)
        milestone = item.lines[0].milestone if item is not None and item.lines else None
        division_id, person_id = project.lead_division_id, project.person_id
        if milestone is not None:
            division_id, person_id = milestone.division_id, milestone.person_id
        initial |= {"division": division_id, "person": person_id}
    return ResolutionForm(
        data,
        initial=initial,
        choices=choices_of(run.organization_id, request.today),
        calendar=calendar_of(run.organization_id),
        today=request.today,
        project=project,
        bars_to_add=bars,
    )
