"""Addresses of this app."""

from django.urls import URLPattern, path

from supervision.desk import views

urlpatterns: list[URLPattern] = [
    path("", views.desk, name="desk"),
    path("desk/milestones/confirm/", views.confirm, name="desk-confirm"),
    path("desk/<slug:kind>/", views.pile, name="desk-pile"),
]
