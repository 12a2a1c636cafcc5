"""What other pages say of the working-day calendar."""

from typing import Any

from django import template
from django.template import Context

from accounts.calendars import calendar_gap
from accounts.enums import Role
from accounts.standing import standing_of

register = template.Library()


@register.inclusion_tag("accounts/_calendar_gap.html", takes_context=True)
def calendar_gap_note(context: Context) -> dict[str, Any]:
    """`{% calendar_gap_note %}`: tells the secretariat that a year's notice is wanting; nothing for others."""
    request = context["request"]
    offices = standing_of(request.user, today=request.today).organizations_as(Role.SECRETARIAT)
    year, words = calendar_gap(min(offices), request.today) if offices else (0, "")
    return {"year": year, "words": words}
