"""Addresses of this app."""

from django.urls import URLPattern, path

from tasks.views import decompose, dispatch, intake, key_tasks, plans

urlpatterns: list[URLPattern] = [
    path("plans/", plans.plans, name="plans"),
    path("plans/new/", plans.plan_new, name="plan-new"),
    path("plans/<int:pk>/", plans.plan, name="plan"),
    path("plans/<int:pk>/dispatch/", dispatch.plan_dispatch, name="plan-dispatch"),
    path("plans/<int:pk>/confirm/", dispatch.plan_confirm, name="plan-confirm"),
    path("plans/<int:pk>/key-tasks/new/", key_tasks.key_task_new, name="key-task-new"),
    path("key-tasks/<int:pk>/", key_tasks.key_task, name="key-task"),
    path("key-tasks/<int:pk>/edit/", key_tasks.key_task_edit, name="key-task-edit"),
    path("key-tasks/<int:pk>/projects/", key_tasks.key_task_add_project, name="key-task-add-project"),
    path("projects/<int:pk>/decompose/", decompose.project_decompose, name="project-decompose"),
    path("projects/<int:pk>/delete/", dispatch.project_delete, name="project-delete"),
    path(
        "projects/<int:pk>/backfill-dispatch/",
        dispatch.project_backfill_dispatch,
        name="project-backfill-dispatch",
    ),
    path("imports/", intake.imports, name="imports"),
    path("imports/new/", intake.import_new, name="import-new"),
    path("imports/<int:pk>/", intake.import_batch, name="import-batch"),
    path("imports/<int:pk>/progress/", intake.import_progress, name="import-progress"),
    path("imports/<int:pk>/columns/", intake.import_mapping, name="import-mapping"),
    path("imports/<int:pk>/rows/<int:row_pk>/", intake.import_row, name="import-row"),
    path("imports/<int:pk>/answers/", intake.import_answer, name="import-answer"),
    path("imports/<int:pk>/sources/", intake.import_source, name="import-source"),
    path("imports/<int:pk>/write/", intake.import_write, name="import-write"),
    path("imports/<int:pk>/undo/", intake.import_undo, name="import-undo"),
    path("imports/<int:pk>/abandon/", intake.import_abandon, name="import-abandon"),
    path("imports/<int:pk>/annotated/", intake.import_annotated, name="import-annotated"),
]
