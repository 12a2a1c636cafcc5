"""`manage.py load_demo`: an invented office with two years of work, and a second, empty one to try the import on."""

from argparse import ArgumentParser
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction
from django.utils import timezone

from accounts.management.first_office import SHOWN as SAMPLE_SHOWN
from accounts.management.first_office import print_accounts, sample_office
from accounts.models import Organization
from accounts.passwords import temporary_password
from tasks.management.demo.office import NAME, SHOWN
from tasks.management.demo.play import play


@transaction.atomic
def load(*, now: datetime, password: str, tell: Callable[[int, int], None]) -> None:
    """Both offices, in one transaction: whoever presses Ctrl-C finds nothing half-written, the next start begins afresh."""
    office = play(now=now, password=password, tell=tell)
    sample_office(password, now=now, today=timezone.localdate(now), by=office.admin)


class Command(BaseCommand):
    help = "Loads the demonstration, only where there is no office yet. Interrupted, it leaves nothing behind."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--show-accounts", action="store_true", help="print the accounts to try, without a password"
        )

    def handle(self, *_: Any, show_accounts: bool = False, **__: Any) -> None:
        if Organization.objects.exists():
            if show_accounts:
                self.print_all()
            else:
                self.stdout.write("已有政协机关，不载入演示数据。要重新开始，请先 make demo-reset。")
            return
        now = timezone.now()
        password = temporary_password()
        self.stdout.write("正在载入演示数据（两年的任务，约一分钟）loading the demonstration, about a minute …")
        load(now=now, password=password, tell=self.tell)
        self.print_all()
        self.stdout.write(f"初始密码（全部账号相同，首次登录须修改，只显示这一次）：{password}")

    def tell(self, done: int, of: int) -> None:
        """A line at every tenth."""
        if done * 10 // of > (done - 1) * 10 // of:
            self.stdout.write(f"  {done * 100 // of}%")
            self.stdout.flush()

    def print_all(self) -> None:
        print_accounts(self.stdout, SHOWN, f"{NAME}（演示数据：去年和今年的任务）")
        print_accounts(
            self.stdout, SAMPLE_SHOWN, "政协江海省委员会机关（空的，用来试导入 docs/samples/plan-2026.xlsx）"
        )
