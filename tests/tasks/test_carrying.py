"""结转: what is left goes on in a later plan, and both projects name each other."""

from datetime import date, datetime
from decimal import Decimal

import pytest
from django.urls import reverse

from accounts.models import Event
from tasks.actions.changes.carrying import carry_over_project
from tasks.actions.entries import add_entry
from tasks.enums import ChangeState, MilestoneState, ProjectState
from tasks.models import KeyTask, Milestone, Plan, Project, ProjectRevision
from tests.cast import NOW, SHANGHAI, Cast, make_cast
from tests.pages import CheckingClient
from tests.tasks.changing import asked
from tests.tasks.company import answer_to, fresh
from tests.walks import a_plan, project_at

pytestmark = pytest.mark.django_db

JANUARY = datetime(2027, 1, 6, 9, 0, tzinfo=SHANGHAI)
UNTIL = date(2027, 6, 30)


def next_plan(cast: Cast) -> Plan:
    return a_plan(cast, year=2027, now=JANUARY)


def carried(row: Project, cast: Cast, into: Plan) -> Project:
    return carry_over_project(
        row, into=into, by=fresh(cast.secretariat), version=row.version, due_on=UNTIL, now=JANUARY
    )


def test_an_open_project_goes_on_in_the_next_plan_with_what_is_left() -> None:
    cast = make_cast()
    row = project_at(ProjectState.IN_PROGRESS, cast)
    Milestone.objects.filter(project=row, title="第1步").update(
        state=MilestoneState.DONE, done_at=NOW, done_by=cast.secretariat, done_on=NOW.date()
    )

    successor = carried(row, cast, next_plan(cast))

    row.refresh_from_db()
    assert (row.state, row.carried_into) == (ProjectState.CARRIED_OVER, successor)
    assert successor.carried_from == row
    assert (successor.state, successor.number) == (ProjectState.DISPATCHED, "〔2027〕001号")
    assert (successor.due_on, successor.original_due_on, successor.extension_count) == (UNTIL, UNTIL, 0)
    assert [(node.title, node.due_on, node.person) for node in successor.milestones.all()] == [
        ("第2步", UNTIL, cast.staff)
    ]
    assert list(successor.key_task.sources.all()) == list(row.key_task.sources.all())
    revision = ProjectRevision.objects.filter(project=row).order_by("-id")[0]
    assert (revision.state, revision.effective_on) == (ProjectState.CARRIED_OVER, JANUARY.date())
    assert Event.objects.filter(project_id=row.pk)[0].words == (
        "结转到“2027年度重点任务”，编号 〔2027〕001号，完成时限 2027-06-30"
    )


def test_the_page_of_each_leads_to_the_other(client: CheckingClient) -> None:
    cast = make_cast()
    row = project_at(ProjectState.IN_PROGRESS, cast)
    successor = carried(row, cast, next_plan(cast))
    client.force_login(cast.staff)

    def links(project: Project) -> dict[str, Project]:
        response = client.get(reverse("project", args=[project.pk]))
        other = successor if project == row else row
        assert (reverse("project", args=[other.pk]) in response.content.decode()) == bool(response.context["carried"])
        found: dict[str, Project] = response.context["carried"]
        return found

    assert links(row) == {"carried_into": successor}
    assert links(successor) == {"carried_from": row}
    Project.objects.filter(pk=successor.pk).update(state=ProjectState.DRAFT, number="")
    assert links(row) == {}


def test_projects_of_one_key_task_stay_together() -> None:
    cast = make_cast()
    row = project_at(ProjectState.IN_PROGRESS, cast)
    other = project_at(ProjectState.IN_PROGRESS, cast)
    Project.objects.filter(pk=other.pk).update(key_task=row.key_task)
    other.refresh_from_db()
    plan = next_plan(cast)

    pair = [carried(row, cast, plan), carried(other, cast, plan)]

    assert pair[0].key_task == pair[1].key_task
    assert KeyTask.objects.filter(plan=plan).count() == 1


def test_of_a_number_to_reach_what_is_missing_goes_on() -> None:
    cast = make_cast()
    row = project_at(ProjectState.IN_PROGRESS, cast)
    target = row.targets.get()
    target.target_value, target.unit = Decimal(5), "次"
    target.save()
    add_entry(
        row, by=cast.staff, version=row.version, situation="办了两次", counts={target: Decimal(2)}, files=[], now=NOW
    )

    successor = carried(row, cast, next_plan(cast))

    assert successor.targets.get().target_value == Decimal(3)


def test_a_pending_request_goes_with_the_old_year() -> None:
    cast = make_cast()
    row = project_at(ProjectState.IN_PROGRESS, cast)
    request = asked(row, cast)

    carried(row, cast, next_plan(cast))

    request.refresh_from_db()
    row.refresh_from_db()
    assert (request.state, row.extension_asked_on) == (ChangeState.WITHDRAWN, None)
    assert Event.objects.filter(project_id=row.pk)[0].words.endswith("；待决定的延期申请随之撤回")


def test_who_carries_over_when_and_where() -> None:
    cast = make_cast()
    row = project_at(ProjectState.IN_PROGRESS, cast)
    plan = next_plan(cast)

    def told(who: str = "secretariat", *, into: Plan = plan, due_on: date = UNTIL, now: datetime = JANUARY) -> str:
        found = Project.objects.get(pk=row.pk)
        return answer_to(
            lambda: carry_over_project(
                found, into=into, by=fresh(getattr(cast, who)), version=found.version, due_on=due_on, now=now
            )
        )

    assert told() == "可以"
    assert told("head") == "只有督办人员可以结转"
    assert told(now=NOW) == "2026 年 12 月 31 日以后才能结转"
    assert told(into=row.plan) == "只能结转到本机关 2026 年以后的任务计划"
    assert told(due_on=date(2027, 1, 1)) == "新的完成时限 2027-01-01 要在今天以后、2027 年以内或更晚"


@pytest.mark.parametrize("state", [ProjectState.CLOSE_OUT_REQUESTED, ProjectState.CLOSED, ProjectState.CANCELLED])
def test_what_is_not_running_is_not_carried_over(state: ProjectState) -> None:
    cast = make_cast()
    row = project_at(state, cast)

    told = answer_to(lambda: carried(row, cast, next_plan(cast)))

    assert told == f"{state.label}的项目不能结转"
