"""Claimed, sent, recorded: once, at a decent hour, only what still holds, and nothing lost when a worker dies."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from accounts.models import Event, Membership, User
from cppcc_office.lib.errors import Refused
from supervision.notifications.actions import sending
from supervision.notifications.actions.relaying import bring_relays_up_to
from supervision.notifications.actions.sending import (
    RETRY_AFTER,
    rescue_deliveries,
    retry_all_deliveries,
    retry_delivery,
)
from supervision.notifications.actions.telling import Telling, tell
from supervision.notifications.enums import ChannelKind, DeliveryState
from supervision.notifications.models import Channel, ChannelWish, Delivery, MutedKind, Notification
from supervision.notifications.queries.delivery import channels_due
from tasks.actions import project
from tasks.enums import ProjectState
from tasks.models import Project
from tests.cast import NOW, SHANGHAI, Cast, make_cast
from tests.machine import free_port
from tests.supervision.notifications.kinds import NEWS, TURN, mail_server, robot
from tests.supervision.notifications.listeners import Hook, Mailbox, hook, mail_box
from tests.tasks.racing import race
from tests.walks import project_at


def reachable(*people: User) -> None:
    for person in people:
        person.email, person.phone = f"{person.username}@example.com", "13800000000"
        person.save(update_fields=["email", "phone"])


def told(cast: Cast, *people: User, keys: int = 1, now: datetime = NOW, **fields: Any) -> None:
    given: dict[str, Any] = {"kind": TURN.code, "words": "请办理", **fields}
    tell(
        [
            Telling(person_id=p.pk, organization_id=cast.office.pk, key=f"{now} {n}", **given)
            for p in people
            for n in range(keys)
        ],
        now=now,
    )


def send_all(now: datetime = NOW) -> int:
    return sum(sending.send_channel(channel, clock=lambda: now) for channel in channels_due(now))


def states() -> dict[str, int]:
    rows = list(Delivery.objects.values_list("state", flat=True))
    return {state: rows.count(state) for state in set(rows)}


# ── one message for all that is due ──────────────────────────────────────────


def test_all_that_is_due_for_a_person_goes_as_one_message(cast: Cast) -> None:
    reachable(cast.head, cast.staff)
    with mail_box() as box:
        mail_server(cast, port=box.port)
        told(cast, cast.head, cast.staff, keys=3)
        told(cast, cast.head, kind=NEWS.code, words="仅供知晓")  # by no channel

        assert send_all() == 6

    assert [(to, text.count("请办理")) for to, _, text in box.mails] == [
        ("chen@example.com", 3),
        ("wu@example.com", 3),
    ]
    assert Delivery.objects.values("batch").distinct().count() == 2
    assert send_all() == 0


def test_the_hours_of_the_office_hold_over_a_long_holiday(cast: Cast) -> None:
    reachable(cast.head)
    evening = datetime(2026, 9, 30, 19, 0, tzinfo=SHANGHAI)
    with mail_box() as box:
        mail_server(cast, port=box.port)
        told(cast, cast.head, now=evening)
        quiet = [evening + timedelta(hours=hours) for hours in range(0, 8 * 24 - 11, 6)]

        assert [channels_due(now) for now in quiet] == [[]] * len(quiet)
        assert quiet[-1].date() == date(2026, 10, 8)
        assert send_all(datetime(2026, 10, 8, 8, 30, tzinfo=SHANGHAI)) == 1


def test_what_fell_due_by_day_waits_when_nobody_swept_until_night(cast: Cast) -> None:
    reachable(cast.head)
    with mail_box() as box:
        mail_server(cast, port=box.port)
        told(cast, cast.head)
        told(cast, cast.head, now=NOW + timedelta(seconds=1), is_urgent=True, words="特急事项")

        assert send_all(NOW.replace(hour=23)) == 1

    assert "特急事项" in box.mails[0][2]
    assert "【特急】" in box.mails[0][1]
    assert states() == {DeliveryState.SENT: 1, DeliveryState.QUEUED: 1}


# ── what no longer holds ─────────────────────────────────────────────────────


def received(cast: Cast, row: Project) -> None:
    project.receive_project(row, by=cast.staff, version=row.version, now=NOW)


def read(cast: Cast, row: Project) -> None:
    Notification.objects.update(read_at=NOW)


def account_closed(cast: Cast, row: Project) -> None:
    User.objects.filter(pk=cast.head.pk).update(is_active=False)


def switched_off(cast: Cast, row: Project) -> None:
    Channel.objects.update(is_on=False)


def left_the_division(cast: Cast, row: Project) -> None:
    """For one that finds the project in the ledger, and reads no more of it."""
    Membership.objects.filter(user=cast.head).update(division=cast.outside)


def no_longer_wished(cast: Cast, row: Project) -> None:
    ChannelWish.objects.create(user=cast.head, reason="TURN", channel_kind=ChannelKind.EMAIL, is_wanted=False)


WITHDRAWN: dict[str, Callable[[Cast, Project], None]] = {
    "已在系统内阅读": read,
    "事项已办理或已变更": received,
    "人员已停用": account_closed,
    "通道已停用": switched_off,
    "已无权查看该项目": left_the_division,
    "本人已不要由此发送": no_longer_wished,
}


@pytest.mark.parametrize("reason", WITHDRAWN)
def test_what_no_longer_holds_is_withdrawn_before_it_is_sent(cast: Cast, reason: str) -> None:
    reachable(cast.head)
    with mail_box() as box:
        mail_server(cast, port=box.port)
        row = project_at(ProjectState.DISPATCHED, cast)
        bring_relays_up_to(NOW)
        WITHDRAWN[reason](cast, row)

        assert send_all() == 0

    assert box.mails == []
    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.error, delivery.ended_at) == (DeliveryState.WITHDRAWN, reason, NOW)
    assert Notification.objects.filter(person=cast.head, kind="project_dispatched").exists()


def test_a_wish_given_up_withdraws_what_only_the_wish_had_queued(cast: Cast) -> None:
    reachable(cast.head)
    wish = ChannelWish.objects.create(user=cast.head, reason="NEWS", channel_kind=ChannelKind.EMAIL, is_wanted=True)
    with mail_box() as box:
        mail_server(cast, port=box.port)
        told(cast, cast.head, kind=NEWS.code)
        wish.delete()

        assert send_all() == 0

    assert Delivery.objects.get().error == "本人已不要由此发送"


def test_what_was_muted_meanwhile_and_what_the_group_is_no_longer_told_stays_in_the_house(cast: Cast) -> None:
    with hook() as group:
        channel = robot(cast, group.url, reasons=["NEWS", "TURN"])
        told(cast, cast.head, cast.staff, kind=NEWS.code)
        told(cast, cast.head)
        MutedKind.objects.create(user=cast.head, kind=NEWS.code)
        Channel.objects.filter(pk=channel.pk).update(reasons=["NEWS"])

        assert send_all() == 1

    errors = {(row.person_id, row.notification.kind): row.error for row in Delivery.objects.all()}
    assert errors == {
        (cast.head.pk, NEWS.code): "本人已设为不提醒",
        (cast.staff.pk, NEWS.code): "",
        (cast.head.pk, TURN.code): "通道已不传送这类消息",
    }


def test_a_closed_project_presses_nobody(cast: Cast) -> None:
    row = project_at(ProjectState.CLOSED, cast)
    reachable(cast.head)
    with mail_box() as box:
        mail_server(cast, port=box.port)
        told(cast, cast.head, project_id=row.pk)

        assert send_all() == 0

    assert Delivery.objects.get().error == "项目已办结"


def test_what_one_of_the_group_has_read_is_still_told_to_the_group(cast: Cast) -> None:
    with hook() as group:
        robot(cast, group.url)
        told(cast, cast.head, cast.staff)
        Notification.objects.filter(person=cast.head).update(read_at=NOW)

        assert send_all() == 2


# ── when it fails ────────────────────────────────────────────────────────────


def test_three_more_tries_then_it_is_shown(cast: Cast) -> None:
    reachable(cast.head)
    with mail_box(answer="450 later") as box:
        mail_server(cast, port=box.port)
        told(cast, cast.head)
        now, waits = NOW, []
        for _ in range(3):
            send_all(now)
            row = Delivery.objects.get()
            assert (row.state, row.error) == (DeliveryState.QUEUED, "邮件服务器不接受收件人（450）")
            waits.append(row.due_at - now)
            assert channels_due(row.due_at - timedelta(seconds=1)) == []
            now = row.due_at
        send_all(now)

    row = Delivery.objects.get()
    assert tuple(waits) == RETRY_AFTER
    assert (row.state, row.attempts, row.ended_at) == (DeliveryState.FAILED, 4, now)
    assert channels_due(now + timedelta(days=1)) == []


def test_a_retry_keeps_to_decent_hours_unless_it_is_urgent(cast: Cast) -> None:
    reachable(cast.head, cast.staff)
    late = NOW.replace(hour=17, minute=59, second=30)
    with mail_box(answer="450 later") as box:
        mail_server(cast, port=box.port)
        told(cast, cast.head, now=late)
        told(cast, cast.staff, now=late, is_urgent=True)
        send_all(late)

    assert Delivery.objects.get(person=cast.head).due_at == datetime(2026, 3, 5, 8, 30, tzinfo=SHANGHAI)
    assert Delivery.objects.get(person=cast.staff).due_at == late + timedelta(minutes=1)


def test_what_is_hopeless_is_not_tried_again(cast: Cast) -> None:
    reachable(cast.head)
    with mail_box(answer="550 unknown") as box:
        mail_server(cast, port=box.port)
        told(cast, cast.head)
        send_all()

    row = Delivery.objects.get()
    assert (row.state, row.attempts, row.error) == (DeliveryState.FAILED, 1, "邮件服务器不接受收件人（550）")


def test_a_worker_that_died_between_claim_and_record_loses_nothing(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    reachable(cast.head)

    def dies(*given: object, **named: object) -> None:
        raise KeyboardInterrupt

    with mail_box() as box:
        mail_server(cast, port=box.port)
        told(cast, cast.head)
        with monkeypatch.context() as patch:
            patch.setattr(sending, "send", dies)
            with pytest.raises(KeyboardInterrupt):
                send_all()
        assert states() == {DeliveryState.SENDING: 1}

        assert rescue_deliveries(now=NOW + timedelta(minutes=2)) == 0
        assert rescue_deliveries(now=NOW + timedelta(minutes=2, seconds=1)) == 1
        assert send_all(NOW + timedelta(minutes=6)) == 1

    assert len(box.mails) == 1


def test_what_cannot_be_asked_whether_it_holds_is_given_up_and_shown(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    reachable(cast.head)
    mail_server(cast)
    told(cast, cast.head)

    def breaks(*given: object) -> dict[int, str]:
        raise KeyError

    monkeypatch.setattr(sending, "untrue", breaks)
    for n in range(len(RETRY_AFTER) + 1):
        with pytest.raises(KeyError):
            send_all(NOW + n * timedelta(minutes=6))
        rescue_deliveries(now=NOW + (n + 1) * timedelta(minutes=6))

    assert states() == {DeliveryState.FAILED: 1}


def test_what_is_lost_four_times_is_shown(cast: Cast) -> None:
    reachable(cast.head)
    mail_server(cast)
    told(cast, cast.head)
    batch = "00000000-0000-0000-0000-000000000001"
    Delivery.objects.update(state=DeliveryState.SENDING, attempts=4, claimed_at=NOW, batch=batch)

    rescue_deliveries(now=NOW + timedelta(minutes=6))

    row = Delivery.objects.get()
    assert (row.state, row.error) == (DeliveryState.FAILED, "发送多次中断")


def test_people_send_once_more_what_failed(cast: Cast) -> None:
    reachable(cast.head, cast.staff)
    mail_server(cast)
    told(cast, cast.head, cast.staff)
    Delivery.objects.update(state=DeliveryState.FAILED, attempts=4, ended_at=NOW, error="连接不上邮件服务器")
    row = Delivery.objects.get(person=cast.head)

    with pytest.raises(Refused, match="只有系统管理员和督办人员"):
        retry_delivery(row, by=cast.head, now=NOW)
    retry_delivery(row, by=cast.secretariat, now=NOW)
    with pytest.raises(Refused, match="已重新排队"):
        retry_delivery(row, by=cast.secretariat, now=NOW)

    assert states() == {DeliveryState.QUEUED: 1, DeliveryState.FAILED: 1}
    assert retry_all_deliveries(cast.office, by=cast.sysadmin, now=NOW) == 1
    assert retry_all_deliveries(cast.office, by=cast.sysadmin, now=NOW) == 0
    assert set(Delivery.objects.values_list("state", "attempts", "error")) == {(DeliveryState.QUEUED, 0, "")}
    assert Event.objects.filter(verb="retry_delivery").count() == 2


# ── robots ───────────────────────────────────────────────────────────────────


def test_a_robot_never_says_more_in_a_minute_than_its_platform_takes(cast: Cast) -> None:
    with hook() as group:
        robot(cast, group.url, per_minute=3)
        said = []
        for second in range(0, 180, 10):
            now = NOW + timedelta(seconds=second)
            told(cast, cast.head, now=now)
            send_all(now)
            said.append(len(group.posts))
        send_all(NOW + timedelta(minutes=5))

    for start in range(len(said)):
        window = said[min(start + 6, len(said) - 1)] - said[start]
        assert window <= 3
    assert said[:8] == [1, 2, 3, 3, 3, 3, 3, 4]
    assert states() == {DeliveryState.SENT: 18}  # what had to wait went together


def test_a_failed_message_counts_as_said(cast: Cast) -> None:
    with hook(answer={"errcode": 45009}) as group:
        robot(cast, group.url, per_minute=1)
        told(cast, cast.head)
        send_all()
        told(cast, cast.staff, now=NOW + timedelta(seconds=5))
        send_all(NOW + timedelta(seconds=5))

    assert len(group.posts) == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("kind", [ChannelKind.EMAIL, ChannelKind.WECOM])
def test_of_two_workers_at_once_one_sends(kind: ChannelKind) -> None:
    cast = make_cast()
    reachable(cast.head)
    with hook() as group, mail_box() as box:
        is_mail = kind == ChannelKind.EMAIL
        channel = mail_server(cast, port=box.port) if is_mail else robot(cast, group.url)
        told(cast, cast.head, keys=5)

        race([lambda: lambda: sending.send_channel(channel.pk, clock=lambda: NOW)] * 3)

    assert len(group.posts) + len(box.mails) == 1
    assert set(Delivery.objects.values_list("state", "attempts")) == {(DeliveryState.SENT, 1)}


# ── what leaves the house ────────────────────────────────────────────────────


def texts(*heard: Hook | Mailbox) -> str:
    return "\n".join(
        "\n".join(f"{subject}\n{text}" for _, subject, text in one.mails)
        if isinstance(one, Mailbox)
        else "\n".join(f"{path} {body}" for path, body in one.posts)
        for one in heard
    )


def test_an_instructions_words_never_leave_and_robots_say_no_titles(cast: Cast, settings: Any) -> None:
    settings.SITE_URL = "https://duban.example.com"
    reachable(*cast.everyone().values())
    with mail_box() as box, hook() as group, hook() as gateway:
        mail_server(cast, port=box.port)
        robot(cast, group.url, reasons=["TURN", "DEADLINE", "OUTCOME", "NEWS"], division=None)
        robot(cast, gateway.url, name="短信", kind=ChannelKind.WEBHOOK)
        for person in cast.everyone().values():
            ChannelWish.objects.create(user=person, reason="TURN", channel_kind="WEBHOOK", is_wanted=True)
        plain = project_at(ProjectState.DISPATCHED, cast)
        guarded = project_at(ProjectState.DISPATCHED, cast)
        source = guarded.key_task.sources.get()
        own = type(source).objects.create(
            organization=cast.office,
            source_class=source.source_class.__class__.objects.get(organization=cast.office, name="领导同志批示"),
            name="请抓紧推进",
        )
        guarded.key_task.sources.set([own])
        Project.objects.filter(pk=guarded.pk).update(title="绝密标题")
        bring_relays_up_to(NOW)
        send_all()

    assert plain.title in texts(box)
    assert plain.title not in texts(group, gateway)
    for secret in ("绝密标题", "请抓紧推进"):
        assert secret not in texts(box, group, gateway)
    assert guarded.number in texts(box)
    assert guarded.number in texts(group)
    assert guarded.number in texts(gateway)
    assert "https://duban.example.com/inbox/" in texts(box)
    assert states() == {DeliveryState.SENT: Delivery.objects.count()}


def test_a_digest_says_its_counts_to_one_and_how_many_were_told_to_a_group(cast: Cast) -> None:
    reachable(cast.head, cast.staff)
    with hook() as group, hook() as gateway:
        robot(cast, group.url)
        robot(cast, gateway.url, name="短信", kind=ChannelKind.WEBHOOK)
        for person in (cast.head, cast.staff):
            ChannelWish.objects.create(user=person, reason="TURN", channel_kind="WEBHOOK", is_wanted=True)
        told(cast, cast.head, cast.staff, counts={"逾期": 2, "今日到期": 1})
        send_all()

    assert group.texts == ["【督查督办】等我办理 2 条\n试：等我办理：已告知 2 人"]
    assert {body["text"] for _, body in gateway.posts} == {
        "【督查督办】等我办理 1 条；试：等我办理：逾期 2、今日到期 1"
    }


# ── trying a channel ─────────────────────────────────────────────────────────


def test_the_sysadmin_tries_a_channel(cast: Cast) -> None:
    reachable(cast.sysadmin)
    with hook() as group:
        row = robot(cast, group.url)
        assert sending.test_channel(row, by=cast.sysadmin, now=NOW) == ""
        group.answer = {"errcode": 93000}
        assert sending.test_channel(row, by=cast.sysadmin, now=NOW) == "对方拒收（错误码 93000）"
        with pytest.raises(Refused, match="只有系统管理员"):
            sending.test_channel(row, by=cast.secretariat, now=NOW)

    row.refresh_from_db()
    assert (row.tested_at, row.test_error) == (NOW, "对方拒收（错误码 93000）")
    assert len(group.posts) == 2
    events = Event.objects.filter(verb="test_channel")
    assert [event.words for event in events] == [
        "测试消息通道“处室群”：对方拒收（错误码 93000）",
        "测试消息通道“处室群”：成功",
    ]


@pytest.mark.parametrize("keys", [1, 40])
def test_a_message_of_many_asks_as_often_as_one(
    cast: Cast, keys: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    reachable(cast.head)
    with mail_box() as box:
        channel = mail_server(cast, port=box.port)
        told(cast, cast.head, keys=keys)

        with django_assert_num_queries(11):
            sending.send_channel(channel.pk, clock=lambda: NOW)


# ── one voice ────────────────────────────────────────────────────────────────


def test_a_channel_another_worker_writes_to_is_left_alone_until_that_one_must_be_dead(cast: Cast) -> None:
    reachable(cast.head)
    with mail_box() as box:
        row = mail_server(cast, port=box.port)
        told(cast, cast.head)
        Channel.objects.filter(pk=row.pk).update(claimed_at=NOW - timedelta(minutes=1))
        assert send_all() == 0

        Channel.objects.filter(pk=row.pk).update(claimed_at=NOW - timedelta(minutes=3))
        assert send_all() == 1

    row.refresh_from_db()
    assert row.claimed_at is None


def test_who_lost_the_channel_meanwhile_stops_and_leaves_it_to_the_other(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    reachable(cast.head, cast.staff)
    another = NOW + timedelta(minutes=3)

    def so_slow_that_another_took_over(*_: Any, **__: Any) -> None:
        Channel.objects.update(claimed_at=another)

    row = mail_server(cast)
    told(cast, cast.head, cast.staff)
    monkeypatch.setattr(sending, "send", so_slow_that_another_took_over)
    assert send_all() == 1

    row.refresh_from_db()
    assert row.claimed_at == another
    assert states() == {DeliveryState.SENT: 1, DeliveryState.QUEUED: 1}


def test_a_server_that_fails_is_left_alone_until_the_next_sweep(cast: Cast) -> None:
    reachable(cast.head, cast.staff)
    mail_server(cast, port=free_port())
    told(cast, cast.head, cast.staff)

    assert send_all() == 0
    rows = Delivery.objects.values_list("person", "attempts").order_by("id")
    assert list(rows) == [(cast.head.pk, 1), (cast.staff.pk, 0)]
    assert send_all(NOW + timedelta(seconds=15)) == 0
    assert list(rows.all()) == [(cast.head.pk, 1), (cast.staff.pk, 1)]
