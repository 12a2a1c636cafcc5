"""One step of the proof in a process of its own: `manage.py proof_step write 500 1`; its last line is the answer as JSON."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from proof.office import STEPS


class Command(BaseCommand):
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("step", choices=STEPS)
        parser.add_argument("numbers", nargs="*", type=int)

    def handle(self, *args: Any, **options: Any) -> None:
        answer = STEPS[options["step"]](*options["numbers"])
        self.stdout.write(json.dumps(answer, ensure_ascii=False))
