"""半年回头看: what is listed, what a verdict brings about, who may say it, and that nothing is done twice."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest

from accounts.models import Event, User
from cppcc_office.lib.errors import Refused, Stale
from supervision.cycles.actions.look_back import Mending, arrange_mending, judge_item, list_look_back
from supervision.cycles.enums import Choice, RunState, Verdict
from supervision.cycles.models import CycleRun, LookBackItem
from supervision.cycles.queries.look_back import draw_again
from supervision.cycles.rules.look_back import bar_to_judge, open_ends
from supervision.notifications.channels.words import instructed
from tasks.actions.changes.deciding import agree_change, decline_change
from tasks.actions.decomposition import delete_draft
from tasks.actions.project import recall_project
from tasks.actions.results import void_result
from tasks.enums import ChangeKind, ChangeState, ChangeTier, CloseOutState, Effect, PlanKind, ProjectState
from tasks.models import ChangeRequest, CloseOut, Milestone, Plan, Project, Result
from tests.supervision.cycles.looking_back import (
    HALF,
    JULY,
    MEND_BY,
    a_look_back,
    closed,
    item_of,
    listed,
    mending,
    overdue,
    rule_made,
)
from tests.tasks.company import YES, Company, answer_to, fresh, make_company
from tests.tasks.racing import losers, race
from tests.walks import a_source

pytestmark = pytest.mark.django_db


@pytest.fixture
def company() -> Company:
    return make_company()


def choices(run: CycleRun) -> list[str]:
    return list(LookBackItem.objects.filter(run=run).values_list("choice", flat=True))


def judge(
    item: LookBackItem, verdict: Verdict, by: User, *, words: str = "", to: Mending | None = None
) -> LookBackItem:
    item.refresh_from_db(fields=["version"])
    return judge_item(item, verdict=verdict, words=words, mending=to, by=fresh(by), version=item.version, now=JULY)


# ── what leaves the house ────────────────────────────────────────────────────


def test_mending_what_an_instruction_asked_for_leaves_by_number_only(company: Company) -> None:
    closed(company).key_task.sources.add(a_source(company, "领导同志批示"))
    item = item_of(listed(company), Choice.SAMPLE)

    item = judge(item, Verdict.RECTIFY, company.supervising_head, words="没有落实", to=mending(company))

    assert instructed([item.follow_up_id]) == {item.follow_up_id}


# ── the list ─────────────────────────────────────────────────────────────────


def test_the_list_holds_what_was_closed_what_is_overdue_and_the_rules_made(company: Company) -> None:
    good = closed(company)
    closed(company, Effect.EXCELLENT)
    closed(company, is_late=True)
    overdue(company)
    rule_made(company, good)
    run = a_look_back(company)

    counts = list_look_back(run, JULY)

    assert counts == {"评为优": 1, "逾期销号": 1, "其他销号": 1, "逾期未销号": 1, "制度执行": 1}
    assert choices(run) == ["EXCELLENT", "LATE", "SAMPLE", "OVERDUE", "RULE"]
    assert list(run.look_back_items.values_list("order", flat=True)) == [1, 2, 3, 4, 5]


def test_what_lies_outside_the_half_year_is_not_listed(company: Company) -> None:
    row = closed(company)
    CloseOut.objects.filter(project=row).update(closed_on=HALF[1] + timedelta(days=1))
    overdue(company, due_on=HALF[1])  # on its last day it is not yet overdue
    rule_made(company, row, on=HALF[0] - timedelta(days=1))

    assert choices(listed(company)) == []


def test_a_void_rule_and_a_void_close_out_are_not_listed(company: Company) -> None:
    row = closed(company)
    result = rule_made(company, row)
    void_result(result, by=company.staff, version=row.version, reason="重复登记", now=JULY)
    CloseOut.objects.filter(project=row).update(state=CloseOutState.VOID)

    assert choices(listed(company)) == []


def test_excellent_goes_before_late(company: Company) -> None:
    closed(company, Effect.EXCELLENT, is_late=True)

    assert choices(listed(company)) == ["EXCELLENT"]


def test_another_office_has_a_list_of_its_own(company: Company) -> None:
    closed(company)
    run = a_look_back(company)
    CycleRun.objects.filter(pk=run.pk).update(organization=company.elsewhere)
    run.refresh_from_db()

    assert sum(list_look_back(run, JULY).values()) == 0


def test_a_sample_holds_every_must_have_and_is_the_draw_of_the_numbers(company: Company) -> None:
    for effect in (Effect.GOOD, Effect.GOOD, Effect.FAIR, Effect.GOOD, Effect.EXCELLENT):
        closed(company, effect)
    run = listed(company, percent=40)

    assert sorted(choices(run)) == ["EXCELLENT", "SAMPLE"]
    again = draw_again(run)
    assert (again.seed, again.chosen, again.musts, again.differences) == ("office 2026-01-01 2026-06-30", 2, 1, 0)


def test_listing_twice_changes_nothing(company: Company) -> None:
    rule_made(company, closed(company))
    overdue(company)
    run = listed(company)
    before = list(LookBackItem.objects.values())

    list_look_back(run, JULY)

    assert list(LookBackItem.objects.values()) == before


def test_listing_anew_keeps_what_was_judged_adds_what_is_missing_drops_what_went(company: Company) -> None:
    judged, gone = closed(company), closed(company)
    run = listed(company)
    judge(LookBackItem.objects.get(project=judged), Verdict.CONSOLIDATE, company.secretariat)
    CloseOut.objects.filter(project__in=[judged, gone]).update(state=CloseOutState.VOID)
    late = closed(company, is_late=True)

    list_look_back(run, JULY)

    assert list(run.look_back_items.values_list("project", "order")) == [(late.pk, 1), (judged.pk, 2)]
    assert draw_again(run).gone == [LookBackItem.objects.get(project=judged)]


# ── verdicts ─────────────────────────────────────────────────────────────────


def test_what_holds_needs_no_words(company: Company) -> None:
    row = closed(company)
    item = item_of(listed(company), Choice.SAMPLE)

    judge(item, Verdict.CONSOLIDATE, company.secretariat)

    item.refresh_from_db()
    assert (item.verdict, item.checked_by, item.checked_at, item.version) == (
        "CONSOLIDATE",
        company.secretariat,
        JULY,
        2,
    )
    event = Event.objects.get(verb="judge_look_back")
    assert (event.words, event.project_id, event.subject_id) == ("2026年上半年回头看，结论巩固", row.pk, item.pk)
    assert item.follow_up is None
    assert item.change is None


def test_a_closed_project_is_mended_by_a_matter_of_its_own(company: Company) -> None:
    row = closed(company)
    item = item_of(listed(company), Choice.SAMPLE)

    judge(item, Verdict.RECTIFY, company.secretariat, words="佐证材料未归档", to=mending(company))

    item.refresh_from_db()
    matter = item.follow_up
    assert matter is not None
    assert (matter.title, matter.state, matter.due_on) == (f"整改：{row.title}", ProjectState.DISPATCHED, MEND_BY)
    assert (matter.lead_division, matter.person) == (company.lead, company.staff)
    assert matter.key_task.sources.get().name == "2026年上半年回头看"
    step = matter.milestones.get()
    assert (step.due_on, step.person, step.deliverable) == (MEND_BY, company.staff, "整改报告")
    row.refresh_from_db()
    assert row.state == ProjectState.CLOSED
    assert "结论整改：佐证材料未归档；另立事项" in Event.objects.get(verb="judge_look_back").words


def test_an_overdue_project_is_asked_to_take_a_step_more(company: Company) -> None:
    row = overdue(company)
    item = item_of(listed(company), Choice.OVERDUE)

    judge(item, Verdict.RECTIFY, company.secretariat, words="迟迟未报送", to=mending(company))

    item.refresh_from_db()
    change = item.change
    assert change is not None
    assert (change.kind, change.state, change.tier) == ("ALTERATION", ChangeState.ASKED, ChangeTier.SECRETARIAT)
    row.refresh_from_db()
    agree_change(change, by=company.second_secretariat, version=row.version, now=JULY)
    assert row.milestones.get(title=f"整改：{row.title}").due_on == MEND_BY
    row.refresh_from_db()
    assert row.due_on == date(2026, 5, 29)


@pytest.mark.parametrize("state", [ProjectState.CANCELLED, ProjectState.CARRIED_OVER])
def test_what_was_overdue_and_has_ended_since_is_mended_by_a_matter(company: Company, state: ProjectState) -> None:
    row = overdue(company)
    item = item_of(listed(company), Choice.OVERDUE)
    Project.objects.filter(pk=row.pk).update(state=state)

    judge(item, Verdict.RECTIFY, company.secretariat, words="久拖未办", to=mending(company))

    item.refresh_from_db()
    assert item.change is None
    assert item.follow_up is not None
    assert item.follow_up.title == f"整改：{row.title}"


def test_a_rule_that_is_not_kept_becomes_a_matter(company: Company) -> None:
    rule_made(company, closed(company))
    item = item_of(listed(company), Choice.RULE)

    judge(item, Verdict.RECTIFY, company.secretariat, words="未按办法报送", to=mending(company))

    item.refresh_from_db()
    assert item.follow_up is not None
    assert item.follow_up.title == "整改：提案督办办法"
    assert "回头看制度“提案督办办法”，结论整改" in Event.objects.get(verb="judge_look_back").words


def test_what_has_come_back_is_reopened_by_the_leader(company: Company) -> None:
    row = closed(company)
    item = item_of(listed(company), Choice.SAMPLE)
    to = mending(company, project_due_on=date(2026, 9, 30))

    judge(item, Verdict.REBOUND, company.secretariat, words="问题反复", to=to)

    item.refresh_from_db()
    change = item.change
    assert change is not None
    assert (change.kind, change.tier, change.new_due_on) == (
        ChangeKind.REOPENING,
        ChangeTier.LEADER,
        date(2026, 9, 30),
    )
    row.refresh_from_db()
    agree_change(change, by=company.leader, version=row.version, now=JULY)
    row.refresh_from_db()
    assert (row.state, row.due_on) == (ProjectState.IN_PROGRESS, date(2026, 9, 30))
    assert Milestone.objects.get(project=row, title__startswith="整改").due_on == MEND_BY
    assert CloseOut.objects.get(project=row).state == CloseOutState.VOID


def test_without_a_date_of_its_own_the_reopened_project_is_due_with_its_mending(company: Company) -> None:
    closed(company)
    item = item_of(listed(company), Choice.SAMPLE)

    judge(item, Verdict.REBOUND, company.secretariat, words="问题反复", to=mending(company))

    assert ChangeRequest.objects.get().new_due_on == MEND_BY


def test_the_longest_title_still_becomes_a_matter(company: Company) -> None:
    row = closed(company)
    Project.objects.filter(pk=row.pk).update(title="长" * 300)
    item = item_of(listed(company), Choice.SAMPLE)

    judge(item, Verdict.RECTIFY, company.secretariat, words="未归档", to=mending(company))

    assert Project.objects.get(title__startswith="整改：").title == "整改：" + "长" * 297


# ── refusals ─────────────────────────────────────────────────────────────────


def test_everything_that_is_wrong_is_told_at_once(company: Company) -> None:
    closed(company)
    item = item_of(listed(company), Choice.SAMPLE)
    Plan.objects.filter(kind=PlanKind.ANNUAL).update(kind=PlanKind.SPECIAL)
    wrong = Mending(company.assisting, company.staff, date(2026, 7, 6))

    with pytest.raises(Refused) as refusal:
        judge(item, Verdict.RECTIFY, company.staff, to=wrong)

    assert refusal.value.reasons == [
        "只有督办人员可以作回头看结论",
        "结论为整改的，请写明回头看情况",
        "整改时限 2026-07-06 已过，请改为今天或以后",
        "吴科员不在研究室任职，请重新选择责任人",
        "2026 年还没有年度任务计划，不能另立整改事项，请先建立",
    ]
    item.refresh_from_db()
    assert item.verdict == ""


def test_nothing_open_comes_back(company: Company) -> None:
    overdue(company)
    item = item_of(listed(company), Choice.OVERDUE)

    with pytest.raises(Refused, match="没有销号的不能判定反弹"):
        judge(item, Verdict.REBOUND, company.secretariat, words="问题反复", to=mending(company))


@pytest.mark.parametrize(
    ("to", "words"),
    [
        (lambda _: None, "整改要写明责任处室、责任人和完成时限"),
        (lambda cast: Mending(cast.lead, cast.staff, None), "整改要写明责任处室、责任人和完成时限"),
        (lambda cast: mending(cast, project_due_on=date(2026, 8, 1)), "早于整改时限"),
    ],
)
def test_a_mending_says_who_and_when(company: Company, to: Callable[[Company], Mending | None], words: str) -> None:
    closed(company)
    item = item_of(listed(company), Choice.SAMPLE)

    with pytest.raises(Refused, match=words):
        judge(item, Verdict.REBOUND, company.secretariat, words="问题反复", to=to(company))


def test_a_change_that_waits_bars_another(company: Company) -> None:
    closed(company)
    run = listed(company)
    item = item_of(run, Choice.SAMPLE)
    judge(item, Verdict.REBOUND, company.secretariat, words="问题反复", to=mending(company))
    ChangeRequest.objects.update(asked_by=company.secretariat)
    LookBackItem.objects.update(change=None)

    with pytest.raises(Refused, match="已有待决定的撤销销号申请"):
        judge(item, Verdict.REBOUND, company.secretariat, words="问题反复", to=mending(company))


def test_too_many_words_are_refused(company: Company) -> None:
    closed(company)
    item = item_of(listed(company), Choice.SAMPLE)

    with pytest.raises(Refused, match="最多 500 字，现有 501 字"):
        judge(item, Verdict.CONSOLIDATE, company.secretariat, words="长" * 501)


ROLES = {
    "secretariat": YES,
    "supervising_head": YES,
    "standing_in": "您在牵头处室任职或代行其负责人，不能对本处室的事项作结论",
    "head": "只有督办人员可以作回头看结论",
    "staff": "只有督办人员可以作回头看结论",
    "leader": "只有督办人员可以作回头看结论",
    "outsider": "只有督办人员可以作回头看结论",
    "foreign_secretariat": "只有督办人员可以作回头看结论",
}


@pytest.mark.parametrize("who", ROLES)
def test_who_judges(company: Company, who: str) -> None:
    closed(company)
    item = item_of(listed(company), Choice.SAMPLE)

    told = answer_to(lambda: judge(item, Verdict.CONSOLIDATE, company.everyone()[who]))

    assert told == ROLES[who]


def test_nobody_judges_what_he_had_a_hand_in(company: Company) -> None:
    row = closed(company)
    rule = rule_made(company, row, by=company.secretariat)
    run = listed(company)

    for item in run.look_back_items.all():
        with pytest.raises(Refused, match="您填报、审核或代填过本项目"):
            judge(item, Verdict.CONSOLIDATE, company.secretariat)

    assert Result.objects.get() == rule


def test_nobody_judges_where_he_worked_meanwhile(company: Company) -> None:
    closed(company)
    item = item_of(listed(company), Choice.SAMPLE)
    company.secretariat.memberships.create(
        organization=company.office,
        role="STAFF",
        division=company.lead,
        starts_on=date(2026, 2, 1),
        ends_on=date(2026, 4, 30),
    )

    with pytest.raises(Refused, match="项目办理期间您曾在牵头处室任职"):
        judge(item, Verdict.CONSOLIDATE, company.secretariat)


# ── the supervising division's own work ──────────────────────────────────────


def test_a_leader_judges_what_the_supervising_division_leads(company: Company) -> None:
    closed(company, own=True)
    run = listed(company)
    item = item_of(run, Choice.SAMPLE)

    with pytest.raises(Refused, match="由领导作回头看结论"):
        judge(item, Verdict.CONSOLIDATE, company.secretariat)
    judge(item, Verdict.RECTIFY, company.leader, words="请补充佐证材料")

    item.refresh_from_db()
    assert (item.verdict, item.has_come) == ("RECTIFY", False)
    assert open_ends(run) == ["还有 1 项整改没有交办"]


def test_the_secretariat_puts_in_hand_what_a_leader_asks_for(company: Company) -> None:
    closed(company, own=True)
    run = listed(company)
    item = item_of(run, Choice.SAMPLE)
    judge(item, Verdict.RECTIFY, company.leader, words="请补充佐证材料")
    to = Mending(company.supervising, company.secretariat, MEND_BY)

    arrange_mending(item, mending=to, by=company.secretariat, version=2, now=JULY)

    item.refresh_from_db()
    assert item.follow_up is not None
    assert item.follow_up.state == ProjectState.DISPATCHED
    assert open_ends(run) == []
    assert Event.objects.get(verb="arrange_mending").words.startswith("2026年上半年回头看，交办整改；另立事项")
    with pytest.raises(Refused, match="整改已经交办"):
        arrange_mending(item, mending=to, by=company.secretariat, version=3, now=JULY)


def test_what_needs_no_mending_is_not_put_in_hand(company: Company) -> None:
    closed(company)
    item = item_of(listed(company), Choice.SAMPLE)

    with pytest.raises(Refused) as refusal:
        arrange_mending(item, mending=mending(company), by=company.leader, version=1, now=JULY)

    assert refusal.value.reasons == ["只有督办人员可以交办整改", "结论为整改或反弹的，才要交办整改"]


# ── again, and two at once ───────────────────────────────────────────────────


def test_a_verdict_may_be_changed_until_something_has_come_of_it(company: Company) -> None:
    closed(company)
    item = item_of(listed(company), Choice.SAMPLE)
    judge(item, Verdict.CONSOLIDATE, company.secretariat)
    judge(item, Verdict.RECTIFY, company.secretariat, words="未归档", to=mending(company))

    with pytest.raises(Refused, match="这项结论已有后续办理，不能再改"):
        judge(item, Verdict.CONSOLIDATE, company.secretariat)

    assert Event.objects.filter(verb="judge_look_back").count() == 2
    assert Event.objects.filter(verb="judge_look_back").order_by("id")[1].before["verdict"] == "CONSOLIDATE"


def test_a_declined_change_lets_the_verdict_be_said_anew(company: Company) -> None:
    row = closed(company)
    run = listed(company)
    item = item_of(run, Choice.SAMPLE)
    judge(item, Verdict.REBOUND, company.secretariat, words="问题反复", to=mending(company))
    row.refresh_from_db()
    decline_change(ChangeRequest.objects.get(), by=company.leader, version=row.version, note="未见反弹", now=JULY)
    assert open_ends(run) == ["还有 1 项整改没有交办"]

    judge(item, Verdict.CONSOLIDATE, company.secretariat)

    item.refresh_from_db()
    assert (item.verdict, item.change) == ("CONSOLIDATE", None)


def test_a_deleted_draft_leaves_the_item_without_consequence(company: Company) -> None:
    closed(company)
    item = item_of(listed(company), Choice.SAMPLE)
    judge(item, Verdict.RECTIFY, company.secretariat, words="未归档", to=mending(company))
    matter = Project.objects.get(title__startswith="整改：")
    recall_project(matter, by=company.secretariat, version=matter.version, now=JULY)
    Project.objects.filter(pk=matter.pk).update(dispatched_on=None)
    matter.revisions.all().delete()
    matter.refresh_from_db()
    delete_draft(matter, by=company.secretariat, version=matter.version, now=JULY)

    item.refresh_from_db()
    assert (item.follow_up, item.has_come) == (None, False)


def test_who_comes_second_is_told_what_was_found(company: Company) -> None:
    closed(company)
    item = item_of(listed(company), Choice.SAMPLE)
    judge(item, Verdict.CONSOLIDATE, company.second_secretariat, words="运行良好")

    with pytest.raises(Stale) as stale:
        judge_item(item, verdict=Verdict.CONSOLIDATE, by=company.secretariat, version=1, now=JULY)

    assert [(change.new, change.by) for change in stale.value.changes] == [("巩固：运行良好", "郑科员")]


def test_what_was_dropped_meanwhile_is_told(company: Company) -> None:
    closed(company)
    item = item_of(listed(company), Choice.SAMPLE)
    LookBackItem.objects.all().delete()

    with pytest.raises(Stale, match="已不在清单中"):
        judge_item(item, verdict=Verdict.CONSOLIDATE, by=company.secretariat, version=1, now=JULY)


@pytest.mark.django_db(transaction=True)
def test_of_two_who_judge_at_once_one_wins(company: Company) -> None:
    closed(company)
    item = item_of(listed(company), Choice.SAMPLE)

    def ready(by: User) -> Callable[[], Callable[[], object]]:
        def prepare() -> Callable[[], object]:
            found = LookBackItem.objects.get(pk=item.pk)
            who = fresh(by)
            return lambda: judge_item(
                found,
                verdict=Verdict.RECTIFY,
                words="未归档",
                mending=mending(company),
                by=who,
                version=found.version,
                now=JULY,
            )

        return prepare

    outcomes = race([ready(company.secretariat), ready(company.supervising_head)])

    assert [type(outcome) for outcome in losers(outcomes)] == [Stale]
    assert Project.objects.filter(title__startswith="整改：").count() == 1


def test_a_closed_run_is_not_judged_any_more(company: Company) -> None:
    closed(company)
    run = listed(company)
    item = item_of(run, Choice.SAMPLE)
    CycleRun.objects.filter(pk=run.pk).update(closed_at=JULY, closed_by=company.secretariat)

    with pytest.raises(Refused, match="本次回头看已办结"):
        judge(item, Verdict.CONSOLIDATE, company.secretariat)


def test_while_it_is_listed_anew_nobody_judges(company: Company) -> None:
    closed(company)
    run = listed(company)
    item = item_of(run, Choice.SAMPLE)
    CycleRun.objects.filter(pk=run.pk).update(state=RunState.RUNNING, finished_at=None, claimed_at=JULY)

    with pytest.raises(Refused, match="还没有运行完"):
        judge(item, Verdict.CONSOLIDATE, company.secretariat)


def test_closing_waits_for_every_verdict(company: Company) -> None:
    closed(company)
    run = listed(company)
    assert open_ends(run) == ["还有 1 项没有作结论"]

    judge(item_of(run, Choice.SAMPLE), Verdict.CONSOLIDATE, company.secretariat)

    assert open_ends(run) == []


def test_hands_known_beforehand_bar_as_well(company: Company) -> None:
    closed(company)
    item = item_of(listed(company), Choice.SAMPLE)

    bars = [
        bar_to_judge(company.secretariat, item, JULY.date(), hands=hands)
        for hands in (set[int](), {company.secretariat.pk})
    ]

    assert bars[0] == []
    assert "您填报、审核或代填过本项目" in bars[1][0]
