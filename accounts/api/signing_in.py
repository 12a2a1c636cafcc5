"""Who a request of the API is from."""

from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from knox.auth import TokenAuthentication
from rest_framework.exceptions import AuthenticationFailed, PermissionDenied
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from accounts.http import SignedInRequest
from accounts.models import ApiToken, User

NO_SUCH_TOKEN = "令牌无效或已到期，请重新建立。"


class ApiRequest(SignedInRequest):
    """What views of the API get: DRF's wrapping of a request that `SignedIn` let pass."""

    data: Any
    query_params: Any
    _request: SignedInRequest


class TokenSignIn(TokenAuthentication):  # type: ignore[misc]  # the library has no types
    """`Authorization: Token …`, against the digest. Looking up deletes nothing."""

    def authenticate(self, request: ApiRequest) -> tuple[AbstractBaseUser, ApiToken] | None:
        try:
            found: tuple[User, ApiToken] | None = super().authenticate(request)
        except (AuthenticationFailed, UnicodeError) as failure:
            raise AuthenticationFailed(NO_SUCH_TOKEN) from failure
        if found is not None and not found[1].is_live_at(request.now):
            raise AuthenticationFailed(NO_SUCH_TOKEN)
        return found

    def _cleanup_token(self, auth_token: ApiToken) -> bool:  # noqa: ARG002 (the library's signature)
        return False


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # the library has no types
    target_class = "accounts.api.signing_in.TokenSignIn"
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:  # noqa: ARG002 (the library's signature)
        words = "请求头写 `Authorization: Token 令牌`；令牌在“接口令牌”页或 POST /api/v1/tokens/ 取得。"
        return {"type": "apiKey", "in": "header", "name": "Authorization", "description": words}


class SignedIn(BasePermission):
    """Somebody, and past the first change of password: the same two questions as at the pages' door."""

    def has_permission(self, request: Request, view: Any) -> bool:  # noqa: ARG002 (DRF's signature)
        if isinstance(request.user, User) and request.user.must_change_password:
            raise PermissionDenied("请先登录网页修改密码，再使用接口。")
        return isinstance(request.user, User)
