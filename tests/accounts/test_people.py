"""Accounts and posts: who may change them, what is refused, what is written down."""

from datetime import date, timedelta
from typing import Any

import pytest

from accounts.actions import people as actions
from accounts.enums import Role
from accounts.models import Event, Membership, SignInFailure, User
from accounts.names import free_login_name, pinyin_of
from accounts.standing import standing_of
from cppcc_office.lib.errors import Refused
from tests.cast import NOW, PASSWORD, TODAY, Cast, joins, person


def add(cast: Cast, *, by: User | None = None, **changes: Any) -> tuple[User, str]:
    values: dict[str, Any] = {"username": "ZSC", "name": "张思成", "role": Role.STAFF, "division": cast.lead}
    return actions.add_person(
        cast.office,
        by=by or cast.sysadmin,
        now=NOW,
        today=TODAY,
        **{**values, **changes},
    )


def grant(cast: Cast, whom: User, role: Role, *, by: User | None = None, **changes: Any) -> Membership:
    values: dict[str, Any] = {"division": None, "starts_on": TODAY, "ends_on": None}
    return actions.grant_post(
        whom,
        organization=cast.office,
        role=role,
        by=by or cast.sysadmin,
        now=NOW,
        today=TODAY,
        **{**values, **changes},
    )


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("邓春梅", ("dengchunmei", "dcm")),
        ("曾雪峰", ("zengxuefeng", "zxf")),
        ("单田芳", ("shantianfang", "stf")),
        ("尉迟恭", ("yuchigong", "ycg")),
        ("阿依古丽·买买提", ("ayigulimaimaiti", "ayglmmt")),
    ],
)
def test_names_are_found_by_pinyin_and_initials(name: str, expected: tuple[str, str]) -> None:
    assert pinyin_of(name) == expected


def test_a_proposed_log_in_name_is_free() -> None:
    assert free_login_name("徐伟东", {"xuweidong", "xuweidong2"}) == "xuweidong3"


def test_a_new_person_has_one_post_and_must_change_the_password(cast: Cast) -> None:
    user, password = add(cast)

    assert user.check_password(password)
    assert user.must_change_password
    assert (user.username, user.initials) == ("zsc", "zsc")
    assert standing_of(user, today=TODAY).division_ids() == {cast.lead.pk}
    event = Event.objects.get(verb="add_person")
    assert event.by == cast.sysadmin
    assert password not in f"{event.words}{event.after}"


@pytest.mark.parametrize("name", ["secretariat", "head", "leader", "auditor", "foreign_secretariat", "stranger"])
def test_only_the_administrator_adds_people(cast: Cast, name: str) -> None:
    with pytest.raises(Refused, match="只有本机关的系统管理员"):
        add(cast, by=getattr(cast, name))

    assert not User.objects.filter(username="zsc").exists()


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"username": "WU"}, "已有人使用"),
        ({"username": "a b"}, "登录名须为"),
        ({"name": "  "}, "请填写姓名"),
        ({"role": Role.SECRETARIAT}, "督办人员不单独授予"),
        ({"division": None}, "须写明处室"),
        ({"role": Role.LEADER}, "不属于处室"),
    ],
)
def test_what_is_wrong_with_a_new_person_is_said_and_nothing_is_written(
    cast: Cast, changes: dict[str, Any], why: str
) -> None:
    count = User.objects.count()

    with pytest.raises(Refused, match=why):
        add(cast, **changes)

    assert User.objects.count() == count
    assert not Event.objects.exists()


def test_editing_tells_old_and_new_and_finds_by_the_new_name(cast: Cast) -> None:
    actions.edit_person(
        cast.staff,
        organization=cast.office,
        by=cast.sysadmin,
        now=NOW,
        today=TODAY,
        name="吴思远",
        title="副处长",
        phone="",
        email="",
    )

    cast.staff.refresh_from_db()
    assert cast.staff.initials == "wsy"
    event = Event.objects.get()
    assert event.words == "修改人员吴思远：姓名由“吴科员”改为“吴思远”，职务由“空”改为“副处长”"
    assert event.before == {"name": "吴科员", "title": ""}


def test_editing_nothing_writes_nothing(cast: Cast) -> None:
    actions.edit_person(
        cast.staff,
        organization=cast.office,
        by=cast.sysadmin,
        now=NOW,
        today=TODAY,
        name="吴科员",
        title="",
        phone="",
        email="",
    )

    assert not Event.objects.exists()


@pytest.mark.parametrize(
    ("holder", "role"), [("auditor", Role.SYSADMIN), ("second_admin", Role.AUDITOR)], ids=["auditor", "administrator"]
)
def test_administrator_and_auditor_are_never_one_account(cast: Cast, holder: str, role: Role) -> None:
    if holder == "second_admin":
        whom = person("admin2", "第二管理员")
        joins(whom, cast.office, Role.SYSADMIN)
    else:
        whom = cast.auditor

    with pytest.raises(Refused, match="三员分立"):
        grant(cast, whom, role)


def test_an_auditor_of_the_past_may_become_administrator(cast: Cast) -> None:
    Membership.objects.filter(user=cast.auditor).update(ends_on=TODAY - timedelta(days=1))

    grant(cast, cast.auditor, Role.SYSADMIN)

    assert standing_of(cast.auditor, today=TODAY).roles() == {Role.SYSADMIN}


def test_nobody_grants_himself_a_post(cast: Cast) -> None:
    with pytest.raises(Refused, match="不能更改自己的任职"):
        grant(cast, cast.sysadmin, Role.LEADER)


@pytest.mark.parametrize(
    ("role", "changes", "why"),
    [
        (Role.SECRETARIAT, {}, "督办人员不单独授予"),
        (Role.LEADER, {"ends_on": TODAY - timedelta(days=1)}, "结束日期早于开始日期"),
        (Role.STAFF, {}, "须写明处室"),
    ],
)
def test_posts_that_cannot_be_are_refused(cast: Cast, role: Role, changes: dict[str, Any], why: str) -> None:
    with pytest.raises(Refused, match=why):
        grant(cast, cast.staff, role, **changes)


def test_the_same_post_is_not_granted_twice(cast: Cast) -> None:
    with pytest.raises(Refused, match="已有同样的任职"):
        grant(cast, cast.staff, Role.STAFF, division=cast.lead)


def test_a_division_of_another_office_is_refused(cast: Cast) -> None:
    foreign = cast.elsewhere.divisions.get()

    with pytest.raises(Refused, match="不是本机关在用的处室"):
        grant(cast, cast.staff, Role.STAFF, division=foreign)


def test_whoever_joins_the_supervising_division_is_secretariat(cast: Cast) -> None:
    grant(cast, cast.staff, Role.STAFF, division=cast.supervising)

    assert standing_of(cast.staff, today=TODAY).holds(Role.SECRETARIAT, cast.office.pk)


def test_a_post_holds_to_its_last_day(cast: Cast) -> None:
    membership = Membership.objects.get(user=cast.staff)

    actions.end_post(membership, ends_on=TODAY, by=cast.sysadmin, now=NOW, today=TODAY)

    fresh = User.objects.get(pk=cast.staff.pk)
    assert standing_of(fresh, today=TODAY).belongs_to(cast.lead.pk)
    assert not standing_of(fresh, today=TODAY + timedelta(days=1)).posts
    assert Event.objects.get().words == f"吴科员任经济委办公室 经办人至 {TODAY} 止"


@pytest.mark.parametrize(
    ("by", "ends_on", "why"),
    [("secretariat", TODAY, "只有本机关的系统管理员"), ("sysadmin", date(2019, 1, 1), "早于开始日期")],
)
def test_ending_a_post_is_refused_in_words(cast: Cast, by: str, ends_on: date, why: str) -> None:
    membership = Membership.objects.get(user=cast.staff)

    with pytest.raises(Refused, match=why):
        actions.end_post(membership, ends_on=ends_on, by=getattr(cast, by), now=NOW, today=TODAY)


def test_the_administrator_cannot_end_his_own_post(cast: Cast) -> None:
    membership = Membership.objects.get(user=cast.sysadmin)

    with pytest.raises(Refused, match="不能更改自己的任职"):
        actions.end_post(membership, ends_on=TODAY, by=cast.sysadmin, now=NOW, today=TODAY)


def test_a_reset_password_replaces_the_old_one_and_lifts_the_lock(cast: Cast) -> None:
    SignInFailure.objects.create(username="wu", failures=5, last_at=NOW)

    password = actions.reset_password(cast.staff, organization=cast.office, by=cast.sysadmin, now=NOW, today=TODAY)

    cast.staff.refresh_from_db()
    assert cast.staff.check_password(password)
    assert not cast.staff.check_password(PASSWORD)
    assert cast.staff.must_change_password
    assert not SignInFailure.objects.exists()
    assert password not in Event.objects.get().words


def test_an_administrator_has_no_power_over_people_of_another_office(cast: Cast) -> None:
    joins(cast.staff, cast.elsewhere, Role.LEADER)

    with pytest.raises(Refused, match="也在别的机关任职"):
        actions.reset_password(cast.staff, organization=cast.office, by=cast.sysadmin, now=NOW, today=TODAY)


def test_switching_off_twice_is_once_and_on_again_works(cast: Cast) -> None:
    for on in (False, False, True):
        actions.switch_account(cast.staff, on=on, organization=cast.office, by=cast.sysadmin, now=NOW, today=TODAY)

    cast.staff.refresh_from_db()
    assert cast.staff.is_active
    assert list(Event.objects.order_by("id").values_list("words", flat=True)) == [
        "停用吴科员（wu）的账号",
        "启用吴科员（wu）的账号",
    ]


def test_nobody_switches_himself_off(cast: Cast) -> None:
    with pytest.raises(Refused, match="不能停用自己"):
        actions.switch_account(
            cast.sysadmin, on=False, organization=cast.office, by=cast.sysadmin, now=NOW, today=TODAY
        )


def test_a_person_without_a_name_is_refused(cast: Cast) -> None:
    with pytest.raises(Refused, match="请填写姓名"):
        actions.edit_person(
            cast.staff,
            organization=cast.office,
            by=cast.sysadmin,
            now=NOW,
            today=TODAY,
            name=" ",
            title="",
            phone="",
            email="",
        )


def test_a_post_long_ended_is_not_ended_again(cast: Cast) -> None:
    membership = Membership.objects.get(user=cast.staff)
    Membership.objects.filter(pk=membership.pk).update(ends_on=TODAY - timedelta(days=1))
    membership.refresh_from_db()

    with pytest.raises(Refused, match="早已结束"):
        actions.end_post(membership, ends_on=TODAY, by=cast.sysadmin, now=NOW, today=TODAY)
