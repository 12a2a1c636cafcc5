"""Two people at once: one wins, the other is told what changed and nothing of his is written; numbers never double."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection, transaction

from accounts.models import Event, User
from cppcc_office.lib.errors import Stale
from tasks.actions import close_out, milestone, project
from tasks.actions.changes.asking import withdraw_change
from tasks.actions.changes.deciding import agree_change, decline_change, give_opinion
from tasks.actions.decomposition import draft_of, save_decomposition
from tasks.actions.entries import add_entry
from tasks.actions.numbers import take_number
from tasks.enums import CloseOutState, Effect, MilestoneState, ProjectState, Series
from tasks.models import (
    Attachment,
    ChangeRequest,
    CloseOut,
    IssuedNumber,
    Milestone,
    ProgressEntry,
    Project,
    ProjectRevision,
)
from tests.cast import NOW, make_cast
from tests.tasks.changing import asked
from tests.tasks.company import (
    MEND_ON,
    MILESTONE_ACTS,
    PROJECT_ACTS,
    YES,
    advance,
    fresh,
    milestone_at,
    node_of,
    ready_for,
)
from tests.tasks.racing import losers, race
from tests.walks import a_draft, a_file, project_at

pytestmark = pytest.mark.django_db(transaction=True)

Ready = Callable[[], Callable[[], object]]
# For each move two people who may both make it.
PAIRS = {
    "dispatch": ("secretariat", "second_secretariat"),
    "receive": ("head", "staff"),
    "object": ("head", "head"),
    "recall": ("secretariat", "second_secretariat"),
    "request_close_out": ("head", "secretariat"),
    "withdraw_close_out": ("head", "head"),
    "accept_close_out": ("secretariat", "second_secretariat"),
    "return_close_out": ("secretariat", "second_secretariat"),
    "start": ("head", "staff"),
    "report": ("staff", "secretariat"),
    "agree": ("head", "head"),
    "send_back_by_head": ("head", "head"),
    "confirm": ("secretariat", "second_secretariat"),
    "send_back": ("secretariat", "second_secretariat"),
}


def on_project(name: str, pk: int, by: User, version: int) -> Ready:
    def ready() -> Callable[[], object]:
        row, user = Project.objects.select_related("lead_division", "plan").get(pk=pk), fresh(by)
        return lambda: PROJECT_ACTS[name].do(row, user, version, NOW)

    return ready


def on_milestone(name: str, pk: int, by: User, version: int) -> Ready:
    def ready() -> Callable[[], object]:
        node, user = node_of(pk), fresh(by)
        return lambda: MILESTONE_ACTS[name].do(node, user, version, NOW)

    return ready


@pytest.mark.parametrize("name", PROJECT_ACTS)
def test_of_two_who_move_a_project_one_wins_and_the_other_sees_it(name: str) -> None:
    cast = make_cast()
    row = ready_for(name, cast)
    people = [getattr(cast, who) for who in PAIRS[name]]
    events, revisions = Event.objects.count(), ProjectRevision.objects.count()

    outcomes = race([on_project(name, row.pk, by, row.version) for by in people])

    (lost,) = losers(outcomes)
    winner = people[outcomes.index(YES)]
    assert isinstance(lost, Stale)
    assert lost.version == row.version + 1
    assert [(change.by, change.what) for change in lost.changes] == [(winner.name, Event.objects.all()[0].words)]
    after = Project.objects.get(pk=row.pk)
    assert (after.state, after.version) == (PROJECT_ACTS[name].to, row.version + 1)
    assert (Event.objects.count(), ProjectRevision.objects.count()) == (events + 1, revisions + 1)


@pytest.mark.parametrize("name", MILESTONE_ACTS)
def test_of_two_who_move_a_milestone_one_wins_and_the_other_sees_it(name: str) -> None:
    cast = make_cast()
    node = milestone_at(MILESTONE_ACTS[name].at, cast)
    version = node.project.version
    people = [getattr(cast, who) for who in PAIRS[name]]
    events = Event.objects.count()

    outcomes = race([on_milestone(name, node.pk, by, version) for by in people])

    (lost,) = losers(outcomes)
    assert isinstance(lost, Stale)
    assert [change.by for change in lost.changes] == [people[outcomes.index(YES)].name]
    after = node_of(node.pk)
    assert after.project.version == version + 1
    assert after.state != MILESTONE_ACTS[name].at
    assert Event.objects.count() == events + 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("accept_close_out", "secretariat"), ("return_close_out", "second_secretariat")),
        (("accept_close_out", "secretariat"), ("withdraw_close_out", "head")),
        (("receive", "staff"), ("object", "head")),
        (("receive", "staff"), ("recall", "secretariat")),
    ],
)
def test_of_two_contrary_moves_one_happens(one: tuple[str, str], other: tuple[str, str]) -> None:
    cast = make_cast()
    row = ready_for(one[0], cast)

    outcomes = race([on_project(name, row.pk, getattr(cast, who), row.version) for name, who in (one, other)])

    (lost,) = losers(outcomes)
    assert isinstance(lost, Stale)
    won = PROJECT_ACTS[(one, other)[outcomes.index(YES)][0]]
    assert Project.objects.get(pk=row.pk).state == won.to
    assert Event.objects.all()[0].verb == won.verb
    live = CloseOut.objects.filter(project=row, state__in=[CloseOutState.REQUESTED, CloseOutState.ACCEPTED])
    assert live.count() == (1 if won.to == ProjectState.CLOSED else 0)


def test_eight_people_close_one_project_once() -> None:
    cast = make_cast()
    row = project_at(ProjectState.CLOSE_OUT_REQUESTED, cast)

    outcomes = race([on_project("accept_close_out", row.pk, cast.secretariat, row.version) for _ in range(8)])

    assert outcomes.count(YES) == 1
    assert all(isinstance(lost, Stale) for lost in losers(outcomes))
    assert list(IssuedNumber.objects.filter(series=Series.CLOSE_OUT).values_list("text", flat=True)) == [
        "销〔2026〕1号"
    ]
    assert Event.objects.filter(verb="accept_close_out").count() == 1


def test_of_two_who_edit_a_draft_one_wins_and_nothing_of_the_other_is_written() -> None:
    cast = make_cast()
    row = a_draft(cast)

    def edits(by: User, title: str) -> Ready:
        def ready() -> Callable[[], object]:
            seen = Project.objects.get(pk=row.pk)
            tree = draft_of(seen)
            tree.title = title
            tree.targets[0].statement = f"{title}的目标"
            return lambda: save_decomposition(seen, tree, by=fresh(by), version=row.version, now=NOW)

        return ready

    outcomes = race([edits(cast.secretariat, "甲"), edits(cast.second_secretariat, "乙")])

    (lost,) = losers(outcomes)
    assert isinstance(lost, Stale)
    title = ("甲", "乙")[outcomes.index(YES)]
    after = Project.objects.get(pk=row.pk)
    assert (after.title, after.targets.get().statement) == (title, f"{title}的目标")


def test_who_dispatches_while_another_edits_is_told() -> None:
    cast = make_cast()
    row = a_draft(cast)

    def edits() -> Callable[[], object]:
        seen = Project.objects.get(pk=row.pk)
        tree = draft_of(seen)
        tree.targets = []
        return lambda: save_decomposition(seen, tree, by=fresh(cast.secretariat), version=row.version, now=NOW)

    outcomes = race([edits, on_project("dispatch", row.pk, cast.second_secretariat, row.version)])

    (lost,) = losers(outcomes)
    assert isinstance(lost, Stale)
    after = Project.objects.get(pk=row.pk)
    assert (after.state, after.targets.count()) == (
        (ProjectState.DRAFT, 0) if outcomes[0] == YES else (ProjectState.DISPATCHED, 1)
    )


def test_of_two_entries_on_one_page_one_is_kept_with_its_files() -> None:
    cast = make_cast()
    row = project_at(ProjectState.IN_PROGRESS, cast)

    def enters(by: User) -> Ready:
        def ready() -> Callable[[], object]:
            seen = Project.objects.get(pk=row.pk)
            said = f"{by.name}填报"
            paper = a_file()
            return lambda: add_entry(seen, by=fresh(by), version=row.version, situation=said, files=[paper], now=NOW)

        return ready

    outcomes = race([enters(cast.staff), enters(cast.head)])

    (lost,) = losers(outcomes)
    assert isinstance(lost, Stale)
    entry = ProgressEntry.objects.get(project=row)
    assert entry.by == (cast.staff, cast.head)[outcomes.index(YES)]
    assert Attachment.objects.get(project=row).entry == entry


def test_two_bulk_confirmations_in_opposite_order_confirm_each_once() -> None:
    cast = make_cast()
    nodes = [milestone_at(MilestoneState.REPORTED, cast) for _ in range(3)]

    def confirms(by: User, pks: list[int]) -> Ready:
        def ready() -> Callable[[], object]:
            seen = [node_of(pk) for pk in pks]
            shown = [(node, node.project.version) for node in seen]
            return lambda: milestone.confirm_milestones(shown, by=fresh(by), now=NOW)

        return ready

    pks = [node.pk for node in nodes]
    outcomes = race([confirms(cast.secretariat, pks), confirms(cast.second_secretariat, pks[::-1])])

    assert outcomes == [YES, YES]  # a bulk act tells what it left alone instead of failing
    assert Event.objects.filter(verb="confirm_milestone").count() == 3
    assert set(Milestone.objects.filter(pk__in=pks).values_list("state", flat=True)) == {MilestoneState.DONE}


def test_a_bulk_dispatch_and_single_ones_give_every_project_one_number() -> None:
    cast = make_cast()
    drafts = [a_draft(cast, title=f"第{place}项") for place in range(4)]

    def in_bulk() -> Callable[[], object]:
        rows = [Project.objects.get(pk=row.pk) for row in drafts]
        by = fresh(cast.secretariat)
        return lambda: project.dispatch_projects([(row, row.version) for row in rows], by=by, now=NOW)

    single = [on_project("dispatch", row.pk, cast.second_secretariat, row.version) for row in reversed(drafts)]
    outcomes = race([in_bulk, *single])

    assert outcomes[0] == YES
    assert all(isinstance(lost, Stale) for lost in losers(outcomes))
    assert sorted(Project.objects.values_list("number", flat=True)) == [f"〔2026〕00{n}号" for n in (1, 2, 3, 4)]
    assert Event.objects.filter(verb="dispatch_project").count() == 4


def test_two_schedulers_let_what_lapsed_lapse_once() -> None:
    cast = make_cast()
    rows = [project_at(ProjectState.DISPATCHED, cast) for _ in range(3)]
    later = NOW + timedelta(days=30)
    counts: list[int] = []

    def sweeps() -> Callable[[], object]:
        return lambda: counts.append(project.receive_by_lapse(cast.office, now=later))

    outcomes = race([sweeps, sweeps, on_project("receive", rows[0].pk, cast.staff, rows[0].version)])

    assert outcomes[:2] == [YES, YES]
    received = Event.objects.filter(verb="receive_project").count()
    assert sum(counts) + received == 3
    assert Event.objects.filter(verb="receive_by_lapse").count() == sum(counts)
    assert set(Project.objects.values_list("state", flat=True)) == {ProjectState.IN_PROGRESS}


# ── numbers ──────────────────────────────────────────────────────────────────


def test_numbers_taken_by_many_at_once_have_no_gap_and_no_double() -> None:
    cast = make_cast()
    people, each = (20, 50) if connection.vendor == "postgresql" else (8, 25)

    def takes(place: int) -> Ready:
        subjects = range(place * each + 1, (place + 1) * each + 1)

        def take_all() -> None:
            for subject_id in subjects:
                take_number(cast.office, Series.NOTICE, subject_id, year=2026, now=NOW)

        return lambda: take_all

    outcomes = race([takes(place) for place in range(people)])

    assert outcomes == [YES] * people
    issued = IssuedNumber.objects.filter(organization=cast.office, series=Series.NOTICE, year=2026)
    assert sorted(issued.values_list("n", flat=True)) == list(range(1, people * each + 1))
    assert sorted(issued.values_list("subject_id", flat=True)) == list(range(1, people * each + 1))


def test_what_is_rolled_back_leaves_no_gap_also_beside_others() -> None:
    cast = make_cast()

    class Fails(Exception):
        pass

    def takes(place: int) -> Ready:
        def take() -> None:
            try:
                with transaction.atomic():
                    take_number(cast.office, Series.NOTICE, place, year=2026, now=NOW)
                    if place % 2:
                        raise Fails
            except Fails:
                return

        return lambda: take

    race([takes(place) for place in range(10)])

    assert sorted(IssuedNumber.objects.values_list("n", flat=True)) == [1, 2, 3, 4, 5]


def test_a_refused_act_takes_no_number() -> None:
    cast = make_cast()
    first, second = a_draft(cast, title="甲"), a_draft(cast, title="乙")

    race([on_project("dispatch", first.pk, cast.secretariat, first.version) for _ in range(4)])
    project.dispatch_project(second, by=cast.secretariat, version=second.version, now=NOW)

    assert second.number == "〔2026〕002号"


def test_what_lost_can_be_done_again_on_the_new_version() -> None:
    cast = make_cast()
    row = project_at(ProjectState.CLOSE_OUT_REQUESTED, cast)
    close_out.return_close_out(
        Project.objects.get(pk=row.pk),
        by=cast.second_secretariat,
        version=row.version,
        note="补",
        mend_on=MEND_ON,
        now=NOW,
    )
    with pytest.raises(Stale) as stale:
        close_out.accept_close_out(row, by=cast.secretariat, version=row.version, effect=Effect.GOOD, now=NOW)
    again = Project.objects.get(pk=row.pk)

    close_out.request_close_out(
        again, by=cast.head, version=stale.value.version or 0, summary="已补", files=[], now=NOW
    )

    assert Project.objects.get(pk=row.pk).state == ProjectState.CLOSE_OUT_REQUESTED


def test_who_acts_on_what_was_deleted_is_told_so() -> None:
    cast = make_cast()
    node = milestone_at(MilestoneState.PENDING, cast)
    row = a_draft(cast, title="删去的")
    Project.objects.filter(pk=row.pk).delete()

    with pytest.raises(Stale) as stale:
        project.dispatch_project(row, by=cast.secretariat, version=row.version, now=NOW)

    assert (stale.value.subject, stale.value.version) == ("“删去的”已被删除", None)
    assert advance(node, "start", cast.staff).state == MilestoneState.IN_PROGRESS


CHANGE_PAIRS = [
    (("agree", "leader"), ("agree", "leader")),
    (("agree", "leader"), ("decline", "leader")),
    (("agree", "leader"), ("withdraw", "head")),
    (("opinion", "secretariat"), ("agree", "leader")),
]


@pytest.mark.parametrize(("one", "other"), CHANGE_PAIRS)
def test_of_two_who_act_on_a_request_one_wins(one: tuple[str, str], other: tuple[str, str]) -> None:
    cast = make_cast()
    row = project_at(ProjectState.IN_PROGRESS, cast)
    request = asked(row, cast)
    version, events = row.version, Event.objects.count()

    outcomes = race([on_request(name, request.pk, getattr(cast, who), version) for name, who in (one, other)])

    (lost,) = losers(outcomes)
    assert isinstance(lost, Stale)
    assert Event.objects.count() == events + 1
    after = Project.objects.get(pk=row.pk)
    agreed = (one, other)[outcomes.index(YES)][0] == "agree"
    assert (after.version, after.extension_count) == (version + 1, 1 if agreed else 0)


def on_request(name: str, pk: int, by: User, version: int) -> Ready:
    acts: dict[str, Callable[[ChangeRequest, User], object]] = {
        "agree": lambda row, user: agree_change(row, by=user, version=version, now=NOW),
        "decline": lambda row, user: decline_change(row, by=user, version=version, note="不同意", now=NOW),
        "withdraw": lambda row, user: withdraw_change(row, by=user, version=version, now=NOW),
        "opinion": lambda row, user: give_opinion(row, by=user, version=version, note="属实", now=NOW),
    }

    def ready() -> Callable[[], object]:
        row, user = ChangeRequest.objects.select_related("project__lead_division").get(pk=pk), fresh(by)
        return lambda: acts[name](row, user)

    return ready


def test_of_two_who_ask_for_a_change_one_does() -> None:
    cast = make_cast()
    row = project_at(ProjectState.IN_PROGRESS, cast)
    version = row.version

    def ready(by: User) -> Ready:
        def load() -> Callable[[], object]:
            found, user = Project.objects.get(pk=row.pk), fresh(by)
            return lambda: asked(found, cast, by=user)

        return load

    outcomes = race([ready(cast.head), ready(cast.secretariat)])

    assert len(losers(outcomes)) == 1
    assert ChangeRequest.objects.filter(project=row).count() == 1
    assert Project.objects.get(pk=row.pk).version == version + 1
