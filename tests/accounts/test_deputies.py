"""Standing in for a head or a leader."""

from datetime import date, timedelta

import pytest

from accounts.actions.deputies import end_deputy, name_deputy
from accounts.enums import Role
from accounts.models import Deputy, Event, Membership, User
from accounts.queries import secretariat_of
from accounts.standing import Standing, standing_of
from cppcc_office.lib.errors import Refused, Stale
from tests.cast import NOW, TODAY, Cast

FRIDAY = TODAY + timedelta(days=2)


def name(cast: Cast, by: User, deputy: User, *, starts_on: date = TODAY, ends_on: date = FRIDAY) -> Deputy:
    return name_deputy(
        deputy,
        organization=cast.office,
        starts_on=starts_on,
        ends_on=ends_on,
        by=by,
        now=NOW,
        today=TODAY,
        note="出差",
    )


def standing(user: User, day: date = TODAY) -> Standing:
    return standing_of(User.objects.get(pk=user.pk), today=day)


def test_a_deputy_holds_the_post_on_those_days_only(cast: Cast) -> None:
    name(cast, cast.head, cast.staff)

    post = standing(cast.staff).head_post(cast.lead.pk)
    assert post is not None
    assert (post.principal_id, post.principal_name) == (cast.head.pk, "陈处长")
    assert standing(cast.staff, FRIDAY).heads(cast.lead.pk)
    assert not standing(cast.staff, TODAY - timedelta(days=1)).heads(cast.lead.pk)
    assert not standing(cast.staff, FRIDAY + timedelta(days=1)).heads(cast.lead.pk)
    assert standing(cast.head).heads(cast.lead.pk)
    assert Event.objects.get().words == f"陈处长指定吴科员代行，{TODAY} 至 {FRIDAY}，出差"


def test_the_deputy_of_a_leader_acts_as_leader(cast: Cast) -> None:
    name(cast, cast.leader, cast.supervising_head)

    assert standing(cast.supervising_head).holds(Role.LEADER, cast.office.pk)


def test_the_deputy_of_the_supervising_head_gets_no_more_than_the_post_of_head(cast: Cast) -> None:
    name(cast, cast.supervising_head, cast.staff)

    assert standing(cast.staff).heads(cast.supervising.pk)
    assert not standing(cast.staff).holds(Role.SECRETARIAT, cast.office.pk)


def test_the_secretariat_are_those_who_stand_as_secretariat(cast: Cast) -> None:
    name(cast, cast.supervising_head, cast.staff)
    User.objects.filter(pk=cast.second_secretariat.pk).update(is_active=False)

    found = set(secretariat_of(cast.office.pk, today=TODAY))

    assert found == {cast.secretariat, cast.supervising_head}
    assert found == {user for user in User.objects.all() if standing(user).holds(Role.SECRETARIAT, cast.office.pk)}


def test_a_deputy_has_no_deputy(cast: Cast) -> None:
    name(cast, cast.head, cast.staff)

    with pytest.raises(Refused, match="只有处室负责人和领导"):
        name(cast, cast.staff, cast.co_staff)


def test_when_the_principal_leaves_the_deputy_holds_nothing(cast: Cast) -> None:
    name(cast, cast.head, cast.staff)

    Membership.objects.filter(user=cast.head).update(ends_on=TODAY - timedelta(days=1))

    assert not standing(cast.staff).heads(cast.lead.pk)


@pytest.mark.parametrize("by", ["staff", "secretariat", "assessor", "observer", "sysadmin", "auditor", "stranger"])
def test_only_heads_and_leaders_name_deputies(cast: Cast, by: str) -> None:
    with pytest.raises(Refused, match="只有处室负责人和领导"):
        name(cast, getattr(cast, by), cast.co_staff)


@pytest.mark.parametrize(
    ("deputy", "why"),
    [
        ("head", "不能指定自己"),
        ("sysadmin", "系统管理员和审计员不能代行"),
        ("auditor", "系统管理员和审计员不能代行"),
        ("observer", "不在本机关办理业务"),
        ("foreign_leader", "不在本机关办理业务"),
        ("stranger", "不在本机关办理业务"),
    ],
)
def test_who_cannot_stand_in_is_refused_in_words(cast: Cast, deputy: str, why: str) -> None:
    with pytest.raises(Refused, match=why):
        name(cast, cast.head, getattr(cast, deputy))

    assert not Deputy.objects.exists()


@pytest.mark.parametrize(
    ("starts", "ends", "why"), [(0, -1, "结束日期早于开始日期"), (-5, -3, "已经过去"), (2, 9, "已由吴科员代行")]
)
def test_days_that_cannot_be_are_refused(cast: Cast, starts: int, ends: int, why: str) -> None:
    name(cast, cast.head, cast.staff)

    with pytest.raises(Refused, match=why):
        name(
            cast,
            cast.head,
            cast.co_staff,
            starts_on=TODAY + timedelta(days=starts),
            ends_on=TODAY + timedelta(days=ends),
        )


def test_ending_it_early_holds_at_once_and_once(cast: Cast) -> None:
    row = name(cast, cast.head, cast.staff)
    end_deputy(row, by=cast.head, now=NOW, today=TODAY)
    row.refresh_from_db()

    with pytest.raises(Refused, match="已经结束"):
        end_deputy(row, by=cast.head, now=NOW, today=TODAY)

    assert not standing(cast.staff).heads(cast.lead.pk)
    assert Event.objects.filter(verb="end_deputy").count() == 1


def test_the_deputy_cannot_end_it(cast: Cast) -> None:
    row = name(cast, cast.head, cast.staff)

    with pytest.raises(Refused, match="只有本人可以终止"):
        end_deputy(row, by=cast.staff, now=NOW, today=TODAY)


def test_of_two_presses_one_ends_it(cast: Cast) -> None:
    row = name(cast, cast.head, cast.staff)
    seen_before = Deputy.objects.get(pk=row.pk)
    end_deputy(row, by=cast.head, now=NOW, today=TODAY)

    with pytest.raises(Stale):
        end_deputy(seen_before, by=cast.head, now=NOW, today=TODAY)
