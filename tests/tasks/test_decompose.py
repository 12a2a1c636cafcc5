"""The decomposition page: what is typed is kept, rearranged, told what is missing, and written whole or not at all."""

import re
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

import pytest
import time_machine
from django.http import QueryDict
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from accounts.enums import Outcome
from accounts.models import Event
from tasks.actions import decomposition, project
from tasks.enums import DueKind, ProjectState
from tasks.forms.decompose_tree import TypedTree, typed_from
from tasks.models import Milestone, Project, Target
from tests.cast import NOW, SHANGHAI, Cast, make_cast
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


def url_of(draft: Project) -> str:
    return reverse("project-decompose", args=[draft.pk])


def typed(draft: Project) -> TypedTree:
    """The form as the page shows it first, ready to be changed and posted."""
    tree = TypedTree(typed_from(decomposition.draft_of(draft), year=draft.plan.year))
    tree.data["version"] = str(draft.version)
    return tree


def post(client: CheckingClient, draft: Project, tree: TypedTree, op: str = "save", **extra: str) -> Any:
    body = tree.data.copy()
    body["op"] = op
    return client.post(url_of(draft), body.urlencode(), content_type="application/x-www-form-urlencoded", headers=extra)


def shown(html: str) -> TypedTree:
    """The form as a reply shows it: fields read back from the HTML, in order."""
    data = QueryDict(mutable=True)
    form = html[html.index('id="decompose"') :]
    for tag in re.findall(r"<input\b[^>]*>", form):
        name, value = re.search(r'name="([^"]+)"', tag), re.search(r'value="([^"]*)"', tag)
        if name and (" checked" in tag or 'type="checkbox"' not in tag):
            data.appendlist(name[1], value[1] if value else "on")
    for name, body in re.findall(r'<select\b[^>]*name="([^"]+)"[^>]*>(.*?)</select>', form, re.DOTALL):
        for value in re.findall(r'<option value="([^"]*)" selected', body):
            data.appendlist(name, value)
    for name, body in re.findall(r'<textarea\b[^>]*name="([^"]+)"[^>]*>(.*?)</textarea>', form, re.DOTALL):
        data.appendlist(name, body)
    return TypedTree(data)


def a_big_draft(cast: Cast) -> Project:
    draft = a_draft(cast)
    tree = decomposition.draft_of(draft)
    tree.targets = [
        decomposition.TargetDraft(
            statement=f"目标{place}",
            weight=place + 1,
            milestones=[
                decomposition.MilestoneDraft(
                    title=f"目标{place}第{step}步",
                    deliverable=f"报告{step}份",
                    checklist="调研\n起草" if step == 0 else "",
                    weight=step + 1,
                    division_id=cast.lead.pk,
                    person_id=cast.staff.pk,
                    co_division_ids=[cast.assisting.pk] if step == 1 else [],
                    due_on=date(2026, 4 + step % 6, 10 + place),
                    due_is_confirmed=step != 2,
                    is_recurring=step == 3,
                )
                for step in range(6)
            ],
        )
        for place in range(5)
    ]
    return decomposition.save_decomposition(draft, tree, by=cast.secretariat, version=draft.version, now=NOW)


# ── round trip ───────────────────────────────────────────────────────────────


def test_a_tree_of_5_targets_and_30_milestones_comes_back_from_the_page_as_it_was(
    secretariat: CheckingClient, cast: Cast
) -> None:
    draft = a_big_draft(cast)
    before = decomposition.draft_of(draft)

    page = secretariat.get(url_of(draft)).content.decode()
    reply = post(secretariat, draft, shown(page))

    assert reply.status_code == 302
    draft.refresh_from_db()
    assert decomposition.draft_of(draft) == before
    assert Milestone.objects.filter(project=draft).count() == 30
    assert draft.version == 4


def test_ops_rearrange_what_was_typed_and_write_nothing(secretariat: CheckingClient, cast: Cast) -> None:
    draft = a_draft(cast)
    first, second = typed(draft).all_milestones()
    tree = typed(draft)
    tree.put(f"m-{first}", title="改过、还没保存的名称")

    moved = post(secretariat, draft, tree, f"milestone-down:{first}")

    after = shown(moved.content.decode())
    assert moved.status_code == 200
    assert after.all_milestones() == [second, first]
    assert after.get(f"m-{first}-title") == "改过、还没保存的名称"
    assert "有未保存的改动" in moved.content.decode()
    assert Milestone.objects.get(pk=first).title == "第1步"


def test_an_op_asked_for_by_htmx_is_answered_with_the_form_alone(secretariat: CheckingClient, cast: Cast) -> None:
    draft = a_draft(cast)

    reply = post(secretariat, draft, typed(draft), "target-add", **{"HX-Request": "true"})

    assert "<html" not in reply.content.decode()
    assert len(shown(reply.content.decode()).targets) == 2


def test_what_ops_made_is_saved_in_its_order(secretariat: CheckingClient, cast: Cast) -> None:
    draft = a_draft(cast)
    tree = typed(draft)
    target = tree.targets[0]
    first, second = tree.milestones(target)
    tree = shown(post(secretariat, draft, tree, f"milestone-split:{first}").content.decode())
    copy = tree.milestones(target)[1]
    tree.put(f"m-{copy}", title="拆出来的一步")
    tree = shown(post(secretariat, draft, tree, "target-add").content.decode())
    other = tree.targets[1]
    blank = tree.milestones(other)[0]
    tree.put(f"t-{other}", statement="召开专题协商会")
    tree = shown(post(secretariat, draft, tree, f"milestone-delete:{blank}").content.decode())
    tree.put(f"m-{second}", to=other)
    tree = shown(post(secretariat, draft, tree, f"milestone-move:{second}").content.decode())
    tree = shown(post(secretariat, draft, tree, f"target-up:{other}").content.decode())

    post(secretariat, draft, tree)

    saved = [
        (row.statement, [node.title for node in row.milestones.all()]) for row in Target.objects.filter(project=draft)
    ]
    assert saved == [("召开专题协商会", ["第2步"]), ("形成协商报告", ["第1步", "拆出来的一步"])]
    assert Milestone.objects.get(title="拆出来的一步").person == cast.staff
    assert Milestone.objects.get(title="第2步").pk == int(second)


def test_a_row_made_after_one_was_deleted_takes_nothing_from_it(secretariat: CheckingClient, cast: Cast) -> None:
    draft = a_draft(cast)
    tree = typed(draft)
    target = tree.targets[0]
    tree.add_milestone(target)
    gone = tree.milestones(target)[-1]
    tree.put(f"m-{gone}", title="不要了", due="2026-05-01")
    tree.drop(f"t-{target}-nodes", gone)

    tree.add_milestone(target)

    fresh = tree.milestones(target)[-1]
    assert tree.get(f"m-{fresh}-title") == ""
    assert tree.get(f"m-{fresh}-due") == ""


@pytest.mark.parametrize("op", ["milestone-up:999", "target-delete:n7", "milestone-move:x", "nonsense", "spread:1"])
def test_an_op_about_nothing_changes_nothing(secretariat: CheckingClient, cast: Cast, op: str) -> None:
    draft = a_draft(cast)
    tree = typed(draft)

    reply = post(secretariat, draft, tree, op)

    assert reply.status_code == 200
    assert shown(reply.content.decode()).all_milestones() == tree.all_milestones()


# ── dates ────────────────────────────────────────────────────────────────────


def test_deadlines_in_the_words_of_papers_are_read_and_shown(secretariat: CheckingClient, cast: Cast) -> None:
    draft = a_draft(cast)
    tree = typed(draft)
    first = tree.all_milestones()[0]
    tree.put("p", due="10月底前")
    tree.put(f"m-{first}", due="6月底前")

    page = post(secretariat, draft, tree, "refresh").content.decode()
    post(secretariat, draft, tree)

    draft.refresh_from_db()
    assert "2026-06-30" in page
    assert draft.due_on == date(2026, 10, 31)
    assert draft.due_text == "10月底前"
    assert Milestone.objects.get(pk=first).due_on == date(2026, 6, 30)


def test_the_words_of_the_paper_outlive_a_saving_that_leaves_the_date(secretariat: CheckingClient, cast: Cast) -> None:
    draft = a_draft(cast)
    tree = typed(draft)
    tree.put("p", due="10月底前")
    post(secretariat, draft, tree)
    draft.refresh_from_db()

    page = secretariat.get(url_of(draft)).content.decode()
    post(secretariat, draft, shown(page))

    draft.refresh_from_db()
    assert (draft.due_on, draft.due_text, draft.version) == (date(2026, 10, 31), "10月底前", 4)


def test_spreading_suggests_dates_that_must_be_confirmed(secretariat: CheckingClient, cast: Cast) -> None:
    draft = a_draft(cast, milestones=4)
    tree = typed(draft)
    for node in tree.all_milestones():
        tree.put(f"m-{node}", due="")

    page = post(secretariat, draft, tree, "spread").content.decode()
    post(secretariat, draft, shown(page))

    nodes = list(Milestone.objects.filter(project=draft))
    assert [node.due_is_confirmed for node in nodes] == [False, False, False, True]
    assert nodes[-1].due_on == draft.due_on
    assert [node.due_on for node in nodes] == sorted(node.due_on or date.min for node in nodes)
    assert "是推算的，尚未确认" in page


def test_spreading_leaves_a_date_that_a_person_wrote(secretariat: CheckingClient, cast: Cast) -> None:
    draft = a_draft(cast, milestones=3)
    tree = typed(draft)
    first, second, third = tree.all_milestones()
    tree.put(f"m-{first}", due="")
    tree.put(f"m-{third}", due="")
    tree.put(f"m-{second}", due="5月20日")

    after = shown(post(secretariat, draft, tree, "spread").content.decode())

    assert after.get(f"m-{second}-due") == "5月20日"
    assert "2026-03-04" < after.get(f"m-{first}-due") < "2026-05-20"
    assert after.is_suggested(first)


def test_a_suggested_date_is_confirmed_by_its_box_by_overwriting_or_all_at_once(
    secretariat: CheckingClient, cast: Cast
) -> None:
    draft = a_draft(cast, milestones=3)
    Milestone.objects.filter(project=draft).update(due_is_confirmed=False)
    first, second, third = typed(draft).all_milestones()
    tree = typed(draft)
    tree.put(f"m-{first}", confirmed="on")
    tree.put(f"m-{second}", due="2026-05-21")

    post(secretariat, draft, tree)
    confirmed = {str(node.pk): node.due_is_confirmed for node in Milestone.objects.filter(project=draft)}
    draft.refresh_from_db()
    rest = shown(post(secretariat, draft, typed(draft), "confirm-all").content.decode())

    assert confirmed == {first: True, second: True, third: False}
    assert not rest.is_suggested(third)


def test_a_recurring_deadline_makes_one_milestone_per_occurrence_with_the_steps_as_checklist(
    secretariat: CheckingClient, cast: Cast
) -> None:
    draft = a_draft(cast)
    tree = typed(draft)
    tree.put("p", due="每季度末")

    page = post(secretariat, draft, tree, f"occurrences:{tree.targets[0]}").content.decode()
    post(secretariat, draft, shown(page))

    nodes = list(Milestone.objects.filter(project=draft))
    draft.refresh_from_db()
    assert [node.due_on for node in nodes] == [
        date(2026, 3, 31), date(2026, 6, 30), date(2026, 9, 30), date(2026, 12, 31)
    ]  # fmt: skip
    assert {node.checklist.replace("\r", "") for node in nodes} == {"第1步\n第2步"}
    assert all(node.is_recurring and node.person == cast.staff for node in nodes)
    assert (draft.due_kind, draft.due_text) == (DueKind.RECURRING, "每季度末")
    assert "第1步\n第2步" in secretariat.get(url_of(draft)).content.decode()


# ── persons ──────────────────────────────────────────────────────────────────


def test_choosing_a_division_offers_its_people_only(secretariat: CheckingClient, cast: Cast) -> None:
    draft = a_draft(cast)
    tree = typed(draft)
    node = tree.all_milestones()[0]
    tree.put(f"m-{node}", division=str(cast.assisting.pk))

    page = post(secretariat, draft, tree, "refresh").content.decode()

    offered = re.search(rf'name="m-{node}-person".*?</select>', page, re.DOTALL)
    assert offered is not None
    assert cast.co_staff.name in offered[0]
    assert cast.staff.name not in offered[0]


def test_a_person_of_another_division_is_not_saved(secretariat: CheckingClient, cast: Cast) -> None:
    draft = a_draft(cast)
    tree = typed(draft)
    node = tree.all_milestones()[0]
    tree.put(f"m-{node}", division=str(cast.assisting.pk), title="换了处室")

    reply = post(secretariat, draft, tree)

    assert reply.status_code == 422
    assert "吴科员不在研究室，请重新选择责任人" in reply.content.decode()
    assert shown(reply.content.decode()).get(f"m-{node}-title") == "换了处室"
    assert not Milestone.objects.filter(title="换了处室").exists()


# ── errors, completeness ─────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("p-title", "", "请写明项目名称"),
        ("p-title", "长" * 301, "最多 300 个字"),
        ("p-due", "2月30日前", "没有30日"),
        ("p-due", "尽快", "读不出日期"),
        ("p-due", "2026-01-05", "早于开始日期"),
        ("p-lead_division", "999999", "请在列表中选择"),
        ("m-0-title", "", "请写明节点，或删去"),
        ("m-0-due", "每季度末", "这里只能写一个日期"),
        ("m-0-weight", "很重", "权重请写整数"),
        ("m-0-weight", "0", "权重至少为 1"),
        ("t-0-statement", "", "请写明目标，或删去"),
        ("t-0-value", "许多", "目标值请写数字"),
        ("t-0-value", "-1", "目标值须大于 0"),
        ("t-0-metric", "协商活动", "请写目标值"),
    ],
)
def test_what_cannot_be_stored_is_told_at_its_field_and_nothing_is_written(
    secretariat: CheckingClient, cast: Cast, field: str, value: str, sentence: str
) -> None:
    draft = a_draft(cast)
    tree = typed(draft)
    name = field.replace("m-0", f"m-{tree.all_milestones()[0]}").replace("t-0", f"t-{tree.targets[0]}")
    tree.data[name] = value
    tree.put("p", remark="写了很久的备注")

    reply = post(secretariat, draft, tree)

    draft.refresh_from_db()
    assert reply.status_code == 422
    assert sentence in reply.content.decode()
    assert "写了很久的备注" in reply.content.decode()
    assert (draft.version, draft.remark) == (2, "")


def test_everything_still_missing_is_listed_with_a_link_to_its_place(secretariat: CheckingClient, cast: Cast) -> None:
    draft = a_draft(cast)
    tree = typed(draft)
    node = tree.all_milestones()[0]
    tree.put(f"m-{node}", person="", due="")
    tree.put("p", lead_division="", person="")

    page = post(secretariat, draft, tree, "target-add").content.decode()

    assert "没有牵头处室" in page
    assert f'<a href="#milestone-{node}">节点“第1步”没有责任人</a>' in page
    assert f'id="milestone-{node}"' in page
    fresh = shown(page).targets[1]
    assert f'id="target--{fresh[1:]}"' in page
    assert "保存并交办" in page


def test_saving_and_dispatching_a_complete_draft_numbers_it(secretariat: CheckingClient, cast: Cast) -> None:
    draft = a_draft(cast)

    reply = post(secretariat, draft, typed(draft), "dispatch")

    draft.refresh_from_db()
    assert reply.status_code == 302
    assert (draft.state, draft.number) == (ProjectState.DISPATCHED, "〔2026〕001号")


def test_an_incomplete_draft_is_saved_and_not_dispatched(secretariat: CheckingClient, cast: Cast) -> None:
    draft = a_draft(cast)
    tree = typed(draft)
    tree.put(f"m-{tree.all_milestones()[0]}", person="", title="保存下来的名称")

    reply = post(secretariat, draft, tree, "dispatch")

    draft.refresh_from_db()
    assert reply.headers["Location"] == url_of(draft)
    assert draft.state == ProjectState.DRAFT
    assert draft.milestones.filter(title="保存下来的名称").exists()
    assert "没有交办：还有 1 处不完整" in secretariat.get(url_of(draft)).content.decode()


def test_enter_in_a_field_saves_because_the_first_button_is_save(secretariat: CheckingClient, cast: Cast) -> None:
    draft = a_draft(cast)

    page = secretariat.get(url_of(draft)).content.decode()

    form = page[page.index('id="decompose"') :]
    first = re.search(r'<button[^>]*type="submit"[^>]*>', form)
    assert first is not None
    assert 'name="op" value="save"' in first[0]


# ── two people, other people ─────────────────────────────────────────────────


def test_a_stale_tree_is_kept_with_what_the_other_changed(secretariat: CheckingClient, cast: Cast) -> None:
    draft = a_draft(cast)
    tree = typed(draft)
    node = tree.all_milestones()[0]
    tree.put(f"m-{node}", title="我写的名称")
    other = decomposition.draft_of(draft)
    other.targets[0].milestones[0].title = "他写的名称"
    decomposition.save_decomposition(draft, other, by=cast.second_secretariat, version=draft.version, now=NOW)

    reply = post(secretariat, draft, tree)

    page = reply.content.decode()
    assert reply.status_code == 409
    assert "郑科员于 09:30 改过这份分解表" in page
    assert "他写的名称" in page
    assert shown(page).get(f"m-{node}-title") == "我写的名称"
    assert Milestone.objects.get(pk=node).title == "他写的名称"
    assert Event.objects.filter(outcome=Outcome.REFUSED, by=cast.secretariat).count() == 1


def test_the_kept_tree_can_be_saved_on_the_new_version(secretariat: CheckingClient, cast: Cast) -> None:
    draft = a_draft(cast)
    tree = typed(draft)
    node = tree.all_milestones()[0]
    tree.put(f"m-{node}", title="我写的名称")
    decomposition.confirm_suggestions(draft, by=cast.second_secretariat, version=draft.version, now=NOW)

    kept = shown(post(secretariat, draft, tree).content.decode())
    again = post(secretariat, draft, kept)

    assert again.status_code == 302
    assert Milestone.objects.get(pk=node).title == "我写的名称"


def test_a_draft_dispatched_meanwhile_is_not_rewritten(secretariat: CheckingClient, cast: Cast) -> None:
    draft = a_draft(cast)
    tree = typed(draft)
    node = tree.all_milestones()[0]
    tree.put(f"m-{node}", title="来不及的改动")
    project.dispatch_project(draft, by=cast.second_secretariat, version=draft.version, now=NOW)

    reply = post(secretariat, draft, tree)

    assert reply.status_code == 409
    assert "来不及的改动" in reply.content.decode()
    assert Milestone.objects.get(pk=node).title == "第1步"


def test_back_and_save_again_does_nothing_twice(secretariat: CheckingClient, cast: Cast) -> None:
    draft = a_draft(cast)
    tree = typed(draft)
    tree.add_milestone(tree.targets[0])
    tree.put(f"m-{tree.all_milestones()[-1]}", title="只有一个")

    first, second = post(secretariat, draft, tree), post(secretariat, draft, tree)

    assert (first.status_code, second.status_code) == (302, 409)
    assert Milestone.objects.filter(title="只有一个").count() == 1


def test_only_the_secretariat_finds_the_page(new_client: type[CheckingClient], cast: Cast) -> None:
    draft = a_draft(cast)
    statuses = {}
    for name, user in cast.everyone().items():
        browser = new_client()
        browser.force_login(user)
        statuses[name] = (browser.get(url_of(draft)).status_code, browser.post(url_of(draft)).status_code)

    found = {name for name, pair in statuses.items() if pair != (404, 404)}

    assert found == {"secretariat", "second_secretariat", "supervising_head"}


def test_others_who_see_a_dispatched_project_still_do_not_find_its_decomposition(
    new_client: type[CheckingClient], cast: Cast
) -> None:
    row = project_at(ProjectState.DISPATCHED, cast)
    browser = new_client()
    browser.force_login(cast.head)

    assert browser.post(url_of(row)).status_code == 404


def test_a_row_of_another_project_cannot_be_written_through_this_one(secretariat: CheckingClient, cast: Cast) -> None:
    draft, other = a_draft(cast), a_draft(cast, title="另一个项目")
    foreign = str(other.milestones.get(order=0).pk)
    tree = typed(draft)
    tree.data.setlist(f"t-{tree.targets[0]}-nodes", [*tree.all_milestones(), foreign])
    tree.put(f"m-{foreign}", title="闯进来的")

    post(secretariat, draft, tree)

    assert Milestone.objects.get(pk=int(foreign)).title == "第1步"
    assert Milestone.objects.get(title="闯进来的").project == draft


def test_too_large_a_tree_is_refused_in_a_sentence(secretariat: CheckingClient, cast: Cast) -> None:
    draft = a_draft(cast)
    tree = typed(draft)
    tree.data.setlist(f"t-{tree.targets[0]}-nodes", [f"n{place}" for place in range(1, 500)])

    reply = post(secretariat, draft, tree)

    assert reply.status_code == 409
    assert "最多 60 个目标、400 个节点" in reply.content.decode()


# ── last year ────────────────────────────────────────────────────────────────


def test_last_years_decomposition_is_offered_copied_and_saved_only_by_saving(
    secretariat: CheckingClient, cast: Cast
) -> None:
    last_year = datetime(2025, 3, 4, 9, 30, tzinfo=SHANGHAI)
    a_plan(cast, year=2025, now=last_year)
    draft = a_draft(cast, title="推进营商环境协商")
    earlier = a_draft(cast, title="推进营商环境专题协商", milestones=3)
    Project.objects.filter(pk=earlier.pk).update(plan=a_plan(cast, year=2025))

    offered = secretariat.get(url_of(draft)).content.decode()
    found = secretariat.get(url_of(draft), {"q": "专题"}).content.decode()
    page = secretariat.get(url_of(draft), {"copy": earlier.pk}).content.decode()
    unsaved = draft.milestones.count()
    post(secretariat, draft, shown(page))

    nodes = list(draft.milestones.all())
    assert f"?copy={earlier.pk}" in offered
    assert f"?copy={earlier.pk}" in found
    assert unsaved == 2
    assert [node.due_on for node in nodes] == [date(2027, 4, 20), date(2027, 5, 20), date(2027, 9, 30)]
    assert not any(node.due_is_confirmed for node in nodes)
    assert earlier.milestones.count() == 3


def test_a_project_of_this_year_is_not_copied(secretariat: CheckingClient, cast: Cast) -> None:
    draft, other = a_draft(cast), a_draft(cast, title="同年的项目")

    assert secretariat.get(url_of(draft), {"copy": other.pk}).status_code == 404


# ── queries ──────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("milestones", [1, 3, 30])
def test_the_page_asks_the_same_number_of_questions_for_any_tree(
    secretariat: CheckingClient, cast: Cast, django_assert_num_queries: DjangoAssertNumQueries, milestones: int
) -> None:
    draft = a_draft(cast)
    tree = decomposition.draft_of(draft)
    node = tree.targets[0].milestones[0]
    tree.targets[0].milestones = [
        decomposition.MilestoneDraft(title=f"第{place}步", division_id=node.division_id, person_id=node.person_id)
        for place in range(milestones)
    ]
    draft = decomposition.save_decomposition(draft, tree, by=cast.secretariat, version=draft.version, now=NOW)

    with django_assert_num_queries(21):
        secretariat.get(url_of(draft))
