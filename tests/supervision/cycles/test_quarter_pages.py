"""The quarter's page: frozen figures that add up and open their lines, and the data cut-off that the secretariat sets."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from html import unescape

import pytest
import time_machine
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from supervision.cycles.actions.freezing import freeze_lines
from supervision.cycles.actions.quarter import freeze_quarter
from supervision.cycles.models import CycleRun, FrozenLine
from tasks.enums import Bucket
from tasks.models import Project
from tests.cast import SHANGHAI, TODAY
from tests.pages import CheckingClient
from tests.supervision.cycles.frozen_runs import first_quarter, second_quarter
from tests.tasks.company import Company, make_company
from tests.tasks.test_figures_pages import key_tasks_in, lines

APRIL = datetime(2026, 4, 3, 9, 0, tzinfo=SHANGHAI)


@pytest.fixture
def company(db: None) -> Company:
    return make_company()


@pytest.fixture(autouse=True)
def _in_april() -> Iterator[None]:
    with time_machine.travel(APRIL, tick=False):
        yield


def frozen(company: Company, stands: list[Bucket]) -> CycleRun:
    lines(company, key_tasks_in(company, 2), stands)
    run = first_quarter(company.office, now=APRIL)
    freeze_lines(run, day=TODAY, cut_off_at=APRIL, now=APRIL)
    return run


def opened(client: CheckingClient, user: User, run: CycleRun, name: str = "quarter", query: str = "") -> str:
    client.force_login(user)
    response = client.get(reverse(name, args=[run.pk]) + query)
    assert response.status_code == 200
    return unescape(response.content.decode())


def figures_on(html: str) -> dict[str, tuple[int, str]]:
    found = re.findall(r'<a class="fig[^"]*" href="([^"]*)"><b>(\d+)</b><span><i [^>]*></i>([^<]+)</span>', html)
    return {label: (int(count), url) for url, count, label in found}


def count_on(html: str) -> int:
    (count,) = re.findall(r'<span class="dim">(\d+) 项</span>', html)
    return int(count)


def test_every_figure_opens_as_many_lines_as_it_says(client: CheckingClient, company: Company) -> None:
    run = frozen(company, [*Bucket, Bucket.OVERDUE, Bucket.ON_TIME])

    html = opened(client, company.leader, run)

    figures = figures_on(html)
    assert sum(count for count, _ in figures.values()) == 12
    assert {label: count for label, (count, _) in figures.items()} == {
        bucket.label: 2 if bucket in (Bucket.OVERDUE, Bucket.ON_TIME) else 1 for bucket in Bucket
    }
    links = re.findall(r'<a[^>]*href="(/quarter/\d+/lines/[^"]*)"[^>]*>(?:<b>)?(\d+)', html)
    assert len(links) > 30
    for url, count in set(links):
        assert count_on(unescape(client.get(url).content.decode())) == int(count), url
    assert "截至 <time" in html
    assert "4月3日 9:00" in html  # the data cut-off


def test_the_parts_by_category_and_division_add_up(client: CheckingClient, company: Company) -> None:
    run = frozen(company, list(Bucket))
    assisted = FrozenLine.objects.filter(run=run)[0]
    assisted.division, assisted.division_name = company.assisting, "研究室"
    assisted.save()

    html = opened(client, company.assessor, run)

    for heading in ("按类别", "按牵头处室"):
        (table,) = re.findall(rf"<h2>{heading}.*?</table>", html, re.S)
        assert sum(int(n) for n in re.findall(r'class="strong"[^>]*>(\d+)</a>', table)) == 10
    assert "研究室</th>" in html
    assert "办结率" in html


def test_the_quarter_before_is_compared_from_its_own_frozen_lines(client: CheckingClient, company: Company) -> None:
    rows = lines(company, key_tasks_in(company, 1), [Bucket.OVERDUE, Bucket.ON_PACE, Bucket.ON_PACE])
    before = first_quarter(company.office, now=APRIL)
    freeze_lines(before, day=TODAY, cut_off_at=APRIL, now=APRIL)
    Project.objects.filter(pk=rows[0].pk).update(title="后来改了")
    run = second_quarter(company.office, now=APRIL)
    freeze_lines(run, day=TODAY, cut_off_at=APRIL, now=APRIL)
    FrozenLine.objects.filter(run=run, bucket="overdue").update(bucket="on_time", closed_on=run.starts_on)

    html = opened(client, company.leader, run)

    assert "与上季度比较" in html
    told = re.findall(r'<th scope="row">([^<]+)</th>.*?<td class="num">([^<]+)</td></tr>', html, re.S)
    changes = dict(told[:7])
    assert changes == {
        "交办项目": "持平",
        "已销号": "+1",
        "当季销号": "+1",
        "逾期": "−1",
        "滞后": "持平",
        "办结率": "+33.3 个百分点",
        "按期办结率": "+100.0 个百分点",
    }
    assert "与上季度比较" not in opened(client, company.leader, before)


def test_a_line_shows_how_the_project_stands_today_where_it_changed(client: CheckingClient, company: Company) -> None:
    run = frozen(company, [Bucket.OVERDUE, Bucket.SUSPENDED])
    overdue = FrozenLine.objects.get(bucket="overdue").project
    Project.objects.filter(pk=overdue.pk).update(
        due_on=TODAY + timedelta(days=200), warn_on=TODAY + timedelta(days=190)
    )

    html = opened(client, company.leader, run, "quarter-lines")

    assert re.search(r"</i> 按序时<span", html)
    assert "时限改为" in html
    assert html.count("未变") == 1
    assert reverse("project", args=[overdue.pk]) in html


def test_an_address_nobody_offered_leaves_everything_in(client: CheckingClient, company: Company) -> None:
    run = frozen(company, [Bucket.OVERDUE, Bucket.SUSPENDED])

    html = opened(client, company.leader, run, "quarter-lines", "?bucket=nothing&division=x&category=%00&page=99")

    assert count_on(html) == 2


def test_the_secretariat_sets_the_cut_off_and_freezes_anew(client: CheckingClient, company: Company) -> None:
    run = frozen(company, [Bucket.ON_PACE])
    client.force_login(company.secretariat)
    url = reverse("quarter-cut-off", args=[run.pk])
    typed = {"version": str(run.version), "cut_off_at": "2026-04-02T17:00"}

    wrong = client.post(url, typed | {"cut_off_at": "昨天"})
    refused = client.post(url, typed | {"cut_off_at": "2026-03-30T17:00"})
    done = client.post(url, typed)
    late = client.post(url, typed)

    assert wrong.status_code == 422
    assert "昨天" in wrong.content.decode()
    assert refused.status_code == 422
    assert "要在期末（2026-03-31）以后" in refused.content.decode()
    assert "2026-03-30T17:00" in refused.content.decode()
    assert done.status_code == 302
    assert late.status_code == 409
    run.refresh_from_db()
    assert run.cut_off_at == datetime(2026, 4, 2, 17, 0, tzinfo=SHANGHAI)
    client.post(url, {"version": str(run.version), "until": "now"})
    run.refresh_from_db()
    assert run.cut_off_at == APRIL


def test_only_the_secretariat_is_offered_the_cut_off_and_only_until_it_is_closed(
    client: CheckingClient, company: Company
) -> None:
    run = frozen(company, [Bucket.ON_PACE])

    readers = (company.secretariat, company.leader, company.assessor)
    offered = ['id="cut-off"' in opened(client, who, run) for who in readers]
    CycleRun.objects.filter(pk=run.pk).update(closed_at=APRIL)

    assert offered == [True, False, False]
    assert 'id="cut-off"' not in opened(client, company.secretariat, run)


def test_who_reads_the_quarter(client: CheckingClient, company: Company) -> None:
    run = frozen(company, [Bucket.ON_PACE])
    found = {}
    for who in ("secretariat", "leader", "assessor", "head", "staff", "observer", "foreign_secretariat", "stranger"):
        client.force_login(getattr(company, who))
        found[who] = [client.get(reverse(name, args=[run.pk])).status_code for name in ("quarter", "quarter-lines")]

    assert {who for who, statuses in found.items() if statuses == [200, 200]} == {"secretariat", "leader", "assessor"}
    assert {who for who, statuses in found.items() if statuses != [404, 404]} == {"secretariat", "leader", "assessor"}


def test_before_it_is_frozen_the_page_says_so(client: CheckingClient, company: Company) -> None:
    run = first_quarter(company.office, now=APRIL)

    assert "还没有固定" in opened(client, company.leader, run)
    assert client.get(reverse("quarter-lines", args=[run.pk])).status_code == 404


def test_an_office_without_projects_reads_a_calm_page(client: CheckingClient, company: Company) -> None:
    run = first_quarter(company.office, now=APRIL)
    freeze_quarter(run, APRIL)

    assert "季末没有交办的项目" in opened(client, company.secretariat, run)


@pytest.mark.parametrize("count", [1, 3])
def test_the_page_and_its_lines_ask_a_constant_number_of_questions(
    client: CheckingClient, company: Company, count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    run = frozen(company, [Bucket.OVERDUE, Bucket.LAGGING, Bucket.ON_TIME] * count)
    client.force_login(company.leader)

    with django_assert_num_queries(18):
        client.get(reverse("quarter", args=[run.pk]))
    with django_assert_num_queries(14):
        lines = client.get(reverse("quarter-lines", args=[run.pk]))
    assert len(lines.context["page_obj"].object_list) == 3 * count
