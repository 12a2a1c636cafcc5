"""What the list of runs can be filtered by; the address bar is the state."""

import django_filters
from django import forms
from django.db.models import QuerySet

from supervision.cycles.enums import Cycle, RunState
from supervision.cycles.models import CycleRun
from supervision.cycles.queries.hub import CLOSABLE

_SMALL = {"class": "form-select-sm form-select"}


class RunFilter(django_filters.FilterSet):  # type: ignore[misc]  # the package has no types
    cycle = django_filters.ChoiceFilter(
        label="周期", choices=Cycle.choices, empty_label="全部周期", widget=forms.Select(_SMALL)
    )
    state = django_filters.ChoiceFilter(
        label="状态", choices=RunState.choices, empty_label="全部状态", widget=forms.Select(_SMALL)
    )
    open = django_filters.ChoiceFilter(
        label="材料",
        choices=[("1", "材料未办结")],
        empty_label="材料办结与否",
        method="only_open",
        widget=forms.Select(_SMALL),
    )

    class Meta:
        model = CycleRun
        fields: tuple[str, ...] = ()

    def only_open(self, runs: QuerySet[CycleRun], _: str, __: str) -> QuerySet[CycleRun]:
        return runs.filter(state=RunState.DONE, closed_at=None, cycle__in=CLOSABLE)
