"""The charts of the workbench, each with the same figures as a table; every figure leads to its lines."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from supervision.desk.queries.overview import Closed, DivisionSums, Overview
from tasks.enums import Bucket
from tasks.queries.figures import Figures
from tasks.views.figures import COUNTED, Cell

DIVISIONS_SHOWN = 12
OPEN_FIRST = (
    Bucket.OVERDUE,
    Bucket.LAGGING,
    Bucket.DUE_SOON,
    Bucket.VERIFYING,
    Bucket.ON_PACE,
    Bucket.AHEAD,
    Bucket.SUSPENDED,
)


@dataclass(frozen=True)
class Point:
    value: int
    url: str
    share: str = ""


@dataclass(frozen=True)
class Series:
    name: str
    fill: str  # the class of the bar: its colour is read from the style sheet
    points: list[Point]


@dataclass(frozen=True)
class Chart:
    """`labels` are the rows of the table; `fills` gives each its own colour where there is one series only."""

    key: str
    title: str
    head: str  # over the labels
    labels: list[str]
    series: list[Series]
    nothing: str
    urls: Sequence[str] = ()  # where a label leads
    fills: Sequence[str] = ()
    is_upright: bool = False
    note: str = ""

    @property
    def is_empty(self) -> bool:
        return not any(point.value for series in self.series for point in series.points)

    @property
    def rows(self) -> list[tuple[str, str, list[Point]]]:
        urls = self.urls or [""] * len(self.labels)
        cells = [[series.points[place] for series in self.series] for place in range(len(self.labels))]
        return list(zip(self.labels, urls, cells, strict=True))

    @property
    def words(self) -> str:
        """For those who do not see it."""
        parts = []
        for label, _, points in self.rows:
            told = "、".join(
                f"{series.name} {point.value}" for series, point in zip(self.series, points, strict=True) if point.value
            )
            parts += [f"{label}：{told}"] if told else []
        return f"{self.title}。{'；'.join(parts)}"

    def as_json(self) -> dict[str, Any]:
        return {
            "labels": self.labels,
            "upright": self.is_upright,
            "fills": list(self.fills),
            "series": [
                {
                    "name": series.name,
                    "fill": series.fill,
                    "values": [point.value for point in series.points],
                    "urls": [point.url for point in series.points],
                }
                for series in self.series
            ],
        }


@dataclass(frozen=True)
class LedgerLinks:
    """Addresses of the ledger that hold what a figure counts: of one plan, or of all (`all`)."""

    plan: str

    def to(self, *, bucket: str = COUNTED, **narrowed: object) -> str:
        return f"{reverse('ledger')}?{urlencode({'plan': self.plan, **narrowed, 'bucket': bucket})}"


def cells_of(figures: Figures, links: LedgerLinks) -> list[Cell]:
    """The parts that are there, in the order of trouble first."""
    order = [*OPEN_FIRST, *(bucket for bucket in Bucket if bucket not in OPEN_FIRST)]
    return [
        Cell(bucket, figures[bucket], figures.share(bucket), links.to(bucket=bucket.value))
        for bucket in order
        if figures[bucket]
    ]


def charts_of(overview: Overview, links: LedgerLinks) -> list[Chart]:
    return [_lit(overview.lit_divisions, links), _closed(overview.closed, overview), _parts(overview, links)]


def _parts(overview: Overview, links: LedgerLinks) -> Chart:
    figures = overview.figures
    cells = cells_of(figures, links)
    points = [Point(cell.count, cell.url, f"{cell.share}%") for cell in cells]
    return Chart(
        "parts",
        "总体构成",
        "部分",
        [cell.bucket.label for cell in cells],
        [Series("项目", "done", points)],
        "项目交办后，这里看各部分占多少。",
        fills=[cell.fill for cell in cells],
    )


def _lit(rows: Sequence[DivisionSums], links: LedgerLinks) -> Chart:
    shown = rows[:DIVISIONS_SHOWN]

    def points(light: str) -> list[Point]:
        counts = [row.red if light == "red" else row.yellow for row in shown]
        return [
            Point(count, links.to(division=row.division.pk, light=light))
            for count, row in zip(counts, shown, strict=True)
        ]

    more = len(rows) - len(shown)
    return Chart(
        "lit",
        "红黄灯处室",
        "处室",
        [row.division.brief for row in shown],
        [Series("红灯", "red", points("red")), Series("黄灯", "yellow", points("yellow"))],
        "各处室没有红灯、黄灯。",
        urls=[links.to(division=row.division.pk, state="open") for row in shown],
        note=f"按牵头项目{f'；另有 {more} 个处室' if more else ''}",
    )


def _closed(spans: Sequence[Closed], overview: Overview) -> Chart:
    plan = {"plan": overview.plan.pk} if overview.plan else {}

    def points(name: str, timing: str) -> list[Point]:
        return [Point(getattr(span, name), _close_outs(span, timing=timing, **plan)) for span in spans]

    return Chart(
        "closed",
        "销号进度",
        "周" if overview.by_week else "月",
        [_span_label(span.first, span.last, by_week=overview.by_week) for span in spans],
        [Series("按期销号", "done", points("on_time", "in-time")), Series("逾期销号", "done2", points("late", "late"))],
        "近 12 周没有销号的项目。" if overview.by_week else "今年还没有销号的项目。",
        is_upright=True,
    )


def _close_outs(span: Closed, **given: object) -> str:
    return f"{reverse('close-outs')}?{urlencode({'closed_from': span.first, 'closed_to': span.last} | given)}"


def _span_label(first: date, last: date, *, by_week: bool) -> str:
    return f"{first.month}.{first.day}" if by_week else f"{last.month}月"
