"""A result as typed, why one is void, and the filter of the counters."""

from datetime import date
from typing import Any

import django_filters
from django import forms
from django.db.models import Q, QuerySet

from accounts.forms import Form, day_field
from tasks.enums import ResultKind
from tasks.forms.filtering import lead_filter, leads_in, small_select
from tasks.models import Category, Result
from tasks.queries.results import years_of


class ResultForm(Form):
    kind = forms.ChoiceField(label="类别", choices=[("", "请选择"), *ResultKind.choices])
    title = forms.CharField(label="名称", max_length=200)
    paper = forms.CharField(label="文号或载体", max_length=200, required=False, help_text="如 政协信息第 12 期")
    on = day_field("日期")
    count = forms.IntegerField(label="数量", min_value=1, max_value=9999, initial=1)

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today

    def clean_on(self) -> date:
        on: date = self.cleaned_data["on"]
        if on > self.today:
            raise forms.ValidationError("日期不能晚于今天，请在取得后登记。")
        return on


class VoidForm(Form):
    reason = forms.CharField(label="作废理由", max_length=200, help_text="作废后不再计数，记录和理由保留。")


class ResultFilter(django_filters.FilterSet):  # type: ignore[misc]  # the library has no types
    year = django_filters.ChoiceFilter(
        label="年度", field_name="on", lookup_expr="year", empty_label="全部年度", widget=small_select()
    )
    kind = django_filters.ChoiceFilter(
        label="类别", choices=ResultKind.choices, empty_label="全部成果", widget=small_select()
    )
    division = lead_filter()
    category = django_filters.ModelChoiceFilter(
        label="任务类别",
        field_name="project__key_task__category",
        queryset=Category.objects.none(),
        empty_label="全部类别",
        widget=small_select(),
    )
    q = django_filters.CharFilter(label="搜索", method="by_words")

    class Meta:
        model = Result
        fields: tuple[str, ...] = ()

    def __init__(self, data: Any, *, queryset: QuerySet[Result], today: date) -> None:
        super().__init__(data, queryset=queryset)
        years = {*years_of(queryset), today.year}
        self.filters["year"].extra["choices"] = [(year, f"{year}年") for year in sorted(years, reverse=True)]
        self.filters["division"].queryset = leads_in(queryset)
        categories = Category.objects.filter(pk__in=queryset.order_by().values("project__key_task__category"))
        self.filters["category"].queryset = categories.order_by("-plan__year", "order", "id")

    def by_words(self, queryset: QuerySet[Result], name: str, value: str) -> QuerySet[Result]:  # noqa: ARG002 (django-filter's signature)
        for word in value.split()[:5]:
            queryset = queryset.filter(
                Q(title__icontains=word)
                | Q(paper__icontains=word)
                | Q(project__title__icontains=word)
                | Q(project__number__icontains=word)
            )
        return queryset
