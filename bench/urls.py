"""The office's addresses and the yardstick."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path

from cppcc_office.urls import handler404, handler500
from cppcc_office.urls import urlpatterns as office
from tasks.models import Project

__all__ = ["handler404", "handler500", "urlpatterns"]


def bare(request: HttpRequest, plan: int) -> HttpResponse:
    """What Django itself needs for fifty rows: one query with its joins, one count, one template with a loop."""
    projects = Project.objects.filter(plan=plan)
    rows = projects.select_related("key_task__category", "lead_division", "leader", "person").order_by("due_on", "id")
    return render(request, "bench/bare.html", {"rows": rows[:50], "count": projects.count()})


urlpatterns = [path("bare/<int:plan>/", bare, name="bare"), *office]
