"""How the API says no: one shape for each kind of answer, in the words of the pages."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404
from rest_framework import exceptions, status
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.refusals import record_refusal
from cppcc_office.lib.errors import Refused, Stale

WORDS = {
    exceptions.NotAuthenticated: "请先登录，或在请求头写 Authorization: Token 令牌。",
    exceptions.NotFound: "没有找到，或者您无权查看。",
    exceptions.MethodNotAllowed: "此地址不能这样访问，请看接口说明 /api/v1/schema/。",
    exceptions.UnsupportedMediaType: "请用 JSON 提交（Content-Type: application/json）；带附件的用 multipart/form-data。",
    exceptions.ParseError: "提交的内容读不出来，请检查 JSON 格式。",
    exceptions.Throttled: "尝试过于频繁，请稍后再试。",
}
FAULTY = "填写有误，请按各栏提示改正。"


class AlwaysJson(BaseContentNegotiation):
    """Whatever a client says it would rather have."""

    def select_parser(self, request: Request, parsers: Any) -> BaseParser | None:
        kind = (request.content_type or "").split(";")[0].strip().lower()
        return next((parser for parser in parsers if parser.media_type == kind), None)

    def select_renderer(
        self,
        request: Request,  # noqa: ARG002 (DRF's signature)
        renderers: Any,
        format_suffix: str | None = None,  # noqa: ARG002 (DRF's signature)
    ) -> tuple[BaseRenderer, str]:
        return renderers[0], renderers[0].media_type


def answer_to(exception: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's exception handler. A refusal is written down, after the action's transaction has rolled back."""
    if isinstance(exception, Refused | Stale):
        record_refusal(context["request"]._request, exception)
        return Response(conflict(exception), status=status.HTTP_409_CONFLICT)
    if isinstance(exception, Http404):
        exception = exceptions.NotFound()
    elif isinstance(exception, PermissionDenied):
        exception = exceptions.PermissionDenied()
    if not isinstance(exception, exceptions.APIException):
        return None
    headers = {}
    if challenge := getattr(exception, "auth_header", None):
        headers["WWW-Authenticate"] = challenge
    if wait := getattr(exception, "wait", None):
        headers["Retry-After"] = f"{wait:.0f}"
    if isinstance(exception, exceptions.ValidationError):
        fields = exception.detail if isinstance(exception.detail, dict) else {"non_field_errors": exception.detail}
        return Response({"detail": FAULTY, "fields": fields}, status=exception.status_code)
    if isinstance(exception, exceptions.ParseError):
        return Response({"detail": WORDS[exceptions.ParseError], "fields": {}}, status=exception.status_code)
    words = WORDS.get(type(exception), str(exception.detail))
    if words.startswith("CSRF Failed"):
        words = "以网页登录身份提交须带 X-CSRFToken 请求头；程序请改用令牌。"
    return Response({"detail": words}, status=exception.status_code, headers=headers)


def conflict(exception: Refused | Stale) -> dict[str, Any]:
    """What bars it, or what changed meanwhile and the version to act against after reading that."""
    if isinstance(exception, Refused):
        return {
            "kind": "refused",
            "detail": "；".join(exception.reasons),
            "reasons": exception.reasons,
            "changes": [],
            "version": None,
        }
    changes = [
        {"what": row.what, "old": row.old, "new": row.new, "by": row.by, "at": row.at} for row in exception.changes
    ]
    detail = f"{exception}，未写入；请看过 changes 后，以新的 version 重新提交。"
    return {"kind": "stale", "detail": detail, "reasons": [], "changes": changes, "version": exception.version}
