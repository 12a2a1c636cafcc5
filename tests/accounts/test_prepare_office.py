"""The first start: an office to try, made once."""

from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone

from accounts.actions.office import found_office
from accounts.actions.sign_in import sign_in
from accounts.enums import Level, Role
from accounts.models import Event, Organization, User
from accounts.standing import standing_of
from cppcc_office.lib.errors import Refused
from tests.cast import NOW

pytestmark = pytest.mark.django_db


def prepare(*arguments: str) -> str:
    out = StringIO()
    call_command("prepare_office", *arguments, stdout=out)
    return out.getvalue()


def test_the_first_start_prints_accounts_that_let_in_and_must_change_their_password() -> None:
    printed = prepare()

    password = printed.strip().rsplit("：", 1)[1]
    now = timezone.now()
    today = timezone.localdate(now)
    for username in ("admin", "auditor", "u012", "u010", "u080", "u081", "leader0"):
        assert f"  {username} " in printed
        user = sign_in(username, password=password, now=now).user
        assert user is not None
        assert user.must_change_password
    office = Organization.objects.get()
    assert (office.code, office.secretary_general) == ("szx", User.objects.get(name="邓春梅"))
    assert standing_of(User.objects.get(username="u010"), today=today).roles() == {
        Role.DIVISION_HEAD,
        Role.SECRETARIAT,
    }
    assert standing_of(User.objects.get(username="admin"), today=today).roles() == {Role.SYSADMIN}
    assert standing_of(User.objects.get(username="auditor"), today=today).roles() == {Role.AUDITOR}
    assert User.objects.count() == 76


def test_a_second_start_prints_and_changes_nothing() -> None:
    prepare()
    events = Event.objects.count()

    printed = prepare()

    assert printed == ""
    assert Event.objects.count() == events


def test_the_accounts_can_be_shown_again_without_a_password() -> None:
    prepare()

    printed = prepare("--show-accounts")

    assert "u012" in printed
    assert "密码" not in printed


def test_an_office_is_founded_only_where_there_is_none() -> None:
    Organization.objects.create(code="x", name="已有机关")

    with pytest.raises(Refused, match="已有政协机关"):
        found_office(code="y", name="新", short_name="", level=Level.CITY, password="x", now=NOW)


def test_the_administrator_of_an_office_founds_another_with_accounts_of_its_own() -> None:
    prepare()
    admin = User.objects.get(username="admin")
    new: dict[str, Any] = {"name": "新", "short_name": "", "level": Level.CITY, "password": "x", "now": timezone.now()}

    founding = found_office(code="y", logins=("admin2", "auditor2"), by=admin, **new)

    assert standing_of(founding.admin, today=timezone.localdate(new["now"])).organization_ids() == {
        founding.organization.pk
    }
    with pytest.raises(Refused, match="admin 已有人使用|auditor、admin|admin、auditor"):
        found_office(code="z", by=admin, **new)
    with pytest.raises(Refused, match="只有系统管理员"):
        found_office(code="z", logins=("a3", "b3"), by=User.objects.get(username="u010"), **new)
