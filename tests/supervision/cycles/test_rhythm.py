"""The demonstration's cycles begin where its papers do."""

import pytest

from cppcc_office.management.rhythm import DAYS_SINCE, FROZEN_SINCE, WEEKS_SINCE, switch_on
from supervision.cycles.enums import Cycle
from supervision.cycles.models import CycleRule
from tests.cast import make_cast
from tests.supervision.cycles.turning import moment

NOW = moment("2026-11-16T08:00")


@pytest.mark.django_db
def test_each_cycle_is_switched_on_from_its_day() -> None:
    cast = make_cast()

    switch_on(cast.office, by=cast.secretariat, now=NOW)

    since = dict(CycleRule.objects.filter(organization=cast.office, is_on=True).values_list("cycle", "active_from"))
    assert len(since) == len(Cycle)
    assert since[Cycle.DAILY] == NOW - DAYS_SINCE
    assert since[Cycle.MONTHLY] == NOW
    assert since[Cycle.WEEKLY] == NOW - WEEKS_SINCE
    assert since[Cycle.QUARTERLY] == NOW - FROZEN_SINCE
