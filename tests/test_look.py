"""The look: what each component draws, the frame by role, pages for errors, and what Chromium 90 can read."""

import re
from datetime import UTC, date, datetime
from pathlib import Path
from types import SimpleNamespace as Thing
from typing import Any

import pytest
from django import forms
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.contrib.staticfiles import finders
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template import Context, RequestContext, Template
from django.template.loader import render_to_string
from django.test import Client, RequestFactory
from django.urls import path
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from accounts.models import Deputy, User
from cppcc_office import gallery, urls
from cppcc_office.error_pages import csrf_failure, page_not_found, server_error
from cppcc_office.frame import Frame, frame_of
from cppcc_office.lib.errors import Change
from tests.cast import TODAY, Cast, make_cast
from tests.pages import CheckingClient, faults_of

EVIL = "<script>alert(1)</script>"


def nothing(request: HttpRequest) -> HttpResponse:
    return HttpResponse("")


def broken(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("a fault of ours")


FORM_OF_HTMX = """{% extends "base.html" %}{% block title %}试{% endblock %}{% block main %}
<form hx-post="/answer" hx-target="this" hx-swap="outerHTML"><input name="note" value="我写的">
<button name="status" value="{{ status }}">提交</button></form>{% endblock %}"""


def form_of_htmx(request: HttpRequest, status: int) -> HttpResponse:
    return HttpResponse(Template(FORM_OF_HTMX).render(RequestContext(request, {"status": status})))


def answer(request: HttpRequest) -> HttpResponse:
    status = int(request.POST["status"])
    if status == 409:
        context = {"reasons": ["已被他人签收"], "posted": [("note", request.POST["note"])], "back_url": "/at/desk"}
        return render(request, "errors/refused.html", context, status=409)
    return HttpResponse('<p id="answer">请填写理由</p>', status=status)


# This module is a URLconf of its own: the frame is tested with all its places, whichever exist by now.
handler404 = urls.handler404
handler500 = urls.handler500
urlpatterns = [
    path("components", gallery.components, name="components"),
    path("broken", broken, name="broken"),
    path("htmx/<int:status>", form_of_htmx, name="htmx"),
    path("answer", answer, name="answer"),
    path("project", nothing, name="project"),
    *(
        path(f"at/{name}", nothing, name=name)
        for name in (
            "sign-in", "sign-out", "change-password", "deputies", "desk", "ledger", "plans", "close-outs", "imports",
            "people", "audit",
        )
    ),
]  # fmt: skip


def draw(source: str, **context: Any) -> str:
    return Template(source).render(Context(context))


def request_of(user: User, at: str = "/at/desk", *, today: date = TODAY) -> HttpRequest:
    request = RequestFactory().get(at)
    request.user = user
    request.today = today  # type: ignore[attr-defined]
    request.resolver_match = Thing(url_name=at.rsplit("/", 1)[-1])  # type: ignore[assignment]
    return request


@pytest.fixture
def cast(db: None) -> Cast:
    return make_cast()


# ── Components


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
    assert "还有 2 个节点未完成；须先申请销号" in html
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


# ── Filters


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


# ── The frame


def labels_of(frame: Frame) -> list[str]:
    return [entry.label for group in frame.rail for entry in group.entries]


@pytest.mark.urls(__name__)
@pytest.mark.parametrize(
    ("who", "labels"),
    [
        ("secretariat", ["工作台", "督办台账", "任务计划", "销号台账", "导入任务"]),
        ("supervising_head", ["工作台", "督办台账", "任务计划", "销号台账", "导入任务"]),
        ("head", ["工作台", "督办台账", "任务计划", "销号台账"]),
        ("staff", ["工作台", "督办台账", "销号台账"]),
        ("leader", ["工作台", "督办台账", "任务计划", "销号台账"]),
        ("observer", ["工作台", "督办台账", "销号台账"]),
        ("sysadmin", ["工作台", "人员处室"]),
        ("auditor", ["工作台", "审计记录"]),
        ("stranger", ["工作台"]),
    ],
)
def test_the_rail_leads_each_role_to_its_own_pages(cast: Cast, who: str, labels: list[str]) -> None:
    frame = frame_of(request_of(getattr(cast, who)))

    assert labels_of(frame) == labels
    assert bool(frame.search_url) == ("督办台账" in labels)


@pytest.mark.urls("tests.test_look_bare_urls")
def test_the_frame_never_leads_to_a_page_that_is_not_there(cast: Cast) -> None:
    frame = frame_of(request_of(cast.secretariat))

    assert frame.rail == ()
    assert frame.search_url == frame.sign_out_url == ""


@pytest.mark.urls(__name__)
def test_a_page_below_the_ledger_marks_the_ledger(cast: Cast) -> None:
    frame = frame_of(request_of(cast.secretariat, "/project"))

    assert [entry.label for group in frame.rail for entry in group.entries if entry.current] == ["督办台账"]


@pytest.mark.urls(__name__)
def test_a_phone_has_five_places_and_the_rest_in_the_menu_of_the_person(cast: Cast) -> None:
    frame = frame_of(request_of(cast.secretariat))

    assert [entry.short for entry in frame.tabs] == ["首页", "台账", "计划", "销号", "导入"]
    assert len(frame.tabs) + len(frame.more) == len(labels_of(frame))


@pytest.mark.urls(__name__)
def test_who_acts_for_somebody_sees_for_whom(cast: Cast) -> None:
    Deputy.objects.create(
        organization=cast.office, principal=cast.leader, deputy=cast.staff, starts_on=TODAY, ends_on=TODAY
    )

    frame = frame_of(request_of(cast.staff))

    assert frame.deputising == ("周副主席",)
    assert "任务计划" in labels_of(frame)


@pytest.mark.urls(__name__)
def test_before_the_first_password_change_the_frame_offers_only_the_way_out(cast: Cast) -> None:
    cast.head.must_change_password = True

    frame = frame_of(request_of(cast.head))

    assert frame.rail == ()
    assert frame.own_pages == ()
    assert frame.sign_out_url == "/at/sign-out"


# ── Pages


@pytest.mark.urls(__name__)
def test_the_gallery_shows_every_component_in_clean_markup(cast: Cast, client: CheckingClient) -> None:
    client.force_login(cast.secretariat)

    response = client.get("/components")

    html = response.content.decode()
    assert response.status_code == 200
    for code in ("red", "yellow", "blue", "green", "grey", "done", "none"):
        assert f"light-{code}" in html
    assert "王科员" in html
    assert "省政协" in html


@pytest.mark.urls(__name__)
def test_a_missing_page_says_the_same_as_a_forbidden_one(cast: Cast, client: CheckingClient) -> None:
    client.force_login(cast.outsider)

    response = client.get("/not-there")

    assert response.status_code == 404
    assert "没有这个页面，或者您无权查看" in response.content.decode()


def test_a_missing_page_shows_a_stranger_no_frame(rf: RequestFactory) -> None:
    request = rf.get("/not-there")
    request.user = AnonymousUser()

    html = page_not_found(request, Exception()).content.decode()

    assert 'class="rail"' not in html
    assert faults_of(html) == []


@pytest.mark.urls(__name__)
def test_a_fault_of_ours_is_answered_with_what_to_do_next(cast: Cast) -> None:
    client = Client(raise_request_exception=False)
    client.force_login(cast.head)

    response = client.get("/broken")

    assert response.status_code == 500
    assert "刚才提交的内容没有写入" in response.content.decode()


def test_the_page_for_a_fault_asks_no_database(rf: RequestFactory) -> None:
    # No `db` fixture: pytest-django would raise at the first query.
    html = server_error(rf.get("/")).content.decode()

    assert faults_of(html) == []


def test_a_form_from_an_old_page_is_refused_in_words(rf: RequestFactory) -> None:
    request = rf.post("/")
    request.user = AnonymousUser()

    response = csrf_failure(request)

    assert response.status_code == 403
    assert "什么都没有写入" in response.content.decode()
    assert faults_of(response.content.decode()) == []


def test_a_refusal_lists_its_reasons_and_keeps_what_was_typed(rf: RequestFactory) -> None:
    request = rf.post("/")
    request.user = AnonymousUser()
    posted = [("note", f"已完成{EVIL}"), ("state", "X"), ("unheard_of", "调研情况如下")]

    html = render_to_string(
        "errors/refused.html", {"reasons": ["甲", "乙"], "posted": posted, "back_url": "/back"}, request=request
    )

    assert faults_of(html) == []
    assert html.count("bi-exclamation-triangle") == 2
    assert "已完成&lt;script&gt;" in html
    assert "调研情况如下" in html
    assert 'href="/back"' in html


def test_a_stale_form_shows_old_and_new_and_can_be_posted_again(rf: RequestFactory) -> None:
    request = rf.post("/")
    request.user = AnonymousUser()
    change = Change("完成时限", "9月18日", "10月23日", by="李处长", at="10:42")
    context = {
        "subject": "〔2026〕017号",
        "changes": [change],
        "posted": [("note", "说明", "我写的"), ("kind", "", "A")],
        "action_url": "/send-back",
        "version": 15,
    }

    html = render_to_string("errors/stale.html", context, request=request)

    assert faults_of(html) == []
    assert "李处长于 10:42 改了 1 处" in html
    assert re.search(r"<del>.*9月18日</del>.*<ins>.*10月23日</ins>", html)
    assert '<form method="post" action="/send-back" data-guard>' in html
    assert '<input type="hidden" name="version" value="15">' in html
    assert re.search(r'<textarea[^>]* name="note"[^>]*>我写的</textarea>', html)
    assert '<input type="hidden" name="kind" value="A">' in html


def test_a_stale_form_without_its_new_version_keeps_the_words_to_copy(rf: RequestFactory) -> None:
    request = rf.post("/")
    request.user = AnonymousUser()
    context = {"subject": "〔2026〕017号", "changes": [], "posted": [("note", "我写的")], "back_url": "/p"}

    html = render_to_string("errors/stale.html", context, request=request)

    assert "按新版本提交" not in html
    assert "readonly>我写的</textarea>" in html
    assert 'href="/p">看最新情况' in html


# ── What Chromium 90 can read

# What came later and breaks a page (not what is merely ignored, such as text-wrap).
TOO_NEW_CSS = {
    ":has()": r":has\(",
    "container queries": r"@container|container-type\s*:",
    "cascade layers": r"@layer\b",
    "@scope": r"@scope\b",
    "nesting": r"[{;}]\s*&[\s.:>\[#]",
    "color-mix()": r"color-mix\(",
    "light-dark()": r"light-dark\(",
    "new colour spaces": r"\b(?:oklch|oklab|lch|lab|hwb|color)\(",
    "range media queries": r"@media[^{]*\([^)]*[<>]=?",
    "viewport units of 108": r"\b\d+(?:\.\d+)?[sld]v[hwib]\b",
    "single transforms": r"[{;]\s*(?:translate|rotate|scale)\s*:",
    "subgrid": r":\s*subgrid",
    "css maths of 111": r"[:\s(](?:sin|cos|tan|round|mod|rem|pow|sqrt)\(",
}
TOO_NEW_JS = {
    "Array.at": r"\.at\(\s*-?\d",
    "structuredClone": r"\bstructuredClone\(",
    "Object.hasOwn": r"\bObject\.hasOwn\b",
    "findLast": r"\.findLast(?:Index)?\(",
    "copying array methods": r"\.to(?:Sorted|Reversed|Spliced)\(",
    "groupBy": r"\b(?:Object|Map)\.groupBy\(",
    "Promise.withResolvers": r"\bPromise\.withResolvers\b",
    "Array.fromAsync": r"\bArray\.fromAsync\b",
    "static blocks": r"\bstatic\s*\{",
    "private in": r"#\w+ in ",
    "regular expressions with v": r"/[gimsuy]*v[gimsuy]*\.(?:test|exec)\(",
    "crypto.randomUUID": r"\bcrypto\.randomUUID\b",
    "AbortSignal.timeout": r"\bAbortSignal\.(?:timeout|any)\b",
    "popover": r"\.(?:show|hide|toggle)Popover\(",
    "eval": r"\beval\(|\bnew Function\(",
}
# Read by hand: asked for before use, so that an older browser goes without.
GUARDED: dict[str, set[str]] = {
    # htmx: only for hx-on, event filters and vals:js, which `allowEval: false` switches off.
    "django_htmx/htmx-2.min.js": {"eval"},
}


def served_files() -> list[str]:
    """Every style sheet and script that a template names, and all of our own."""
    named = set()
    for template in (settings.BASE_DIR / "templates").rglob("*.html"):
        named |= set(re.findall(r"{% static '([^']+\.(?:css|js))'", template.read_text(encoding="utf-8")))
    own = settings.BASE_DIR / "static"
    return sorted(named | {str(file.relative_to(own)) for kind in ("css", "js") for file in own.rglob(f"*.{kind}")})


def without_comments(text: str) -> str:
    return re.sub(r"/\*.*?\*/", " ", text, flags=re.DOTALL)


def test_the_templates_name_the_libraries_that_are_scanned() -> None:
    files = served_files()

    assert "vendor/bootstrap/css/bootstrap.min.css" in files
    assert "vendor/bootstrap-icons/bootstrap-icons.min.css" in files
    assert "django_htmx/htmx-2.min.js" in files
    assert "css/app.css" in files
    assert "js/app.js" in files


@pytest.mark.parametrize("name", served_files())
def test_chromium_90_can_read_what_is_served(name: str) -> None:
    found = finders.find(name)
    assert found, f"{name} is not there: run `npm ci`"
    text = without_comments(Path(str(found)).read_text(encoding="utf-8"))
    too_new = TOO_NEW_CSS if name.endswith(".css") else TOO_NEW_JS

    faults = {what for what, pattern in too_new.items() if re.search(pattern, text)}

    assert faults == GUARDED.get(name, set())


@pytest.mark.parametrize(
    ("css", "fault"),
    [
        ("a:has(b){c:d}", ":has()"),
        ("@media (width >= 600px){a{b:c}}", "range media queries"),
        (".a{color:red;&:hover{color:blue}}", "nesting"),
        (".a{color:color-mix(in srgb,red,blue)}", "color-mix()"),
        (".a{height:100dvh}", "viewport units of 108"),
        ("@container (min-width:1px){a{b:c}}", "container queries"),
    ],
)
def test_the_scan_finds_what_it_looks_for(css: str, fault: str) -> None:
    assert re.search(TOO_NEW_CSS[fault], css)


def test_our_own_files_call_nothing_outside() -> None:
    own = [settings.BASE_DIR / "static" / name for name in ("css/app.css", "js/app.js")]

    for file in own:
        assert not re.search(r"https?://|@import|url\(", file.read_text(encoding="utf-8")), file.name


# ── In a browser


@pytest.mark.browser
@pytest.mark.urls(__name__)
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("width", "height"), [(1366, 768), (1920, 1080), (390, 844)])
def test_the_gallery_fits_every_screen(new_page: Any, width: int, height: int) -> None:
    page: Page = new_page(make_cast().secretariat, viewport={"width": width, "height": height})

    page.goto("/components")

    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate(
        "[...document.fonts].some(font => font.family === 'bootstrap-icons' && font.status === 'loaded')"
    )
    expect(page.locator(".tabbar" if width < 768 else ".rail")).to_be_visible()
    expect(page.locator(".rail" if width < 768 else ".tabbar")).to_be_hidden()


@pytest.mark.browser
@pytest.mark.urls(__name__)
@pytest.mark.django_db(transaction=True)
def test_keys_reach_the_search_and_close_the_menu(new_page: Any) -> None:
    page: Page = new_page(make_cast().secretariat)
    page.goto("/components")

    page.keyboard.press("/")
    expect(page.locator("#q")).to_be_focused()
    expect(page.locator("#q")).to_have_value("")

    page.click(".me")
    expect(page.locator(".me-panel")).to_be_visible()
    page.locator(".me-link").first.focus()
    page.keyboard.press("Escape")
    expect(page.locator(".me-panel")).to_be_hidden()
    expect(page.locator("summary.me")).to_be_focused()


@pytest.mark.browser
@pytest.mark.urls(__name__)
@pytest.mark.django_db(transaction=True)
def test_a_form_is_sent_once_and_says_so(new_page: Any) -> None:
    page: Page = new_page(make_cast().secretariat)
    page.goto("/components")
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
    page.route("**/at/sign-out", lambda route: route.fulfill(status=204))  # the page stays, as while one waits

    page.click(".me")
    button = page.locator(".me-panel button")
    button.click()
    expect(button).to_be_disabled()
    expect(button).to_have_text("正在退出")
    page.evaluate("document.querySelector('.me-panel form').requestSubmit()")
    page.evaluate("fetch('/at/desk')")  # what was sent before this has been told by now

    assert len(sent) == 1


@pytest.mark.browser
@pytest.mark.urls(__name__)
@pytest.mark.django_db(transaction=True)
def test_htmx_shows_corrections_in_place_and_refusals_as_a_page(new_page: Any) -> None:
    page: Page = new_page(make_cast().secretariat)

    page.goto("/htmx/422")
    page.click("main button")
    expect(page.locator("main #answer")).to_have_text("请填写理由")

    page.goto("/htmx/409")
    page.click("main button")
    expect(page.locator("main .reasons")).to_contain_text("已被他人签收")
    expect(page.locator("main textarea")).to_have_value("我写的")
    expect(page.locator(".rail")).to_have_count(1)


@pytest.mark.browser
@pytest.mark.urls(__name__)
@pytest.mark.django_db(transaction=True)
def test_htmx_never_fails_silently(chromium: Browser, live_server: LiveServer) -> None:
    # Not `new_page`: its net would count the very faults that are made here.
    client = Client()
    client.force_login(make_cast().secretariat)
    context = chromium.new_context(base_url=live_server.url)
    session = client.cookies[settings.SESSION_COOKIE_NAME]
    context.add_cookies([{"name": session.key, "value": session.value, "url": live_server.url}])
    page = context.new_page()
    page.goto("/htmx/404")

    page.click("main button")
    expect(page.locator("#messages")).to_contain_text("没有办成")
    expect(page.locator("main input[name=note]")).to_have_value("我写的")

    page.route("**/answer", lambda route: route.abort())
    page.click("main button")
    expect(page.locator("#messages")).to_contain_text("连不上服务器")
    context.close()
