"""Setting up the ways out of the house. Events tell what was set, never an address or a password."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.actions.recording import record
from accounts.models import Organization, User
from cppcc_office.lib.errors import Refused, Stale
from supervision.notifications.enums import ChannelKind
from supervision.notifications.models import Channel
from supervision.notifications.rules import bar_to_set_up

FIELDS = (
    "name",
    "division",
    "reasons",
    "address",
    "host",
    "port",
    "security",
    "username",
    "secret",
    "sender",
    "per_minute",
)
_SECRET = ("address", "secret")
# What a test message goes by: where one of these changes, the last test says nothing any more.
_TESTED = {"address", "host", "port", "security", "username", "secret", "sender"}
_NAMES = {field.name: str(field.verbose_name) for field in Channel._meta.fields}
ONE_SERVER = "已有一个启用的邮件服务器，请先停用它。"
UNTESTED = "还没有测试成功，不能启用。请先测试；确要先启用的，请勾选“仍然启用”。"
ONE_NAME = "已有同名的通道，请换一个名称。"


@transaction.atomic
def set_up_channel(organization: Organization, *, kind: ChannelKind, by: User, now: datetime, **fields: Any) -> Channel:
    """A new one is off until it has been tested and switched on: what it cannot send would fail for everybody."""
    _refuse_unless_sysadmin(by, organization.pk, now)
    channel = Channel(organization=organization, kind=kind)
    _set(channel, fields)
    _check(channel)
    channel.save(force_insert=True)
    words = f"设置{ChannelKind(kind).label}“{channel.name}”"
    record(
        "set_up_channel",
        words,
        by=by,
        now=now,
        organization=organization,
        subject=channel,
        after=_shown(channel, FIELDS),
    )
    return channel


@transaction.atomic
def alter_channel(channel: Channel, *, version: int, by: User, now: datetime, **fields: Any) -> Channel:
    """Only the fields given; a secret that is not given stays."""
    _refuse_unless_sysadmin(by, channel.organization_id, now)
    held = _hold(channel, version)
    old = _shown(held, FIELDS)
    changed = [name for name, value in fields.items() if getattr(held, name) != value]
    if not changed:
        return held
    _set(held, fields)
    _check(held)
    held.version += 1
    if _TESTED.intersection(changed):
        held.tested_at, held.test_error = None, ""
    held.save(update_fields=[*changed, "version", "tested_at", "test_error"])
    new = _shown(held, FIELDS)
    words = f"修改消息通道“{held.name}”：{'、'.join(_NAMES[name] for name in changed)}"
    record(
        "alter_channel",
        words,
        by=by,
        now=now,
        organization=held.organization_id,
        subject=held,
        before={name: old[name] for name in changed},
        after={name: new[name] for name in changed},
    )
    return held


@transaction.atomic
def switch_channel(
    channel: Channel, *, on: bool, version: int, by: User, now: datetime, untested: bool = False
) -> Channel:
    """What still waits for one that is off is withdrawn when it falls due. `untested`: on before a test got through."""
    _refuse_unless_sysadmin(by, channel.organization_id, now)
    held = _hold(channel, version)
    if held.is_on == on:
        return held
    if on and not held.is_proven and not untested:
        raise Refused(UNTESTED)
    held.is_on = on
    _check(held)
    held.version += 1
    held.save(update_fields=["is_on", "version"])
    words = f"{'启用' if on else '停用'}消息通道“{held.name}”{'，未测试成功' if on and not held.is_proven else ''}"
    record("switch_channel", words, by=by, now=now, organization=held.organization_id, subject=held)
    return held


@transaction.atomic
def relock_channels() -> tuple[int, list[str]]:
    """Write every address and password anew, which locks it with the first key; how many, and whose cannot be read."""
    rows = list(Channel.objects.select_for_update().order_by("pk"))
    readable = [row for row in rows if not row.is_locked_out]
    for row in readable:
        row.save(update_fields=_SECRET)
    return len(readable), [row.name for row in rows if row.is_locked_out]


def _refuse_unless_sysadmin(by: User, organization_id: int, now: datetime) -> None:
    if bars := bar_to_set_up(by, organization_id, timezone.localdate(now)):
        raise Refused(bars)


def _hold(channel: Channel, version: int) -> Channel:
    """The row as it is now, kept from others until the transaction ends; Stale when it is not what the page showed."""
    held = Channel.objects.select_for_update().get(pk=channel.pk)
    if held.version != version:
        raise Stale(f"消息通道“{held.name}”", version=held.version)
    return held


def _set(channel: Channel, fields: dict[str, Any]) -> None:
    if unknown := set(fields) - set(FIELDS):
        raise TypeError(f"no such fields: {sorted(unknown)}")
    for name, value in fields.items():
        setattr(channel, name, value)


def _check(channel: Channel) -> None:
    """What the constraints say, in words."""
    others = Channel.objects.filter(organization=channel.organization_id).exclude(pk=channel.pk)
    if others.filter(name=channel.name).exists():
        raise Refused(ONE_NAME)
    if channel.kind == ChannelKind.EMAIL:
        if channel.is_on and others.filter(kind=ChannelKind.EMAIL, is_on=True).exists():
            raise Refused(ONE_SERVER)
        if not channel.host or not channel.sender:
            raise Refused("请填写邮件服务器和发件人。")
    elif not channel.address:
        raise Refused("请填写地址。")
    if channel.division is not None and channel.division.organization_id != channel.organization_id:
        raise Refused("只能选本机关的处室。")


def _shown(channel: Channel, names: tuple[str, ...]) -> dict[str, Any]:
    """For the event: of what is secret only whether there is one."""
    shown: dict[str, Any] = {}
    for name in names:
        value = getattr(channel, f"{name}_id" if name == "division" else name)
        shown[name] = ("已设" if value else "") if name in _SECRET else value
    return shown
