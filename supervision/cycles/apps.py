"""Wiring of the cycles."""

from django.apps import AppConfig

from accounts.verbs import register_verbs
from supervision.cycles.verbs import PAGES, VERBS


class CyclesConfig(AppConfig):
    name = "supervision.cycles"
    label = "cycles"
    verbose_name = "督办周期"

    def ready(self) -> None:
        register_verbs(VERBS, PAGES)
