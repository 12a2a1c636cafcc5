"""What the lists of the API are asked for in the address."""

from datetime import date
from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.exceptions import ValidationError

from accounts.api.signing_in import ApiRequest
from tasks.chips import LABELS
from tasks.enums import MilestoneState
from tasks.forms.moments import asked_moment
from tasks.models import Milestone, Plan
from tasks.queries.as_of import Moment
from tasks.queries.figures import Dimension
from tasks.queries.ledger.grounds import default_plan

OFTEN = 2**31 - 1
AS_OF = OpenApiParameter("as_of", date, description="截至哪一天，如 2026-03-31；不填为今天")
KNOWN_BY = OpenApiParameter("known_by", str, description="录入截止，如 2026-04-10 或 2026-04-10T12:00:00+08:00")
MOMENT = [AS_OF, KNOWN_BY]
# The same words in the address as on the page; which columns it shows is the page's alone.
LEDGER = [OpenApiParameter(name, str, description=label) for name, label in LABELS.items() if name != "columns"]


def moment_of(request: ApiRequest) -> Moment | None:
    """The past day asked for; what cannot be read is a fault here, where the page shows today instead."""
    asked = asked_moment(request.query_params, request.today)
    if asked.problem:
        raise ValidationError({"as_of": [asked.problem.split("；")[0] + "。"]})
    return asked.moment


def identity(label: str) -> serializers.IntegerField:
    return serializers.IntegerField(min_value=1, max_value=OFTEN, required=False, help_text=label)


class MilestoneQuery(serializers.Serializer[Any]):
    project = identity("项目")
    plan = identity("计划")
    division = identity("主办处室")
    person = identity("责任人")
    state = serializers.ChoiceField(choices=MilestoneState.choices, required=False, help_text="状态")
    due_from = serializers.DateField(required=False, help_text="时限不早于")
    due_to = serializers.DateField(required=False, help_text="时限不晚于")

    def narrow(self, milestones: QuerySet[Milestone]) -> QuerySet[Milestone]:
        paths = {"plan": "project__plan", "due_from": "due_on__gte", "due_to": "due_on__lte"}
        given = self.validated_data
        return milestones.filter(**{paths.get(name, name): value for name, value in given.items()})


class FiguresQuery(serializers.Serializer[Any]):
    """Of one plan, of the plans of a year, or of this year's annual plan."""

    plan = identity("计划")
    year = serializers.IntegerField(min_value=1950, max_value=2200, required=False, help_text="年度：该年全部计划")
    by = serializers.ChoiceField(
        choices=[(row.value, row.label) for row in Dimension], required=False, help_text="按什么分"
    )

    def plans(self, visible: QuerySet[Plan], today: date) -> list[Plan]:
        given = self.validated_data
        plans = list(visible)
        if "plan" in given:
            plans = [plan for plan in plans if plan.pk == given["plan"]]
            if not plans:
                raise ValidationError({"plan": ["没有这个计划，或者您无权查看。"]})
        elif "year" in given:
            plans = [plan for plan in plans if plan.year == given["year"]]
        else:
            first = default_plan(plans, today)
            plans = [first] if first else []
        return plans
