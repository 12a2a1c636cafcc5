"""Figures of frozen lines as the pages of 季通报 and 年度检查复盘 draw them: each leads to its lines."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Page, Paginator
from django.http import HttpRequest
from django.urls import reverse

from accounts.policies import calendar_of
from supervision.cycles.enums import Cycle
from supervision.cycles.forms.frozen import LinesForm
from supervision.cycles.models import CycleRun, FrozenLine
from supervision.cycles.queries.frozen import FrozenReport, Now, frozen_line, in_order, lines_of_year, stand_now
from supervision.cycles.queries.runs import labels_of, period_of_run
from tasks.enums import Bucket
from tasks.queries.figures import Dimension, Figures, Part
from tasks.views.figures import Cell, Row, Table
from tasks.views.ledger_parts import BUCKET_SHAPES

PER_PAGE = 100


def name_of(run: CycleRun) -> str:
    return period_of_run(run).name


def title_of(run: CycleRun) -> str:
    """With the office's own word for the cycle; 年度 is said once."""
    name, label = name_of(run), labels_of(run.organization_id)[run.cycle]
    return f"{name}{label.removeprefix('年度') if name.endswith('年度') else label}"


@dataclass(frozen=True)
class Links:
    """Addresses of the lines behind the figures of one run."""

    base: str

    def to(self, bucket: str = "", **narrowed: object) -> str:
        asked = {"bucket": bucket, **narrowed}
        query = urlencode({name: value for name, value in asked.items() if value not in ("", None)})
        return f"{self.base}?{query}" if query else self.base


def links_of(run: CycleRun) -> Links:
    name = "quarter-lines" if run.cycle == Cycle.QUARTERLY else "review-lines"
    return Links(reverse(name, args=[run.pk]))


def row_of(name: str, figures: Figures, links: Links, narrowed: Mapping[str, object]) -> Row:
    cells = [
        Cell(bucket, figures[bucket], figures.share(bucket), links.to(bucket.value, **narrowed)) for bucket in Bucket
    ]
    return Row(name, figures, links.to("", **narrowed), cells)


def tables_of(report: FrozenReport, links: Links) -> Iterable[Table]:
    def rows(dimension: Dimension, narrowed: Any) -> list[Row]:
        return [row_of(part.name, part.figures, links, narrowed(part)) for part in report.by[dimension]]

    def by_category(part: Part) -> Mapping[str, object]:
        return {"category": part.name}

    def by_division(part: Part) -> Mapping[str, object]:
        return {"division": part.key}

    yield Table("按类别", Dimension.CATEGORY, rows(Dimension.CATEGORY, by_category))
    yield Table("按牵头处室", Dimension.DIVISION, rows(Dimension.DIVISION, by_division), "只计牵头的项目。")


# ── the lines ────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class LineRow:
    """One line, and how its project stands today where that differs."""

    line: FrozenLine
    now: Now | None = None

    @property
    def bucket(self) -> str:
        return Bucket(self.line.bucket).label

    @property
    def shape(self) -> str:
        return BUCKET_SHAPES[Bucket(self.line.bucket)]


def rows_of(lines: Iterable[FrozenLine], today: date) -> list[LineRow]:
    found = list(lines)
    now = stand_now(found, today)
    return [LineRow(line, now.get(line.project_id)) for line in found]


def page_of_lines(request: HttpRequest, run: CycleRun, form: LinesForm, today: date) -> tuple[Page[Any], list[LineRow]]:
    """The lines asked for: frozen ones beside today's state, or, until the freezing, those of today."""
    narrowing, number = form.narrowing(), request.GET.get("page")
    if run.frozen_at is not None:
        page = Paginator(narrowing.of_frozen(FrozenLine.objects.filter(run=run)), PER_PAGE).get_page(number)
        return page, rows_of(page, today)
    lines = lines_of_year(run.organization_id, min(today, run.ends_on))
    found = narrowing.of_rows(in_order(lines), lines.path("key_task__category__name"))
    page = Paginator(found, PER_PAGE).get_page(number)
    calendar = calendar_of(run.organization_id)
    return page, [LineRow(frozen_line(row, run, lines, calendar)) for row in page]
