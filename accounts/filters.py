"""What lists of accounts can be filtered by; the address bar is the state."""

from datetime import date, datetime, time, timedelta

import django_filters
from django import forms
from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts.enums import Outcome
from accounts.models import Event
from accounts.verbs import VERBS, spellings, verb_word


def _verbs() -> list[tuple[str, str]]:
    return sorted(((verb, verb_word(verb)) for verb in VERBS), key=lambda pair: pair[1])


class EventFilter(django_filters.FilterSet):  # type: ignore[misc]  # the package has no types
    person = django_filters.CharFilter(label="人员", method="by_person")
    verb = django_filters.ChoiceFilter(label="动作", choices=_verbs, method="by_verb", empty_label="全部动作")
    outcome = django_filters.ChoiceFilter(label="结果", choices=Outcome.choices, empty_label="全部结果")
    since = django_filters.DateFilter(label="自", method="by_since", widget=forms.DateInput({"type": "date"}))
    until = django_filters.DateFilter(label="至", method="by_until", widget=forms.DateInput({"type": "date"}))
    q = django_filters.CharFilter(label="内容", field_name="words", lookup_expr="icontains")
    project = django_filters.NumberFilter(label="项目编号（内部）", field_name="project_id")
    kind = django_filters.CharFilter(label="对象", field_name="subject_kind")
    subject = django_filters.NumberFilter(label="对象编号", field_name="subject_id")

    class Meta:
        model = Event
        fields: tuple[str, ...] = ()

    def by_person(self, events: QuerySet[Event], _: str, value: str) -> QuerySet[Event]:
        """Name, initials or log-in name; an act in somebody's place belongs to both."""
        words = value.strip()
        small = words.lower()
        acted = Q(by__name__icontains=words) | Q(by__initials=small) | Q(by__username=small)
        return events.filter(acted | Q(principal__name__icontains=words))

    def by_verb(self, events: QuerySet[Event], _: str, value: str) -> QuerySet[Event]:
        """What was done, and what was refused."""
        return events.filter(verb__in=spellings(value))

    # Moments, not `at__date`: comparing moments can use the index.
    def by_since(self, events: QuerySet[Event], _: str, value: date) -> QuerySet[Event]:
        return events.filter(at__gte=_midnight(value))

    def by_until(self, events: QuerySet[Event], _: str, value: date) -> QuerySet[Event]:
        return events.filter(at__lt=_midnight(value + timedelta(days=1)))


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))
