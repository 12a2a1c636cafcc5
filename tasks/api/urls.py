"""Addresses of this app under /api/v1/."""

from django.urls import URLPattern, path

from tasks.api import changes, moves, views

urlpatterns: list[URLPattern] = [
    path("ledger/", views.Ledger.as_view(), name="api-ledger"),
    path("plans/", views.Plans.as_view(), name="api-plans"),
    path("projects/<int:pk>/", views.OneProject.as_view(), name="api-project"),
    path("projects/<int:pk>/timeline/", views.Timeline.as_view(), name="api-project-timeline"),
    path("projects/<int:pk>/entries/", views.Entries.as_view(), name="api-project-entries"),
    path("attachments/<uuid:key>/", views.Paper.as_view(), name="api-attachment"),
    path("milestones/", views.Milestones.as_view(), name="api-milestones"),
    path("milestones/<int:pk>/", views.OneMilestone.as_view(), name="api-milestone"),
    path("figures/", views.FigureReport.as_view(), name="api-figures"),
    *moves.urlpatterns,
    *changes.urlpatterns,
]
