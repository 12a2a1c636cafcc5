"""Before 周总结: whose due work has no entry yet, and who is reminded of it."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from cppcc_office.lib.workdays import WorkCalendar
from supervision.cycles.actions.reminding import remind_weekly
from supervision.cycles.enums import Cycle
from supervision.cycles.kinds import WEEKLY_REMINDER
from supervision.cycles.models import CycleRule
from supervision.cycles.periods import DEFAULTS, Due, due_of
from supervision.cycles.queries.unreported import by_division, unreported
from supervision.notifications.kinds.registry import kind_of
from supervision.notifications.models import Notification
from tasks.enums import MilestoneState, ProjectState
from tasks.models import Milestone, Project
from tests.cast import NOW
from tests.supervision.cycles.weeks import FRIDAY, WEEK, a_week, due_on, entry
from tests.tasks.company import Company, advance, make_company, milestone_at
from tests.walks import project_at

pytestmark = pytest.mark.django_db


@pytest.fixture
def company(time_machine: Any) -> Company:
    time_machine.move_to(NOW, tick=False)
    return make_company()


# ── who has not written ──────────────────────────────────────────────────────


def silent(company: Company) -> dict[str, list[str]]:
    return {
        each.division.name: [m.title for m in each.matters] for each in by_division(unreported(company.office.pk, WEEK))
    }


def test_due_work_without_an_entry_is_listed_until_one_comes(company: Company) -> None:
    row = project_at(ProjectState.IN_PROGRESS, company)
    assert silent(company) == {}

    due_on(row.milestones.all()[0], date(2026, 3, 6))
    listed = silent(company)
    entry(company, row, "写一句")

    assert listed == {"经济委办公室": ["第1步"]}
    assert silent(company) == {}


def test_an_entry_of_another_division_is_no_word_of_this_one(company: Company) -> None:
    row = project_at(ProjectState.IN_PROGRESS, company)
    due_on(row.milestones.all()[0], date(2026, 3, 6))

    entry(company, row, "协办的话", by=company.co_staff)

    assert silent(company) == {"经济委办公室": ["第1步"]}


def test_changed_work_is_listed_too(company: Company) -> None:
    node = milestone_at(MilestoneState.REPORTED, company, now=NOW - timedelta(days=7))
    assert silent(company) == {}

    advance(node, "send_back", company.secretariat)

    assert silent(company) == {"经济委办公室": ["第1步"]}


def test_a_project_due_and_a_returned_one_are_listed(company: Company) -> None:
    row = project_at(ProjectState.IN_PROGRESS, company)
    Project.objects.filter(pk=row.pk).update(due_on=date(2026, 3, 8))

    assert silent(company) == {"经济委办公室": [row.title]}


def reported(company: Company, node: Milestone) -> None:
    advance(node, "report", company.staff)


def asked_in_time(company: Company, node: Milestone) -> None:
    Milestone.objects.filter(pk=node.pk).update(extension_asked_on=date(2026, 3, 5))


def suspended(company: Company, node: Milestone) -> None:
    Project.objects.filter(pk=node.project_id).update(state=ProjectState.SUSPENDED)


@pytest.mark.parametrize("settled_by", [reported, asked_in_time, suspended])
def test_who_owes_no_word(company: Company, settled_by: Callable[[Company, Milestone], None]) -> None:
    row = project_at(ProjectState.IN_PROGRESS, company)
    node = due_on(row.milestones.all()[0], date(2026, 3, 6))

    settled_by(company, node)

    assert silent(company) == {}


# ── reminding ────────────────────────────────────────────────────────────────

THURSDAY = FRIDAY - timedelta(days=1, hours=7)


def remind(company: Company, *, now: datetime = THURSDAY) -> int:
    rule = CycleRule(organization=company.office, cycle=Cycle.WEEKLY)
    return remind_weekly(rule, a_due(), now)


def a_due() -> Due:
    due = due_of(DEFAULTS[Cycle.WEEKLY], WEEK, WorkCalendar())
    assert due is not None
    return due


def reminded() -> dict[str, str]:
    rows = Notification.objects.filter(kind=WEEKLY_REMINDER).select_related("person")
    return {row.person.name: row.words for row in rows}


def test_head_and_person_are_reminded_of_this_week_and_next(company: Company) -> None:
    row = project_at(ProjectState.IN_PROGRESS, company)
    due_on(row.milestones.all()[0], date(2026, 3, 12))

    told = remind(company)

    words = f"3月6日 16:00 汇集周总结，1 项工作本周还没有填报进展：{row.number}"
    assert told == 5
    # Two heads, their deputies, and who answers for it.
    assert reminded() == dict.fromkeys(("陈处长", "沈副处长", "杨副处长", "朱科员", "吴科员"), words)


def test_nobody_with_nothing_due_is_reminded(company: Company) -> None:
    row = project_at(ProjectState.IN_PROGRESS, company)
    assert remind(company) == 0

    due_on(row.milestones.all()[0], date(2026, 3, 6))
    entry(company, row, "写一句")

    assert remind(company) == 0


def test_twice_reminds_once(company: Company) -> None:
    row = project_at(ProjectState.IN_PROGRESS, company)
    due_on(row.milestones.all()[0], date(2026, 3, 6))

    assert (remind(company), remind(company, now=FRIDAY)) == (5, 0)


def test_a_reminder_is_withdrawn_when_the_entry_came_or_the_week_is_over(company: Company) -> None:
    row = project_at(ProjectState.IN_PROGRESS, company)
    due_on(row.milestones.all()[0], date(2026, 3, 6))
    remind(company)
    notification = Notification.objects.get(kind=WEEKLY_REMINDER, person=company.staff)
    holds = kind_of(WEEKLY_REMINDER).still_true
    assert holds is not None

    before, over = holds(notification, THURSDAY.date()), holds(notification, date(2026, 3, 9))
    entry(company, row, "写一句")

    assert (before, over, holds(notification, THURSDAY.date())) == (True, False, False)


def test_a_reminder_is_withdrawn_when_the_summary_is_written(company: Company) -> None:
    row = project_at(ProjectState.IN_PROGRESS, company)
    due_on(row.milestones.all()[0], date(2026, 3, 6))
    remind(company)
    notification = Notification.objects.get(kind=WEEKLY_REMINDER, person=company.staff)
    holds = kind_of(WEEKLY_REMINDER).still_true
    assert holds is not None

    a_week(company.office)

    assert not holds(notification, FRIDAY.date())


def test_one_name_of_many_numbers(company: Company) -> None:
    numbers = []
    for _ in range(5):
        row = project_at(ProjectState.IN_PROGRESS, company)
        due_on(row.milestones.all()[0], date(2026, 3, 6))
        numbers.append(row.number)

    remind(company)

    assert reminded()["吴科员"].endswith(f"5 项工作本周还没有填报进展：{'、'.join(numbers[:3])} 等")
