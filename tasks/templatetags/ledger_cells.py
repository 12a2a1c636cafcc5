"""The rows of the ledger, drawn by functions: fifty of them in a template's own tags are most of the page's time."""

from collections.abc import Callable, Container
from dataclasses import dataclass
from html import escape

from django import template
from django.utils.safestring import SafeString, mark_safe

from cppcc_office.lib.marks import DASH, day_mark, light_mark, pace_mark
from tasks.queries.ledger.rows import Row

register = template.Library()

NEWS_UNDER_TITLE = 60
NEWS_IN_COLUMN = 80


@dataclass(frozen=True)
class Drawing:
    """What all rows of a page have in common."""

    shown: Container[str]
    project_base: str
    as_of_query: str
    this_year: int
    has_boxes: bool
    has_own_columns: bool


def _clip(words: str | None, title: str = "") -> str:
    if not words:
        return f'<span class="dim">{DASH}</span>'
    return f'<span class="clip" title="{escape(title or words)}">{escape(words)}</span>'


def _two(words: str | None) -> str:
    """Two lines at most, all of it on hover."""
    return f'<span class="two" title="{escape(words)}">{escape(words)}</span>' if words else DASH


def _sub(words: str, title: str = "") -> str:
    on_hover = f' title="{escape(title)}"' if title else ""
    return f'<span class="it-sub"{on_hover}>{words}</span>'


def _cut(words: str, most: int) -> str:
    return escape(words if len(words) <= most else f"{words[: most - 1]}…")


def _news(row: Row, page: Drawing, most: int) -> str:
    return f"{day_mark(row.news_on, page.this_year)} {_cut(row.news, most)}" if row.entry else ""


def _number(row: Row, _page: Drawing) -> str:
    number = escape(row.number)
    return f'<td class="dim nowrap"><span title="{number}">{escape(row.short_number) or DASH}</span></td>'


def _title(row: Row, page: Drawing) -> str:
    under = _news(row, page, NEWS_UNDER_TITLE) or (escape(row.key_task) if row.key_task != row.title else "")
    title = escape(row.title)
    link = f'<a class="it" href="{page.project_base}{row.pk}/{escape(page.as_of_query)}" title="{title}">{title}</a>'
    return f'<td class="has-news t-title">{link}{_sub(under)}</td>'


def _news_column(row: Row, page: Drawing) -> str:
    css = "" if page.has_own_columns else ' class="wide"'
    return f'<td{css}><span class="two">{_news(row, page, NEWS_IN_COLUMN) or DASH}</span></td>'


def _source(row: Row, _page: Drawing) -> str:
    if not row.sources:
        return f"<td>{_clip(None)}</td>"
    first, count = row.sources[0], len(row.sources)
    words = "；".join(source.words for source in row.sources)
    return f"<td>{_clip(first.name, words)}{_sub(f'等 {count} 个来源' if count > 1 else escape(first.detail))}</td>"


def _lead(row: Row, _page: Drawing) -> str:
    co = _sub(f"协办 {escape('、'.join(row.co_briefs))}", "、".join(row.co_names)) if row.co_briefs else ""
    return f'<td class="t-div">{_clip(row.lead_brief, row.lead_name or "")}{co}</td>'


def _leader(row: Row, page: Drawing) -> str:
    css = "nowrap" if page.has_own_columns else "nowrap wide"
    return f'<td class="{css}">{escape(row.leader or DASH)}</td>'


def _due(row: Row, page: Drawing) -> str:
    if row.is_extended:
        old = day_mark(row.original_due_on, page.this_year)
        under = f'<span class="old">{old}</span> 延 {row.extension_count} 次'
    elif row.closed_on:
        under = f"{day_mark(row.closed_on, page.this_year)}销号"
    elif row.workdays_left is not None:
        under = f"剩 {row.workdays_left} 个工作日"
    else:
        under = "已过时限" if row.is_past_due else ""
    return f'<td class="t-due">{day_mark(row.due_on, page.this_year)}{_sub(under)}</td>'


def _milestones(row: Row, _page: Drawing) -> str:
    words = f"{row.milestones_done}/{row.milestones_counted}" if row.milestones_counted else DASH
    return f'<td class="num">{words}</td>'


def _progress(row: Row, _page: Drawing) -> str:
    bar = pace_mark(None) if row.is_draft else pace_mark(row.progress, row.time_progress, row.lag_class)
    return f'<td class="t-pace">{bar}</td>'


def _time_progress(row: Row, _page: Drawing) -> str:
    return f'<td class="num">{DASH if row.time_progress is None else f"{row.time_progress:g}%"}</td>'


def _problems(row: Row, _page: Drawing) -> str:
    tag = '<span class="tag">需协调</span> ' if row.needs_coordination else ""
    return f"<td>{tag}{_two(row.problems)}</td>"


def _light(row: Row, _page: Drawing) -> str:
    mark = light_mark(row.light.code, row.light.label, row.light.why)
    return f'<td class="t-light" title="{escape(row.why)}">{mark}</td>'


def _turn(row: Row, _page: Drawing) -> str:
    if row.turn is None:
        return f"<td>{_clip(None)}</td>"
    return f"<td>{_clip(row.turn.brief, row.turn.whom)}{_sub(escape(row.turn.doing), row.turn.doing)}</td>"


def _plain(value: Callable[[Row], str | None]) -> Callable[[Row, Drawing], str]:
    return lambda row, _page: f'<td class="nowrap">{escape(value(row) or DASH)}</td>'


def _texts(value: Callable[[Row], str | None]) -> Callable[[Row, Drawing], str]:
    return lambda row, _page: f"<td>{_two(value(row))}</td>"


# In the order of the columns.
CELLS: dict[str, Callable[[Row, Drawing], str]] = {
    "place": lambda row, _page: f'<td class="num">{row.place}</td>',
    "number": _number,
    "category": lambda row, _page: f"<td>{_clip(row.category)}</td>",
    "key_task": _texts(lambda row: row.key_task),
    "title": _title,
    "standard": _texts(lambda row: row.effect_standard),
    "news": _news_column,
    "source": _source,
    "lead": _lead,
    "co": _texts(lambda row: "、".join(row.co_briefs)),
    "leader": _leader,
    "person": _plain(lambda row: row.person),
    "dispatched_on": lambda row, page: f"<td>{day_mark(row.dispatched_on, page.this_year)}</td>",
    "due_on": _due,
    "cycle": _texts(lambda row: row.report_cycle),
    "milestones": _milestones,
    "progress": _progress,
    "time_progress": _time_progress,
    "problems": _problems,
    "light": _light,
    "turn": _turn,
    "extensions": lambda row, _page: f'<td class="num">{row.extension_count}</td>',
    "finished_on": lambda row, page: f"<td>{day_mark(row.finished_on, page.this_year)}</td>",
    "opinion": _texts(lambda row: row.opinion),
    "closed_by": _plain(lambda row: row.closed_by),
    "closed_on": lambda row, page: f"<td>{day_mark(row.closed_on, page.this_year)}</td>",
    "remark": _texts(lambda row: row.remark),
}


@register.simple_tag
def ledger_row(row: Row, page: Drawing) -> SafeString:
    """`{% ledger_row row drawing %}`: one line with the chosen columns. Every text in it is escaped here."""
    box = ""
    if page.has_boxes:
        label = escape(row.number or row.title)
        box = (
            '<td class="c-check"><input class="form-check-input" type="checkbox" name="chosen"'
            f' value="{row.pk}" aria-label="选择 {label}"></td>'
        )
    cells = "".join(draw(row, page) for key, draw in CELLS.items() if key in page.shown)
    return mark_safe(f"<tr data-row>{box}{cells}</tr>")  # noqa: S308 (escaped above)
