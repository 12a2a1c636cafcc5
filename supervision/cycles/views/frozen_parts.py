"""Figures of frozen lines as the pages of 季通报 and 年度检查复盘 draw them: each leads to its lines."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.paginator import Page, Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from accounts.enums import Role
from accounts.http import SignedInRequest
from accounts.policies import calendar_of
from accounts.standing import standing_of
from supervision.cycles.actions.freezing import TOTAL, bars_to_cut_off, chosen_cut_off, set_cut_off
from supervision.cycles.enums import Cycle
from supervision.cycles.forms.frozen import CutOffForm, LinesForm
from supervision.cycles.models import CycleRun, FrozenLine
from supervision.cycles.queries.frozen import FrozenReport, Now, frozen_line, in_order, lines_of_year, stand_now
from supervision.cycles.queries.runs import labels_of, period_of_run
from tasks.enums import Bucket
from tasks.queries.figures import Dimension, Figures, Part
from tasks.views.drafts import typed_version
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


@dataclass(frozen=True)
class Paper:
    """Where the pages of a cycle's figures lie, and how what was closed in its period is called."""

    url_name: str
    within: str


PAPERS = {Cycle.QUARTERLY: Paper("quarter", "本季度销号"), Cycle.YEARLY: Paper("review", "本年度销号")}


def paper_of(run: CycleRun) -> Paper:
    return PAPERS[Cycle(run.cycle)]


def links_of(run: CycleRun) -> Links:
    return Links(reverse(f"{paper_of(run).url_name}-lines", args=[run.pk]))


def is_secretariat(request: SignedInRequest, run: CycleRun) -> bool:
    return standing_of(request.user, today=request.today).holds(Role.SECRETARIAT, run.organization_id)


def figures_of(request: SignedInRequest, run: CycleRun, report: FrozenReport, codes: Iterable[str]) -> dict[str, Any]:
    """What both pages draw them from; `codes` name the lists that the page leads to beside the parts."""
    links = links_of(run)
    return {
        "report": report,
        "whole": row_of("合计", report.whole, links, {}),
        "tables": tables_of(report, links),
        "links": {code: links.to(code) for code in codes},
        "is_set": chosen_cut_off(run) is not None,
        "may_fix": is_secretariat(request, run) and not bars_to_cut_off(run, None, request.now),
    }


def freeze_anew(
    request: SignedInRequest, run: CycleRun, page: Callable[[SignedInRequest, CycleRun, CutOffForm], HttpResponse]
) -> HttpResponse:
    """Until the moment typed or until now. A form with faults is shown again on its page."""
    until_now = request.POST.get("until") == "now"
    form = CutOffForm(request.POST)
    # A moment that does not fit is a slip of the pen: it is said at the field. All else the action says.
    may_set = is_secretariat(request, run) and not bars_to_cut_off(run, None, request.now)
    if not until_now and may_set and form.is_valid():
        for bar in bars_to_cut_off(run, form.cleaned_data["cut_off_at"], request.now):
            form.add_error("cut_off_at", bar)
    if not until_now and not form.is_valid():
        return page(request, run, form)
    until = None if until_now else form.cleaned_data["cut_off_at"]
    counts = set_cut_off(run, by=request.user, version=typed_version(request.POST), cut_off_at=until, now=request.now)
    told = timezone.localtime(run.cut_off_at)
    messages.success(request, f"已按数据截止 {told:%Y-%m-%d %H:%M} 重新固定，共 {counts[TOTAL]} 项。")
    return redirect(paper_of(run).url_name, pk=run.pk)


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


def _page_of_lines(request: SignedInRequest, run: CycleRun, form: LinesForm) -> tuple[Page[Any], list[LineRow]]:
    """The lines asked for: frozen ones beside today's state, or, until the freezing, those of today."""
    narrowing, number, today = form.narrowing(), request.GET.get("page"), request.today
    if run.frozen_at is not None:
        page = Paginator(narrowing.of_frozen(FrozenLine.objects.filter(run=run)), PER_PAGE).get_page(number)
        return page, rows_of(page, today)
    lines = lines_of_year(run.organization_id, min(today, run.ends_on))
    found = narrowing.of_rows(in_order(lines), lines.path("key_task__category__name"))
    page = Paginator(found, PER_PAGE).get_page(number)
    calendar = calendar_of(run.organization_id)
    return page, [LineRow(frozen_line(row, run, lines, calendar)) for row in page]


def lines_page(request: SignedInRequest, run: CycleRun, report: FrozenReport) -> HttpResponse:
    """The lines behind a figure."""
    paper = paper_of(run)
    form = LinesForm(request.GET, report=report, period=(run.starts_on, run.ends_on), within=paper.within)
    page, rows = _page_of_lines(request, run, form)
    context = {
        "run": run,
        "title": title_of(run),
        "form": form,
        "page_obj": page,
        "rows": rows,
        "paper_url_name": paper.url_name,
    }
    return render(request, "cycles/quarter/lines.html", context)
