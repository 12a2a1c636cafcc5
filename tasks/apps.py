"""Wiring of the tasks app."""

from django.apps import AppConfig

from accounts.verbs import register_verbs
from tasks.verbs import PAGES, VERBS


class TasksConfig(AppConfig):
    name = "tasks"
    verbose_name = "任务"

    def ready(self) -> None:
        register_verbs(VERBS, PAGES)
