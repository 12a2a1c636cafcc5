"""The office of the sample papers, made by the real doors."""

from dataclasses import dataclass
from datetime import date, datetime
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command

from accounts.models import Organization, User
from tests.cast import SHANGHAI

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


def _sample() -> SampleOffice:
    call_command("prepare_office", stdout=StringIO())
    User.objects.update(must_change_password=False)
    people = {user.username: user for user in User.objects.all()}
    return SampleOffice(Organization.objects.get(), people["u012"], people["u011"], people["u080"])


@pytest.fixture
def transactional_sample(transactional_db: None) -> SampleOffice:
    """The same for tests with several threads."""
    return _sample()
