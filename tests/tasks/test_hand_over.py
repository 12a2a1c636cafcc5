"""移交: who hands what to whom, that it happens as a whole, and that history keeps the old names."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from accounts.enums import Role
from accounts.models import Division, Event, Membership, User
from cppcc_office.lib.errors import Refused, Stale
from tasks.actions.entries import add_entry
from tasks.actions.hand_over import Choice, hand_over
from tasks.enums import MilestoneState, ProjectState
from tasks.models import Milestone, MilestoneRevision, Project, ProjectRevision
from tasks.queries.hand_over import Duty, holders_for
from tasks.rules.hand_over import open_to
from tests.cast import NOW, TODAY, joins, person
from tests.pages import CheckingClient
from tests.tasks.company import YES, Company, answer_to, fresh, make_company
from tests.walks import project_at

REASON = "工作调动"


@pytest.fixture
def company(db: None) -> Company:
    return make_company()


@pytest.fixture(autouse=True)
def _at_the_day_of_the_walks() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def successor(company: Company) -> User:
    """A second 经办人 of the lead division."""
    user = person("xu", "徐科员")
    joins(user, company.office, Role.STAFF, company.lead)
    return user


def choices(holder: User, successor: User, by: User, *duties: Duty) -> list[Choice]:
    return [
        Choice(row.key, row.project.version, successor.pk)
        for row in open_to(by, holder, TODAY)
        if not duties or row.duty in duties
    ]


def leaves(user: User, division: Division) -> None:
    Membership.objects.filter(user=user, division=division).update(ends_on=TODAY - timedelta(days=1))


def test_one_act_moves_everything_open(company: Company, successor: User) -> None:
    project = project_at(ProjectState.IN_PROGRESS, company)
    draft = project_at(ProjectState.DRAFT, company)
    closed = project_at(ProjectState.CLOSED, company)
    chosen = choices(company.staff, successor, company.secretariat)

    count = hand_over(company.staff, by=company.secretariat, choices=chosen, reason=REASON, now=NOW)

    assert count == len(chosen) == 6
    for row in (project, draft):
        after = Project.objects.get(pk=row.pk)
        assert (after.person, after.version) == (successor, row.version + 1)
        assert set(after.milestones.values_list("person", flat=True)) == {successor.pk}
    assert Project.objects.get(pk=closed.pk).person == company.staff


def test_history_keeps_the_old_name(company: Company, successor: User) -> None:
    project = project_at(ProjectState.IN_PROGRESS, company)

    with time_machine.travel(NOW + timedelta(days=1)):
        hand_over(
            company.staff,
            by=company.head,
            choices=choices(company.staff, successor, company.head),
            reason=REASON,
            now=NOW + timedelta(days=1),
        )

    event = Event.objects.get(verb="hand_over")
    assert event.words == (
        "移交：将项目责任人由吴科员改为徐科员；将节点“第1步”“第2步”责任人由吴科员改为徐科员，理由：工作调动"
    )
    assert set(event.before.values()) == {"吴科员"}
    assert set(event.after.values()) == {"徐科员"}
    revisions = ProjectRevision.objects.filter(project=project).order_by("effective_on", "pk")
    last = revisions.last()
    assert last is not None
    assert (last.person, last.event_id, last.effective_on) == (successor, event.pk, TODAY + timedelta(days=1))
    assert last.due_on == project.due_on
    assert {row.person for row in revisions.filter(effective_on=TODAY)} == {company.staff}
    assert set(MilestoneRevision.objects.filter(event_id=event.pk).values_list("person", flat=True)) == {successor.pk}


def test_what_staff_typed_stays_theirs(company: Company, successor: User) -> None:
    project = project_at(ProjectState.IN_PROGRESS, company)
    entry = add_entry(project, by=company.staff, version=project.version, situation="进展", files=[], now=NOW)

    chosen = choices(company.staff, successor, company.head)
    hand_over(company.staff, by=company.head, choices=chosen, reason=REASON, now=NOW)

    entry.refresh_from_db()
    assert entry.by == company.staff


@pytest.mark.parametrize(
    ("who", "may"),
    [
        ("secretariat", True), ("supervising_head", True), ("head", True), ("second_head", True),
        ("head_deputy", True), ("staff", False), ("co_head", False), ("outside_head", False), ("leader", False),
        ("assessor", False), ("sysadmin", False), ("foreign_secretariat", False), ("stranger", False),
    ],
)  # fmt: skip
def test_the_secretariat_and_the_own_head_hand_over(company: Company, successor: User, who: str, may: bool) -> None:
    project = project_at(ProjectState.IN_PROGRESS, company)
    chosen = [Choice(f"person-{project.pk}", project.version, successor.pk)]
    by = getattr(company, who)

    answer = answer_to(lambda: hand_over(company.staff, by=by, choices=chosen, reason=REASON, now=NOW))

    assert (answer == YES) == may
    if not may:
        assert "不由您移交" in answer


def test_a_deputy_hands_over_in_the_place_of_the_head(company: Company, successor: User) -> None:
    project_at(ProjectState.IN_PROGRESS, company)
    chosen = choices(company.staff, successor, company.head_deputy)

    hand_over(company.staff, by=company.head_deputy, choices=chosen, reason=REASON, now=NOW)

    assert Event.objects.get(verb="hand_over").principal == company.head


def test_only_the_secretariat_hands_over_what_a_leader_leads(company: Company) -> None:
    project = project_at(ProjectState.IN_PROGRESS, company)
    joins(company.leader, company.office, Role.STAFF, company.lead)

    assert [row.duty for row in open_to(company.head, company.leader, TODAY)] == []
    chosen = choices(company.leader, company.secretary_general, company.secretariat)
    hand_over(company.leader, by=company.secretariat, choices=chosen, reason=REASON, now=NOW)

    assert Project.objects.get(pk=project.pk).leader == company.secretary_general
    assert "将牵头领导由周副主席改为邓秘书长" in Event.objects.get(verb="hand_over").words


@pytest.mark.parametrize("to", ["co_staff", "staff", "leader", "foreign_secretariat"])
def test_a_successor_works_in_the_division(company: Company, to: str) -> None:
    project_at(ProjectState.IN_PROGRESS, company)
    chosen = choices(company.staff, getattr(company, to), company.secretariat)

    with pytest.raises(Refused, match="只能移交给经济委办公室的其他人员"):
        hand_over(company.staff, by=company.secretariat, choices=chosen, reason=REASON, now=NOW)


def test_a_leader_is_followed_by_a_leader(company: Company) -> None:
    project_at(ProjectState.IN_PROGRESS, company)
    chosen = choices(company.leader, company.head, company.secretariat)

    with pytest.raises(Refused, match="只能移交给本机关的其他领导"):
        hand_over(company.leader, by=company.secretariat, choices=chosen, reason=REASON, now=NOW)


def test_nothing_moves_where_one_project_changed_meanwhile(company: Company, successor: User) -> None:
    first, second = (project_at(ProjectState.IN_PROGRESS, company) for _ in range(2))
    chosen = choices(company.staff, successor, company.head)
    add_entry(second, by=company.staff, version=second.version, situation="进展", files=[], now=NOW)

    with pytest.raises(Stale):
        hand_over(company.staff, by=company.head, choices=chosen, reason=REASON, now=NOW)

    assert Project.objects.get(pk=first.pk).person == company.staff
    assert not Event.objects.filter(verb="hand_over").exists()


def test_a_second_press_finds_nothing_left_to_move(company: Company, successor: User) -> None:
    project_at(ProjectState.IN_PROGRESS, company)
    chosen = choices(company.staff, successor, company.head)
    hand_over(company.staff, by=company.head, choices=chosen, reason=REASON, now=NOW)

    with pytest.raises(Refused, match="已不在吴科员名下"):
        hand_over(company.staff, by=company.head, choices=chosen, reason=REASON, now=NOW)


def test_reason_and_choice_are_asked_for(company: Company, successor: User) -> None:
    project_at(ProjectState.IN_PROGRESS, company)

    with pytest.raises(Refused, match="请写明移交原因"):
        hand_over(company.staff, by=company.head, choices=[], reason=" ", now=NOW)
    with pytest.raises(Refused, match="请至少为一项选择"):
        hand_over(company.staff, by=company.head, choices=[], reason=REASON, now=NOW)


def test_settled_milestones_stay_with_who_did_them(company: Company, successor: User) -> None:
    project = project_at(ProjectState.IN_PROGRESS, company)
    first = project.milestones.all()[0]
    Milestone.objects.filter(pk=first.pk).update(state=MilestoneState.CANCELLED)

    chosen = choices(company.staff, successor, company.head)
    hand_over(company.staff, by=company.head, choices=chosen, reason=REASON, now=NOW)

    assert Milestone.objects.get(pk=first.pk).person == company.staff


def test_queries_do_not_grow_with_the_lines(company: Company, successor: User) -> None:
    def queries(count: int) -> int:
        for _ in range(count):
            project_at(ProjectState.IN_PROGRESS, company)
        chosen = choices(company.staff, successor, company.head)
        with CaptureQueriesContext(connection) as captured:
            hand_over(company.staff, by=fresh(company.head), choices=chosen, reason=REASON, now=NOW)
        return len(captured)

    assert queries(1) == queries(3)


# ── the pages ────────────────────────────────────────────────────────────────


def test_who_left_stands_first_and_is_named(client: CheckingClient, company: Company) -> None:
    project_at(ProjectState.IN_PROGRESS, company)
    project_at(ProjectState.IN_PROGRESS, company, lead=company.assisting)
    leaves(company.staff, company.lead)
    client.force_login(company.secretariat)

    shown = client.get(reverse("hand-overs")).content.decode()

    holders = holders_for(company.secretariat, TODAY)
    assert [(row.person.name, row.gone, row.total) for row in holders] == [
        ("吴科员", 3, 3), ("孙科员", 0, 3), ("周副主席", 0, 2),
    ]  # fmt: skip
    assert "有 1 人已不在原岗位" in shown
    assert "3 项须移交" in shown


def test_a_leader_who_left_office_is_named_too(company: Company) -> None:
    project_at(ProjectState.IN_PROGRESS, company)
    Membership.objects.filter(user=company.leader).update(ends_on=TODAY - timedelta(days=1))

    assert [(row.person, row.gone) for row in holders_for(company.secretariat, TODAY)][0] == (company.leader, 1)


def test_a_head_sees_the_own_people_only(company: Company) -> None:
    project_at(ProjectState.IN_PROGRESS, company)
    project_at(ProjectState.DRAFT, company)
    project_at(ProjectState.IN_PROGRESS, company, lead=company.assisting)

    assert [(row.person, row.total) for row in holders_for(company.head, TODAY)] == [(company.staff, 3)]


def test_the_page_previews_before_it_acts(client: CheckingClient, company: Company, successor: User) -> None:
    project = project_at(ProjectState.IN_PROGRESS, company)
    client.force_login(company.head)
    url = reverse("hand-over", args=[company.staff.pk])
    kept = project.milestones.all()[0]
    typed = {
        f"version-{project.pk}": project.version,
        f"all-{company.lead.pk}": successor.pk,
        f"to-milestone-{kept.pk}": "0",
        "reason": REASON,
    }

    preview = client.post(url, typed | {"step": "preview"})

    assert preview.status_code == 200
    assert "移交 2 项责任" in preview.content.decode()
    assert Project.objects.get(pk=project.pk).person == company.staff

    done = client.post(url, typed | {"step": "do"}, follow=True)

    assert "已移交吴科员的 2 项责任" in done.content.decode()
    assert Project.objects.get(pk=project.pk).person == successor
    assert Milestone.objects.get(pk=kept.pk).person == company.staff


def test_going_back_keeps_what_was_chosen(client: CheckingClient, company: Company, successor: User) -> None:
    project = project_at(ProjectState.IN_PROGRESS, company)
    client.force_login(company.head)
    typed = {f"all-{company.lead.pk}": successor.pk, "reason": "退休", f"version-{project.pk}": project.version}

    shown = client.post(reverse("hand-over", args=[company.staff.pk]), typed | {"step": "back"}).content.decode()

    assert f'<option value="{successor.pk}" selected>' in shown
    assert 'value="退休"' in shown


@pytest.mark.parametrize("typed", [{"reason": REASON}, {"all": True}])
def test_what_is_missing_is_asked_for(
    client: CheckingClient, company: Company, successor: User, typed: dict[str, object]
) -> None:
    project_at(ProjectState.IN_PROGRESS, company)
    client.force_login(company.head)
    data = {f"all-{company.lead.pk}": successor.pk} if typed.pop("all", None) else typed

    response = client.post(reverse("hand-over", args=[company.staff.pk]), data | {"step": "preview"})

    assert response.status_code == 422
    assert ("还没有选择接手的人" in response.content.decode()) == ("reason" in data)


def test_a_page_without_successors_says_what_to_do(client: CheckingClient, company: Company) -> None:
    project_at(ProjectState.IN_PROGRESS, company)
    Membership.objects.filter(division=company.lead).exclude(user=company.staff).update(
        ends_on=TODAY - timedelta(days=1)
    )
    client.force_login(company.secretariat)

    shown = client.get(reverse("hand-over", args=[company.staff.pk])).content.decode()

    assert "经济委办公室没有其他在任的人" in shown


def test_lists_ask_no_more_for_more_lines(
    client: CheckingClient, company: Company, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    project_at(ProjectState.IN_PROGRESS, company)
    for count in (1, 3):
        for name, args, queries in (("hand-overs", [], 13), ("hand-over", [company.staff.pk], 13)):
            client.force_login(fresh(company.secretariat))
            with django_assert_num_queries(queries):
                client.get(reverse(name, args=args))
        if count == 1:
            project_at(ProjectState.IN_PROGRESS, company, lead=company.assisting)
            project_at(ProjectState.IN_PROGRESS, company)
