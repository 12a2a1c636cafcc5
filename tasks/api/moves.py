"""Every move of the tables in `tasks.workflow` as an address of its own: what is written with it, and its action."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.urls import URLPattern, path, reverse
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.parsers import JSONParser, MultiPartParser
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.signing_in import ApiRequest
from tasks.actions import close_out, milestone, project
from tasks.api import inputs
from tasks.api.acts import Act
from tasks.api.serializers import MovedMilestoneSerializer, MovedProjectSerializer, OffersSerializer
from tasks.views.found import milestone_to_act_on, project_to_act_on
from tasks.workflow import MILESTONE_MOVES, PROJECT_MOVES, milestone_offers, project_offers

PROJECT_ACTS: Mapping[str, Act] = {
    "dispatch": Act(project.dispatch_project),
    "receive": Act(project.receive_project),
    "object": Act(project.object_to_project, inputs.ObjectSerializer),
    "recall": Act(project.recall_project, inputs.NoteSerializer),
    "request_close_out": Act(close_out.request_close_out, inputs.RequestCloseOutSerializer),
    "withdraw_close_out": Act(close_out.withdraw_close_out),
    "accept_close_out": Act(close_out.accept_close_out, inputs.AcceptSerializer),
    "return_close_out": Act(close_out.return_close_out, inputs.ReturnSerializer),
}
MILESTONE_ACTS: Mapping[str, Act] = {
    "start": Act(milestone.start_milestone),
    "report": Act(milestone.report_milestone, inputs.ReportSerializer),
    "agree": Act(milestone.agree_milestone, inputs.NoteSerializer),
    "send_back_by_head": Act(milestone.send_back_by_head, inputs.ReasonNoteSerializer),
    "confirm": Act(milestone.confirm_milestone, inputs.NoteSerializer),
    "send_back": Act(milestone.send_back_milestone, inputs.ReasonNoteSerializer),
}


class ProjectMoveView(APIView):
    """One move of a project; a subclass for each, so that each has its own description."""

    act: ClassVar[Act]

    def post(self, request: ApiRequest, pk: int) -> Response:
        row = project_to_act_on(request, pk)
        given = self.act.written(data=request.data, context={"project": row})
        given.is_valid(raise_exception=True)
        self.act.do(row, by=request.user, now=request.now, **given.validated_data)
        return Response(MovedProjectSerializer(row).data)


class MilestoneMoveView(APIView):
    act: ClassVar[Act]

    def post(self, request: ApiRequest, pk: int) -> Response:
        row = milestone_to_act_on(request, pk)
        given = self.act.written(data=request.data, context={"project": row.project})
        given.is_valid(raise_exception=True)
        self.act.do(row, by=request.user, now=request.now, **given.validated_data)
        return Response(MovedMilestoneSerializer(row).data)


class ProjectMoves(APIView):
    @extend_schema(
        operation_id="project_moves",
        summary="此刻能怎样办",
        description="每个办理动作能不能办；不能办的，理由与网页按钮上的一样。",
        tags=["办理"],
        responses=OffersSerializer,
    )
    def get(self, request: ApiRequest, pk: int) -> Response:
        row = project_to_act_on(request, pk)
        offers = project_offers(row, request.user, request.today)
        return Response(_offered("project", row.pk, row.version, offers))


class MilestoneMoves(APIView):
    @extend_schema(
        operation_id="milestone_moves", summary="节点此刻能怎样办", tags=["办理"], responses=OffersSerializer
    )
    def get(self, request: ApiRequest, pk: int) -> Response:
        row = milestone_to_act_on(request, pk)
        offers = milestone_offers(row, request.user, request.today)
        return Response(_offered("milestone", row.pk, row.project.version, offers))


def _offered(kind: str, pk: int, version: int, offers: Any) -> Any:
    moves = [
        {"move": o.move, "is_open": o.is_open, "bars": o.bars, "url": reverse(_name(kind, o.move.name), args=[pk])}
        for o in offers
    ]
    return OffersSerializer({"version": version, "moves": moves}).data


def _name(kind: str, move: str) -> str:
    return f"api-{kind}-{move.replace('_', '-')}"


def _addresses(kind: str, view: type[APIView], acts: Mapping[str, Act], labels: Mapping[str, str]) -> list[URLPattern]:
    answer = MovedProjectSerializer if kind == "project" else MovedMilestoneSerializer
    patterns = []
    for move, act in acts.items():
        takes_files = issubclass(act.written, inputs.FilesSerializer)
        own: Any = type(
            f"{kind}_{move}",
            (view,),
            {"act": act, "parser_classes": [JSONParser, *([MultiPartParser] if takes_files else [])]},
        )
        described = extend_schema_view(
            post=extend_schema(
                operation_id=f"{kind}_{move}",
                summary=labels[move],
                tags=["办理"],
                request=act.written,
                responses=answer,
            )
        )(own)
        address = f"{kind}s/<int:pk>/moves/{move.replace('_', '-')}/"
        patterns.append(path(address, described.as_view(), name=_name(kind, move)))
    return patterns


urlpatterns = [
    path("projects/<int:pk>/moves/", ProjectMoves.as_view(), name="api-project-moves"),
    path("milestones/<int:pk>/moves/", MilestoneMoves.as_view(), name="api-milestone-moves"),
    *_addresses("project", ProjectMoveView, PROJECT_ACTS, {name: row.label for name, row in PROJECT_MOVES.items()}),
    *_addresses(
        "milestone", MilestoneMoveView, MILESTONE_ACTS, {name: row.label for name, row in MILESTONE_MOVES.items()}
    ),
]
