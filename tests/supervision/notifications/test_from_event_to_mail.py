"""The whole way: somebody acts, others are told, and it leaves the house."""

from datetime import timedelta

from supervision.notifications.actions.relaying import bring_relays_up_to
from supervision.notifications.actions.sending import send_channel
from supervision.notifications.enums import DeliveryState
from supervision.notifications.models import Delivery, EventRelay, Notification
from supervision.notifications.queries.delivery import channels_due
from tasks.enums import ProjectState
from tests.cast import NOW, Cast
from tests.supervision.notifications.kinds import mail_server, robot
from tests.supervision.notifications.listeners import hook, mail_box
from tests.walks import project_at


def test_a_dispatched_project_reaches_the_lead_by_mail_and_its_group_by_number(cast: Cast) -> None:
    cast.head.email = "chen@example.com"
    cast.head.save(update_fields=["email"])
    with mail_box() as box, hook() as group:
        mail_server(cast, port=box.port)
        robot(cast, group.url)
        row = project_at(ProjectState.DISPATCHED, cast)

        made = bring_relays_up_to(NOW)
        channels = channels_due(NOW)
        sent = sum(send_channel(channel, clock=lambda: NOW) for channel in channels)

    told = Notification.objects.filter(kind="project_dispatched")
    assert {n.person for n in told} == {cast.head, cast.staff}
    assert made == Notification.objects.count()
    assert (len(channels), sent) == (2, 3)
    assert set(Delivery.objects.values_list("state", flat=True)) == {DeliveryState.SENT}
    assert box.mails == [
        (
            "chen@example.com",
            "【督查督办】等我办理 1 条",
            f"【督查督办】等我办理 1 条\n王科员交办{row.number}“{row.title}”，请签收。\n",
        )
    ]
    assert group.texts == [f"【督查督办】等我办理 2 条\n交办待签收 {row.number}"]


def test_again_nothing_happens(cast: Cast) -> None:
    project_at(ProjectState.DISPATCHED, cast)
    first = bring_relays_up_to(NOW)

    assert first > 0
    assert bring_relays_up_to(NOW + timedelta(minutes=1)) == 0
    assert Notification.objects.count() == first
    assert EventRelay.objects.count() == 1
