"""Tags of the look: each draws one component and decides nothing; built in for every template."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from django import forms, template
from django.contrib.auth.password_validation import password_validators_help_texts
from django.core.exceptions import NON_FIELD_ERRORS
from django.core.paginator import Page
from django.forms.boundfield import BoundField
from django.template.context import Context
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from cppcc_office.lib.marks import DASH, LIGHT_SHAPES, half_up, icon_mark, light_mark, pace_mark, short
from cppcc_office.templatetags.values import or_dash

register = template.Library()

# Names under which actions take what a person wrote, in the person's words (a stale or refused form shows them).
FIELD_WORDS = {
    "reason": "理由",
    "note": "说明",
    "summary": "完成情况",
    "situation": "进展情况",
    "progress": "进展情况",
    "problems": "存在问题",
    "next_steps": "下步打算",
    "title": "名称",
    "text": "内容",
    "due_on": "完成时限",
    "mend_on": "整改时限",
    "cut_off_at": "数据截止",
    "deliverable": "成果形式",
    "project_due_on": "项目新的完成时限",
    "requirement": "整改要求",
    "conclusion": "结论",
    "basis": "立项依据",
    "belongs_to": "应由哪个处室承办",
    "opinion": "核查意见",
    "done": "本周完成",
    "under_way": "正在推进",
    "next_week": "下周安排",
    "coordination": "需协调",
}


def _of(thing: Any, name: str, default: Any = "") -> Any:
    """An attribute or a key: components take objects and plain dictionaries alike."""
    value = thing.get(name, default) if isinstance(thing, Mapping) else getattr(thing, name, default)
    return default if value is None else value


@register.simple_tag
def icon(name: str, extra: str = "") -> SafeString:
    """`{% icon "search" %}`: a Bootstrap icon beside a word, hidden from screen readers; `extra` adds classes."""
    return icon_mark(name, extra)


@register.simple_tag
def light(light: Any, why: bool = True) -> SafeString:
    """`{% light project.light %}`: a word, a shape and a colour, and the reason under it.

    Takes an object or dictionary with `code` (red, yellow, blue, green, grey, done, none), `label` (empty: the
    usual word) and `why` (may be empty). None draws —. `why=False` leaves the reason out.
    """
    if not light:
        return format_html('<span class="dim">{}</span>', DASH)
    reason = str(_of(light, "why")) if why else ""
    return light_mark(str(_of(light, "code", "none")), str(_of(light, "label")), reason)


@register.simple_tag
def shape(code: str) -> SafeString:
    """`{% shape "red" %}`: only the coloured shape, for sums and legends where a word follows."""
    colour = {"none": "grey"}.get(code, code)
    return icon_mark(LIGHT_SHAPES[code][0], f"c-{colour}")


@register.simple_tag
def pace(progress: Any, time_progress: Any = None, lag_class: Any = "") -> SafeString:
    """`{% pace 62.5 75 "amber" %}`: progress bar with the black 序时 mark.

    Both figures are percentages from 0 to 100 (float, int or Decimal); progress None draws —, time_progress None
    draws no mark. `lag_class` colours the gap between them: "amber", "red" or "" (within bounds).
    """
    return pace_mark(progress, time_progress, str(lag_class))


@register.inclusion_tag("components/why_light.html")
def why_light(light: Any) -> dict[str, Any]:
    """`{% why_light project.light %}`: “为何亮灯”, a popover without script: each rule and date that made it so.

    `light.reasons` is a list with `code`, `label`, `words` and `rule` (may be empty); without reasons, nothing.
    """
    reasons = [
        {"light": {"code": _of(reason, "code", "none"), "label": _of(reason, "label")}}
        | {name: _of(reason, name) for name in ("words", "rule")}
        for reason in _of(light, "reasons", ())
    ]
    word = {"red": "红灯", "yellow": "黄灯", "blue": "蓝灯"}.get(str(_of(light, "code")), "灯")
    return {"reasons": reasons, "word": word}


@register.simple_tag
def progress_bar(done: int, total: int, words: str = "") -> SafeString:
    """`{% progress_bar 40 138 "正在核对" %}`: how far a long job is; an unknown total (0) draws an empty bar."""
    share = half_up(min(done, total) * 100 / total, "0.1") if total else Decimal(0)
    figures = f"{done} / {total}" if total else "—"
    return format_html(
        '<div class="job" role="progressbar" aria-valuemin="0" aria-valuemax="{}" aria-valuenow="{}" aria-label="{}">'
        '<svg class="job-bar" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">'
        '<rect class="p-track" width="100" height="8"/><rect class="p-done" width="{}" height="8"/></svg>'
        '<p class="job-words"><span>{}</span><b>{}</b></p></div>',
        total or 100,
        done,
        words or "进度",
        short(share),
        words,
        figures,
    )


@register.simple_tag
def pips(day: int | None, limit: int = 5) -> SafeString:
    """`{% pips 4 5 %}`: my own clock, “第 4 天” of 5 working days; amber from the last day but one, red after the limit.

    `day` counts from 1; None draws —. A limit above 10 is drawn as five parts of it.
    """
    if day is None:
        return format_html('<span class="dim">{}</span>', DASH)
    count = limit if 1 <= limit <= 10 else 5
    lit = count if day > limit else max(0, -(-day * count // limit)) if limit else count
    colour = "over" if day > limit else "hot" if limit - day <= 1 else "on"
    width = (Decimal(46) - 2 * (count - 1)) / count
    rects = format_html_join(
        "",
        '<rect class="{}" x="{}" y="1" width="{}" height="6" rx="1.5"/>',
        (
            (colour if i < lit else "off", short(half_up(i * (width + 2), "0.1")), short(half_up(width, "0.1")))
            for i in range(count)
        ),
    )
    words = format_html('<span class="late">超 {} 天</span>', day - limit) if day > limit else f"第 {day} 天"
    return format_html('<svg class="pips" viewBox="0 0 46 8" aria-hidden="true">{}</svg> {}', rects, words)


@register.simple_tag
def mix(parts: Iterable[Any]) -> SafeString:
    """`{% mix parts %}`: the parts of a whole under one bar; the figures stand beside it, so readers skip the picture.

    Each part has `fill` (red, yellow, yellow2, blue, green, green2, grey, done, done2, soft) and `count`.
    """
    shown = [(str(_of(part, "fill")), Decimal(_of(part, "count", 0))) for part in parts]
    total = sum((count for _, count in shown), Decimal(0))
    if not total:
        return mark_safe(  # a constant
            '<svg class="mix" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">'
            '<rect class="f-soft" width="100" height="10"/></svg>'
        )
    rects, left = [], Decimal(0)
    for fill, count in shown:
        share = count * 100 / total
        if count:
            rects.append((fill, f"{left:.2f}", f"{max(share - Decimal('0.35'), Decimal('0.2')):.2f}"))
        left += share
    return format_html(
        '<svg class="mix" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">{}</svg>',
        format_html_join("", '<rect class="f-{}" x="{}" width="{}" height="10"/>', rects),
    )


@register.inclusion_tag("components/moves.html", takes_context=True)
def moves(context: Context, moves: Iterable[Any], title: str = "我可以办", who: str = "") -> dict[str, Any]:
    """`{% moves moves %}`: the panel of what this person may do here, and why the rest is barred.

    Each move has `label`, `icon`, `bars` (list of reasons, empty = open), `hint` (may be empty), `is_primary`, and
    where it leads: `url` (a page), or `url` with `is_post` and `fields` (pairs of name and value) for a move that
    is done at once. Of several primaries only the first open one is solid. `{% moves … who="王科长 · 督办处" %}`.
    """
    open_moves, barred = [], []
    has_primary = False
    for number, move in enumerate(moves):
        bars = list(_of(move, "bars", ()))
        row = {name: _of(move, name) for name in ("label", "icon", "url", "hint", "is_post")}
        row |= {"fields": list(_of(move, "fields", ())), "bars": bars, "number": number, "is_primary": False}
        row["icon"] = row["icon"] or "arrow-right-circle"
        if bars:
            barred.append(row)
            continue
        row["is_primary"] = bool(_of(move, "is_primary", False)) and not has_primary
        has_primary = has_primary or row["is_primary"]
        open_moves.append(row)
    return {
        "open_moves": open_moves,
        "barred": barred,
        "title": title,
        "who": who,
        "csrf_token": context.get("csrf_token"),
    }


@register.inclusion_tag("components/empty.html")
def empty_state(icon: str, title: str, text: str = "", url: str = "", action: str = "") -> dict[str, str]:
    """`{% empty_state "cup-hot" "没有轮到您办的事" "下一项到期：…" %}`: what is not there, and what comes next.

    With `url` and `action`, a button under it. Not named `empty`: inside a `for` that word is Django's own.
    """
    return {"icon": icon, "title": title, "text": text, "url": url, "action": action}


@register.simple_block_tag
def note(content: str, kind: str = "", icon: str = "", role: str = "") -> SafeString:
    """`{% note %}…{% endnote %}`: a notice; `kind` is "" (blue), "amber" (please look) or "green" (done).

    A link at the end goes into `<span class="note-end">`; `role="status"` has screen readers say it.
    """
    default_icon = {"amber": "exclamation-triangle", "green": "check-circle-fill"}.get(kind, "info-circle")
    end_at = content.find('<span class="note-end">')
    body, end = (content, "") if end_at < 0 else (content[:end_at], content[end_at:])
    return format_html(
        '<div class="note{}"{}>{}<span>{}</span>{}</div>',
        " note-amber" if kind == "amber" else "",
        format_html(' role="{}"', role) if role else "",
        icon_mark(icon or default_icon, "c-green" if kind == "green" else ""),
        mark_safe(body.strip()),  # rendered by the template, which has escaped it
        mark_safe(end),  # as the body
    )


@register.simple_tag
def diff(name: str, old: Any, new: Any, row: bool = False) -> SafeString:
    """`{% diff "完成时限" old new %}`: old → new; `row=True` puts short values on one line. Nothing is —."""
    return format_html(
        '<div class="diff{}"><span class="diff-name">{}</span>'
        '<del><span class="visually-hidden">原为</span>{}</del>{}'
        '<ins><span class="visually-hidden">改为</span>{}</ins></div>',
        " diff-row" if row else "",
        name,
        or_dash(old),
        icon_mark("arrow-right"),
        or_dash(new),
    )


@register.inclusion_tag("components/steps.html")
def steps(steps: Iterable[Any], label: str = "办理阶段") -> dict[str, Any]:
    """`{% steps steps %}`: where it stands. Each step has `label`, `detail` (— if empty) and `state`: done, now or ""."""
    rows = [{name: _of(step, name) for name in ("label", "detail", "state")} for step in steps]
    return {"steps": rows, "label": label}


@register.inclusion_tag("components/pager.html", takes_context=True)
def pager(context: Context, page: Page[Any], name: str = "page") -> dict[str, Any]:
    """`{% pager page_obj %}`: 第 n / m 页 with previous and next; keeps the rest of the address. One page: nothing."""
    query = context["request"].GET.copy()

    def address(number: int) -> str:
        query[name] = str(number)
        return f"?{query.urlencode()}"

    return {
        "page": page,
        "previous": address(page.previous_page_number()) if page.has_previous() else "",
        "next": address(page.next_page_number()) if page.has_next() else "",
    }


@register.inclusion_tag("components/field.html")
def field(field: BoundField, label: str = "", hint: str = "", must: bool = True) -> dict[str, Any]:
    """`{% field form.reason %}`: label, control, hint, and under it in amber what to correct; 必填 as a word.

    `must=False` leaves the word out where every field is required. Radio buttons and groups of boxes become a fieldset.
    """
    widget = field.field.widget
    hint = hint or str(field.help_text)
    described = [f"{field.auto_id}-hint"] * bool(hint) + [f"{field.auto_id}-error"] * bool(field.errors)
    attrs: dict[str, Any] = {}
    is_group = isinstance(widget, forms.RadioSelect | forms.CheckboxSelectMultiple)
    is_check = isinstance(widget, forms.CheckboxInput)
    if is_group or is_check:
        attrs["class"] = "form-check-input"
    else:
        attrs["class"] = "form-select" if isinstance(widget, forms.Select) else "form-control"
    if own := widget.attrs.get("class"):
        attrs["class"] += f" {own}"
    if isinstance(widget, forms.Textarea) and widget.attrs.get("rows") == "10":
        attrs["rows"] = 3  # Django's own ten lines fill a screen
    if described:
        attrs["aria-describedby"] = " ".join(described)
    if field.errors:
        attrs["aria-invalid"] = "true"
    return {
        "field": field,
        "label": label or field.label,
        "hint": hint,
        "control": field.as_widget(attrs=attrs) if not is_group else "",
        "options": list(field.subwidgets) if is_group else [],
        "is_group": is_group,
        "is_check": is_check,
        "described": " ".join(described),
        "required": must and field.field.required,
    }


@register.inclusion_tag("components/form_errors.html")
def form_errors(form: forms.BaseForm, summary: bool = True) -> dict[str, Any]:
    """`{% form_errors form %}`: over the fields, what belongs to none of them, and how many places to correct."""
    count = sum(1 for name in form.errors if name != NON_FIELD_ERRORS) if summary else 0
    return {"errors": form.non_field_errors(), "count": count}


@register.simple_tag
def password_rules() -> list[str]:
    """`{% password_rules as rules %}`: the rules for passwords, one sentence each."""
    return [text.replace("你的密码", "密码") for text in password_validators_help_texts()]


@register.simple_tag
def kept(posted: Iterable[Sequence[str]]) -> list[dict[str, str]]:
    """`{% kept posted as rows %}`: what was typed, as rows of name, label, value; from pairs or (name, label, value)."""
    rows = []
    for entry in posted:
        name, value = entry[0], entry[-1]
        label = entry[1] if len(entry) == 3 else FIELD_WORDS.get(name.rsplit("-", 1)[-1], "")
        if not label and not value.isascii():
            label = "您填写的内容"  # words in Chinese are a person's: shown, even under a name unknown here
        rows.append({"name": name, "label": label, "value": value})
    return rows


@register.filter
def labelled(rows: Iterable[Mapping[str, str]]) -> list[Mapping[str, str]]:
    """Of what was typed, what has a name to be shown under."""
    return [row for row in rows if row["label"]]
