"""Who, and who did what."""

from accounts.models.calendar import CalendarException, ConfirmedYear
from accounts.models.event import Event, EventSeal
from accounts.models.organization import Division, Organization
from accounts.models.policy import Policy
from accounts.models.staff_import import StaffImport
from accounts.models.token import ApiToken
from accounts.models.user import Deputy, Membership, SignInFailure, User

__all__ = [
    "ApiToken",
    "CalendarException",
    "ConfirmedYear",
    "Deputy",
    "Division",
    "Event",
    "EventSeal",
    "Membership",
    "Organization",
    "Policy",
    "SignInFailure",
    "StaffImport",
    "User",
]
