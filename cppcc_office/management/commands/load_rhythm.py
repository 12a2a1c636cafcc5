"""`manage.py load_rhythm`: gives the demonstration its cycles, inspections and messages."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from accounts.models import Organization
from cppcc_office.management.rhythm import play_rhythm
from supervision.cycles.models import CycleRun
from tasks.management.demo.office import CODE


class Command(BaseCommand):
    help = "Only where the demonstration is and has none yet. Interrupted, it leaves nothing behind."

    def handle(self, *_: Any, **__: Any) -> None:
        organization = Organization.objects.filter(code=CODE).first()
        if organization is None or CycleRun.objects.filter(organization=organization).exists():
            return
        self.stdout.write("正在生成周期、督查和消息 making the rhythm …")
        play_rhythm(organization, now=timezone.now())
