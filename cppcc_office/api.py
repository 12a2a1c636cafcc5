"""The API as a whole: its addresses under /api/v1/ and its description."""

from typing import Any

from django.urls import include, path
from drf_spectacular.renderers import OpenApiJsonRenderer2
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularAPIView
from rest_framework.response import Response

from accounts.api.signing_in import ApiRequest, SignedIn

TEXT = {"type": "string"}
TEXTS = {"type": "array", "items": TEXT}
COMMON_SCHEMAS: dict[str, Any] = {
    "Problem": {"type": "object", "required": ["detail"], "properties": {"detail": TEXT}},
    "FieldProblem": {
        "type": "object",
        "required": ["detail", "fields"],
        "properties": {
            "detail": TEXT,
            "fields": {"type": "object", "additionalProperties": {}, "description": "栏目名 → 该栏的错误"},
        },
    },
    "Conflict": {
        "type": "object",
        "description": "规则不允许（refused，见 reasons），或打开后已有人改动（stale，见 changes，以新的 version 再提交）。",
        "required": ["kind", "detail", "reasons", "changes", "version"],
        "properties": {
            "kind": {"type": "string", "enum": ["refused", "stale"]},
            "detail": TEXT,
            "reasons": TEXTS,
            "changes": {
                "type": "array",
                "items": {
                    "type": "object",
                    "required": ["what", "old", "new", "by", "at"],
                    "properties": dict.fromkeys(("what", "old", "new", "by", "at"), TEXT),
                },
            },
            "version": {"type": "integer", "nullable": True},
        },
    },
}
ANSWERS = {
    "400": ("FieldProblem", "填写有误"),
    "401": ("Problem", "没有登录，或令牌无效"),
    "403": ("Problem", "须先修改密码，或缺少 CSRF 请求头"),
    "404": ("Problem", "没有找到，或者无权查看"),
    "409": ("Conflict", "规则不允许，或已被他人改动"),
    "415": ("Problem", "不是 JSON"),
    "429": ("Problem", "过于频繁"),
}
WRITING = frozenset({"post", "put", "patch", "delete"})


def with_common_answers(result: dict[str, Any], generator: Any, request: Any, public: bool) -> dict[str, Any]:  # noqa: ARG001 (the hook's signature)
    """A hook of drf-spectacular: every operation may answer so, and says it."""
    result["components"]["schemas"] |= COMMON_SCHEMAS
    for address, methods in result["paths"].items():
        for method, operation in methods.items():
            for status in _statuses(address, method, operation):
                name, words = ANSWERS[status]
                schema = {"$ref": f"#/components/schemas/{name}"}
                operation["responses"].setdefault(
                    status, {"description": words, "content": {"application/json": {"schema": schema}}}
                )
    return result


def _statuses(address: str, method: str, operation: dict[str, Any]) -> set[str]:
    statuses = {"401", "403", "404"}
    if method in WRITING:
        statuses |= {"400", "409", "415"}
    if any(parameter["in"] == "query" for parameter in operation.get("parameters", ())):
        statuses.add("400")
    if address.endswith("/tokens/"):
        statuses.add("429")
    return statuses


class Schema(SpectacularAPIView):
    """For whoever is signed in: what an office runs is nobody else's business."""

    renderer_classes = [OpenApiJsonRenderer2]
    permission_classes = [SignedIn]

    @extend_schema(exclude=True)
    def get(self, request: ApiRequest, *args: Any, **kwargs: Any) -> Response:
        answer: Response = super().get(request, *args, **kwargs)  # type: ignore[no-untyped-call]  # the library has no types
        return answer


urlpatterns = [
    path("schema/", Schema.as_view(), name="api-schema"),
    path("", include("accounts.api.urls")),
    path("", include("tasks.api.urls")),
    path("", include("supervision.notifications.api")),
]
