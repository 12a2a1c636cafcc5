"""统计分析 and `manage.py figures`: parts add up, open their lines, and are the same on page and command line."""

import json
import re
from collections.abc import Iterator
from datetime import date, timedelta
from html import unescape
from io import StringIO
from typing import Any

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from tasks.enums import Bucket, ProjectState
from tasks.models import (
    KeyTask,
    Milestone,
    Plan,
    Project,
    ProjectCoDivision,
    ProjectRevision,
    Source,
    SourceClass,
    Target,
)
from tests.cast import NOW, TODAY
from tests.pages import CheckingClient
from tests.tasks.company import Company, make_company
from tests.walks import a_plan, a_source, project_at

FAR = date(2026, 12, 31)
LONG_AGO = date(2026, 1, 5)
# What makes a line fall into a part on TODAY.
STANDS: dict[Bucket, dict[str, Any]] = {
    Bucket.ON_TIME: {"state": "CLOSED", "requested_on": TODAY, "closed_on": TODAY, "closed_at": NOW},
    Bucket.LATE: {
        "state": "CLOSED",
        "due_on": TODAY - timedelta(days=3),
        "requested_on": TODAY,
        "closed_on": TODAY,
        "closed_at": NOW,
    },
    Bucket.CARRIED_OVER: {"state": "CARRIED_OVER"},
    Bucket.SUSPENDED: {"state": "SUSPENDED"},
    Bucket.VERIFYING: {"state": "CLOSE_OUT_REQUESTED"},
    Bucket.OVERDUE: {"due_on": TODAY - timedelta(days=1)},
    Bucket.LAGGING: {"behind_on": TODAY},
    Bucket.DUE_SOON: {"warn_on": TODAY},
    Bucket.AHEAD: {"on_pace_on": TODAY + timedelta(days=1)},
    Bucket.ON_PACE: {},
}


@pytest.fixture
def company(db: None) -> Company:
    return make_company()


@pytest.fixture(autouse=True)
def _at_the_day_of_the_walks() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


def key_tasks_in(company: Company, count: int, *, sources: tuple[str, ...] = ()) -> list[KeyTask]:
    plan = a_plan(company)
    category = plan.categories.get(name="临时交办")
    rows = [
        KeyTask.objects.create(
            organization=company.office,
            plan=plan,
            category=category,
            title=f"重点任务{n}",
            order=n,
        )
        for n in range(count)
    ]
    for row in rows:
        row.sources.set([a_source(company, name) for name in sources])
    return rows


def lines(company: Company, key_tasks: list[KeyTask], stands: list[Bucket]) -> list[Project]:
    """Projects that stand so today, spread over the key tasks, each with its revision."""
    rows = []
    for n, bucket in enumerate(stands):
        given: dict[str, Any] = {"state": "IN_PROGRESS", "due_on": FAR, "warn_on": FAR} | STANDS[bucket]
        if given["state"] == "CLOSED":
            given["closed_by"] = company.secretariat
        given["warn_on"] = min(given["warn_on"], given["due_on"])
        key_task = key_tasks[n % len(key_tasks)]
        rows.append(
            Project(
                organization=company.office,
                plan=key_task.plan,
                key_task=key_task,
                order=n,
                title=f"项目{n}",
                number=f"〔2026〕{n + 1:03d}号",
                lead_division=company.lead,
                start_on=LONG_AGO,
                original_due_on=given["due_on"],
                dispatched_on=LONG_AGO,
                dispatched_at=NOW,
                created_at=NOW,
                **given,
            )
        )
    rows = Project.objects.bulk_create(rows)
    kept = [field.name for field in ProjectRevision._meta.fields if hasattr(Project, field.attname)]
    ProjectRevision.objects.bulk_create(
        ProjectRevision(
            project=row,
            effective_on=TODAY,
            recorded_at=NOW,
            **{name: getattr(row, name) for name in kept if name not in ("id",)},
        )
        for row in rows
    )
    return rows


def told(*arguments: str) -> dict[str, Any]:
    out = StringIO()
    call_command("figures", "--org", "office", "--year", "2026", "--json", *arguments, stdout=out)
    found: dict[str, Any] = json.loads(out.getvalue())
    return found


def page(client: CheckingClient, user: User, query: str = "") -> str:
    client.force_login(user)
    response = client.get(reverse("figures") + query)
    assert response.status_code == 200
    return unescape(response.content.decode())


def parts_on(html: str) -> dict[str, int]:
    """The ten parts beside the total."""
    found = re.findall(r'<a class="fig[^"]*" href="[^"]*"><b>(\d+)</b><span><i [^>]*></i>([^<]+)</span>', html)
    return {label: int(count) for count, label in found}


# The bulletin of a district for a half-year: 145 key tasks in 222 lines.
PUBLISHED = {
    Bucket.LAGGING: 17,
    Bucket.AHEAD: 10,
    Bucket.ON_TIME: 24,
    Bucket.SUSPENDED: 3,
    Bucket.VERIFYING: 6,
    Bucket.ON_PACE: 162,
}


def test_a_published_bulletin_comes_out_right(client: CheckingClient, company: Company) -> None:
    stands = [bucket for bucket, count in PUBLISHED.items() for _ in range(count)]
    lines(company, key_tasks_in(company, 145), stands)

    html = page(client, company.secretariat)
    found = told()

    assert (found["total"], found["key_tasks"]) == (222, 145)
    assert {Bucket(code): count for code, count in found["parts"].items() if count} == PUBLISHED
    assert ">222</a>" in html
    assert "重点任务 <b>145</b>" in html
    (sentence,) = re.findall(r'<p class="sub figs-five">(.*?)</p>', html, re.S)
    words = re.sub(r"<[^>]+>", "", sentence)
    for part in (
        "滞后 17 项，占 7.7%",
        "超序时 10 项，占 4.5%",
        "完成 24 项，占 10.8%",
        "其他 9 项，占 4.1%",
        "按序时 162 项，占 73.0%",
    ):
        assert part in words


@pytest.mark.parametrize("bucket", list(Bucket))
def test_a_line_stands_in_its_part_on_page_and_command_line(
    client: CheckingClient, company: Company, bucket: Bucket
) -> None:
    lines(company, key_tasks_in(company, 1), [bucket] * 2)

    shown = parts_on(page(client, company.leader))

    assert shown == {each.label: 2 if each == bucket else 0 for each in Bucket}
    assert told()["parts"] == {each.value: 2 if each == bucket else 0 for each in Bucket}


def test_the_command_tells_what_the_page_shows(client: CheckingClient, company: Company) -> None:
    lines(company, key_tasks_in(company, 3, sources=("党组工作要点", "领导同志批示")), [*Bucket, Bucket.LATE])

    html = page(client, company.secretariat)
    found = told()

    assert parts_on(html) == {bucket.label: found["parts"][bucket.value] for bucket in Bucket}
    assert found["total"] == sum(found["parts"].values()) == 11
    assert f"办结率 <b>{found['closed_rate']}%</b>" in html
    assert f"按期办结率 <b>{found['on_time_rate']}%</b>" in html
    assert (found["closed"], found["open"], found["not_yet_due"]) == (3, 7, 6)


def test_sources_co_divisions_and_milestones_multiply_no_figure(client: CheckingClient, company: Company) -> None:
    key_task = key_tasks_in(company, 1, sources=("党组工作要点", "领导同志批示"))
    (row,) = lines(company, key_task, [Bucket.AHEAD])
    for place, division in enumerate((company.assisting, company.outside, company.supervising)):
        ProjectCoDivision.objects.create(project=row, division=division, order=place)
    target = Target.objects.create(project=row, statement="形成报告")
    for n in range(4):
        Milestone.objects.create(
            organization=company.office, project=row, target=target, title=f"第{n}步", order=n, due_on=FAR
        )

    found = told()
    html = page(client, company.secretariat)

    assert (found["total"], found["key_tasks"]) == (1, 1)
    assert [part["total"] for part in found["by"]["category"]] == [1]
    assert [(part["name"], part["total"]) for part in found["by"]["division"]] == [(company.lead.name, 1)]
    assert [part["total"] for part in found["by"]["source_class"]] == [1, 1]
    assert [(part["name"], part["total"]) for part in found["by"]["co_division"]] == [
        (company.supervising.name, 1), (company.assisting.name, 1), (company.outside.name, 1),
    ]  # fmt: skip
    assert found["counted_again"] == 1
    assert "各类相加比合计多 1 项" in html


def test_a_source_named_twice_counts_once_in_its_class(company: Company) -> None:
    (key_task,) = key_tasks_in(company, 1, sources=("党组工作要点",))
    source_class = SourceClass.objects.get(organization=company.office, name="党组工作要点")
    key_task.sources.add(
        Source.objects.create(organization=company.office, source_class=source_class, name="2026年工作要点")
    )
    lines(company, [key_task], [Bucket.AHEAD])

    found = told()

    assert [part["total"] for part in found["by"]["source_class"]] == [1]
    assert found["counted_again"] == 0


def test_nothing_to_divide_by_prints_a_dash(client: CheckingClient, company: Company) -> None:
    lines(company, key_tasks_in(company, 1), [Bucket.AHEAD])

    html = page(client, company.secretariat)

    assert "办结率 <b>0.0%</b>" in html
    assert "按期办结率 <b>—</b>" in html
    assert told()["on_time_rate"] is None


def test_drafts_and_cancelled_ones_are_in_no_total(client: CheckingClient, company: Company) -> None:
    rows = lines(company, key_tasks_in(company, 1), [Bucket.AHEAD] * 3)
    Project.objects.filter(pk=rows[0].pk).update(state="DRAFT", number="")
    Project.objects.filter(pk=rows[1].pk).update(state="CANCELLED")

    assert told()["total"] == 1
    assert sum(parts_on(page(client, company.secretariat)).values()) == 1


def test_an_empty_office_is_told_so(client: CheckingClient, company: Company) -> None:
    html = page(client, company.secretariat)

    assert "还没有交办的项目" in html
    assert told()["closed_rate"] is None


def test_a_past_day_is_counted_as_it_stood_and_marked(client: CheckingClient, company: Company) -> None:
    project_at(ProjectState.CLOSED, company)
    with time_machine.travel(NOW + timedelta(days=20), tick=False):
        before = (TODAY - timedelta(days=1)).isoformat()
        day = told("--as-of", TODAY.isoformat())
        html = page(client, company.secretariat, f"?as_of={TODAY.isoformat()}")
        empty = page(client, company.secretariat, f"?as_of={before}")
        known = told("--as-of", TODAY.isoformat(), "--known-by", before)
        today = page(client, company.secretariat)

        assert (day["parts"]["on_time"], day["total"]) == (1, 1)
        assert known["total"] == told("--as-of", before)["total"] == 0
    assert 'class="as-of"' in html
    assert "2026年3月4日" in html
    assert parts_on(html)["按期销号"] == 1
    assert "那一天还没有交办的项目" in empty
    assert 'class="as-of"' not in today


@pytest.mark.parametrize(
    "query", ["?as_of=soon", "?as_of=2026-13-01", "?as_of=2027-01-01", "?as_of=2026-03-01&known_by=x"]
)
def test_a_day_that_cannot_be_shown_is_told_and_today_shown(
    client: CheckingClient, company: Company, query: str
) -> None:
    html = page(client, company.secretariat, query)

    assert 'class="as-of"' not in html
    assert "下面是今天的情况" in html


def test_every_figure_opens_its_lines(client: CheckingClient, company: Company) -> None:
    """Followed one by one: the ledger counts as many lines as the figure says."""
    key_tasks = key_tasks_in(company, 3, sources=("党组工作要点", "领导同志批示"))
    key_tasks[0].sources.clear()  # what has no source has a line of its own
    for row in lines(company, key_tasks, [*Bucket, Bucket.LATE, Bucket.OVERDUE]):
        if row.order % 2:
            ProjectCoDivision.objects.create(project=row, division=company.assisting)
    Project.objects.filter(order=0).update(lead_division=company.assisting)
    html = page(client, company.secretariat)
    links = re.findall(r'<a[^>]* href="([^"]*/ledger/\?[^"]+)"[^>]*>(?:[^<0-9]* )?(?:<b>)?(\d+)(?:</b>)?', html)

    found = {url: int(count) for url, count in links}
    told = {url: lines_in(client, url) for url in found}

    assert len(found) > 40
    assert told == found


def lines_in(client: CheckingClient, url: str) -> int:
    html = client.get(url).content.decode()
    totals = re.search(r"合计<b>(\d+)</b>", html)
    return int(totals[1]) if totals else 0


def test_the_plan_is_chosen(client: CheckingClient, company: Company) -> None:
    lines(company, key_tasks_in(company, 1), [Bucket.AHEAD])
    other = Plan.objects.create(
        organization=company.office,
        year=2026,
        name="专项计划",
        kind="SPECIAL",
        created_at=NOW,
        created_by=company.secretariat,
    )

    assert sum(parts_on(page(client, company.secretariat)).values()) == 1
    assert "还没有交办的项目" in page(client, company.secretariat, f"?plan={other.pk}")
    assert sum(parts_on(page(client, company.secretariat, "?plan=all")).values()) == 1
    assert told("--plan", "专项计划")["total"] == 0
    assert told("--plan", "专项计划", "--plan", a_plan(company).name)["total"] == 1


def test_a_plan_or_office_that_is_not_there_is_refused(company: Company) -> None:
    with pytest.raises(CommandError, match="no organisation"):
        call_command("figures", "--org", "nowhere", "--year", "2026")
    with pytest.raises(CommandError, match="no plan"):
        call_command("figures", "--org", "office", "--year", "2026", "--plan", "没有")
    with pytest.raises(CommandError, match="has not come"):
        call_command("figures", "--org", "office", "--year", "2026", "--as-of", "2026-12-31")


def test_without_json_the_figures_are_a_readable_table(company: Company) -> None:
    lines(company, key_tasks_in(company, 1, sources=("党组工作要点",)), [Bucket.AHEAD, Bucket.LATE])
    out = StringIO()

    call_command("figures", "--org", "office", "--year", "2026", stdout=out)

    text = out.getvalue()
    assert "重点任务 1 项，项目 2 项" in text
    assert re.search(r"超序时\s+1\s+50.0%", text)
    assert re.search(r"党组工作要点\s+2\s", text)


def test_another_office_is_in_no_figure(client: CheckingClient, company: Company) -> None:
    lines(company, key_tasks_in(company, 1), [Bucket.AHEAD])

    html = page(client, company.foreign_secretariat, f"?plan={a_plan(company).pk}")

    assert "还没有交办的项目" in html


@pytest.mark.parametrize("query", ["", "?as_of=2026-03-03"])
@pytest.mark.parametrize("count", [1, 3])
def test_figures_ask_no_more_for_more_lines(
    client: CheckingClient,
    company: Company,
    django_assert_num_queries: DjangoAssertNumQueries,
    count: int,
    query: str,
) -> None:
    lines(company, key_tasks_in(company, count), [Bucket.AHEAD] * count)
    client.force_login(company.head)

    with django_assert_num_queries(16):
        client.get(reverse("figures") + query)
