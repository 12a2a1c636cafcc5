"""`manage.py relock_channels`: after a change of SECRET_KEY, so that the former one can be thrown away."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from supervision.notifications.actions.channels import relock_channels


class Command(BaseCommand):
    help = (
        "Lock the addresses and passwords of all channels with today's SECRET_KEY. Exit code 1 where one is unreadable."
    )

    def handle(self, *_: Any, **__: Any) -> None:
        relocked, lost = relock_channels()
        self.stdout.write(f"已用现在的密钥重新加密 {relocked} 个消息通道。")
        if lost:
            raise CommandError(f"读不出来、要重新填写的通道：{'、'.join(lost)}", returncode=1)
