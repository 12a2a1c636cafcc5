"""收件箱 as JSON: one's own messages, and reading them."""

from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.paging import PageQuery, page_of, paged
from accounts.api.signing_in import ApiRequest
from supervision.notifications.actions.reading import mark_read
from supervision.notifications.enums import Reason
from supervision.notifications.models import Notification
from supervision.notifications.queries.inbox import inbox_of


class NotificationSerializer(serializers.Serializer[Any]):
    """一条消息."""

    id = serializers.IntegerField(source="pk")
    kind = serializers.CharField(help_text="种类代码")
    reason = serializers.ChoiceField(choices=Reason.choices, help_text="归类")
    words = serializers.CharField()
    url = serializers.CharField(help_text="去处的地址；没有去处为空")
    project = serializers.IntegerField(source="project_id", allow_null=True)
    project_number = serializers.CharField(allow_null=True)
    is_urgent = serializers.BooleanField(help_text="特急")
    created_at = serializers.DateTimeField()
    read_at = serializers.DateTimeField(allow_null=True, help_text="未读为空")


class NotificationsQuery(serializers.Serializer[Any]):
    unread = serializers.BooleanField(required=False, default=False, help_text="只要未读的")
    reason = serializers.ChoiceField(choices=Reason.choices, required=False, help_text="归类")

    def narrow(self, rows: QuerySet[Notification]) -> QuerySet[Notification]:
        asked = self.validated_data
        if asked["unread"]:
            rows = rows.filter(read_at=None)
        return rows.filter(reason=asked["reason"]) if "reason" in asked else rows


class Notifications(APIView):
    @extend_schema(
        operation_id="notifications",
        summary="我的消息",
        description="由新到旧。看过列表不算已读。",
        tags=["消息"],
        parameters=[NotificationsQuery, PageQuery],
        responses=paged(NotificationSerializer),
    )
    def get(self, request: ApiRequest) -> Response:
        query = NotificationsQuery(data=request.query_params)
        query.is_valid(raise_exception=True)
        chosen, around = page_of(request, query.narrow(inbox_of(request.user)))
        return Response(around | {"results": NotificationSerializer(chosen, many=True).data})


class ReadNotification(APIView):
    @extend_schema(
        operation_id="notification_read",
        summary="标为已读",
        description="第一次的时间算数，再标不变。",
        tags=["消息"],
        request=None,
        responses=NotificationSerializer,
    )
    def post(self, request: ApiRequest, pk: int) -> Response:
        mark_read(get_object_or_404(inbox_of(request.user), pk=pk), by=request.user, now=request.now)
        return Response(NotificationSerializer(inbox_of(request.user).get(pk=pk)).data)


urlpatterns = [
    path("notifications/", Notifications.as_view(), name="api-notifications"),
    path("notifications/<int:pk>/read/", ReadNotification.as_view(), name="api-notification-read"),
]
