"""督办周期: what comes round, when next, and what is open."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from accounts.calendars import calendar_gap
from accounts.enums import Role
from accounts.http import SignedInRequest
from accounts.standing import standing_of
from accounts.views.offices import office_of
from supervision.cycles.models.rule import READERS
from supervision.cycles.queries.hub import OF_ASSESSORS, OF_DIVISIONS, OF_HEADS, hub_rows, paper_rows
from supervision.cycles.queries.own_papers import own_of
from supervision.cycles.rules.review import headed_divisions

# What those read who do not read the whole.
READ_BY = {Role.DIVISION_HEAD: OF_HEADS, Role.STAFF: OF_DIVISIONS, Role.ASSESSOR: OF_ASSESSORS}


@require_GET
def cycles(request: SignedInRequest) -> HttpResponse:
    standing = standing_of(request.user, today=request.today)
    if not standing.organizations_as(*READERS):
        organization = office_of(request, frozenset(READ_BY))
        own = [role for role in READ_BY if standing.holds(role, organization.pk)]
        read = {cycle for role in own for cycle in READ_BY[role]}
        headed = headed_divisions(request.user, request.today)
        rows = [
            (row, row.run and own_of(row.run, row.paper, request.user, request.today, headed=headed))
            for row in paper_rows(organization, read)
        ]
        context = {"rows": rows, "is_of_division": own != [Role.ASSESSOR]}
        return render(request, "cycles/hub/division.html", context)
    organization = office_of(request, frozenset(READERS))
    every = hub_rows(organization, now=request.now)
    context = {
        "rows": every,
        "is_secretariat": standing.holds(Role.SECRETARIAT, organization.pk),
        "gap": calendar_gap(organization, request.today)[1]
        if any(row.due and row.due.is_estimated for row in every)
        else "",
    }
    return render(request, "cycles/hub/hub.html", context)
