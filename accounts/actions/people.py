"""Accounts and posts of people: every write on them."""

from collections.abc import Callable
from datetime import date, datetime, timedelta

from django.db import transaction

from accounts import rules
from accounts.actions.recording import record
from accounts.actions.tokens import revoke_tokens_of
from accounts.enums import Role
from accounts.models import Division, Membership, Organization, SignInFailure, User
from accounts.names import is_login_name, login_name, pinyin_of
from accounts.passwords import encode_temporary, temporary_password
from cppcc_office.lib.errors import Refused

ALWAYS = date(2000, 1, 1)  # a post held since before anybody wrote it down


def _refuse(bars: list[str]) -> None:
    if bars:
        raise Refused(bars)


def post_words(role: str, division: Division | None) -> str:
    return f"{division.name if division else ''} {Role(role).label}".strip()


@transaction.atomic
def add_person(
    organization: Organization,
    *,
    by: User,
    now: datetime,
    today: date,
    username: str,
    name: str,
    role: str,
    division: Division | None = None,
    title: str = "",
    phone: str = "",
    email: str = "",
    new_password: Callable[[], str] = temporary_password,
) -> tuple[User, str]:
    """A new account with its first post, and its temporary password, which is kept nowhere in clear."""
    _refuse(rules.bar_to_administer(by, organization.pk, today=today))
    username = login_name(username)
    if not is_login_name(username):
        raise Refused("登录名须为 2 至 40 个字母、数字、汉字或 . _ - @，请改正。")
    if User.objects.filter(username__iexact=username).exists():
        raise Refused(f"登录名 {username} 已有人使用，请换一个。")
    if not name.strip():
        raise Refused("请填写姓名。")
    password = new_password()
    pinyin, initials = pinyin_of(name)
    person = User.objects.create(
        username=username,
        name=name.strip(),
        pinyin=pinyin,
        initials=initials,
        title=title,
        phone=phone,
        email=email,
        password=encode_temporary(password),
        must_change_password=True,
    )
    _refuse(
        rules.bar_to_grant(
            by,
            person,
            organization_id=organization.pk,
            role=role,
            division=division,
            starts_on=ALWAYS,
            ends_on=None,
            today=today,
        )
    )
    Membership.objects.create(user=person, organization=organization, division=division, role=role, starts_on=ALWAYS)
    record(
        "add_person",
        f"新建人员{person.name}（{username}）：{post_words(role, division)}",
        by=by,
        now=now,
        organization=organization,
        subject=person,
        after={"username": username, "name": person.name, "title": title, "role": role},
    )
    return person, password


@transaction.atomic
def edit_person(
    person: User,
    *,
    organization: Organization,
    by: User,
    now: datetime,
    today: date,
    name: str,
    title: str,
    phone: str,
    email: str,
) -> None:
    """Change what is known about a person; nothing changed writes nothing."""
    _refuse(rules.bar_to_change_account(by, person, organization.pk, today=today))
    if not name.strip():
        raise Refused("请填写姓名。")
    new = {"name": name.strip(), "title": title, "phone": phone, "email": email}
    old = {field: getattr(person, field) for field in new}
    changed = [field for field in new if new[field] != old[field]]
    if not changed:
        return
    for field in changed:
        setattr(person, field, new[field])
    person.pinyin, person.initials = pinyin_of(person.name)
    person.save(update_fields=[*changed, "pinyin", "initials"])
    labels = {"name": "姓名", "title": "职务", "phone": "手机", "email": "邮箱"}
    words = "，".join(f"{labels[f]}由“{old[f] or '空'}”改为“{new[f] or '空'}”" for f in changed)
    record(
        "edit_person",
        f"修改人员{person.name}：{words}",
        by=by,
        now=now,
        organization=organization,
        subject=person,
        before={f: old[f] for f in changed},
        after={f: new[f] for f in changed},
    )


@transaction.atomic
def grant_post(
    person: User,
    *,
    organization: Organization,
    role: str,
    division: Division | None,
    starts_on: date,
    ends_on: date | None,
    by: User,
    now: datetime,
    today: date,
) -> Membership:
    _refuse(
        rules.bar_to_grant(
            by,
            person,
            organization_id=organization.pk,
            role=role,
            division=division,
            starts_on=starts_on,
            ends_on=ends_on,
            today=today,
        )
    )
    membership = Membership.objects.create(
        user=person, organization=organization, division=division, role=role, starts_on=starts_on, ends_on=ends_on
    )
    until = f"至 {ends_on}" if ends_on else ""
    record(
        "grant_post",
        f"{person.name}自 {starts_on} {until}任{post_words(role, division)}".replace("  ", " "),
        by=by,
        now=now,
        organization=organization,
        subject=person,
        after={"role": role, "division": division.name if division else "", "starts_on": str(starts_on)},
    )
    return membership


@transaction.atomic
def end_post(membership: Membership, *, ends_on: date, by: User, now: datetime, today: date) -> None:
    """The post holds up to and including that day; the row stays as history."""
    _refuse(rules.bar_to_end_membership(by, membership, ends_on=ends_on, today=today))
    before = membership.ends_on
    membership.ends_on = ends_on
    membership.save(update_fields=["ends_on"])
    record(
        "end_post",
        f"{membership.user.name}任{post_words(membership.role, membership.division)}至 {ends_on} 止",
        by=by,
        now=now,
        organization=membership.organization_id,
        subject=membership.user,
        before={"ends_on": str(before) if before else None},
        after={"ends_on": str(ends_on)},
    )


def close_posts(posts: list[Membership], *, today: date) -> None:
    """Posts that ended yesterday; one that began only today ends today."""
    for post in posts:
        post.ends_on = max(post.starts_on, today - timedelta(days=1))
    Membership.objects.bulk_update(posts, ["ends_on"])


@transaction.atomic
def reset_password(person: User, *, organization: Organization, by: User, now: datetime, today: date) -> str:
    """A new temporary password, returned once; also lifts a lock. All browsers and tokens of the person are out."""
    _refuse(rules.bar_to_change_account(by, person, organization.pk, today=today))
    password = temporary_password()
    person.password = encode_temporary(password)
    person.must_change_password = True
    person.password_changed_at = now
    person.save(update_fields=["password", "must_change_password", "password_changed_at"])
    SignInFailure.objects.filter(username=person.username).delete()
    revoke_tokens_of(person)
    record(
        "reset_password",
        f"重置{person.name}（{person.username}）的密码",
        by=by,
        now=now,
        organization=organization,
        subject=person,
    )
    return password


@transaction.atomic
def switch_account(person: User, *, on: bool, organization: Organization, by: User, now: datetime, today: date) -> None:
    """Switch an account on or off; twice is once."""
    if not on:
        _refuse(rules.bar_to_switch_off(by, person, organization.pk, today=today))
    else:
        _refuse(rules.bar_to_change_account(by, person, organization.pk, today=today))
    if not User.objects.filter(pk=person.pk, is_active=not on).update(is_active=on):
        return
    person.is_active = on
    if not on:
        revoke_tokens_of(person)
    record(
        "switch_account",
        f"{'启用' if on else '停用'}{person.name}（{person.username}）的账号",
        by=by,
        now=now,
        organization=organization,
        subject=person,
        before={"is_active": not on},
        after={"is_active": on},
    )
