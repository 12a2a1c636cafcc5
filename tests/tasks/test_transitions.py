"""Every move of domain 3 tried by everybody: who may, and what the others are told; what each move leaves behind."""

from datetime import date, datetime, timedelta
from functools import partial

import pytest

from accounts.models import Event, User
from cppcc_office.lib.errors import Refused, Stale
from tasks.actions import close_out, milestone, project
from tasks.enums import CloseOutState, Effect, MilestoneState, ProjectState
from tasks.models import CloseOut, Milestone, MilestoneRevision, Project, ProjectRevision
from tasks.workflow import MILESTONE_MOVES, PROJECT_MOVES, milestone_offers, project_offers
from tests.cast import NOW, SHANGHAI, TODAY, make_cast
from tests.remembered import remembered
from tests.tasks.company import (
    MEND_ON,
    MILESTONE_ACTS,
    PROJECT_ACTS,
    YES,
    Company,
    answer_to,
    finished,
    fresh,
    make_company,
    milestone_at,
    node_of,
    ready_for,
)
from tests.walks import a_draft, a_file, project_at

pytestmark = pytest.mark.django_db

SECRETARIAT = ("secretariat", "second_secretariat", "supervising_head", "standing_in")
LEAD_HEADS = ("head", "second_head", "head_deputy", "standing_in")
LEAD_PEOPLE = (*LEAD_HEADS, "staff")
VERIFIERS = ("secretariat", "second_secretariat", "supervising_head")
LEAD = "经济委办公室"
STANDS_IN = "您在牵头处室任职或代行其负责人，不能验收本处室的项目"

# Move → who may, what everybody else is told, and who is told something else.
PROJECT_TABLE: dict[str, tuple[tuple[str, ...], str, dict[str, str]]] = {
    "dispatch": (SECRETARIAT, "只有督办人员可以交办", {}),
    "receive": (LEAD_PEOPLE, f"只有牵头处室（{LEAD}）的负责人或经办人可以签收", {}),
    "object": (LEAD_HEADS, f"只有牵头处室（{LEAD}）负责人可以退回", {}),
    "recall": (SECRETARIAT, "只有督办人员可以撤回交办", {}),
    "request_close_out": (
        (*LEAD_HEADS, *VERIFIERS),
        f"只有牵头处室（{LEAD}）负责人可以申请销号",
        {},
    ),
    "withdraw_close_out": (("head", "head_deputy"), "只有申请人（陈处长）可以撤回销号申请", {}),
    "accept_close_out": (VERIFIERS, "只有督办人员可以验收", {"standing_in": STANDS_IN}),
    "return_close_out": (VERIFIERS, "只有督办人员可以验收", {"standing_in": STANDS_IN}),
}
NODE_STANDS_IN = "您在主办处室任职或代行其负责人，不能核实本处室的节点"
MILESTONE_TABLE: dict[str, tuple[tuple[str, ...], str, dict[str, str]]] = {
    "start": ((*LEAD_PEOPLE, *VERIFIERS), f"只有主办处室（{LEAD}）的人员可以填报", {}),
    "report": ((*LEAD_PEOPLE, *VERIFIERS), f"只有主办处室（{LEAD}）的人员可以填报", {}),
    "agree": (LEAD_HEADS, f"只有主办处室（{LEAD}）负责人可以审核", {}),
    "send_back_by_head": (LEAD_HEADS, f"只有主办处室（{LEAD}）负责人可以审核", {}),
    "confirm": (VERIFIERS, "只有督办人员可以核实", {"standing_in": NODE_STANDS_IN}),
    "send_back": (VERIFIERS, "只有督办人员可以核实", {"standing_in": NODE_STANDS_IN}),
}


def expected_answers(company: Company, row: tuple[tuple[str, ...], str, dict[str, str]]) -> dict[str, str]:
    allowed, sentence, special = row
    return {name: YES if name in allowed else special.get(name, sentence) for name in company.everyone()}


def reasons_of(refusal: pytest.ExceptionInfo[Refused]) -> list[str]:
    return refusal.value.reasons


def test_every_move_has_its_row_here() -> None:
    assert set(PROJECT_TABLE) == set(PROJECT_ACTS) == set(PROJECT_MOVES)
    assert set(MILESTONE_TABLE) == set(MILESTONE_ACTS) == set(MILESTONE_MOVES)


def test_the_whole_company_has_two_and_twenty() -> None:
    assert len(make_company().everyone()) == 22


# ── who ──────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", PROJECT_ACTS)
def test_a_project_is_moved_by_those_whose_move_it_is(name: str) -> None:
    company = make_company()
    pk = ready_for(name, company).pk
    act = PROJECT_ACTS[name]

    def attempt(user: User) -> object:
        row = Project.objects.get(pk=pk)
        return act.do(row, fresh(user), row.version, NOW)

    answers = {who: answer_to(partial(attempt, user)) for who, user in company.everyone().items()}

    assert answers == expected_answers(company, PROJECT_TABLE[name])


@pytest.mark.parametrize("name", MILESTONE_ACTS)
def test_a_milestone_is_moved_by_those_whose_move_it_is(name: str) -> None:
    company = make_company()
    pk = milestone_at(MILESTONE_ACTS[name].at, company).pk
    act = MILESTONE_ACTS[name]

    def attempt(user: User) -> object:
        node = node_of(pk)
        return act.do(node, fresh(user), node.project.version, NOW)

    answers = {who: answer_to(partial(attempt, user)) for who, user in company.everyone().items()}

    assert answers == expected_answers(company, MILESTONE_TABLE[name])


@pytest.mark.parametrize("name", PROJECT_ACTS)
def test_the_buttons_of_a_project_say_what_its_moves_say(name: str) -> None:
    company = make_company()
    row = ready_for(name, company)

    offered = {
        who: next(offer for offer in project_offers(row, fresh(user), TODAY) if offer.move.name == name)
        for who, user in company.everyone().items()
    }

    shown = {who: YES if offer.is_open else "；".join(offer.bars) for who, offer in offered.items()}
    assert shown == expected_answers(company, PROJECT_TABLE[name])


@pytest.mark.parametrize("name", MILESTONE_ACTS)
def test_the_buttons_of_a_milestone_say_what_its_moves_say(name: str) -> None:
    company = make_company()
    node = milestone_at(MILESTONE_ACTS[name].at, company)

    offered = {
        who: next(offer for offer in milestone_offers(node, fresh(user), TODAY) if offer.move.name == name)
        for who, user in company.everyone().items()
    }

    shown = {who: YES if offer.is_open else "；".join(offer.bars) for who, offer in offered.items()}
    assert shown == expected_answers(company, MILESTONE_TABLE[name])


def test_the_next_gate_is_shown_barred_to_those_whose_gate_it_is() -> None:
    cast = make_cast()
    dispatched = project_at(ProjectState.DISPATCHED, cast)
    running = project_at(ProjectState.IN_PROGRESS, cast)

    def ahead(row: Project, user: User) -> dict[str, list[str]]:
        return {o.move.name: o.bars for o in project_offers(row, user, TODAY) if row.state not in o.move.sources}

    assert ahead(dispatched, cast.head) == {"request_close_out": ["已交办的项目不能申请销号"]}
    assert ahead(dispatched, cast.staff) == {}
    assert ahead(running, cast.secretariat) == {
        "accept_close_out": ["办理中的项目不能验收销号"],
        "recall": ["办理中的项目不能撤回交办"],
    }
    assert ahead(running, cast.head) == {}


# ── from where ───────────────────────────────────────────────────────────────

UNREACHED = {ProjectState.CARRIED_OVER}


@remembered
def project_in(state: ProjectState, cast: Company) -> Project:
    """Also in the state that only the end of a year leads to, whose row is written here."""
    if state not in UNREACHED:
        return project_at(state, cast)
    row = project_at(ProjectState.IN_PROGRESS, cast)
    Project.objects.filter(pk=row.pk).update(state=state)
    return Project.objects.get(pk=row.pk)


@pytest.mark.parametrize("state", ProjectState)
def test_a_project_in_another_state_cannot_be_moved(state: ProjectState) -> None:
    company = make_company()
    row = project_in(state, company)
    wrong = {name: act for name, act in PROJECT_ACTS.items() if state not in PROJECT_MOVES[name].sources}

    told = {
        name: answer_to(partial(act.do, row, getattr(company, act.by), row.version, NOW)) for name, act in wrong.items()
    }

    assert told == {name: f"{state.label}的项目不能{PROJECT_MOVES[name].label}" for name in wrong}


@pytest.mark.parametrize("state", MilestoneState)
def test_a_milestone_in_another_state_cannot_be_moved(state: MilestoneState) -> None:
    company = make_company()
    if state == MilestoneState.CANCELLED:  # only change requests lead there
        node = milestone_at(MilestoneState.PENDING, company)
        Milestone.objects.filter(pk=node.pk).update(state=state)
    else:
        node = milestone_at(state, company)
    node = node_of(node.pk)
    wrong = {name: act for name, act in MILESTONE_ACTS.items() if state not in MILESTONE_MOVES[name].sources}

    told = {
        name: answer_to(partial(act.do, node, getattr(company, act.by), node.project.version, NOW))
        for name, act in wrong.items()
    }

    assert told == {name: f"{state.label}的节点不能{MILESTONE_MOVES[name].label}" for name in wrong}


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (ProjectState.DRAFT, "项目拟立项，节点不能变动"),
        (ProjectState.DISPATCHED, "项目尚未签收，签收后才能办理"),
        (ProjectState.SUSPENDED, "项目暂缓，节点不能变动"),
        (ProjectState.CANCELLED, "项目已终止，节点不能变动"),
    ],
)
def test_milestones_rest_while_the_project_does_not_run(state: ProjectState, words: str) -> None:
    company = make_company()
    row = project_in(state, company)
    node = node_of(row.milestones.all()[0].pk)

    with pytest.raises(Refused) as refusal:
        milestone.start_milestone(node, by=company.staff, version=row.version, now=NOW)

    assert reasons_of(refusal) == [words]
    assert node_of(node.pk).state == MilestoneState.PENDING


# ── what is left behind ──────────────────────────────────────────────────────


@pytest.mark.parametrize("name", PROJECT_ACTS)
def test_a_move_of_a_project_leaves_one_event_one_revision_and_the_next_version(name: str) -> None:
    company = make_company()
    row = ready_for(name, company)
    act = PROJECT_ACTS[name]
    by = getattr(company, act.by)
    version, events, revisions = row.version, Event.objects.count(), ProjectRevision.objects.count()

    act.do(row, by, version, NOW)

    row.refresh_from_db()
    assert (row.state, row.version) == (act.to, version + 1)
    assert Event.objects.count() == events + 1
    event = Event.objects.filter(project_id=row.pk)[0]
    assert (event.verb, event.by_id, event.at, event.organization_id) == (act.verb, by.pk, NOW, company.office.pk)
    assert ProjectRevision.objects.count() == revisions + 1
    revision = ProjectRevision.objects.order_by("-id")[0]
    assert (revision.state, revision.effective_on, revision.event_id) == (act.to, TODAY, event.pk)


@pytest.mark.parametrize("name", MILESTONE_ACTS)
def test_a_move_of_a_milestone_leaves_one_event_its_revisions_and_the_next_version(name: str) -> None:
    company = make_company()
    act = MILESTONE_ACTS[name]
    node = milestone_at(act.at, company)
    by = getattr(company, act.by)
    version, events = node.project.version, Event.objects.count()
    revisions = ProjectRevision.objects.count(), MilestoneRevision.objects.count()

    act.do(node, by, version, NOW)

    node = node_of(node.pk)
    assert (node.state, node.project.version) == (act.to, version + 1)
    assert Event.objects.count() == events + 1
    event = Event.objects.filter(project_id=node.project_id)[0]
    assert (event.verb, event.by_id, event.subject_kind, event.subject_id) == (act.verb, by.pk, "milestone", node.pk)
    assert (ProjectRevision.objects.count(), MilestoneRevision.objects.count()) == (revisions[0] + 1, revisions[1] + 1)
    revision = MilestoneRevision.objects.order_by("-id")[0]
    assert (revision.milestone_id, revision.state, revision.event_id) == (node.pk, act.to, event.pk)
    assert (revision.reported_on, revision.done_on) == (node.reported_on, node.done_on)


@pytest.mark.parametrize("name", PROJECT_ACTS)
def test_a_double_click_on_a_project_moves_it_once(name: str) -> None:
    company = make_company()
    row = ready_for(name, company)
    act = PROJECT_ACTS[name]
    version = row.version
    act.do(Project.objects.get(pk=row.pk), getattr(company, act.by), version, NOW)
    events = Event.objects.count()

    with pytest.raises(Stale) as stale:
        act.do(Project.objects.get(pk=row.pk), getattr(company, act.by), version, NOW)

    assert stale.value.version == version + 1
    assert [change.by for change in stale.value.changes] == [getattr(company, act.by).name]
    assert Event.objects.count() == events


@pytest.mark.parametrize("name", PROJECT_ACTS)
def test_a_project_is_not_moved_a_second_time_from_a_fresh_page(name: str) -> None:
    company = make_company()
    row = ready_for(name, company)
    act = PROJECT_ACTS[name]
    act.do(row, getattr(company, act.by), row.version, NOW)
    row = Project.objects.get(pk=row.pk)

    with pytest.raises(Refused) as refusal:
        act.do(row, getattr(company, act.by), row.version, NOW)

    assert reasons_of(refusal) == [f"{act.to.label}的项目不能{PROJECT_MOVES[name].label}"]


@pytest.mark.parametrize("name", MILESTONE_ACTS)
def test_a_double_click_on_a_milestone_moves_it_once(name: str) -> None:
    company = make_company()
    act = MILESTONE_ACTS[name]
    node = milestone_at(act.at, company)
    version = node.project.version
    act.do(node_of(node.pk), getattr(company, act.by), version, NOW)
    events = Event.objects.count()

    with pytest.raises(Stale) as stale:
        act.do(node_of(node.pk), getattr(company, act.by), version, NOW)

    assert (stale.value.subject, stale.value.version) == (node.project.title, version + 1)
    assert Event.objects.count() == events


# ── words that must be written ───────────────────────────────────────────────


def test_whoever_returns_a_project_says_why_and_whose_it_is() -> None:
    cast = make_cast()
    row = project_at(ProjectState.DISPATCHED, cast)

    def told(note: str, belongs_to: str) -> str:
        return answer_to(
            lambda: project.object_to_project(
                Project.objects.get(pk=row.pk),
                by=cast.head,
                version=row.version,
                note=note,
                belongs_to=belongs_to,
                now=NOW,
            )
        )

    assert told(" ", "研究室") == "请写明退回理由"
    assert told("不属本处室", "　") == "请写明应由哪个处室承办"
    assert told("不属本处室", "研究室") == YES


@pytest.mark.parametrize(
    ("name", "words"),
    [("report", "请写明完成情况"), ("send_back_by_head", "请写明退回理由"), ("send_back", "请写明退回理由")],
)
def test_a_move_of_a_milestone_that_needs_words_is_refused_without(name: str, words: str) -> None:
    cast = make_cast()
    act = MILESTONE_ACTS[name]
    node = milestone_at(act.at, cast)
    call = {
        "report": milestone.report_milestone,
        "send_back_by_head": milestone.send_back_by_head,
        "send_back": milestone.send_back_milestone,
    }[name]

    with pytest.raises(Refused) as refusal:
        call(node, by=getattr(cast, act.by), version=node.project.version, note="  ", now=NOW)

    assert reasons_of(refusal) == [words]
    assert MILESTONE_MOVES[name].needs_words == words.removeprefix("请写明")
    assert node_of(node.pk).state == act.at


def test_a_close_out_is_not_asked_for_or_returned_without_words() -> None:
    cast = make_cast()
    row = finished(cast)

    with pytest.raises(Refused, match="^请写明完成情况$"):
        close_out.request_close_out(row, by=cast.head, version=row.version, summary=" ", files=[], now=NOW)
    close_out.request_close_out(row, by=cast.head, version=row.version, summary="完成", files=[], now=NOW)
    with pytest.raises(Refused, match="^请写明退回理由$"):
        close_out.return_close_out(row, by=cast.secretariat, version=row.version, note="", mend_on=MEND_ON, now=NOW)


# ── when ─────────────────────────────────────────────────────────────────────


def test_an_incomplete_draft_is_refused_with_everything_missing_at_once() -> None:
    cast = make_cast()
    row = a_draft(cast)
    row.milestones.update(person=None, due_on=None)

    with pytest.raises(Refused) as refusal:
        project.dispatch_project(row, by=cast.secretariat, version=row.version, now=NOW)

    assert reasons_of(refusal) == [
        "节点“第1步”没有责任人",
        "节点“第1步”没有完成时限",
        "节点“第2步”没有责任人",
        "节点“第2步”没有完成时限",
    ]


def test_occurrences_before_the_day_of_dispatch_are_left_out_and_said_so() -> None:
    cast = make_cast()
    row = a_draft(cast, milestones=3)
    first, second, _ = row.milestones.all()
    Milestone.objects.filter(pk=first.pk).update(is_recurring=True, due_on=date(2026, 3, 3))
    Milestone.objects.filter(pk=second.pk).update(is_recurring=True, due_on=TODAY)
    Project.objects.filter(pk=row.pk).update(start_on=date(2026, 1, 1))
    row = Project.objects.get(pk=row.pk)

    project.dispatch_project(row, by=cast.secretariat, version=row.version, now=NOW)

    assert [node.title for node in row.milestones.all()] == ["第2步", "第3步"]
    assert "交办日前的 1 个周期节点不再列入" in Event.objects.filter(project_id=row.pk)[0].words


def at(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 10, tzinfo=SHANGHAI)


def test_a_project_is_returned_until_the_fifth_working_day() -> None:
    cast = make_cast()
    row = project_at(ProjectState.DISPATCHED, cast)  # Wednesday 4 March; the fifth working day is Wednesday 11
    act = PROJECT_ACTS["object"]

    on_time = answer_to(lambda: act.do(Project.objects.get(pk=row.pk), cast.head, row.version, at(date(2026, 3, 11))))
    late = answer_to(lambda: act.do(Project.objects.get(pk=row.pk), cast.head, row.version, at(date(2026, 3, 12))))

    assert (on_time, late) == (YES, "退回期限 2026-03-11 已过（交办后 5 个工作日），请改提变更申请")


def test_what_is_neither_received_nor_returned_in_time_counts_as_received() -> None:
    cast = make_cast()
    row = project_at(ProjectState.DISPATCHED, cast)

    in_time = project.receive_by_lapse(cast.office, now=at(date(2026, 3, 11)))
    lapsed = project.receive_by_lapse(cast.office, now=at(date(2026, 3, 12)))
    again = project.receive_by_lapse(cast.office, now=at(date(2026, 3, 13)))

    assert (in_time, lapsed, again) == (0, 1, 0)
    version = row.version
    row.refresh_from_db()
    assert (row.state, row.received_by, row.received_by_lapse) == (ProjectState.IN_PROGRESS, None, True)
    assert row.version == version + 1
    event = Event.objects.filter(project_id=row.pk)[0]
    assert (event.verb, event.by) == ("receive_by_lapse", None)
    assert event.words == "交办后 5 个工作日内未签收也未退回，视为签收"
    revision = ProjectRevision.objects.order_by("-id")[0]
    assert (revision.state, revision.effective_on, revision.event_id) == (
        ProjectState.IN_PROGRESS,
        date(2026, 3, 12),
        event.pk,
    )


def test_a_lapse_concerns_the_one_office_only() -> None:
    cast = make_cast()
    row = project_at(ProjectState.DISPATCHED, cast)

    lapsed = project.receive_by_lapse(cast.elsewhere, now=at(date(2026, 6, 1)))

    row.refresh_from_db()
    assert (lapsed, row.state) == (0, ProjectState.DISPATCHED)


def test_a_returned_project_is_dispatched_again_under_its_old_number() -> None:
    cast = make_cast()
    row = project_at(ProjectState.DISPATCHED, cast)
    PROJECT_ACTS["object"].do(row, cast.head, row.version, NOW)
    back = Project.objects.get(pk=row.pk)

    assert (back.number, back.dispatched_on, back.original_due_on, back.warn_on) == ("", None, None, None)
    assert set(back.milestones.values_list("original_due_on", "warn_on")) == {(None, None)}
    PROJECT_ACTS["dispatch"].do(back, cast.secretariat, back.version, NOW)

    assert Project.objects.get(pk=row.pk).number == "〔2026〕001号"


def test_a_close_out_is_not_asked_for_before_every_milestone_is_done() -> None:
    cast = make_cast()
    row = project_at(ProjectState.IN_PROGRESS, cast)

    with pytest.raises(Refused) as refusal:
        close_out.request_close_out(row, by=cast.head, version=row.version, summary="完成", files=[], now=NOW)

    assert reasons_of(refusal) == ["还有 2 个节点未完成"]


def test_a_project_with_nothing_but_cancelled_milestones_is_not_closed_out() -> None:
    cast = make_cast()
    row = project_at(ProjectState.IN_PROGRESS, cast)
    row.milestones.update(state=MilestoneState.CANCELLED)

    with pytest.raises(Refused) as refusal:
        close_out.request_close_out(row, by=cast.head, version=row.version, summary="完成", files=[], now=NOW)

    assert reasons_of(refusal) == ["没有一个节点已完成"]


def test_where_evidence_is_required_a_close_out_needs_it() -> None:
    cast = make_cast()
    row = finished(cast)
    Project.objects.filter(pk=row.pk).update(evidence_required=True)
    row.refresh_from_db()

    with pytest.raises(Refused, match="^此项目须附佐证材料，请先添加附件$"):
        close_out.request_close_out(row, by=cast.head, version=row.version, summary="完成", files=[], now=NOW)
    asked = close_out.request_close_out(
        row, by=cast.head, version=row.version, summary="完成", files=[a_file()], now=NOW
    )

    assert [attachment.name for attachment in asked.attachments.all()] == ["佐证材料.pdf"]


def test_a_returned_close_out_has_a_date_to_mend_by_that_moves_nothing() -> None:
    cast = make_cast()
    row = project_at(ProjectState.CLOSE_OUT_REQUESTED, cast)
    due_on = row.due_on

    def give_back(mend_on: date) -> CloseOut:
        return close_out.return_close_out(
            row, by=cast.secretariat, version=row.version, note="佐证不全", mend_on=mend_on, now=NOW
        )

    with pytest.raises(Refused, match="^整改时限 2026-03-03 已过，请写今天或以后的日期$"):
        give_back(TODAY - timedelta(days=1))
    returned = give_back(TODAY)

    row.refresh_from_db()
    assert (row.mend_on, row.due_on, row.return_count) == (TODAY, due_on, 1)
    assert (returned.state, returned.mend_on, returned.opinion) == (CloseOutState.RETURNED, TODAY, "佐证不全")


def test_an_accepted_close_out_has_number_rating_day_and_opinion() -> None:
    cast = make_cast()
    row = project_at(ProjectState.CLOSE_OUT_REQUESTED, cast)
    Project.objects.filter(pk=row.pk).update(mend_on=MEND_ON)

    accepted = close_out.accept_close_out(
        row, by=cast.secretariat, version=row.version, effect=Effect.EXCELLENT, note="成效突出", now=NOW
    )

    row.refresh_from_db()
    accepted = CloseOut.objects.get(pk=accepted.pk)
    assert (accepted.number, accepted.effect, accepted.closed_on) == ("销〔2026〕1号", Effect.EXCELLENT, TODAY)
    assert (accepted.decided_by, accepted.opinion) == (cast.secretariat, "成效突出")
    assert (row.closed_by, row.closed_on, row.mend_on) == (cast.secretariat, TODAY, None)
    words = Event.objects.filter(project_id=row.pk)[0].words
    assert words == "验收销号，编号 销〔2026〕1号，成效评价：优。成效突出"


def test_a_close_out_asked_for_late_says_so() -> None:
    cast = make_cast()
    row = finished(cast)
    later = at(date(2026, 10, 8))
    close_out.request_close_out(row, by=cast.head, version=row.version, summary="完成", files=[], now=later)

    accepted = close_out.accept_close_out(
        row, by=cast.secretariat, version=row.version, effect=Effect.FAIR, now=at(date(2026, 10, 20))
    )

    assert accepted.days_late == 8
    assert "，逾期 8 天完成" in Event.objects.filter(project_id=row.pk)[0].words


def test_a_withdrawn_close_out_leaves_room_for_another() -> None:
    cast = make_cast()
    row = finished(cast)

    close_out.request_close_out(row, by=cast.head, version=row.version, summary="再报", files=[], now=NOW)

    states = list(CloseOut.objects.filter(project=row).order_by("id").values_list("state", flat=True))
    assert states == [CloseOutState.WITHDRAWN, CloseOutState.REQUESTED]


def test_a_state_without_its_close_out_is_refused_in_words() -> None:
    cast = make_cast()
    row = project_at(ProjectState.CLOSE_OUT_REQUESTED, cast)
    CloseOut.objects.filter(project=row).update(state=CloseOutState.WITHDRAWN)

    with pytest.raises(Refused, match="^没有待验收的销号申请$"):
        close_out.accept_close_out(row, by=cast.secretariat, version=row.version, effect=Effect.GOOD, now=NOW)


# ── several at once ──────────────────────────────────────────────────────────


def test_many_drafts_are_dispatched_in_order_and_the_incomplete_told_why() -> None:
    cast = make_cast()
    first, second, third, moved = (a_draft(cast, title=title) for title in ("甲", "乙", "丙", "丁"))
    second.targets.all().delete()
    shown = [(third, third.version), (first, first.version), (second, second.version), (moved, moved.version - 1)]

    outcome = project.dispatch_projects(shown, by=cast.secretariat, now=NOW)

    assert [(row.title, row.number) for row in outcome.done] == [("丙", "〔2026〕001号"), ("甲", "〔2026〕002号")]
    assert [(row.title, bars) for row, bars in outcome.left] == [
        ("乙", ["还没有目标，至少写一个"]),
        ("丁", ["您打开此页后有人改过，请刷新后再交办"]),
    ]


def test_a_recall_may_say_why() -> None:
    cast = make_cast()
    row = project_at(ProjectState.DISPATCHED, cast)

    project.recall_project(row, by=cast.secretariat, version=row.version, note="牵头处室有误", now=NOW)

    assert Event.objects.filter(project_id=row.pk)[0].words == "撤回交办，理由：牵头处室有误"
