"""专项督查 from its plan to its conclusion: once per object and matter, by others than those inspected."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.db.models import Model

from accounts.models import Event, User
from cppcc_office.lib.errors import Refused, Stale
from supervision.inspections.actions.inspections import (
    Outsider,
    alter_inspection,
    begin_inspection,
    cancel_inspection,
    conclude_inspection,
    correct_finding,
    plan_inspection,
)
from supervision.inspections.enums import InspectionState
from supervision.inspections.kinds import INSPECTION_BEGUN
from supervision.inspections.models import Finding, Inspection, InspectionMember, InspectionObject
from supervision.notifications.models import Notification
from tasks.enums import ProjectState
from tests.cast import NOW, TODAY, Cast, make_cast
from tests.supervision.inspections.inspecting import DUE, begun, drafted, found, looked_into, planned
from tests.walks import a_plan

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast() -> Cast:
    return make_cast()


def test_from_plan_to_conclusion(cast: Cast) -> None:
    a_plan(cast)
    inspection = begun(cast)
    lead, assisting = inspection.inspected.order_by("division__order")

    finding = found(
        cast, lead, words="两处联系点没有挂牌", requirement="补齐两处联系点标识", person=cast.staff, due_on=DUE
    )
    found(cast, assisting)
    inspection.refresh_from_db()
    conclude_inspection(
        inspection, by=cast.secretariat, version=inspection.version, conclusion="总体落实，两处整改", now=NOW
    )

    assert inspection.state == InspectionState.CONCLUDED
    assert finding.follow_up is not None
    assert finding.follow_up.milestones.get().due_on == DUE
    assert (finding.follow_up.state, finding.follow_up.lead_division) == (ProjectState.DISPATCHED, cast.lead)
    assert list(Event.objects.filter(subject_kind="inspection").order_by("id").values_list("verb", flat=True)) == [
        "plan_inspection",
        "begin_inspection",
        "record_finding",
        "record_finding",
        "conclude_inspection",
    ]


def test_its_group_and_the_heads_of_those_inspected_are_told_once_it_begins(cast: Cast) -> None:
    begun(cast)

    told = dict(Notification.objects.filter(kind=INSPECTION_BEGUN).values_list("person__username", "words"))
    assert told == {
        cast.leader.username: "3月9日至3月20日的专项督查已开始，您在督查组。",
        cast.head.username: "3月9日至3月20日的专项督查已开始，督查对象有您的处室。",
        cast.co_head.username: "3月9日至3月20日的专项督查已开始，督查对象有您的处室。",
    }


def test_one_object_is_inspected_once_in_a_matter(cast: Cast) -> None:
    planned(cast)
    again = replace(drafted(cast), title="再查联系点", matter="委员联系点建设情况。", divisions=[cast.lead])

    with pytest.raises(Refused, match="一个对象一个事项只督查一次"):
        plan_inspection(cast.office, again, by=cast.secretariat, now=NOW)

    plan_inspection(cast.office, replace(again, divisions=[cast.outside]), by=cast.secretariat, now=NOW)
    plan_inspection(cast.office, replace(again, matter="提案办理"), by=cast.secretariat, now=NOW)


def test_the_database_keeps_that_promise_too(cast: Cast) -> None:
    inspection = planned(cast)
    row = inspection.inspected.first()
    assert row is not None
    other = plan_inspection(cast.office, replace(drafted(cast), matter="提案办理"), by=cast.secretariat, now=NOW)

    with pytest.raises(IntegrityError), transaction.atomic():
        InspectionObject.objects.filter(inspection=other, division=row.division).update(matter_key=row.matter_key)


def test_a_cancelled_one_bars_no_other(cast: Cast) -> None:
    inspection = planned(cast)

    cancel_inspection(inspection, by=cast.secretariat, version=1, note="与巡察重复", now=NOW)

    assert plan_inspection(cast.office, drafted(cast), by=cast.secretariat, now=NOW).pk
    assert inspection.state == InspectionState.CANCELLED


def test_nobody_inspects_his_own_division(cast: Cast) -> None:
    with pytest.raises(Refused, match="陈处长在经济委办公室任职"):
        plan_inspection(
            cast.office, replace(drafted(cast), members=[cast.leader, cast.head]), by=cast.secretariat, now=NOW
        )


def test_a_joint_one_names_outside_members_who_may_lead_it(cast: Cast) -> None:
    outsider = Outsider("高主任", "市委督查室")

    inspection = plan_inspection(
        cast.office, replace(drafted(cast), outsiders=[outsider], head=outsider), by=cast.secretariat, now=NOW
    )

    assert inspection.is_joint
    assert [str(row) for row in inspection.members.all()] == ["高主任（市委督查室）", "王科员", "周副主席"]


def test_what_is_altered_replaces_group_and_objects_until_it_begins(cast: Cast) -> None:
    inspection = planned(cast)

    alter_inspection(
        inspection, replace(drafted(cast), divisions=[cast.outside]), by=cast.secretariat, version=1, now=NOW
    )

    assert [row.division for row in inspection.inspected.all()] == [cast.outside]
    begin_inspection(inspection, by=cast.secretariat, version=2, now=NOW)
    with pytest.raises(Refused, match="督查中的督查不能修改方案"):
        alter_inspection(inspection, drafted(cast), by=cast.secretariat, version=3, now=NOW)


def test_an_alteration_that_says_too_little_is_refused_and_changes_nothing(cast: Cast) -> None:
    inspection = planned(cast)
    wrong = replace(drafted(cast), title=" ", ends_on=date(2026, 3, 1))

    with pytest.raises(Refused) as refused:
        alter_inspection(inspection, wrong, by=cast.secretariat, version=1, now=NOW)

    assert len(refused.value.reasons) == 2
    inspection.refresh_from_db()
    assert (inspection.title, inspection.version) == ("委员联系点建设专项督查", 1)


def test_of_two_people_one_wins(cast: Cast) -> None:
    inspection = planned(cast)
    begin_inspection(Inspection.objects.get(pk=inspection.pk), by=cast.secretariat, version=1, now=NOW)

    with pytest.raises(Stale) as stale:
        cancel_inspection(inspection, by=cast.second_secretariat, version=1, note="重复", now=NOW)

    assert [(change.what, change.by) for change in stale.value.changes] == [
        (Event.objects.get(verb="begin_inspection").words, cast.secretariat.name)
    ]
    assert Inspection.objects.get(pk=inspection.pk).state == InspectionState.UNDER_WAY


@pytest.mark.parametrize("who", ["head", "leader", "stranger", "foreign_secretariat", "sysadmin"])
def test_only_the_secretariat_holds_them(cast: Cast, who: str) -> None:
    with pytest.raises(Refused, match="只有督办人员"):
        plan_inspection(cast.office, drafted(cast), by=cast.everyone()[who], now=NOW)

    assert not Inspection.objects.exists()


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"title": " "}, "请写明督查名称"),
        ({"matter": "。"}, "请选择督查的重点任务"),
        ({"basis": ""}, "立项依据"),
        ({"ends_on": date(2026, 3, 1)}, "早于开始日期"),
    ],
)
def test_a_plan_that_says_too_little_is_refused(cast: Cast, changed: dict[str, object], words: str) -> None:
    with pytest.raises(Refused, match=words):
        plan_inspection(
            cast.office,
            replace(drafted(cast), **changed),  # type: ignore[arg-type]  # the table names what it changes
            by=cast.secretariat,
            now=NOW,
        )


def test_it_begins_with_a_head_and_objects_only(cast: Cast) -> None:
    inspection = plan_inspection(
        cast.office, replace(drafted(cast), head=None, divisions=[]), by=cast.secretariat, now=NOW
    )

    with pytest.raises(Refused) as refused:
        begin_inspection(inspection, by=cast.secretariat, version=1, now=NOW)

    assert len(refused.value.reasons) == 2


def test_it_ends_when_every_object_has_a_finding(cast: Cast) -> None:
    inspection = begun(cast)

    with pytest.raises(Refused, match="经济委办公室、研究室还没有登记督查情况"):
        conclude_inspection(inspection, by=cast.secretariat, version=2, conclusion="好", now=NOW)


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"words": " "}, "请写明发现的情况"),
        ({"requirement": "补齐标识"}, "请写明责任人和整改时限"),
        ({"due_on": DUE}, "请写明整改要求"),
    ],
)
def test_half_a_rectification_is_none(cast: Cast, changed: dict[str, object], words: str) -> None:
    a_plan(cast)
    inspected = begun(cast).inspected.first()
    assert inspected is not None

    with pytest.raises(Refused, match=words):
        found(cast, inspected, **changed)

    assert not Finding.objects.exists()


def corrected(finding: Finding, by: User, words: str, **asked: Any) -> Finding:
    version = Inspection.objects.values_list("version", flat=True).get()
    return correct_finding(finding, by=by, version=version, words=words, now=NOW, **asked)


def test_who_recorded_a_finding_corrects_it_and_the_record_keeps_the_old_words(cast: Cast) -> None:
    looked_into(cast)

    finding = corrected(Finding.objects.get(), cast.secretariat, "一处联系点没有挂牌 ")
    corrected(finding, cast.secretariat, "一处联系点没有挂牌")  # nothing new

    event = Event.objects.get(verb="correct_finding")
    assert (finding.words, finding.corrected_at) == ("一处联系点没有挂牌", NOW)
    assert (event.before, event.after) == ({"words": "未发现问题"}, {"words": "一处联系点没有挂牌"})


def test_a_rectification_is_added_by_correcting_and_then_stands(cast: Cast) -> None:
    a_plan(cast)
    looked_into(cast)
    asked = {"requirement": "补齐标识", "person": cast.staff, "due_on": DUE}

    finding = corrected(Finding.objects.get(), cast.secretariat, "一处联系点没有挂牌", **asked)

    assert finding.follow_up is not None
    assert finding.follow_up.milestones.get().due_on == DUE
    with pytest.raises(Refused, match="请在该事项中申请变更"):
        corrected(finding, cast.secretariat, "一处联系点没有挂牌", **asked)
    corrected(finding, cast.secretariat, "两处联系点没有挂牌")
    finding.refresh_from_db()
    assert (finding.words, finding.requirement) == ("两处联系点没有挂牌", "补齐标识")


@pytest.mark.parametrize("who", ["second_secretariat", "head", "leader"])
def test_nobody_else_corrects_it(cast: Cast, who: str) -> None:
    looked_into(cast)

    with pytest.raises(Refused, match="只有登记人可以更正"):
        corrected(Finding.objects.get(), cast.everyone()[who], "没有挂牌")

    assert Finding.objects.get().words == "未发现问题"


def test_a_finding_is_fixed_once_the_inspection_ends(cast: Cast) -> None:
    inspection = looked_into(cast)
    cancel_inspection(inspection, by=cast.secretariat, version=inspection.version, note="重复", now=NOW)

    with pytest.raises(Refused, match="已取消的督查不能更正发现"):
        corrected(Finding.objects.get(), cast.secretariat, "没有挂牌")


@pytest.mark.parametrize(
    ("changed", "words"),
    [({"words": " "}, "请写明发现的情况"), ({"requirement": "补齐标识"}, "请写明责任人和整改时限")],
)
def test_a_correction_says_as_much_as_a_finding(cast: Cast, changed: dict[str, Any], words: str) -> None:
    looked_into(cast)

    with pytest.raises(Refused, match=words):
        corrected(Finding.objects.get(), cast.secretariat, **({"words": "没有挂牌"} | changed))


def test_who_sees_an_inspection(cast: Cast) -> None:
    inspection = planned(cast)

    def readers() -> set[str]:
        return {name for name, user in cast.everyone().items() if Inspection.objects.visible_to(user, TODAY).exists()}

    office = {"secretariat", "second_secretariat", "supervising_head", "leader", "secretary_general"}
    assert readers() == office
    begin_inspection(inspection, by=cast.secretariat, version=1, now=NOW)
    assert readers() == office | {"head", "staff", "co_head", "co_staff"}


def a_copy(row: Model) -> None:
    row.pk = None
    row._state.adding = True
    row.save(force_insert=True)


def test_the_database_refuses_what_cannot_be(cast: Cast) -> None:
    inspection = begun(cast)
    member, inspected = inspection.members.first(), inspection.inspected.first()
    assert member is not None
    assert inspected is not None
    found(cast, inspected)
    rows = Inspection.objects.filter(pk=inspection.pk)
    breaks: dict[str, Callable[[], object]] = {
        "inspection_says_what": lambda: rows.update(basis=""),
        "inspection_ends_after_start": lambda: rows.update(ends_on=date(2026, 1, 1)),
        "inspection_concluded_pair": lambda: rows.update(state=InspectionState.CONCLUDED),
        "member_of_office_or_named": lambda: inspection.members.update(name="高主任"),
        "member_once": lambda: inspection.members.update(user=cast.outsider),
        "one_head_of_group": lambda: inspection.members.update(is_head=True),
        "object_once": lambda: inspection.inspected.update(division=cast.outside, is_live=False),
        "finding_says_something": lambda: Finding.objects.update(words=""),
        "rectification_is_complete": lambda: Finding.objects.update(requirement="补齐"),
    }
    models = (Inspection, InspectionMember, InspectionObject, Finding)
    promised = {row.name for model in models for row in model._meta.constraints}

    assert promised == breaks.keys() | {"one_inspection_per_matter"}
    for act in breaks.values():
        with pytest.raises(IntegrityError), transaction.atomic():
            act()
