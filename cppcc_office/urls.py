"""All addresses of the house."""

from django.conf import settings
from django.urls import include, path

from cppcc_office import gallery, health

handler404 = "cppcc_office.error_pages.page_not_found"
handler500 = "cppcc_office.error_pages.server_error"

urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("api/v1/", include("cppcc_office.api")),
    path("", include("supervision.desk.urls")),
    path("", include("supervision.cycles.urls")),
    path("", include("supervision.inspections.urls")),
    path("", include("supervision.notifications.urls")),
    path("", include("accounts.urls")),
    path("", include("tasks.urls")),
]
if settings.SHOW_COMPONENTS:
    urlpatterns.append(path("components", gallery.components, name="components"))
