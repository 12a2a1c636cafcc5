"""`manage.py figures --org CODE --year YYYY`: the figures of the pages, as a table or as JSON."""

import json
import unicodedata
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.models import Organization
from tasks.enums import Bucket
from tasks.forms.moments import known_moment
from tasks.models import Plan, Project
from tasks.queries.as_of import Moment
from tasks.queries.figure_report import IN_FIVE, Report, report_of
from tasks.queries.figures import Figures, lines_of

DASH = "—"


class Command(BaseCommand):
    help = "Figures of an office's plans of a year: parts, shares and rates, by category, division and source class."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--org", required=True, help="code of the organisation")
        parser.add_argument("--year", required=True, type=int)
        parser.add_argument("--plan", action="append", default=[], help="name of a plan; may be given again; else all")
        parser.add_argument(
            "--as-of", type=_day, default=None, help="as things stood at the end of this day (YYYY-MM-DD)"
        )
        parser.add_argument(
            "--known-by", type=_moment, default=None, help="only what was recorded by then (YYYY-MM-DD or with a time)"
        )
        parser.add_argument("--json", action="store_true", help="print as JSON")

    def handle(self, *_args: Any, **options: Any) -> None:
        organization = Organization.objects.filter(code=options["org"]).first()
        if organization is None:
            raise CommandError(f"There is no organisation with the code {options['org']!r}.")
        plans = _plans(organization, options["year"], options["plan"])
        today = timezone.localdate()
        day, known_by = options["as_of"] or today, options["known_by"]
        if day > today:
            raise CommandError(f"{day} has not come yet.")
        moment = Moment(day, known_by) if options["as_of"] or known_by else None
        projects = Project.objects.filter(organization=organization, plan__in=plans)
        report = report_of(lines_of(projects, today, moment))
        if options["json"]:
            head = {
                "organization": organization.code,
                "year": options["year"],
                "plans": [plan.name for plan in plans],
                "as_of": day.isoformat(),
                "known_by": known_by.isoformat() if known_by else None,
            }
            self.stdout.write(json.dumps(head | report.as_json(), ensure_ascii=False, indent=2))
            return
        known = f"，按 {timezone.localtime(known_by):%Y-%m-%d %H:%M} 前录入的记录" if known_by else ""
        self.stdout.write(f"{organization.name} {'、'.join(plan.name for plan in plans)}")
        self.stdout.write(f"截至 {day}{known}")
        for line in _table(report):
            self.stdout.write(line)


def _plans(organization: Organization, year: int, names: list[str]) -> list[Plan]:
    plans = list(Plan.objects.filter(organization=organization, year=year))
    known = {plan.name for plan in plans}
    if unknown := [name for name in names if name not in known]:
        offers = "、".join(sorted(known)) or "none"
        raise CommandError(f"There is no plan {unknown[0]!r} in {year}. Plans of that year: {offers}.")
    return [plan for plan in plans if plan.name in names] if names else plans


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError(f"{text!r} is no date like 2026-03-31") from None


def _moment(text: str) -> datetime:
    moment = known_moment(text)
    if moment is None:
        raise ArgumentTypeError(f"{text!r} is no time like 2026-04-10T18:00")
    return moment


def _table(report: Report) -> Iterator[str]:
    whole = report.whole
    yield f"重点任务 {report.key_tasks} 项，项目 {whole.total} 项"
    yield f"办结率 {_rate(whole.closed_rate)}，按期办结率 {_rate(whole.on_time_rate)}，未到时节点 {whole.not_yet_due} 项"
    yield "，".join(f"{word} {whole.of(buckets)} 项 {_rate(whole.share(*buckets))}" for word, buckets in IN_FIVE)
    for bucket in Bucket:
        yield f"  {_wide(bucket.label, 10)}{whole[bucket]:>6}{_rate(whole.share(bucket)):>9}"
    for dimension, parts in report.by.items():
        note = (
            f"（有项目属于多个来源类别，合计多计 {report.counted_again} 项）"
            if (dimension == "source_class" and report.counted_again)
            else ""
        )
        yield f"\n按{dimension.label}{note}"
        yield _wide("", 24) + "".join(f"{_wide(word, 10)}" for word in ("合计", *(b.label for b in Bucket), "办结率"))
        for part in parts:
            yield _wide(part.name, 24) + "".join(_wide(cell, 10) for cell in _cells(part.figures))


def _cells(row: Figures) -> list[str]:
    return [str(row.total), *(str(row[bucket]) for bucket in Bucket), _rate(row.closed_rate)]


def _rate(value: object) -> str:
    return DASH if value is None else f"{value}%"


def _wide(text: str, width: int) -> str:
    """Filled up to so many columns of a terminal, where a Chinese character takes two."""
    taken = sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)
    return text + " " * max(1, width - taken)
