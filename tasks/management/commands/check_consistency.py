"""`manage.py check_consistency`: whether every stored figure, light, revision and number agrees with its sources."""

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from accounts.models import Organization
from tasks.queries.consistency import differences


class Command(BaseCommand):
    help = "Compares what is stored with what it follows from; prints what differs and ends with 1."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--org", help="the code of one organisation; all of them without it")
        parser.add_argument("--most", type=int, default=100, help="how many differences to print")

    def handle(self, *_: Any, org: str | None = None, most: int = 100, **__: Any) -> None:
        today = timezone.localdate(timezone.now())
        offices = Organization.objects.filter(code=org) if org else Organization.objects.all()
        found = 0
        for office in offices:
            for words in differences(office, today):
                found += 1
                if found <= most:
                    self.stdout.write(f"{office.code} {words}")
        if found:
            self.stderr.write(f"共 {found} 处不一致。")
            sys.exit(1)
        self.stdout.write("全部一致。")
