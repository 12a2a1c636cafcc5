"""Every place of the frame, whichever exist by now, and pages that fail or answer htmx as asked."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template import RequestContext, Template
from django.urls import path

from cppcc_office import gallery, urls


def nothing(request: HttpRequest) -> HttpResponse:
    return HttpResponse("")


def broken(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("a fault of ours")


FORM_OF_HTMX = """{% extends "base.html" %}{% block title %}试{% endblock %}{% block main %}
<form hx-post="/answer" hx-target="this" hx-swap="outerHTML"><input name="note" value="我写的">
<button name="status" value="{{ status }}">提交</button></form>{% endblock %}"""


def form_of_htmx(request: HttpRequest, status: int) -> HttpResponse:
    return HttpResponse(Template(FORM_OF_HTMX).render(RequestContext(request, {"status": status})))


def answer(request: HttpRequest) -> HttpResponse:
    status = int(request.POST["status"])
    if status == 409:
        context = {"reasons": ["已被他人签收"], "posted": [("note", request.POST["note"])], "back_url": "/at/desk"}
        return render(request, "errors/refused.html", context, status=409)
    return HttpResponse('<p id="answer">请填写理由</p>', status=status)


handler404 = urls.handler404
handler500 = urls.handler500
urlpatterns = [
    path("components", gallery.components, name="components"),
    path("broken", broken, name="broken"),
    path("htmx/<int:status>", form_of_htmx, name="htmx"),
    path("answer", answer, name="answer"),
    path("project", nothing, name="project"),
    *(
        path(f"at/{name}", nothing, name=name)
        for name in (
            "sign-in", "sign-out", "change-password", "deputies", "desk", "ledger", "plans", "close-outs", "imports",
            "cycles", "people", "audit",
        )
    ),
]  # fmt: skip
