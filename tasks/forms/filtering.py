"""What the filters above the lists share: small selects, and the lead of the project that a row is about."""

from typing import Any

import django_filters
from django import forms
from django.db.models import QuerySet

from accounts.models import Division

LEAD = "project__lead_division"


def small_select() -> forms.Select:
    return forms.Select(attrs={"class": "form-select form-select-sm"})


def lead_filter() -> Any:
    """牵头处室; offers nothing before it is told what the list holds (`leads_in`)."""
    return django_filters.ModelChoiceFilter(
        label="牵头处室",
        field_name=LEAD,
        queryset=Division.objects.none(),
        empty_label="全部处室",
        widget=small_select(),
    )


def leads_in(rows: QuerySet[Any]) -> QuerySet[Division]:
    """The divisions that lead the projects of these rows."""
    return Division.objects.filter(pk__in=rows.order_by().values(LEAD))
