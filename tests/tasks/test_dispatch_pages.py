"""Bulk acts on drafts: shown before they are done, done for those that are complete, told for those left."""

from collections.abc import Iterator
from datetime import date

import pytest
import time_machine
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from accounts.models import Event, User
from cppcc_office.lib.errors import Refused
from tasks.actions import backfill, decomposition
from tasks.enums import ProjectState
from tasks.models import IssuedNumber, KeyTask, Milestone, Project
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


def chosen(*drafts: Project) -> dict[str, list[str]]:
    return {"chosen": [f"{draft.pk}:{draft.version}" for draft in drafts]}


def dispatch_url(cast: Cast) -> str:
    return reverse("plan-dispatch", args=[a_plan(cast).pk])


def confirm_url(cast: Cast) -> str:
    return reverse("plan-confirm", args=[a_plan(cast).pk])


def an_incomplete_draft(cast: Cast, title: str = "还缺责任人") -> Project:
    draft = a_draft(cast, title=title)
    Milestone.objects.filter(project=draft).update(person=None)
    return draft


# ── 交办 ─────────────────────────────────────────────────────────────────────


def test_the_preview_tells_apart_what_will_go_out_and_what_is_incomplete(
    secretariat: CheckingClient, cast: Cast
) -> None:
    ready, incomplete, other = a_draft(cast, title="齐全的"), an_incomplete_draft(cast), a_draft(cast, title="没勾的")

    page = secretariat.get(dispatch_url(cast), chosen(ready, incomplete)).content.decode()

    assert f'name="chosen" value="{ready.pk}:{ready.version}"' in page
    assert f'value="{incomplete.pk}:{incomplete.version}"' not in page
    assert "节点“第1步”没有责任人" in page
    assert "节点“第2步”没有责任人" in page
    assert other.title not in page
    assert "交办 1 项" in page
    assert not Project.objects.exclude(state=ProjectState.DRAFT).exists()


def test_all_drafts_of_the_plan_can_be_previewed_at_once(secretariat: CheckingClient, cast: Cast) -> None:
    drafts = [a_draft(cast, title=f"项目{place}") for place in range(3)]
    project_at(ProjectState.DISPATCHED, cast)

    reply = secretariat.get(dispatch_url(cast), {"which": "all"})

    assert reply.context["ready"] == drafts


def test_dispatching_says_how_many_with_their_numbers(secretariat: CheckingClient, cast: Cast) -> None:
    drafts = [a_draft(cast, title=f"项目{place}") for place in range(3)]

    reply = secretariat.post(dispatch_url(cast), chosen(*reversed(drafts)), follow=True)

    assert "已交办 3 项，编号 〔2026〕001号 至 〔2026〕003号。" in reply.content.decode()
    assert [Project.objects.get(pk=draft.pk).number for draft in drafts] == [
        "〔2026〕001号", "〔2026〕002号", "〔2026〕003号"
    ]  # fmt: skip


def test_what_changed_since_the_preview_is_left_and_told(secretariat: CheckingClient, cast: Cast) -> None:
    ready, changed = a_draft(cast, title="齐全的"), a_draft(cast, title="刚被改过的")
    form = chosen(ready, changed)
    decomposition.confirm_suggestions(changed, by=cast.second_secretariat, version=changed.version, now=NOW)

    page = secretariat.post(dispatch_url(cast), form, follow=True).content.decode()

    assert "已交办 1 项" in page
    assert "“刚被改过的”没有交办：您打开此页后有人改过，请刷新后再交办。" in page
    assert Project.objects.get(pk=changed.pk).state == ProjectState.DRAFT


def test_a_form_with_an_incomplete_draft_leaves_it(secretariat: CheckingClient, cast: Cast) -> None:
    incomplete = an_incomplete_draft(cast)

    page = secretariat.post(dispatch_url(cast), chosen(incomplete), follow=True).content.decode()

    assert "没有交办：节点“第1步”没有责任人；节点“第2步”没有责任人" in page
    assert not IssuedNumber.objects.exists()


def test_pressing_twice_dispatches_once(secretariat: CheckingClient, cast: Cast) -> None:
    form = chosen(a_draft(cast))

    secretariat.post(dispatch_url(cast), form)
    secretariat.post(dispatch_url(cast), form)

    assert Event.objects.filter(verb="dispatch_project").count() == 1
    assert IssuedNumber.objects.count() == 1


@pytest.mark.parametrize("form", [{}, {"chosen": "nonsense"}, {"chosen": "1"}, {"chosen": "-1:2"}])
def test_a_form_without_a_choice_says_so(secretariat: CheckingClient, cast: Cast, form: dict[str, str]) -> None:
    a_draft(cast)

    page = secretariat.post(dispatch_url(cast), form, follow=True).content.decode()

    assert "没有选择要交办的项目" in page


def test_a_draft_of_another_plan_is_not_dispatched_through_this_one(secretariat: CheckingClient, cast: Cast) -> None:
    draft = a_draft(cast)
    other = a_plan(cast, year=2027)

    secretariat.post(reverse("plan-dispatch", args=[other.pk]), chosen(draft))

    assert Project.objects.get(pk=draft.pk).state == ProjectState.DRAFT


@pytest.mark.parametrize("rows", [1, 3])
def test_the_preview_asks_the_same_number_of_questions(
    secretariat: CheckingClient, cast: Cast, django_assert_num_queries: DjangoAssertNumQueries, rows: int
) -> None:
    for place in range(rows):
        a_draft(cast, title=f"项目{place}")
    address = dispatch_url(cast)

    with django_assert_num_queries(16):
        secretariat.get(address, {"which": "all"})


# ── 确认推算时限 ─────────────────────────────────────────────────────────────


def test_suggested_dates_of_many_projects_are_shown_and_confirmed_together(
    secretariat: CheckingClient, cast: Cast
) -> None:
    first, second, certain = (a_draft(cast, title=title) for title in ("甲", "乙", "没有推算的"))
    Milestone.objects.filter(project__in=[first, second]).update(due_is_confirmed=False)

    preview = secretariat.get(confirm_url(cast), chosen(first, second, certain)).content.decode()
    reply = secretariat.post(confirm_url(cast), chosen(first, second), follow=True)

    assert "2 个项目 4 处" in preview
    assert "没有推算的" not in preview
    assert "已确认 2 项" in reply.content.decode()
    assert not Milestone.objects.filter(due_is_confirmed=False).exists()


def test_nothing_to_confirm_is_said(secretariat: CheckingClient, cast: Cast) -> None:
    draft = a_draft(cast)

    page = secretariat.get(confirm_url(cast), chosen(draft)).content.decode()

    assert "所选项目没有要确认的" in page


# ── 删除 ─────────────────────────────────────────────────────────────────────


def test_a_draft_is_deleted_after_a_question_with_its_key_task(secretariat: CheckingClient, cast: Cast) -> None:
    draft = a_draft(cast)
    address = reverse("project-delete", args=[draft.pk])

    question = secretariat.get(address).content.decode()
    reply = secretariat.post(address, {"version": draft.version})

    assert "2 个节点一起删除" in question
    assert "重点任务随之删除" in question
    assert reply.headers["Location"] == reverse("plan", args=[draft.plan_id])
    assert not Project.objects.exists()
    assert not KeyTask.objects.exists()


@pytest.mark.parametrize("version", ["1", "", "x", "99999999999999"])
def test_a_draft_changed_since_the_question_is_not_deleted(
    secretariat: CheckingClient, cast: Cast, version: str
) -> None:
    draft = a_draft(cast)

    reply = secretariat.post(reverse("project-delete", args=[draft.pk]), {"version": version})

    assert reply.status_code == 409
    assert Project.objects.filter(pk=draft.pk).exists()


def test_a_dispatched_project_is_not_deleted(secretariat: CheckingClient, cast: Cast) -> None:
    row = project_at(ProjectState.DISPATCHED, cast)
    address = reverse("project-delete", args=[row.pk])

    page = secretariat.get(address).content.decode()
    reply = secretariat.post(address, {"version": row.version})

    assert "已交办的项目不能删除" in page
    assert reply.status_code == 409


# ── 补录交办 ─────────────────────────────────────────────────────────────────


def test_an_earlier_dispatch_is_recorded_with_its_day_and_reason(secretariat: CheckingClient, cast: Cast) -> None:
    draft = a_draft(cast)
    form = {"version": draft.version, "effective_on": "2026-02-25", "reason": "系统启用前已交办"}

    reply = secretariat.post(reverse("project-backfill-dispatch", args=[draft.pk]), form, follow=True)

    draft.refresh_from_db()
    assert "已补录交办" in reply.content.decode()
    assert (draft.dispatched_on, draft.is_backfilled, draft.number) == (date(2026, 2, 25), True, "〔2026〕001号")


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"effective_on": "2026-03-05"}, "日期不能晚于今天"),
        ({"effective_on": "昨天"}, "请写成 2026-03-01 这样的日期"),
        ({"reason": ""}, "请写明补录理由"),
    ],
)
def test_a_backfill_form_says_what_to_correct(
    secretariat: CheckingClient, cast: Cast, changed: dict[str, str], sentence: str
) -> None:
    draft = a_draft(cast)
    form = {"version": str(draft.version), "effective_on": "2026-02-25", "reason": "系统启用前已交办"} | changed

    reply = secretariat.post(reverse("project-backfill-dispatch", args=[draft.pk]), form)

    assert reply.status_code == 422
    assert sentence in reply.content.decode()
    assert Project.objects.get(pk=draft.pk).state == ProjectState.DRAFT


def backfill_url(cast: Cast) -> str:
    return reverse("plan-backfill", args=[a_plan(cast).pk])


EARLIER = {"effective_on": "2026-02-25", "reason": "系统启用前已交办"}


def past_drafts(cast: Cast) -> list[Project]:
    """Two whose first steps were due before today: on 10 and on 20 February."""
    drafts = [a_draft(cast, title=f"旧项目{place}") for place in range(2)]
    for draft, due_on in zip(drafts, (date(2026, 2, 10), date(2026, 2, 20)), strict=True):
        Project.objects.filter(pk=draft.pk).update(start_on=date(2026, 1, 5))
        Milestone.objects.filter(project=draft, title="第1步").update(due_on=due_on)
    return [Project.objects.get(pk=draft.pk) for draft in drafts]


def test_many_are_looked_at_by_their_day_before_they_are_recorded(secretariat: CheckingClient, cast: Cast) -> None:
    first, second = past_drafts(cast)
    incomplete = an_incomplete_draft(cast)
    form = chosen(first, second, incomplete) | EARLIER | {"effective_on": "2026-02-15", "look": "1"}

    page = secretariat.get(backfill_url(cast), chosen(first, second, incomplete)).content.decode()
    looked = secretariat.post(backfill_url(cast), form)

    assert "没有责任人" in page
    assert "已过" not in page
    assert looked.context["ready"] == [second]
    assert [gap.words for gap in dict(looked.context["incomplete"])[first]] == [
        "节点“第1步”的时限 2026-02-10 已过，请改期"
    ]
    assert "补录交办 1 项" in looked.content.decode()
    assert not Project.objects.exclude(state=ProjectState.DRAFT).exists()


def test_many_are_recorded_with_one_day_and_one_reason(secretariat: CheckingClient, cast: Cast) -> None:
    form = chosen(*past_drafts(cast)) | EARLIER | {"effective_on": "2026-02-02"}

    page = secretariat.post(backfill_url(cast), form, follow=True).content.decode()

    assert "已补录交办 2 项，编号 〔2026〕001号 至 〔2026〕002号。" in page
    for row in Project.objects.all():
        assert (row.state, row.dispatched_on, row.is_backfilled) == (ProjectState.IN_PROGRESS, date(2026, 2, 2), True)
        events = Event.objects.filter(project_id=row.pk, effective_on=date(2026, 2, 2))
        assert {event.verb for event in events} == {"dispatch_project", "backfill_receive"}
        assert all(event.words.startswith("补录：2026-02-02") for event in events)


def test_what_was_found_incomplete_is_looked_at_again_with_another_day(secretariat: CheckingClient, cast: Cast) -> None:
    first, second = past_drafts(cast)
    form = EARLIER | {"effective_on": "2026-02-02", "look": "1"} | chosen(second)

    looked = secretariat.post(backfill_url(cast), form | {"waiting": chosen(first)["chosen"]})

    assert looked.context["ready"] == [first, second]


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [({"effective_on": "2026-03-05"}, "日期不能晚于今天"), ({"reason": ""}, "请写明补录理由")],
)
def test_nothing_is_recorded_without_day_and_reason(
    secretariat: CheckingClient, cast: Cast, changed: dict[str, str], sentence: str
) -> None:
    form = chosen(*past_drafts(cast)) | EARLIER | changed

    reply = secretariat.post(backfill_url(cast), form)

    assert reply.status_code == 422
    assert sentence in reply.content.decode()
    assert len(reply.context["ready"]) == 2
    assert not Project.objects.exclude(state=ProjectState.DRAFT).exists()


def test_in_bulk_each_is_checked_and_told(cast: Cast) -> None:
    late, ready = past_drafts(cast)
    incomplete, changed = an_incomplete_draft(cast), a_draft(cast, title="刚被改过的")
    dispatched = project_at(ProjectState.DISPATCHED, cast)
    rows = [(row, row.version) for row in (ready, late, incomplete, dispatched)] + [(changed, changed.version - 1)]

    def told(by: User) -> list[list[str]]:
        outcome = backfill.backfill_dispatch_projects(
            rows, by=by, effective_on=date(2026, 2, 15), reason="原已交办", now=NOW
        )
        return [bars for _, bars in outcome.left]

    assert ["只有督办人员可以补录" in bars for bars in told(cast.head)] == [True] * 5
    assert [bars[:2] for bars in told(cast.secretariat)] == [
        ["节点“第1步”的时限 2026-02-10 已过，请改期"],
        ["节点“第1步”没有责任人", "节点“第2步”没有责任人"],
        ["已交办的项目不能再补录交办"],
        ["您打开此页后有人改过，请刷新后再补录"],
    ]
    assert Project.objects.get(pk=ready.pk).state == ProjectState.IN_PROGRESS


def test_nothing_is_recorded_of_a_day_before_the_dispatch(cast: Cast) -> None:
    row = project_at(ProjectState.IN_PROGRESS, cast)

    with pytest.raises(Refused, match="早于交办日期 2026-03-04"):
        backfill.backfill_entry(
            row,
            by=cast.secretariat,
            version=row.version,
            situation="已办",
            effective_on=date(2026, 3, 3),
            reason="补记",
            now=NOW,
        )


@pytest.mark.parametrize(
    "name", ["plan-dispatch", "plan-backfill", "plan-confirm", "project-delete", "project-backfill-dispatch"]
)
@pytest.mark.parametrize("method", ["get", "post"])
def test_only_the_secretariat_finds_these_pages(
    new_client: type[CheckingClient], cast: Cast, name: str, method: str
) -> None:
    row = project_at(ProjectState.DISPATCHED, cast)
    pk = row.plan_id if name.startswith("plan") else row.pk
    found = set()
    for who, user in cast.everyone().items():
        browser = new_client()
        browser.force_login(user)
        if getattr(browser, method)(reverse(name, args=[pk])).status_code != 404:
            found.add(who)

    assert found == {"secretariat", "second_secretariat", "supervising_head"}
