"""What stands around the rows of the ledger: tabs, chips, heads, totals, groups."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import groupby
from typing import Any
from urllib.parse import urlencode

from django.http import QueryDict
from django.urls import NoReverseMatch, reverse

from accounts.enums import DIVISION_ROLES, Role
from accounts.http import SignedInRequest
from tasks.chips import LIGHT_WORDS, Chip
from tasks.enums import Bucket, SourceGroup, ViewScope
from tasks.filters import LedgerFilter
from tasks.queries.ledger.choices import ViewChoice
from tasks.queries.ledger.narrowing import GROUPS, LIT, OPEN
from tasks.queries.ledger.rows import Row
from tasks.queries.ledger.sums import Sums, Tally
from tasks.tables.ledger import COLUMNS, Column, Shown
from tasks.templatetags.ledger_cells import Drawing

# Shape and colour of each part of a total, as on every page of figures.
BUCKET_SHAPES: dict[Bucket, str] = {
    Bucket.ON_TIME: "done",
    Bucket.LATE: "done",
    Bucket.CARRIED_OVER: "grey",
    Bucket.SUSPENDED: "grey",
    Bucket.VERIFYING: "blue",
    Bucket.OVERDUE: "red",
    Bucket.LAGGING: "yellow",
    Bucket.DUE_SOON: "yellow",
    Bucket.AHEAD: "green",
    Bucket.ON_PACE: "green",
}
SUM_WORDS = {"red": "红", "yellow": "黄", "blue": "待核实验收", "grey": "暂缓等"}
WIDTHS = {
    "number": "c-no",
    "news": "c-news",
    "source": "c-src",
    "lead": "c-div",
    "leader": "c-lead",
    "person": "c-who",
    "due_on": "c-due",
    "milestones": "c-ms num",
    "progress": "c-pace",
    "light": "c-light",
    "turn": "c-turn",
    "place": "c-ms num",
    "time_progress": "c-ms num",
    "extensions": "c-ms num",
    "category": "c-who",
    "co": "c-div",
    "closed_by": "c-who",
    "cycle": "c-who",
    "dispatched_on": "c-due",
    "finished_on": "c-due",
    "closed_on": "c-due",
}
MANY = 13  # columns from which the table scrolls sideways and is printed on A3
MOST = 19
CHIPS = ("state", "light", "division", "source", "due")
MORE = ("category", "leader", "person", "bucket", "pace")


@dataclass(frozen=True)
class Tab:
    name: str
    url: str
    is_current: bool
    tag: str = ""
    count: int | None = None
    view: ViewChoice | None = None


@dataclass(frozen=True)
class Head:
    column: Column
    css: str
    url: str = ""
    direction: str = ""  # ascending, descending or empty


@dataclass(frozen=True)
class Part:
    label: str
    shape: str
    count: int
    url: str = ""


@dataclass
class Group:
    """One group on one page; `tally` is of the whole filter, not of the page."""

    name: str
    detail: str
    tally: Tally
    continues: bool
    parts: list[Part] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)


def frame_of(request: SignedInRequest, narrowing: LedgerFilter, sums: Sums) -> dict[str, Any]:
    heads = heads_of(narrowing)
    tabs = tabs_of(narrowing, sums.whole.lines)
    wide = sum(1 for head in heads if "wide" in head.css)
    roles = narrowing.standing.roles()
    shown = {head.column.key for head in heads}
    has_bulk = narrowing.moment is None and request.GET.get("print") != "1"
    scopes = [ViewScope.MINE]
    if roles & set(DIVISION_ROLES):
        scopes.append(ViewScope.DIVISION)
    if Role.SECRETARIAT in roles:
        scopes.append(ViewScope.OFFICE)
    return {
        "filter": narrowing,
        "heads": heads,
        "shown": shown,
        "span": len(heads) - wide,
        "wide_span": wide,
        "is_many": len(heads) > MANY,
        "is_most": len(heads) > MOST,
        "all_columns": [(c, c in narrowing.columns) for c in COLUMNS if c.shown is not Shown.ALWAYS],
        "has_own_columns": bool(narrowing.column_keys),
        "tabs": tabs,
        "class_tabs": class_tabs_of(narrowing),
        "current": next((tab.view for tab in tabs if tab.is_current and tab.view), None),
        "scopes": scopes,
        "has_bulk": has_bulk,
        "drawing": Drawing(
            shown=shown,
            project_base=reverse("project", args=[0]).removesuffix("0/"),
            as_of_query=f"?{narrowing.asked.query}" if narrowing.asked.query else "",
            this_year=narrowing.today.year,
            has_boxes=has_bulk,
            has_own_columns=bool(narrowing.column_keys),
        ),
        "manners": [pair for pair in _pairs(request.GET) if pair[0] in ("sort", "columns", "assists", "waiting")],
        "clear_url": narrowing.only({}),
        "columns_url": narrowing.address(columns=None),
        "everything_url": narrowing.address(plan="all"),
        "register_url": _address("plans") if Role.SECRETARIAT in roles else "",
        "chips": [narrowing.chip(name) for name in CHIPS],
        "more": [narrowing.chip(name) for name in MORE],
        "more_on": more_words(narrowing),
        "group_choices": [(code, words[0]) for code, words in GROUPS.items()],
        "tally": sums.whole,
        "totals": totals_of(sums.whole, narrowing),
        "moment": narrowing.moment,
        "now_url": narrowing.address(as_of=None, known_by=None),
        "past_days": [(name, narrowing.address(as_of=day)) for name, day in past_days(narrowing.today)],
        "latest_past": narrowing.today - timedelta(days=1),
        "today": narrowing.day,
        "print_url": narrowing.address(print="1"),
        "back_url": narrowing.address(print=None, chosen=None),
        "export_url": _address("ledger-export"),
        "kept": [pair for pair in _pairs(request.GET) if pair[0] not in ("page", "print", "columns")],
        "registers": Role.SECRETARIAT in roles,
    }


def _address(name: str) -> str:
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""


def _pairs(data: QueryDict) -> list[tuple[str, str]]:
    return [(name, value) for name, values in data.lists() for value in values if value]


# ── Tabs ─────────────────────────────────────────────────────────────────────


def tabs_of(narrowing: LedgerFilter, count: int) -> list[Tab]:
    """Views that everybody has, then saved ones. How many, only of the one that is open: nobody waits for the rest."""
    roles = narrowing.standing.roles()
    built_in: list[tuple[str, dict[str, tuple[str, ...]]]] = [
        ("全部", {}),
        ("全部在办", {"state": (OPEN,)}),
        ("红黄灯", {"light": (LIT,)}),
        ("本月到期", {"state": (OPEN,), "due": ("month",)}),
        ("待我核实", {"waiting": ("confirm",)}),
        ("需协调", {"state": (OPEN,), "coordination": ("1",)}),
        (SourceGroup.FIVE.label, {"source": (SourceGroup.FIVE.value,)}),
        (SourceGroup.FOUR.label, {"source": (SourceGroup.FOUR.value,)}),
    ]
    saved = next((view for view in narrowing.choices.views if _same(view.query, narrowing.query_to_keep)), None)
    tabs = []
    for name, given in built_in:
        if "waiting" in given and Role.SECRETARIAT not in roles:
            continue
        is_current = saved is None and narrowing.given == given
        tabs.append(Tab(name, narrowing.only(given), is_current, count=count if is_current else None))
    kept = [pair for pair in _pairs(narrowing.data) if pair[0] in ("as_of", "known_by")]
    for view in narrowing.choices.views:
        url = f"?{view.query}" + (f"&{urlencode(kept)}" if kept else "")
        tag = "" if view.scope == ViewScope.MINE else "共享"
        tabs.append(Tab(view.name, url, view is saved, tag, count if view is saved else None, view))
    return tabs


def _same(query: str, other: str) -> bool:
    return sorted(QueryDict(query).lists()) == sorted(QueryDict(other).lists())


def class_tabs_of(narrowing: LedgerFilter) -> list[Tab]:
    """五个紧盯 and 四位一体 open into their classes."""
    asked = narrowing.given.get("source", ())
    for group in (SourceGroup.FIVE, SourceGroup.FOUR):
        classes = narrowing.choices.classes_of(group)
        if classes and len(asked) == 1 and asked[0] in {group.value, *(str(pk) for pk, _ in classes)}:
            every = Tab(f"{group.label}全部", narrowing.address(source=group.value), asked == (group.value,))
            return [
                every,
                *(Tab(name, narrowing.address(source=str(pk)), asked == (str(pk),)) for pk, name in classes),
            ]
    return []


def past_days(today: date) -> list[tuple[str, str]]:
    """The ends of periods that papers are made about."""
    month = today.replace(day=1) - timedelta(days=1)
    quarter = today.replace(month=(today.month - 1) // 3 * 3 + 1, day=1) - timedelta(days=1)
    year = date(today.year - 1, 12, 31)
    named = [("上月末", month), ("上季度末", quarter), ("上年末", year)]
    return [(name, day.isoformat()) for name, day in named]


# ── Heads, totals, groups ────────────────────────────────────────────────────


def heads_of(narrowing: LedgerFilter) -> list[Head]:
    """A day that is over has nobody whose turn it is."""
    sorted_by = dict(narrowing.sort)
    heads = []
    for column in narrowing.columns:
        if column.key == "turn" and narrowing.moment is not None:
            continue
        css = WIDTHS.get(column.key, "" if column.shown is Shown.ALWAYS else "c-text")
        if column.shown is Shown.WIDE and not narrowing.column_keys:
            css = f"wide {css}"
        direction = ""
        if column.sort in sorted_by:
            direction = "descending" if sorted_by[column.sort] else "ascending"
        url = narrowing.sort_address(column.sort) if column.sort else ""
        heads.append(Head(column, css, url, direction))
    return heads


def more_words(narrowing: LedgerFilter) -> str:
    """Which of the filters under 更多 are on."""
    chips: list[Chip] = [narrowing.chip(name) for name in MORE]
    words = [chip.words for chip in chips if chip.values]
    if "coordination" in narrowing.given:
        words.append("需协调")
    if "assists" in narrowing.given:
        words.append(f"协办：{narrowing.chip('assists').words}")
    return "、".join(words) if len(words) < 3 else f"{len(words)} 项"  # noqa: PLR2004 (a line holds two)


def totals_of(tally: Tally, narrowing: LedgerFilter) -> list[Part]:
    """Each part of the total as a link to its lines."""
    return [
        Part(bucket.label, BUCKET_SHAPES[bucket], count, narrowing.address(bucket=bucket.value))
        for bucket, count in tally.figures.parts
    ]


def groups_of(rows: Sequence[Row], sums: Sums, narrowing: LedgerFilter, *, before: int) -> list[Group]:
    key, name, detail = _KEYS[narrowing.group]
    last = key(rows[0]) if before and rows else None
    groups: list[Group] = []
    for value, members in groupby(rows[before:], key=key):
        own = list(members)
        tally = sums.groups.get(value, sums.whole)
        groups.append(
            Group(
                name=name(own[0]),
                detail=detail(own[0]) if narrowing.plan is None or narrowing.group != "category" else "",
                tally=tally,
                continues=bool(before) and not groups and value == last,
                parts=_light_parts(tally.light_parts),
                rows=own,
            )
        )
    return groups


_KEYS: dict[str, tuple[Any, Any, Any]] = {
    "category": (lambda row: row.category_id, lambda row: row.category, lambda row: row.plan_name),
    "key_task": (lambda row: row.key_task_id, lambda row: row.key_task, lambda row: row.category),
    "division": (lambda row: row.lead_division_id, lambda row: row.lead_name or "未定牵头处室", lambda _: ""),
    "none": (lambda _: None, lambda _: "", lambda _: ""),
}


def _light_parts(parts: Iterable[tuple[str, int]]) -> list[Part]:
    return [Part(SUM_WORDS.get(code, LIGHT_WORDS[code]), code, count) for code, count in parts]
