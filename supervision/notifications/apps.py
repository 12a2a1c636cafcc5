"""Wiring of the notifications."""

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules

from accounts.verbs import register_verbs
from supervision.notifications.verbs import PAGES, VERBS


class NotificationsConfig(AppConfig):
    name = "supervision.notifications"
    label = "notifications"
    verbose_name = "消息"

    def ready(self) -> None:
        register_verbs(VERBS, PAGES)
        # What each app has to tell registers itself in its module `kinds`; those know tables, which are there only now.
        autodiscover_modules("kinds")
