"""每日巡查: who is told what on which day, once, and what the page of today shows."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.urls import reverse

from accounts.models import Division, Membership, User
from cppcc_office.lib.workdays import WorkCalendar
from supervision.cycles.actions.watch import watch
from supervision.cycles.enums import Cycle, RunState
from supervision.cycles.kinds import DAILY_WATCH
from supervision.cycles.models import CycleRun
from supervision.cycles.queries.watch import OVERDUE, TODAY, Span, spans_of
from supervision.notifications.kinds.registry import kind_of
from supervision.notifications.models import Notification
from tasks.actions.changes.asking import ask_change
from tasks.actions.changes.lines import Wish
from tasks.enums import ChangeKind, MilestoneState, ProjectState
from tasks.models import Milestone, Project
from tests.cast import NOW, SHANGHAI
from tests.pages import CheckingClient
from tests.tasks.company import Company, advance, make_company, milestone_at
from tests.walks import project_at

pytestmark = pytest.mark.django_db
CALENDAR = WorkCalendar()


@pytest.fixture
def company(time_machine: Any) -> Company:
    time_machine.move_to(NOW, tick=False)
    return make_company()


def at(day: date, hour: int = 8) -> datetime:
    return datetime(day.year, day.month, day.day, hour, 30, tzinfo=SHANGHAI)


def a_run(company: Company, day: date, *, state: RunState = RunState.DONE) -> CycleRun:
    """As the engine leaves it after the watch of that day."""
    now = at(day)
    ended = {"finished_at": now} if state in (RunState.DONE, RunState.MERGED) else {}
    return CycleRun.objects.create(
        organization=company.office,
        cycle=Cycle.DAILY,
        starts_on=day,
        ends_on=day,
        due_at=now,
        state=state,
        claimed_at=now,
        started_at=now,
        **ended,
    )


def watched(company: Company, day: date) -> dict[str, dict[str, int]]:
    """What everybody was told on that day, by name."""
    watch(a_run(company, day), at(day))
    return told_on(day)


def told_on(day: date) -> dict[str, dict[str, int]]:
    rows = Notification.objects.filter(kind=DAILY_WATCH, key=day.isoformat()).select_related("person")
    return {row.person.name: row.counts for row in rows}


def due_on(node: Milestone, day: date) -> Milestone:
    """The date alone: how it came to be is not asked here."""
    node.due_on = node.original_due_on = day
    node.warn_on = min(node.warn_on or day, day)
    node.save(update_fields=["due_on", "original_due_on", "warn_on"])
    return node


def a_node(company: Company, day: date, state: MilestoneState = MilestoneState.IN_PROGRESS) -> Milestone:
    """A milestone of 吴科员, the only one of its project that comes near."""
    return due_on(milestone_at(state, company), day)


def test_spans_never_overlap_and_count_working_days() -> None:
    friday = date(2026, 3, 6)

    spans = spans_of(CALENDAR, friday)

    assert spans == [
        Span(OVERDUE, None, date(2026, 3, 6)),
        Span(TODAY, date(2026, 3, 6), date(2026, 3, 9)),  # what is due on the weekend is due today
        Span("1", date(2026, 3, 9), date(2026, 3, 10)),
        Span("3", date(2026, 3, 10), date(2026, 3, 12)),
        Span("7", date(2026, 3, 12), date(2026, 3, 18)),
    ]


def test_a_watch_each_day_tells_each_date_once_per_lead() -> None:
    """Over a whole year with holidays and worked weekends: every date is told 7, 3 and 1 days before and on its day."""
    days = [date(2026, 1, 1) + timedelta(days=n) for n in range(365)]
    working = [day for day in days if CALENDAR.is_workday(day)]
    told: dict[tuple[str, date], list[date]] = {}

    for before, today in zip(working, working[1:], strict=False):
        for span in spans_of(CALENDAR, today, seen_on=before)[1:]:
            day = span.since or date.max
            while day < span.until:
                told.setdefault((span.code, day), []).append(today)
                day += timedelta(days=1)

    for due in days[30:330]:
        counted = CALENDAR.on_or_before(due)
        for lead in (1, 3, 7):
            assert told[str(lead), due] == [CALENDAR.add(counted, -lead)], (lead, due)
        assert told[TODAY, due] == [counted]


@pytest.mark.parametrize("missed", [1, 2, 5, 9])
def test_missed_days_lose_no_date(missed: int) -> None:
    """Whatever would have been told on a missed day is told by the next watch, under the nearest of its leads."""
    working = [day for n in range(200) if CALENDAR.is_workday(day := date(2026, 2, 1) + timedelta(days=n))]

    for place in range(10, 100):
        before, today = working[place - missed - 1], working[place]
        spans = spans_of(CALENDAR, today, seen_on=before)
        for lead in (1, 3, 7):
            for day in working[place - missed : place + 1]:
                due = CALENDAR.add(day, lead)
                holding = [span.code for span in spans if _holds(span, due)]
                assert len(holding) == 1, (today, due, holding)


def _holds(span: Span, due: date) -> bool:
    return (span.since is None or due >= span.since) and due < span.until


@pytest.mark.parametrize(
    ("today", "counts"),
    [
        (date(2026, 4, 9), {}),
        (date(2026, 4, 10), {"7 个工作日内到期": 1}),
        (date(2026, 4, 13), {}),
        (date(2026, 4, 16), {"3 个工作日内到期": 1}),
        (date(2026, 4, 17), {}),
        (date(2026, 4, 20), {"1 个工作日内到期": 1}),
        (date(2026, 4, 21), {"今天到期": 1}),
        (date(2026, 4, 22), {"逾期": 1}),
        (date(2026, 4, 23), {"逾期": 1}),
    ],
)
def test_the_person_is_told_on_the_days_that_count(company: Company, today: date, counts: dict[str, int]) -> None:
    a_node(company, date(2026, 4, 21))

    told = watched(company, today)

    assert told.get("吴科员", {}) == counts


def test_words_say_what_there_is(company: Company) -> None:
    a_node(company, date(2026, 4, 20))
    a_node(company, date(2026, 4, 21))
    project_at(ProjectState.DISPATCHED, company)

    watch(a_run(company, date(2026, 4, 21)), at(date(2026, 4, 21)))

    row = Notification.objects.get(person=company.staff, kind=DAILY_WATCH)
    assert row.words == "逾期 2 项、今天到期 1 项、等您办理 1 项"  # the first step of what is not received, too
    assert (row.url, row.reason, row.on) == ("/watch/", "DEADLINE", date(2026, 4, 21))


def test_a_date_on_a_day_off_is_told_as_of_the_working_day_before(company: Company) -> None:
    a_node(company, date(2026, 5, 2))  # in the holiday of 1 to 5 May

    assert watched(company, date(2026, 4, 29))["吴科员"] == {"1 个工作日内到期": 1}
    assert watched(company, date(2026, 4, 30))["吴科员"] == {"今天到期": 1}
    assert watched(company, date(2026, 5, 6))["吴科员"] == {"逾期": 1}


def test_a_missed_week_gives_one_digest_with_all_of_it(company: Company) -> None:
    a_node(company, date(2026, 4, 20))
    a_node(company, date(2026, 4, 24))
    a_node(company, date(2026, 4, 27))
    a_run(company, date(2026, 4, 10))
    for day in (13, 14, 15, 16):
        a_run(company, date(2026, 4, day), state=RunState.MERGED)

    told = watched(company, date(2026, 4, 17))

    assert told["吴科员"] == {"1 个工作日内到期": 1, "7 个工作日内到期": 2}


def test_twice_and_begun_again_tell_once(company: Company) -> None:
    a_node(company, date(2026, 4, 21))
    run = a_run(company, date(2026, 4, 21))

    first = watch(run, at(date(2026, 4, 21)))
    Notification.objects.filter(person=company.staff, kind=DAILY_WATCH).delete()  # as if it had died half way
    again = watch(run, at(date(2026, 4, 21), hour=15))

    assert first == again == {"提醒人数": 1}
    assert told_on(date(2026, 4, 21)) == {"吴科员": {"今天到期": 1}}


def test_nothing_to_tell_is_no_digest(company: Company) -> None:
    project_at(ProjectState.IN_PROGRESS, company)

    assert watched(company, date(2026, 3, 5)) == {}


def test_what_waits_is_counted_for_whoever_must_act(company: Company) -> None:
    project_at(ProjectState.DISPATCHED, company)
    milestone_at(MilestoneState.AWAITING_HEAD, company)
    milestone_at(MilestoneState.REPORTED, company)
    project_at(ProjectState.CLOSE_OUT_REQUESTED, company)
    project_at(ProjectState.CLOSE_OUT_REQUESTED, company, lead=company.supervising)

    told = watched(company, date(2026, 3, 5))

    waiting = {name: counts["等您办理"] for name, counts in told.items()}
    assert waiting == {
        "陈处长": 2,  # receive, agree
        "沈副处长": 2,
        "杨副处长": 2,  # stands in for 陈处长
        "朱科员": 4,  # of the 督办处, and stands in for 沈副处长
        "吴科员": 1,
        "王科员": 2,  # confirm, accept; not what the 督办处 leads
        "郑科员": 2,
        "李处长": 2,
        "周副主席": 1,
        "邓秘书长": 1,
        "秦副主任": 1,  # stands in for 周副主席
    }


def test_a_change_waits_for_whoever_decides_it(company: Company) -> None:
    row = project_at(ProjectState.IN_PROGRESS, company)
    resume = Wish("project", "resume_on", "2026-06-01")
    ask_change(
        row,
        kind=ChangeKind.SUSPENSION,
        by=company.head,
        version=row.version,
        reason="上级另有部署",
        wishes=[resume],
        now=NOW,
    )

    told = watched(company, date(2026, 3, 5))

    assert {name for name, counts in told.items() if counts == {"等您办理": 1}} == {
        "王科员",
        "郑科员",
        "李处长",
        "周副主席",
        "秦副主任",
    }


def test_the_page_counts_what_the_digest_counts(company: Company, client: CheckingClient, time_machine: Any) -> None:
    project_at(ProjectState.DISPATCHED, company)
    milestone_at(MilestoneState.AWAITING_HEAD, company)
    milestone_at(MilestoneState.REPORTED, company)
    a_node(company, date(2026, 3, 3))
    a_node(company, date(2026, 3, 5))
    project_at(ProjectState.CLOSE_OUT_REQUESTED, company)
    today = date(2026, 3, 5)

    told = watched(company, today)

    time_machine.move_to(at(today), tick=False)
    for user in company.everyone().values():
        if user in (company.sysadmin, company.auditor, company.stranger):
            continue
        client.force_login(user)
        shown = {group.code: group.count for group in client.get(reverse("watch")).context["groups"]}
        counts = told.get(user.name, {})
        assert shown.get("waiting", 0) == counts.get("等您办理", 0), user
        assert shown.get("overdue", 0) == counts.get("逾期", 0), user
        assert shown.get("today", 0) == counts.get("今天到期", 0), user


def suspended(company: Company, node: Milestone) -> None:
    Project.objects.filter(pk=node.project_id).update(state=ProjectState.SUSPENDED)


def asked_in_time(company: Company, node: Milestone) -> None:
    Milestone.objects.filter(pk=node.pk).update(extension_asked_on=node.due_on)


def left_office(company: Company, node: Milestone) -> None:
    User.objects.filter(pk=company.staff.pk).update(is_active=False)


def moved_away(company: Company, node: Milestone) -> None:
    Membership.objects.filter(user=company.staff).update(division=company.outside)


def reported(company: Company, node: Milestone) -> None:
    node = advance(node, "report", company.staff)
    advance(node, "agree", company.head)


@pytest.mark.parametrize("silenced_by", [suspended, asked_in_time, left_office, moved_away, reported])
def test_some_are_not_reminded(company: Company, silenced_by: Callable[[Company, Milestone], None]) -> None:
    node = a_node(company, date(2026, 4, 21))

    silenced_by(company, node)

    assert "吴科员" not in watched(company, date(2026, 4, 22))


def test_an_extension_asked_for_too_late_stops_no_reminder(company: Company) -> None:
    node = a_node(company, date(2026, 4, 21))
    Milestone.objects.filter(pk=node.pk).update(extension_asked_on=date(2026, 4, 22))

    assert watched(company, date(2026, 4, 22))["吴科员"] == {"逾期": 1}


def test_the_projects_own_date_is_told_to_its_person(company: Company) -> None:
    row = project_at(ProjectState.IN_PROGRESS, company)
    Milestone.objects.filter(project=row).update(person=company.head)
    Project.objects.filter(pk=row.pk).update(due_on=date(2026, 4, 13))  # before its first milestone

    assert watched(company, date(2026, 4, 14))["吴科员"] == {"逾期": 1}


def test_another_office_is_left_alone(company: Company) -> None:
    a_node(company, date(2026, 4, 21))
    run = a_run(company, date(2026, 4, 21))
    CycleRun.objects.filter(pk=run.pk).update(organization=company.elsewhere)
    run.refresh_from_db()

    watch(run, at(date(2026, 4, 21)))

    assert told_on(date(2026, 4, 21)) == {}


def test_a_digest_holds_while_something_is_open_and_none_came_later(company: Company) -> None:
    node = a_node(company, date(2026, 4, 21))
    watched(company, date(2026, 4, 21))
    row = Notification.objects.get(kind=DAILY_WATCH, person=company.staff)
    holds = kind_of(DAILY_WATCH).still_true
    assert holds is not None

    before = holds(row, date(2026, 4, 21))
    node = advance(node, "report", company.staff)
    advance(node, "agree", company.head)
    row = Notification.objects.get(pk=row.pk)
    settled = holds(row, date(2026, 4, 21))

    assert (before, settled) == (True, False)


def test_a_digest_of_someone_who_left_the_office_holds_no_more(company: Company) -> None:
    """He is still active, and works nowhere: it is withdrawn, and holds up nobody else's mail."""
    a_node(company, date(2026, 4, 21))
    watched(company, date(2026, 4, 21))
    Membership.objects.filter(user=company.staff).update(ends_on=date(2026, 4, 20))
    holds = kind_of(DAILY_WATCH).still_true
    assert holds is not None

    row = Notification.objects.get(kind=DAILY_WATCH, person=company.staff)

    assert holds(row, date(2026, 4, 21)) is False


def test_a_later_digest_takes_the_place_of_an_earlier_one(company: Company) -> None:
    a_node(company, date(2026, 4, 21))
    watched(company, date(2026, 4, 22))
    watched(company, date(2026, 4, 23))
    holds = kind_of(DAILY_WATCH).still_true
    assert holds is not None

    rows = Notification.objects.filter(kind=DAILY_WATCH, person=company.staff).order_by("on")

    assert [holds(row, date(2026, 4, 23)) for row in rows] == [False, True]
    assert [row.read_at for row in rows] == [at(date(2026, 4, 23)), None]


def test_nobody_mutes_it() -> None:
    assert not kind_of(DAILY_WATCH).may_be_muted


@pytest.mark.parametrize("count", [1, 3])
def test_the_watch_asks_as_often_for_many_as_for_one(
    company: Company, django_assert_num_queries: Any, count: int
) -> None:
    for _ in range(count):
        a_node(company, date(2026, 4, 21))
    run = a_run(company, date(2026, 4, 22))

    with django_assert_num_queries(18):
        watch(run, at(date(2026, 4, 22)))


@pytest.mark.parametrize("count", [1, 3])
def test_the_page_asks_as_often_for_many_as_for_one(
    company: Company, client: CheckingClient, django_assert_num_queries: Any, time_machine: Any, count: int
) -> None:
    for _ in range(count):
        a_node(company, date(2026, 3, 3))
        milestone_at(MilestoneState.AWAITING_HEAD, company)
        project_at(ProjectState.DISPATCHED, company)
    client.force_login(company.staff)

    with django_assert_num_queries(12):
        page = client.get(reverse("watch"))

    assert {g.code: g.count for g in page.context["groups"]} == {"overdue": count, "waiting": count}


def test_the_page_bounds_what_it_lists(company: Company, client: CheckingClient) -> None:
    node = a_node(company, date(2026, 3, 3))
    copies = [
        Milestone(**{f.attname: getattr(node, f.attname) for f in Milestone._meta.concrete_fields if f.name != "id"})
        for _ in range(40)
    ]
    Milestone.objects.bulk_create(copies)
    client.force_login(company.staff)

    page = client.get(reverse("watch"))

    group = page.context["groups"][0]
    assert (group.count, len(group.lines), group.left_out) == (41, 30, 11)
    assert "另有 11 项" in page.content.decode()


def test_an_empty_day_is_told_so(company: Company, client: CheckingClient) -> None:
    client.force_login(company.outsider)

    page = client.get(reverse("watch")).content.decode()

    assert "今天没有要提醒您的事" in page


def test_a_division_without_people_stops_nothing(company: Company) -> None:
    empty = Division.objects.create(organization=company.office, name="新设处", order=9)
    node = a_node(company, date(2026, 4, 21))
    Milestone.objects.filter(pk=node.pk).update(division=empty)

    assert watched(company, date(2026, 4, 22))["吴科员"] == {"逾期": 1}  # of the lead division
