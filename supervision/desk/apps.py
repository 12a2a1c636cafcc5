"""Wiring of the workbench."""

from django.apps import AppConfig


class DeskConfig(AppConfig):
    name = "supervision.desk"
    verbose_name = "工作台"
