"""The filter of the 销号台账: year, division, in time or late, effect, words."""

from typing import Any

import django_filters
from django import forms
from django.db.models import Case, F, Q, QuerySet, Value, When

from tasks.enums import Effect
from tasks.forms.filtering import lead_filter, leads_in, small_select
from tasks.models import CloseOut
from tasks.queries.close_outs import LATE, years_of

SORTS: dict[str, tuple[F | Case, ...]] = {
    "number": (F("closed_on"), F("id")),  # numbers are given in this order
    "title": (F("project__title_initials"), F("project__title")),
    "lead": (F("project__lead_division__order"), F("project__lead_division")),
    "due_on": (F("due_on"),),
    "closed_on": (F("closed_on"),),
    "effect": (
        Case(*(When(effect=effect, then=Value(place)) for place, effect in enumerate(Effect)), default=Value(9)),
    ),
}


class CloseOutFilter(django_filters.FilterSet):  # type: ignore[misc]  # the library has no types
    year = django_filters.ChoiceFilter(
        label="年度",
        field_name="closed_on",
        lookup_expr="year",
        empty_label="全部年度",
        widget=small_select(),
    )
    division = lead_filter()
    timing = django_filters.ChoiceFilter(
        label="时限",
        choices=[("in-time", "按期"), ("late", "逾期")],
        empty_label="按期和逾期",
        method="by_timing",
        widget=small_select(),
    )
    effect = django_filters.ChoiceFilter(
        label="成效评价", choices=Effect.choices, empty_label="全部成效", widget=small_select()
    )
    q = django_filters.CharFilter(label="搜索", method="by_words")
    # Where a figure of the workbench leads; asked for by addresses only.
    plan = django_filters.NumberFilter(field_name="project__plan", widget=forms.HiddenInput)
    closed_from = django_filters.DateFilter(
        label="销号自", field_name="closed_on", lookup_expr="gte", widget=forms.HiddenInput
    )
    closed_to = django_filters.DateFilter(
        label="销号至", field_name="closed_on", lookup_expr="lte", widget=forms.HiddenInput
    )

    sort = django_filters.CharFilter(method="by_sort", widget=forms.HiddenInput)

    class Meta:
        model = CloseOut
        fields: tuple[str, ...] = ()

    def __init__(self, data: Any, *, queryset: QuerySet[CloseOut]) -> None:
        super().__init__(data, queryset=queryset)
        self.filters["year"].extra["choices"] = [(year, f"{year}年") for year in years_of(queryset)]
        self.filters["division"].queryset = leads_in(queryset)

    @property
    def words(self) -> str:
        """What is shown, for the head of a sheet."""
        chosen = self.form.cleaned_data if self.form.is_valid() else {}
        parts = []
        for name in ("year", "division", "timing", "effect"):
            if value := chosen.get(name):
                choices = dict(self.filters[name].extra.get("choices", ()))
                parts.append(next((str(word) for code, word in choices.items() if str(code) == str(value)), str(value)))
        if chosen.get("closed_from") or chosen.get("closed_to"):
            parts.append(f"销号 {chosen.get('closed_from') or '…'} 至 {chosen.get('closed_to') or '…'}")
        if text := str(chosen.get("q") or "").strip():
            parts.append(f"含“{text}”")
        return " · ".join(parts) or "全部销号"

    def by_sort(self, queryset: QuerySet[CloseOut], name: str, value: str) -> QuerySet[CloseOut]:  # noqa: ARG002 (django-filter's signature)
        """One key, `-` before it for descending; what is no key leaves the order of the list."""
        fields = SORTS.get(value.removeprefix("-"), ())
        if not fields:
            return queryset
        order = [field.desc() if value.startswith("-") else field.asc() for field in fields]
        return queryset.order_by(*order, "-closed_on", "-id")

    def by_timing(self, queryset: QuerySet[CloseOut], name: str, value: str) -> QuerySet[CloseOut]:  # noqa: ARG002 (django-filter's signature)
        return queryset.filter(LATE) if value == "late" else queryset.exclude(LATE)

    def by_words(self, queryset: QuerySet[CloseOut], name: str, value: str) -> QuerySet[CloseOut]:  # noqa: ARG002 (django-filter's signature)
        for word in value.split()[:5]:
            queryset = queryset.filter(
                Q(number__icontains=word)
                | Q(project__number__icontains=word)
                | Q(project__title__icontains=word)
                | Q(project__lead_division__name__icontains=word)
                | Q(decided_by__name__icontains=word)
                | Q(decided_by__pinyin__startswith=word.lower())
                | Q(decided_by__initials=word.lower())
            )
        return queryset
