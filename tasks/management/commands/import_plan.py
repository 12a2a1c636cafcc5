"""`manage.py import_plan FILE --org CODE --year YYYY`: the import of the pages, run at once, with its outcome as JSON."""

import json
from argparse import ArgumentParser
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from accounts.models import Organization, User
from accounts.queries import secretariat_of
from cppcc_office.lib.errors import Refused, Stale
from tasks.actions.intake.batches import create_import, request_write
from tasks.actions.intake.checking import claim_import_now, read_import
from tasks.actions.intake.correcting import answer_all
from tasks.actions.intake.writing import write_import
from tasks.enums import ImportState, RowStatus
from tasks.models import ImportBatch

CREATED = ("key_tasks", "projects", "targets", "milestones", "sources")


class _NotWanted(Exception):
    """Rolls back what a dry run, or a refused one, has made."""


class Command(BaseCommand):
    help = (
        "Import a decomposition table or the work points of a paper into a plan. All rows or, unless --only-ok, none."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--org", required=True, help="code of the organisation")
        parser.add_argument("--year", required=True, type=int)
        parser.add_argument(
            "--dry-run", action="store_true", help="keep nothing; the counts are of what would be created"
        )
        parser.add_argument("--json", action="store_true", help="print the outcome as JSON")
        parser.add_argument("--by", default="", help="log-in name; else the first 督办人员")
        parser.add_argument("--today", type=_day, default=None, help="check as of this day (YYYY-MM-DD)")
        parser.add_argument("--accept-past", action="store_true", help="take dates already past as they stand")
        parser.add_argument("--source", default="", help="source of papers whose rows name none")
        parser.add_argument("--only-ok", action="store_true", help="write the rows without a problem, leave the others")

    def handle(self, *_args: Any, **options: Any) -> None:
        organization, by = _who(options["org"], options["by"], today=options["today"] or timezone.localdate())
        data = _bytes(options["file"])
        clock = _clock_of(options["today"])
        outcome: dict[str, Any] = {}
        refusal = ""
        try:
            with transaction.atomic():
                batch = create_import(
                    organization,
                    by=by,
                    year=options["year"],
                    name=options["file"].name,
                    data=data,
                    default_source=options["source"],
                    keep_file=not options["dry_run"],
                    now=clock(),
                )
                refusal = _run(batch, options, data=data, clock=clock)
                outcome = _outcome(batch)
                if options["dry_run"] or refusal:
                    raise _NotWanted
        except _NotWanted:
            if refusal:
                outcome["created"] = dict.fromkeys(CREATED, 0)
        except (Refused, Stale) as refused:
            raise CommandError(str(refused)) from refused
        self._say(outcome, as_json=options["json"], dry_run=options["dry_run"])
        if refusal and not options["dry_run"]:
            raise CommandError(refusal)

    def _say(self, outcome: dict[str, Any], *, as_json: bool, dry_run: bool) -> None:
        if as_json:
            self.stdout.write(json.dumps(outcome, ensure_ascii=False, indent=1))
            return
        for row in outcome["rows"]:
            if row["status"] != RowStatus.OK:
                words = "；".join(row["problems"]) or "已在计划中"
                self.stdout.write(f"{row['sheet']} 第 {row['row']} 行 {row['title']}：{words}")
        created = outcome["created"]
        self.stdout.write(
            f"共 {len(outcome['rows'])} 行；{'将' if dry_run else ''}新增重点任务 {created['key_tasks']}、项目 {created['projects']}、"
            f"目标 {created['targets']}、节点 {created['milestones']}、来源 {created['sources']}"
        )


def _run(batch: ImportBatch, options: dict[str, Any], *, data: bytes, clock: Callable[[], datetime]) -> str:
    """Read, check and, where all is well, write. Returns why nothing may be written, in a sentence."""
    claim_import_now(batch, state=ImportState.READING, now=clock())
    read_import(batch, clock=clock, data=data)
    if batch.state == ImportState.FAILED:
        raise Refused(batch.error)
    if batch.state == ImportState.MAPPING:
        raise Refused("没有认出表头，或缺少牵头处室、完成时限等必要的列；请在网页上导入并对应列")
    if options["accept_past"]:
        answer_all(batch, by=batch.by, code="deadline-past", fields={"accept_past": "1"}, decision=None, now=clock())
    statuses = list(batch.rows.values_list("status", flat=True))
    waiting = sum(status in (RowStatus.ASK, RowStatus.ERROR) for status in statuses)
    if waiting and not options["only_ok"]:
        return f"有 {waiting} 行需更正，什么也没有写入；更正后再导入，或用 --only-ok 只写入没有问题的行"
    if RowStatus.OK not in statuses:
        return ""
    request_write(batch, by=batch.by, version=batch.version, only_ok=options["only_ok"], now=clock())
    claim_import_now(batch, state=ImportState.WRITING, now=clock())
    write_import(batch, clock=clock)
    return batch.error


def _outcome(batch: ImportBatch) -> dict[str, Any]:
    return {
        "rows": [
            {
                "sheet": row.sheet,
                "row": row.row,
                "status": row.status,
                "problems": [problem["words"] for problem in row.problems],
                "remarks": row.remarks,
                "title": row.title,
                "due_on": row.due_on.isoformat() if row.due_on else None,
            }
            for row in batch.rows.all()
        ],
        "created": {name: batch.created.get(name, 0) for name in CREATED},
        "left_out": batch.left_out,
    }


def _who(code: str, username: str, *, today: date) -> tuple[Organization, User]:
    organization = Organization.objects.filter(code=code).first()
    if organization is None:
        known = "、".join(Organization.objects.values_list("code", flat=True)) or "还没有建立"
        raise CommandError(f"没有代码为“{code}”的政协机关；现有：{known}")
    if not username:
        first = secretariat_of(organization.pk, today=today).first()
        if first is None:
            raise CommandError(f"{organization} 还没有督办人员，请先导入人员并指明督办处室")
        return organization, first
    user = User.objects.filter(username=username).first()
    if user is None:
        raise CommandError(f"没有登录名为“{username}”的人员")
    return organization, user


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise CommandError(f"读不到文件 {path}：{error.strerror}") from error


def _day(text: str) -> date:
    return date.fromisoformat(text)


def _clock_of(today: date | None) -> Callable[[], datetime]:
    """The clock, or one that shows nine in the morning of the day asked for."""
    if today is None:
        return timezone.now
    moment = timezone.make_aware(datetime(today.year, today.month, today.day, 9))  # noqa: DTZ001 (made aware here)
    return lambda: moment
