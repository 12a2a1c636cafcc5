"""`manage.py run_cycles`: brings the cycles of every office up to now, or to a moment that is named."""

import json
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from supervision.cycles.actions.running import bring_cycles_up_to
from supervision.cycles.enums import RunState
from supervision.cycles.models import CycleRun
from supervision.cycles.periods import SHANGHAI
from supervision.cycles.queries.runs import name_of_run


class Command(BaseCommand):
    help = (
        "Run what is due of every office's cycles: papers are written and people are told, with --at too. "
        "Exit code 1 where a run failed."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--at", metavar="ISO-DATETIME", help="for good, as if it were then; without a zone, Shanghai time"
        )
        parser.add_argument("--json", action="store_true", dest="as_json", help="print a JSON array")

    def handle(self, *_: Any, at: str | None = None, as_json: bool = False, **__: Any) -> None:
        runs = bring_cycles_up_to(moment_of(at)) if at else bring_cycles_up_to(timezone.now(), clock=timezone.now)
        rows = [row_of(run) for run in runs]
        if as_json:
            self.stdout.write(json.dumps(rows, ensure_ascii=False, indent=2))
        else:
            for row in rows:
                self.stdout.write(_line(row))
            if not rows:
                self.stdout.write("没有应运行的周期。")
        if any(run.state == RunState.FAILED for run in runs):
            raise CommandError("有周期未能完成，见上。", returncode=1)


def moment_of(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise CommandError(f"“{text}”不是日期时间，应如 2026-11-27T16:00 或 2026-11-27T16:00+08:00。") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=SHANGHAI)


def row_of(run: CycleRun) -> dict[str, Any]:
    return {
        "run": run.pk,
        "organization": run.organization.code,
        "cycle": run.cycle,
        "name": name_of_run(run),
        "starts_on": run.starts_on.isoformat(),
        "ends_on": run.ends_on.isoformat(),
        "due_at": timezone.localtime(run.due_at).isoformat(),
        "state": run.state,
        "is_late": run.is_late,
        "counts": run.counts,
        "error": run.error,
    }


def _line(row: dict[str, Any]) -> str:
    counts = "、".join(f"{label} {count}" for label, count in row["counts"].items()) or "—"
    late = "（补运行）" if row["is_late"] else ""
    due = datetime.fromisoformat(row["due_at"])
    words = [row["organization"], row["name"], f"应于 {due:%Y-%m-%d %H:%M}", RunState(row["state"]).label + late]
    return "  ".join([*words, row["error"] or counts])
