"""Setting up the ways out of the house: by the SYSADMIN only, and no event ever tells a secret."""

from typing import Any

import pytest

from accounts.models import Event
from cppcc_office.lib.errors import Refused, Stale
from supervision.notifications.actions.channels import alter_channel, set_up_channel, switch_channel
from supervision.notifications.enums import ChannelKind, Security
from supervision.notifications.models import Channel
from tests.cast import NOW, Cast

MAIL: dict[str, Any] = {
    "name": "机关邮件",
    "host": "mail.example.com",
    "sender": "office@example.com",
    "secret": "hush",
}
ROBOT: dict[str, Any] = {"name": "处室群", "address": "https://example.com/send?key=hush", "reasons": ["TURN"]}


def mail(cast: Cast, **fields: Any) -> Channel:
    return set_up_channel(cast.office, kind=ChannelKind.EMAIL, by=cast.sysadmin, now=NOW, **{**MAIL, **fields})


def robot(cast: Cast, **fields: Any) -> Channel:
    return set_up_channel(cast.office, kind=ChannelKind.WECOM, by=cast.sysadmin, now=NOW, **{**ROBOT, **fields})


def test_a_channel_is_set_up_altered_and_switched_with_an_event_each(cast: Cast) -> None:
    row = mail(cast)
    row.tested_at = NOW
    row.save(update_fields=["tested_at"])

    row = alter_channel(row, version=1, by=cast.sysadmin, now=NOW, host="10.0.0.1", security=Security.TLS, secret="new")
    row = switch_channel(row, on=True, untested=True, version=2, by=cast.sysadmin, now=NOW)
    was_on = row.is_on
    row = switch_channel(row, on=False, version=3, by=cast.sysadmin, now=NOW)

    row.refresh_from_db()
    assert (row.host, row.secret, row.version, row.tested_at) == ("10.0.0.1", "new", 4, None)
    assert (was_on, row.is_on) == (True, False)
    events = list(Event.objects.order_by("pk"))
    assert [event.words for event in events] == [
        "设置电子邮件“机关邮件”",
        "修改消息通道“机关邮件”：邮件服务器、加密、密码",
        "启用消息通道“机关邮件”，未测试成功",
        "停用消息通道“机关邮件”",
    ]
    assert events[1].before == {"host": "mail.example.com", "security": "NONE", "secret": "已设"}
    assert events[1].after == {"host": "10.0.0.1", "security": "TLS", "secret": "已设"}


def test_no_event_tells_a_secret(cast: Cast) -> None:
    row = robot(cast, division=cast.lead)
    alter_channel(row, version=1, by=cast.sysadmin, now=NOW, address="https://example.com/hush2", division=None)
    mail(cast)

    told = "".join(f"{event.words}{event.before}{event.after}" for event in Event.objects.all())

    assert "hush" not in told
    assert Event.objects.get(verb="alter_channel").before == {"address": "已设", "division": cast.lead.pk}


def test_what_is_the_same_already_writes_nothing(cast: Cast) -> None:
    row = mail(cast)

    assert alter_channel(row, version=1, by=cast.sysadmin, now=NOW, **MAIL).version == 1
    assert switch_channel(row, on=False, version=1, by=cast.sysadmin, now=NOW).version == 1
    assert Event.objects.count() == 1


def test_of_two_who_alter_at_once_the_second_is_told(cast: Cast) -> None:
    row = mail(cast)
    alter_channel(row, version=1, by=cast.sysadmin, now=NOW, host="10.0.0.1")

    with pytest.raises(Stale):
        alter_channel(row, version=1, by=cast.sysadmin, now=NOW, host="10.0.0.2")
    with pytest.raises(Stale):
        switch_channel(row, on=False, version=1, by=cast.sysadmin, now=NOW)


@pytest.mark.parametrize("name", ["secretariat", "head", "leader", "auditor", "foreign_secretariat", "stranger"])
def test_nobody_but_the_sysadmin_sets_up(cast: Cast, name: str) -> None:
    by, row = getattr(cast, name), mail(cast)

    with pytest.raises(Refused, match="只有系统管理员"):
        set_up_channel(cast.office, kind=ChannelKind.WECOM, by=by, now=NOW, **ROBOT)
    with pytest.raises(Refused, match="只有系统管理员"):
        alter_channel(row, version=1, by=by, now=NOW, host="x")
    with pytest.raises(Refused, match="只有系统管理员"):
        switch_channel(row, on=False, version=1, by=by, now=NOW)


def test_what_leads_nowhere_is_refused_in_words(cast: Cast) -> None:
    with pytest.raises(Refused, match="请填写邮件服务器和发件人"):
        mail(cast, host="")
    with pytest.raises(Refused, match="请填写地址"):
        robot(cast, address="")
    with pytest.raises(Refused, match="只能选本机关的处室"):
        robot(cast, division=cast.elsewhere.divisions.get())
    with pytest.raises(TypeError, match="no such fields"):
        robot(cast, is_on=False)


def test_there_is_one_mail_server_that_is_on_and_one_channel_of_a_name(cast: Cast) -> None:
    """The next one can be prepared and tried while the first still sends."""
    first, second = mail(cast), mail(cast, name="另一个")
    first = switch_channel(first, on=True, untested=True, version=1, by=cast.sysadmin, now=NOW)

    with pytest.raises(Refused, match="已有同名的通道"):
        robot(cast, name="机关邮件")
    with pytest.raises(Refused, match="已有一个启用的邮件服务器"):
        switch_channel(second, on=True, untested=True, version=1, by=cast.sysadmin, now=NOW)
    switch_channel(first, on=False, version=2, by=cast.sysadmin, now=NOW)

    assert switch_channel(second, on=True, untested=True, version=1, by=cast.sysadmin, now=NOW).is_on


def test_one_that_no_test_got_through_is_not_switched_on_unless_that_is_said(cast: Cast) -> None:
    row = robot(cast)
    never = row.is_on
    with pytest.raises(Refused, match="还没有测试成功"):
        switch_channel(row, on=True, version=1, by=cast.sysadmin, now=NOW)
    Channel.objects.update(tested_at=NOW, test_error="对方答复 404")
    with pytest.raises(Refused, match="还没有测试成功"):
        switch_channel(row, on=True, version=1, by=cast.sysadmin, now=NOW)
    Channel.objects.update(test_error="")

    assert not never
    assert switch_channel(row, on=True, version=1, by=cast.sysadmin, now=NOW).is_on
    assert Event.objects.get(verb="switch_channel").words == "启用消息通道“处室群”"


def test_a_test_says_nothing_of_another_address_and_all_of_another_name(cast: Cast) -> None:
    row = robot(cast)
    Channel.objects.update(tested_at=NOW)

    row = alter_channel(row, version=1, by=cast.sysadmin, now=NOW, name="改名", reasons=["NEWS"])
    renamed = row.is_proven
    row = alter_channel(row, version=2, by=cast.sysadmin, now=NOW, address="https://example.com/send?key=other")

    assert (renamed, row.is_proven) == (True, False)
