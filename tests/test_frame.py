"""The frame by role, and the pages for errors inside and outside of it."""

import re
from datetime import date
from typing import cast as as_type

import pytest
from django.contrib.auth.models import AnonymousUser
from django.template.loader import render_to_string
from django.test import Client, RequestFactory
from django.urls import ResolverMatch

from accounts.http import SignedInRequest
from accounts.models import Deputy, User
from cppcc_office.error_pages import csrf_failure, page_not_found, server_error
from cppcc_office.frame import Frame, frame_of
from cppcc_office.lib.errors import Change
from tests.cast import TODAY, Cast, make_cast
from tests.pages import CheckingClient, faults_of

EVIL = "<script>alert(1)</script>"


def request_of(user: User, at: str = "/at/desk", *, today: date = TODAY) -> SignedInRequest:
    request = as_type("SignedInRequest", RequestFactory().get(at))
    request.user = user
    request.today = today
    request.resolver_match = ResolverMatch(page_not_found, (), {}, url_name=at.rsplit("/", 1)[-1])
    return request


@pytest.fixture
def cast(db: None) -> Cast:
    return make_cast()


def labels_of(frame: Frame) -> list[str]:
    return [entry.label for group in frame.rail for entry in group.entries]


@pytest.mark.urls("tests.look_urls")
@pytest.mark.parametrize(
    ("who", "labels"),
    [
        ("secretariat", ["工作台", "督办台账", "任务计划", "销号台账", "督办周期"]),
        ("supervising_head", ["工作台", "督办台账", "任务计划", "销号台账", "督办周期"]),
        ("head", ["工作台", "督办台账", "任务计划", "销号台账", "督办周期"]),
        ("staff", ["工作台", "督办台账", "销号台账", "督办周期"]),
        ("leader", ["工作台", "督办台账", "任务计划", "销号台账", "督办周期"]),
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


@pytest.mark.urls("tests.no_urls")
def test_the_frame_never_leads_to_a_page_that_is_not_there(cast: Cast) -> None:
    frame = frame_of(request_of(cast.secretariat))

    assert frame.rail == ()
    assert frame.search_url == frame.sign_out_url == ""


@pytest.mark.urls("tests.look_urls")
def test_a_page_below_the_ledger_marks_the_ledger(cast: Cast) -> None:
    frame = frame_of(request_of(cast.secretariat, "/project"))

    assert [entry.label for group in frame.rail for entry in group.entries if entry.current] == ["督办台账"]


@pytest.mark.urls("tests.look_urls")
def test_a_phone_has_five_places_and_the_rest_in_the_menu_of_the_person(cast: Cast) -> None:
    frame = frame_of(request_of(cast.secretariat))

    assert [entry.short for entry in frame.tabs] == ["首页", "台账", "计划", "销号", "周期"]
    assert len(frame.tabs) + len(frame.more) == len(labels_of(frame))


@pytest.mark.urls("tests.look_urls")
def test_who_acts_for_somebody_sees_for_whom(cast: Cast) -> None:
    Deputy.objects.create(
        organization=cast.office, principal=cast.leader, deputy=cast.staff, starts_on=TODAY, ends_on=TODAY
    )

    frame = frame_of(request_of(cast.staff))

    assert frame.deputising == ("周副主席",)
    assert "任务计划" in labels_of(frame)


@pytest.mark.parametrize(
    ("at", "label"),
    [
        ("project", "督办台账"),
        ("project-request-close-out", "督办台账"),
        ("project-decompose", "任务计划"),
        ("key-task-edit", "任务计划"),
        ("plan-dispatch", "任务计划"),
        ("import-row", "任务计划"),
    ],
)
def test_a_page_lights_the_one_place_it_belongs_to(cast: Cast, at: str, label: str) -> None:
    frame = frame_of(request_of(cast.secretariat, f"/at/{at}"))

    assert [entry.label for group in frame.rail for entry in group.entries if entry.current] == [label]


@pytest.mark.urls("tests.look_urls")
def test_before_the_first_password_change_the_frame_offers_only_the_way_out(cast: Cast) -> None:
    cast.head.must_change_password = True

    frame = frame_of(request_of(cast.head))

    assert frame.rail == ()
    assert frame.own_pages == ()
    assert frame.sign_out_url == "/at/sign-out"


@pytest.mark.urls("tests.look_urls")
def test_the_gallery_shows_every_component_in_clean_markup(cast: Cast, client: CheckingClient) -> None:
    client.force_login(cast.secretariat)

    response = client.get("/components")

    html = response.content.decode()
    assert response.status_code == 200
    for code in ("red", "yellow", "blue", "green", "grey", "done", "none"):
        assert f"light-{code}" in html
    assert "王科员" in html
    assert "省政协" in html


@pytest.mark.urls("tests.look_urls")
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


@pytest.mark.urls("tests.look_urls")
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
