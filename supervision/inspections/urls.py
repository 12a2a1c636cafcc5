"""Addresses of 专项督查."""

from django.urls import URLPattern, path

from supervision.inspections import views

urlpatterns: list[URLPattern] = [
    path("inspections/", views.inspections, name="inspections"),
    path("inspections/new/", views.inspection_new, name="inspection-new"),
    path("inspections/<int:pk>/", views.inspection, name="inspection"),
    path("inspections/<int:pk>/edit/", views.inspection_edit, name="inspection-edit"),
    path("inspections/<int:pk>/begin/", views.inspection_begin, name="inspection-begin"),
    path("inspections/<int:pk>/objects/<int:object_pk>/", views.inspection_finding, name="inspection-finding"),
    path("inspections/<int:pk>/findings/<int:finding_pk>/", views.inspection_correct, name="inspection-correct"),
    path("inspections/<int:pk>/conclude/", views.inspection_conclude, name="inspection-conclude"),
    path("inspections/<int:pk>/cancel/", views.inspection_cancel, name="inspection-cancel"),
    path("inspections/<int:pk>/report/", views.inspection_report, name="inspection-report"),
]
