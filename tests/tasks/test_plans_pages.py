"""Plans, key tasks and their sources as pages: made by the secretariat, read by those with business in the office."""

from collections.abc import Iterator
from datetime import date

import pytest
import time_machine
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from accounts.models import Event
from tasks.actions import project
from tasks.enums import DueKind, ProjectState
from tasks.models import KeyTask, Plan, Project, Source, SourceClass
from tests.cast import NOW, Cast, make_cast
from tests.pages import CheckingClient
from tests.walks import a_draft, a_plan, project_at

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _the_day() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def cast() -> Cast:
    return make_cast()


@pytest.fixture
def secretariat(client: CheckingClient, cast: Cast) -> CheckingClient:
    client.force_login(cast.secretariat)
    return client


def source_class(cast: Cast, name: str = "领导同志批示") -> str:
    return str(SourceClass.objects.get(organization=cast.office, name=name).pk)


def a_key_task_form(cast: Cast, plan: Plan, **changed: str) -> dict[str, str]:
    return {
        "k-title": "落实省委领导批示",
        "k-category": str(plan.categories.get(name="临时交办").pk),
        "k-lead_division": str(cast.lead.pk),
        "k-person": str(cast.staff.pk),
        "k-leader": str(cast.leader.pk),
        "k-due": "9月底前",
        "papers": "2",
        "s-0-source_class": source_class(cast),
        "s-0-name": "关于营商环境的批示",
        "s-0-paper_number": "省委办〔2026〕3号",
        "s-0-dated_on": "2026-02-11",
        "s-1-source_class": source_class(cast, "党组会议决策"),
    } | changed


# ── plans ────────────────────────────────────────────────────────────────────


def test_a_plan_is_made_with_its_categories_and_the_one_every_plan_has(secretariat: CheckingClient, cast: Cast) -> None:
    form = {"year": "2026", "name": "2026年度重点任务", "kind": "ANNUAL", "categories": "协商议政\n民主监督\n协商议政"}

    reply = secretariat.post(reverse("plan-new"), form)

    plan = Plan.objects.get(year=2026)
    assert reply.headers["Location"] == reverse("plan", args=[plan.pk])
    assert [category.name for category in plan.categories.all()] == ["协商议政", "民主监督", "临时交办"]


def test_a_second_annual_plan_of_a_year_is_refused(secretariat: CheckingClient, cast: Cast) -> None:
    a_plan(cast)

    reply = secretariat.post(reverse("plan-new"), {"year": "2026", "name": "再来一个", "kind": "ANNUAL"})

    assert reply.status_code == 409
    assert "2026 年的年度计划已经建立" in reply.content.decode()
    assert Plan.objects.filter(organization=cast.office).count() == 1


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"year": ""}, "请写年度"),
        ({"year": "226"}, "年度须在 2000 至 2099 之间"),
        ({"name": ""}, "请写计划名称"),
        ({"categories": "长" * 61}, "超过 60 个字"),
    ],
)
def test_a_plan_form_says_what_to_correct(secretariat: CheckingClient, changed: dict[str, str], sentence: str) -> None:
    form = {"year": "2026", "name": "2026年度重点任务", "kind": "ANNUAL", "adopted_by": "党组第3次会议"} | changed

    reply = secretariat.post(reverse("plan-new"), form)

    assert reply.status_code == 422
    assert sentence in reply.content.decode()
    assert "党组第3次会议" in reply.content.decode()
    assert not Plan.objects.exists()


def test_the_list_of_plans_counts_what_the_reader_may_see(new_client: type[CheckingClient], cast: Cast) -> None:
    project_at(ProjectState.DISPATCHED, cast)
    a_draft(cast, title="还没交办的")
    counted = {}
    for name in ("secretariat", "leader", "staff"):
        browser = new_client()
        browser.force_login(getattr(cast, name))
        plan = browser.get(reverse("plans")).context["plans"][0]
        counted[name] = (plan.key_task_count, plan.project_count, plan.draft_count, plan.open_count)

    assert counted == {"secretariat": (2, 2, 1, 1), "leader": (1, 1, 0, 1), "staff": (1, 1, 0, 1)}


def test_the_newest_year_stands_first_in_the_list_of_plans(secretariat: CheckingClient, cast: Cast) -> None:
    for year in (2024, 2026, 2025):
        Plan.objects.create(organization=cast.office, year=year, name=f"{year}年度重点任务", created_at=NOW)

    page = secretariat.get(reverse("plans"))

    assert [plan.year for plan in page.context["plans"]] == [2026, 2025, 2024]


def test_a_plan_shows_drafts_to_the_secretariat_only(new_client: type[CheckingClient], cast: Cast) -> None:
    dispatched, draft = project_at(ProjectState.DISPATCHED, cast), a_draft(cast, title="还没交办的")
    pages = {}
    for name in ("secretariat", "leader"):
        browser = new_client()
        browser.force_login(getattr(cast, name))
        pages[name] = browser.get(reverse("plan", args=[draft.plan_id])).content.decode()

    assert "还没交办的" in pages["secretariat"]
    assert "还没交办的" not in pages["leader"]
    assert dispatched.title in pages["leader"]
    assert "登记重点任务" not in pages["leader"]
    assert 'value="DRAFT"' not in pages["leader"]


def test_a_plan_is_not_found_by_those_without_business_in_the_office(
    new_client: type[CheckingClient], cast: Cast
) -> None:
    plan = a_plan(cast)
    found = set()
    for name, user in cast.everyone().items():
        browser = new_client()
        browser.force_login(user)
        if browser.get(reverse("plan", args=[plan.pk])).status_code == 200:
            found.add(name)

    assert set(cast.everyone()) - found == {
        "sysadmin", "auditor", "foreign_secretariat", "foreign_leader", "stranger"
    }  # fmt: skip


@pytest.mark.parametrize(
    ("query", "titles"),
    [
        ("", {"甲", "乙", "丙"}),
        ("state=DRAFT", {"甲", "丙"}),
        ("division={assisting}", {"丙"}),
        ("category={ad_hoc}&q=乙", {"乙"}),
        ("q=孙科员", {"丙"}),
        ("q=没有", set()),
        ("state=NONSENSE&division=x&category=999999", {"甲", "乙", "丙"}),
    ],
)
def test_a_plan_is_narrowed_by_its_address(
    secretariat: CheckingClient, cast: Cast, query: str, titles: set[str]
) -> None:
    a_draft(cast, title="甲")
    second = a_draft(cast, title="乙")
    project.dispatch_project(second, by=cast.secretariat, version=second.version, now=NOW)
    a_draft(cast, title="丙", lead=cast.assisting)
    plan = a_plan(cast)
    ad_hoc = plan.categories.get(name="临时交办").pk

    address = reverse("plan", args=[plan.pk]) + "?" + query.format(assisting=cast.assisting.pk, ad_hoc=ad_hoc)
    reply = secretariat.get(address)

    assert {row.title for row in reply.context["page"]} == titles
    assert ("没有符合条件的项目" in reply.content.decode()) == (not titles)


@pytest.mark.parametrize("rows", [1, 3])
def test_a_plan_asks_the_same_number_of_questions_for_any_number_of_rows(
    secretariat: CheckingClient, cast: Cast, django_assert_num_queries: DjangoAssertNumQueries, rows: int
) -> None:
    for place in range(rows):
        a_draft(cast, title=f"项目{place}")
    plan = a_plan(cast)

    with django_assert_num_queries(24):
        secretariat.get(reverse("plan", args=[plan.pk]))


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_of_plans_asks_the_same_number_of_questions(
    secretariat: CheckingClient, cast: Cast, django_assert_num_queries: DjangoAssertNumQueries, rows: int
) -> None:
    for year in range(2026, 2026 + rows):
        a_plan(cast, year=year)

    with django_assert_num_queries(10):
        secretariat.get(reverse("plans"))


# ── key tasks ────────────────────────────────────────────────────────────────


def test_a_key_task_is_registered_with_several_sources_and_decomposed_next(
    secretariat: CheckingClient, cast: Cast
) -> None:
    plan = a_plan(cast)

    reply = secretariat.post(reverse("key-task-new", args=[plan.pk]), a_key_task_form(cast, plan))

    draft = Project.objects.get()
    sources = list(draft.key_task.sources.order_by("id"))
    assert reply.headers["Location"] == reverse("project-decompose", args=[draft.pk])
    assert (draft.title, draft.lead_division, draft.person) == ("落实省委领导批示", cast.lead, cast.staff)
    assert (draft.due_on, draft.due_kind, draft.due_text) == (date(2026, 9, 30), DueKind.DATE, "9月底前")
    assert [(source.source_class.name, source.name) for source in sources] == [
        ("领导同志批示", "关于营商环境的批示"),
        ("党组会议决策", ""),
    ]
    assert sources[0].dated_on == date(2026, 2, 11)


def test_the_same_paper_is_one_source_of_several_key_tasks(secretariat: CheckingClient, cast: Cast) -> None:
    plan = a_plan(cast)
    for title in ("第一件", "第二件"):
        secretariat.post(reverse("key-task-new", args=[plan.pk]), a_key_task_form(cast, plan, **{"k-title": title}))

    assert KeyTask.objects.count() == 2
    assert Source.objects.filter(organization=cast.office).count() == 2


def test_the_form_shows_what_a_deadline_was_read_as(secretariat: CheckingClient, cast: Cast) -> None:
    plan = a_plan(cast)
    form = a_key_task_form(cast, plan, op="refresh")

    reply = secretariat.post(reverse("key-task-new", args=[plan.pk]), form, headers={"HX-Request": "true"})

    assert reply.status_code == 200
    assert "2026-09-30" in reply.content.decode()
    assert "<html" not in reply.content.decode()
    assert not KeyTask.objects.exists()


def test_one_more_line_for_a_source_keeps_what_was_typed(secretariat: CheckingClient, cast: Cast) -> None:
    plan = a_plan(cast)

    reply = secretariat.post(reverse("key-task-new", args=[plan.pk]), a_key_task_form(cast, plan, op="paper-add"))

    page = reply.content.decode()
    assert 'name="s-2-name"' in page
    assert "关于营商环境的批示" in page


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"k-title": " "}, "请写明重点任务"),
        ({"k-due": "抓紧"}, "读不出日期"),
        ({"k-category": "999999"}, "请在列表中选择"),
        ({"s-0-source_class": "", "s-1-source_class": ""}, "请选择来源类别"),
        ({"s-0-dated_on": "13月1日"}, "没有13月"),
        ({"papers": "1", "s-0-source_class": "", "s-0-name": "", "s-0-paper_number": "", "s-0-dated_on": ""}, "请至少写一个来源"),
    ],
)  # fmt: skip
def test_a_key_task_form_says_what_to_correct(
    secretariat: CheckingClient, cast: Cast, changed: dict[str, str], sentence: str
) -> None:
    plan = a_plan(cast)

    reply = secretariat.post(
        reverse("key-task-new", args=[plan.pk]), a_key_task_form(cast, plan, **{"k-number": "留着的序号"} | changed)
    )

    assert reply.status_code == 422
    assert sentence in reply.content.decode()
    assert "留着的序号" in reply.content.decode()
    assert not KeyTask.objects.exists()


def test_a_person_of_another_division_cannot_be_made_responsible(secretariat: CheckingClient, cast: Cast) -> None:
    plan = a_plan(cast)
    form = a_key_task_form(cast, plan, **{"k-person": str(cast.co_staff.pk)})

    reply = secretariat.post(reverse("key-task-new", args=[plan.pk]), form)

    assert reply.status_code == 422
    assert "孙科员不在经济委办公室，请重新选择责任人" in reply.content.decode()


def test_a_key_task_is_corrected_while_all_is_draft(secretariat: CheckingClient, cast: Cast) -> None:
    draft = a_draft(cast)
    plan, key_task = draft.plan, draft.key_task
    page = secretariat.get(reverse("key-task-edit", args=[key_task.pk])).content.decode()
    form = a_key_task_form(cast, plan, versions=f"{draft.pk}:{draft.version}")

    reply = secretariat.post(reverse("key-task-edit", args=[key_task.pk]), form)

    draft.refresh_from_db()
    key_task.refresh_from_db()
    assert f'name="versions" value="{draft.pk}:{draft.version - 1}"' in page
    assert reply.status_code == 302
    assert (key_task.title, draft.title) == ("落实省委领导批示", "落实省委领导批示")
    assert Event.objects.filter(verb="alter_key_task", project_id=draft.pk).count() == 1


def test_correcting_on_an_older_version_keeps_the_words(secretariat: CheckingClient, cast: Cast) -> None:
    draft = a_draft(cast)
    form = a_key_task_form(cast, draft.plan, versions=f"{draft.pk}:{draft.version - 1}")

    reply = secretariat.post(reverse("key-task-edit", args=[draft.key_task_id]), form)

    assert reply.status_code == 409
    assert "落实省委领导批示" in reply.content.decode()
    assert KeyTask.objects.get().title == draft.title


def test_a_key_task_of_a_dispatched_project_is_not_corrected(secretariat: CheckingClient, cast: Cast) -> None:
    row = project_at(ProjectState.DISPATCHED, cast)
    form = a_key_task_form(cast, row.plan, versions=f"{row.pk}:{row.version}")

    reply = secretariat.post(reverse("key-task-edit", args=[row.key_task_id]), form)

    assert reply.status_code == 409
    assert "已交办，重点任务不能再改" in reply.content.decode()
    assert "修改</a>" not in secretariat.get(reverse("key-task", args=[row.key_task_id])).content.decode()


def test_a_key_task_is_split_into_projects(secretariat: CheckingClient, cast: Cast) -> None:
    draft = a_draft(cast)
    address = reverse("key-task-add-project", args=[draft.key_task_id])

    blank = secretariat.post(address, {"title": " "})
    reply = secretariat.post(address, {"title": "第二个项目"})

    second = Project.objects.get(title="第二个项目")
    assert blank.status_code == 422
    assert reply.headers["Location"] == reverse("project-decompose", args=[second.pk])
    assert (second.key_task, second.lead_division, second.due_on) == (draft.key_task, cast.lead, draft.due_on)


def test_a_key_task_page_shows_sources_and_the_projects_one_may_see(
    new_client: type[CheckingClient], cast: Cast
) -> None:
    row, hidden = project_at(ProjectState.DISPATCHED, cast), a_draft(cast, title="全是草稿")
    browser = new_client()
    browser.force_login(cast.leader)

    page = browser.get(reverse("key-task", args=[row.key_task_id])).content.decode()
    missing = browser.get(reverse("key-task", args=[hidden.key_task_id]))

    assert "党组工作要点" in page
    assert row.number in page
    assert "增加项目" not in page
    assert missing.status_code == 404


@pytest.mark.parametrize("name", ["plan-new", "key-task-new", "key-task-edit", "key-task-add-project"])
def test_only_the_secretariat_finds_the_pages_that_write(
    new_client: type[CheckingClient], cast: Cast, name: str
) -> None:
    row = project_at(ProjectState.DISPATCHED, cast)
    pk = {"plan-new": [], "key-task-new": [row.plan_id]}.get(name, [row.key_task_id])
    found = set()
    for who, user in cast.everyone().items():
        browser = new_client()
        browser.force_login(user)
        if browser.post(reverse(name, args=pk)).status_code != 404:
            found.add(who)

    own = {"secretariat", "second_secretariat", "supervising_head"}
    assert found == (own | {"foreign_secretariat"} if name == "plan-new" else own)
