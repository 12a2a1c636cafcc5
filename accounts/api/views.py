"""Who I am, and my tokens."""

from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.response import Response
from rest_framework.throttling import ScopedRateThrottle
from rest_framework.views import APIView

from accounts.actions.sign_in import sign_in
from accounts.actions.tokens import create_token, revoke_token
from accounts.api.serializers import MeSerializer, NewTokenSerializer, SignInSerializer, TokenSerializer
from accounts.api.signing_in import ApiRequest
from accounts.models import ApiToken
from accounts.standing import standing_of


class Me(APIView):
    @extend_schema(operation_id="me", summary="我是谁", tags=["登录"], responses=MeSerializer)
    def get(self, request: ApiRequest) -> Response:
        posts = standing_of(request.user, today=request.today).posts
        return Response(MeSerializer({"user": request.user, "posts": posts, "today": request.today}).data)


class Tokens(APIView):
    """Reading one's own needs somebody; making one is a sign-in, with the same count of wrong passwords as the page."""

    throttle_scope = "tokens"

    def get_permissions(self) -> Any:
        return [AllowAny()] if self.request.method == "POST" else super().get_permissions()

    def get_authenticators(self) -> Any:
        # Whoever posts says who he is in the body; a stale token or cookie beside it must not bar him.
        return [] if self.request is not None and self.request.method == "POST" else super().get_authenticators()

    def get_throttles(self) -> Any:
        return [ScopedRateThrottle()] if self.request.method == "POST" else []

    @extend_schema(operation_id="tokens", summary="我的令牌", tags=["登录"], responses=TokenSerializer(many=True))
    def get(self, request: ApiRequest) -> Response:
        rows = ApiToken.objects.filter(user=request.user, expiry__gt=request.now)
        return Response(TokenSerializer(rows, many=True).data)

    @extend_schema(
        operation_id="tokens_create",
        summary="用密码取得令牌",
        description="90 天到期，每人最多 5 个。连续输错 5 次密码，登录名锁定 20 分钟，与登录页一并计算。",
        tags=["登录"],
        request=SignInSerializer,
        responses={201: NewTokenSerializer},
        auth=[],
    )
    def post(self, request: ApiRequest) -> Response:
        given = SignInSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        data = given.validated_data
        answer = sign_in(data["username"], password=data["password"], now=request.now)
        if answer.user is None:
            raise serializers.ValidationError({"password": [answer.sentence]})
        token = create_token(answer.user, name=data["name"], now=request.now)
        return Response(NewTokenSerializer(token).data, status=201)


class OwnToken(APIView):
    @extend_schema(operation_id="tokens_revoke", summary="撤销令牌", tags=["登录"], responses={204: None})
    def delete(self, request: ApiRequest, pk: int) -> Response:
        token = get_object_or_404(ApiToken.objects.select_related("user"), user=request.user, pk=pk)
        revoke_token(token, now=request.now)
        return Response(status=204)
