"""The page of a rule: its dates, a preview of others, setting it."""

import re

import pytest
from django.urls import reverse

from supervision.cycles.enums import Cycle
from supervision.cycles.models import CycleRule
from tests.cast import Cast
from tests.pages import CheckingClient
from tests.supervision.cycles.october import WEEKLY, page, text_of
from tests.supervision.cycles.turning import Works

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("october")]


def test_the_page_of_a_rule_shows_twelve_dates_with_the_reason_of_a_shift(
    client: CheckingClient, cast: Cast, ran: Works
) -> None:
    html = page(client, cast.secretariat, "cycle-rule", "quarterly")

    seen = text_of(html)
    assert "今后 12 次" in seen
    assert re.search(
        r"2026年第三季度 10月10日 周六 10月1日至7日国庆节放假；10月10日（周六）调休上班 不计节假日应为 10月5日", seen
    )
    assert seen.count("按推算") == 11


def test_a_preview_shows_other_dates_and_changes_nothing(client: CheckingClient, cast: Cast, ran: Works) -> None:
    client.force_login(cast.secretariat)
    url = reverse("cycle-rule", args=["weekly"])

    whole = client.post(url, WEEKLY | {"at": "15:00", "anchor": "FROM_START", "preview": "1"})
    part = client.post(url, WEEKLY | {"anchor": "FROM_START", "preview": "1"}, headers={"HX-Request": "true"})

    assert (whole.status_code, part.status_code) == (200, 200)
    assert "按填写的计算，尚未保存" in whole.content.decode()
    assert 'value="15:00"' in whole.content.decode()
    assert part.content.decode().lstrip().startswith('<section class="panel" id="dates"')
    assert "10月12日" in text_of(part.content.decode())
    rule = CycleRule.objects.get(cycle=Cycle.WEEKLY)
    assert (rule.anchor, rule.version) == ("FROM_END", 1)


def test_a_preview_tells_what_would_be_run_at_once(client: CheckingClient, cast: Cast, ran: Works) -> None:
    client.force_login(cast.secretariat)
    typed = WEEKLY | {"anchor": "FROM_START", "nth": "1", "preview": "1"}

    reply = client.post(reverse("cycle-rule", args=["weekly"]), typed)

    # The week's first working day was the 8th.
    assert "2026年第41周（10月5日—11日）应于 10月8日 ，已过，保存后即补运行。" in text_of(reply.content.decode())


def test_a_rule_is_saved(client: CheckingClient, cast: Cast, ran: Works) -> None:
    client.force_login(cast.secretariat)

    reply = client.post(reverse("cycle-rule", args=["weekly"]), WEEKLY | {"label": "周点评", "at": "15:00"})

    assert reply.status_code == 302
    rule = CycleRule.objects.get(cycle=Cycle.WEEKLY)
    assert (rule.name, f"{rule.at:%H:%M}", rule.version) == ("周点评", "15:00", 2)
    assert "周点评的规则已保存。" in page(client, cast.secretariat, "cycle-rule", "weekly")


def test_what_was_typed_wrong_stays_typed(client: CheckingClient, cast: Cast, ran: Works) -> None:
    client.force_login(cast.secretariat)

    reply = client.post(reverse("cycle-rule", args=["weekly"]), WEEKLY | {"label": "周点评", "nth": "77"})

    assert reply.status_code == 422
    assert 'value="周点评"' in reply.content.decode()
    assert 'value="77"' in reply.content.decode()
    assert CycleRule.objects.get(cycle=Cycle.WEEKLY).version == 1


def test_a_page_that_is_out_of_date_is_told(client: CheckingClient, cast: Cast, ran: Works) -> None:
    client.force_login(cast.secretariat)
    url = reverse("cycle-rule", args=["weekly"])
    client.post(url, WEEKLY | {"at": "15:00"})

    reply = client.post(url, WEEKLY | {"at": "14:00"})

    assert reply.status_code == 409
    assert "时间“16:00”改为“15:00”" in reply.content.decode()
    assert f"{CycleRule.objects.get(cycle=Cycle.WEEKLY).at:%H:%M}" == "15:00"


def test_a_leader_reads_a_rule_and_may_not_set_it(client: CheckingClient, cast: Cast, ran: Works) -> None:
    html = page(client, cast.leader, "cycle-rule", "half_yearly")

    reply = client.post(reverse("cycle-rule", args=["weekly"]), WEEKLY | {"at": "15:00"})

    assert "只有督办人员可以修改周期规则。" in html
    assert 'id="rule-form"' not in html
    assert reply.status_code == 409


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"nth": "0"}, "请填 1 至 60 的整数"),
        ({"nth": "61"}, "请填 1 至 60 的整数"),
        ({"nth": "一"}, "请填 1 至 60 的整数"),
        ({"nth": ""}, "请填写第几个工作日"),
        ({"lead_days": "-1"}, "请填 0 至 10 的整数"),
        ({"at": "下午四点"}, "时间写成 16:00 的样子"),
        ({"label": "周" * 21}, "最多 20 个字，请缩短"),
    ],
)
def test_a_value_out_of_limits_is_told_in_one_sentence(
    client: CheckingClient, cast: Cast, ran: Works, typed: dict[str, str], said: str
) -> None:
    client.force_login(cast.secretariat)

    reply = client.post(reverse("cycle-rule", args=["weekly"]), WEEKLY | typed)

    assert reply.status_code == 422
    assert re.findall(r'class="fix-why">.*?<span>(.*?)</span>', reply.content.decode(), re.S) == [said]


@pytest.mark.parametrize(
    ("cycle", "asks"),
    [
        ("daily", {"is_on", "label", "at", "version"}),
        ("weekly", {"is_on", "label", "anchor", "nth", "at", "lead_days", "version"}),
        ("half_yearly", {"is_on", "label", "anchor", "nth", "at", "lead_days", "sample_percent", "version"}),
    ],
)
def test_a_form_asks_what_its_cycle_has(
    client: CheckingClient, cast: Cast, ran: Works, cycle: str, asks: set[str]
) -> None:
    html = page(client, cast.secretariat, "cycle-rule", cycle)

    form = html[html.index('id="rule-form"') :]
    form = form[: form.index("</form>")]
    assert set(re.findall(r'name="(\w+)"', form)) == asks | {"csrfmiddlewaretoken", "preview"}


def test_there_is_no_rule_of_another_name(client: CheckingClient, cast: Cast, ran: Works) -> None:
    client.force_login(cast.secretariat)

    assert client.get("/cycles/rules/hourly/").status_code == 404
