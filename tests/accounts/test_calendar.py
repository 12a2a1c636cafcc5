"""The office's own calendar: days corrected, a notice adopted, a year confirmed; its page and what it tells."""

from datetime import date, datetime, timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from accounts.actions.calendar import adopt_notice, confirm_year, correct_day, withdraw_correction, withdraw_year
from accounts.calendars import calendar_gap, differences_of, seal_of, year_of
from accounts.intake.notice import read_notice
from accounts.models import CalendarException, ConfirmedYear, Event, User
from accounts.policies import calendar_of
from cppcc_office.lib.errors import Refused, Stale
from tests.accounts.notices import NOTICE_2027, NOTICES
from tests.cast import NOW, SHANGHAI, TODAY, Cast
from tests.pages import CheckingClient

A_WORKDAY = date(2026, 4, 21)
A_SATURDAY = date(2026, 4, 25)
NOVEMBER = datetime(2026, 11, 2, 9, 0, tzinfo=SHANGHAI)


def correct(cast: Cast, day: date = A_WORKDAY, *, works: bool = False, by: User | None = None) -> CalendarException:
    return correct_day(
        cast.office, day=day, is_workday=works, name="三月三", source="省政府通知", by=by or cast.secretariat, now=NOW,
        today=TODAY,
    )  # fmt: skip


def adopt(cast: Cast, text: str = NOTICE_2027, *, year: int = 2027, by: User | None = None) -> list[CalendarException]:
    notice = read_notice(text, year=year)
    seal = seal_of(differences_of(cast.office, notice))
    return adopt_notice(cast.office, notice, seal=seal, by=by or cast.secretariat, now=NOW, today=TODAY)


def confirm(cast: Cast, year: int = 2027, *, by: User | None = None) -> ConfirmedYear:
    return confirm_year(cast.office, year=year, by=by or cast.secretariat, now=NOW, today=TODAY)


def page(client: Client, user: User, year: int = 2026) -> str:
    client.force_login(user)
    return client.get(reverse("calendar-year", args=[year])).content.decode()


def test_a_corrected_day_counts_for_its_office_only(cast: Cast) -> None:
    correct(cast)
    correct(cast, A_SATURDAY, works=True)

    assert not calendar_of(cast.office).is_workday(A_WORKDAY)
    assert calendar_of(cast.office).is_workday(A_SATURDAY)
    assert calendar_of(cast.elsewhere).is_workday(A_WORKDAY)
    event = Event.objects.get(verb="correct_day", words__contains="2026-04-21")
    assert event.words == "将 2026-04-21 由上班改为放假：三月三，依据：省政府通知"
    assert event.before == {"2026-04-21": True}


def test_a_withdrawn_correction_leaves_the_statute_and_an_event(cast: Cast) -> None:
    row = correct(cast)

    withdraw_correction(row, by=cast.supervising_head, now=NOW, today=TODAY)

    assert calendar_of(cast.office).is_workday(A_WORKDAY)
    assert Event.objects.get(verb="withdraw_correction").before["name"] == "三月三"
    with pytest.raises(Stale, match="更正"):
        withdraw_correction(row, by=cast.secretariat, now=NOW, today=TODAY)
    assert Event.objects.filter(verb="withdraw_correction").count() == 1


def test_a_corrected_day_is_withdrawn_before_it_is_corrected_again(cast: Cast) -> None:
    correct(cast)

    with pytest.raises(Refused, match="请先撤回"):
        correct(cast, works=True)


@pytest.mark.parametrize(
    ("day", "works", "words"),
    [(A_WORKDAY, True, "本来就上班"), (A_SATURDAY, False, "本来就放假"), (date(1999, 1, 4), False, "只能更正")],
)
def test_a_correction_that_changes_nothing_is_refused(cast: Cast, day: date, works: bool, words: str) -> None:
    with pytest.raises(Refused, match=words):
        correct(cast, day, works=works)

    assert not Event.objects.exists()


@pytest.mark.parametrize("who", ["head", "staff", "leader", "assessor", "sysadmin", "auditor", "foreign_secretariat"])
def test_only_the_secretariat_touches_the_calendar(cast: Cast, who: str) -> None:
    by = getattr(cast, who)
    row, year = correct(cast), confirm(cast)

    for act in (
        lambda: correct(cast, A_SATURDAY, works=True, by=by),
        lambda: withdraw_correction(row, by=by, now=NOW, today=TODAY),
        lambda: confirm(cast, 2028, by=by),
        lambda: withdraw_year(year, by=by, now=NOW, today=TODAY),
        lambda: adopt(cast, by=by),
    ):
        with pytest.raises(Refused, match="只有督办人员"):
            act()
    assert CalendarException.objects.count() == ConfirmedYear.objects.count() == 1


def test_a_year_is_confirmed_once_and_the_confirmation_can_be_withdrawn(cast: Cast) -> None:
    row = confirm(cast)
    assert calendar_of(cast.office).is_known(2027)
    with pytest.raises(Refused, match="不必再确认"):
        confirm(cast)

    withdraw_year(row, by=cast.secretariat, now=NOW, today=TODAY)

    assert not calendar_of(cast.office).is_known(2027)
    with pytest.raises(Stale):
        withdraw_year(row, by=cast.secretariat, now=NOW, today=TODAY)
    assert [event.verb for event in Event.objects.order_by("id")] == ["confirm_year", "withdraw_year"]


@pytest.mark.parametrize(("year", "words"), [(2026, "不必再确认"), (1999, "只能确认"), (2100, "只能确认")])
def test_no_other_year_is_confirmed(cast: Cast, year: int, words: str) -> None:
    with pytest.raises(Refused, match=words):
        confirm(cast, year)


def test_an_adopted_notice_is_the_calendar_of_its_year(cast: Cast) -> None:
    notice = read_notice(NOTICE_2027, year=2027)

    rows = adopt(cast)

    calendar = calendar_of(cast.office)
    assert [day for day in notice.days() if calendar.is_workday(day) != notice.works(day)] == []
    assert calendar.is_known(2027)
    assert {row.source for row in rows} == {"国务院办公厅关于2027年部分节假日安排的通知（国办发明电〔2026〕9号）"}
    assert {row.name for row in rows if row.is_workday} == {"春节调休", "劳动节调休", "国庆节调休"}
    event = Event.objects.get()
    assert (event.verb, event.after["2027-02-14"], event.before["2027-02-14"]) == ("adopt_notice", True, False)
    assert "更正 9 天" in event.words
    assert "确认2027年" in event.words


def test_a_notice_adopted_twice_writes_nothing_the_second_time(cast: Cast) -> None:
    adopt(cast)

    with pytest.raises(Refused, match="已与通知一致"):
        adopt(cast)
    with pytest.raises(Refused, match="已与通知一致"):
        adopt(cast, NOTICES[2026], year=2026)

    assert Event.objects.count() == 1


def test_a_notice_does_not_overrule_a_correction_of_the_office(cast: Cast) -> None:
    local = correct(cast, date(2027, 4, 9))

    rows = adopt(cast)

    assert local.day not in {row.day for row in rows}
    assert not calendar_of(cast.office).is_workday(local.day)


def test_nothing_else_is_written_than_what_was_looked_at(cast: Cast) -> None:
    notice = read_notice(NOTICE_2027, year=2027)
    seal = seal_of(differences_of(cast.office, notice))
    correct(cast, date(2027, 2, 14), works=True)

    with pytest.raises(Stale, match="工作日历"):
        adopt_notice(cast.office, notice, seal=seal, by=cast.secretariat, now=NOW, today=TODAY)

    assert CalendarException.objects.count() == 1


def test_a_notice_with_a_problem_is_not_adopted(cast: Cast) -> None:
    with pytest.raises(Refused, match="写的是 6 天"):
        adopt(cast, NOTICE_2027.replace("共7天", "共6天"))

    assert not ConfirmedYear.objects.exists()


@pytest.mark.parametrize(
    ("today", "year"),
    [(date(2026, 10, 31), 0), (date(2026, 11, 1), 2027), (date(2027, 2, 1), 2027), (date(2027, 12, 1), 2027)],
)
def test_the_secretariat_is_told_from_november(cast: Cast, today: date, year: int) -> None:
    told, words = calendar_gap(cast.office, today)

    assert told == year
    assert (f"{year}年的放假通知尚未录入" in words) == bool(year)


def test_a_confirmed_year_is_not_asked_for(cast: Cast) -> None:
    confirm(cast)

    assert calendar_gap(cast.office, date(2026, 11, 1)) == (0, "")
    assert calendar_gap(cast.office, date(2027, 11, 1))[0] == 2028


def test_the_year_adds_up(cast: Cast) -> None:
    view = year_of(cast.office, 2026, today=TODAY)
    days = [day for month in view.months for week in month.weeks for day in week if day]

    assert len(days) == 365
    assert view.workdays == sum(view.quarters) == sum(month.workdays for month in view.months) == 248
    assert [day.day for day in days if day.is_shifted] == [
        date(2026, 1, 4), date(2026, 2, 14), date(2026, 2, 28), date(2026, 5, 9), date(2026, 9, 20), date(2026, 10, 10),
    ]  # fmt: skip
    assert sum(day.mark == "假" for day in days) == 33
    assert view.months[1].words == ["14日上班", "15日至23日 春节", "28日上班"]


def test_the_page_marks_corrections_with_their_basis(client: CheckingClient, cast: Cast) -> None:
    correct(cast)

    html = page(client, cast.staff)

    assert "4日至6日 清明节；21日 三月三" in html
    assert "省政府通知" in html
    assert "247" in html
    assert "更正一天" not in html
    assert "撤回" not in html
    assert "按推算" not in html


def test_an_unknown_year_says_so_until_it_is_confirmed(client: CheckingClient, cast: Cast) -> None:
    before = page(client, cast.secretariat, 2027)
    client.post(reverse("calendar-confirm", args=[2027]))
    after = page(client, cast.secretariat, 2027)

    assert "按推算" in before
    assert "按推算" not in after.replace("不再注明“按推算”", "")
    assert "王科员" in after
    client.post(reverse("calendar-unconfirm", args=[2027]))
    assert not ConfirmedYear.objects.exists()


@pytest.mark.parametrize("year", [1999, 2100])
def test_there_are_years_without_a_page(client: CheckingClient, cast: Cast, year: int) -> None:
    client.force_login(cast.secretariat)

    assert client.get(reverse("calendar-year", args=[year])).status_code == 404
    assert client.get(reverse("calendar-notice", args=[year])).status_code == 404


def test_a_day_is_corrected_and_withdrawn_on_the_page(client: CheckingClient, cast: Cast) -> None:
    client.force_login(cast.secretariat)
    url = reverse("calendar-correct", args=[2026])

    reply = client.post(url, {"day": "2026-04-21", "is_workday": "0", "name": "三月三", "source": "省政府通知"})
    row = CalendarException.objects.get()

    assert reply.status_code == 302
    assert (row.day, row.is_workday, row.set_by) == (A_WORKDAY, False, cast.secretariat)
    client.post(reverse("calendar-withdraw", args=[row.pk]))
    assert not CalendarException.objects.exists()


def test_a_form_without_its_basis_keeps_what_was_typed(client: CheckingClient, cast: Cast) -> None:
    client.force_login(cast.secretariat)

    reply = client.post(
        reverse("calendar-correct", args=[2026]), {"day": "2026-04-21", "is_workday": "1", "name": "补班"}
    )

    html = reply.content.decode()
    assert reply.status_code == 422
    assert "请填写依据" in html
    assert 'value="补班"' in html


def test_a_refused_correction_is_told_and_written_down(client: CheckingClient, cast: Cast) -> None:
    client.force_login(cast.secretariat)
    data = {"day": "2026-04-21", "is_workday": "1", "source": "无"}

    reply = client.post(reverse("calendar-correct", args=[2026]), data)

    assert reply.status_code == 409
    assert "本来就上班" in reply.content.decode()
    assert Event.objects.get().verb == "calendar-correct"


def test_a_notice_is_looked_at_before_it_is_written(client: CheckingClient, cast: Cast) -> None:
    client.force_login(cast.secretariat)
    url = reverse("calendar-notice", args=[2027])

    preview = client.post(url, {"text": NOTICE_2027})
    html = preview.content.decode()

    assert preview.status_code == 200
    assert "写入差异并确认2027年" in html
    assert "春节调休" in html
    assert not CalendarException.objects.exists()
    seal = preview.context["seal"]
    assert f'name="seal" value="{seal}"' in html
    reply = client.post(url, {"text": NOTICE_2027, "seal": seal})
    assert reply["Location"] == reverse("calendar-year", args=[2027])
    assert CalendarException.objects.count() == 9
    again = client.post(url, {"text": NOTICE_2027}).content.decode()
    assert "完全一致" in again
    assert "写入差异" not in again


def test_a_preview_shows_what_is_kept(client: CheckingClient, cast: Cast) -> None:
    correct(cast, date(2027, 4, 9))
    client.force_login(cast.secretariat)

    html = client.post(reverse("calendar-notice", args=[2027]), {"text": NOTICE_2027}).content.decode()

    assert "本机关已更正（省政府通知），保留不动" in html


@pytest.mark.parametrize(
    ("text", "words"),
    [("", "请填写通知全文"), ("不是通知", "没有看懂"), (NOTICE_2027.replace("共7天", "共6天"), "写的是 6 天")],
    ids=["empty", "other", "miscounted"],
)
def test_a_notice_not_understood_is_shown_again(client: CheckingClient, cast: Cast, text: str, words: str) -> None:
    client.force_login(cast.secretariat)

    reply = client.post(reverse("calendar-notice", args=[2027]), {"text": text})

    html = reply.content.decode()
    assert reply.status_code == 422
    assert words in html
    assert 'name="seal"' not in html


def test_the_workbench_tells_the_secretariat_and_nobody_else(client: CheckingClient, cast: Cast) -> None:
    shown = {}
    with time_machine.travel(NOVEMBER, tick=False):
        for who in ("secretariat", "head", "leader"):
            client.force_login(getattr(cast, who))
            shown[who] = "2027年的放假通知尚未录入" in client.get(reverse("desk")).content.decode()
    with time_machine.travel(NOVEMBER - timedelta(days=2), tick=False):
        client.force_login(cast.secretariat)
        shown["October"] = "放假通知尚未录入" in client.get(reverse("desk")).content.decode()

    assert shown == {"secretariat": True, "head": False, "leader": False, "October": False}


@pytest.mark.parametrize("rows", [1, 3])
def test_the_page_asks_as_often_for_one_correction_as_for_many(
    client: CheckingClient, cast: Cast, django_assert_num_queries: DjangoAssertNumQueries, rows: int
) -> None:
    for n in range(rows):
        correct(cast, A_WORKDAY + timedelta(days=n))
    page(client, cast.secretariat)

    with django_assert_num_queries(13):
        client.get(reverse("calendar-year", args=[2026]))
