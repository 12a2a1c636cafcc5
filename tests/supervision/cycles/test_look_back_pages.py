"""The pages of 半年回头看: the list, a verdict in place and on a page, the draw made anew, the report."""

from collections.abc import Iterator

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from accounts.models import User
from supervision.cycles.actions.look_back import judge_item
from supervision.cycles.enums import Choice, Verdict
from supervision.cycles.models import CycleRun, LookBackItem
from tasks.actions.changes.deciding import agree_change, decline_change
from tasks.enums import ChangeState, CloseOutState, Effect, ProjectState
from tasks.models import ChangeRequest, CloseOut, Project
from tests.pages import CheckingClient
from tests.remembered import remembered
from tests.supervision.cycles.looking_back import (
    JULY,
    MEND_BY,
    a_looked_back,
    closed,
    item_of,
    listed,
    mending,
    overdue,
    rule_made,
)
from tests.tasks.company import Company, make_company
from tests.walks import project_at

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def the_day() -> Iterator[None]:
    with time_machine.travel(JULY, tick=False):
        yield


@pytest.fixture
def company() -> Company:
    return make_company()


def signed_in(user: User) -> CheckingClient:
    client = CheckingClient()
    client.force_login(user)
    return client


def text(client: Client, url: str, status: int = 200, *, headers: dict[str, str] | None = None) -> str:
    response = client.get(url, headers=headers)
    assert response.status_code == status
    return response.content.decode()


@remembered
def all_kinds(company: Company) -> CycleRun:
    row = closed(company)
    closed(company, Effect.EXCELLENT)
    closed(company, is_late=True)
    overdue(company)
    rule_made(company, row)
    return listed(company)


def rebound(item: LookBackItem, company: Company) -> LookBackItem:
    return judge_item(
        item,
        verdict=Verdict.REBOUND,
        words="问题反复",
        mending=mending(company),
        by=company.secretariat,
        version=item.version,
        now=JULY,
    )


def rectify(item: LookBackItem, company: Company) -> LookBackItem:
    return judge_item(
        item,
        verdict=Verdict.RECTIFY,
        words="佐证材料未归档",
        mending=mending(company),
        by=company.secretariat,
        version=item.version,
        now=JULY,
    )


def typed(item: LookBackItem, company: Company, **fields: str) -> dict[str, str]:
    given = {
        "version": str(item.version),
        "verdict": "RECTIFY",
        "words": "佐证材料未归档",
        "duty": f"{company.lead.pk}:{company.staff.pk}",
        "due_on": MEND_BY.isoformat(),
        "deliverable": "整改报告",
    }
    return given | fields


# ── the list ─────────────────────────────────────────────────────────────────


def test_the_list_says_why_each_thing_is_on_it(company: Company) -> None:
    run = all_kinds(company)

    page = text(signed_in(company.secretariat), reverse("look-back", args=[run.pk]))

    for words in ("2026年上半年回头看", "评为优", "逾期 5 天销号", "全部列入", "期末逾期 21 个工作日", "提案督办办法"):
        assert words in page
    for group in ("评为优", "逾期销号", "其他销号", "逾期未销号", "制度执行"):
        assert f"<strong>{group}</strong>" in page
    assert "0 / 5" in page
    assert page.count("作结论<span") == 5


def test_what_came_of_verdicts_stands_beside_them_as_it_is_now(company: Company) -> None:
    row = closed(company)
    overdue(company)
    rule_made(company, row)
    run = listed(company)
    rectify(item_of(run, Choice.RULE), company)
    rebound(item_of(run, Choice.SAMPLE), company)
    changed = rectify(item_of(run, Choice.OVERDUE), company).change
    assert changed is not None
    changed.project.refresh_from_db()
    agree_change(changed, by=company.second_secretariat, version=changed.project.version, now=JULY)

    page = text(signed_in(company.secretariat), reverse("look-back", args=[run.pk]))

    for words in ("另立事项 〔2026〕", "已交办", "撤销销号申请", "待决定", "调整申请", "已同意 · 整改节点未开始"):
        assert words in page
    assert "经济委办公室 吴科员 · " in page
    assert "3 / 3" in page


def test_a_sample_says_that_anybody_can_draw_again(company: Company) -> None:
    for _ in range(3):
        closed(company)
    run = listed(company, percent=50)

    page = text(signed_in(company.leader), reverse("look-back", args=[run.pk]))

    assert "抽取 50%" in page
    assert "谁都可以复算" in page
    assert "<strong>抽取</strong>" in page


@pytest.mark.parametrize(
    ("query", "count"),
    [("choice=RULE", 1), ("verdict=RECTIFY", 1), ("verdict=none", 4), ("division=%d", 5), ("verdict=REBOUND", 0)],
)
def test_the_list_is_narrowed_by_the_address(company: Company, query: str, count: int) -> None:
    run = all_kinds(company)
    rectify(item_of(run, Choice.RULE), company)
    query = query % company.lead.pk if "%d" in query else query

    page = text(signed_in(company.secretariat), f"{reverse('look-back', args=[run.pk])}?{query}")

    assert page.count('<tr id="item-') == count
    assert ("没有符合条件的事项" in page) == (count == 0)


def test_nothing_to_look_back_at_is_said(company: Company) -> None:
    run = listed(company)

    assert "这半年没有要回头看的" in text(signed_in(company.secretariat), reverse("look-back", args=[run.pk]))
    assert "本处室没有要回头看的" in text(signed_in(company.outside_head), reverse("look-back", args=[run.pk]))


def test_a_list_of_many_goes_on_and_prints_whole(company: Company) -> None:
    run = all_kinds(company)
    row = Project.objects.filter(state="CLOSED").first()
    assert row is not None
    item = item_of(run, Choice.SAMPLE)
    LookBackItem.objects.filter(pk=item.pk).delete()
    results = [rule_made(company, row, title=f"办法{n}") for n in range(1)]
    assert results
    client = signed_in(company.secretariat)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("supervision.cycles.views.look_back.PER_PAGE", 2)
        first, second = (text(client, f"{reverse('look-back', args=[run.pk])}?page={n}") for n in (1, 2))
        whole = text(client, f"{reverse('look-back', args=[run.pk])}?print=1")

    assert (first.count('<tr id="item-'), second.count('<tr id="item-'), whole.count('<tr id="item-')) == (2, 2, 4)
    assert "第 1 / 2 页" in first


def test_a_head_reads_his_own_items_only(company: Company) -> None:
    run = all_kinds(company)

    own = text(signed_in(company.head), reverse("look-back", args=[run.pk]))
    other = text(signed_in(company.outside_head), reverse("look-back", args=[run.pk]))

    assert own.count('<tr id="item-') == 5
    assert other.count('<tr id="item-') == 0
    assert "作结论<span" not in own
    assert reverse("look-back-report", args=[run.pk]) not in own


def test_what_bars_a_person_is_said_on_the_row(company: Company) -> None:
    row = closed(company)
    rule_made(company, row, by=company.secretariat)
    run = listed(company)

    page = text(signed_in(company.secretariat), reverse("look-back", args=[run.pk]))

    assert "您填报、审核或代填过本项目" in page
    assert "作结论<span" not in page


def test_leaders_find_the_control_where_they_judge(company: Company) -> None:
    closed(company, own=True)
    closed(company)
    run = listed(company)

    assert text(signed_in(company.leader), reverse("look-back", args=[run.pk])).count("作结论<span") == 1
    secretariat = text(signed_in(company.secretariat), reverse("look-back", args=[run.pk]))
    assert secretariat.count("作结论<span") == 1


def test_a_closed_look_back_offers_nothing(company: Company) -> None:
    run = all_kinds(company)
    CycleRun.objects.filter(pk=run.pk).update(closed_at=JULY, closed_by=company.secretariat)

    page = text(signed_in(company.secretariat), reverse("look-back", args=[run.pk]))

    assert "办结，结论不再修改" in page
    assert "作结论<span" not in page


# ── a verdict ────────────────────────────────────────────────────────────────


def test_a_verdict_without_script(company: Company) -> None:
    closed(company)
    run = listed(company)
    item, client = item_of(run, Choice.SAMPLE), signed_in(company.secretariat)
    url = reverse("look-back-item", args=[item.pk])
    assert "<!doctype html>" in text(client, url)

    response = client.post(url, typed(item, company))

    assert response.status_code == 302
    assert response.headers["Location"] == f"{reverse('look-back', args=[run.pk])}#item-{item.pk}"
    item.refresh_from_db()
    assert (item.verdict, item.words) == ("RECTIFY", "佐证材料未归档")
    assert item.follow_up is not None


def test_a_verdict_in_place_brings_back_the_row_and_the_progress(company: Company) -> None:
    closed(company)
    item = item_of(listed(company), Choice.SAMPLE)
    client, url = signed_in(company.secretariat), reverse("look-back-item", args=[item.pk])
    opened = text(client, url, headers={"HX-Request": "true"})

    answer = client.post(url, typed(item, company, verdict="CONSOLIDATE", words=""), headers={"HX-Request": "true"})

    assert opened.lstrip().startswith(f'<tr id="item-{item.pk}" class="lb-open">')
    body = answer.content.decode()
    assert body.lstrip().startswith(f'<tr id="item-{item.pk}" tabindex="-1" autofocus>')
    assert 'hx-swap-oob="true"' in body
    assert "1 / 1" in body
    assert "改结论" in body


def test_taking_it_back_brings_the_row(company: Company) -> None:
    closed(company)
    item = item_of(listed(company), Choice.SAMPLE)
    url = reverse("look-back-item", args=[item.pk])

    page = text(signed_in(company.secretariat), f"{url}?as=row", headers={"HX-Request": "true"})

    assert page.lstrip().startswith(f'<tr id="item-{item.pk}" tabindex="-1" autofocus>')
    assert "hx-swap-oob" not in page


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"verdict": ""}, "请选择结论"),
        ({"words": " "}, "请写明回头看情况"),
        ({"duty": ""}, "请选择责任处室和责任人"),
        ({"duty": "1:99999"}, "请在列表中选择"),
        ({"due_on": ""}, "请写明整改时限"),
        ({"due_on": "明天"}, "日期写成"),
        ({"words": "长" * 501}, "最多 500 字"),
    ],
)
def test_what_is_wrong_is_said_under_its_field(company: Company, fields: dict[str, str], words: str) -> None:
    closed(company)
    item = item_of(listed(company), Choice.SAMPLE)

    response = signed_in(company.secretariat).post(
        reverse("look-back-item", args=[item.pk]), typed(item, company, **fields), headers={"HX-Request": "true"}
    )

    assert response.status_code == 422
    body = response.content.decode()
    assert words in body
    assert "整改报告" in body  # what was typed is kept


def test_one_who_had_a_hand_in_it_is_told_before_he_writes(company: Company) -> None:
    closed(company, own=True)
    item = item_of(listed(company), Choice.SAMPLE)
    client, url = signed_in(company.secretariat), reverse("look-back-item", args=[item.pk])

    assert "现在不能回头看结论：督办处自己牵头的项目，由领导作回头看结论" in text(client, url)
    assert client.post(url, {"version": "1", "verdict": "CONSOLIDATE"}).status_code == 409


def test_a_suspended_project_says_that_it_is_to_be_resumed_first(company: Company) -> None:
    item = a_looked_back(project_at(ProjectState.SUSPENDED, company))
    client = signed_in(company.second_secretariat)

    arranging = text(client, reverse("look-back-arrange", args=[item.pk]))
    LookBackItem.objects.filter(pk=item.pk).update(verdict="", words="", checked_by=None, checked_at=None)
    judging = text(client, reverse("look-back-item", args=[item.pk]))

    for page in (arranging, judging):
        assert "现在不能交办整改：暂缓的项目不能申请调整。" in page
        assert "“申请恢复”，恢复后再作整改结论" in page
    assert "巩固现在可以作" in judging


def test_a_running_project_is_mended_without_more_words(company: Company) -> None:
    item = a_looked_back(project_at(ProjectState.IN_PROGRESS, company))

    page = text(signed_in(company.second_secretariat), reverse("look-back-arrange", args=[item.pk]))

    assert "现在不能交办整改" not in page


def test_a_leader_judges_and_the_secretariat_puts_in_hand(company: Company) -> None:
    closed(company, own=True)
    run = listed(company)
    item = item_of(run, Choice.SAMPLE)
    leader, secretariat = signed_in(company.leader), signed_in(company.secretariat)
    judged = {"version": "1", "verdict": "RECTIFY", "words": "请补充佐证材料"}
    assert leader.post(reverse("look-back-item", args=[item.pk]), judged).status_code == 302
    listed_page = text(secretariat, reverse("look-back", args=[run.pk]))
    url = reverse("look-back-arrange", args=[item.pk])
    assert "整改待交办" in text(leader, reverse("look-back", args=[run.pk]))
    assert url in listed_page
    assert "请补充佐证材料" in text(secretariat, url)
    given = {"version": "2", "duty": f"{company.supervising.pk}:{company.secretariat.pk}", "due_on": "2026-08-31"}

    assert secretariat.post(url, given | {"due_on": ""}).status_code == 422
    past = secretariat.post(url, given | {"due_on": "2026-01-01"})
    assert past.status_code == 422
    assert "整改时限已过，请改为今天或以后" in past.content.decode()
    assert secretariat.post(url, given).status_code == 302

    item.refresh_from_db()
    assert item.follow_up is not None


def test_the_second_of_two_is_shown_what_the_first_found(company: Company) -> None:
    closed(company)
    item = item_of(listed(company), Choice.SAMPLE)
    given = typed(item, company)
    rectify(item, company)

    response = signed_in(company.second_secretariat).post(reverse("look-back-item", args=[item.pk]), given)

    assert response.status_code == 409
    body = response.content.decode()
    assert "整改：佐证材料未归档" in body


# ── the draw, the report ─────────────────────────────────────────────────────


def test_the_draw_is_made_again_and_compared(company: Company) -> None:
    for _ in range(3):
        closed(company)
    run = listed(company, percent=34)
    client, url = signed_in(company.leader), reverse("look-back-sample", args=[run.pk])

    page = text(client, url)
    LookBackItem.objects.filter(run=run).first().delete()  # type: ignore[union-attr]  # there are two
    other = text(client, url)

    assert "复算与清单一致：期内销号 3 项，抽中 2 项" in page
    assert "office 2026-01-01 2026-06-30" in page
    assert "复算与清单有 1 处不同" in other
    assert '<span class="tag tag-line">不同</span>' in other


def test_what_is_listed_but_no_longer_closed_is_told(company: Company) -> None:
    closed(company)
    run = listed(company)
    CloseOut.objects.update(state=CloseOutState.VOID)

    page = text(signed_in(company.secretariat), reverse("look-back-sample", args=[run.pk]))

    assert "清单有、已不在范围的" in page
    assert "去重新运行" in page


def test_the_report_counts_and_lists(company: Company) -> None:
    run = all_kinds(company)
    rectify(item_of(run, Choice.LATE), company)
    rebound(item_of(run, Choice.SAMPLE), company)
    rectify(item_of(run, Choice.RULE), company)

    page = text(signed_in(company.leader), reverse("look-back-report", args=[run.pk]))

    for words in (
        "回头看 <b>5</b> 项",
        "未作结论 <b>2</b> 项",
        "吴科员",
        "8月31日",
        "提案督办办法",
        "还有 2 项没有作结论",
    ):
        assert words in page
    assert "办结本次回头看" not in page


def test_a_declined_rebound_is_told_as_open_in_the_report(company: Company) -> None:
    row = closed(company)
    run = listed(company)
    rebound(item_of(run, Choice.SAMPLE), company)
    row.refresh_from_db()
    decline_change(ChangeRequest.objects.get(), by=company.leader, version=row.version, note="未见反弹", now=JULY)

    page = text(signed_in(company.secretariat), reverse("look-back-report", args=[run.pk]))

    assert "整改待交办（撤销销号申请不同意）" in page
    assert ChangeRequest.objects.get().state == ChangeState.DECLINED


def test_the_run_is_closed_when_everything_is_judged(company: Company) -> None:
    closed(company)
    run = listed(company)
    client, url = signed_in(company.secretariat), reverse("cycle-close", args=[run.pk])
    assert client.post(url, {"version": str(run.version)}).status_code == 409
    judge_item(
        item_of(run, Choice.SAMPLE),
        verdict=Verdict.CONSOLIDATE,
        by=company.secretariat,
        version=1,
        now=JULY,
    )
    assert "办结本次回头看" in text(client, reverse("look-back-report", args=[run.pk]))
    assert "办结本次回头看" not in text(signed_in(company.leader), reverse("look-back-report", args=[run.pk]))

    client.post(url, {"version": str(run.version)})

    run.refresh_from_db()
    assert run.is_closed


# ── queries ──────────────────────────────────────────────────────────────────


def with_rows(company: Company, count: int) -> CycleRun:
    for _ in range(count):
        rule_made(company, closed(company))
        overdue(company)
    run = listed(company)
    for item in run.look_back_items.all():
        rectify(item, company)
    return run


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize(("name", "queries"), [("look-back", 24), ("look-back-report", 20), ("look-back-sample", 14)])
def test_a_page_asks_no_more_for_three(
    company: Company, count: int, name: str, queries: int, django_assert_num_queries: object
) -> None:
    run = with_rows(company, count)
    client = signed_in(company.secretariat)
    client.get(reverse(name, args=[run.pk]))  # what is remembered of the office's rules

    with django_assert_num_queries(queries):  # type: ignore[operator]  # the fixture has no type
        client.get(reverse(name, args=[run.pk]))
