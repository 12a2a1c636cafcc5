"""The workbench: what each role finds there, bulk confirmation, bounded lists."""

from datetime import date
from typing import Any

import pytest
from django.urls import reverse

from accounts.models import User
from tasks.actions import milestone, project
from tasks.enums import Bucket, MilestoneState, ProjectState
from tasks.models import Milestone, Project
from tests.cast import NOW, Cast, make_cast
from tests.pages import CheckingClient
from tests.walks import a_draft, project_at

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast(time_machine: Any) -> Cast:
    time_machine.move_to(NOW, tick=False)
    return make_cast()


def piles(client: CheckingClient, user: User) -> dict[str, int]:
    client.force_login(user)
    response = client.get(reverse("desk"))
    assert response.status_code == 200
    return {g.kind: g.count for section in response.context["sections"] for g in section.groups}


def reported(cast: Cast, *, count: int = 2, lead: Any = None) -> Project:
    """A running project whose milestones all wait for 核实."""
    lead = lead or cast.lead
    head = cast.head if lead == cast.lead else cast.supervising_head
    row = a_draft(cast, lead=lead, milestones=count)
    project.dispatch_project(row, by=cast.second_secretariat, version=row.version, now=NOW)
    project.receive_project(row, by=head, version=row.version, now=NOW)
    for node in row.milestones.select_related("division"):
        node.project = row
        milestone.report_milestone(node, by=head, version=row.version, note="已完成", now=NOW)
    return row


def test_a_dispatched_project_waits_for_the_lead(client: CheckingClient, cast: Cast) -> None:
    project_at(ProjectState.DISPATCHED, cast)

    assert piles(client, cast.head) == {"receive": 1}
    assert piles(client, cast.staff) == {"receive": 1}
    assert piles(client, cast.outsider) == {}


def test_not_received_in_time_shows_with_the_secretariat(client: CheckingClient, cast: Cast, time_machine: Any) -> None:
    project_at(ProjectState.DISPATCHED, cast)

    in_time = piles(client, cast.secretariat)
    time_machine.move_to(NOW.replace(day=6), tick=False)
    last_day = piles(client, cast.secretariat)
    time_machine.move_to(NOW.replace(day=9), tick=False)
    late = piles(client, cast.secretariat)

    assert (in_time, last_day, late) == ({}, {}, {"unreceived": 1})


def test_not_received_in_time_is_yellow_on_both_workbenches(
    client: CheckingClient, cast: Cast, time_machine: Any
) -> None:
    project_at(ProjectState.DISPATCHED, cast)
    time_machine.move_to(NOW.replace(day=9), tick=False)

    for user in (cast.secretariat, cast.head):
        client.force_login(user)
        page = client.get(reverse("desk")).content.decode()
        assert "超 1 个工作日未签收" in page
        assert "light-yellow" in page


@pytest.mark.parametrize(("day", "words", "late"), [(11, "第 5 天", False), (12, "超 1 天", True)])
def test_the_secretariats_own_clock_turns_red_after_five_working_days(
    client: CheckingClient, cast: Cast, time_machine: Any, day: int, words: str, late: bool
) -> None:
    reported(cast, count=1)
    project_at(ProjectState.CLOSE_OUT_REQUESTED, cast)
    time_machine.move_to(NOW.replace(day=day), tick=False)
    client.force_login(cast.second_secretariat)

    page = client.get(reverse("desk")).content.decode()

    assert page.count(words) == 2
    assert ('<span class="late">' in page) == late


def test_milestones_run_from_staff_to_head_to_secretariat(client: CheckingClient, cast: Cast) -> None:
    row = project_at(ProjectState.IN_PROGRESS, cast)
    before = piles(client, cast.staff)
    node = row.milestones.select_related("division").first()
    assert node is not None
    node.project = row

    milestone.report_milestone(node, by=cast.staff, version=row.version, note="已完成", now=NOW)
    with_head = piles(client, cast.head)
    milestone.agree_milestone(node, by=cast.head, version=row.version, now=NOW)

    assert before == {"later": 2}
    assert with_head == {"agree": 1}
    assert piles(client, cast.head) == {}
    assert piles(client, cast.secretariat) == {"confirm": 1}


def test_overdue_and_soon_are_apart(client: CheckingClient, cast: Cast, time_machine: Any) -> None:
    project_at(ProjectState.IN_PROGRESS, cast)

    time_machine.move_to(NOW.replace(month=4, day=20), tick=False)
    on_the_day = piles(client, cast.staff)
    time_machine.move_to(NOW.replace(month=4, day=21), tick=False)

    assert on_the_day == {"soon": 1, "later": 1}
    assert piles(client, cast.staff) == {"overdue": 1, "later": 1}


def test_all_milestones_done_is_time_to_ask_for_close_out(client: CheckingClient, cast: Cast) -> None:
    row = reported(cast)
    nodes = [(node, row.version) for node in Milestone.objects.select_related("project__lead_division", "division")]
    milestone.confirm_milestones(nodes, by=cast.secretariat, now=NOW)

    assert piles(client, cast.head) == {"close": 1}
    assert piles(client, cast.staff) == {}


def test_a_requested_close_out_waits_for_the_secretariat(client: CheckingClient, cast: Cast) -> None:
    project_at(ProjectState.CLOSE_OUT_REQUESTED, cast)

    assert piles(client, cast.secretariat) == {"accept": 1}
    assert piles(client, cast.foreign_secretariat) == {}


def test_what_the_supervising_division_leads_waits_for_a_leader(client: CheckingClient, cast: Cast) -> None:
    reported(cast, lead=cast.supervising)

    assert piles(client, cast.leader) == {"confirm-own": 2}
    assert piles(client, cast.foreign_leader) == {}
    assert "confirm" not in piles(client, cast.secretariat)


def test_what_a_division_sent_back_is_told_until_dispatched_again(client: CheckingClient, cast: Cast) -> None:
    row = project_at(ProjectState.DISPATCHED, cast)

    project.object_to_project(
        row, by=cast.head, version=row.version, note="职责不在本处室", belongs_to="提案委办公室", now=NOW
    )
    sent_back = piles(client, cast.secretariat)
    html = client.get(reverse("desk")).content.decode()
    project.dispatch_project(row, by=cast.secretariat, version=row.version, now=NOW)

    assert sent_back == {"returned": 1}
    assert "退回交办，理由：职责不在本处室；认为应由提案委办公室承办" in html
    assert piles(client, cast.secretariat) == {}


def test_what_the_secretariat_recalled_itself_is_no_news_to_it(client: CheckingClient, cast: Cast) -> None:
    row = project_at(ProjectState.DISPATCHED, cast)
    project.recall_project(row, by=cast.secretariat, version=row.version, now=NOW)

    assert piles(client, cast.secretariat) == {}


def test_an_office_without_a_plan_is_led_to_the_import(client: CheckingClient, cast: Cast) -> None:
    client.force_login(cast.secretariat)
    empty = client.get(reverse("desk")).content.decode()
    a_draft(cast)

    assert reverse("import-new") in empty
    assert reverse("import-new") not in client.get(reverse("desk")).content.decode()


def test_drafts_are_counted_and_linked(client: CheckingClient, cast: Cast) -> None:
    a_draft(cast)
    client.force_login(cast.secretariat)

    html = client.get(reverse("desk")).content.decode()

    assert "待交办草稿 <b>1</b>" in html
    assert "state=DRAFT" in html


@pytest.mark.parametrize(("who", "where"), [("sysadmin", "people"), ("auditor", "audit")])
def test_who_sees_no_business_begins_at_their_own_page(
    client: CheckingClient, cast: Cast, who: str, where: str
) -> None:
    client.force_login(getattr(cast, who))

    response = client.get(reverse("desk"))

    assert (response.status_code, response.headers["Location"]) == (302, reverse(where))


def test_a_person_without_a_post_is_told_so(client: CheckingClient, cast: Cast) -> None:
    client.force_login(cast.stranger)

    assert "您还没有任职" in client.get(reverse("desk")).content.decode()


@pytest.mark.parametrize("who", ["assessor", "observer", "leader", "secretariat"])
def test_who_looks_at_the_whole_has_figures_that_add_up(client: CheckingClient, cast: Cast, who: str) -> None:
    project_at(ProjectState.IN_PROGRESS, cast)
    project_at(ProjectState.CLOSED, cast)
    a_draft(cast)
    client.force_login(getattr(cast, who))

    figures = client.get(reverse("desk")).context["overview"].figures

    expected = 0 if who == "observer" else 2  # no source class has been given to the observer
    assert figures.total == expected
    assert sum(count for _, count in figures.parts) == expected


def test_a_figure_is_what_its_list_holds(client: CheckingClient, cast: Cast, time_machine: Any) -> None:
    for due in (date(2026, 6, 30), date(2026, 9, 30)):
        row = a_draft(cast, due_on=due, milestones=1)
        project.dispatch_project(row, by=cast.secretariat, version=row.version, now=NOW)
    time_machine.move_to(NOW.replace(month=7, day=8), tick=False)
    client.force_login(cast.leader)

    cells = client.get(reverse("desk")).context["cells"]
    lists = {cell.bucket: client.get(cell.url).context["page_obj"].paginator.count for cell in cells}

    assert {cell.bucket: cell.count for cell in cells} == lists
    assert lists[Bucket.OVERDUE] == 1


def test_nothing_to_do_says_what_comes_next(client: CheckingClient, cast: Cast) -> None:
    project_at(ProjectState.IN_PROGRESS, cast)
    client.force_login(cast.secretariat)

    html = client.get(reverse("desk")).content.decode()

    assert "没有轮到您办的事" in html
    assert "下一项到期" in html
    assert "第1步" in html


def test_ticked_milestones_are_confirmed_together(client: CheckingClient, cast: Cast) -> None:
    row = reported(cast)
    client.force_login(cast.secretariat)
    ticked = [f"{pk}:{row.version}" for pk in row.milestones.values_list("pk", flat=True)]

    response = client.post(reverse("desk-confirm"), {"milestone": ticked}, follow=True)

    assert "已核实 2 个节点" in response.content.decode()
    assert set(row.milestones.values_list("state", flat=True)) == {MilestoneState.DONE}


def test_bulk_confirmation_says_what_it_left_and_why(client: CheckingClient, cast: Cast) -> None:
    row = reported(cast, count=1)
    node = row.milestones.get()
    client.force_login(cast.secretariat)

    stale = client.post(reverse("desk-confirm"), {"milestone": f"{node.pk}:{row.version - 1}"}, follow=True)
    none = client.post(reverse("desk-confirm"), {"milestone": "x"}, follow=True)
    client.force_login(cast.head)
    barred = client.post(reverse("desk-confirm"), {"milestone": f"{node.pk}:{row.version}"}, follow=True)

    assert "请刷新后再核实" in stale.content.decode()
    assert "请先勾选" in none.content.decode()
    assert "只有督办人员可以核实" in barred.content.decode()
    node.refresh_from_db()
    assert node.state == MilestoneState.REPORTED


def test_another_office_cannot_confirm_by_number(client: CheckingClient, cast: Cast) -> None:
    row = reported(cast, count=1)
    node = row.milestones.get()
    client.force_login(cast.foreign_secretariat)

    client.post(reverse("desk-confirm"), {"milestone": f"{node.pk}:{row.version}"})

    node.refresh_from_db()
    assert node.state == MilestoneState.REPORTED


def test_who_had_a_hand_in_it_is_told_so_on_the_row(client: CheckingClient, cast: Cast) -> None:
    row = project_at(ProjectState.IN_PROGRESS, cast)
    node = row.milestones.select_related("division").first()
    assert node is not None
    node.project = row
    milestone.report_milestone(node, by=cast.secretariat, version=row.version, note="电话报来", now=NOW)
    milestone.agree_milestone(node, by=cast.head, version=row.version, now=NOW)
    client.force_login(cast.secretariat)

    html = client.get(reverse("desk")).content.decode()

    assert "不能再由您核实" in html
    assert f'value="{node.pk}:' not in html


def test_a_long_pile_is_cut_and_leads_to_all_of_it(client: CheckingClient, cast: Cast) -> None:
    reported(cast, count=6)
    reported(cast, count=5)
    client.force_login(cast.secretariat)

    desk = client.get(reverse("desk"))
    whole = client.get(reverse("desk-pile", args=["confirm"]))

    assert "全部 11 件" in desk.content.decode()
    assert len(desk.context["sections"][0].groups[0].rows) == 10
    assert len(whole.context["group"].rows) == 11


def test_a_pile_of_another_role_is_not_there(client: CheckingClient, cast: Cast) -> None:
    client.force_login(cast.staff)

    assert client.get(reverse("desk-pile", args=["confirm"])).status_code == 404
    assert client.get(reverse("desk-pile", args=["nonsense"])).status_code == 404


@pytest.mark.parametrize(("who", "queries"), [("secretariat", 16), ("head", 11), ("staff", 11), ("leader", 14)])
def test_the_desk_asks_as_often_for_one_row_as_for_many(
    client: CheckingClient, cast: Cast, django_assert_num_queries: Any, who: str, queries: int
) -> None:
    def one_of_each() -> None:
        reported(cast, count=1)
        reported(cast, count=1, lead=cast.supervising)
        for state in (ProjectState.DISPATCHED, ProjectState.IN_PROGRESS, ProjectState.CLOSE_OUT_REQUESTED):
            project_at(state, cast)

    client.force_login(getattr(cast, who))
    one_of_each()
    with django_assert_num_queries(queries):
        client.get(reverse("desk"))

    for _ in range(2):
        one_of_each()
    with django_assert_num_queries(queries):
        client.get(reverse("desk"))


@pytest.mark.parametrize(("who", "queries"), [("secretariat", 16), ("head", 12), ("leader", 15)])
def test_a_quiet_desk_asks_for_no_more(
    client: CheckingClient, cast: Cast, django_assert_num_queries: Any, who: str, queries: int
) -> None:
    """Nothing waits, so that the page also looks for what comes next."""
    project_at(ProjectState.CLOSED, cast)
    client.force_login(getattr(cast, who))

    with django_assert_num_queries(queries):
        client.get(reverse("desk"))
