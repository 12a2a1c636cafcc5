"""Whose office a page of accounts is about."""

from django.http import Http404

from accounts.enums import Role
from accounts.http import SignedInRequest
from accounts.models import Organization
from accounts.standing import standing_of


def office_as(request: SignedInRequest, role: Role) -> Organization:
    """The organisation in which this person holds the role; for all others the page does not exist."""
    offices = standing_of(request.user, today=request.today).organizations_as(role)
    if not offices:
        raise Http404
    return Organization.objects.get(pk=min(offices))
