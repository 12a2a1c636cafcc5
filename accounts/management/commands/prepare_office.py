"""`manage.py prepare_office`: at the first start, an office with the people of the bundled sample to try the house with."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.management.first_office import SHOWN, print_accounts, sample_office
from accounts.models import Organization
from accounts.passwords import temporary_password
from cppcc_office.lib.errors import Refused


class Command(BaseCommand):
    help = "Prepares a first office from the bundled sample, only where there is none yet."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--show-accounts", action="store_true", help="print the accounts to try, without a password"
        )

    def handle(self, *_: Any, show_accounts: bool = False, **__: Any) -> None:
        if Organization.objects.exists():
            if show_accounts:
                print_accounts(self.stdout, SHOWN)
            return
        now = timezone.now()
        password = temporary_password()
        try:
            sample_office(password, now=now, today=timezone.localdate(now))
        except Refused as refused:
            raise CommandError("；".join(refused.reasons)) from refused
        print_accounts(self.stdout, SHOWN)
        self.stdout.write(f"初始密码（全部账号相同，首次登录须修改，只显示这一次）：{password}")
