"""What each component and filter of the look draws."""

import re
from datetime import UTC, date, datetime
from types import SimpleNamespace as Thing
from typing import Any

import pytest
from django import forms
from django.core.paginator import Paginator
from django.template import Context, Template
from django.test import RequestFactory
from django.utils import timezone

from cppcc_office import gallery

EVIL = "<script>alert(1)</script>"


def draw(source: str, **context: Any) -> str:
    return Template(source).render(Context(context))


@pytest.mark.parametrize(
    ("code", "word", "shape"),
    [
        ("red", "红灯", "square-fill"),
        ("yellow", "黄灯", "triangle-fill"),
        ("blue", "待核实", "diamond-fill"),
        ("green", "正常", "circle-fill"),
        ("grey", "暂缓", "pause-fill"),
        ("done", "已销号", "check-circle-fill"),
        ("none", "未开始", "circle"),
    ],
)
def test_a_light_is_a_word_a_shape_and_a_colour(code: str, word: str, shape: str) -> None:
    html = draw("{% light it %}", it=Thing(code=code, label="", why=""))

    assert html == (f'<span class="light light-{code}"><i class="bi bi-{shape}" aria-hidden="true"></i>{word}</span>')


def test_a_light_says_why_under_it_unless_told_not_to() -> None:
    light = {"code": "red", "label": "红灯", "why": "逾期 6 个工作日"}

    assert '<span class="why">逾期 6 个工作日</span>' in draw("{% light it %}", it=light)
    assert "逾期" not in draw("{% light it why=False %}", it=light)
    assert draw("{% light it %}", it=None) == '<span class="dim">—</span>'


def test_the_reasons_of_a_light_open_without_script() -> None:
    html = draw("{% why_light it %}", it=gallery.EXPLAINED)

    assert "<details" in html
    assert "为何亮黄灯" in html
    assert html.count("<li>") == 3
    assert html.count("规则：") == 2
    assert draw("{% why_light it %}", it=Thing(code="green", reasons=())).strip() == ""


def test_pace_draws_the_gap_only_when_it_is_told_its_colour() -> None:
    behind = draw("{% pace 48 70 'amber' %}")
    far_behind = draw("{% pace 30 78 'red' %}")
    on_pace = draw("{% pace 55 60 '' %}")
    ahead = draw("{% pace 72 58 'amber' %}")

    assert '<rect class="p-gap" x="48" y="4" width="22" height="6"/>' in behind
    assert '<rect class="p-gap-red" x="30" y="4" width="48" height="6"/>' in far_behind
    assert "p-gap" not in on_pace + ahead


def test_pace_says_exactly_what_it_shows_rounded() -> None:
    html = draw("{% pace done due %}", done=62.5, due=75.0)

    assert 'title="进度 62.5%，序时 75%"' in html
    assert 'aria-label="进度百分之62.5，序时百分之75"' in html
    assert "<b>63%</b>" in html


def test_pace_keeps_its_mark_inside_the_bar_and_draws_none_without_a_figure() -> None:
    assert 'class="p-mark" x="98"' in draw("{% pace 100 100 %}")
    assert "p-mark" not in draw("{% pace 40 None %}")
    assert draw("{% pace None 50 %}") == '<span class="pace dim">—</span>'
    assert "<b>0%</b>" in draw("{% pace 0 0 %}")


@pytest.mark.parametrize(
    ("day", "limit", "lit", "colour", "words"),
    [
        (2, 5, 2, "on", "第 2 天"),
        (4, 5, 4, "hot", "第 4 天"),
        (5, 5, 5, "hot", "第 5 天"),
        (6, 5, 5, "over", '<span class="late">超 1 天</span>'),
        (1, 2, 1, "hot", "第 1 天"),
        (10, 30, 2, "on", "第 10 天"),
    ],
)
def test_the_own_clock_warns_a_day_before_its_limit(day: int, limit: int, lit: int, colour: str, words: str) -> None:
    html = draw("{% pips day limit %}", day=day, limit=limit)

    assert html.count(f'class="{colour}"') == lit
    assert html.endswith(f" {words}")


def test_the_parts_of_a_mix_fill_the_bar_in_order_and_leave_out_none_but_zero() -> None:
    html = draw("{% mix parts %}", parts=[{"fill": "red", "count": 1}, {"fill": "grey", "count": 0}, *gallery.MIX])
    lefts = [float(x) for x in re.findall(r' x="([\d.]+)"', html)]
    widths = [float(x) for x in re.findall(r' width="([\d.]+)"', html)]

    assert len(lefts) == 1 + len(gallery.MIX)
    assert lefts == sorted(lefts)
    assert 99 < lefts[-1] + widths[-1] <= 100


def test_a_mix_of_nothing_is_an_empty_bar() -> None:
    assert "f-soft" in draw("{% mix parts %}", parts=[])


def test_moves_stand_open_or_barred_with_every_reason_and_one_primary() -> None:
    rows = [
        Thing(label="核实", icon="check", url="/a", bars=[], hint="限 10月15日前", is_primary=True),
        Thing(label="退回", icon="reply", url="/b", bars=[], hint="", is_primary=True),
        Thing(label="验收销号", icon="patch-check", url="/c", bars=["还有 2 个节点未完成", "须先申请销号"]),
    ]

    html = draw("{% moves rows who='王科长' %}", rows=rows)

    assert html.count("btn-primary") == 1
    assert 'href="/a"' in html
    assert 'href="/c"' not in html
    assert "<li>还有 2 个节点未完成</li><li>须先申请销号</li>" in html
    barred = re.search(r'aria-disabled="true" aria-describedby="([^"]+)"', html)
    assert barred is not None
    assert f'id="{barred[1]}"' in html


def test_a_move_done_at_once_is_a_form_that_carries_the_token_and_the_version() -> None:
    move = Thing(label="签收", icon="inbox", url="/receive", is_post=True, fields=[("version", 14)])

    html = draw("{% moves rows %}", rows=[move], csrf_token="the-token")

    assert '<form class="d-grid" method="post" action="/receive">' in html
    assert '<input type="hidden" name="csrfmiddlewaretoken" value="the-token">' in html
    assert '<input type="hidden" name="version" value="14">' in html


def test_no_component_lets_markup_through() -> None:
    thing = Thing(
        code="red", label=EVIL, why=EVIL, words=EVIL, rule=EVIL, detail=EVIL, state="now", hint=EVIL, bars=[EVIL],
        icon="x", url="/x",
    )  # fmt: skip
    explained = Thing(code="red", label="", why="", reasons=[thing])

    html = draw(
        "{% light it %}{% why_light why %}{% steps them %}{% moves them who=evil %}{% diff evil evil evil %}"
        "{% empty_state 'x' evil evil %}{% note %}{{ evil }}{% endnote %}{% progress_bar 1 2 evil %}{{ evil|or_dash }}",
        it=thing,
        why=explained,
        them=[thing],
        evil=EVIL,
    )

    assert "<script" not in html
    assert "&lt;script&gt;" in html


def test_a_note_keeps_its_closing_link_at_its_end() -> None:
    html = draw(
        '{% note kind="green" role="status" %}已核实。<span class="note-end"><a href="/n">下一件</a></span>{% endnote %}'
    )

    assert html.startswith('<div class="note" role="status"><i class="bi bi-check-circle-fill c-green"')
    assert html.endswith('<span>已核实。</span><span class="note-end"><a href="/n">下一件</a></span></div>')


def test_an_empty_list_says_what_comes_next() -> None:
    html = draw("{% empty_state 'funnel' '没有符合的项目' '去掉“红灯”有 13 项' '/all' '清除全部条件' %}")

    assert "<strong>没有符合的项目</strong>去掉“红灯”有 13 项" in html
    assert '<a class="btn btn-sm btn-plain mt-3" href="/all">清除全部条件</a>' in html


def test_an_empty_list_may_stand_inside_a_loop() -> None:
    html = draw("{% for x in xs %}{% empty_state 'x' x %}{% empty %}没有{% endfor %}", xs=["一", "二"])

    assert html.count('<div class="empty">') == 2


def test_the_step_where_it_stands_is_told_to_screen_readers() -> None:
    html = draw("{% steps them %}", them=gallery.STEPS)

    assert html.count('aria-current="step"') == 1
    assert '<li class="step step-now" aria-current="step"><b>办理中</b>' in html
    assert "<b>已销号</b><small>—</small>" in html


def test_the_pager_keeps_the_filters_of_the_address() -> None:
    page = Paginator(range(100), 10).page(2)
    request = RequestFactory().get("/ledger?state=CLOSED&page=2&q=冰雪")

    html = draw("{% pager page %}", page=page, request=request)

    assert "第 2 / 10 页" in html
    assert 'href="?state=CLOSED&amp;page=1&amp;q=%E5%86%B0%E9%9B%AA" rel="prev"' in html
    assert "page=3" in html


def test_one_page_needs_no_pager() -> None:
    html = draw("{% pager page %}", page=Paginator([1], 10).page(1), request=RequestFactory().get("/"))

    assert html.strip() == ""


def wrong_form() -> gallery.SampleForm:
    form = gallery.SampleForm({"mend_by": "10月底前"})
    form.full_clean()
    return form


def test_a_wrong_field_is_bound_to_the_words_under_it() -> None:
    html = draw("{% field form.reason %}", form=wrong_form())

    described = re.search(r'aria-describedby="([^"]+)"', html)
    assert described is not None
    for name in described[1].split():
        assert f'id="{name}"' in html
    assert 'aria-invalid="true"' in html
    assert '<span class="must">必填</span>' in html
    assert "退回必须写明理由" in html


def test_a_field_keeps_what_was_typed_and_says_nothing_of_optional_ones() -> None:
    html = draw("{% field form.mend_by %}", form=wrong_form())

    assert 'value="10月底前"' in html
    assert "必填" not in html
    assert "aria-invalid" not in html


def test_choices_are_a_named_group_in_which_each_has_its_label() -> None:
    form = gallery.SampleForm({"effect": "B"})

    html = draw("{% field form.effect %}", form=form)

    assert "<fieldset" in html
    assert "<legend" in html
    assert html.count('type="radio"') == 4
    assert re.findall(r'value="(\w)" id="[^"]+" checked', html) == ["B"]
    for name in re.findall(r'id="(id_effect_\d)"', html):
        assert f'<label class="form-check-label" for="{name}">' in html


def test_hidden_fields_stay_hidden() -> None:
    class WithVersion(forms.Form):
        version = forms.IntegerField(widget=forms.HiddenInput)

    html = draw("{% field form.version %}", form=WithVersion(initial={"version": 3}))

    assert html.strip() == '<input type="hidden" name="version" value="3" id="id_version">'


def test_the_head_of_a_wrong_form_counts_the_places_to_correct() -> None:
    form = wrong_form()
    form.add_error(None, "此项目已被他人签收")

    html = draw("{% form_errors form %}", form=form)

    assert "此项目已被他人签收<br>有 3 处需要更正" in html
    assert draw("{% form_errors form %}", form=gallery.SampleForm()).strip() == ""


def test_dates_are_short_this_year_and_full_in_another() -> None:
    this_year = timezone.localdate().replace(month=10, day=16)

    assert draw("{{ d|cnday }}", d=this_year).endswith(">10月16日</time>")
    assert draw("{{ d|cnday }}", d=date(2019, 1, 4)) == (
        '<time class="day" datetime="2019-01-04" title="2019-01-04">2019年1月4日</time>'
    )
    assert ">2026年10月16日<" in draw("{{ d|cndate }}", d=date(2026, 10, 16))


def test_moments_are_told_in_the_time_of_the_office() -> None:
    late_evening = datetime(2019, 10, 12, 16, 5, tzinfo=UTC)

    assert ">2019年10月13日 0:05<" in draw("{{ d|cnmoment }}", d=late_evening)
    assert draw("{{ d|isoday }}", d=late_evening) == "2019-10-13"
    assert draw("{{ d|weekday }} {{ d|weekday:'周' }}", d=late_evening) == "星期日 周日"


def test_what_is_not_there_is_a_dash_and_zero_is_there() -> None:
    html = draw(
        "{{ n|cnday }}{{ n|cndate }}{{ n|cnmoment }}{{ n|filesize_cn }}{{ n|percent }}{{ n|or_dash }}{{ e|or_dash }}",
        n=None,
        e=" ",
    )

    assert html == "—" * 7
    assert draw("{{ z|or_dash }} {{ z|percent }}", z=0) == "0 0%"


@pytest.mark.parametrize(
    ("size", "words"),
    [
        (0, "0 B"),
        (1023, "1023 B"),
        (655_360, "640 KB"),
        (1_258_291, "1.2 MB"),
        (50 * 1024**2, "50 MB"),
        (3 * 1024**3, "3 GB"),
    ],
)
def test_sizes_of_files_read_as_in_an_office(size: int, words: str) -> None:
    assert draw("{{ s|filesize_cn }}", s=size) == words


@pytest.mark.parametrize(("value", "words"), [(40.65, "40.7%"), (77.5, "77.5%"), (100.0, "100%"), (0.05, "0.1%")])
def test_percentages_are_rounded_half_up_to_one_decimal(value: float, words: str) -> None:
    assert draw("{{ v|percent }}", v=value) == words
