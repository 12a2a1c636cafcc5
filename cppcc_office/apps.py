"""Wiring of the top: its checks, its jobs and its commands."""

from django.apps import AppConfig
from django.core.checks import Tags, register

from cppcc_office import checks


class OfficeConfig(AppConfig):
    name = "cppcc_office"

    def ready(self) -> None:
        register(checks.secret_key_is_set, Tags.security, deploy=True)
        register(checks.uploads_are_not_served, Tags.security)
        register(checks.vendor_files_are_installed, Tags.staticfiles)
