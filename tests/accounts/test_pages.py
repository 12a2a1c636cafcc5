"""The pages of accounts: who finds them, what they hold, what they write."""

from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.actions.recording import record
from accounts.enums import Outcome, Role
from accounts.models import Deputy, Division, Event, Membership, User
from tests.cast import SHANGHAI, Cast, joins, person

EVERYBODY = (
    "secretariat", "supervising_head", "head", "staff", "co_head", "leader", "secretary_general", "assessor",
    "observer", "sysadmin", "auditor", "foreign_secretariat", "stranger",
)  # fmt: skip
PAGES = {
    "people": {"sysadmin"},
    "person-new": {"sysadmin"},
    "divisions": {"sysadmin"},
    "division-new": {"sysadmin"},
    "staff-import": {"sysadmin"},
    "audit": {"auditor"},
    "deputies": set(EVERYBODY),
    "change-password": set(EVERYBODY),
}


@pytest.mark.parametrize("page", PAGES)
def test_a_page_exists_only_for_those_it_is_for(cast: Cast, new_client: type[Client], page: str) -> None:
    found = set()
    for name in EVERYBODY:
        client = new_client()
        client.force_login(getattr(cast, name))
        status = client.get(reverse(page)).status_code
        assert status in {200, 404}
        if status == 200:
            found.add(name)

    assert found == PAGES[page]


@pytest.mark.parametrize("page", PAGES)
def test_who_has_not_signed_in_is_asked_who_it_is(cast: Cast, client: Client, page: str) -> None:
    reply = client.get(reverse(page))

    assert reply["Location"].startswith(reverse("sign-in"))


@pytest.mark.parametrize(
    ("name", "args"),
    [
        ("person", "staff"),
        ("person-grant", "staff"),
        ("person-reset-password", "staff"),
        ("person-switch", "staff"),
        ("division-secretary-general", ""),
        ("staff-import-passwords", ""),
        ("audit-export", ""),
    ],
)
def test_a_write_without_the_role_finds_nothing(cast: Cast, client: Client, name: str, args: str) -> None:
    client.force_login(cast.secretariat)
    address = reverse(name, args=[getattr(cast, args).pk] if args else [])

    reply = client.post(address, {"on": "0"})

    assert reply.status_code == 404
    assert not Event.objects.exists()


def test_a_person_of_another_office_is_not_found(cast: Cast, client: Client) -> None:
    client.force_login(cast.sysadmin)

    assert client.get(reverse("person", args=[cast.foreign_leader.pk])).status_code == 404
    foreign = cast.elsewhere.divisions.get()
    assert client.get(reverse("division", args=[foreign.pk])).status_code == 404


@pytest.mark.parametrize(
    ("words", "found"),
    [("吴", {"吴科员"}), ("wky", {"吴科员"}), ("wu", {"吴科员"}), ("研究室", {"钱主任", "孙科员"}), ("不存在", set())],
)
def test_people_are_found_by_name_initials_log_in_name_or_division(
    cast: Cast, client: Client, words: str, found: set[str]
) -> None:
    User.objects.filter(pk=cast.staff.pk).update(initials="wky", pinyin="wukeyuan")
    client.force_login(cast.sysadmin)

    reply = client.get(reverse("people"), {"q": words})

    assert {person.name for person, _ in reply.context["rows"]} == found


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_of_people_asks_as_much_for_three_as_for_one(
    cast: Cast, client: Client, count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    Membership.objects.exclude(user=cast.sysadmin).delete()
    for number in range(count):
        joins(person(f"p{number}", f"人{number}"), cast.office, Role.STAFF, cast.lead)
    client.force_login(cast.sysadmin)

    with django_assert_num_queries(13):
        client.get(reverse("people"))


def test_a_new_person_is_shown_the_password_once(cast: Cast, client: Client) -> None:
    client.force_login(cast.sysadmin)
    form = {"name": "张思成", "username": "", "role": Role.STAFF, "division": cast.lead.pk}

    reply = client.post(reverse("person-new"), form)
    again = client.get(reverse("person", args=[User.objects.get(username="zhangsicheng").pk]))

    assert 'class="secret"' in reply.content.decode()
    assert "no-store" in reply["Cache-Control"]
    assert "secret" not in again.content.decode()


def test_a_taken_log_in_name_is_said_on_the_form_and_all_typed_stays(cast: Cast, client: Client) -> None:
    client.force_login(cast.sysadmin)

    reply = client.post(reverse("person-new"), {"name": "张思成", "username": "Wu", "role": Role.LEADER})

    assert reply.status_code == 422
    assert "此登录名已有人使用" in reply.content.decode()
    assert 'value="张思成"' in reply.content.decode()


def test_a_refused_post_is_a_page_of_409_and_an_event(cast: Cast, client: Client) -> None:
    client.force_login(cast.sysadmin)
    form = {"role": Role.SYSADMIN, "starts_on": "2026-01-01"}

    reply = client.post(reverse("person-grant", args=[cast.auditor.pk]), form)

    assert reply.status_code == 409
    assert "三员分立" in reply.content.decode()
    event = Event.objects.get()
    assert (event.outcome, event.by, event.organization) == (Outcome.REFUSED, cast.sysadmin, cast.office)


def test_the_page_of_a_person_writes_all_it_offers(cast: Cast, client: Client) -> None:
    client.force_login(cast.sysadmin)
    pk = cast.staff.pk
    membership = Membership.objects.get(user=cast.staff)
    today = timezone.localdate()

    edit = {"name": "吴科员", "title": "副处长", "phone": "", "email": ""}
    client.post(reverse("person", args=[pk]), edit)
    client.post(reverse("person-grant", args=[pk]), {"role": Role.ASSESSOR, "starts_on": today.isoformat()})
    client.post(reverse("person-end-post", args=[pk, membership.pk]), {"ends_on": today.isoformat()})
    client.post(reverse("person-reset-password", args=[pk]))
    client.post(reverse("person-switch", args=[pk]), {"on": "0"})

    verbs = list(Event.objects.order_by("id").values_list("verb", flat=True))
    assert verbs == ["edit_person", "grant_post", "end_post", "reset_password", "switch_account"]
    assert client.get(reverse("person", args=[pk])).status_code == 200


def test_the_page_of_divisions_writes_all_it_offers(cast: Cast, client: Client) -> None:
    client.force_login(cast.sysadmin)
    form = {"name": "信息中心", "short_name": "", "kind": "GENERAL", "order": "9"}

    client.post(reverse("division-new"), form)
    made = Division.objects.get(name="信息中心")
    client.post(reverse("division", args=[made.pk]), {**form, "short_name": "信息", "is_active": "on"})
    client.post(reverse("division-secretary-general"), {"person": cast.leader.pk})

    made.refresh_from_db()
    cast.office.refresh_from_db()
    assert (made.short_name, made.is_active) == ("信息", True)
    assert cast.office.secretary_general == cast.leader
    assert "信息中心" in client.get(reverse("divisions")).content.decode()


@pytest.mark.parametrize("order", ["-1", "10000", "末位"])
def test_a_number_beyond_its_limits_is_told_with_them(cast: Cast, client: Client, order: str) -> None:
    client.force_login(cast.sysadmin)

    answer = client.post(reverse("division-new"), {"name": "信息中心", "kind": "GENERAL", "order": order})

    assert "请填 0 至 9999 的整数" in answer.content.decode()
    assert not Division.objects.filter(name="信息中心").exists()


def test_a_deputy_is_named_seen_by_both_and_ended(cast: Cast, new_client: type[Client]) -> None:
    head, staff, other = new_client(), new_client(), new_client()
    for browser, user in ((head, cast.head), (staff, cast.staff), (other, cast.outsider)):
        browser.force_login(user)
    today = timezone.localdate()
    form = {"deputy": cast.staff.pk, "starts_on": today.isoformat(), "ends_on": (today + timedelta(3)).isoformat()}

    named = head.post(reverse("deputies"), form)
    row = Deputy.objects.get()
    seen = [browser.get(reverse("deputies")).content.decode() for browser in (head, staff, other)]
    stranger = other.post(reverse("deputy-end", args=[row.pk]))
    ended = head.post(reverse("deputy-end", args=[row.pk]))

    assert (named.status_code, ended.status_code, stranger.status_code) == (302, 302, 404)
    assert ["吴科员 代 陈处长" in page for page in seen] == [True, True, False]
    assert ["<h2>指定代行人</h2>" in page for page in seen] == [True, False, False]


def told(cast: Cast, words: str, *, by: User | None = None, elsewhere: bool = False, **kwargs: object) -> Event:
    office = cast.elsewhere if elsewhere else cast.office
    now = kwargs.pop("now", timezone.now())
    return record(str(kwargs.pop("verb", "edit_person")), words, by=by, now=now, organization=office, **kwargs)


def test_the_auditor_reads_his_office_and_refusals_but_no_other_office(cast: Cast, client: Client) -> None:
    told(cast, "本机关的事", by=cast.staff)
    told(cast, "被拒绝的事", by=cast.staff, outcome=Outcome.REFUSED)
    told(cast, "别处的事", elsewhere=True)
    client.force_login(cast.auditor)

    page = client.get(reverse("audit")).content.decode()

    assert "本机关的事" in page
    assert "被拒绝的事" in page
    assert "别处的事" not in page


@pytest.mark.parametrize(
    ("conditions", "found"),
    [
        ({"person": "吴科员"}, {"甲", "乙"}),
        ({"person": "wu", "outcome": "REFUSED"}, {"乙"}),
        ({"verb": "add_person"}, {"丙"}),
        ({"since": "2026-02-01", "until": "2026-02-01"}, {"丁"}),
        ({"q": "乙"}, {"乙"}),
        ({"project": "7"}, {"丙"}),
        ({"kind": "division", "subject": "SUBJECT"}, {"甲"}),
        ({"since": "not a day"}, {"甲", "乙", "丙", "丁"}),
    ],
)
def test_the_trail_is_filtered(cast: Cast, client: Client, conditions: dict[str, str], found: set[str]) -> None:
    told(cast, "甲", by=cast.staff, subject=cast.lead)
    told(cast, "乙", by=cast.staff, outcome=Outcome.REFUSED)
    told(cast, "丙", by=cast.head, verb="add_person", project_id=7)
    at_midnight = datetime(2026, 2, 1, tzinfo=SHANGHAI)
    told(cast, "丁", now=at_midnight)
    client.force_login(cast.auditor)
    asked = {key: str(cast.lead.pk) if value == "SUBJECT" else value for key, value in conditions.items()}

    reply = client.get(reverse("audit"), asked)

    assert {event.words for event in reply.context["page"]} == found


def test_reading_the_trail_changes_nothing(cast: Cast, client: Client) -> None:
    told(cast, "甲", by=cast.staff)
    client.force_login(cast.auditor)

    client.get(reverse("audit"))

    assert client.post(reverse("audit")).status_code == 405
    assert Event.objects.count() == 1


def test_the_export_holds_what_the_conditions_say_and_is_itself_an_event(cast: Cast, client: Client) -> None:
    told(cast, "=HYPERLINK(1)", by=cast.staff)
    told(cast, "别人的事", by=cast.head)
    client.force_login(cast.auditor)

    reply = client.post(reverse("audit-export") + "?person=wu")
    text = reply.getvalue().decode()

    assert text.startswith("\ufeff编号,时间,人员")
    assert "'=HYPERLINK(1)" in text
    assert "别人的事" not in text
    event = Event.objects.get(verb="export_audit")
    assert event.words == "导出审计记录 1 条（人员：wu）"
    assert "导出审计记录" not in text
