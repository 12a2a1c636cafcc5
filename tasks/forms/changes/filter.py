"""The filter of the list of change requests: where it stands, kind, division, words."""

from typing import Any

import django_filters
from django.db.models import Q, QuerySet

from tasks.enums import ChangeKind
from tasks.forms.filtering import lead_filter, leads_in, small_select
from tasks.models import ChangeRequest


class ChangeFilter(django_filters.FilterSet):  # type: ignore[misc]  # the library has no types
    kind = django_filters.ChoiceFilter(
        label="类型", choices=ChangeKind.choices, empty_label="全部类型", widget=small_select()
    )
    division = lead_filter()
    q = django_filters.CharFilter(label="搜索", method="by_words")

    class Meta:
        model = ChangeRequest
        fields: tuple[str, ...] = ()

    def __init__(self, data: Any, *, queryset: QuerySet[ChangeRequest]) -> None:
        super().__init__(data, queryset=queryset)
        self.filters["division"].queryset = leads_in(queryset)

    def by_words(self, queryset: QuerySet[ChangeRequest], name: str, value: str) -> QuerySet[ChangeRequest]:  # noqa: ARG002 (django-filter's signature)
        for word in value.split()[:5]:
            queryset = queryset.filter(
                Q(project__number__icontains=word)
                | Q(project__title__icontains=word)
                | Q(project__title_initials__icontains=word)
                | Q(project__lead_division__name__icontains=word)
                | Q(asked_by__name__icontains=word)
                | Q(reason__icontains=word)
            )
        return queryset
