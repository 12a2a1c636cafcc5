"""统计分析: the figures of a plan on any day, each of them a link to its lines in the ledger."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.enums import Role
from accounts.http import SignedInRequest
from accounts.standing import standing_of
from tasks.enums import Bucket
from tasks.forms.figures import FiguresForm
from tasks.forms.moments import Asked, asked_moment
from tasks.models import Project
from tasks.queries.figure_report import IN_FIVE, Report, figures_over_time, quarter_ends, report_of
from tasks.queries.figures import Dimension, Figures, Part, lines_of
from tasks.queries.ledger.narrowing import WITHOUT
from tasks.views.ledger_parts import BUCKET_SHAPES

READERS = frozenset({Role.SECRETARIAT, Role.LEADER, Role.ASSESSOR, Role.DIVISION_HEAD})
# The colour of each part's bar; its shape is the ledger's.
FILLS: dict[Bucket, str] = {
    Bucket.ON_TIME: "done",
    Bucket.LATE: "done2",
    Bucket.CARRIED_OVER: "soft",
    Bucket.SUSPENDED: "grey",
    Bucket.VERIFYING: "blue",
    Bucket.OVERDUE: "red",
    Bucket.LAGGING: "yellow",
    Bucket.DUE_SOON: "yellow2",
    Bucket.AHEAD: "green2",
    Bucket.ON_PACE: "green",
}


@dataclass(frozen=True)
class Cell:
    """One figure: how many, of which part, and the address of its lines."""

    bucket: Bucket
    count: int
    share: Decimal | None
    url: str

    @property
    def shape(self) -> str:
        return BUCKET_SHAPES[self.bucket]

    @property
    def fill(self) -> str:
        return FILLS[self.bucket]


@dataclass(frozen=True)
class Row:
    name: str
    figures: Figures
    url: str
    cells: list[Cell]

    @property
    def overdue(self) -> int:
        return self.figures[Bucket.OVERDUE]


@dataclass(frozen=True)
class Table:
    heading: str
    dimension: Dimension
    rows: list[Row]
    note: str = ""


COUNTED = "total"  # the ledger: everything that belongs to a total


class Links:
    """Addresses of the ledger that hold what one looks at here: the plan and the day."""

    def __init__(self, plan: str, asked: Asked) -> None:
        self.base = reverse("ledger")
        self.always = urlencode({"plan": plan}) + (f"&{asked.query}" if asked.query else "")

    def to(self, narrowed: Mapping[str, object], bucket: str = COUNTED) -> str:
        return f"{self.base}?{self.always}&{urlencode({**narrowed, 'bucket': bucket})}"


@require_safe
def figures(request: SignedInRequest) -> HttpResponse:
    if not standing_of(request.user, today=request.today).roles() & READERS:
        raise Http404
    form = FiguresForm(request.GET, user=request.user, today=request.today)
    asked = asked_moment(request.GET, request.today)
    projects = form.projects(Project.objects.visible_to(request.user, request.today))
    day = asked.moment.day if asked.moment else request.today
    report = report_of(lines_of(projects, request.today, asked.moment))
    links = Links(form.code, asked)
    ends = quarter_ends(form.year or day.year, before=day)
    context = {
        "form": form,
        "asked": asked,
        "day": day,
        "report": report,
        "whole": _row("合计", report.whole, links, {}),
        "in_five": _in_five(report.whole, links),
        "tables": _tables(report, links),
        "trend": [(end, _row("", row, links, {})) for end, row in figures_over_time(projects, ends, asked.moment)],
    }
    return render(request, "tasks/figures/figures.html", context)


def _in_five(whole: Figures, links: Links) -> list[tuple[str, int, Decimal | None, str]]:
    return [(word, whole.of(parts), whole.share(*parts), links.to({}, ",".join(parts))) for word, parts in IN_FIVE]


def _tables(report: Report, links: Links) -> Iterable[Table]:
    names: dict[Dimension, Any] = {
        Dimension.CATEGORY: ("按类别", lambda part: {"category": part.name}, ""),
        Dimension.DIVISION: (
            "按牵头处室",
            lambda part: {"lead": part.key},
            "只计牵头的项目；协办的另列在下面，不重复计入。",
        ),
        Dimension.SOURCE_CLASS: (
            "按来源类别",
            lambda part: {"source": part.key or WITHOUT},
            _again(report.counted_again),
        ),
        Dimension.CO_DIVISION: (
            "协办情况",
            lambda part: {"assists": part.key},
            "处室协办的项目，由牵头处室负责，不计入上面的合计。",
        ),
    }
    for dimension, (heading, narrowed, note) in names.items():
        parts: list[Part] = report.by[dimension]
        yield Table(heading, dimension, [_row(p.name, p.figures, links, narrowed(p)) for p in parts], note)


def _again(count: int) -> str:
    return f"一个项目可有几个来源（三合一），各类相加比合计多 {count} 项。" if count else ""


def _row(name: str, row: Figures, links: Links, narrowed: Mapping[str, object]) -> Row:
    cells = [Cell(bucket, row[bucket], row.share(bucket), links.to(narrowed, bucket.value)) for bucket in Bucket]
    return Row(name, row, links.to(narrowed), cells)
