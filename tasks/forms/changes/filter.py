"""The filter of the list of change requests: where it stands, kind, division, words."""

from typing import Any

import django_filters
from django import forms
from django.db.models import Q, QuerySet

from accounts.models import Division
from tasks.enums import ChangeKind
from tasks.models import ChangeRequest

SMALL = {"class": "form-select form-select-sm"}


class ChangeFilter(django_filters.FilterSet):  # type: ignore[misc]
    kind = django_filters.ChoiceFilter(
        label="类型", choices=ChangeKind.choices, empty_label="全部类型", widget=forms.Select(attrs=SMALL)
    )
    division = django_filters.ModelChoiceFilter(
        label="牵头处室",
        field_name="project__lead_division",
        queryset=Division.objects.none(),
        empty_label="全部处室",
        widget=forms.Select(attrs=SMALL),
    )
    q = django_filters.CharFilter(label="搜索", method="by_words")

    class Meta:
        model = ChangeRequest
        fields: tuple[str, ...] = ()

    def __init__(self, data: Any, *, queryset: QuerySet[ChangeRequest]) -> None:
        super().__init__(data, queryset=queryset)
        led = Division.objects.filter(pk__in=queryset.order_by().values("project__lead_division"))
        self.filters["division"].queryset = led

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
