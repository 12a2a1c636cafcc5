"""变更申请 as JSON: asking for every old → new, and the moves of a request in `tasks.workflow.REQUEST_MOVES`."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar

from django.core.validators import MaxValueValidator, MinValueValidator
from django.http import Http404
from django.urls import URLPattern, path, reverse
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.paging import PageQuery, page_of, paged
from accounts.api.serializers import NamedSerializer
from accounts.api.signing_in import ApiRequest
from tasks.actions.changes import asking, deciding
from tasks.actions.changes.lines import ADDED, CANCELLED, DUE, DUTY, MOST_WEIGHT, RESUME, Wish
from tasks.api import inputs
from tasks.api.acts import Act
from tasks.api.serializers import OffersSerializer, ProjectInBriefSerializer
from tasks.enums import ChangeKind, ChangeState, ChangeTier
from tasks.forms.words import MOST
from tasks.queries.changes import changes_for
from tasks.queries.ledger.grounds import reads_ledger
from tasks.views.changes.found import change_to_act_on
from tasks.views.found import project_to_act_on
from tasks.workflow import REQUEST_MOVES

OFTEN = 2**31 - 1


def identity(words: str, **kwargs: Any) -> serializers.IntegerField:
    return serializers.IntegerField(min_value=1, max_value=OFTEN, help_text=words, **kwargs)


def day(words: str, **kwargs: Any) -> serializers.DateField:
    """Within the years that a calendar of working days can be counted through."""
    bounds = [MinValueValidator(date(2000, 1, 1)), MaxValueValidator(date(2100, 12, 31))]
    return serializers.DateField(validators=bounds, help_text=words, **kwargs)


def weight(**kwargs: Any) -> serializers.IntegerField:
    return serializers.IntegerField(min_value=1, max_value=MOST_WEIGHT, help_text="权重", **kwargs)


class DutySerializer(serializers.Serializer[Any]):
    division = identity("主办处室")
    person = identity("责任人")


class ChangedMilestoneSerializer(serializers.Serializer[Any]):
    id = identity("节点")
    due_on = day("新的时限", required=False)
    weight = weight(required=False)
    duty = DutySerializer(required=False)
    cancelled = serializers.BooleanField(required=False, help_text="取消此节点")


class ChangedTargetSerializer(serializers.Serializer[Any]):
    id = identity("目标")
    statement = serializers.CharField(max_length=500, required=False)
    weight = weight(required=False)
    target_value = serializers.DecimalField(
        max_digits=12, decimal_places=2, min_value=Decimal("0.01"), required=False, help_text="目标值"
    )


class AddedMilestoneSerializer(DutySerializer):
    target = identity("属于哪个目标")
    title = serializers.CharField(max_length=300)
    due_on = day("时限")
    deliverable = serializers.CharField(max_length=200, required=False, allow_blank=True, help_text="成果形式")
    weight = weight(required=False, default=1)


class WishesSerializer(inputs.VersionSerializer):
    """What is to become different; what is not named stays as it is."""

    kind = serializers.ChoiceField(choices=ChangeKind.choices, help_text="类型")
    reason = inputs.words("理由")
    for_lead = serializers.BooleanField(required=False, default=False, help_text="督办处代牵头处室提出（代填）")
    due_on = day("新的项目完成时限", required=False)
    resume_on = day("预计恢复日期", required=False)
    lead_division = identity("牵头处室", required=False)
    person = identity("项目责任人", required=False)
    leader = identity("牵头领导", required=False)
    co_divisions = serializers.ListField(child=identity("处室"), required=False, help_text="协办处室")
    effect_standard = serializers.CharField(max_length=MOST, required=False, allow_blank=True)
    milestones = ChangedMilestoneSerializer(many=True, required=False)
    targets = ChangedTargetSerializer(many=True, required=False)
    added = AddedMilestoneSerializer(many=True, required=False, help_text="增加的节点")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """As the action takes it."""
        own = (DUE, RESUME, "lead_division", "person", "leader", "co_divisions", "effect_standard")
        wishes = [Wish("project", name, _plain(attrs[name])) for name in own if name in attrs]
        for kind, fields in (("milestone", (DUE, "weight", DUTY, CANCELLED)), ("target", _OF_TARGET)):
            for row in attrs.get(f"{kind}s", ()):
                wishes += [Wish(kind, name, _plain(row[name]), row["id"]) for name in fields if name in row]
        wishes += [
            Wish("milestone", ADDED, {name: _plain(value) for name, value in row.items()})
            for row in attrs.get("added", ())
        ]
        given = {name: attrs[name] for name in ("version", "reason", "for_lead")}
        return given | {"kind": ChangeKind(attrs["kind"]), "wishes": wishes}


_OF_TARGET = ("statement", "weight", "target_value")


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    return dict(value) if isinstance(value, Mapping) else value


class ChangeLineSerializer(serializers.Serializer[Any]):
    what = serializers.CharField(source="label")  # 项目完成时限, 节点“…”
    old = serializers.CharField()
    new = serializers.CharField()


class ChangeSerializer(serializers.Serializer[Any]):
    """一件变更申请，每处改动由什么改为什么."""

    id = serializers.IntegerField(source="pk")
    kind = serializers.ChoiceField(choices=ChangeKind.choices)
    state = serializers.ChoiceField(choices=ChangeState.choices)
    tier = serializers.ChoiceField(choices=ChangeTier.choices, help_text="由谁决定")
    project = ProjectInBriefSerializer()
    reason = serializers.CharField()
    asked_by = NamedSerializer()
    asked_on = serializers.DateField(allow_null=True)
    entered_for = serializers.BooleanField(help_text="代填")
    due_on = serializers.DateField(allow_null=True, help_text="申请时的时限")
    new_due_on = serializers.DateField(allow_null=True, help_text="改后时限")
    opinion = serializers.CharField(help_text="督办处意见")
    decided_by = NamedSerializer(allow_null=True)
    decided_on = serializers.DateField(allow_null=True)
    decision_words = serializers.CharField()
    changes = ChangeLineSerializer(many=True, source="lines")


class ChangesQuery(serializers.Serializer[Any]):
    project = identity("项目", required=False)
    state = serializers.ChoiceField(choices=ChangeState.choices, required=False, help_text="状态")
    kind = serializers.ChoiceField(choices=ChangeKind.choices, required=False, help_text="类型")


class Changes(APIView):
    @extend_schema(
        operation_id="changes",
        summary="变更申请",
        tags=["变更"],
        parameters=[ChangesQuery, PageQuery],
        responses=paged(ChangeSerializer),
    )
    def get(self, request: ApiRequest) -> Response:
        if not reads_ledger(request.user, request.today):
            raise Http404
        query = ChangesQuery(data=request.query_params)
        query.is_valid(raise_exception=True)
        rows = changes_for(request.user, request.today).filter(**query.validated_data).prefetch_related("lines")
        chosen, around = page_of(request, rows)
        return Response(around | {"results": ChangeSerializer(chosen, many=True).data})


class OneChange(APIView):
    @extend_schema(operation_id="change", summary="一件变更申请", tags=["变更"], responses=ChangeSerializer)
    def get(self, request: ApiRequest, pk: int) -> Response:
        return Response(ChangeSerializer(change_to_act_on(request, pk)).data)


class AskChange(APIView):
    @extend_schema(
        operation_id="project_changes_create",
        summary="申请变更",
        description="延期、调整、暂缓、恢复、终止、撤销销号；同意之前项目不变。",
        tags=["变更"],
        request=WishesSerializer,
        responses={201: ChangeSerializer},
    )
    def post(self, request: ApiRequest, pk: int) -> Response:
        project = project_to_act_on(request, pk)
        given = WishesSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        row = asking.ask_change(project, by=request.user, now=request.now, **given.validated_data)
        return Response(ChangeSerializer(row).data, status=201)


class ChangeMoves(APIView):
    @extend_schema(operation_id="change_moves", summary="申请此刻能怎样办", tags=["变更"], responses=OffersSerializer)
    def get(self, request: ApiRequest, pk: int) -> Response:
        row = change_to_act_on(request, pk)
        moves = []
        for move in REQUEST_MOVES.values():
            if row.state in move.sources:
                bars = move.bars(request.user, row, request.today)
                url = reverse(_name(move.name), args=[pk])
                moves.append({"move": move, "is_open": not bars, "bars": bars, "url": url})
        return Response(OffersSerializer({"version": row.project.version, "moves": moves}).data)


class ChangeMoveView(APIView):
    """One move of a request; a subclass for each, so that each has its own description."""

    act: ClassVar[Act]

    def post(self, request: ApiRequest, pk: int) -> Response:
        row = change_to_act_on(request, pk)
        given = self.act.written(data=request.data)
        given.is_valid(raise_exception=True)
        self.act.do(row, by=request.user, now=request.now, **given.validated_data)
        return Response(ChangeSerializer(change_to_act_on(request, pk)).data)


CHANGE_ACTS: Mapping[str, Act] = {
    "take_up": Act(asking.ask_prepared, WishesSerializer),
    "drop": Act(asking.drop_prepared),
    "withdraw": Act(asking.withdraw_change),
    "opinion": Act(deciding.give_opinion, inputs.ReasonNoteSerializer),
    "agree": Act(deciding.agree_change, inputs.NoteSerializer),
    "decline": Act(deciding.decline_change, inputs.ReasonNoteSerializer),
}


def _name(move: str) -> str:
    return f"api-change-{move.replace('_', '-')}"


def _addresses() -> list[URLPattern]:
    patterns = []
    for move, act in CHANGE_ACTS.items():
        described = extend_schema_view(
            post=extend_schema(
                operation_id=f"change_{move}",
                summary=REQUEST_MOVES[move].label,
                tags=["变更"],
                request=act.written,
                responses=ChangeSerializer,
            )
        )
        own: Any = described(type(f"change_{move}", (ChangeMoveView,), {"act": act}))
        patterns.append(path(f"changes/<int:pk>/moves/{move.replace('_', '-')}/", own.as_view(), name=_name(move)))
    return patterns


urlpatterns = [
    path("changes/", Changes.as_view(), name="api-changes"),
    path("changes/<int:pk>/", OneChange.as_view(), name="api-change"),
    path("changes/<int:pk>/moves/", ChangeMoves.as_view(), name="api-change-moves"),
    path("projects/<int:pk>/changes/", AskChange.as_view(), name="api-change-ask"),
    *_addresses(),
]
