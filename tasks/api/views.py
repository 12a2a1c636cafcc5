"""The ledger, projects, milestones, entries and figures as JSON."""

from typing import Any
from uuid import UUID

from django.http import Http404
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.parsers import JSONParser, MultiPartParser
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.paging import PageQuery, asked_page, page_of, paged
from accounts.api.signing_in import ApiRequest
from tasks.actions.entries import add_entry
from tasks.api import serializers as out
from tasks.api.inputs import NewEntrySerializer
from tasks.api.questions import LEDGER, MOMENT, FiguresQuery, MilestoneQuery, moment_of
from tasks.api.shown import light_all, shown
from tasks.filters import LedgerFilter
from tasks.models import Milestone, Plan, ProgressEntry, Project
from tasks.queries import project_page as pieces
from tasks.queries.figures import Dimension, counted_again, figures, figures_by, lines_of
from tasks.queries.ledger.grounds import reads_ledger
from tasks.queries.ledger.rows import Row, ledger_rows
from tasks.queries.timeline import timeline_of
from tasks.views.attachments import attachment
from tasks.views.found import project_to_act_on


class Ledger(APIView):
    @extend_schema(
        operation_id="ledger",
        summary="督办台账",
        description="筛选、排序与网页台账的地址参数相同。",
        tags=["台账"],
        parameters=[*LEDGER, *MOMENT, PageQuery],
        responses=paged(out.LineSerializer),
    )
    def get(self, request: ApiRequest) -> Response:
        if not reads_ledger(request.user, request.today):
            raise Http404
        moment_of(request)  # a day that cannot be read is a fault
        narrowing = LedgerFilter(request.query_params, user=request.user, today=request.today)
        if narrowing.unknown:
            raise ValidationError({"filters": [f"不认识的筛选：{'、'.join(narrowing.unknown)}。"]})
        lines = narrowing.lines
        page = asked_page(request, lines.rows.count())
        rows: list[Row] = []
        if page.start < page.stop:
            chosen = narrowing.page(lines, page.start, page.stop, page.around["count"])
            rows = ledger_rows(
                lines,
                chosen,
                user=request.user,
                today=request.today,
                grounds=narrowing.grounds,
                moment=narrowing.moment,
            )
        return Response(page.around | {"results": out.LineSerializer(rows, many=True).data})


class Plans(APIView):
    @extend_schema(operation_id="plans", summary="任务计划", tags=["台账"], responses=out.PlanSerializer(many=True))
    def get(self, request: ApiRequest) -> Response:
        if not reads_ledger(request.user, request.today):
            raise Http404
        return Response(out.PlanSerializer(Plan.objects.visible_to(request.user, request.today), many=True).data)


class OneProject(APIView):
    @extend_schema(
        operation_id="project",
        summary="项目，含目标和节点",
        tags=["台账"],
        parameters=MOMENT,
        responses=out.ProjectSerializer,
    )
    def get(self, request: ApiRequest, pk: int) -> Response:
        moment = moment_of(request)
        rows = pieces.for_page(Project.objects.visible_to(request.user, request.today))
        row = shown(get_object_or_404(rows, pk=pk), request.user, request.today, moment)
        if row is None:
            raise Http404
        return Response(out.ProjectSerializer(row).data)


class Timeline(APIView):
    @extend_schema(
        operation_id="project_timeline",
        summary="经过",
        tags=["台账"],
        responses=out.HappeningSerializer(many=True),
    )
    def get(self, request: ApiRequest, pk: int) -> Response:
        happenings, _ = timeline_of(project_to_act_on(request, pk))
        return Response(out.HappeningSerializer(happenings, many=True).data)


class Entries(APIView):
    parser_classes = [JSONParser, MultiPartParser]

    @extend_schema(
        operation_id="project_entries",
        summary="进展",
        tags=["台账"],
        parameters=[PageQuery],
        responses=paged(out.EntrySerializer),
    )
    def get(self, request: ApiRequest, pk: int) -> Response:
        chosen, around = page_of(request, pieces.entries_of(project_to_act_on(request, pk)))
        return Response(around | {"results": [_entry(row) for row in chosen]})

    @extend_schema(
        operation_id="project_entries_create",
        summary="填报进展",
        tags=["办理"],
        request=NewEntrySerializer,
        responses={201: out.EntrySerializer},
    )
    def post(self, request: ApiRequest, pk: int) -> Response:
        project = project_to_act_on(request, pk)
        given = NewEntrySerializer(data=request.data, context={"project": project})
        given.is_valid(raise_exception=True)
        row = add_entry(project, by=request.user, now=request.now, **given.validated_data)
        return Response(_entry(pieces.entries_of(project).get(pk=row.pk)), status=201)


def _entry(row: ProgressEntry) -> Any:
    for paper in row.attachments.all():
        paper.api_url = reverse("api-attachment", args=[paper.key])  # type: ignore[attr-defined]  # for the serializer
    return out.EntrySerializer(row).data


class Paper(APIView):
    @extend_schema(
        operation_id="attachment",
        summary="下载附件",
        tags=["台账"],
        responses={(200, "application/octet-stream"): OpenApiTypes.BINARY},
    )
    def get(self, request: ApiRequest, key: UUID) -> HttpResponseBase:
        return attachment(request._request, key)


class Milestones(APIView):
    @extend_schema(
        operation_id="milestones",
        summary="节点",
        description="能看进展、附件和经过的项目的节点，按时限排列。",
        tags=["台账"],
        parameters=[MilestoneQuery, PageQuery],
        responses=paged(out.MilestoneOfProjectSerializer),
    )
    def get(self, request: ApiRequest) -> Response:
        if not reads_ledger(request.user, request.today):
            raise Http404
        query = MilestoneQuery(data=request.query_params)
        query.is_valid(raise_exception=True)
        chosen, around = page_of(request, query.narrow(_milestones_for(request)).order_by("due_on", "id"))
        light_all(chosen, request.today)
        return Response(around | {"results": out.MilestoneOfProjectSerializer(chosen, many=True).data})


class OneMilestone(APIView):
    @extend_schema(
        operation_id="milestone", summary="一个节点", tags=["台账"], responses=out.MilestoneOfProjectSerializer
    )
    def get(self, request: ApiRequest, pk: int) -> Response:
        row = get_object_or_404(_milestones_for(request), pk=pk)
        light_all([row], request.today)
        return Response(out.MilestoneOfProjectSerializer(row).data)


def _milestones_for(request: ApiRequest) -> Any:
    projects = Project.objects.whole_for(request.user, request.today).order_by()
    rows = Milestone.objects.filter(project__in=projects).select_related("project", "target", "division", "person")
    return rows.prefetch_related("co_divisions")


class FigureReport(APIView):
    @extend_schema(
        operation_id="figures",
        summary="数字",
        description="与网页、通报同一口径：各类之和等于总数；按来源类别分的，一个项目可以计入几类。",
        tags=["台账"],
        parameters=[FiguresQuery, *MOMENT],
        responses=out.FigureReportSerializer,
    )
    def get(self, request: ApiRequest) -> Response:
        if not reads_ledger(request.user, request.today):
            raise Http404
        query = FiguresQuery(data=request.query_params)
        query.is_valid(raise_exception=True)
        moment = moment_of(request)
        plans = query.plans(Plan.objects.visible_to(request.user, request.today), request.today)
        projects = Project.objects.visible_to(request.user, request.today).filter(plan__in=plans)
        lines = lines_of(projects, request.today, moment)
        whole, by = figures(lines), query.validated_data.get("by")
        parts = figures_by(lines, Dimension(by)) if by else []
        report = {
            "as_of": lines.today,
            "known_by": moment.known_by if moment else None,
            "plans": plans,
            "figures": whole.as_json(),
            "by": by,
            "groups": [{"id": part.key, "name": part.name, "figures": part.figures.as_json()} for part in parts],
            "counted_again": counted_again(whole, parts) if by == Dimension.SOURCE_CLASS else 0,
        }
        return Response(out.FigureReportSerializer(report).data)
