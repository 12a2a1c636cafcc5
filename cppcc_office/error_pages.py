"""The pages for what has no view: not found, a form gone stale at the door, a fault of ours."""

from django.http import HttpRequest, HttpResponse, HttpResponseNotFound, HttpResponseServerError, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string

from accounts.middleware import typed_in


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """The same words whether it does not exist or may not be seen: the answer tells a stranger nothing."""
    del exception
    if request.path.startswith("/api/"):
        return JsonResponse({"detail": "没有这个地址，请看接口说明 /api/v1/schema/。"}, status=404)
    user = getattr(request, "user", None)
    signed_in = user is not None and user.is_authenticated
    template = "errors/404.html" if signed_in else "errors/404_door.html"
    return HttpResponseNotFound(render_to_string(template, request=request))


def server_error(request: HttpRequest) -> HttpResponse:
    """Drawn without the request: what failed may be the database that the frame would ask."""
    if request.path.startswith("/api/"):
        return JsonResponse({"detail": "系统出错，未完成；已记录，请稍后再试。"}, status=500)
    return HttpResponseServerError(render_to_string("errors/500.html"))


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    del reason
    return render(request, "errors/csrf.html", {"posted": typed_in(request)}, status=403)
