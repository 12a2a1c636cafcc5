"""Whose office a page of accounts is about."""

from django.http import Http404

from accounts.enums import Role
from accounts.http import SignedInRequest
from accounts.models import Organization
from accounts.standing import standing_of


def office_as(request: SignedInRequest, role: Role) -> Organization:
    """The organisation in which this person holds the role; for all others the page does not exist."""
    return office_of(request, frozenset({role}))


def office_of(request: SignedInRequest, roles: frozenset[Role]) -> Organization:
    """The same for any of several roles."""
    offices = standing_of(request.user, today=request.today).organizations_as(*roles)
    if not offices:
        raise Http404
    return Organization.objects.get(pk=min(offices))
