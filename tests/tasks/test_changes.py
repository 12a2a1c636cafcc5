"""变更申请: asked for by one, decided by another, applied whole; what bears it meanwhile."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import partial

import pytest

from accounts.models import Event, User
from cppcc_office.lib.errors import Refused, Stale
from tasks.actions import project as project_actions
from tasks.actions.changes.asking import ask_change, ask_prepared, drop_prepared, withdraw_change
from tasks.actions.changes.deciding import agree_change, decline_change, give_opinion
from tasks.actions.changes.lines import Wish
from tasks.actions.changes.reassigning import reassign_milestone
from tasks.actions.close_out import accept_close_out, request_close_out
from tasks.actions.milestone import report_milestone
from tasks.enums import ChangeKind, ChangeState, ChangeTier, CloseOutState, Effect, MilestoneState, ProjectState, Series
from tasks.models import (
    ChangeRequest,
    CloseOut,
    IssuedNumber,
    Milestone,
    MilestoneRevision,
    Project,
    ProjectRevision,
    TargetRevision,
)
from tasks.queries.lights import for_lights, ground_of, view_of
from tests.cast import NOW, SHANGHAI, TODAY, Cast, make_cast
from tests.tasks.changing import a_step, asked, due, wishes_for
from tests.tasks.company import answer_to, finished, fresh, make_company, node_of
from tests.walks import project_at

pytestmark = pytest.mark.django_db

SHORT = date(2026, 10, 15)  # the seventh working day after 30 September, behind the holidays
LONG = date(2026, 12, 20)
LATER = datetime(2026, 10, 12, 9, 0, tzinfo=SHANGHAI)  # after the due date
AT = {
    ChangeKind.EXTENSION: ProjectState.IN_PROGRESS,
    ChangeKind.ALTERATION: ProjectState.IN_PROGRESS,
    ChangeKind.SUSPENSION: ProjectState.IN_PROGRESS,
    ChangeKind.RESUMPTION: ProjectState.SUSPENDED,
    ChangeKind.CANCELLATION: ProjectState.IN_PROGRESS,
    ChangeKind.REOPENING: ProjectState.CLOSED,
}


def running(cast: Cast) -> Project:
    return project_at(ProjectState.IN_PROGRESS, cast)


def at(kind: ChangeKind, cast: Cast) -> Project:
    if kind != ChangeKind.RESUMPTION:
        return project_at(AT[kind], cast)
    row = running(cast)
    agree_change(asked(row, cast, ChangeKind.SUSPENSION), by=cast.leader, version=row.version, now=NOW)
    return row


def decided(request: ChangeRequest, cast: Cast, *, now: datetime = NOW) -> ChangeRequest:
    by = cast.leader if request.tier == ChangeTier.LEADER else cast.secretariat
    return agree_change(request, by=fresh(by), version=request.project.version, now=now)


def agreeing(request: ChangeRequest, by: User) -> str:
    """What this person is told who would agree: everything as the next request would load it."""

    def attempt() -> object:
        found = ChangeRequest.objects.select_related("project__lead_division").get(pk=request.pk)
        return agree_change(found, by=fresh(by), version=found.project.version, now=NOW)

    return answer_to(attempt)


def asking(row: Project, cast: Cast, by: User) -> str:
    return answer_to(lambda: asked(Project.objects.get(pk=row.pk), cast, by=fresh(by)))


def light_of(row: Project, today: date) -> tuple[str, str]:
    loaded = for_lights(Project.objects.filter(pk=row.pk)).get()
    light = view_of(loaded, ground_of(row.organization_id, today)).light
    return light.code, light.why


# ── asking and agreeing ──────────────────────────────────────────────────────


def test_an_agreed_extension_moves_the_dates_and_keeps_the_original_one() -> None:
    cast = make_cast()
    row = running(cast)
    last = row.milestones.get(title="第2步")
    request = asked(row, cast, ChangeKind.EXTENSION, due(LONG), due(date(2026, 12, 18), last))
    assert (request.tier, request.days) == (ChangeTier.LEADER, 53)

    decided(request, cast)

    row.refresh_from_db()
    last.refresh_from_db()
    assert (row.due_on, row.original_due_on, row.extension_count) == (LONG, date(2026, 9, 30), 1)
    assert (last.due_on, last.original_due_on) == (date(2026, 12, 18), date(2026, 9, 30))
    assert row.warn_on is not None
    assert date(2026, 12, 1) < row.warn_on < LONG
    assert last.warn_on is not None
    assert date(2026, 12, 1) < last.warn_on < date(2026, 12, 18)
    assert row.extension_asked_on is None
    assert last.extension_asked_on is None
    revision = ProjectRevision.objects.order_by("-id")[0]
    assert (revision.due_on, revision.extension_count, revision.extension_asked_on) == (LONG, 1, None)
    assert MilestoneRevision.objects.order_by("-id")[0].due_on == date(2026, 12, 18)
    words = Event.objects.filter(project_id=row.pk)[0].words
    assert words == (
        "同意延期：项目完成时限由 2026-09-30 改为 2026-12-20；节点“第2步”由 2026-09-30 改为 2026-12-18，理由：雨季道路中断"
    )


@pytest.mark.parametrize("kind", ChangeKind)
def test_a_change_is_one_event_when_asked_for_and_one_when_agreed(kind: ChangeKind) -> None:
    cast = make_cast()
    row = at(kind, cast)
    version, events, revisions = row.version, Event.objects.count(), ProjectRevision.objects.count()

    request = asked(row, cast, kind)

    assert (row.version, Event.objects.count()) == (version + 1, events + 1)
    event = Event.objects.filter(project_id=row.pk)[0]
    assert (event.verb, event.by_id, event.subject_kind) == ("ask_change", cast.head.pk, "changerequest")
    decided(request, cast)
    row.refresh_from_db()
    assert (row.version, Event.objects.count()) == (version + 2, events + 2)
    assert ProjectRevision.objects.count() == revisions + 2
    assert ProjectRevision.objects.order_by("-id")[0].state == row.state
    assert Event.objects.filter(project_id=row.pk)[0].verb == "agree_change"


def test_each_kind_leads_where_it_says() -> None:
    cast = make_cast()

    states = {}
    for kind in ChangeKind:
        row = at(kind, cast)
        decided(asked(row, cast, kind), cast)
        row.refresh_from_db()
        states[kind] = row.state

    assert states == {
        ChangeKind.EXTENSION: ProjectState.IN_PROGRESS,
        ChangeKind.ALTERATION: ProjectState.IN_PROGRESS,
        ChangeKind.SUSPENSION: ProjectState.SUSPENDED,
        ChangeKind.RESUMPTION: ProjectState.IN_PROGRESS,
        ChangeKind.CANCELLATION: ProjectState.CANCELLED,
        ChangeKind.REOPENING: ProjectState.IN_PROGRESS,
    }


def test_an_alteration_writes_all_that_it_names() -> None:
    cast = make_cast()
    row = running(cast)
    first, second = row.milestones.all()
    target = row.targets.get()
    target.target_value, target.unit = Decimal(3), "次"
    target.save()
    wishes = [
        Wish("milestone", "weight", 5, first.pk),
        Wish("milestone", "duty", {"division": cast.assisting.pk, "person": cast.co_staff.pk}, first.pk),
        Wish("milestone", "cancelled", True, second.pk),
        Wish("target", "target_value", "4.50", target.pk),
        Wish("project", "leader", cast.secretary_general.pk),
        Wish("project", "co_divisions", [cast.outside.pk]),
        a_step(row, cast, due_on=date(2026, 6, 30), title="补充调研"),
    ]
    request = asked(row, cast, ChangeKind.ALTERATION, *wishes)
    assert [(line.label, line.old, line.new) for line in request.lines.all()] == [
        ("节点“第1步”的权重", "1", "5"),
        ("节点“第1步”的主办", "经济委办公室 吴科员", "研究室 孙科员"),
        ("节点“第2步”", "未开始，2026-09-30", "取消"),
        ("目标“形成协商报告”的目标值", "3", "4.5"),
        ("牵头领导", "周副主席", "邓秘书长"),
        ("协办处室", "研究室", "行政处"),
        ("增加节点“补充调研”", "", "2026-06-30，经济委办公室 吴科员"),
    ]

    decided(request, cast)

    first.refresh_from_db()
    second.refresh_from_db()
    row.refresh_from_db()
    added = row.milestones.get(title="补充调研")
    assert (first.weight, first.division, first.person) == (5, cast.assisting, cast.co_staff)
    assert second.state == MilestoneState.CANCELLED
    assert (added.due_on, added.original_due_on) == (date(2026, 6, 30), date(2026, 6, 30))
    assert added.state == MilestoneState.PENDING
    assert row.targets.get().target_value == Decimal("4.5")
    assert row.leader == cast.secretary_general
    assert [pair.division for pair in row.co_division_rows.all()] == [cast.outside]
    event = Event.objects.filter(project_id=row.pk)[0]
    written = MilestoneRevision.objects.filter(event_id=event.pk)
    assert {revision.milestone_id for revision in written} == {first.pk, second.pk, added.pk}
    assert TargetRevision.objects.get(event_id=event.pk).target_value == Decimal("4.5")


def test_what_was_finished_while_the_request_waited_stays_as_it_is() -> None:
    cast = make_cast()
    row = running(cast)
    first = row.milestones.select_related("project", "division").get(title="第1步")
    request = asked(row, cast, ChangeKind.ALTERATION, due(date(2026, 5, 20), first))
    Milestone.objects.filter(pk=first.pk).update(
        state=MilestoneState.DONE, done_at=NOW, done_by=cast.secretariat, done_on=TODAY
    )

    decided(request, cast)

    first.refresh_from_db()
    assert first.due_on == date(2026, 4, 20)
    assert "节点“第1步”已完成，没有改动" in Event.objects.filter(project_id=row.pk)[0].words


def test_a_reopened_project_has_a_void_close_out_and_closes_under_the_next_number() -> None:
    cast = make_cast()
    row = project_at(ProjectState.CLOSED, cast)
    old = row.close_outs.get()

    decided(asked(row, cast, ChangeKind.REOPENING, by=cast.secretariat), cast)

    row.refresh_from_db()
    old.refresh_from_db()
    assert (row.state, row.closed_on, row.due_on) == (ProjectState.IN_PROGRESS, None, date(2026, 11, 30))
    assert (old.state, old.number) == (CloseOutState.VOID, "销〔2026〕1号")
    assert IssuedNumber.objects.get(series=Series.CLOSE_OUT).voided_at == NOW
    row.milestones.filter(title="整改").update(
        state=MilestoneState.DONE, done_at=NOW, done_by=cast.secretariat, done_on=TODAY
    )
    request_close_out(row, by=cast.head, version=row.version, summary="已整改", files=[], now=NOW)
    again = accept_close_out(row, by=cast.second_secretariat, version=row.version, effect=Effect.GOOD, now=NOW)
    assert again.number == "销〔2026〕2号"
    assert CloseOut.objects.filter(project=row).count() == 2


def test_a_resumed_project_is_offered_what_the_pause_took_and_is_not_extended() -> None:
    cast = make_cast()
    row = at(ChangeKind.RESUMPTION, cast)
    now = NOW + timedelta(days=14)  # ten working days

    short = asked(row, cast, ChangeKind.RESUMPTION, due(date(2026, 10, 20)), now=now)
    assert short.tier == ChangeTier.SECRETARIAT
    decided(short, cast, now=now)

    row.refresh_from_db()
    assert (row.state, row.due_on, row.extension_count) == (ProjectState.IN_PROGRESS, date(2026, 10, 20), 0)


def test_a_resumption_beyond_the_pause_is_for_the_leader() -> None:
    cast = make_cast()
    row = at(ChangeKind.RESUMPTION, cast)

    request = asked(row, cast, ChangeKind.RESUMPTION, due(date(2026, 12, 31)))

    assert request.tier == ChangeTier.LEADER


def test_a_project_paused_before_anybody_received_it_waits_to_be_received_again() -> None:
    cast = make_cast()
    row = project_at(ProjectState.DISPATCHED, cast)
    decided(asked(row, cast, ChangeKind.SUSPENSION), cast)
    row.refresh_from_db()

    decided(asked(row, cast, ChangeKind.RESUMPTION), cast)

    row.refresh_from_db()
    assert row.state == ProjectState.DISPATCHED


# ── who decides ──────────────────────────────────────────────────────────────


def test_a_short_first_extension_is_for_the_secretariat_the_second_for_the_leader_and_there_is_no_third() -> None:
    cast = make_cast()
    row = running(cast)

    first = asked(row, cast, ChangeKind.EXTENSION, due(SHORT))
    decided(first, cast)
    row.refresh_from_db()
    second = asked(row, cast, ChangeKind.EXTENSION, due(SHORT + timedelta(days=4)))
    decided(second, cast)
    row.refresh_from_db()

    assert (first.tier, second.tier) == (ChangeTier.SECRETARIAT, ChangeTier.LEADER)
    told = answer_to(lambda: asked(row, cast, ChangeKind.EXTENSION, due(LONG)))
    assert told == "已延期 2 次，最多 2 次，不能再申请延期；确需调整的，请申请暂缓或终止"


def test_a_request_of_the_supervising_division_is_never_its_own_to_decide() -> None:
    cast = make_cast()
    row = project_at(ProjectState.IN_PROGRESS, cast, lead=cast.supervising)

    request = asked(row, cast, ChangeKind.EXTENSION, due(SHORT), by=cast.supervising_head)

    assert request.tier == ChangeTier.LEADER
    for by in (cast.secretariat, cast.supervising_head):
        assert agreeing(request, by) == "这件申请由领导决定"


def test_who_may_ask() -> None:
    company = make_company()
    row = running(company)
    told = {
        who: asking(row, company, getattr(company, who))
        for who in ("head", "head_deputy", "secretariat", "staff", "co_head", "leader", "outsider")
    }

    no = "只有牵头处室（经济委办公室）负责人或督办人员可以申请变更"
    assert told == {
        "head": "可以",
        "head_deputy": "可以",
        "secretariat": "可以",
        "staff": no,
        "co_head": no,
        "leader": no,
        "outsider": no,
    }


def test_who_may_decide_for_the_leader_in_charge() -> None:
    company = make_company()
    row = running(company)
    request = asked(row, company)

    told = {
        who: agreeing(request, getattr(company, who))
        for who in ("leader", "leader_deputy", "secretary_general", "secretariat", "head", "staff", "co_head")
    }

    no = "这件申请由领导决定"
    assert told == {
        "leader": "可以",
        "leader_deputy": "可以",
        "secretary_general": "这件申请由周副主席决定",
        "secretariat": no,
        "head": no,
        "staff": no,
        "co_head": no,
    }


def test_a_deputy_of_the_leader_is_shown_as_such() -> None:
    company = make_company()
    row = running(company)
    request = asked(row, company)

    agree_change(request, by=fresh(company.leader_deputy), version=row.version, now=NOW)

    event = Event.objects.filter(project_id=row.pk)[0]
    assert (event.by, event.principal) == (company.leader_deputy, company.leader)


def test_without_a_leader_in_charge_the_one_over_the_division_decides_else_any() -> None:
    cast = make_cast()
    row = running(cast)
    Project.objects.filter(pk=row.pk).update(leader=None)
    row.refresh_from_db()
    request = asked(row, cast)

    assert agreeing(request, cast.secretary_general) == "可以"
    cast.lead.leader = cast.leader
    cast.lead.save(update_fields=["leader"])
    assert agreeing(request, cast.secretary_general) == "这件申请由周副主席决定"


def test_nobody_decides_what_he_asked_for_himself_or_typed_for_others_or_asks_in_whose_place_he_stands() -> None:
    company = make_company()
    row = running(company)
    request = ask_change(
        row,
        kind=ChangeKind.EXTENSION,
        by=company.secretariat,
        version=row.version,
        reason="处室电话提出",
        wishes=[due(SHORT)],
        for_lead=True,
        now=NOW,
    )
    assert request.entered_for

    def told(who: str) -> str:
        return agreeing(request, getattr(company, who))

    own = "您自己或您代行的人提出了这件申请，不能由您决定，请由其他人办理"
    assert told("secretariat") == own
    assert told("second_secretariat") == "可以"
    assert told("standing_in") == "您在牵头处室任职或代行其负责人，不能决定本处室的申请"


def test_an_opinion_is_the_secretariats_before_the_leader_decides() -> None:
    cast = make_cast()
    row = running(cast)
    request = asked(row, cast)
    no = "只有督办人员可以写督办处意见"
    assert answer_to(lambda: give_opinion(request, by=cast.head, version=row.version, note="同意", now=NOW)) == no
    assert answer_to(lambda: give_opinion(request, by=cast.secretariat, version=row.version, note=" ", now=NOW)) == (
        "请写明督办处意见"
    )

    give_opinion(request, by=cast.secretariat, version=row.version, note="情况属实", now=NOW)

    request.refresh_from_db()
    assert (request.opinion, request.opinion_by, request.state) == ("情况属实", cast.secretariat, ChangeState.ASKED)
    decided(request, cast)
    version = request.project.version
    told = answer_to(lambda: give_opinion(request, by=cast.secretariat, version=version, note="再补", now=NOW))
    assert told == "已同意的申请不能写督办处意见"


# ── declining, withdrawing ───────────────────────────────────────────────────


def test_declining_needs_words_and_leaves_all_as_it_was() -> None:
    cast = make_cast()
    row = running(cast)
    last = row.milestones.get(title="第2步")
    request = asked(row, cast, ChangeKind.EXTENSION, due(LONG), due(LONG, last))
    assert answer_to(lambda: decline_change(request, by=cast.leader, version=row.version, note=" ", now=NOW)) == (
        "不同意必须写明理由"
    )

    decline_change(request, by=cast.leader, version=row.version, note="任务紧，按原时限", now=NOW)

    row.refresh_from_db()
    last.refresh_from_db()
    assert (row.due_on, row.extension_count, row.extension_asked_on) == (date(2026, 9, 30), 0, None)
    assert (last.due_on, last.extension_asked_on) == (date(2026, 9, 30), None)
    assert (request.state, request.decision_words) == (ChangeState.DECLINED, "任务紧，按原时限")
    assert MilestoneRevision.objects.filter(milestone=last).order_by("-id")[0].extension_asked_on is None


def test_only_who_asked_withdraws_and_of_what_was_typed_for_the_lead_also_its_head() -> None:
    cast = make_cast()
    row = running(cast)
    request = ask_change(
        row, kind=ChangeKind.EXTENSION, by=cast.secretariat, version=row.version, reason="代填",
        wishes=[due(LONG)], for_lead=True, now=NOW,
    )  # fmt: skip
    withdraw = partial(withdraw_change, request, now=NOW)
    for by in (cast.staff, cast.second_secretariat, cast.leader):
        assert answer_to(partial(withdraw, by=by, version=row.version)) == "只有申请人（王科员）可以撤回申请"

    withdraw(by=cast.head, version=row.version)

    row.refresh_from_db()
    assert (request.state, row.extension_asked_on) == (ChangeState.WITHDRAWN, None)
    assert answer_to(partial(withdraw, by=cast.head, version=row.version)) == "已撤回的申请不能撤回"


def test_a_recalled_dispatch_takes_its_pending_request_with_it() -> None:
    cast = make_cast()
    row = project_at(ProjectState.DISPATCHED, cast)
    request = asked(row, cast)

    project_actions.recall_project(row, by=cast.secretariat, version=row.version, now=NOW)

    request.refresh_from_db()
    row.refresh_from_db()
    assert (request.state, row.extension_asked_on) == (ChangeState.WITHDRAWN, None)
    assert Event.objects.filter(project_id=row.pk)[0].words == "撤回交办；待决定的延期申请随之撤回"


# ── what cannot be asked for ─────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("kind", "wishes", "words"),
    [
        (ChangeKind.EXTENSION, [], "延期要写晚于现在的项目完成时限；只改节点时限的请用“调整”"),
        (ChangeKind.EXTENSION, [Wish("project", "due_on", "9月底")], "项目完成时限：“9月底”不是日期，请写成 2026-06-30 的样子"),
        (
            ChangeKind.EXTENSION,
            [due(LONG), Wish("project", "remark", "x")],
            "延期申请只能改时限，其他内容请用“调整”",
        ),
        (ChangeKind.ALTERATION, [], "没有任何改动，请先修改再提交"),
        (ChangeKind.ALTERATION, [due(LONG)], "推迟项目完成时限请用“延期”"),
        (ChangeKind.ALTERATION, [due(date(2026, 3, 1))], "新的项目完成时限 2026-03-01 已过，请写今天或以后的日期"),
        (ChangeKind.SUSPENSION, [], "请写预计恢复日期"),
        (ChangeKind.SUSPENSION, [Wish("project", "resume_on", "2026-03-04")], "预计恢复日期 2026-03-04 要在今天以后"),
        (ChangeKind.ALTERATION, [Wish("project", "leader", 0)], "牵头领导：牵头领导不是本机关的领导，请重新选择"),
        (ChangeKind.ALTERATION, [Wish("milestone", "weight", 2, 10**9)], "要改的目标或节点不在这个项目里，请刷新后重新填写"),
        (ChangeKind.ALTERATION, [Wish("project", "state", "CLOSED")], "“state”不能通过变更申请修改"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_said(kind: ChangeKind, wishes: list[Wish], words: str) -> None:
    cast = make_cast()
    row = running(cast)

    def ask() -> object:
        return ask_change(row, kind=kind, by=cast.head, version=row.version, reason="理由", wishes=wishes, now=NOW)

    told = answer_to(ask)

    assert words in told.split("；") or told == words
    assert ChangeRequest.objects.count() == 0


def test_all_faults_of_the_dates_are_told_at_once() -> None:
    cast = make_cast()
    row = running(cast)
    first, second = row.milestones.all()

    with pytest.raises(Refused) as refusal:
        asked(row, cast, ChangeKind.EXTENSION, due(SHORT), due(date(2026, 3, 1), first), due(LONG, second))

    assert refusal.value.reasons == [
        "节点“第1步”的时限 2026-03-01 已过，请写今天或以后的日期",
        "节点“第2步”的时限 2026-12-20 晚于项目完成时限 2026-10-15",
    ]


def test_an_earlier_project_date_takes_its_milestones_along() -> None:
    cast = make_cast()
    row = running(cast)

    told = answer_to(lambda: asked(row, cast, ChangeKind.ALTERATION, due(date(2026, 8, 31))))

    assert told == "节点“第2步”的时限 2026-09-30 晚于新的项目完成时限，请一并提前"


def test_not_every_milestone_can_be_cancelled() -> None:
    cast = make_cast()
    row = running(cast)
    wishes = [Wish("milestone", "cancelled", True, node.pk) for node in row.milestones.all()]

    told = answer_to(lambda: asked(row, cast, ChangeKind.ALTERATION, *wishes))

    assert told == "节点不能全部取消；整个项目不再办理的，请申请终止"


def test_a_reported_milestone_needs_no_later_date() -> None:
    cast = make_cast()
    row = running(cast)
    node = row.milestones.select_related("project", "division").get(title="第1步")
    report_milestone(node, by=cast.head, version=row.version, note="已办", now=NOW)
    row.refresh_from_db()

    told = answer_to(lambda: asked(row, cast, ChangeKind.ALTERATION, due(date(2026, 5, 20), node)))

    assert told == "节点“第1步”已报送待核实，处室计时已停，时限不用再改"


def test_one_request_at_a_time() -> None:
    cast = make_cast()
    row = running(cast)
    asked(row, cast)

    told = answer_to(lambda: asked(row, cast, ChangeKind.SUSPENSION))

    assert told == "已有待决定的延期申请（2026-03-04），决定或撤回后才能再申请"


def test_a_close_out_waits_for_the_pending_request() -> None:
    cast = make_cast()
    row = finished(cast)
    asked(row, cast)

    told = answer_to(
        lambda: request_close_out(row, by=cast.head, version=row.version, summary="完成", files=[], now=NOW)
    )

    assert told == "有待决定的延期申请，决定或撤回后才能申请销号"


@pytest.mark.parametrize("kind", ChangeKind)
def test_a_reason_is_written(kind: ChangeKind) -> None:
    cast = make_cast()
    row = at(kind, cast)

    assert answer_to(lambda: asked(row, cast, kind, reason=" ")) == "请写明申请变更的理由"


@pytest.mark.parametrize("kind", ChangeKind)
def test_asked_for_twice_from_one_page_it_is_asked_for_once(kind: ChangeKind) -> None:
    cast = make_cast()
    row = at(kind, cast)
    version = row.version
    asked(Project.objects.get(pk=row.pk), cast, kind)

    with pytest.raises(Stale) as stale:
        ask_change(
            Project.objects.get(pk=row.pk), kind=kind, by=cast.head, version=version, reason="再次",
            wishes=wishes_for(kind, row, cast), now=NOW,
        )  # fmt: skip

    assert stale.value.version == version + 1
    assert ChangeRequest.objects.filter(project=row, state=ChangeState.ASKED).count() == 1


def test_a_decision_from_an_old_page_is_told_what_changed() -> None:
    cast = make_cast()
    row = running(cast)
    request = asked(row, cast)
    version = row.version
    give_opinion(
        ChangeRequest.objects.get(pk=request.pk), by=cast.secretariat, version=version, note="情况属实", now=NOW
    )

    with pytest.raises(Stale) as stale:
        agree_change(request, by=cast.leader, version=version, now=NOW)

    assert "督办处意见：情况属实" in stale.value.changes[0].what


# ── lights ───────────────────────────────────────────────────────────────────


def test_asked_in_time_it_waits_in_yellow_and_asked_late_it_stays_red() -> None:
    cast = make_cast()
    row = running(cast)
    Milestone.objects.filter(project=row, title="第1步").update(
        state=MilestoneState.DONE, done_at=NOW, done_by=cast.secretariat, done_on=TODAY
    )
    last = row.milestones.get(title="第2步")
    assert light_of(row, LATER.date())[0] == "red"

    request = asked(row, cast, ChangeKind.EXTENSION, due(LONG), due(LONG, last))

    assert light_of(row, LATER.date()) == ("yellow", "延期待批")
    withdraw_change(request, by=cast.head, version=row.version, now=NOW)
    asked(row, cast, ChangeKind.EXTENSION, due(LONG), due(LONG, last), now=LATER)
    code, why = light_of(row, LATER.date())
    assert code == "red"
    assert why.startswith("逾期申请，已逾期 4 个工作日")
    assert Event.objects.filter(project_id=row.pk)[0].words.startswith("申请延期（逾期申请）：")


# ── prepared by a revised paper ──────────────────────────────────────────────


def prepared(row: Project, cast: Cast) -> ChangeRequest:
    return ChangeRequest.objects.create(
        organization=cast.office, project=row, kind=ChangeKind.ALTERATION, reason="修订表第 3 行",
        asked_by=cast.secretariat, asked_at=NOW,
    )  # fmt: skip


def test_what_was_prepared_is_asked_for_by_hand_and_dropped_by_the_secretariat() -> None:
    cast = make_cast()
    row = running(cast)
    request, other = prepared(row, cast), prepared(row, cast)

    ask_prepared(
        request, kind=ChangeKind.EXTENSION, by=cast.head, version=row.version, reason="按修订的分解表",
        wishes=[due(LONG)], now=NOW,
    )  # fmt: skip

    assert (request.state, request.asked_by, request.asked_on) == (ChangeState.ASKED, cast.head, TODAY)
    other.project = row
    no = "只有督办人员可以放弃拟提出的变更"
    assert answer_to(lambda: drop_prepared(other, by=cast.head, version=row.version, now=NOW)) == no
    drop_prepared(other, by=cast.secretariat, version=row.version, now=NOW)
    assert ChangeRequest.objects.get(pk=other.pk).state == ChangeState.WITHDRAWN


# ── 移交 ─────────────────────────────────────────────────────────────────────


def test_the_head_hands_a_milestone_to_another_of_the_division() -> None:
    company = make_company()
    row = running(company)
    node = row.milestones.select_related("project", "division", "person").get(title="第1步")

    reassign_milestone(node, by=company.head, version=row.version, person=company.second_head, note="休假", now=NOW)

    node.refresh_from_db()
    assert node.person == company.second_head
    event = Event.objects.filter(project_id=row.pk)[0]
    assert event.words == "将节点“第1步”由吴科员移交沈副处长，说明：休假"
    assert MilestoneRevision.objects.get(event_id=event.pk).person == company.second_head


def test_a_milestone_is_handed_over_by_the_head_alone_and_within_the_division() -> None:
    company = make_company()
    row = running(company)
    node = row.milestones.select_related("project", "division", "person").get(title="第1步")

    def told(by: str, person: str) -> str:
        return answer_to(
            lambda: reassign_milestone(
                node_of(node.pk),
                by=fresh(getattr(company, by)),
                version=row.version,
                person=getattr(company, person),
                now=NOW,
            )
        )

    only = "只有主办处室（经济委办公室）负责人可以移交节点"
    assert told("staff", "head") == only
    assert told("secretariat", "head") == only
    assert told("head_deputy", "second_head") == "可以"
    assert told("head", "co_staff") == "孙科员不在经济委办公室任职；交给其他处室的人员请申请调整"
    assert told("head", "staff") == "节点“第1步”现在就由吴科员负责，请选另一个人"
