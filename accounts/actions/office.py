"""The first moment of an office: the organisation itself, its administrator and its auditor."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from accounts import rules
from accounts.actions.people import ALWAYS
from accounts.actions.recording import record
from accounts.enums import Level, Role
from accounts.models import Membership, Organization, User
from accounts.names import pinyin_of
from accounts.passwords import encode_temporary
from cppcc_office.lib.errors import Refused


@dataclass(frozen=True)
class Founding:
    organization: Organization
    admin: User
    auditor: User


@transaction.atomic
def found_office(
    *,
    code: str,
    name: str,
    short_name: str,
    level: Level,
    password: str,
    now: datetime,
    logins: tuple[str, str] = ("admin", "auditor"),
    by: User | None = None,
) -> Founding:
    """Make an organisation with its two accounts (三员分立).

    The first one comes from nobody; once there is one, only the administrator of an office founds another.
    """
    if by is None and Organization.objects.exists():
        raise Refused("已有政协机关，不能再次初始化。")
    if by is not None and (bars := rules.bar_to_found(by, today=timezone.localdate(now))):
        raise Refused(bars)
    if taken := User.objects.filter(username__in=logins).values_list("username", flat=True):
        raise Refused(f"登录名 {'、'.join(taken)} 已有人使用，请换一个。")
    organization = Organization.objects.create(code=code, name=name, short_name=short_name, level=level)
    users = []
    for username, title, role in zip(logins, ("系统管理员", "审计员"), (Role.SYSADMIN, Role.AUDITOR), strict=True):
        pinyin, initials = pinyin_of(title)
        user = User.objects.create(
            username=username,
            name=title,
            title=title,
            pinyin=pinyin,
            initials=initials,
            password=encode_temporary(password),
        )
        Membership.objects.create(user=user, organization=organization, role=role, starts_on=ALWAYS)
        users.append(user)
    record(
        "found_office",
        f"初始化{name}，建立系统管理员和审计员账号",
        by=by,
        now=now,
        organization=organization,
        subject=organization,
    )
    return Founding(organization, *users)
