"""Everything an office needs before its servers start: tables, static files, and at the first start an organisation."""

from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand


class Command(BaseCommand):
    help = "Migrate, collect the static files and prepare the first office. Safe to repeat."

    def handle(self, *args: Any, **options: Any) -> None:
        call_command("migrate", interactive=False, verbosity=0)
        call_command("collectstatic", interactive=False, verbosity=0)
        first_office = "load_demo" if settings.DEMO else "prepare_office"
        call_command(first_office, show_accounts=True, stdout=self.stdout)
        if settings.DEMO:
            call_command("load_rhythm", stdout=self.stdout)
