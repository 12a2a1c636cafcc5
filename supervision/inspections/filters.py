"""What the list of inspections can be filtered by; the address bar is the state."""

from typing import Any

import django_filters
from django.db.models import QuerySet

from supervision.inspections.enums import InspectionState
from supervision.inspections.models import Inspection
from tasks.forms.filtering import small_select


class InspectionFilter(django_filters.FilterSet):  # type: ignore[misc]  # the library has no types
    year = django_filters.ChoiceFilter(label="年度", empty_label="全部年度", widget=small_select())
    state = django_filters.ChoiceFilter(
        label="状态", choices=InspectionState.choices, empty_label="全部状态", widget=small_select()
    )

    class Meta:
        model = Inspection
        fields: tuple[str, ...] = ()

    def __init__(self, data: Any, *, queryset: QuerySet[Inspection]) -> None:
        super().__init__(data, queryset=queryset)
        years = queryset.order_by("-year").values_list("year", flat=True).distinct()
        self.filters["year"].extra["choices"] = [(str(year), f"{year}年") for year in years]

    @property
    def is_narrowed(self) -> bool:
        return any(self.data.get(name) for name in self.filters)
