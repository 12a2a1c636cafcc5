"""Wiring of the inspections."""

from django.apps import AppConfig

from accounts.verbs import register_verbs
from supervision.inspections.verbs import PAGES, VERBS


class InspectionsConfig(AppConfig):
    name = "supervision.inspections"
    label = "inspections"
    verbose_name = "专项督查"

    def ready(self) -> None:
        register_verbs(VERBS, PAGES)
