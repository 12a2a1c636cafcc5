"""The office of the sample papers, made by the real doors."""

from dataclasses import dataclass
from datetime import date, datetime
from io import StringIO
from pathlib import Path
from subprocess import CompletedProcess, TimeoutExpired, run
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.management import call_command

from accounts.models import Organization, User
from cppcc_office.lib.sheets import workbooks
from tests.cast import SHANGHAI
from tests.remembered import remembered

DATA = Path(__file__).resolve().parents[3] / "docs" / "samples"
FEBRUARY = datetime(2026, 2, 20, 9, 0, tzinfo=SHANGHAI)
NOVEMBER = datetime(2026, 11, 20, 9, 0, tzinfo=SHANGHAI)


@dataclass
class SampleOffice:
    organization: Organization
    secretariat: User
    colleague: User
    head: User  # of 经济委办公室
    today: date = FEBRUARY.date()
    now: datetime = FEBRUARY


@pytest.fixture
def sample(db: None) -> SampleOffice:
    """The 17 divisions and 74 people that the sample plan names."""
    return _sample()


@remembered
def _sample() -> SampleOffice:
    call_command("prepare_office", stdout=StringIO())
    User.objects.update(must_change_password=False)
    people = {user.username: user for user in User.objects.all()}
    return SampleOffice(Organization.objects.get(), people["u012"], people["u011"], people["u080"])


@pytest.fixture
def transactional_sample(transactional_db: None) -> SampleOffice:
    """The same for tests with several threads."""
    return _sample()


READ: dict[tuple[object, ...], CompletedProcess[bytes]] = {}


@pytest.fixture(autouse=True)
def papers_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reading is tried in `tests/lib`, a process for each; here the same few papers are read again and again."""

    def read(command: list[str], *, input: bytes, **options: Any) -> CompletedProcess[bytes]:
        key = (*command, input)
        if key not in READ:
            READ[key] = run(command, input=input, **options)
        return READ[key]

    monkeypatch.setattr(workbooks, "subprocess", SimpleNamespace(run=read, TimeoutExpired=TimeoutExpired))
